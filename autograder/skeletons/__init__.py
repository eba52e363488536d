"""Skeletons of sections, items, checks, misconceptions and samples: they build, and fail until they are written."""
