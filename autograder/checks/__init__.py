"""What an author of a suite imports: answers and how they are compared, wrong rules and what they show."""
