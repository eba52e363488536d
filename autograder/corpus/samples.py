"""Builds sample submissions of every kind, each with what the grader must make of it.

``tests/corpus`` has three shelves: ``class`` is the bundled sample class, ``variants`` are further right and wrong
ways, ``hostile`` further attacks. A sample is a folder ``<shelf>/<section>/<sample>/`` with a ``sample.toml``::

    student = "endless"                 # the folder's name in the class, odd characters and all
    about = "An infinite loop in one function."
    by_the_clock = true                 # it strikes some time after a call, so no seed says which check it hits
    base = "reference"                  # or "stub" or "empty": what the files below replace
    remove = ["entropy.py"]             # files of the base that were not handed in
    rename = { "entropy.py" = "entropy (1).py" }  # files that were handed in under another name, or in a folder
    released = ["entropy.py"]           # files that lie there as they were released besides
    pack = ["work.zip"]                 # all files were packed into this zip or tar, that into the next one, and so on
    called = "1_Entropy"                # what the folder, or the zip without its ending, is called, if not as it should

    [[cell]]                            # edits of the notebook, in order; one of at, before, after, remove
    after = "exercise-1"                # grade_id of a cell
    source = "%matplotlib inline"       # optional: type, grade_id, tags, source_of (another cell)
    output = "x"                        # what the cell printed
    repeat = 3                          # how often the output, or else the source, is repeated

    notebook_metadata = { kernelspec = { name = "bash" } }

    [[make]]                            # what can't be committed as a file
    symlink = "notes.txt"
    target = "/etc/passwd"              # or one of the following
    # file = "name"                     # with text or hex, and repeat; count = 300 for a file of each number in "{}"
    # fifo = "name", socket = "name", device = "name"
    # hardlink = "name"                 # target: the file of the submission that it is another name of
    # sparse = "name"                   # size: bytes, none of which takes room on the disk
    latin1 = true                       # the name's characters stand for bytes that are no UTF-8

    zip = true                          # handed in as <section>.zip; zip_top is a folder around everything in it
    zip_cut = 100                       # bytes that got lost at the end
    zip_replace = [["0008", "0000"]]    # bytes, in hex, that were exchanged for others wherever they stand
    [[zip_entry]]                       # entries beside those of the files; names as they are
    name = "../../evil.py"              # with text or hex, repeat, count as above; or with symlink

    [expect]
    all_of = { exercise-1 = "missing" } # every check of the item ends so
    functions = { "InformationMeasures.entropy" = "time limit" }  # every check of it that fails, and at least one
    checks = { fair_coin_has_one_bit = "wrong" }
    points = { example-1 = 7.5 }
    misconceptions = ["nats-for-bits"]  # among those that the feedback names
    follows = ["die_entropy"]           # failed checks whose loss only follows from another function, and no others
    notes = ["symbolic link"]           # pieces of notes about the files
    suggestion = { exercise-3-explanation = 1.5 }  # points suggested for an answer in prose, or "none"

Other files of the folder are part of the submission in place of the base's; ``entropy.append.py`` is added to the end
of the base's ``entropy.py``, ``<item>.py`` is the source of that solution cell, and ``<item>.md`` the student's text in
the cell of an item in prose. Every check that the expectation does not speak of must pass. A verdict may be a list, any
of which will do. Where the section has an item in prose the status to expect is ``needs review``, unless `status` says
another.
"""

from __future__ import annotations

import io
import json
import os
import stat
import tarfile
import tomllib
import warnings
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from autograder.course import Course, CourseError, Section
from autograder.verdict import Verdict

CORPUS = Path("tests") / "corpus" / "class"
BASES = ("reference", "stub", "empty")

_ZIP_DATE = (2026, 1, 1, 0, 0, 0)
_KEYS = {
    "student", "about", "by_the_clock", "base", "remove", "rename", "released", "pack", "called", "cell",
    "notebook_metadata", "make", "zip", "zip_top", "zip_cut", "zip_replace", "zip_entry", "expect",
}  # fmt: skip
_CELL_KEYS = {
    "at", "before", "after", "remove", "source", "source_of", "type", "grade_id", "tags", "output", "repeat",
}  # fmt: skip
_MAKE_KINDS = ("symlink", "fifo", "file", "socket", "device", "hardlink", "sparse")
_MAKE_KEYS = {*_MAKE_KINDS, "target", "text", "hex", "repeat", "count", "size", "latin1"}
_ENTRY_KEYS = {"name", "symlink", "text", "hex", "repeat", "count"}
_EXPECT_KEYS = {
    "all_of", "functions", "checks", "points", "misconceptions", "follows", "notes", "status", "suggestion",
}  # fmt: skip
_STATUSES = ("judged", "not judged", "needs review")


class SampleError(Exception):
    """A sample contradicts itself or can't be written; the message names the file and the reason."""


@dataclass(frozen=True)
class Expectation:
    """What the grader must make of a sample; the module says how each part is meant.

    ``all_of``, ``functions`` and ``checks`` map an item, a function or a check to the verdicts that will do, and
    ``suggestion`` an item in prose to the points that are suggested, None for no suggestion.
    """

    all_of: Mapping[str, tuple[str, ...]]
    functions: Mapping[str, tuple[str, ...]]
    checks: Mapping[str, tuple[str, ...]]
    points: Mapping[str, float]
    misconceptions: tuple[str, ...]
    follows: tuple[str, ...]
    notes: tuple[str, ...]
    status: str
    suggestion: Mapping[str, float | None]


@dataclass(frozen=True)
class Oddity:
    """A file that no editor makes: its kind, its name as the system gives it, and what its kind needs beside."""

    kind: str
    name: str
    target: str = ""
    size: int = 0
    content: bytes = b""


@dataclass(frozen=True)
class Sample:
    """One sample of the class, ready to be written: ``files`` or the zip, and links, pipes and others beside them."""

    name: str
    section: str
    student: str
    about: str
    expect: Expectation
    files: Mapping[str, bytes]
    archive: bytes | None
    links: Mapping[str, str]
    pipes: tuple[str, ...]
    oddities: tuple[Oddity, ...] = ()
    by_the_clock: bool = False
    called: str = ""


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
            raise SampleError(f"{folder} is named after no section; the course has {', '.join(known)}")
        base = _Base(course, known[folder.name])
        students: dict[str, str] = {}
        for path in sorted(sample for sample in folder.iterdir() if sample.is_dir()):
            sample = _Reader(path, base).sample()
            if sample.student in students:
                raise SampleError(
                    f"{path / 'sample.toml'}: the student of `{students[sample.student]}` stands here too"
                )
            students[sample.student] = sample.name
            samples.append(sample)
    return samples


def write_class(course: Course, dest: Path, sections: Collection[str] | None = None) -> list[Sample]:
    """Write the sample class to `dest` as ``<student>/<section>/`` or ``<student>/<section>.zip``; return its samples.

    Raises
    ------
    SampleError
        As `load_samples` does, or if `dest` holds anything already.
    """
    if dest.exists() and any(dest.iterdir()):
        raise SampleError(f"{dest} is not empty; the sample class is written to a new folder only")
    samples = [sample for sample in load_samples(course) if sections is None or sample.section in sections]
    for sample in samples:
        write_sample(sample, dest)
    return samples


def write_sample(sample: Sample, dest: Path, student: str | None = None) -> None:
    """Write one sample below `dest`, under another student's name if one is given."""
    home = dest / (student or sample.student)
    home.mkdir(parents=True, exist_ok=True)
    if sample.archive is not None:
        (home / f"{sample.called or sample.section}.zip").write_bytes(sample.archive)
        return
    folder = home / (sample.called or sample.section)
    folder.mkdir()
    for name, content in sample.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for name, target in sample.links.items():
        (folder / name).symlink_to(target)
    for name in sample.pipes:
        os.mkfifo(folder / name)
    for oddity in sample.oddities:
        _write_oddity(folder, oddity)


def _write_oddity(folder: Path, oddity: Oddity) -> None:
    path = folder / oddity.name
    path.parent.mkdir(parents=True, exist_ok=True)
    match oddity.kind:
        case "socket":
            os.mknod(path, 0o600 | stat.S_IFSOCK)
        case "device":
            os.mknod(path, 0o600 | stat.S_IFCHR)  # numbers 0, 0: the one device that everybody may make
        case "hardlink":
            path.hardlink_to(folder / oddity.target)
        case "sparse":
            with path.open("wb") as file:
                file.truncate(oddity.size)
        case _:
            path.write_bytes(oddity.content)


def disagreements(sample: Sample, record: Mapping[str, Any]) -> list[str]:
    """Return where a record differs from what `sample` must get, one line for each; empty if it is as expected."""
    expect = sample.expect
    items: Mapping[str, Any] = record["items"]
    checks = [(item_id, check) for item_id, item in items.items() for check in item["checks"]]
    failed = {check["function"] for _, check in checks if check["verdict"] != Verdict.PASSED.value}
    hints = {hint["misconception"] for _, check in checks for hint in check.get("hints", ())}
    found = []
    if record["status"] != expect.status:
        found.append(f"status is {record['status']!r} ({record.get('reason')}), not {expect.status!r}")
    for item_id, check in checks:
        allowed = _allowed(expect, item_id, check)
        if check["verdict"] not in allowed:
            got = f"{check['verdict']} ({check['message']})"
            found.append(f"{item_id}, {check['name']}: {got}, not {' or '.join(allowed)}")
    run = {check["name"] for _, check in checks}
    found += [f"no check named {name} was run" for name in expect.checks if name not in run]
    found += [f"{name} passed every check" for name in expect.functions if name not in failed]
    for item_id, points in expect.points.items():
        got = items.get(item_id, {}).get("points")
        if got != points:
            found.append(f"{item_id}: {got} points, not {points:g}")
    for item_id, wanted in expect.suggestion.items():
        item = items.get(item_id, {})
        suggested = (item.get("suggestion") or {}).get("points")
        if suggested != wanted:
            remarks = " ".join(item.get("remarks", ()))
            found.append(f"{item_id}: {suggested} points are suggested, not {wanted} ({remarks})")
    found += [
        f"misconception {name} is not named, only {sorted(hints)}"
        for name in expect.misconceptions
        if name not in hints
    ]
    follows = {check["name"] for _, check in checks if check.get("follows_from")}
    found += [f"{name} does not follow from another function" for name in expect.follows if name not in follows]
    found += [f"{name} is said to follow from another function" for name in sorted(follows - set(expect.follows))]
    notes = "\n".join(record["notes"])
    found += [f"no note says {note!r}: {record['notes']}" for note in expect.notes if note not in notes]
    return found


def _allowed(expect: Expectation, item: str, check: Mapping[str, Any]) -> tuple[str, ...]:
    passed = Verdict.PASSED.value
    if check["name"] in expect.checks:
        return expect.checks[check["name"]]
    if item in expect.all_of:
        return expect.all_of[item]
    if check["function"] in expect.functions:
        return (*expect.functions[check["function"]], passed)
    return (passed,)


class _Base:
    """What the samples of one section start from: the released files, and the solution's."""

    def __init__(self, course: Course, section: Section) -> None:
        self.section = section
        self.stub = _files(course.root / "assignments" / section.id)
        solution = _files(course.root / "solutions" / section.id)
        for folder, files in (("assignments", self.stub), ("solutions", solution)):
            for name in (*section.expected_files, *section.files):
                if name not in files:
                    raise CourseError(f"{course.root / folder / section.id / name} is missing; run `autograder build`")
        notebook = json.loads(self.stub[section.notebook])
        solved = {_grade_id(cell): cell["source"] for cell in json.loads(solution[section.notebook])["cells"]}
        for cell in notebook["cells"]:
            if _is_solution(cell):
                cell["source"] = solved[_grade_id(cell)]
        self.reference = self.stub | {name: solution[name] for name in section.modules}
        self.reference |= {section.notebook: _notebook(notebook)}

    def files(self, name: str) -> dict[str, bytes]:
        return {"reference": self.reference, "stub": self.stub, "empty": {}}[name].copy()


class _Reader:
    """Reads one sample; every complaint names its ``sample.toml``."""

    def __init__(self, folder: Path, base: _Base) -> None:
        self.folder = folder
        self.path = folder / "sample.toml"
        self.base = base
        self.section = base.section

    def sample(self) -> Sample:
        try:
            table = tomllib.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise SampleError(f"{self.path} is missing") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SampleError(f"{self.path} is not valid TOML: {error}") from error
        self.known(table, _KEYS, "the sample")
        student = self.value(table, "student", str)
        if not student or "/" in student or "\0" in student or student in (".", "..") or len(student.encode()) > 255:
            self.fail(f"`student` must be the name of one folder; got {student!r}")
        files = self.files(table)
        links, pipes, oddities = {}, [], []
        for make in self.tables(table, "make", _MAKE_KEYS):
            kinds = [kind for kind in _MAKE_KINDS if kind in make]
            if len(kinds) != 1:
                self.fail(f"a [[make]] needs one of {', '.join(f'`{kind}`' for kind in _MAKE_KINDS)}")
            (kind,) = kinds
            name = self.relative(self.value(make, kind, str))
            files.pop(name, None)
            if kind == "file" and not make.get("latin1"):
                content = self.content(make)
                files |= {name.replace("{}", str(n)): content for n in range(self.value(make, "count", int, default=1))}
            elif kind == "fifo":
                pipes.append(name)
            elif kind == "symlink":
                links[name] = self.value(make, "target", str)
            else:
                oddities.append(self.oddity(make, kind, name))
        for name in self.value(table, "pack", list, default=[]):
            files = {self.relative(name): self.packed(name, files)}
        zipped = self.value(table, "zip", bool, default=False)
        entries = self.tables(table, "zip_entry", _ENTRY_KEYS)
        if not zipped and (entries or {"zip_top", "zip_cut", "zip_replace"} & set(table)):
            self.fail("`zip_entry`, `zip_top`, `zip_cut` and `zip_replace` need `zip = true`")
        if zipped and (links or pipes or oddities):
            self.fail("a zip has nothing but files beside it; give them as a [[zip_entry]]")
        return Sample(
            name=self.folder.name,
            section=self.section.id,
            student=student,
            about=self.value(table, "about", str),
            expect=self.expectation(self.value(table, "expect", dict, default={})),
            files=dict(sorted(files.items())),
            archive=self.archive(table, files, entries) if zipped else None,
            links=links,
            pipes=tuple(pipes),
            oddities=tuple(oddities),
            by_the_clock=self.value(table, "by_the_clock", bool, default=False),
            called=self.value(table, "called", str, default=""),
        )

    def oddity(self, make: Mapping[str, Any], kind: str, name: str) -> Oddity:
        latin1 = self.value(make, "latin1", bool, default=False)
        return Oddity(
            kind,
            os.fsdecode(name.encode("latin-1")) if latin1 else name,
            target=self.relative(self.value(make, "target", str)) if kind == "hardlink" else "",
            size=self.value(make, "size", int) if kind == "sparse" else 0,
            content=self.content(make) if kind == "file" else b"",
        )

    def files(self, table: Mapping[str, Any]) -> dict[str, bytes]:
        base = self.value(table, "base", str)
        if base not in BASES:
            self.fail(f"`base` must be one of {', '.join(BASES)}; got {base!r}")
        files = self.base.files(base)
        own = {name: content for name, content in _files(self.folder).items() if name != "sample.toml"}
        cells = {
            item.id: own.pop(name)
            for item in self.section.items
            if (name := f"{item.id}.{'md' if item.kind == 'prose' else 'py'}") in own
        }
        for name in [name for name in own if name.endswith(".append.py")]:
            whole = name.replace(".append.py", ".py")
            if whole not in files:
                self.fail(f"there is no `{whole}` to which `{name}` could be added")
            files[whole] += own.pop(name)
        files |= own
        edits = self.tables(table, "cell", _CELL_KEYS)
        metadata = self.value(table, "notebook_metadata", dict, default={})
        if cells or edits or metadata:
            if base == "empty" or self.section.notebook in own:
                self.fail("cells can be changed in the notebook of a base only")
            notebook = json.loads(files[self.section.notebook])
            for cell in notebook["cells"]:
                cell["source"] = "".join(cell["source"])  # Jupyter writes a list of lines
            for grade_id, source in cells.items():
                self.cell(notebook["cells"], grade_id)["source"] = source.decode().rstrip("\n")
            for edit in edits:
                self.edit(notebook["cells"], edit)
            notebook["metadata"] |= metadata
            files[self.section.notebook] = _notebook(notebook)
        for name in self.value(table, "remove", list, default=[]):
            if files.pop(name, None) is None:
                self.fail(f"`remove` names {name!r}, which the base does not hold")
        for old, new in self.value(table, "rename", dict, default={}).items():
            if old not in files:
                self.fail(f"`rename` names {old!r}, which the base does not hold")
            files[self.relative(new)] = files.pop(old)
        for name in self.value(table, "released", list, default=[]):
            if name not in self.base.stub:
                self.fail(f"`released` names {name!r}, which is not released")
            files[name] = self.base.stub[name]
        return files

    def packed(self, name: str, files: Mapping[str, bytes]) -> bytes:
        buffer = io.BytesIO()
        if name.endswith(".zip"):
            with zipfile.ZipFile(buffer, "w") as archive:
                for path, content in sorted(files.items()):
                    archive.writestr(_zip_entry(path), content)
            return buffer.getvalue()
        kinds = {"tar": "w", "gz": "w:gz", "bz2": "w:bz2", "xz": "w:xz"}
        kind = kinds.get(name.rpartition(".")[2])
        if kind is None:
            self.fail(f"`pack` can make a zip or a tar, not {name!r}")
        with tarfile.open(fileobj=buffer, mode=kind) as tar:  # type: ignore[call-overload]
            for path, content in sorted(files.items()):
                info = tarfile.TarInfo(path)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
        return buffer.getvalue()

    def cell(self, cells: Sequence[dict[str, Any]], grade_id: str) -> dict[str, Any]:
        found = next((cell for cell in cells if _grade_id(cell) == grade_id), None)
        if found is None:
            self.fail(f"the notebook has no cell with the grade_id {grade_id!r}")
        return found

    def edit(self, cells: list[dict[str, Any]], edit: Mapping[str, Any]) -> None:
        places = [place for place in ("at", "before", "after", "remove") if place in edit]
        if len(places) != 1:
            self.fail("a [[cell]] needs one of `at`, `before`, `after`, `remove`")
        there = self.cell(cells, self.value(edit, places[0], str))
        index = next(number for number, cell in enumerate(cells) if cell is there)
        if places[0] == "remove":
            del cells[index]
            return
        cell = there
        if places[0] != "at":
            cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": ""}
            cells.insert(index + (places[0] == "after"), cell)
        if "source_of" in edit:
            cell["source"] = self.cell(cells, edit["source_of"])["source"]
        cell["source"] = self.value(edit, "source", str, default=cell["source"])
        if self.value(edit, "type", str, default=cell["cell_type"]) != cell["cell_type"]:
            cell["cell_type"] = edit["type"]
            for key in ("execution_count", "outputs"):
                cell.pop(key, None)
        if "grade_id" in edit:
            like: Mapping[str, Any] = next(
                (c["metadata"]["nbgrader"] for c in cells if _grade_id(c) == edit["grade_id"]), {}
            )
            cell["metadata"]["nbgrader"] = {**like, "grade_id": edit["grade_id"]}
        if "tags" in edit:
            cell["metadata"]["tags"] = edit["tags"]
        repeat: int = self.value(edit, "repeat", int, default=1)
        if "output" not in edit:
            cell["source"] *= repeat
        else:
            printed = self.value(edit, "output", str) * repeat
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": printed}]

    def archive(
        self, table: Mapping[str, Any], files: Mapping[str, bytes], entries: Sequence[Mapping[str, Any]]
    ) -> bytes:
        buffer = io.BytesIO()
        top = self.value(table, "zip_top", str, default="")
        with zipfile.ZipFile(buffer, "w") as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of a name that stands in it twice
            for name, content in sorted(files.items()):
                archive.writestr(_zip_entry(f"{top}/{name}" if top else name), content)
            for entry in entries:
                name = self.value(entry, "name", str)
                if "symlink" in entry:
                    info = _zip_entry(name)
                    info.external_attr = 0o120777 << 16
                    archive.writestr(info, self.value(entry, "symlink", str))
                    continue
                content = self.content(entry)
                for number in range(self.value(entry, "count", int, default=1)):
                    archive.writestr(_zip_entry(name.replace("{}", str(number))), content)
        packed = buffer.getvalue()
        for pair in self.value(table, "zip_replace", list, default=[]):
            try:
                old, new = map(bytes.fromhex, pair)
            except (ValueError, TypeError) as error:
                raise SampleError(f"{self.path}: `zip_replace` holds pairs of hex; got {pair!r}") from error
            if old not in packed:
                self.fail(f"the zip does not hold the bytes {pair[0]} that `zip_replace` names")
            packed = packed.replace(old, new)
        cut = self.value(table, "zip_cut", int, default=0)
        return packed[: -cut or None]

    def content(self, table: Mapping[str, Any]) -> bytes:
        if ("text" in table) == ("hex" in table):
            self.fail("a file that is made needs either `text` or `hex`")
        try:
            content = table["text"].encode() if "text" in table else bytes.fromhex(table["hex"])
        except (ValueError, TypeError, AttributeError) as error:
            raise SampleError(f"{self.path}: `text` or `hex` can't be read: {error}") from error
        repeat: int = self.value(table, "repeat", int, default=1)
        return content * repeat

    def relative(self, name: str) -> str:
        if not name or name.startswith("/") or ".." in PurePosixPath(name).parts:
            self.fail(f"{name!r} must be a path inside of the submission")
        return name

    def expectation(self, table: Mapping[str, Any]) -> Expectation:
        self.known(table, _EXPECT_KEYS, "[expect]")
        points = self.value(table, "points", dict, default={})
        all_of = self.verdicts(table, "all_of")
        known = {item.id: item for item in self.section.items}
        for item in (*points, *all_of):
            if item not in known:
                self.fail(f"[expect] names {item!r}, which is no item of the section")
        for item, value in points.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= known[item].points:
                self.fail(f"[expect] gives `{item}` {value!r} points; it is worth {known[item].points:g}")
        prose = {item.id for item in self.section.items if item.kind == "prose"}
        status = self.value(table, "status", str, default="needs review" if prose else "judged")
        if status not in _STATUSES:
            self.fail(f"`status` must be one of {', '.join(_STATUSES)}; got {status!r}")
        suggestion = self.value(table, "suggestion", dict, default={})
        for item, value in suggestion.items():
            if item not in prose:
                self.fail(f"`suggestion` names {item!r}, which is no item in prose of the section")
            if value != "none" and (isinstance(value, bool) or not isinstance(value, (int, float))):
                self.fail(f'`suggestion` gives `{item}` {value!r}; write points or "none"')
        return Expectation(
            all_of=all_of,
            functions=self.verdicts(table, "functions"),
            checks=self.verdicts(table, "checks"),
            points=points,
            misconceptions=tuple(self.value(table, "misconceptions", list, default=[])),
            follows=tuple(self.value(table, "follows", list, default=[])),
            notes=tuple(self.value(table, "notes", list, default=[])),
            status=status,
            suggestion={item: None if value == "none" else float(value) for item, value in suggestion.items()},
        )

    def verdicts(self, table: Mapping[str, Any], key: str) -> dict[str, tuple[str, ...]]:
        known = [verdict.value for verdict in Verdict]
        given = {}
        for name, value in self.value(table, key, dict, default={}).items():
            verdicts = tuple(value) if isinstance(value, list) else (value,)
            if not verdicts or not all(verdict in known for verdict in verdicts):
                self.fail(f"`{key}`: {name!r} must be one of {', '.join(known)}, or a list of them; got {value!r}")
            given[name] = verdicts
        return given

    def fail(self, message: str) -> NoReturn:
        raise SampleError(f"{self.path}: {message}")

    def known(self, table: Mapping[str, Any], keys: set[str], where: str) -> None:
        if unknown := sorted(set(table) - keys):
            self.fail(f"{where} has the unknown key `{unknown[0]}`; known are {', '.join(sorted(keys))}")

    def value(self, table: Mapping[str, Any], key: str, kind: type, default: Any = None) -> Any:
        value = table.get(key, default)
        if value is None:
            self.fail(f"the key `{key}` is missing")
        if not isinstance(value, kind):
            self.fail(f"`{key}` must be of type {kind.__name__}; got {value!r}")
        return value

    def tables(self, table: Mapping[str, Any], key: str, keys: set[str]) -> list[Mapping[str, Any]]:
        entries: list[Mapping[str, Any]] = self.value(table, key, list, default=[])
        for entry in entries:
            if not isinstance(entry, dict):
                self.fail(f"[[{key}]] must be a table; got {entry!r}")
            self.known(entry, keys, f"[[{key}]]")
        return entries


def _zip_entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("entry", _ZIP_DATE)
    info.filename = name  # after the constructor, which would clean it
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = 0o100644 << 16
    return info


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts
    }


def _grade_id(cell: Mapping[str, Any]) -> str | None:
    grade_id: str | None = cell["metadata"].get("nbgrader", {}).get("grade_id")
    return grade_id


def _is_solution(cell: Mapping[str, Any]) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def _notebook(notebook: Mapping[str, Any]) -> bytes:
    return json.dumps(notebook, ensure_ascii=False).encode()
