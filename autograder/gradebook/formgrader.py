"""The notebook that the formgrader shows to staff: a student's cells, with the judge's feedback as outputs.

Only the source of cells is taken from the submission, read by :mod:`autograder.submissions.notebook`; its metadata,
outputs and attachments are left out, and locked cells are those of the release. Everything that is shown is escaped,
because the page opens in a browser in which staff are logged in.
"""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograder.course import Course, Section
from autograder.records import decisions
from autograder.records.causes import Cause, causes
from autograder.records.places import Places, places
from autograder.records.record import CheckRecord, Hint, ItemRecord, ProseRecord, Record, Status
from autograder.submissions.notebook import Cell, NotebookError, Released, grade_id_of, notebook_cells
from autograder.text import whole, with_code
from autograder.verdict import Verdict

_TAG = re.compile(r"<(?=[A-Za-z/!?])")
# Markdown makes links and images of these, with any address: `javascript:`, or one that reveals who opens the page.
_LINK = re.compile(r"\](?=[(\[:])")
STAFF = "autograder"
"""Key in the metadata of an answer's cell that holds the judge's suggestion."""
_CELL_TYPES = ("code", "markdown", "raw")
# Characters of text that are shown: of one cell, and of all cells that the student added. Code has its own limit.
MAX_TEXT = 100_000
MAX_ADDED_TEXT = 1_000_000

# nbgrader's pages have Bootstrap's classes for tables; JupyterLab, which shows the same outputs, has only the styles.
_LEFT = ' style="text-align: left"'
_WHOLE = ' style="text-align: left; white-space: nowrap"'
_LOST = ' class="danger"'
_COLOUR = {Verdict.PASSED: "", Verdict.NOT_JUDGED: ' class="warning"'}


def graded_notebook(
    course: Course, section: Section, released: bytes, submitted: bytes | None, record: Record
) -> bytes:
    """Return the notebook to show for one attempt.

    Parameters
    ----------
    course, section : Course, Section
        What was attempted.
    released : bytes
        The notebook that students got; trusted.
    submitted : bytes or None
        The notebook that was handed in, not trusted; None if there was none.
    record : Record
        The record of the judged attempt.
    """
    notebook, of_release = _release(released)
    masters = notebook["cells"]
    notes = list(record.notes)
    try:
        if submitted is None:
            raise NotebookError("No notebook was handed in.")
        cells = list(_merged(masters, of_release, notebook_cells(submitted)))
    except NotebookError as error:
        notes.append(f"{error} These are the cells as they were released.")
        cells = [dict(master) for master in masters]
    found, where = causes(section, record), places(course, section)
    failed: dict[str | None, str] = {entry.cell: entry.message for entry in record.cells}
    for number, cell in enumerate(cells, 1):
        grade_id = grade_id_of(cell)
        item = record.items.get(grade_id or "")
        if item and item.prose:
            # In metadata, which pages don't show, because nbgrader makes students' pages from this notebook too.
            cell["metadata"] = {
                **cell["metadata"],
                STAFF: {"title": item.title, "max": item.max, **item.prose.to_json()},
            }
        if cell["cell_type"] != "code":
            continue
        message = failed.get(grade_id) or failed.get(cell["id"]) or failed.get(f"cell {number}")
        cell["execution_count"] = None
        cell["outputs"] = [_failure(message)] if message else []
        if item:
            of_item = [cause for cause in found if any(of.id == grade_id for of, _ in cause.checks)]
            cell["outputs"].append(_feedback(item, [_cause(cause, where) for cause in of_item]))
    if record.reason:
        notes.append(f"Not judged: {record.reason}")
    if notes:
        text = "\n".join(f"- {harmless(note)}" for note in notes)
        cells.insert(
            0, {"cell_type": "markdown", "id": "grader-notes", "metadata": {}, "source": f"**Grader**\n\n{text}"}
        )
    return (json.dumps({**notebook, "cells": cells}, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def comment(item: ItemRecord) -> str:
    """Return the feedback on an item as plain text: a line for each check that did not pass and each misconception."""
    if item.status is Status.NOT_JUDGED:
        return "Not judged yet, because the grader failed. Nothing was decided; it will be judged again."
    if item.points is None:
        return f"A person reads this and decides on the points.{decisions.reference(item)}"
    lines = [f"{item.points:g} of {item.max:g} points."]
    for check in item.checks:
        if check.verdict is not Verdict.PASSED:
            lines.append(f"- {_asked(check)} {_found(check)}")
    lines.extend(_hints(item))
    return harmless("\n".join(lines))


def kept_of(metadata: Mapping[str, Any]) -> tuple[str, float, ProseRecord]:
    """Return what the metadata of an answer's cell keeps for staff: title, points of the item, and what was read.

    Raises
    ------
    KeyError, RecordError
        If nothing is kept, or something else.
    """
    kept = dict(metadata[STAFF])
    return kept.pop("title"), kept.pop("max"), ProseRecord.from_json(kept)


def suggestion_cell(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Markdown cell that shows staff what the judge suggests; `metadata` is that of the answer's cell."""
    _, most, prose = kept_of(metadata)
    suggestion = prose.suggestion
    if suggestion is None:
        lines = ["<p><strong>No points are suggested.</strong></p>"]
    else:
        said = f"Suggested: {suggestion.points:g} of {most:g} points."
        lines = [f"<p><strong>{said}</strong> Confidence {suggestion.confidence:.2f}.</p>"]
    for heading, entries in (("Found", prose.found.concepts), ("Wrong", prose.found.wrong_claims)):
        for entry in entries:
            quotes = [f"<br><em>{html.escape(prose.found.sentences[number])}</em>" for number in entry.sentences]
            lines.append(f"<p>{heading} ({entry.points:+g}): {html.escape(entry.title)}{''.join(quotes)}</p>")
    lines += [f"<p>{html.escape(remark)}</p>" for remark in prose.remarks]
    lines += [f"<p>In another cell:</p><pre>{html.escape(text)}</pre>" for text in prose.elsewhere]
    lines.append("<p>For staff only. A person decides.</p>")
    source = f'<div class="alert alert-info">{"".join(lines)}</div>'
    return {"cell_type": "markdown", "id": f"suggestion-{prose.answer}", "metadata": {}, "source": source}


def harmless(text: str) -> str:
    """Return `text` so that Markdown shows it, but no tag, link or image in it works."""
    text = _LINK.sub("]\N{WORD JOINER}", _TAG.sub("<\N{WORD JOINER}", text))
    return whole(text).replace("\0", "\N{REPLACEMENT CHARACTER}")  # which PostgreSQL can't store in text


@functools.lru_cache(maxsize=8)
def _release(released: bytes) -> tuple[Mapping[str, Any], Released]:
    """Return the notebook that students got as it is in its file, which nobody may change, and its cells."""
    return json.loads(released), Released(notebook_cells(released))


def _merged(
    masters: Sequence[Mapping[str, Any]], released: Released, submitted: Sequence[Cell]
) -> Iterator[dict[str, Any]]:
    """Yield the submission's cells in order, then the graded and solution cells of the release that it lacks."""
    used: set[int] = set()
    room = MAX_ADDED_TEXT
    for cell in submitted:
        master = released.of(cell)
        if master is None or master.index in used:
            shown = _of_student(cell, min(room, MAX_TEXT))
            room -= 0 if shown["cell_type"] == "code" else len(shown["source"])
            yield shown
            continue
        used.add(master.index)
        shown = dict(masters[master.index])
        if not master.is_locked and cell.source != master.source:
            shown["source"] = _text(cell, MAX_TEXT) if master.cell_type == "markdown" else cell.source
        yield shown
    for master in released.cells:
        if master.index not in used and master.grade_id and (master.grade or not master.is_locked):
            yield dict(masters[master.index])


def _of_student(cell: Cell, room: int) -> dict[str, Any]:
    kind = cell.cell_type if cell.cell_type in _CELL_TYPES else "raw"
    shown: dict[str, Any] = {"cell_type": kind, "id": f"student-{cell.index + 1}", "metadata": {}}
    shown["source"] = cell.source if kind == "code" else _text(cell, room)
    return shown


def _text(cell: Cell, room: int) -> str:
    """Return the text of a cell, cut to the room that is left; the rest is in the notebook that was handed in."""
    room = max(0, room)
    if len(cell.source) <= room:
        return harmless(cell.source)
    left = len(cell.source) - room
    return f"{harmless(cell.source[:room])} … ({left} more characters are in the notebook that was handed in)"


def _cause(cause: Cause, found: Places) -> str:
    """Return a cause as HTML: what mending it brings in the section, what it may be, and where to look in this page."""
    said = [f"<strong>{with_code(cause.title)}</strong> ({with_code(cause.scope)}, {cause.worth})."]
    said += [with_code(_hint(hint)) for hint, _ in cause.hints]
    seen = [] if cause.follows_from else [found.of(item, function) for item, function in cause.functions]
    for place in dict.fromkeys(place for place in seen if place):
        checks = " and ".join(f"<code>{html.escape(check)}</code>" for check in place.checks)
        link = f'<a href="#{html.escape(place.anchor)}">{with_code(place.title)}</a>'
        said.append(f"See {link}{', check with ' + checks if checks else ''}.")
    return f"<p>{' '.join(said)}</p>"


def _feedback(item: ItemRecord, causes_of_item: Sequence[str]) -> dict[str, Any]:
    rows = "".join(
        f"<tr{_COLOUR.get(check.verdict, _LOST)}><td{_WHOLE}>{html.escape(check.verdict)}</td>"
        f"<td{_WHOLE}>{_points(check)}</td>"
        f"<td{_LEFT}>{with_code(_asked(check))}</td><td{_LEFT}>{with_code(_found(check))}</td></tr>"
        for check in item.checks
    )
    title = f"<p><strong>{html.escape(item.title)}: {_points(item)}</strong></p>"
    heads = "".join(f"<th{_LEFT}>{name}</th>" for name in ("verdict", "points", "asked", "found"))
    table = f'<table class="table table-condensed"><tr>{heads}</tr>{rows}</table>'
    return {
        "data": {
            "text/html": title + "".join(causes_of_item) + table,
            "text/plain": comment(item),
        },
        "metadata": {},
        "output_type": "display_data",
    }


def _failure(message: str) -> dict[str, Any]:
    return {"name": "stdout", "output_type": "stream", "text": f"When it was run: {harmless(message)}\n"}


def _asked(check: CheckRecord) -> str:
    """Return what a check asks for: a fact if the work does it, else a requirement."""
    return check.reason if check.verdict is Verdict.PASSED else f"Required: {check.reason}"


def _found(check: CheckRecord) -> str:
    """Return what a check found, and which other function causes it."""
    said = check.message or ("" if check.verdict is Verdict.PASSED else check.verdict.value)
    causes = ", ".join(f"`{name}`" for name in check.follows_from)
    return f"{said} This only follows from what is wrong in {causes}." if causes else said


def _points(entry: ItemRecord | CheckRecord) -> str:
    got = "–" if entry.points is None else f"{entry.points:g}"
    return f"{got} of {entry.max:g}"


def _hints(item: ItemRecord) -> list[str]:
    """Return the misconceptions that the checks found, each once."""
    hints = [hint for check in item.checks for hint in check.hints[:1]]
    return list(dict.fromkeys(map(_hint, hints)))


def _hint(hint: Hint) -> str:
    return f"This looks like the belief “{hint.believed}” {hint.hint}" if hint.believed else hint.hint
