"""The journal of human decisions: who changed which student's points, extra credit or comment, when, and from what.

nbgrader keeps only the last value. The journal is a separate table in the same database, written in the same
transaction as the change, so neither exists without the other. It records every change made through nbgrader's
classes, which the formgrader, scripts and `autograder review` use; the judge bypasses them, writes in bulk, and never
writes a field that belongs to a person.
"""

from __future__ import annotations

import contextlib
import contextvars
import getpass
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

FIELDS: Mapping[str, Mapping[str, str]] = {
    "Grade": {"manual_score": "points", "extra_credit": "extra credit"},
    "Comment": {"manual_comment": "comment"},
}
"""What a person can change, by nbgrader's classes and columns, and the journal's name for it."""
COLUMNS = ("at", "who", "by", "student", "section", "item", "field", "before", "after", "suggested", "answer")

_TABLE = "autograder_decision"
_context: contextvars.ContextVar[tuple[str, str, Mapping[str, Any]] | None] = contextvars.ContextVar(
    "decision", default=None
)
_listening: list[str] = []


def user() -> str:
    """Return the current user: of JupyterHub, or of this machine, where a user in a container may have no name."""
    try:
        return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


@contextlib.contextmanager
def deciding(who: str, by: str, **about: Any) -> Iterator[None]:
    """Record changes made within the block as those of `who`, with the program `by` and what is known `about` them.

    `about` may hold ``suggested`` (points) and ``answer`` (which identifies the text that was decided on).
    """
    token = _context.set((who, by, about))
    try:
        yield
    finally:
        _context.reset(token)


def listen() -> None:
    """Start recording changes in this process; calling it again has no effect."""
    from sqlalchemy import event

    from autograder import nbgrader_seam

    for name in FIELDS:
        if name not in _listening:
            _listening.append(name)
            event.listen(getattr(nbgrader_seam, name), "after_update", _noticed)
            event.listen(getattr(nbgrader_seam, name), "after_insert", _noticed)


def entries(db: Any) -> list[dict[str, Any]]:
    """Return the journal of the gradebook of the session `db`, oldest first."""
    from sqlalchemy import inspect, select

    connection = db.connection()
    if not inspect(connection).has_table(_TABLE):
        return []
    table = _table()
    rows = connection.execute(select(*(table.c[name] for name in COLUMNS)).order_by(table.c.id)).all()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def rename(connection: Any, old: str, new: str, who: str) -> None:
    """Record that the student `old` is called `new` from now on, also in entries that already exist."""
    table = _table()
    table.create(connection, checkfirst=True)
    connection.execute(table.update().where(table.c.student == old).values(student=new))
    entry = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"), "who": who, "by": "autograder roster", "student": new,
        "section": "", "item": "", "field": "student", "before": old, "after": new,
    }  # fmt: skip
    connection.execute(table.insert(), [entry])


def _noticed(_: Any, connection: Any, target: Any) -> None:
    """Record what changed in one of nbgrader's rows, within its own transaction."""
    from sqlalchemy import inspect

    state = inspect(target)
    changes = []
    for column, field in FIELDS[type(target).__name__].items():
        history = state.attrs[column].history
        before = history.deleted[0] if history.deleted else None
        after = history.added[0] if history.added else None
        if history.has_changes() and before != after:
            changes.append({"field": field, "before": _written(before), "after": _written(after)})
    if not changes:
        return
    who, by, about = _context.get() or (user(), "nbgrader", {})
    entry = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"), "who": who, "by": by, **_whose(connection, target),
        "suggested": _written(about.get("suggested")), "answer": about.get("answer"),
    }  # fmt: skip
    table = _table()
    table.create(connection, checkfirst=True)
    connection.execute(table.insert(), [{**entry, **change} for change in changes])


def _whose(connection: Any, target: Any) -> dict[str, Any]:
    from sqlalchemy import select

    from autograder.nbgrader_seam import Assignment, BaseCell, SubmittedAssignment, SubmittedNotebook

    row = connection.execute(
        select(SubmittedAssignment.student_id, Assignment.name, BaseCell.name)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(BaseCell, BaseCell.id == target.cell_id)
        .where(SubmittedNotebook.id == target.notebook_id)
    ).one()
    return {"student": row[0], "section": row[1], "item": row[2]}


def _written(value: Any) -> str | None:
    return None if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _table() -> Any:
    from sqlalchemy import Column, Integer, MetaData, Table, Text

    texts = [Column(name, Text, nullable=name in ("before", "after", "suggested", "answer")) for name in COLUMNS]
    return Table(_TABLE, MetaData(), Column("id", Integer, primary_key=True, autoincrement=True), *texts)
