"""What a student wrote in a section: modules, code in the notebook, explanations; and what the course gave out.

Nothing of the student's is trusted. What is longer than `MAX_CHARACTERS` is compared up to there, and said to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.course import Course, CourseError, Section
from autograder.similarity import tokens
from autograder.similarity.likeness import MEASURES, Given
from autograder.similarity.tokens import Kind, Token
from autograder.submissions.attempts import Attempt
from autograder.submissions.notebook import Cell, NotebookError, Released, execution_plan, notebook_cells
from autograder.text import whole

MAX_CHARACTERS = 200_000
"""How much of a part is compared; a module of the course has 3,000."""
CODE_OF_NOTEBOOK = "code in the notebook"


@dataclass(frozen=True)
class Piece:
    """A file or a cell: what it is called, and its text with one kind of line ends, no longer than what is compared."""

    label: str
    text: str


@dataclass(frozen=True)
class Part:
    """What is compared as one: a module, all code in the notebook, or an explanation."""

    name: str
    kind: Kind
    pieces: tuple[Piece, ...]
    is_cut: bool = False


class Release:
    """What the course gave out, trusted: nobody's own work.

    Code counts as given in every section, whichever it was given in: who takes it from there copies from nobody.

    Raises
    ------
    CourseError
        If the course was not built.
    """

    def __init__(self, course: Course) -> None:
        self._sections = {section.id: section for section in course.sections}
        self.cells = {section.id: _released_notebook(course, section) for section in course.sections}
        modules = [text for section in course.sections for text in _released_code(course, section, section.modules)]
        helpers = [text for section in course.sections for text in _released_code(course, section, section.files)]
        # Only what students are asked to define has a name that all share.
        self._names = frozenset[str]().union(*map(tokens.defined, modules))
        cells = [cell for of_section in self.cells.values() for cell in of_section]
        code = [cell.source for cell in cells if cell.cell_type == "code"]
        self.code = tuple(dict.fromkeys((*modules, *helpers, *code)))
        prose = tuple(dict.fromkeys(cell.source for cell in cells if cell.cell_type == "markdown"))
        self.lines = frozenset(line.strip() for text in (*self.code, *prose) for line in text.splitlines())
        texts: Mapping[Kind, Iterable[str]] = {"code": self.code, "prose": prose}
        self.given = {
            kind: Given([self.tokens(kind, text) for text in texts[kind]], measure)
            for kind, measure in MEASURES.items()
        }

    def tokens(self, kind: Kind, text: str) -> list[Token]:
        """Return the tokens of a student's text."""
        return tokens.code(text, self._names) if kind == "code" else tokens.prose(text)

    def written(self, attempt: Attempt) -> Iterator[Part]:
        """Yield what a student wrote, as it is judged: locked cells and cells as they were released are not theirs."""
        section = self._sections[attempt.section]
        for name in section.modules:
            if name in attempt.files:
                text = attempt.files[name][: 4 * MAX_CHARACTERS + 3].decode("utf-8-sig", "replace")
                yield _part(name, "code", [(name, text)])
        notebook = attempt.files.get(section.notebook)
        if notebook is None:
            return
        try:
            cells = notebook_cells(notebook)
        except NotebookError:
            return
        released = self.cells[section.id]
        as_released = {_normal(cell.source) for cell in released}
        own = [
            (cell.label, cell.source)
            for cell in execution_plan(released, cells).cells
            if cell.origin in ("solution", "student") and _normal(cell.source) not in as_released
        ]
        if own:
            yield _part(CODE_OF_NOTEBOOK, "code", own)
        yield from _explanations(section, released, cells)


def _explanations(section: Section, released: Sequence[Cell], cells: Iterable[Cell]) -> Iterator[Part]:
    items = {item.id for item in section.items if item.kind == "prose"}
    by_name = Released(released)
    seen = set()
    for cell in cells:
        master = by_name.of(cell)
        if master is None or master.grade_id not in items or master.grade_id in seen:
            continue
        seen.add(master.grade_id)
        if _normal(cell.source) != _normal(master.source):
            yield _part(master.grade_id, "prose", [(master.grade_id, cell.source)])


def _part(name: str, kind: Kind, texts: Iterable[tuple[str, str]]) -> Part:
    pieces, left, is_cut = [], MAX_CHARACTERS, False
    for label, text in texts:
        text = whole(text).replace("\r\n", "\n").replace("\r", "\n")
        is_cut |= len(text) > left
        pieces.append(Piece(label, text[:left]))
        left -= len(pieces[-1].text)
    return Part(name, kind, tuple(pieces), is_cut)


def _normal(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _released_notebook(course: Course, section: Section) -> tuple[Cell, ...]:
    path = course.root / "assignments" / section.id / section.notebook
    if not path.is_file():
        raise CourseError(f"{path} is missing, so nobody can tell what students wrote; run `autograder build`")
    return notebook_cells(path.read_bytes())


def _released_code(course: Course, section: Section, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        path = course.root / "assignments" / section.id / name
        if path.suffix == ".py" and path.is_file():
            yield path.read_text(encoding="utf-8")
