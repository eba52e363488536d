"""Sorts what a learning platform downloads into ``submitted/``, one person at a time."""
