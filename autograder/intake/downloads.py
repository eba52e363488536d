"""Downloads of a learning platform: zips, folders that they were unpacked to, and CSV files beside them.

The names of files say whose they are (:mod:`autograder.intake.platforms`), or a list does
(:mod:`autograder.intake.lists`). Only a zip that belongs to nobody is opened as a download; what students packed is
unpacked by :mod:`autograder.submissions.collect`, with its limits, one person at a time.

Nothing here trusts a name, a size or what a zip says about itself. There is a limit on a download's directory, its
number of files, each file and the work of one person, and what goes beyond one is left out and named.
"""

from __future__ import annotations

import datetime as dt
import io
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from io import FileIO
from pathlib import Path, PurePosixPath
from typing import IO

from autograder.course import Section
from autograder.intake import lists, platforms
from autograder.intake.collected import Left
from autograder.intake.lists import Line, Row
from autograder.intake.platforms import Named, Participant
from autograder.sheets import MAX_BYTES as MAX_SHEET_BYTES
from autograder.submissions import archives
from autograder.submissions.files import Chunks, TooLargeError, chunks_of, read
from autograder.submissions.limits import MAX_ENTRIES, MAX_PATH_BYTES, MAX_ZIP_BYTES
from autograder.submissions.near_names import Names, archive_stem
from autograder.submissions.paths import EXCHANGE_FILES, is_junk
from autograder.submissions.taking import unpack
from autograder.text import UNPRINTABLE, quoted

MAX_DOWNLOAD_FILES = 100_000
MAX_DIRECTORY_BYTES = 32 << 20  # of a download's zip
MAX_WORK_BYTES = 100 << 20  # of one person, as it was handed in
MAX_LARGE_ZIP_BYTES = 1 << 30  # of a student's zip that is not read into memory

_SHOWN = 20  # shown for one kind of thing that was left out


class DamagedError(Exception):
    """A file of a download can't be read to its end; the message completes a sentence that begins with its name."""


@dataclass(frozen=True)
class Source:
    """A file of a download: the size that it claims, and how to open it."""

    size: int
    opened: Callable[[], IO[bytes]]


@dataclass
class HandIn:
    """What somebody handed in, not yet read. `student` is set if a list says who it is.

    `files` are keyed by the names that the person gave them, each with its number on the platform; `typed` are texts
    that were typed into the platform, `place` is the download and folder that all of it was in, and `under` the name or
    folder that the platform gave it there.
    """

    participant: Participant
    place: str
    under: str
    late: str = ""
    came: str = ""
    student: str | None = None
    files: dict[str, tuple[int, Source]] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    unders: dict[str, str] = field(default_factory=dict)  # for each file; Canvas has no folders

    @property
    def newest(self) -> int:
        """The highest number of a file, which grows with time on Canvas and is 0 elsewhere."""
        return max((number for number, _ in self.files.values()), default=0)


@dataclass
class Work:
    """The files that were taken from a hand-in, with notes; if `damage` is set, it is not complete.

    `lost` are the notes on things that can no longer be seen from the files alone.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    damage: Left | None = None

    def take(self, files: Mapping[str, bytes], notes: Iterable[str]) -> None:
        """Add what was in a zip."""
        self.notes += [note.rstrip(".") for note in notes]
        self.files |= {name: data for name, data in files.items() if name not in EXCHANGE_FILES}


@dataclass
class Downloads:
    """Everything in the downloads, what worksheets say, and a line for each thing that belongs to nobody.

    `unlisted` says why rows of a list were not used, by student.
    """

    hand_ins: list[HandIn] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unlisted: dict[str, list[Left]] = field(default_factory=dict)
    feedback: int = 0


def opened(paths: Sequence[Path], section: Section, zone: dt.tzinfo, stack: ExitStack) -> Downloads:
    """Return what was handed in for `section` in the downloads at `paths`: zips, folders and CSV files.

    Zips stay open until `stack` is closed.
    """
    found = Downloads()
    for path in paths:
        if path.is_dir():
            _add_folder(path, section, zone, found, stack)
        elif path.suffix.lower() == ".csv":
            before = len(found.rows), len(found.problems)
            lines = _sheet(path.name, Source(path.stat().st_size, partial(FileIO, path)), zone, found)
            if not lines and not found.unlisted and before == (len(found.rows), len(found.problems)):
                found.problems.append(f"{quoted(path.name)} is neither a list of files nor Moodle's grading worksheet")
            elif lines:
                named = {line.file.split("/")[0] for line in lines}
                files = {name: source for top in sorted(named) for name, source in _listed(path.parent, top, found)}
                _add(path.parent.name, files, lines, section, found)
        else:
            _add_zip(path, path.name, section, zone, found, stack)
    return found


def work(hand_in: HandIn, section: Section) -> Work:
    """Read what somebody handed in; their archives are unpacked if they are zips.

    A zip stays packed if something in it can't be taken, or if it also holds a file that was handed in beside it: when
    it is graded, a rule decides which file counts and its owner is told.
    """
    taken = Work()
    seen: list[str] = []
    wanted = Names(section.expected_files, section.released_names)
    left = MAX_WORK_BYTES
    loose: dict[str, bytes] = {}
    first = (*section.expected_files, f"{section.id}.zip")
    names = sorted(hand_in.files, key=lambda name: (name not in first, not _is_archive(name), name.count("/"), name))
    for number, name in enumerate(names):
        source = hand_in.files[name][1]
        if number >= MAX_ENTRIES or left <= 0:
            taken.notes.append(
                f"{quoted(name)} and other files were left out: there are too many, or they are too large"
            )
            break
        meant = wanted.meant(name.rpartition("/")[2])
        is_zip = name.lower().endswith(".zip")
        if (problem := _bad_name(name)) and not (meant and problem == UNPRINTABLE):
            taken.notes.append(f"{quoted(name)} was left out: its name {problem}")
            continue
        try:
            if is_zip and MAX_ZIP_BYTES < source.size <= MAX_LARGE_ZIP_BYTES:
                files, said = _unpacked_from_disk(name, source, section)
                if any(wanted.meant(inner.rpartition("/")[2]) for inner in files):
                    left -= sum(map(len, files.values()))
                    taken.take(files, said)
                    continue
            content = _content(name, source)
        except TooLargeError as error:
            taken.notes.append(f"{quoted(name)} was left out: it {error}")
            continue
        except DamagedError as error:
            taken.damage = Left(f"{quoted(name)} {error}", "download it again")
            return taken
        left -= len(content)
        if name in EXCHANGE_FILES:
            taken.notes.append(f"{quoted(name)} was left out: only nbgrader's exchange writes such a file")
        elif is_zip:
            files, said = unpack(io.BytesIO(content), name, section)
            beside = {other.rpartition("/")[2] for other in hand_in.files if not _is_archive(other)}
            is_twice = any(inner.rpartition("/")[2] in beside for inner in files)
            if said or is_twice or files.keys() <= EXCHANGE_FILES.keys():
                notes = [note.rstrip(".") for note in said]
                taken.notes += notes
                seen += notes
                loose[name] = content
            else:
                taken.take(files, said)
        else:
            loose[name] = content
    taken.files |= loose
    _without_clashes(taken)
    taken.lost = [note for note in taken.notes if note not in seen]
    return taken


def _add_folder(folder: Path, section: Section, zone: dt.tzinfo, found: Downloads, stack: ExitStack) -> None:
    files = dict(_listed(folder, "", found))
    lines = _lines(files, section, zone, found)
    named = platforms.named(files, section)
    claimed = {path for paths in _claimed(files, lines).values() for path in paths}
    flat = {one.root for one in named.values() if one.participant.platform == "canvas" and one.root}
    for path in sorted(files):
        # Anything deeper than the files of Canvas was unpacked beside them, and is not opened.
        deeper = not flat.isdisjoint(platforms.folders_of(path)[:-1])
        nobodys = path not in named and path not in claimed and not deeper
        if nobodys and path.lower().endswith(".zip"):
            del files[path]
            _add_zip(folder / path, path, section, zone, found, stack)
    _add(folder.name, files, lines, section, found)


def _listed(folder: Path, top: str, found: Downloads) -> Iterator[tuple[str, Source]]:
    """Yield the files at or below `top` in `folder`, without following links."""
    pending = [folder / top]
    count = 0
    while pending:
        path = pending.pop()
        name = path.relative_to(folder).as_posix()
        try:
            status = path.lstat()
        except OSError:
            continue
        if path != folder and is_junk(path.name):
            continue
        if stat.S_ISDIR(status.st_mode):
            pending += sorted(path.iterdir(), reverse=True)
        elif stat.S_ISREG(status.st_mode):
            count += 1
            if count > MAX_DOWNLOAD_FILES:
                found.problems.append(f"{folder}: more than {MAX_DOWNLOAD_FILES} files; the rest was not read")
                return
            yield name, Source(status.st_size, partial(FileIO, path))
        else:
            found.problems.append(f"{quoted(name)} is not a file (a link is not followed)")


def _add_zip(path: Path, name: str, section: Section, zone: dt.tzinfo, found: Downloads, stack: ExitStack) -> None:
    try:
        file = stack.enter_context(path.open("rb"))
        archive = archives.open_zip(file, archives.Allowance(directories=MAX_DIRECTORY_BYTES))
    except (OSError, archives.ArchiveError) as error:
        why = getattr(error, "strerror", None) or error
        found.problems.append(f"{quoted(name)} {why}: nothing of this download was collected; download it again")
        return
    files: dict[str, Source] = {}
    for info in archive.infolist():
        entry = _entry_name(info)
        if info.is_dir() or any(map(is_junk, entry.split("/"))):
            continue
        if len(files) >= MAX_DOWNLOAD_FILES:
            found.problems.append(f"{quoted(name)} holds more than {MAX_DOWNLOAD_FILES} files; download it in parts")
            break
        files[entry] = Source(info.file_size, partial(_open_entry, archive, info))
    _add(name, files, _lines(files, section, zone, found), section, found)


def _entry_name(info: zipfile.ZipInfo) -> str:
    """Return the name of a zip's entry; some programs write UTF-8 without saying so."""
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        try:
            return name.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return name


def _open_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    return archive.open(info)


def _lines(files: dict[str, Source], section: Section, zone: dt.tzinfo, found: Downloads) -> list[Line]:
    """Read the CSV files that belong to nobody, remove them from `files`, and return what lists say."""
    sheets = [path for path in files if path.lower().endswith(".csv")]
    named = platforms.named(sheets, section)
    lines: list[Line] = []
    for path in sheets:
        if path in named or PurePosixPath(path).name in section.released_names:
            continue
        before = len(found.rows)
        folder = path.rpartition("/")[0]
        here = _sheet(path, files[path], zone, found)
        lines += [replace(line, file=f"{folder}/{line.file}") if folder else line for line in here]
        if here or len(found.rows) > before:
            del files[path]
    return lines


def _sheet(name: str, source: Source, zone: dt.tzinfo, found: Downloads) -> list[Line]:
    try:
        with source.opened() as file:
            content = file.read(MAX_SHEET_BYTES + 1)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        found.problems.append(f"{quoted(name)} can't be read: {error}")
        return []
    lines, rows, problems, unlisted = lists.parsed(content, name, zone)
    for student, whys in unlisted.items():
        found.unlisted.setdefault(student, []).extend(map(Left, whys))
    found.rows |= lists.by_number(rows)
    (found.notes if rows else found.problems).extend(problems)
    return lines


def _claimed(files: Iterable[str], lines: Iterable[Line]) -> dict[str, list[str]]:
    """Return the files that each name in a list refers to: the file itself, or all files in the folder."""
    found: dict[str, list[str]] = {line.file: [] for line in lines}
    for path in files if found else ():
        for name in (path, *platforms.folders_of(path)):
            if name in found:
                found[name].append(path)
    return found


def _add(name: str, files: Mapping[str, Source], lines: Sequence[Line], section: Section, found: Downloads) -> None:
    """Sort the files of one download by person."""
    named = platforms.named(files, section)
    of_line = _claimed(files, lines)
    claimed = {path for paths in of_line.values() for path in paths}
    rows_of: dict[str, list[Line]] = {}
    for line in lines:
        rows_of.setdefault(line.student, []).append(line)
    listed = [_of_list(rows, of_line, named, files, name, found) for rows in rows_of.values()]
    by_person: dict[tuple[str, ...], HandIn] = {}
    strays = []
    for path in sorted(files):
        if path in claimed:
            continue
        one = named.get(path)
        if one is None:
            strays.append(path)
        elif one.kind == "feedback":
            found.feedback += 1
        else:
            _sort_in(one, files[path], name, by_person)
    for hand_in in by_person.values():
        best = next((name for name in section.expected_files[::-1] if name in hand_in.unders), min(hand_in.unders))
        hand_in.under = hand_in.unders[best]
    found.hand_ins += [*filter(None, listed), *by_person.values()]
    found.problems += [
        f"{quoted(path)} in {quoted(name)} was left out: neither Moodle nor Canvas names files like this, and no "
        "list says whose it is"
        for path in strays[:_SHOWN]
    ]
    if len(strays) > _SHOWN:
        found.problems.append(
            f"{len(strays) - _SHOWN} more files in {quoted(name)} were left out, because nothing says whose they are"
        )


def _of_list(
    rows: Sequence[Line], of_line: Mapping[str, Sequence[str]], named: Mapping[str, Named],
    files: Mapping[str, Source], name: str, found: Downloads,
) -> HandIn | None:  # fmt: skip
    """Return the hand-in that one student's rows in a list describe, if any; what a row says holds for all of it."""
    student = rows[0].student
    for row in rows:
        if not of_line[row.file]:
            why = f"the list names {quoted(row.file)} (line {row.at}), which is not in the download"
            found.unlisted.setdefault(student, []).append(Left(why, "correct the line"))
    called = {path: row.file for row in rows for path in of_line[row.file]}
    if not called:
        return None
    ones = [named[path] for path in called if path in named]
    number = next((row.number for row in rows if row.number), "")
    name_there = next((row.name for row in rows if row.name), student)
    first = next(iter(called))
    who = named[first].participant if first in named else Participant("other", number, name_there)
    under = named[first].under if first in named else called[first]
    late = max(row.late for row in rows) or max((one.late for one in ones), default="")  # "yes" is the largest
    came = max((row.came for row in rows if row.came), key=dt.datetime.fromisoformat, default="")
    hand_in = HandIn(who, name, under, late, came, student, typed=[one.file for one in ones if one.kind != "file"])
    same: dict[str, list[str]] = {}
    for path, row_file in called.items():
        one = named.get(path)
        if one is None:
            inside = path.removeprefix(f"{row_file}/") if path != row_file else path.rpartition("/")[2]
            same.setdefault(inside, []).append(path)
        elif one.kind == "file":
            same.setdefault(one.file, []).append(path)
    for inside, paths in same.items():
        numbers = [named[path].attachment if path in named else 0 for path in paths]
        if len(paths) == 1 or min(numbers):
            newest, path = max(zip(numbers, paths, strict=True))
            hand_in.files[inside] = newest, files[path]
            continue
        hand_in.files |= {path: (0, files[path]) for path in paths}
        found.notes.append(
            f"`{student}`: the list gives them {' and '.join(map(quoted, paths[:3]))}, which have one name; all are "
            "kept, with their folders. If only one is meant, take the others out of the list"
        )
    return hand_in


def _sort_in(one: Named, source: Source, name: str, by_person: dict[tuple[str, ...], HandIn]) -> None:
    place = f"{name}/{one.root}" if one.root else name
    hand_in = by_person.setdefault((place, *one.participant.key), HandIn(one.participant, place, ""))
    hand_in.late = "yes" if "yes" in (hand_in.late, one.late) else hand_in.late or one.late
    if one.kind == "typed":
        hand_in.typed.append(one.file)
        hand_in.unders.setdefault(one.file, one.under)
    elif one.file not in hand_in.files or hand_in.files[one.file][0] <= one.attachment:
        hand_in.files[one.file] = one.attachment, source
        hand_in.unders[one.file] = one.under


def _content(name: str, source: Source) -> bytes:
    """Return what is taken of a file: all of an archive, but not the outputs of a large notebook."""

    def chunks(limit: int) -> Chunks:
        with source.opened() as file:
            yield from chunks_of(file, limit)

    with _damage_told():
        if not _is_archive(name):
            return read(name, source.size, chunks)
        content = b"".join(chunks(MAX_ZIP_BYTES + 1)) if source.size <= MAX_ZIP_BYTES else b""
    if source.size > MAX_ZIP_BYTES or len(content) > MAX_ZIP_BYTES:
        raise TooLargeError(f"is larger than {MAX_ZIP_BYTES >> 20} MB")
    return content


def _unpacked_from_disk(name: str, source: Source, section: Section) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return what is taken of a zip that is too large for memory, so that one large file doesn't lose the rest."""
    with _damage_told(), source.opened() as file, tempfile.TemporaryFile() as copy:
        copy.writelines(chunks_of(file, MAX_LARGE_ZIP_BYTES))
        return unpack(copy, name, section)


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise DamagedError(f"can't be read from the download ({error})") from error


def _is_archive(name: str) -> bool:
    return bool(archive_stem(name.rpartition("/")[2])[1])


def _bad_name(name: str) -> str | None:
    """Return why no file of this name can be written, or None; completes "its name …"."""
    parts = name.split("/")
    if "" in parts or "." in parts or ".." in parts or "\\" in name:
        return "leads out of the folder, or holds a backslash"
    if len(name.encode("utf-8", "surrogateescape")) > MAX_PATH_BYTES:
        return f"is longer than {MAX_PATH_BYTES} bytes"
    if not name.isprintable():
        return UNPRINTABLE
    return None


def _without_clashes(taken: Work) -> None:
    """Leave out files whose folder is also a file."""
    for name in sorted(taken.files):
        if any(str(parent) in taken.files for parent in PurePosixPath(name).parents):
            taken.notes.append(f"{quoted(name)} was left out: the folder it lies in is also a file")
            del taken.files[name]
