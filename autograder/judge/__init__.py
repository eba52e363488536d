"""Judges one attempt: runs a section's hidden suite against it and says what each check found."""
