"""Moments: what time stamps say for certain, and who has more time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo
from pathlib import Path

import pytest

from autograder.course import Course, CourseError
from autograder.submissions import times
from autograder.submissions.attempts import Attempt
from tests import mini_course

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::sqlalchemy.exc.SAWarning"
)

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
DUE = dt.datetime(2026, 11, 30, 23, 59, tzinfo=BERLIN)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course in Berlin whose one section has a due date."""
    course = mini_course.write(tmp_path)
    section = dataclasses.replace(course.sections[0], due=DUE)
    return dataclasses.replace(course, timezone=BERLIN, sections=(section,))


class TestStamps:
    @pytest.mark.parametrize(
        ("stamp", "utc"),
        [
            ("2026-07-01 10:00:00.123456 UTC", "2026-07-01T10:00:00.123456"),
            ("2026-07-01 10:00:00 GMT\n", "2026-07-01T10:00:00"),
            ("2026-07-01T10:00:00Z", "2026-07-01T10:00:00"),
            ("2026-07-01T10:00:00+02:00", "2026-07-01T08:00:00"),
            ("2026-07-01 10:00:00 +0530", "2026-07-01T04:30:00"),
            ("2026-07-01 10:00 -03", "2026-07-01T13:00:00"),
            ("2026-07-01 10:00 UTC+02:00", "2026-07-01T08:00:00"),
            # What the course's clocks say, in summer, in winter, and twice in one night.
            ("2026-07-01 10:00:00 CEST", "2026-07-01T08:00:00"),
            ("2026-12-01 10:00:00 CET", "2026-12-01T09:00:00"),
            ("2026-10-25 02:30:00 CEST", "2026-10-25T00:30:00"),
            ("2026-10-25 02:30:00 CET", "2026-10-25T01:30:00"),
            # Names that mean one thing everywhere.
            ("2026-12-01 10:00:00 EST", "2026-12-01T15:00:00"),
            ("2026-07-01 10:00:00 America/New_York", "2026-07-01T14:00:00"),
        ],
    )
    def test_a_zone_that_is_known_is_read(self, course: Course, stamp: str, utc: str) -> None:
        read = times.read(course, stamp)

        assert read is not None
        assert read.tzinfo == dt.UTC
        assert read.replace(tzinfo=None).isoformat() == utc

    @pytest.mark.parametrize(
        "stamp",
        [
            "2026-07-01 10:00:00 CET",  # nobody's clocks there show that in summer
            "2026-12-01 10:00:00 CEST",
            "2026-07-01 10:00:00 PDT",
            "2026-07-01 10:00:00 IST",  # India, Israel or Ireland
            "2026-07-01 10:00:00",  # of the course, or of nbgrader's exchange, which writes UTC here
            "2026-03-29 02:30:00 CET",  # skipped
            "2026-10-25 02:30:00 Europe/Berlin",  # twice
            "2026-07-01 10:00:00 +25:00",
            "2026-07-01 10:00:00 +01:75",
            "2026-07-01 10:00:00 America",
            "2026-07-01 10:00:00 ../../etc/localtime",
            "2026-02-30 10:00:00 UTC",
            "01.07.2026 10:00 UTC",
            "07/01/2026 10:00 UTC",
            "0001-01-01 00:00:00 +12:00",
            "yesterday, I think",
            "٢٠٢٦-٠٧-٠١ 10:00:00 UTC",
            "2026-07-01 10:00:00 UTC" * 50,
            "\x1b[2J",
            "",
        ],
    )
    def test_what_is_not_certain_is_unknown_and_never_utc(self, course: Course, stamp: str) -> None:
        assert times.read(course, stamp) is None

    def test_the_zone_of_nbgraders_exchange_is_known_too(self, course: Course) -> None:
        config = "get_config().Exchange.timezone = 'America/Los_Angeles'"
        (course.root / "nbgrader_config.py").write_text(config, encoding="utf-8")

        read = times.read(course, "2026-07-01 10:00:00 PDT")

        assert read == dt.datetime(2026, 7, 1, 17, tzinfo=dt.UTC)
        assert times.read(course, "2026-07-01 10:00:00") is None, "one of two zones"

    def test_a_stamp_without_a_zone_is_read_where_there_is_one_zone_only(self, course: Course) -> None:
        config = "get_config().Exchange.timezone = 'Europe/Berlin'"
        (course.root / "nbgrader_config.py").write_text(config, encoding="utf-8")

        assert times.read(course, "2026-07-01 10:00:00") == dt.datetime(2026, 7, 1, 8, tzinfo=dt.UTC)

    def test_times_are_rewritten_so_that_nbgrader_reads_the_same(self, course: Course) -> None:
        from nbgrader.utils import parse_utc

        stamps = ("2026-07-01 10:00:00 CEST", "2026-07-01 10:00:00 +0200", "2026-07-01T08:00:00Z")
        attempts = [Attempt("ada", "1_mini", {}, (), "", Path(), stamp) for stamp in stamps]

        written = {attempt.timestamp for attempt in times.dated(course, attempts)}

        assert [parse_utc(stamp) for stamp in written if stamp] == [dt.datetime(2026, 7, 1, 8)]
        assert parse_utc(stamps[0]) != dt.datetime(2026, 7, 1, 8), "so this is needed"
        assert parse_utc(stamps[1]) != dt.datetime(2026, 7, 1, 8), "so this is needed"

    @pytest.mark.parametrize(
        ("stamp", "late", "says"),
        [
            ("2026-07-01 10:00:00 PDT", None, "timestamp.txt says `2026-07-01 10:00:00 PDT`, which is not clearly"),
            (None, True, "The learning platform says that this was late but not when it came"),
            ("\x1b[2J", None, r"`\x1b[2J`"),
        ],
    )
    def test_staff_are_told_what_is_not_known_and_what_to_do(
        self, course: Course, stamp: str | None, late: bool | None, says: str
    ) -> None:
        said = times.problem(course, Attempt("ada", "1_mini", {}, (), "", Path(), stamp, late=late))

        assert said is not None
        assert says in said
        assert "2026-11-30 22:59:00 UTC" in said, "how to write it"
        assert "nothing is taken off" in said

    @pytest.mark.parametrize(("stamp", "late"), [("2026-07-01 10:00:00 UTC", True), (None, None), (None, False)])
    def test_there_is_nothing_to_tell_where_the_time_is_known_or_nobody_asked(
        self, course: Course, stamp: str | None, late: bool | None
    ) -> None:
        assert times.problem(course, Attempt("ada", "1_mini", {}, (), "", Path(), stamp, late=late)) is None


class TestExtensions:
    def extensions(self, course: Course, *lines: str, header: str = "student,section,due") -> dict[str, str]:
        text = "\n".join([header, *lines])
        (course.root / "extensions.csv").write_text(text, encoding="utf-8")
        found = times.extensions(course)
        assert all(section == "1_mini" for _, section in found)
        return {student: extension.due.isoformat() for (student, _), extension in found.items()}

    def test_without_the_file_nobody_has_more_time(self, course: Course) -> None:
        assert times.extensions(course) == {}

    def test_a_time_is_of_the_courses_zone_or_has_an_offset(self, course: Course) -> None:
        found = self.extensions(
            course, "ada,1_mini,2026-12-07T23:59", "", "bob,1_mini, 2026-12-07 23:59:30 ", "cy,1_mini,2026-12-07T23:59Z"
        )

        assert found == {
            "ada": "2026-12-07T23:59:00+01:00",
            "bob": "2026-12-07T23:59:30+01:00",
            "cy": "2026-12-07T23:59:00+00:00",
        }

    def test_columns_may_change_places_and_a_spreadsheet_may_have_saved_it(self, course: Course) -> None:
        found = self.extensions(course, "1_mini;2026-12-07T23:59;Jose\u0301", header="\ufeffSection;due;Student")

        assert list(found) == ["José"], "as names of folders are read"

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ("ada,9_chaos,2026-12-07T23:59", "line 3: no section `9_chaos` in the course; it has `1_mini`"),
            ("ada,1_mini,07.12.2026 23:59", "line 3: `due` must be written as 2026-12-07T23:59"),
            ("ada,1_mini,2026-12-07", "line 3: `due` must be written as"),
            ("ada,1_mini,2026-13-07T23:59", "line 3: `due` must be written as"),
            ("ada,1_mini,2027-03-28T02:30", "clocks in Europe/Berlin skip the time"),
            ("ada,1_mini,", "line 3: `due` must be written as"),
            (",1_mini,2026-12-07T23:59", "line 3: the student is missing"),
            ("ada,1_mini", "line 3: `due` must be written as"),
            ("ada,1_mini,2026-12-07T23:59,please", "line 3 has more cells than the first line"),
            ("ada,1_mini,2026-11-29T23:59", "is before the section itself is due"),
            ("first,1_mini,2026-12-08T23:59", "`first` has an extension of `1_mini` in line 2 already"),
            ("ada,\x1b[2J,2026-12-07T23:59", r"no section `\x1b[2J`"),
        ],
    )
    def test_a_line_that_means_nothing_is_named_with_the_remedy(self, course: Course, line: str, says: str) -> None:
        with pytest.raises(CourseError, match=r"extensions\.csv") as refusal:
            self.extensions(course, "first,1_mini,2026-12-07T23:59", line)

        assert says in str(refusal.value)
        assert str(refusal.value).isprintable()

    @pytest.mark.parametrize("header", ["student,section", "student,section,due,points", "name,part,when"])
    def test_other_columns_are_refused(self, course: Course, header: str) -> None:
        with pytest.raises(CourseError, match="first line must name the columns `student,section,due`; got"):
            self.extensions(course, header=header)

    def test_a_section_that_is_never_due_can_not_be_extended(self, course: Course) -> None:
        (section,) = course.sections
        never = dataclasses.replace(course, sections=(dataclasses.replace(section, due=None),))

        with pytest.raises(
            CourseError, match=r"line 2: section `1_mini` has no due date.*give it `due` in course\.toml"
        ):
            self.extensions(never, "ada,1_mini,2026-12-07T23:59")

    def test_an_alias_is_the_student(self, course: Course) -> None:
        (course.root / "aliases.csv").write_text("alias,student\nada.l,ada\n", encoding="utf-8")

        assert list(self.extensions(course, "ada.l,1_mini,2026-12-07T23:59")) == ["ada"]

    @pytest.mark.parametrize("content", [b"PK\x03\x04", b"student,section,due\nada,\x00,"])
    def test_a_file_that_is_no_csv_is_refused(self, course: Course, content: bytes) -> None:
        (course.root / "extensions.csv").write_bytes(content)

        with pytest.raises(CourseError, match=r"extensions\.csv is .* save it as CSV"):
            times.extensions(course)
