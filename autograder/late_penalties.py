"""Late penalties, by the policy that nbgrader is configured with.

nbgrader assigns them while it autogrades, which it does not do in this course; so they are assigned whenever points are
written. The due date is what the formgrader or the exchange knows of the assignment, with a student's extension; what a
late submission loses is decided by the plugin that ``nbgrader_config.py`` names, and nothing without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder import nbgrader_seam

_CHUNK = 500


def assign(db: Any, root: Path, notebooks: Sequence[str]) -> None:
    """Bring the penalties of submitted notebooks to what the policy says of their points now; commits nothing.

    Parameters
    ----------
    db
        A session of the gradebook; points are read from it.
    root
        The project's folder, for the policy in its ``nbgrader_config.py``. It is read only if somebody is late.
    notebooks
        Ids of submitted notebooks.
    """
    from sqlalchemy import select

    from autograder.nbgrader_seam import SubmittedNotebook

    assigner = None
    db.flush()
    db.expire_all()
    for start in range(0, len(notebooks), _CHUNK):
        chosen = select(SubmittedNotebook).where(SubmittedNotebook.id.in_(notebooks[start : start + _CHUNK]))
        for notebook in db.execute(chosen).scalars():
            submission = notebook.assignment
            penalty = None
            if submission.timestamp is not None and submission.total_seconds_late > 0:
                assigner = assigner or nbgrader_seam.penalty_assigner(root)
                seconds = submission.total_seconds_late
                penalty = nbgrader_seam.late_penalty(assigner, submission.student_id, notebook.score, seconds)
            if notebook.late_submission_penalty != penalty:
                notebook.late_submission_penalty = penalty
