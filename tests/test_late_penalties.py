"""What late submissions lose by course.toml, in records and in nbgrader's gradebook alike."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import zoneinfo
from pathlib import Path
from typing import Any

import pytest

from autograder import gradebook
from autograder.course import Course, Late
from autograder.gradebook import late_penalties
from autograder.gradebook.late_penalties import Booked, lost
from autograder.records.record import Record, TimeRecord
from autograder.records.standing import section_standing
from autograder.submissions.times import Extension
from tests import mini_course
from tests.records import scored
from tests.test_gradebook import FAIR, GOOD, LOST, attempt, record

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::sqlalchemy.exc.SAWarning"
)

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
DUE = dt.datetime(2026, 11, 30, 23, 59, tzinfo=BERLIN)
IN_TIME, AN_HOUR, TWO_DAYS = "2026-11-30 22:59:00 UTC", "2026-11-30 23:59:00 UTC", "2026-12-02 22:59:00 UTC"
A_TENTH = Late("per_day", per_day=0.1, floor=0.5)


def timed(course: Course, late: Late | None = A_TENTH, due: dt.datetime | None = DUE) -> Course:
    section = dataclasses.replace(course.sections[0], due=due, late=late)
    return dataclasses.replace(course, timezone=BERLIN, sections=(section,))


class TestWhatIsLost:
    @pytest.mark.parametrize(
        ("late", "days", "seconds", "wanted"),
        [
            (Late("none"), 100, 0, 0),
            (Late("zero"), 0, 0, 0),
            (Late("zero"), 0, 1, 12),
            (Late("zero", grace_days=2), 2, 0, 0),
            (Late("zero", grace_days=2), 2, 1, 12),
            # Each day that has begun: a second late is a day, 24 hours are one, and a second more are two.
            (A_TENTH, 0, 0, 0),
            (A_TENTH, 0, 1, 1.2),
            (A_TENTH, 1, 0, 1.2),
            (A_TENTH, 1, 1, 2.4),
            (A_TENTH, 4, 3600, 6),
            (A_TENTH, 400, 0, 6),
            (Late("per_day", 0.3), 3, 1, 12),
            (Late("per_day", 0.1, grace_days=1), 1, 0, 0),
            (Late("per_day", 0.1, grace_days=1), 1, 1, 1.2),
            (Late("per_day", 0.1, grace_days=0.5), 0, 43_200, 0),
            (Late("per_day", 0.1, grace_days=0.5), 1, 43_201, 2.4),
            (Late("per_day", 0.1, floor=1), 9, 0, 0),
        ],
    )
    def test_of_twelve_points(self, late: Late, days: int, seconds: int, wanted: float) -> None:
        assert lost(late, dt.timedelta(days=days, seconds=seconds), 12) == pytest.approx(wanted, abs=1e-9)

    def test_the_table_of_the_documentation(self) -> None:
        late = Late("per_day", per_day=0.1, floor=0.5, grace_days=1)
        due = dt.datetime(2026, 11, 30, 23, 59)
        text = (mini_course.ROOT / "docs" / "time.md").read_text(encoding="utf-8")
        came = {
            "Monday, 23:59:00": dt.datetime(2026, 11, 30, 23, 59),
            "Tuesday, 23:59:00": dt.datetime(2026, 12, 1, 23, 59),
            "Wednesday, 00:00": dt.datetime(2026, 12, 2),
            "Thursday, 23:58": dt.datetime(2026, 12, 3, 23, 58),
            "two weeks later": dt.datetime(2026, 12, 14, 23, 59),
        }
        for when, time in came.items():
            (row,) = [line.split(" | ") for line in text.splitlines() if line.startswith(f"| {when} |")]
            taken = lost(late, time - due, 16)
            assert row[3:] == [f"{taken:g}", f"{16 - taken:g} |"], when

    @pytest.mark.parametrize("points", [0.0, 0.1, 1 / 3, 16.0])
    @pytest.mark.parametrize("days", [0, 1, 3, 7, 10_000])
    @pytest.mark.parametrize("late", [Late("zero"), A_TENTH, Late("per_day", 1 / 3), Late("per_day", 1.0, 0.9)])
    def test_never_more_than_there_is(self, late: Late, days: int, points: float) -> None:
        taken = lost(late, dt.timedelta(days=days), points)

        assert 0 <= taken <= points + 1e-6
        assert points - taken >= late.floor * points - 1e-6

    @pytest.mark.parametrize(
        ("due", "came", "wanted"),
        [
            # Clocks are set back at 3 o'clock on 25 October 2026: from noon to noon are 25 hours, two days begun.
            ("2026-10-24T12:00", "2026-10-25 11:00:00 UTC", 2),
            ("2026-10-24T12:00", "2026-10-25 10:00:00 UTC", 1),
            # And forward on 29 March: from noon to one o'clock are 24.
            ("2026-03-28T12:00", "2026-03-29 11:00:00 UTC", 1),
        ],
    )
    def test_days_are_24_hours_also_where_clocks_change(self, tmp_path: Path, due: str, came: str, wanted: int) -> None:
        course = timed(mini_course.write(tmp_path), due=dt.datetime.fromisoformat(due).replace(tzinfo=BERLIN))

        got = late_penalties.timed(course, attempt(timestamp=came), GOOD, {}, Booked()).time
        assert got.penalty == pytest.approx(1.6 * wanted)


class TestRecords:
    def time(self, course: Course, of: Record = FAIR, booked: Booked | None = None, **about: Any) -> Any:
        one = dataclasses.replace(attempt(timestamp=about.pop("timestamp", None)), **about)
        booked = booked or Booked()
        extensions = {("cy", "1_mini"): Extension(DUE + dt.timedelta(days=3), 2)}
        return late_penalties.timed(course, one, of, extensions, booked).time

    @pytest.fixture
    def course(self, tmp_path: Path) -> Course:
        return timed(mini_course.write(tmp_path))

    def test_due_came_and_penalty_stand_in_the_record_in_the_courses_zone(self, course: Course) -> None:
        assert self.time(course, timestamp=AN_HOUR) == TimeRecord(
            due="2026-11-30T23:59:00+01:00",
            came="2026-12-01T00:59:00+01:00",
            late_seconds=3600,
            late=False,
            penalty=0.75,
            policy="per_day",
            problem=None,
        )

    @pytest.mark.parametrize(
        ("about", "seconds", "penalty"),
        [
            ({"timestamp": IN_TIME}, 0, 0),
            ({"timestamp": "2026-11-30 22:59:00.25 UTC"}, 1, 0.75),
            ({"timestamp": TWO_DAYS}, 172_800, 1.5),
            ({"timestamp": TWO_DAYS, "student": "cy"}, 0, 0),
            ({"timestamp": "2026-12-04 23:00:00 UTC", "student": "cy"}, 86_460, 1.5),
            ({}, None, 0),
            ({"late": False}, 0, 0),
            ({"late": True}, None, 0),
            ({"timestamp": "2027-07-01 10:00:00 PDT"}, None, 0),
        ],
    )
    def test_nobody_is_late_or_in_time_by_accident(
        self, course: Course, about: dict[str, Any], seconds: int | None, penalty: float
    ) -> None:
        time = self.time(course, **about)

        assert (time.late_seconds, time.penalty) == (seconds, pytest.approx(penalty))
        assert (time.problem is not None) == (time.late or (time.came is None and "timestamp" in about))

    def test_a_section_that_waits_loses_of_what_is_decided_so_far_and_more_once_it_is_decided(
        self, course: Course
    ) -> None:
        waits = record(scored(8.0, 10.0), scored(None, 6.0, "needs review"), status="needs review")
        assert self.time(course, waits, timestamp=TWO_DAYS).penalty == pytest.approx(1.6)

        assert self.time(course, record(scored(8.0, 10.0), scored(6.0, 6.0)), timestamp=TWO_DAYS).penalty == 2.8

    def test_who_is_not_judged_loses_nothing(self, course: Course) -> None:
        assert self.time(course, LOST, timestamp=TWO_DAYS).penalty == 0

    def test_without_a_due_date_of_ours_nbgraders_decides_whether_it_is_late(self, course: Course) -> None:
        nowhere = timed(course, due=None)
        booked = Booked(dt.datetime(2026, 11, 30, 23, tzinfo=dt.UTC))

        assert self.time(nowhere, timestamp=AN_HOUR) is None
        assert self.time(nowhere, timestamp=AN_HOUR, booked=booked).late_seconds == 3540

    def test_without_a_policy_of_ours_nbgraders_penalty_stands(self, course: Course) -> None:
        time = self.time(timed(course, late=None), timestamp=AN_HOUR, booked=Booked(None, 2.5))

        assert (time.penalty, time.policy) == (2.5, "nbgrader")

    def test_no_total_is_negative(self, course: Course) -> None:
        """A policy of nbgrader's may take extra credit away, which is not among our points."""
        plain = timed(course, late=None)
        got = late_penalties.timed(plain, attempt(timestamp=AN_HOUR), FAIR, {}, Booked(None, 99.0))

        standing = section_standing(plain.sections[0], got)
        assert (standing.points, standing.raw, standing.penalty) == (0, 7.5, 7.5)


class TestGradebook:
    """What formgrader and export show is what our table shows."""

    @pytest.fixture
    def mini(self, tmp_path: Path, gradebook_url: str) -> Course:
        return timed(mini_course.write(tmp_path, release=True))

    def judged(self, **times: str | None) -> list[Any]:
        return [(attempt(student, timestamp=time), FAIR) for student, time in times.items()]

    def book(self, mini: Course) -> Any:
        from nbgrader.api import Gradebook

        return Gradebook(gradebook.chosen_url() or gradebook.file_url(mini.root), mini.id)

    def dump(self, mini: Course) -> list[str]:
        return mini_course.rows(gradebook.chosen_url() or gradebook.file_url(mini.root))

    def exported(self, mini: Course) -> dict[str, tuple[float, float, str]]:
        """Return raw points, what is exported as the final ones, and the due date, as nbgrader itself exports them."""
        from nbgrader.plugins import CsvExportPlugin

        with self.book(mini) as book:
            plugin = CsvExportPlugin(to=str(mini.root / "gradebook.csv"))
            plugin.export(book)
        rows = csv.DictReader((mini.root / "gradebook.csv").read_text(encoding="utf-8").splitlines())
        return {
            row["student_id"]: (float(row["raw_score"]), float(row["score"]), row["duedate"])
            for row in rows
            if row["timestamp"]
        }

    def test_due_date_extension_and_penalty_are_exported_as_we_show_them(self, mini: Course) -> None:
        (mini.root / "extensions.csv").write_text("student,section,due\ncy,1_mini,2026-12-02T23:59\n")
        judged = self.judged(ada=IN_TIME, bob=AN_HOUR, cy=TWO_DAYS, di=TWO_DAYS, ed=None)
        gradebook.write(mini, judged, mini.root)

        _, booked, _ = gradebook.known(mini, mini.root)
        assert booked["cy", "1_mini"].due == dt.datetime(2026, 12, 2, 22, 59, tzinfo=dt.UTC)
        assert self.exported(mini) == {
            "ada": (7.5, 7.5, "2026-11-30 22:59:00"),
            "bob": (7.5, 6.75, "2026-11-30 22:59:00"),
            "cy": (7.5, 7.5, "2026-11-30 22:59:00"),  # nbgrader exports the class's due date, and knows hers
            "di": (7.5, 6.0, "2026-11-30 22:59:00"),
        }
        assert {student: of.penalty for (student, _), of in booked.items()} == {
            "ada": None, "bob": 0.75, "cy": None, "di": 1.5, "ed": None
        }  # fmt: skip

    def test_writing_again_changes_nothing_and_a_new_policy_changes_it_all(self, mini: Course) -> None:
        judged = self.judged(ada=IN_TIME, di=TWO_DAYS)
        gradebook.write(mini, judged, mini.root)
        before = self.dump(mini)
        gradebook.write(mini, judged, mini.root)
        assert self.dump(mini) == before

        gradebook.write(timed(mini, Late("zero")), judged, mini.root)
        assert self.exported(mini)["di"][:2] == (7.5, 0.0)
        gradebook.write(timed(mini, Late("none"), DUE + dt.timedelta(days=1)), judged, mini.root)
        assert self.exported(mini)["di"] == (7.5, 7.5, "2026-12-01 22:59:00")

    def test_an_extension_that_is_taken_back_is_gone(self, mini: Course) -> None:
        (mini.root / "extensions.csv").write_text("student,section,due\ndi,1_mini,2026-12-02T23:59\n")
        gradebook.write(mini, self.judged(di=TWO_DAYS), mini.root)
        assert self.exported(mini)["di"][1] == 7.5

        (mini.root / "extensions.csv").unlink()
        gradebook.write(mini, self.judged(di=TWO_DAYS), mini.root)
        assert self.exported(mini)["di"][1] == 6.0

    def test_points_of_a_person_are_what_the_share_is_taken_of(self, mini: Course) -> None:
        gradebook.write(mini, self.judged(di=TWO_DAYS), mini.root)
        with self.book(mini) as book:
            book.find_grade("example-1", "1_mini", "1_mini", "di").manual_score = 9.5
            book.db.commit()
        gradebook.write(mini, self.judged(di=TWO_DAYS), mini.root)

        assert self.exported(mini)["di"][:2] == (9.5, pytest.approx(7.6))

    def test_nbgraders_own_extension_of_nothing_stops_nobody(self, mini: Course) -> None:
        plain = timed(mini, None, None)
        gradebook.write(plain, self.judged(di=TWO_DAYS), mini.root)
        with self.book(mini) as book:
            book.grant_extension("1_mini", "di", days=1)

        gradebook.write(plain, self.judged(di=TWO_DAYS), mini.root)

    def test_a_zone_that_nbgrader_takes_for_utc_is_read_and_written_so_that_it_reads_it_right(
        self, mini: Course
    ) -> None:
        from nbgrader.utils import parse_utc

        gradebook.write(mini, self.judged(bob="2026-07-01 10:00:00 CEST"), mini.root)

        stamp = (mini.root / "autograded" / "bob" / "1_mini" / "timestamp.txt").read_text(encoding="utf-8")
        with self.book(mini) as book:
            there = book.find_submission("1_mini", "bob").timestamp
        assert parse_utc(stamp) == there == dt.datetime(2026, 7, 1, 8)
