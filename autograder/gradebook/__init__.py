"""nbgrader's gradebook: points, comments, late penalties, renames, and a journal of what people changed."""
