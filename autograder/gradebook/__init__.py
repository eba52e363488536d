"""nbgrader's gradebook: points, comments, late penalties, renames, and a journal of what people changed.

What other packages need of the gradebook is imported from here (``gradebook.write``, ``gradebook.opened``); the
journal, the formgrader's notebooks and the rest are modules of this package.
"""

from autograder.gradebook.book import prepared, write, write_names
from autograder.gradebook.database import (
    GradebookError,
    chosen_url,
    exclusively,
    file_url,
    is_there,
    name,
    opened,
)
from autograder.gradebook.reading import Key, known, students

__all__ = [
    "GradebookError",
    "Key",
    "chosen_url",
    "exclusively",
    "file_url",
    "is_there",
    "known",
    "name",
    "opened",
    "prepared",
    "students",
    "write",
    "write_names",
]
