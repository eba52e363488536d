"""A class run: from the attempts in a folder to delivered results, on as many processes as asked for."""
