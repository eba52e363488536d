"""Other places from which `autograder watch` brings work into the folder of submissions.

Each is called at every look. It looks at its place, which costs little, and collects only when something has arrived
there and is whole, and once at the start. What is collected, and what is newer than what, is decided where it always
is: by `autograder collect` for downloads of a platform, by ``nbgrader collect`` for its exchange.
"""

from __future__ import annotations

import glob
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from autograder import course as course_module
from autograder import gradebook, nbgrader_seam
from autograder.course import Course, CourseError
from autograder.grading.arrivals import Arrivals
from autograder.intake import collecting
from autograder.text import quoted, visible

_RETRY_SECONDS = 30.0  # before what could not be collected is tried again

Source = Callable[[float], Iterable[str]]
"""Called at each look, with the time: brings what arrived elsewhere into the folder of submissions; yields lines."""


class Downloads:
    """What is put into ``downloaded/<section>/archive/``, as `autograder collect <section>` takes it."""

    def __init__(self, course: Course, submitted: Path, output: Path, db_url: str | None = None) -> None:
        self._root, self._submitted, self._output, self._db_url = course.root, submitted, output, db_url
        self._arrivals = Arrivals(course.root / "downloaded")
        self._todo: set[str] | None = None

    def __call__(self, now: float) -> Iterator[str]:
        """Collect what arrived; yield lines about whom it was not possible for, and a count."""
        if self._todo is None:
            self._arrivals.take_all(now)
            self._todo = {section.id for section in course_module.load(self._root).sections}
        self._todo |= set(self._arrivals.take(now))
        if not self._todo:
            return
        course = course_module.load(self._root)
        for section in course.sections:
            archive = course.root / "downloaded" / section.id / "archive"
            if section.id in self._todo and archive.is_dir():
                students = gradebook.students(course, self._output, self._db_url)
                outcome = collecting.run(course, section, [archive], self._submitted, students, ordered=False)
                if outcome.collected or not outcome.is_complete:
                    yield from outcome.lines()
            self._todo.discard(section.id)
        self._todo.clear()


class Exchange:
    """What students submit through nbgrader's exchange, as ``nbgrader collect --update`` takes it.

    Raises
    ------
    CourseError
        If the course has no ``nbgrader_config.py``, its exchange can't be read, or it collects into another folder.
    """

    def __init__(self, course: Course, submitted: Path) -> None:
        self._course = course
        self._said: list[str] = []
        self._log = logging.Logger("nbgrader")  # of our own: nothing else writes to it, and it writes nowhere else
        self._log.addHandler(_Keep(self._said))
        if not (course.root / "nbgrader_config.py").is_file():
            raise CourseError(
                f"{course.root} has no nbgrader_config.py, which says where the exchange is; docs/own-course.md"
            )
        collector = nbgrader_seam.collector(course.root, course.sections[0].id, self._log)
        inbound = nbgrader_seam.inbound(collector)
        if not inbound.is_dir():
            raise CourseError(
                f"{inbound} does not exist, so nothing can be submitted; `nbgrader release_assignment` makes it, or "
                "correct Exchange.root in nbgrader_config.py"
            )
        into = nbgrader_seam.collected_to(collector).resolve()
        if into != submitted.resolve():
            raise CourseError(f"the exchange is collected into {into}, not into {submitted}; leave out --submitted")
        self._arrivals = Arrivals(inbound, lambda name: ("timestamp.txt",) if "+" in name else ())
        self._is_first = True
        self._known: set[str] = set()  # what was said, which nbgrader says again each time
        self._failed: dict[str, set[str]] = {}  # students by section
        self._retry_at = 0.0

    def __call__(self, now: float) -> Iterator[str]:
        """Collect what arrived; yield nbgrader's warnings, and whose work it could not collect."""
        names: Iterable[str] = self._arrivals.take(now)
        if self._is_first:
            self._arrivals.take_all(now)
            names = [path.name for path in self._arrivals.folder.iterdir()]
            self._is_first = False
        students, self._failed = (self._failed, {}) if now >= self._retry_at else ({}, self._failed)
        for name in names:
            if found := whose(self._course, name):
                student, section = found
                students.setdefault(section, set()).add(student)
        for section, several in students.items():
            try:
                self._collect(section)
            except Exception:  # noqa: BLE001  nbgrader ends with the first that it can't copy, whatever the reason
                self._said.clear()
                self._one_by_one(section, several, now)
            yield from (line for line in self._said if line not in self._known)
            self._known |= set(self._said)
            self._said.clear()

    def _one_by_one(self, section: str, students: Iterable[str], now: float) -> None:
        for student in sorted(students):
            said = list(self._said)
            try:
                self._collect(section, glob.escape(student))
            except Exception as error:  # noqa: BLE001  as above
                why = visible(" ".join(str(error).split()) or type(error).__name__, limit=500)
                self._said[:] = [*said, f"{quoted(student)} {section} is not collected from the exchange yet: {why}"]
                self._failed.setdefault(section, set()).add(student)
                self._retry_at = now + _RETRY_SECONDS

    def _collect(self, section: str, student: str = "*") -> None:
        nbgrader_seam.collector(self._course.root, section, self._log, student).start()


def whose(course: Course, name: str) -> tuple[str, str] | None:
    """Return the student and the section of a folder in the exchange; None if it is not of a section of `course`."""
    for section in course.sections:
        student, found, _ = name.rpartition(f"+{section.id}+")
        if found:
            return student, section.id
    return None


class _Keep(logging.Handler):
    """Keeps warnings as lines."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(" ".join(record.getMessage().split()))


def chosen(
    course: Course, submitted: Path, output: Path, db_url: str | None, *, downloads: bool, exchange: bool
) -> Sequence[Source]:
    """Return the places that are asked for.

    Raises
    ------
    CourseError
        If the exchange is asked for and can't be used.
    """
    found: list[Source] = []
    if downloads:
        found.append(Downloads(course, submitted, output, db_url))
    if exchange:
        found.append(Exchange(course, submitted))
    return found
