"""Explanations in prose: what an answer says, and the points that two readers would suggest for it."""
