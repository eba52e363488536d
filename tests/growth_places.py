"""Every place where bytes of a submission or of its process are read outside of that process, and input that grows.

`benchmarks/growth.py` (`make growth`) drives each place up to the size that it admits, `tests/test_growth.py` at
moderate sizes. docs/security.md has a row for each place, with its bound; a test compares the names.

A seed is what is repeated until the input is long enough. A line that a reader goes through from each of its bytes is
cheap when it is short: that it is not, shows only as it grows.
"""

from __future__ import annotations

import bz2
import datetime
import functools
import gzip
import io
import json
import lzma
import math
import os
import shutil
import struct
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder import course, sheets
from autograder.checks import answers as answers_module
from autograder.checks import misconceptions
from autograder.exports import ExportError, canvas, moodle
from autograder.exports.people import Directory
from autograder.gradebook import formgrader
from autograder.intake import downloads, lists, persons, platforms
from autograder.judge import follow_on, levels
from autograder.people import enrolment, roster
from autograder.prose.explanations import Explanations
from autograder.records.record import (
    CellRecord,
    CheckRecord,
    Evidence,
    Header,
    ItemRecord,
    ProseRecord,
    Record,
    Statement,
    Status,
)
from autograder.remote import calls, faults, true_answers
from autograder.report import feedback, grades_csv, table
from autograder.review import dialogue
from autograder.review.explanations import Explanation
from autograder.review.likeness import Group, Text
from autograder.sandbox import wire
from autograder.similarity import groups
from autograder.similarity import page as similar_page
from autograder.similarity.written import Release
from autograder.submissions import archives, limits, notebook, outputs, taking, times, unpacking
from autograder.submissions.attempts import make_attempt
from autograder.submissions.collect import collect
from autograder.submissions.found import Found
from autograder.submissions.paths import EXCHANGE_FILES
from autograder.text import printable, visible
from autograder.verdict import Verdict

ROOT = Path(__file__).resolve().parents[1]
MB = 2**20

# What a scanner of text may try again and again: quotes, brackets, marks of Markdown and LaTeX, blanks, long words.
SEEDS = (
    "a", "ab ", "a b. ", " ", "\t", "\n", "\r", " \n", "a\n", "\\", "\\\n", "'", '"', "'''", '"""', "\\'", "#", "# a\n",
    "(", "[", "{", ")", "]", "}", "((a", "[](", "![", "[a](", "[a]: b\n", "<", "<a ", "<!--", "<a>", "</", "&", "&#1",
    "`", "``` ", "```\n", "~~~\n", "~~", "*", "*a ", "**a ", "***", "_", "_a ", "a__b ", "> ", "- ", "- a\n", "1. ",
    "|", "a|b\n-|-\n", "a\n===\n", "---\n", "a\n: b\n", "    a\n", "$", "$$", "$$a ", "\\$", "\\[", "\\\\[", "\\\\(",
    "\\begin{a}", "\\begin{", "\\end{a}", "http://", "a@b ", "%", "!a\n", "%pip ", "=", "x = 1; ", "def f", "return ",
    "class a: ", "lambda:", "f'{", "0x", "1", "1_", "1e", ".", ",", ";", ":", "-", "not ", "is not true, ", "0 ",
    "\u0301", "a\u0301\u0323", "\u202e", "€", "\U0001f600", "\ufdfa", "ﬃ", "\x1b[", "\x1b[31m", "\0", "/slot-1", "0xdead",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One place: what it is called, how much it admits of which unit, what that may cost, and how it is driven.

    `made` makes the input from a seed and a size, `run` reads it. `seconds` (of a processor) and `megabytes` are what
    the largest input may cost. `steep` says why the cost may grow faster than the input, where it may: below a size
    that is small, and within the same `seconds`.
    """

    name: str
    size: int
    unit: str
    seconds: float
    megabytes: int
    run: Callable[[Any], object]
    made: Callable[[str, int], Any]
    seeds: tuple[str, ...] = SEEDS
    steep: str = ""
    is_text: bool = True
    most_measured: int = 0

    @property
    def measured(self) -> int:
        """The largest size that is measured; cost is linear beyond."""
        return self.most_measured or self.size


def repeated(seed: str, size: int) -> str:
    """Return `size` characters of `seed` and again `seed`."""
    return (seed * (size // len(seed) + 1))[:size]


def encoded(seed: str, size: int) -> bytes:
    """Return `size` bytes of `seed`; the last character may be cut."""
    data = seed.encode("utf-8", "surrogatepass")
    return (data * (size // len(data) + 1))[:size]


def line(seed: str, size: int) -> bytes:
    """Return Python of `size` bytes, with the seed between a statement and a sign that is no Python."""
    return b"x = 1;" + encoded(seed, max(1, size - 10)) + "\n€".encode()


# Notebooks


def cell(source: Any, kind: str = "code", **more: Any) -> dict[str, Any]:
    """Return a cell as a notebook has it."""
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **code, **more}


def packed(*cells: Mapping[str, Any], **more: Any) -> bytes:
    """Return the bytes of a notebook."""
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}).encode()


def with_output(seed: str, size: int) -> bytes:
    """Return a notebook of `size` bytes, nearly all of them an output; a few seeds stand for other kinds of JSON."""
    bare = {"[": "]", "[[1,2],": None, '{"a":': None, "1": None, "1,": None, "-": None, "null,": None, "\\u0041": None}
    head, tail = b'{"cells": [{"cell_type": "code", "outputs": [', b']}], "metadata": {}}'
    if seed not in bare:
        seed = json.dumps(seed)[1:-1]
        return head + b'"' + encoded(seed, size) + b'"' + tail
    return head + encoded(seed, size) + tail


def as_file(seed: str, size: int) -> bytes:
    """Return `size` bytes in the place of a notebook: one that is damaged, or hardly one."""
    head = b'{"metadata": {}, "cells": [{"cell_type": "code", "source": "'
    return head + encoded(seed, size)


def notebook_of(seed: str, size: int) -> bytes:
    """Return a notebook with the seed as the text of a cell."""
    return packed(cell(repeated(seed, size), "markdown"))


@functools.cache
def the_course() -> course.Course:
    """Return the course of this repository."""
    return course.load(ROOT)


@functools.cache
def released(section_id: str = "3_mutual_information") -> tuple[bytes, tuple[notebook.Cell, ...]]:
    """Return the notebook of a section as students get it."""
    section = the_course().section(section_id)
    data = (ROOT / "assignments" / section_id / section.notebook).read_bytes()
    return data, notebook.notebook_cells(data)


def plan(data: bytes) -> object:
    """Read a notebook, and decide what is run of it."""
    notebook.notebook_cells.cache_clear()
    try:
        submitted = notebook.notebook_cells(data)
    except notebook.NotebookError as error:
        return str(error)
    planned = notebook.execution_plan(released()[1], submitted)
    return levels.level_of(notebook.written(planned.cells), {})


def cells_of(seed: str, size: int) -> bytes:
    """Return a notebook of `size` cells, of the kind that `seed` names."""
    marks = [entry.grade_id for entry in released()[1] if entry.grade_id]
    kinds = {
        "small": lambda number: cell(f"x{number} = 1"),
        "empty": lambda number: cell(""),
        "markdown": lambda number: cell("a", "markdown"),
        "released": lambda number: cell("1", metadata={"nbgrader": {"grade_id": marks[number % len(marks)]}}),
        "same id": lambda number: cell("1", id="same"),
        "prose": lambda number: cell(f"# we know that x and y share nothing, number {number}\n"),
    }
    return packed(*(kinds[seed](number) for number in range(size)))


# Prose


@functools.cache
def explanations() -> Explanations:
    """Return the reader of a section's explanations."""
    section = the_course().section("3_mutual_information")
    return Explanations(section, the_course().suites / section.id, released()[1])


def explain(data: bytes) -> object:
    """Read the explanations in a notebook."""
    notebook.notebook_cells.cache_clear()
    return explanations().read(data)


def answered(text: str) -> dict[str, Any]:
    """Return the cell of the explanation with `text` in it."""
    marks = {"grade_id": "exercise-3-explanation", "grade": True, "solution": True}
    return cell(text, "markdown", metadata={"nbgrader": marks})


def beside_the_answer(seed: str, size: int) -> bytes:
    """Return a notebook with a code cell and a Markdown cell of the seed beside the explanation."""
    text = repeated(seed, size // 2)
    return packed(answered("They share nothing."), cell(text), cell(text, "markdown"))


# What comes from the child


def frame(seed: str, size: int) -> bytes:
    """Return the body of a frame of about `size` bytes, of the kind that `seed` names."""
    size = min(size, wire.MAX_FRAME_BYTES - 64)
    count = size // 9
    value: Any
    match seed:
        case "floats":
            value = [0.5] * min(count, wire.MAX_ITEMS - 8)
        case "lists":
            value = [[]] * min(size // 2, wire.MAX_ITEMS // 2 - 8)
        case "tuples":
            value = [(1,)] * min(size // 4, wire.MAX_ITEMS // 4)
        case "dicts":
            value = [{1: 1}] * min(size // 4, wire.MAX_KEYS - 1)
        case "dict":
            value = {str(number): number for number in range(min(size // 6, wire.MAX_KEYS - 1))}
        case "set":
            value = set(range(min(count, wire.MAX_KEYS - 1)))
        case "same hash":
            value = {number * (2**61 - 1) for number in range(min(count, wire.MAX_KEYS - 1))}
        case "text":
            value = "a" * size
        case "surrogates":
            value = "\udce4" * (size // 3)
        case "bytes":
            value = bytes(size)
        case "integer":
            value = 1 << (size * 8)
        case "integers":
            value = [1 << 80] * min(size // 13, wire.MAX_ITEMS // 2)
        case "array":
            value = np.ones(size // 8)
        case "bools":
            value = np.ones(size, dtype=bool)
        case "texts":
            value = np.full(size // 4, "a")
        case "objects":
            value = np.full(min(count, wire.MAX_ITEMS // 2), 0.5, dtype=object)
        case "arrays":
            value = [np.float64(1)] * min(size // 20, wire.MAX_ITEMS // 3)
        case "tensor":
            value = wire.Tensor("float32", np.ones(size // 4, dtype=np.float32))
        case "handles":
            value = [wire.Handle(1, "x")] * min(size // 8, wire.MAX_ITEMS // 5)
        case "nested":
            value = b""
            for _ in range(60):
                value = (value,)
            value = [value] * min(size // 200, wire.MAX_ITEMS // 150)
        case _:  # one extension inside another, each with all that is in it
            data = bytes(max(1, size - 600))
            for _ in range(3):
                data = (
                    b"\xc9" + struct.pack(">IB", len(data) + 6, 1) + b"\x91\xc6" + struct.pack(">I", len(data)) + data
                )
                data = data[:6] + data[6:]
            return b"\x94\x01\x07\xa5value" + data
    return wire.encode(wire.Frame(7, "value", value))[wire.HEADER.size :]


FRAMES = (
    "floats", "lists", "tuples", "dicts", "dict", "set", "same hash", "text", "surrogates", "bytes", "integer",
    "integers", "array", "bools", "texts", "objects", "arrays", "tensor", "handles", "nested", "extensions",
)  # fmt: skip


def decode(body: bytes) -> object:
    """Read a frame."""
    try:
        return wire.decode(body)
    except wire.WireError as error:
        return error


@functools.cache
def bank() -> misconceptions.Bank:
    """Return a bank of as many misconceptions about one function as the largest has."""
    wrong = [
        misconceptions.Misconception(f"m{number}", "example-1", "f", "a", "b", lambda p, number=number: number + len(p))
        for number in range(20)
    ]
    wrong.append(misconceptions.Misconception("rows", "example-1", "f", "a", "b", lambda p: np.ones(3)))
    wrong.append(misconceptions.Misconception("parts", "example-1", "f", "a", "b", lambda p: (np.ones(3), 1.0)))
    return misconceptions.Bank({"f": lambda p: 1.0}, wrong)


def answers(seed: str, size: int) -> Any:
    """Return what a frame of the kind `seed` holds."""
    body = decode(frame(seed, size))
    return body.body if isinstance(body, wire.Frame) else None


def compare(value: Any) -> None:
    """Do to an answer what checks and the search for misconceptions do."""
    answers_module.observed.clear(True)
    answers_module.describe(value)
    answers_module.show(value)
    for question in (
        lambda: answers_module.number(value),
        lambda: answers_module.parts(value, 2),
        lambda: answers_module.approx(1.0) == value,
        lambda: answers_module.approx([1.0, 2.0]) == value,
    ):
        with suppress(answers_module.WrongAnswer):
            question()
    call = calls.Call("f", ([0.5, 0.5],), {}, result=value)
    bank().diagnose([call])
    follow_on.is_written([call, call])


def complaint(seed: str, size: int) -> dict[str, Any]:
    """Return the description of an exception, with the seed wherever there is text."""
    text = repeated(seed, size // 4)
    return {"types": [text, "ValueError"], "message": text, "name": text, "where": [text, 3, "f"]}


def complain(body: Mapping[str, Any]) -> object:
    """Make a verdict of what a child says of an exception."""
    return (
        faults.of_exception(body, "`f`", "`a.py`").told(reveal=True),
        faults.of_exception({"missing": body["message"]}, "`f`", "`a.py`"),
        faults.of_exception({**body, "types": ["ModuleNotFoundError"]}, "`f`", "`a.py`"),
    )


# Folders and zips


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder for the length of the block."""
    folder = Path(tempfile.mkdtemp(prefix="autograder-growth-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def folder_of(seed: str, size: int) -> Path:
    """Make a folder of submissions with one student and `size` things in it, of the kind that `seed` names."""
    root = Path(tempfile.mkdtemp(prefix="autograder-growth-"))
    home = root / "ada"
    section = home / "1_entropy"
    section.mkdir(parents=True)
    kinds: dict[str, Callable[[int], Path]] = {
        "files": lambda number: section / f"a{number}.txt",
        "near misses": lambda number: section / f"{'entropi' * 30}{number}.py",
        "other case": lambda number: section / f"{'Aa'[number % 2]}{number // 2}.txt",
        "combining": lambda number: section / f"a{chr(0x301) + chr(0x323)}{number}{chr(0x301) * 50}.txt",
        "folders": lambda number: section / f"d{number}" / "a",
        "strays": lambda number: home / f"{'1_entropi' * 25}{number}",
        "candidates": lambda number: section / f"d{number}" / "entropy (1).py",
        "marks": lambda number: section / f"entropy{' (1)' * 50}{number}.py.txt",
        "blanks": lambda number: section / f"{'_' * 100}entropy{'_' * 100}(copy {number}",
        "archives": lambda number: section / f"a{number}.tar.gz",
    }
    for number in range(size):
        path = kinds[seed](number)
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return root


def collected(root: Path) -> object:
    """Collect a folder."""
    return collect(the_course(), root)


def zip_of(seed: str, size: int) -> bytes:
    """Return a zip of about `size` bytes, of the kind that `seed` names."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        match seed:
            case "small members":
                for number in range(min(size // 110, limits.MAX_ENTRIES - 1)):
                    archive.writestr(f"a{number}.txt", b"x")
            case "candidates":
                for number in range(min(size // 110, limits.MAX_ENTRIES - 1)):
                    archive.writestr(f"a{number}/entropy (1).py", b"x")
            case "junk":
                for number in range(min(size // 110, archives.MAX_DIRECTORY_BYTES // 70)):
                    archive.writestr(f".venv/lib/{number}.py", b"")
            case "deep names":
                for number in range(min(size // 600, limits.MAX_ENTRIES - 1)):
                    archive.writestr(f"{'a/' * 115}{number}", b"")
            case "extras":
                for number in range(size // 2**17 + 1):
                    info = zipfile.ZipInfo(f"a{number}.txt")
                    info.extra = b"\x01\xf0\0\0" * min(2**14 - 1, size // 8)
                    archive.writestr(info, b"")
            case "comments":
                for number in range(size // 2**16 + 1):
                    info = zipfile.ZipInfo(f"a{number}.txt")
                    info.comment = b"PK\x05\x06" * min(2**14 - 1, size // 4)
                    archive.writestr(info, b"")
            case "long names":
                for number in range(size // 2**17 + 1):
                    archive.writestr(f"{number}" + "a\u0301" * min(21_000, size // 6), b"")
            case "false text":
                for number in range(size // 2**17 + 1):
                    archive.writestr("\u00e4" + "a" * min(60_000, size // 2) + str(number), b"")
            case "deflated":
                info = zipfile.ZipInfo("entropy.py")
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, os.urandom(min(size, 9 * MB)))
            case "empty blocks":  # deflated data that is long and holds nothing
                archive.writestr("entropy.py", b"\0\0\0\xff\xff" * (size // 5))
            case _:
                archive.writestr("a.bin", encoded(seed, size))
    found = data.getvalue()
    if seed == "false text":
        found = found.replace("\u00e4".encode(), b"\xff\xff")
    if seed == "empty blocks":
        found = found.replace(b"\x14\x00\x00\x00\x00\x00", b"\x14\x00\x00\x00\x08\x00")
    return found


ZIPS = (
    "small members", "candidates", "junk", "deep names", "extras", "comments", "long names", "false text", "deflated", "empty blocks",
    "PK\x01\x02", "PK\x05\x06", "PK\x03\x04", "\0",
)  # fmt: skip


def unzipped(data: bytes) -> object:
    """Take the files out of a zip."""
    return taking.unpack(io.BytesIO(data), "1_entropy.zip", the_course().section("1_entropy"))


def tar_of(seed: str, size: int) -> bytes:
    """Return a tar that unpacks to about `size` bytes, of the kind that `seed` names."""

    def member(name: bytes, content_size: int, kind: bytes = b"0") -> bytes:
        info = tarfile.TarInfo()
        info.size, info.type = content_size, kind
        head = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
        head[: len(name)] = name
        head[148:156] = b"%06o\0 " % (sum(head[:148]) + sum(head[156:]) + 8 * 32)
        return bytes(head)

    blocks = max(1, size // 512)
    match seed:
        case "empty members":
            return b"".join(member(b"a%d" % number, 0) for number in range(blocks))
        case "one name":
            return member(b"entropy.py", 0) * blocks
        case "long names":
            return (member(b"x", 60_000, b"L") + b"a" * 60_000 + bytes(416)) * (blocks // 119 + 1)
        case "headers":
            return (member(b"x", 60_000, b"x") + b"9 path=a\n" * 6666 + bytes(6 + 416)) * (blocks // 119 + 1)
        case "zeros":
            return member(b"entropy.py", size) + bytes(size)
        case "gzip":
            return gzip.compress(member(b"entropy.py", size) + bytes(size))
        case "bzip2":
            return bz2.compress(member(b"entropy.py", size) + os.urandom(size))
        case "xz":
            return lzma.compress(member(b"entropy.py", size) + bytes(size))
        case "streams":
            return gzip.compress(b"") * (size // 20 + 1)
        case _:
            return encoded(seed, size)


TARS = (
    "empty members",
    "one name",
    "long names",
    "headers",
    "zeros",
    "gzip",
    "bzip2",
    "xz",
    "streams",
    "\x1f\x8b",
    "\0",
)


def untarred(data: bytes) -> object:
    """Take the files out of a tar in a submission."""
    found = Found(the_course().section("1_entropy"))
    with suppress(archives.ArchiveError):
        unpacking.untar(io.BytesIO(data), found, "", 1)
    return found


def downloaded(seed: str, size: int) -> list[str]:
    """Return names in a platform's download, made of the seed."""
    text = repeated(seed.replace("/", "-"), size)
    return [
        text,
        f"{text}_123_assignsubmission_file_/entropy.py",
        f"{text}_1_{text}",
        "_1" * (size // 2),
        "a_1_2_" + "-1" * (size // 2) + ".py",
        "a/" * (size // 2),
    ]


def recognise(names: list[str]) -> object:
    """Find out whose files these are."""
    section = the_course().section("1_entropy")
    found = platforms.named(names, section)
    people = [one.participant for one in found.values()] + [platforms.Participant("moodle", "1", names[0])]
    return persons.recognised(people, {}, [roster.Entry("ada", names[0][:100], "b")])


def listed(seed: str, size: int) -> bytes:
    """Return a CSV file beside a download, half of it a list and half of it what a worksheet's cells can hold."""
    cell = repeated(seed, 200).replace('"', "").replace("\0", "")
    row = f'"{cell}","{cell}",yes,"{cell}","Sunday, 29 November 2026, 11:58 PM"\n'
    return ("file,student,late,name,came\n" + row * (size // len(row) + 1))[:size].encode("utf-8", "replace")


def read_list(content: bytes) -> object:
    """Read it as a list, and as a worksheet."""
    worksheet = content.replace(
        b"file,student,late,name,came", b"Identifier,Full name,Status,Group,Last modified (submission)"
    )
    return [lists.parsed(one, "list.csv", datetime.UTC) for one in (content, worksheet.replace(b'\n"', b'\n"p 1","'))]


def exported(seed: str, size: int) -> tuple[bytes, bytes]:
    """Return Canvas's gradebook and Moodle's worksheet of a class whose names are made of the seed."""
    cell = repeated(seed, 200).replace('"', "").replace("\0", "")
    numbers = range(size // (len(cell) + 40) + 1)
    canvas = "Student,ID,SIS Login ID,Section,1_entropy\n    Points Possible,,,,16\n"
    canvas += "".join(f'"{cell} {number}",{number},"u{number}","A",\n' for number in numbers)
    moodle = "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Feedback comments\n"
    moodle += "".join(f'Participant {number},"{cell}",u{number}@x.org,,,16,"{cell}"\n' for number in numbers)
    return canvas.encode("utf-8", "replace"), moodle.encode("utf-8", "replace")


def read_class(tables: tuple[bytes, bytes]) -> object:
    """Read both as the list of a class, and make a roster of it."""
    with scratch() as folder:
        path = folder / "class.csv"
        for content in tables:
            path.write_bytes(content)
            with suppress(course.CourseError):
                people, _ = enrolment.read(path)
                enrolment.merge(path, people, roster.Roster())
    return None


def fill_in(tables: tuple[bytes, bytes]) -> object:
    """Read both as tables of grades, and find out who is in them."""
    section = the_course().section("1_entropy")
    filled = []
    with scratch() as folder:
        path = folder / "grades.csv"
        path.write_bytes(tables[0])
        with suppress(ExportError):
            book = canvas.Gradebook(path)
            targets = book.targets([section], {}, scale=False)
            filled.append(book.fill({}, targets, Directory("canvas", ["u1"], roster.Roster())))
        path.write_bytes(tables[1])
        with suppress(ExportError):
            sheet = moodle.Worksheet(path)
            target = sheet.target(section, scale=False)
            filled.append(sheet.fill(section, {}, target, Directory("moodle", ["u1"], roster.Roster())))
    return filled


def download_of(seed: str, size: int) -> bytes:
    """Return a download of so many bytes, of many people who hand in little."""
    stream = io.BytesIO()
    name = "".join(c for c in seed if c.isalnum()) or "a"
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(size // 200 + 1):
            archive.writestr(f"{name}_{number}_assignsubmission_file_/entropy.py", seed)
    return stream.getvalue()


def sorted_by_person(data: bytes) -> object:
    """Find out who handed in, and read all of it."""
    section = the_course().section("1_entropy")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        path = Path(folder, "download.zip")
        path.write_bytes(data)
        found = downloads.opened([path], section, datetime.UTC, stack)
        return [downloads.work(one, section) for one in found.hand_ins]


def stamped(text: str) -> object:
    """Read the time stamp of the exchange, as much of it as is taken."""
    shown = printable(text, EXCHANGE_FILES["timestamp.txt"])
    return times.read(the_course(), shown)


# What people read


def record_of(seed: str, size: int) -> Record:
    """Return a record with `size` failing cells, each with as long a message as there can be."""
    section = the_course().section("1_entropy")
    text = faults.clean(repeated(seed, 1000))
    items = {}
    for item in section.items:
        points = {"points": 0.0, "max": item.points / 30, "function": "f", "reason": "a"}
        checks = (
            CheckRecord("a", Verdict.ERROR, message=f"{n} {text}", call=text, expected=text, got=text, **points)
            for n in range(30)
        )
        items[item.id] = ItemRecord(item.title, 0.0, item.points, Status.JUDGED, tuple(checks))
    return Record(
        Header(section.id, "0" * 64, "0" * 64, 0, "x", ()),
        Status.JUDGED,
        reason=None,
        notes=(text,) * min(size, 20),
        cells=tuple(CellRecord(f"cell {number}", Verdict.ERROR, text) for number in range(1, size + 1)),
        items=items,
    )


def report(record: Record) -> object:
    """Make all that people read of a record."""
    student = record.cells[0].message[:255]
    results = [(student, record)]
    for form in ("table", "csv", "json"):
        table.render(the_course(), results, form)  # type: ignore[arg-type]
    grades_csv.csv_text(the_course(), results)
    feedback.feedback_object(the_course(), student, record)
    return feedback.page(the_course(), student, record)


def shown(text: str) -> object:
    """Show an explanation to whoever decides."""
    found = Evidence((Statement("i", "a", 1.0, (0,)),), (), (text,))
    prose = ProseRecord(None, found, (text,), (text,), "0" * 12)
    entry = Explanation(text, "1", "e", "t", 2.0, text, prose, None)
    return dialogue.describe(Group((Text((entry,)),)), 1, 1), visible(text, breaks=True)


def written_for_staff(data: bytes) -> bytes:
    """Return the notebook that the formgrader shows of a submitted one."""
    notebook.notebook_cells.cache_clear()
    record = record_of("a", 1000)
    return formgrader.graded_notebook(the_course(), the_course().section(record.section), released()[0], data, record)


def for_staff(seed: str, size: int) -> bytes:
    """Return a submitted notebook with the seed in a Markdown, a code and a raw cell, each of `size` / 3."""
    text = repeated(seed, size // 3)
    return packed(answered(text), cell(text), cell(text, "raw"))


@functools.cache
def _exporter() -> Any:
    from nbconvert.exporters import HTMLExporter
    from traitlets.config import Config

    from autograder import nbgrader_hooks, nbgrader_seam

    config = Config()
    nbgrader_hooks.configure(config, ROOT)
    nbgrader_seam.import_jsonschema()
    template = Path(__import__("nbgrader").__file__).parent / "server_extensions" / "formgrader"
    config.HTMLExporter.template_name = "feedback"
    config.HTMLExporter.extra_template_basedirs = [str(template / "templates")]
    config.HTMLExporter.extra_template_paths = [str(template / "static/node_modules/bootstrap/dist/css")]
    return HTMLExporter(config=config)


def rendered(data: bytes) -> object:
    """Make nbgrader's feedback page of a submitted notebook, as far as it depends on that."""
    import nbformat

    made = json.loads(written_for_staff(data))
    for entry in made["cells"]:  # what nbgrader's GetGrades adds
        if "nbgrader" in entry["metadata"]:
            entry["metadata"]["nbgrader"].update({"score": 0, "points": 1, "comment": "a"})
    read = nbformat.reads(json.dumps(made), as_version=4)
    scores = {"score": 1.0, "max_score": 1.0, "late_penalty": 0.0, "notebook": "a"}
    return _exporter().from_notebook_node(read, {"nbgrader": scores})


def page_of(seed: str, size: int) -> bytes:
    """Return a notebook of as many Markdown cells as are shown, and code cells, `size` characters in all."""
    text, code = repeated(seed, size // 3), repeated(seed, size // 3)
    step = 20_000
    cells = [cell(text[at : at + step], "markdown") for at in range(0, len(text), step)]
    return packed(answered(text[:step]), *cells, cell(code), cell(text, "raw"))


def fenced(seed: str, size: int) -> bytes:
    """Return a notebook whose Markdown holds fenced code in a language of the student's choice."""
    return packed(answered(f"```{seed}\n{repeated('(a[{<!--', size)}\n```"), cell(f"%%{seed}\n{repeated(' a', size)}"))


def _python(data: bytes) -> object:
    return (
        true_answers.mentions(data, "a.entropy"),
        follow_on.is_more_than("a.entropy", b"def entropy(p):\n" + data, b"def entropy(p):\n    pass\n"),
        levels.level_of([data], {"a.py": data}),
    )


def compared(data: bytes) -> object:
    """Compare two students who handed in the same, and show it."""
    section = the_course().sections[0]
    attempts = [make_attempt(section, student, Path(student), {section.modules[0]: data}) for student in ("a", "b")]
    found = groups.find(the_course(), attempts, release=_release())
    return similar_page.page(the_course(), found, {"a": "a", "b": "b"}, 40)


@functools.cache
def _release() -> Release:
    return Release(the_course())


_JSON = ("[", "[[1,2],", '{"a":', "1", "1,", "-", "null,", "\\u0041")
_CELLS = ("small", "empty", "markdown", "released", "same id", "prose")

PLACES: tuple[Place, ...] = (
    Place("outputs of notebooks", limits.MAX_NOTEBOOK_BYTES, "bytes", 60, 64,
          lambda data: outputs.without_outputs([data], limits.MAX_FILE_BYTES), with_output,
          ("a", "\\", '"', "€", "\0", "\n", *_JSON), most_measured=16 * MB),
    Place("notebooks that are damaged", limits.MAX_FILE_BYTES, "bytes", 10, 400, plan, as_file, most_measured=4 * MB),
    Place("text of a notebook", limits.MAX_FILE_BYTES, "bytes", 10, 400, plan, notebook_of, most_measured=4 * MB),
    Place("cells of a notebook", notebook.MAX_CELLS, "cells", 2, 64, plan, cells_of, _CELLS, is_text=False),
    Place("modules", limits.MAX_FILE_BYTES, "bytes", 30, 400, _python, line, most_measured=2 * MB),
    Place("likeness of work", limits.MAX_FILE_BYTES, "bytes", 30, 400, compared, line, most_measured=2 * MB),
    Place("an explanation", 6000, "characters", 4, 200, explain,
          lambda seed, size: packed(answered(repeated(seed, size))), steep="6,000 characters are read at most"),
    Place("text beside an explanation", 2 * notebook.MAX_SOURCE_CHARACTERS, "characters", 10, 400, explain,
          beside_the_answer, most_measured=MB),
    Place("cells beside an explanation", notebook.MAX_CELLS, "cells", 5, 100, explain, cells_of, _CELLS, is_text=False),
    Place("frames", wire.MAX_FRAME_BYTES, "bytes", 3, 400, decode, frame, FRAMES, is_text=False),
    Place("answers", wire.MAX_FRAME_BYTES, "bytes", 10, 600, compare, answers, FRAMES, is_text=False),
    Place("messages of exceptions", wire.MAX_FRAME_BYTES, "characters", 1, 100, complain, complaint, most_measured=MB),
    Place("folders", limits.MAX_ENTRIES, "files", 5, 64, collected, folder_of,
          ("files", "near misses", "other case", "combining", "folders", "strays", "candidates", "marks", "blanks",
           "archives"), is_text=False),
    Place("zips", limits.MAX_ZIP_BYTES, "bytes", 20, 600, unzipped, zip_of, ZIPS, is_text=False),
    Place("tars", archives.MAX_STREAM_BYTES, "bytes", 40, 300, untarred, tar_of, TARS, is_text=False,
          most_measured=32 * MB),
    Place("names in downloads", 4096, "characters", 1, 16, recognise, downloaded, steep="4,096 characters at most"),
    Place("lists beside downloads", sheets.MAX_BYTES, "bytes", 60, 1200, read_list, listed, most_measured=4 * MB),
    Place("lists of a class", sheets.MAX_BYTES, "bytes", 60, 1200, read_class, exported, most_measured=MB),
    Place("tables to fill in", sheets.MAX_BYTES, "bytes", 60, 1200, fill_in, exported, most_measured=MB),
    Place("downloads", downloads.MAX_DIRECTORY_BYTES, "bytes", 60, 1200, sorted_by_person, download_of, ("a", "é", "a b"),
          is_text=False, most_measured=4 * MB),
    Place("time stamps", 100, "characters", 0.1, 16, stamped, repeated, steep="100 characters are read at most"),
    Place("feedback pages, tables, CSV", notebook.MAX_CELLS, "failing cells", 5, 64, report, record_of),
    Place("review in a terminal", limits.MAX_FILE_BYTES, "characters", 2, 200, shown, repeated, most_measured=MB),
    Place("notebooks for staff", limits.MAX_FILE_BYTES, "characters", 10, 600, written_for_staff, for_staff, most_measured=2 * MB),
    Place("nbgrader's pages", 3 * notebook.MAX_SOURCE_CHARACTERS, "characters", 60, 600, rendered, page_of, most_measured=300_000),
    Place("languages on nbgrader's pages", 20_000, "characters", 5, 100, rendered, fenced,
          ("perl", "ruby", "sql", "r", "julia", "html+jinja", "mermaid", "js", "bash", "latex", "md", "yaml", "php"),
          is_text=False),
)  # fmt: skip


def processor_seconds(run: Callable[[Any], object], made: Any, times: int = 3) -> float:
    """Return the least time of a processor that `run` takes for what `made` holds."""
    best = math.inf
    for _ in range(times):
        begin = time.process_time()
        run(made)
        best = min(best, time.process_time() - begin)
        if best > ENOUGH_SECONDS:
            break
    return best


ENOUGH_SECONDS = 0.2
LEAST_SECONDS = 0.02
STEEPEST = 2.6
"""How many times as much each doubling may cost, over several: 2 is linear, 4 quadratic. Caches make it 2.3 at times."""


def assert_no_steeper_than_linear(run: Callable[[Any], object], made: Callable[[int], Any], size: int) -> None:
    """Fail if four doublings from `size` on cost more than they may.

    What takes less than `LEAST_SECONDS` at the end is not looked at, and shares of that are allowed for noise.
    """
    last = processor_seconds(run, made(16 * size), 1)
    if last < LEAST_SECONDS:
        return
    first = processor_seconds(run, made(size))
    if last > STEEPEST**4 * first + LEAST_SECONDS:
        last = processor_seconds(run, made(16 * size))
    assert last <= STEEPEST**4 * first + LEAST_SECONDS, f"{size}: {first:.4f} s, {16 * size}: {last:.4f} s"
