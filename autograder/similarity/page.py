"""The page for staff that shows work that is alike, side by side: it loads nothing, runs nothing, and judges nothing.

All text is a student's and escaped. How much of it is shown has a bound.
"""

from __future__ import annotations

import base64
import bisect
import functools
import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from autograder.course import Course
from autograder.similarity.groups import Alike, Group, Similarity
from autograder.similarity.likeness import FEW, FEW_STUDENTS, MAX_TOKENS, MEASURES, Block
from autograder.similarity.tokens import Token
from autograder.similarity.written import Part, Release
from autograder.text import count, visible

MAX_OF_A_GROUP = 8  # pairs
MAX_SHOWN = 20_000  # characters of a text
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Segment:
    """A piece of a line: its text, and the number of the block that it belongs to; 0 for none."""

    text: str
    block: int = 0
    opens: bool = False


@dataclass(frozen=True)
class Line:
    """A line; or one in place of lines that are blank or `released`, with the number of the latter."""

    segments: tuple[Segment, ...] = ()
    released: int = 0


@dataclass(frozen=True)
class Side:
    """What one student wrote: the lines of each file or cell, by its name."""

    student: str
    pieces: tuple[tuple[str, tuple[Line, ...]], ...]
    is_cut: bool = False


@dataclass(frozen=True)
class Shown:
    """A pair, side by side; without sides if there is nothing to show beyond the likeness."""

    pair: Alike
    names: tuple[str, ...]
    sides: tuple[Side, ...] = ()
    blocks: int = 0
    unit: str = ""


@dataclass(frozen=True)
class GroupView:
    """A group, the pairs that show what is alike in it, and how many of its pairs are not shown."""

    group: Group
    students: tuple[str, ...]
    shown: tuple[Shown, ...]
    others: int


def page(course: Course, found: Similarity, names: Mapping[str, str], most: int, *, are_hidden: bool = False) -> str:
    """Return the page of a class.

    Parameters
    ----------
    names
        What each student is called on it.
    most
        How many pairs are shown side by side, the most alike groups first.
    are_hidden
        Whether `names` are not the students' names, which is said then.
    """
    views, left = [], most
    for group in found.groups:
        told = group.told[: min(left, MAX_OF_A_GROUP)]
        left -= len(told)
        views.append(
            GroupView(
                group,
                tuple(names[student] for student in group.students),
                tuple(_shown(found, group.section, pair, names) for pair in told),
                len(group.pairs) - len(told),
            )
        )
    return _template().render(
        course=course,
        titles={section.id: section.title for section in course.sections},
        found=found,
        views=views,
        are_hidden=are_hidden,
        measures=MEASURES,
        few=FEW,
        few_students=FEW_STUDENTS,
    )


def _shown(found: Similarity, section: str, pair: Alike, names: Mapping[str, str]) -> Shown:
    key, students = (section, pair.part), tuple(names[student] for student in pair.students)
    if key not in found.comparisons or not found.written[key].keys() >= set(pair.students):
        return Shown(pair, students)
    blocks = found.comparisons[key].blocks(*pair.students)
    sides = []
    for place, student in enumerate(pair.students):
        part = found.written[key][student]
        pieces = [found.release.tokens(part.kind, piece.text) for piece in part.pieces]
        numbers = _numbers(blocks, [block.second if place else block.first for block in blocks])
        sides.append(_side(names[student], part, pieces, numbers, found.release))
    unit = "words" if part.kind == "prose" else "signs"
    return Shown(pair, students, tuple(sides), len(blocks), unit)


def _numbers(blocks: Sequence[Block], begins: Iterable[int]) -> list[int]:
    """Return the number of the block that each token belongs to, 0 for none; a token of two belongs to the first."""
    numbers = [0] * MAX_TOKENS
    for number, (block, begin) in enumerate(zip(blocks, begins, strict=True), 1):
        for place in range(begin, begin + block.tokens):
            numbers[place] = numbers[place] or number
    return numbers


def _side(
    student: str, part: Part, pieces: Sequence[Sequence[Token]], numbers: Sequence[int], release: Release
) -> Side:  # fmt: skip
    shown, at, seen, left = [], 0, {0}, MAX_SHOWN
    for piece, tokens in zip(part.pieces, pieces, strict=True):
        marks = [
            (token.start, token.end, number)
            for token, number in zip(tokens, numbers[at : at + len(tokens)], strict=False)
        ]
        at += len(tokens)
        lines = []
        for line in _lines(piece.text, marks, release, seen):
            lines.append(_within(line, left))
            left -= sum(len(segment.text) for segment in line.segments) + 1
            if left <= 0:
                break
        shown.append((piece.label, tuple(lines)))
    return Side(student, tuple(shown), part.is_cut or left <= 0)


def _lines(text: str, marks: Sequence[tuple[int, int, int]], release: Release, seen: set[int]) -> Iterator[Line]:
    """Yield the lines of a text; `seen` are the numbers of blocks that have begun, and grows."""
    lines = text.split("\n")
    begins = list(itertools.accumulate((len(line) + 1 for line in lines), initial=0))
    runs: list[list[list[int]]] = [[] for _ in lines]
    for start, end, number in marks:
        for place in range(bisect.bisect_right(begins, start) - 1, bisect.bisect_left(begins, end)):
            begin = max(start, begins[place]) - begins[place]
            stop = min(end - begins[place], len(lines[place]))
            if runs[place] and runs[place][-1][2] == number:
                runs[place][-1][1] = stop
            else:
                runs[place].append([begin, stop, number])
    released, is_apart = 0, False
    for line, found in zip(lines, runs, strict=True):
        marked = [run for run in found if run[2]]
        if not marked and (not line.strip() or line.strip() in release.lines):
            released += bool(line.strip())
            is_apart |= not line.strip()
            continue
        if released or is_apart:
            yield Line(released=released)
        released, is_apart = 0, False
        yield Line(tuple(_segments(line, marked, seen)))
    if released:
        yield Line(released=released)


def _segments(line: str, marked: Iterable[Sequence[int]], seen: set[int]) -> Iterator[Segment]:
    at = 0
    for begin, end, number in marked:
        if begin > at:
            yield Segment(line[at:begin])
        yield Segment(line[begin:end], number, number not in seen)
        seen.add(number)
        at = end
    if at < len(line):
        yield Segment(line[at:])


def _within(line: Line, left: int) -> Line:
    """Return the line with at most `left` characters."""
    ends = itertools.accumulate(len(segment.text) for segment in line.segments)
    rest = (left - end + len(segment.text) for segment, end in zip(line.segments, ends, strict=True))
    return replace(
        line,
        segments=tuple(
            replace(segment, text=segment.text[:most])
            for segment, most in zip(line.segments, rest, strict=True)
            if most > 0
        ),
    )


@functools.cache
def _template() -> Template:
    css = (_TEMPLATES / "similar.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(visible=visible, count=count)
    environment.globals.update(
        # The policy names the one style by its hash: no other style can take effect, whatever a name or a text holds.
        css=Markup(css),  # noqa: S704  our own file
        css_hash=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
    )
    return environment.get_template("similar.html")
