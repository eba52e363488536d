"""What a section's notebook uses: its figures, the checks that answer at once, and their helpers.

Nothing in this folder is handed in, and nothing in it decides a mark.
"""
