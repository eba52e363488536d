"""Judges one attempt: runs a section's hidden suite against it and reports how each check ended."""
