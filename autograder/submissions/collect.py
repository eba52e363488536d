"""Collects submissions: turns untrusted folders and zips into immutable attempts.

Nothing in a submission is trusted: not its names, its sizes, its file types or what a zip says about itself.
Links are never followed, nothing is opened that could block, everything is read up to a limit
(:mod:`autograder.submissions.limits`), and whatever is left out is noted in words that students and staff may read. A
submission never raises an exception here; only a `folder` that can't be listed at all does.

Sizes count only what is judged: outputs of a notebook that is not small are dropped while it is read
(:mod:`autograder.submissions.outputs`), without a note.

The content is listed first (:mod:`~autograder.submissions.folders`, :mod:`~autograder.submissions.unpacking`), then
files are chosen (:mod:`~autograder.submissions.choosing`) and read (:mod:`~autograder.submissions.taking`). Names that
are almost right are taken, with a note, by the one rule of :mod:`autograder.submissions.near_names`. Archives inside a
submission are opened only if a file that is asked for is not found otherwise.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from collections.abc import Collection as AnyOf
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from autograder.course import Course, Section
from autograder.near import nearest
from autograder.people import roster
from autograder.submissions import folders, limits, taking
from autograder.submissions.attempts import Attempt, Collection, Problem, make_attempt, release_of
from autograder.submissions.found import Found
from autograder.submissions.near_names import archive_stem
from autograder.submissions.paths import SECRET, TIMESTAMP, is_junk, student_name
from autograder.submissions.sources import Owners, Sources, add_sources, sorted_out
from autograder.text import MAX_NAME_BYTES, printable, quoted


class CollectError(Exception):
    """The folder of submissions itself can't be read; the message names it and the remedy."""


def collect(
    course: Course,
    folder: Path,
    sections: AnyOf[str] | None = None,
    students: AnyOf[str] | None = None,
) -> Collection:
    """Return the attempts in `folder`, which holds ``<student>/<section>/`` or ``<student>/<section>.zip``.

    A folder may also have another name that the student is known by (:mod:`autograder.people.roster`).

    A missing or empty folder gives an empty collection. If a section is there both as a folder with files and as a zip,
    the folder is taken.

    Parameters
    ----------
    sections, students
        Only these; None means all. A student who handed in nothing is named among the problems.

    Raises
    ------
    CourseError
        If one of `sections` is not in the course, or the roster can't be read.
    CollectError
        If `folder` can't be listed or is not a folder.
    """
    wanted = {course.section(name).id for name in sections} if sections is not None else None
    aliases = roster.load(course.root)

    def student_of(name: str) -> str:
        return aliases.student_of(student_name(name))

    only = {student_of(name) for name in students} if students is not None else None
    collector = _Collector(course, folder, wanted)
    with _opened(folder) as root:
        names = [] if root is None else [name for name in folders.listing(root) if not is_junk(name)]
        by_student: dict[str, list[str]] = {}
        for name in names:
            by_student.setdefault(student_of(name), []).append(name)
        for student in sorted(by_student, key=os.fsencode):
            if root is not None and (only is None or student in only):
                collector.add(root, student, by_student[student])
    for student in sorted((only or set()) - collector.seen):
        near = nearest(student, map(student_of, names))
        remedy = f"Did you mean `{near}`?" if near else f"The folders in {folder} show who did."
        collector.problems.append(Problem(student, None, f"{quoted(student)} has handed in nothing.", remedy))
    return Collection(tuple(collector.attempts), tuple(collector.problems))


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int | None]:
    """Open the folder of submissions for the length of the block; None if it is not there."""
    try:
        root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    except OSError as error:
        raise CollectError(f"{folder} can't be read as the folder of submissions: {error.strerror}") from error
    try:
        yield root
    finally:
        os.close(root)


class _Collector:
    """Collects attempts and problems, one student after the other, in the `wanted` sections; None means all."""

    def __init__(self, course: Course, folder: Path, wanted: AnyOf[str] | None) -> None:
        self.attempts: list[Attempt] = []
        self.problems: list[Problem] = []
        self.seen: set[str] = set()
        self._course = course
        self._folder = folder
        self._sections = {section.id: section for section in course.sections}
        self._wanted = self._sections.keys() if wanted is None else wanted
        self._owners = Owners(course.sections)
        self._contents: dict[bytes, bytes] = {}  # equal files of different students are held once
        self._releases: dict[str, Mapping[str, bytes]] = {}

    def add(self, root: int, student: str, names: Sequence[str]) -> None:
        """Add what one student handed in, in all folders that are theirs."""
        works: dict[str, list[list[Attempt]]] = {}
        forms: set[str] = set()
        # The folder named by the id comes first, then those that look like it, then those with other names.
        for name in sorted(names, key=lambda name: (name != student, student_name(name) != student)):
            shown = student_name(name)
            if shown in works and roster.normal(name) not in forms:
                what = f"Another folder has a name that looks like `{shown}`, and was not read."
                self.problems.append(Problem(student, None, what, "Rename it."))
                continue
            if problem := _no_student(root, name, shown, self._sections):
                self.problems.append(problem)
                continue
            self.seen.add(student)
            try:
                with folders.directory(root, name) as home:
                    found, problems = self._home(home, shown, self._folder / name)
            except OSError as error:
                what = f"`{shown}` can't be read: {error.strerror}."
                self.problems.append(Problem(student, None, what, "Check the folder's permissions."))
                continue
            forms.add(roster.normal(name))
            works.setdefault(shown, []).append(found)
            self.problems += [replace(problem, student=student) for problem in problems]
        joined, problems = _joined(student, works, list(self._sections))
        self.attempts += joined
        self.problems += problems

    def _home(self, home: int, student: str, path: Path) -> tuple[list[Attempt], list[Problem]]:
        """Return what one student's folder holds."""
        problems: list[Problem] = []
        names = folders.listing(home, limits.MAX_ENTRIES + 1)
        if (most := limits.MAX_ENTRIES) < len(names):  # the part listed is arbitrary: find sections by name
            what = f"`{student}` holds more than {most} files and folders; only its sections were looked for."
            problems.append(Problem(student, None, what, "Remove what does not belong in the folder."))
            own = [name for section in self._sections for name in (section, f"{section}.zip")]
            names = [name for name in own if folders.is_there(home, name)]
        names = [name for name in names if not is_junk(name)]
        if not names:
            what = f"The folder of `{student}` is empty."
            problems.append(Problem(student, None, what, "Ask for the work, or remove the folder."))
        by_section, strays = sorted_out(names, self._owners, self._sections)
        problems += [_stray(student, name, self._sections) for name in strays[: limits.MAX_NOTES]]
        if len(strays) > limits.MAX_NOTES:
            what = f"`{student}` holds {len(strays) - limits.MAX_NOTES} more that are not sections of the course."
            problems.append(Problem(student, None, what, "Look into the folder."))
        attempts = []
        for section_id, sources in by_section.items():
            if section_id in self._wanted and (sources.exact or sources.others):
                one, more = self._attempt(home, student, path, self._sections[section_id], sources)
                attempts.append(one)
                problems += more
        return attempts, problems

    def _attempt(
        self, home: int, student: str, path: Path, section: Section, sources: Sources
    ) -> tuple[Attempt, list[Problem]]:
        """Return what one student's folder holds of one section."""
        if section.id not in self._releases:
            self._releases[section.id] = release_of(self._course.root, section)
        found = Found(section)
        with found.resources:
            taken = add_sources(home, sources, found)
            files, exchanged = taking.take(found, self._releases[section.id])
        problems = [
            Problem(
                student,
                section.id,
                f"`{student}/{printable(name)}` was not judged, because there is {quoted(taken[0])}.",
                "Remove one of them.",
            )
            for name in sources.others[: limits.MAX_NOTES]
            if name not in taken and f"{printable(name, MAX_NAME_BYTES)}/" not in found.used
        ]
        for name, content in files.items():
            files[name] = self._contents.setdefault(hashlib.sha256(content).digest(), content)
        if taken != [section.id]:  # the exchange uses the exact name: these are the student's
            exchanged = {}
        attempt = make_attempt(
            section, student, path / taken[0], files, found.notes.all(), exchanged.get(TIMESTAMP),
            exchanged.get(SECRET), taken=found.notes.taken(),
        )  # fmt: skip
        return attempt, problems


def _joined(
    student: str, works: Mapping[str, list[list[Attempt]]], sections: list[str]
) -> tuple[list[Attempt], list[Problem]]:
    """Return what counts in one student's folders, by their names, and the problems with them.

    A section is taken from the folder that has it. If several have it and differ, the first counts if they are one name
    in two Unicode forms, because nobody can tell which was meant; with different names, the one changed last counts.
    """
    problems: list[Problem] = []
    by_name: dict[str, dict[str, Attempt]] = {}
    for shown, homes in works.items():
        if len(homes) > 1:
            what = (
                f"Two folders have names that look like `{shown}`, in two Unicode forms, as Macs and other systems "
                "write them; work was taken from both."
            )
            problems.append(Problem(student, None, what, "Move all work into one of them."))
        for one in (one for found in homes for one in found):
            if by_name.setdefault(shown, {}).setdefault(one.section, one).files != one.files:
                what = (
                    f"`{shown}/{one.section}` is different in the two folders of that name; the one whose name has "
                    "composed letters (NFC) was judged."
                )
                problems.append(Problem(student, one.section, what, "Keep the one that counts."))
    joined = []
    for section in sections:
        offers = {shown: found[section] for shown, found in by_name.items() if section in found}
        if not offers:
            continue
        chosen = next(iter(offers))
        if any(one.files != offers[chosen].files for one in offers.values()):
            chosen = max(offers, key=lambda shown: _changed(offers[shown].path))
            listed = " and ".join(f"`{shown}/{section}`" for shown in offers)
            what = (
                f"{listed} are different and all of `{student}`; `{chosen}/{section}`, which was changed last, was "
                "judged."
            )
            problems.append(Problem(student, section, what, "Keep the one that counts."))
        joined.append(offers[chosen] if chosen == student else replace(offers[chosen], student=student))
    return joined, problems


def _changed(path: Path) -> float:
    """Return when a file, or the newest of those in a folder, was last changed; links are not followed."""
    try:
        status = os.lstat(path)
        if not stat.S_ISDIR(status.st_mode):
            return status.st_mtime
        files = islice((Path(base, name) for base, _, names in os.walk(path) for name in names), limits.MAX_LISTED)
        return max((os.lstat(file).st_mtime for file in files), default=0.0)
    except OSError:
        return 0.0


def _no_student(root: int, name: str, student: str, known: Mapping[str, Section]) -> Problem | None:
    """Return why the entry `name` of the submissions' folder is not a student's folder, or None."""
    try:
        mode = os.stat(name, dir_fd=root, follow_symlinks=False).st_mode
    except OSError as error:
        return Problem(student, None, f"`{student}` can't be read: {error.strerror}.", "Check its permissions.")
    if stat.S_ISLNK(mode):
        what = f"`{student}` is a symbolic link and was not followed."
        return Problem(student, None, what, "Put the student's folder itself there.")
    if not stat.S_ISDIR(mode):
        what = f"`{student}` is not a folder, so none of it was judged."
        return Problem(None, None, what, "If it is somebody's work, move it to `<student>/<section>/`.")
    if name in known:
        what = f"`{student}` is the name of a section, not of a student."
        return Problem(None, name, what, "Move what is in it to `<student>/<section>/`.")
    return None


def _stray(student: str, name: str, known: Mapping[str, Section]) -> Problem:
    stem, kind = archive_stem(name)
    near = nearest(re.sub(r"[ _-]*\(\d+\)$", "", stem), known)
    meant = f"{near}{'.zip' if kind else ''}" if near else ""
    remedy = (
        f"Call it `{meant}` if it was meant as that." if meant else "If it is work, move it to the section's folder."
    )
    what = f"`{student}/{printable(name)}` is not a section of the course and was not judged."
    return Problem(student, near, what, remedy)
