"""Grades of a class over time: who is gone keeps theirs, and of several attempts the right one counts."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from autograder import gradebook
from autograder.course import Late
from autograder.grading.batch import Batch, Outcome
from autograder.grading.deliver import absent, deliver, gather, stored
from autograder.intake import collected
from autograder.intake.collected import Left
from autograder.records.record import Record, Status
from autograder.records.store import Store
from autograder.report import attention
from autograder.sandbox.walls import WALLS, missing_walls
from autograder.submissions.attempts import Attempt
from tests import mini_course
from tests.records import changed, explanation, scored
from tests.test_gradebook import record

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::sqlalchemy.exc.SAWarning"
)

DUE = dt.datetime(2026, 11, 30, 23, tzinfo=dt.UTC)


class Class:
    """A course whose judge gives the points that the module says, and a class that hands in such modules."""

    def __init__(self, root: Path, prose: bool = False) -> None:
        cells = (*mini_course.CELLS, mini_course.EXPLANATION) if prose else mini_course.CELLS
        table = mini_course.COURSE + (mini_course.PROSE_ITEM if prose else "")
        self.course = mini_course.write(root, course_table=table, cells=cells, release=True)
        shutil.copy(root / "source/1_mini/data.csv", root / "assignments/1_mini")
        (root / "submitted").mkdir()
        self.root, self.prose, self.judged = root, prose, 0

    def set(self, **about: Any) -> None:
        of_section = {name: about.pop(name) for name in ("due", "late") if name in about}
        (section,) = self.course.sections
        self.course = dataclasses.replace(self.course, sections=(dataclasses.replace(section, **of_section),), **about)

    def hand_in(self, student: str, points: float, came: str | None = None, answer: str = "") -> None:
        place = self.root / "submitted" / student / "1_mini"
        place.mkdir(parents=True, exist_ok=True)
        (place / "measures.py").write_text(f"{points}\n{answer}", encoding="utf-8")
        if came:
            (place / "timestamp.txt").write_text(came, encoding="utf-8")

    def leave(self, student: str) -> None:
        shutil.rmtree(self.root / "submitted" / student)

    def grade(self, seed: int | None = None, **options: Any) -> list[str]:
        """Grade as the command does; return the lines for staff."""
        batch = self.batch(seed)
        gathered = gather(self.course, self.root / "submitted", self.root, None, options.pop("students", None))
        outcomes = [Outcome(attempt, self.judge(batch, attempt)) for attempt in gathered.attempts]
        everyone = batch.stored(gather(self.course, self.root / "submitted", self.root).attempts)
        deliver(self.course, outcomes, everyone, self.root, **options)
        return [f"{entry.student} {entry.section}: {entry.what} {entry.next}" for entry in gathered.entries]

    def batch(self, seed: int | None = None) -> Batch:
        store = Store(self.root / ".autograder" / "store")
        walls = tuple(wall for wall in WALLS if wall not in missing_walls())
        return Batch(self.course, store, seed=self.course.seed if seed is None else seed, jobs=1, walls=walls)

    def judge(self, batch: Batch, attempt: Attempt) -> Record:
        header = batch._job(attempt).header
        if (there := batch.store.get(header.key)) is not None:
            return there
        self.judged += 1
        points, answer = attempt.files["measures.py"].decode().split("\n")
        of = record(scored(float(points), 10.0), scored(6.0, 6.0))
        of = dataclasses.replace(of, header=header)
        if self.prose:
            prose = {"exercise-1-explanation": explanation(answer=answer.ljust(12, "0"), suggestion=None)}
            of = changed(of, prose, status=Status.NEEDS_REVIEW)
        batch.store.put(header.key, of)
        return of

    def rows(self) -> dict[str, dict[str, str]]:
        text = (self.root / "grades.csv").read_text(encoding="utf-8")
        return {row["student"]: row for row in csv.DictReader(text.splitlines())}

    def totals(self) -> dict[str, str]:
        return {student: row["total"] for student, row in self.rows().items()}

    def page(self, student: str) -> str:
        return (self.root / "feedback" / student / "1_mini" / "1_mini.html").read_text(encoding="utf-8")

    def exported(self) -> dict[str, float]:
        with gradebook.opened(self.course, self.root) as book:
            submissions = book.assignment_submissions("1_mini")
            return {s.student.id: max(0.0, s.score - s.late_submission_penalty) for s in submissions}


@pytest.fixture
def one(tmp_path: Path, gradebook_url: str) -> Class:
    return Class(tmp_path)


@pytest.fixture
def mini(tmp_path: Path) -> Class:
    return Class(tmp_path)


class TestGradesStay:
    def test_who_could_not_be_collected_is_named_with_the_reason_until_there_is_work(self, mini: Class) -> None:
        mini.hand_in("ada", 10)
        collected.path(mini.root, "1_mini").parent.mkdir(parents=True)
        collected.save_left(
            mini.root, "1_mini", {"bob": Left("they typed text", "read it there"), "ada": Left("x", "y")}
        )
        (mini.root / "roster.csv").write_text("student\nada\nbob\ncy\n")

        gathered = gather(mini.course, mini.root / "submitted", mini.root)
        nobody = absent(mini.course, gathered, mini.root)
        mini.hand_in("bob", 5)

        (entry,) = gathered.entries
        assert (entry.kind, entry.student, entry.section) == (attention.Kind.NO_SUBMISSION, "bob", "1_mini")
        assert entry.what == "`autograder collect` could not collect this: they typed text."
        assert entry.next == "Read it there."
        assert [one.student for one in nobody] == ["cy"]
        assert gather(mini.course, mini.root / "submitted", mini.root).entries == ()

    def test_who_is_gone_keeps_grade_page_and_place_in_the_gradebook_and_is_named(self, one: Class) -> None:
        one.hand_in("ada", 10)
        one.hand_in("bob", 4)
        assert one.grade() == []
        before = one.rows()
        one.leave("bob")

        (line,) = one.grade()

        assert one.rows() == before
        assert one.judged == 2
        assert one.exported() == {"ada": 16, "bob": 10}
        assert line.startswith("bob 1_mini: It is not in ")
        assert "`autograder roster rename OLD NEW`" in line

    @pytest.mark.parametrize("change", ["seed", "suite"])
    def test_who_is_gone_is_judged_again_where_the_judge_changed(self, mini: Class, change: str) -> None:
        mini.hand_in("ada", 10)
        mini.hand_in("bob", 4)
        mini.grade(with_gradebook=False)
        mini.leave("bob")
        if change == "suite":
            (mini.root / "suites" / "1_mini").mkdir(parents=True)
            (mini.root / "suites" / "1_mini" / "checks.py").write_text("# another\n", encoding="utf-8")

        seed = 99 if change == "seed" else None
        mini.grade(seed, with_gradebook=False)

        assert (mini.totals(), mini.judged) == ({"ada": "16", "bob": "10"}, 4)
        assert len(stored(mini.course, mini.root / "submitted", mini.root, seed=seed)) == 2

    def test_the_last_work_of_who_is_gone_counts(self, mini: Class) -> None:
        mini.hand_in("ada", 10)
        for points, came in ((9, "2026-11-01"), (3, "2026-11-03"), (5, "2026-11-02")):
            mini.hand_in("bob", points, f"{came} 10:00:00 UTC")
            mini.grade(with_gradebook=False)
        mini.leave("bob")
        mini.grade(with_gradebook=False)

        assert mini.totals()["bob"] == "9", "of the third of November, whenever that was collected"

    def test_a_run_for_one_student_leaves_the_others_who_are_gone_too(self, mini: Class) -> None:
        for student in ("ada", "bob", "cy"):
            mini.hand_in(student, 10)
        mini.grade(with_gradebook=False)
        before = mini.rows()
        mini.leave("bob")

        mini.grade(students=["ada"], with_gradebook=False)
        assert mini.rows() == before

    def test_the_history_is_of_one_folder_of_results(self, mini: Class, tmp_path: Path) -> None:
        mini.hand_in("ada", 10)
        mini.grade(with_gradebook=False)

        assert gather(mini.course, tmp_path / "nobody", tmp_path / "other").attempts == ()
        (attempt,) = gather(mini.course, tmp_path / "nobody", mini.root).attempts
        assert attempt.student == "ada"

    def test_a_class_that_is_never_to_be_kept_is_not(self, mini: Class) -> None:
        mini.hand_in("ada", 10)
        mini.grade(with_gradebook=False, with_history=False)

        assert not (mini.root / ".autograder" / "history").exists()

    def test_results_of_an_older_version_have_no_history_and_are_read(self, mini: Class) -> None:
        mini.hand_in("ada", 10)
        mini.grade(with_gradebook=False)
        shutil.rmtree(mini.root / ".autograder" / "history")

        assert mini.grade(with_gradebook=False) == []
        assert mini.totals() == {"ada": "16"}


class TestChanges:
    def grade(self, mini: Class, points: float, came: str | None = None, **options: Any) -> str:
        mini.hand_in("ada", points, came)
        mini.grade(with_gradebook=False, **options)
        return mini.page("ada")

    def test_the_page_says_what_changed_since_the_students_attempt_before(self, mini: Class) -> None:
        assert "Since your attempt" not in self.grade(mini, 4, "2026-11-01 10:00:00 UTC")
        assert "of Sunday, 1 November 2026 at 10:00 (UTC): <strong>+3 points</strong>" in self.grade(
            mini, 7, "2026-11-02 10:00:00 UTC"
        )
        page = self.grade(mini, 5, "2026-11-03 10:00:00 UTC")

        assert "Since your attempt of Monday, 2 November 2026 at 10:00 (UTC): <strong>−2 points</strong>" in page
        assert "Entropy: 7 before, 5 now" in page
        mini.grade(with_gradebook=False)
        assert mini.page("ada") == page

    def test_attempts_without_times_are_in_the_order_in_which_they_were_judged(self, mini: Class) -> None:
        for points in (4, 10):
            self.grade(mini, points)
        page = self.grade(mini, 4)

        assert "<strong>−6 points</strong>" in page, "the first work again, after the second"

    def test_nobody_sees_what_another_student_had_before(self, mini: Class) -> None:
        mini.hand_in("bob", 2)
        self.grade(mini, 4)
        mini.hand_in("bob", 10)
        page = self.grade(mini, 4)

        assert "Since your attempt" not in page
        assert "<strong>+8 points</strong>" in mini.page("bob")

    def test_other_checks_and_damaged_histories_are_not_compared(self, mini: Class) -> None:
        self.grade(mini, 4)
        assert "Since your attempt" not in self.grade(mini, 7, seed=99)
        for kept in (mini.root / ".autograder" / "history").rglob("*.zip"):
            kept.write_bytes(b"no zip")

        assert "Since your attempt" not in self.grade(mini, 9, seed=99)

    def test_reports_that_are_made_later_say_the_same(self, mini: Class) -> None:
        self.grade(mini, 4)
        self.grade(mini, 7)

        (earlier,) = [record.earlier for _, record in stored(mini.course, mini.root / "submitted", mini.root)]
        assert earlier is not None
        assert earlier.items["example-1"].points == 4


class TestTime:
    def test_raw_points_penalty_and_final_points_are_the_same_everywhere(self, one: Class) -> None:
        one.set(due=DUE, late=Late("per_day", 0.1))
        one.hand_in("ada", 10, "2026-11-30 23:00:00 UTC")
        one.hand_in("bob", 4, "2026-12-02 01:00:00 UTC")
        one.grade()

        row = one.rows()["bob"]
        assert [row[name] for name in ("raw", "penalty", "total", "max")] == ["10", "2", "8", "16"]
        assert (row["due"], row["came"]) == ("2026-11-30T23:00:00+00:00", "2026-12-02T01:00:00+00:00")
        assert one.exported() == {"ada": 16, "bob": 8}
        time = dict(stored(one.course, one.root / "submitted", one.root))["bob"].time
        assert (time.late_seconds, time.penalty, time.policy) == (93_600, 2, "per_day")
        page = one.page("bob")
        assert "<strong>8</strong> of 16 points" in page
        assert "This was due on Monday, 30 November 2026 at 23:00 (UTC)." in page
        assert "It came on Wednesday, 2 December 2026 at 01:00 (UTC), 1 day 2 hours late." in page
        assert "Being late costs 2 points. Each day, once it has begun, costs 10 % of the points." in page
        assert "on time" in one.page("ada")
        feedback = json.loads((one.root / "feedback/bob/1_mini/1_mini.json").read_text(encoding="utf-8"))
        assert (feedback["raw"], feedback["points"], feedback["time"]["penalty"]) == (10, 8, 2)

    def test_a_due_date_judges_nothing_again(self, mini: Class) -> None:
        mini.hand_in("ada", 10, "2026-12-01 23:00:00 UTC")
        mini.grade(with_gradebook=False)
        mini.set(due=DUE, late=Late("zero"))
        mini.grade(with_gradebook=False)

        assert (mini.judged, mini.totals()) == (1, {"ada": "0"})

    def test_a_penalty_of_nbgraders_policy_is_shown_everywhere_too(self, one: Class) -> None:
        (one.root / "nbgrader_config.py").write_text(
            "get_config().LateSubmissionPlugin.penalty_method = 'zero'", encoding="utf-8"
        )
        one.hand_in("bob", 4, "2026-12-02 01:00:00 UTC")
        one.grade()
        assert one.totals() == {"bob": "10"}
        with gradebook.opened(one.course, one.root) as book:
            book.update_or_create_assignment("1_mini", duedate="2026-11-30 23:00:00 UTC")
        one.grade()

        row = one.rows()["bob"]
        assert [row[name] for name in ("raw", "penalty", "total")] == ["10", "10", "0"]
        assert one.exported() == {"bob": 0}
        assert "Being late costs 10 points." in one.page("bob")
        one.grade(with_gradebook=False)
        assert one.totals() == {"bob": "0"}, "no penalty is taken back"

    def test_what_nobody_knows_is_no_penalty_and_staff_hear_of_it(self, mini: Class) -> None:
        mini.set(due=DUE, late=Late("zero"))
        mini.hand_in("ada", 10)
        mini.hand_in("bob", 10, "2026-12-02 01:00:00 PDT")
        mini.grade(with_gradebook=False)

        results = stored(mini.course, mini.root / "submitted", mini.root)
        unknown = [entry for entry in attention.of_results(mini.course, results) if entry.kind is attention.Kind.TIME]
        assert mini.totals() == {"ada": "16", "bob": "16"}
        assert [(entry.student, entry.section) for entry in unknown] == [("ada", "1_mini"), ("bob", "1_mini")]
        assert unknown[0].what == "No time is known, so nothing is taken off for being late."
        assert unknown[1].what.startswith("timestamp.txt says `2026-12-02 01:00:00 PDT`")
        assert all("as `2026-11-30 22:59:00 UTC`" in entry.next for entry in unknown)
        assert "PDT" not in mini.page("bob")

    def test_an_extension_of_nobody_is_named(self, mini: Class) -> None:
        mini.set(due=DUE, late=Late("zero"))
        (mini.root / "extensions.csv").write_text("student,section,due\nadaa,1_mini,2026-12-24T12:00\n")
        mini.hand_in("ada", 10)

        (line,) = mini.grade(with_gradebook=False)
        assert "line 2: nobody called `adaa` has handed in anything or is on the roster" in line


class TestBest:
    @pytest.fixture(autouse=True)
    def _best(self, request: pytest.FixtureRequest) -> None:
        name = "one" if "one" in request.fixturenames else "mini"
        request.getfixturevalue(name).set(attempts="best")

    def hand_in_all(self, klass: Class, *attempts: tuple[float, str | None], **options: Any) -> None:
        for points, came in attempts:
            klass.hand_in("ada", points, came)
            klass.grade(**options)

    def history(self, klass: Class) -> list[tuple[float, bool]]:
        result = dict(stored(klass.course, klass.root / "submitted", klass.root))["ada"]
        return [(entry.points, entry.counts) for entry in result.history]

    def test_the_best_of_several_counts_everywhere(self, one: Class) -> None:
        self.hand_in_all(one, (4, None), (9, None), (5, None))

        assert one.totals() == {"ada": "15"}
        assert one.exported() == {"ada": 15}
        assert self.history(one) == [(10, False), (15, True), (11, False)]
        page = one.page("ada")
        assert "The best of your 3 attempts counts" in page
        assert page.count("points; this one counts") == 1
        feedback = json.loads((one.root / "feedback/ada/1_mini/1_mini.json").read_text(encoding="utf-8"))
        assert [entry["counts"] for entry in feedback["history"]] == [False, True, False]

    def test_the_last_counts_unless_the_course_says_best(self, mini: Class) -> None:
        mini.set(attempts="last")
        self.hand_in_all(mini, (9, None), (5, None), with_gradebook=False)

        assert mini.totals() == {"ada": "11"}
        assert "Your last attempt counts." in mini.page("ada")
        assert "of your 2 attempts" not in mini.page("ada")

    def test_points_after_the_penalty_are_compared(self, mini: Class) -> None:
        mini.set(due=DUE, late=Late("per_day", 0.5))
        came = ("2026-11-30 22:00:00 UTC", "2026-12-01 22:00:00 UTC")
        self.hand_in_all(mini, (3, came[0]), (10, came[1]), with_gradebook=False)

        assert self.history(mini) == [(9, True), (8, False)]
        assert mini.totals() == {"ada": "9"}

    def test_of_two_equals_the_earlier_counts(self, mini: Class) -> None:
        self.hand_in_all(mini, (5, "2026-11-03 10:00:00 UTC"), (5, "2026-11-02 10:00:00 UTC"), with_gradebook=False)

        result = dict(stored(mini.course, mini.root / "submitted", mini.root))["ada"]
        assert [((entry.came or "")[:10], entry.counts) for entry in result.history] == [
            ("2026-11-02", True),
            ("2026-11-03", False),
        ]

    def test_work_whose_time_becomes_known_is_no_second_attempt(self, mini: Class) -> None:
        mini.set(due=DUE, late=Late("zero"))
        self.hand_in_all(mini, (5, None), (5, "2026-12-03 10:00:00 UTC"), with_gradebook=False)

        assert mini.totals() == {"ada": "0"}, "and nobody is in time by accident"

    def test_earlier_attempts_are_judged_again_with_another_suite(self, mini: Class) -> None:
        self.hand_in_all(mini, (9, None), (5, None), with_gradebook=False)
        assert mini.judged == 2
        (mini.root / "suites" / "1_mini").mkdir(parents=True)
        (mini.root / "suites" / "1_mini" / "checks.py").write_text("# another\n", encoding="utf-8")
        mini.grade(with_gradebook=False)

        assert (mini.judged, mini.totals()) == (4, {"ada": "15"})

    def test_an_attempt_that_could_not_be_judged_may_be_the_best(self, mini: Class) -> None:
        self.hand_in_all(mini, (9, None), (5, None), with_gradebook=False)
        gathered = gather(mini.course, mini.root / "submitted", mini.root)
        outcomes = mini.batch().stored(gathered.attempts)
        lost = changed(outcomes[0].record, status=Status.NOT_JUDGED, reason="worker died")

        results = deliver(
            mini.course,
            [dataclasses.replace(outcomes[0], record=lost), outcomes[1]],
            [],
            mini.root,
            with_gradebook=False,
        ).results
        assert [result.status for _, result in results] == ["not judged"]

    def test_a_decision_is_for_the_text_that_it_was_made_on(self, tmp_path: Path) -> None:
        klass = Class(tmp_path / "prose", prose=True)
        klass.set(attempts="best")
        klass.hand_in("ada", 9, answer="a")
        klass.grade()
        with gradebook.opened(klass.course, klass.root) as book:
            grade = book.find_grade("exercise-1-explanation", "1_mini", "1_mini", "ada")
            grade.manual_score, grade.needs_manual_grade = 2.0, False
            book.db.commit()
        klass.hand_in("ada", 10, answer="b")
        klass.grade()
        assert klass.totals() == {"ada": "17"}, "9 + 6 + 2 are more than 10 + 6 so far"

        klass.hand_in("ada", 10, answer="a")
        klass.grade()
        assert klass.totals() == {"ada": "18"}, "the same text, and better code"
