"""The corpus of samples: right, wrong and hostile work with the verdicts that it must get."""
