"""Work is brought in from downloads and from nbgrader's exchange when it is whole, and once."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import pytest

from autograder.course import Course, CourseError
from autograder.grading.arrivals import PATIENT_SECONDS, QUIET_SECONDS, STALLED_SECONDS
from autograder.grading.sources import Downloads, Exchange, Source, chosen
from tests import mini_course
from tests.mini_course import ROOT

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::sqlalchemy.exc.SAWarning"
)
SOON, LATER, LATEST = QUIET_SECONDS + 0.01, PATIENT_SECONDS + 0.01, STALLED_SECONDS + 0.01


class Clock:
    """Asks a source at moments that the test chooses."""

    def __init__(self) -> None:
        self.now = 1000.0

    def after(self, seconds: float, source: Source) -> list[str]:
        self.now += seconds
        return list(source(self.now))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with an exchange that is there, and nobody in it."""
    the_course = mini_course.write(tmp_path / "course", release=True)
    root = the_course.root
    inbound = tmp_path / "exchange" / "mini" / "inbound"
    inbound.mkdir(parents=True)
    (tmp_path / "exchange").chmod(0o777)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(f'\nget_config().Exchange.root = "{tmp_path / "exchange"}"\n')
    (root / "gradebook.db").write_bytes(mini_course.empty_gradebook())
    return the_course


def handed_in(course: Course, student: str = "ada") -> str | None:
    path = course.root / "submitted" / student / "1_mini" / "measures.py"
    return path.read_text() if path.is_file() else None


def put(course: Course, name: str, text: str) -> None:
    archive = course.root / "downloaded" / "1_mini" / "archive"
    archive.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive / name, "w") as file:
        file.writestr("Ada Lovelace_81001_assignsubmission_file/measures.py", text)


class TestDownloads:
    """What is put into ``downloaded/``."""

    def source(self, course: Course) -> Downloads:
        return Downloads(course, course.root / "submitted", course.root)

    def test_what_is_there_and_what_is_put_there_is_collected_once(self, course: Course, clock: Clock) -> None:
        source = self.source(course)
        put(course, "first.zip", "x = 1\n")

        assert clock.after(0, source)[-1] == "1_mini: 1 collected, 0 unchanged, 0 not collected"
        assert handed_in(course, "ada_lovelace") == "x = 1\n"
        assert clock.after(LATEST, source) == []
        (course.root / "downloaded/1_mini/archive/first.zip").unlink()
        put(course, "second.zip", "x = 2\n")
        assert clock.after(0, source) == [], "it may not be whole"
        assert "1 collected (1 replaced earlier work)" in clock.after(SOON, source)[-1]
        assert handed_in(course, "ada_lovelace") == "x = 2\n"

    def test_half_a_zip_is_waited_for(self, course: Course, clock: Clock) -> None:
        source = self.source(course)
        clock.after(0, source)
        put(course, "work.zip", "x = 1\n")
        path = course.root / "downloaded/1_mini/archive/work.zip"
        whole = path.read_bytes()
        path.write_bytes(whole[:60])

        assert clock.after(0, source) + clock.after(LATER, source) == []
        path.write_bytes(whole)
        assert clock.after(0, source) == []
        assert clock.after(SOON, source)[-1].startswith("1_mini: 1 collected")

    def test_no_folder_of_downloads_is_nothing_to_say(self, course: Course, clock: Clock) -> None:
        assert clock.after(0, self.source(course)) == []


class TestExchange:
    """What is submitted through nbgrader's exchange."""

    def source(self, course: Course) -> Exchange:
        return Exchange(course, course.root / "submitted")

    def submit(self, course: Course, text: str, minute: int, student: str = "ada", whole: bool = True) -> Path:
        """Write what ``nbgrader submit`` writes, of which the time is last."""
        stamp = f"2026-11-30 12:{minute:02}:00.000000 UTC"
        folder = course.root.parent / "exchange" / "mini" / "inbound" / f"{student}+1_mini+{stamp}+c2VjcmV0"
        folder.mkdir(exist_ok=True)
        (folder / "measures.py").write_text(text)
        if whole:
            (folder / "timestamp.txt").write_text(stamp)
        return folder

    def test_what_is_there_and_what_is_submitted_is_collected(self, course: Course, clock: Clock) -> None:
        source = self.source(course)
        self.submit(course, "x = 1\n", 0)
        clock.after(0, source)
        assert handed_in(course) == "x = 1\n"
        self.submit(course, "x = 2\n", 1)
        self.submit(course, "y = 1\n", 1, "b+ob")
        clock.after(0, source)
        assert handed_in(course) == "x = 1\n", "it may not be whole"
        clock.after(SOON, source)

        assert (handed_in(course), handed_in(course, "b+ob")) == ("x = 2\n", "y = 1\n")

    def test_what_has_no_time_yet_is_waited_for(self, course: Course, clock: Clock) -> None:
        source = self.source(course)
        clock.after(0, source)
        self.submit(course, "x = 1", 0, whole=False)
        clock.after(0, source)
        clock.after(SOON, source)
        assert handed_in(course) is None
        self.submit(course, "x = 12\n", 0)
        clock.after(0, source)
        clock.after(SOON, source)

        assert handed_in(course) == "x = 12\n"

    def test_one_that_can_not_be_copied_is_named_tried_again_and_costs_nobody_else(
        self, course: Course, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = self.source(course)
        clock.after(0, source)
        with (course.root / "nbgrader_config.py").open("a") as file:
            file.write("get_config().CourseDirectory.max_dir_size = 1\n")
        self.submit(course, "#" * 2000, 0, "eve")
        self.submit(course, "x = 1\n", 0)
        clock.after(0, source)
        said = clock.after(SOON, source)

        assert handed_in(course) == "x = 1\n"
        assert any(line.startswith("`eve` 1_mini is not collected from the exchange yet: ") for line in said)
        assert clock.after(LATER, source) == []
        (self.submit(course, "#" * 2000, 0, "eve") / "measures.py").write_text("x = 3\n")
        clock.after(60, source)
        assert handed_in(course, "eve") == "x = 3\n"

    def test_what_keeps_it_from_working_is_said_at_once(self, course: Course) -> None:
        with pytest.raises(CourseError, match=r"is collected into .*, not into .*; leave out --submitted"):
            Exchange(course, course.root / "elsewhere")
        shutil.rmtree(course.root.parent / "exchange")
        with pytest.raises(CourseError, match=r"inbound does not exist.*release_assignment"):
            self.source(course)
        (course.root / "nbgrader_config.py").unlink()
        with pytest.raises(CourseError, match=re.escape("has no nbgrader_config.py")):
            self.source(course)


def test_only_what_is_asked_for_is_looked_at(course: Course) -> None:
    place = course.root / "submitted"

    assert chosen(course, place, course.root, None, downloads=False, exchange=False) == []
    both = chosen(course, place, course.root, None, downloads=True, exchange=True)
    assert [type(source) for source in both] == [Downloads, Exchange]
