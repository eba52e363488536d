"""What stands around a section's notebook: its figures, the checks that answer at once, and what they are made of.

Nothing in this folder is handed in, and nothing in it decides a mark.
"""
