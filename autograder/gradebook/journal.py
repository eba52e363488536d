"""The journal of human decisions: who changed which student's points, extra credit or comment, when, and from what.

It also keeps what has no place in nbgrader's tables: what each of several tutors gave for a text, what students asked
about their points, and what they were told.

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
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

FIELDS: Mapping[str, Mapping[str, str]] = {
    "Grade": {"manual_score": "points", "extra_credit": "extra credit"},
    "Comment": {"manual_comment": "comment"},
}
"""What a person can change, by nbgrader's classes and columns, and the journal's name for it."""
READING, READING_COMMENT = "reading", "comment of the reading"
"""Fields of what one of several tutors gave for a text, whether or not it became the points."""
REQUEST, REQUEST_ANSWER = "request", "answer to the request"
"""Fields of what a student asked, and what they were told. ``answer`` names the request's text in both."""
UNDONE, LOOK_AGAIN = "undone", "look again"
"""Fields of what was taken back (``before`` is when it had been decided), and of a mark that a decision cleared."""
REVIEW, REVIEW_OF_TUTORS, REQUESTS = "autograder review", "autograder review --tutors", "autograder requests"
"""The programs whose decisions can be taken back; the second writes what several tutors agree on."""
COLUMNS = ("at", "who", "by", "student", "section", "item", "field", "before", "after", "suggested", "answer")

_TABLE = "autograder_decision"
_context: contextvars.ContextVar[tuple[str, str, str, Mapping[str, Any]] | None] = contextvars.ContextVar(
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

    `about` may hold ``suggested`` (points) and ``answer`` (which identifies the text that was decided on). Blocks
    within each other are one action: all of their entries have the same time, to the microsecond.
    """
    outer = _context.get()
    at = outer[0] if outer else datetime.now(UTC).isoformat(timespec="microseconds")
    token = _context.set((at, who, by, about))
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


def entries(db: Any, *fields: str) -> list[dict[str, Any]]:
    """Return the journal of the gradebook of the session `db`, oldest first; of `fields` only, if any are given."""
    return entries_over(db.connection(), *fields)


def entries_over(connection: Any, *fields: str) -> list[dict[str, Any]]:
    """Return what `entries` does, over an open `connection`."""
    from sqlalchemy import inspect, select

    if not inspect(connection).has_table(_TABLE):
        return []
    table = _table()
    chosen = select(*(table.c[name] for name in COLUMNS)).order_by(table.c.id)
    rows = connection.execute(chosen.where(table.c.field.in_(fields)) if fields else chosen).all()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def enter(db: Any, student: str, section: str, item: str, field: str, before: Any, after: Any) -> None:
    """Add an entry for something that is in no table of nbgrader's, in the transaction of the session `db`.

    It belongs to the action of the block of `deciding` around the call.
    """
    db.flush()
    change = {"field": field, "before": _written(before), "after": _written(after)}
    _insert(db.connection(), {"student": student, "section": section, "item": item}, [change])


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
    _insert(connection, _whose(connection, target), changes)


def _insert(connection: Any, whose: Mapping[str, Any], changes: Sequence[Mapping[str, Any]]) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    at, who, by, about = _context.get() or (now, user(), "nbgrader", {})
    entry = {
        "at": at, "who": who, "by": by, **whose,
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
