"""Where a section's notebook teaches what an item or a function is about: the headings that a reader finds there."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.course import Course, Section
from autograder.submissions.attempts import release_of
from autograder.submissions.notebook import Cell, NotebookError, notebook_cells

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*")
_CODE = re.compile(r"`([^`]+)`")
_FORMULA = re.compile(r"\$([^$]*)\$")
_FONT = re.compile(r"\\(?:mathcal|mathbb|mathbf|mathrm|operatorname|text)\s*\{?([^{}\s])\}?")


@dataclass(frozen=True)
class _Heading:
    level: int
    text: str
    cell: int


class Places:
    """The headings of a section's notebook, as students got it; without a notebook there are no places."""

    def __init__(self, course: Course, section: Section) -> None:
        self._cells: tuple[Cell, ...] = ()
        released = release_of(course.root, section).get(section.notebook)
        if released is not None:
            with contextlib.suppress(NotebookError):  # `build --check` names a release that is damaged
                self._cells = notebook_cells(released)
        self._headings = [heading for cell in self._cells for heading in _headings(cell)]

    def of(self, item_id: str, functions: Sequence[str] = ()) -> str:
        """Return the headings above the first of `functions` that has one, else those above the item; may be empty."""
        for function in functions:
            for heading in self._headings:
                if any(_is(function, code) for code in _CODE.findall(heading.text)):
                    return self._path(heading)
        cell = next((cell for cell in self._cells if cell.grade_id == item_id), None)
        above = [heading for heading in self._headings if cell is not None and heading.cell <= cell.index]
        return self._path(above[-1]) if above else ""

    def _path(self, heading: _Heading) -> str:
        """Return a heading with the section heading that it is under; the notebook's title says nothing new."""
        before = self._headings[: self._headings.index(heading)]
        above = [one for one in before if 1 < one.level < heading.level]
        return " › ".join(_plain(one.text) for one in (*above[-1:], heading))


def _headings(cell: Cell) -> Iterator[_Heading]:
    """Yield the headings of a cell of Markdown, without comments in blocks of code."""
    if cell.cell_type != "markdown":
        return
    is_code = False
    for line in cell.source.splitlines():
        if line.lstrip().startswith(("```", "~~~")):
            is_code = not is_code
        elif not is_code and (found := _HEADING.fullmatch(line)):
            yield _Heading(len(found[1]), found[2], cell.index)


def _is(function: str, code: str) -> bool:
    """Return whether `code` in a heading names the function, with or without its class."""
    return code == function or code == function.rpartition(".")[2]


def _plain(heading: str) -> str:
    """Return a heading without the marks of its formulas."""
    return _FORMULA.sub(lambda formula: _FONT.sub(r"\1", formula[1]).replace("\\", ""), heading)
