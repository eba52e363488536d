"""The page on which a tutor reads groups of explanations and decides, offline; it downloads a file of decisions.

The page loads nothing, and its policy allows its own script and style only, by their hashes: what students wrote is
shown as text. Names are not in it unless they are asked for.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from autograder.course import Course, Section
from autograder.gradebook import registration
from autograder.review import decisions_file
from autograder.review.explanations import MAX_COMMENT
from autograder.review.likeness import Group
from autograder.review.sharing import Share
from autograder.submissions.notebook import notebook_cells
from autograder.text import count, number, visible

_TEMPLATES = Path(__file__).parent / "templates"
_LONGEST = 20_000


def page(course: Course, groups: Sequence[Group], by: str, share: Share, *, names: bool = False) -> str:
    """Return the page for the tutor `by` with these groups."""
    items: dict[tuple[str, str], list[tuple[int, Group]]] = {}
    for place, group in enumerate(groups, 1):
        items.setdefault((group.first.section, group.first.item), []).append((place, group))
    questions = {section: _questions(course, course.section(section)) for section, _ in items}
    head = decisions_file.head(course.id, by, share)
    texts = [(entry.id, entry.prose.answer) for group in groups for entry in group.explanations]
    return _template().render(
        course=course,
        by=by,
        share=share,
        items=[(of, questions[section].get(item, ""), of[0][1].first) for (section, item), of in items.items()],
        n_groups=len(groups),
        n_texts=sum(len(group.texts) for group in groups),
        n_students=len(texts),
        names=names,
        head=json.dumps(head),
        # What was decided stays in the browser, under a name of its own for each page.
        storage="autograder-review-" + hashlib.sha256(json.dumps([head, texts]).encode()).hexdigest()[:16],
        max_comment=MAX_COMMENT,
        ids=_ids,
    )


def _questions(course: Course, section: Section) -> Mapping[str, str]:
    """Return the text in front of each graded cell of the released notebook, by item."""
    found, last = {}, ""
    for cell in notebook_cells(registration.released(course, section)):
        if cell.grade_id:
            found[cell.grade_id] = last
        elif cell.cell_type == "markdown":
            last = cell.source
    return found


def _ids(text: Any) -> str:
    return json.dumps([entry.id for entry in text.explanations])


@functools.cache
def _template() -> Template:
    css, script = (_own(name) for name in ("review.css", "review.js"))
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        visible=visible, number=number, count=count, shown=lambda text: visible(text, breaks=True, limit=_LONGEST)
    )
    environment.globals.update(css=css, script=script, css_hash=_hash(css), script_hash=_hash(script))
    return environment.get_template("review.html")


def _own(name: str) -> Markup:
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704  our own file


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
