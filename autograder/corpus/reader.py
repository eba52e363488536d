"""Reads the samples of a shelf of ``tests/corpus``; its README describes every key."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from autograder.corpus import archives, notebooks
from autograder.corpus.expectations import expectation
from autograder.corpus.samples import Oddity, Sample, SampleError
from autograder.corpus.tables import MAKE_KINDS, Table
from autograder.course import Course, CourseError, Section

CORPUS = Path("tests") / "corpus" / "class"

_TABLE = "sample.toml"
_NEED_ZIP = ("zip_top", "zip_cut", "zip_replace", "zip_entry")
_BYTES = "surrogateescape"  # keeps bytes that are not UTF-8 intact
_MORE_THAN_FILES = ("make", "pack", "zip")  # keys that a sample can't have if others start from it


def load_samples(course: Course, corpus: Path | None = None) -> list[Sample]:
    """Return all samples on the shelf `corpus` (default: the sample class), ordered by section and name.

    Raises
    ------
    SampleError
        If a ``sample.toml`` is missing or contradicts itself, the course or the notebook.
    CourseError
        If the course has not been built.
    """
    corpus = corpus or course.root / CORPUS
    samples: list[Sample] = []
    known = {section.id: section for section in course.sections}
    for folder in sorted(path for path in corpus.glob("*") if path.is_dir()):
        if folder.name not in known:
            raise SampleError(f"{folder} is not named after a section; the course has {', '.join(known)}")
        bases = _Bases(course, known[folder.name], corpus.parent)
        students: dict[str, str] = {}
        for path in sorted(sample for sample in folder.iterdir() if sample.is_dir()):
            sample = _sample(path, bases)
            if sample.student in students:
                raise SampleError(f"{path / _TABLE}: the student of `{students[sample.student]}` appears here too")
            students[sample.student] = sample.name
            samples.append(sample)
    return samples


class _Bases:
    """What the samples of one section start from: the released files, the solution's, and those of other samples."""

    def __init__(self, course: Course, section: Section, corpus: Path) -> None:
        self.section = section
        self._corpus = corpus
        self._being_read: list[str] = []
        self.stub = _files(course.root / "assignments" / section.id)
        solution = _files(course.root / "solutions" / section.id)
        for folder, files in (("assignments", self.stub), ("solutions", solution)):
            for name in (*section.expected_files, *section.files):
                if name not in files:
                    raise CourseError(f"{course.root / folder / section.id / name} is missing; run `autograder build`")
        notebook = json.loads(self.stub[section.notebook])
        solved = {notebooks.grade_id(cell): cell["source"] for cell in json.loads(solution[section.notebook])["cells"]}
        for cell in notebook["cells"]:
            if notebooks.is_solution(cell):
                cell["source"] = solved[notebooks.grade_id(cell)]
        reference = self.stub | {name: solution[name] for name in section.modules}
        reference[section.notebook] = notebooks.encoded(notebook)
        self._files = {"reference": reference, "stub": self.stub, "empty": {}}

    def files(self, table: Table) -> dict[str, bytes]:
        """Return the files that the ``base`` of `table` names."""
        base = table.value("base", str)
        if base not in self._files:
            self._files[base] = self._files_of_sample(table, base)
        return self._files[base].copy()

    def _files_of_sample(self, table: Table, base: str) -> dict[str, bytes]:
        shelf, _, name = base.partition("/")
        folder = self._corpus / shelf / self.section.id / name
        if not name or ".." in (shelf, name) or not (folder / _TABLE).is_file():
            table.fail(f"`base` must be reference, stub, empty, or <shelf>/<sample> of this section; got {base!r}")
        if base in self._being_read:
            table.fail(f"`base` refers to itself in a circle: {' -> '.join([*self._being_read, base])}")
        start = Table.read(folder / _TABLE)
        if more := [key for key in _MORE_THAN_FILES if key in start]:
            table.fail(f"`base` names {base!r}, which can't be started from because it has the key `{more[0]}`")
        self._being_read.append(base)
        files = _handed_in(start, self)
        self._being_read.pop()
        return files


def _sample(folder: Path, bases: _Bases) -> Sample:
    table = Table.read(folder / _TABLE)
    student: str = table.value("student", str)
    if not student or "/" in student or "\0" in student or student in (".", "..") or len(student.encode()) > 255:
        table.fail(f"`student` must be the name of one folder; got {student!r}")
    made = _Made(_handed_in(table, bases))
    for make in table.tables("make"):
        made.add(make)
    for name in table.value("pack", list, default=[]):
        made.files = {_relative(table, name): archives.packed(table, name, made.files)}
    zipped = table.value("zip", bool, default=False)
    entries = table.tables("zip_entry")
    if not zipped and any(key in table for key in _NEED_ZIP):
        table.fail("`zip_entry`, `zip_top`, `zip_cut` and `zip_replace` need `zip = true`")
    if zipped and (made.links or made.pipes or made.oddities):
        table.fail("a zip can't have links and pipes beside it; describe them in a [[zip_entry]]")
    return Sample(
        name=folder.name,
        section=bases.section.id,
        student=student,
        about=table.value("about", str),
        expect=expectation(table, bases.section),
        files=dict(sorted(made.files.items())),
        archive=archives.zipped(table, made.files, entries) if zipped else None,
        links=made.links,
        pipes=tuple(made.pipes),
        oddities=tuple(made.oddities),
        by_the_clock=table.value("by_the_clock", bool, default=False),
        called=table.value("called", str, default=""),
    )


def _handed_in(table: Table, bases: _Bases) -> dict[str, bytes]:
    """Return the files of a sample before any are made or packed: the base's, changed as its folder and keys say."""
    section = bases.section
    files = bases.files(table)
    own = {name: content for name, content in _files(table.path.parent).items() if name != _TABLE}
    cells = {
        item.id: own.pop(name)
        for item in section.items
        if (name := f"{item.id}.{'md' if item.kind == 'prose' else 'py'}") in own
    }
    for name in [name for name in own if name.endswith(".append.py")]:
        whole = name.replace(".append.py", ".py")
        if whole not in files:
            table.fail(f"there is no `{whole}` to which `{name}` could be added")
        files[whole] += own.pop(name)
    files |= own
    in_cells = []
    for replace in table.tables("replace"):
        name = replace.value("in", str)
        if name in files:
            files[name] = _replaced(replace, files[name].decode(errors=_BYTES)).encode(errors=_BYTES)
        elif any(name == item.id for item in section.items):
            in_cells.append(replace)
        else:
            table.fail(f"a [[replace]] names {name!r}, which is neither a file of the base nor an item")
    edits = table.tables("cell")
    metadata = table.value("notebook_metadata", dict, default={})
    if cells or in_cells or edits or metadata:
        if section.notebook in own or section.notebook not in files:
            table.fail("cells can be changed in the notebook of a base only")
        notebook = notebooks.decoded(table, files[section.notebook])
        for grade_id, source in cells.items():
            notebooks.cell_of(table, notebook["cells"], grade_id)["source"] = source.decode().rstrip("\n")
        for replace in in_cells:
            cell = notebooks.cell_of(replace, notebook["cells"], replace.value("in", str))
            cell["source"] = _replaced(replace, cell["source"])
        for edit in edits:
            notebooks.edit(notebook["cells"], edit)
        notebook["metadata"] |= metadata
        files[section.notebook] = notebooks.encoded(notebook)
    for name in table.value("remove", list, default=[]):
        if files.pop(name, None) is None:
            table.fail(f"`remove` names {name!r}, which the base does not hold")
    for old, new in table.value("rename", dict, default={}).items():
        if old not in files:
            table.fail(f"`rename` names {old!r}, which the base does not hold")
        files[_relative(table, new)] = files.pop(old)
    for name in table.value("released", list, default=[]):
        if name not in bases.stub:
            table.fail(f"`released` names {name!r}, which is not released")
        files[name] = bases.stub[name]
    return files


def _replaced(replace: Table, whole: str) -> str:
    text, times = replace.value("text", str), replace.value("times", int, default=1)
    found = whole.count(text) if text else 0
    if found != times or times < 1:
        there, wanted = replace.value("in", str), "exactly once" if times == 1 else f"{times} times"
        replace.fail(f"the `text` of a [[replace]] must occur {wanted} in `{there}`; it occurs {found} times: {text!r}")
    by: str = replace.value("by", str)
    return whole.replace(text, by)


@dataclass
class _Made:
    """What is written: plain files, and special ones that can't be committed."""

    files: dict[str, bytes]
    links: dict[str, str] = field(default_factory=dict)
    pipes: list[str] = field(default_factory=list)
    oddities: list[Oddity] = field(default_factory=list)

    def add(self, make: Table) -> None:
        """Add what a table ``[[make]]`` describes."""
        kind = make.one_of(MAKE_KINDS, "[[make]]")
        name = _relative(make, make.value(kind, str))
        latin1 = make.value("latin1", bool, default=False)
        self.files.pop(name, None)
        if kind == "file" and not latin1:
            content = make.content()
            self.files |= {name.replace("{}", str(n)): content for n in range(make.value("count", int, default=1))}
        elif kind == "fifo":
            self.pipes.append(name)
        elif kind == "symlink":
            self.links[name] = make.value("target", str)
        else:
            self.oddities.append(
                Oddity(
                    kind,
                    os.fsdecode(name.encode("latin-1")) if latin1 else name,
                    target=_relative(make, make.value("target", str)) if kind == "hardlink" else "",
                    size=make.value("size", int) if kind == "sparse" else 0,
                    content=make.content() if kind == "file" else b"",
                )
            )


def _relative(table: Table, name: str) -> str:
    if not name or name.startswith("/") or ".." in PurePosixPath(name).parts:
        table.fail(f"{name!r} must be a path inside of the submission")
    return name


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts
    }
