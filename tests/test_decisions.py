"""An explanation from suggestion to decision: gradebook, formgrader, table, CSV, JSON and the student's page."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder import gradebook
from autograder.course import Course
from autograder.gradebook import GradebookError
from autograder.grading.batch import Outcome
from autograder.grading.deliver import deliver
from autograder.prose.suggestion import digest
from autograder.records import decisions
from autograder.records.record import ItemRecord, ProseRecord, Status, Suggestion
from autograder.report import attention, table
from autograder.report.feedback import feedback_object, page
from autograder.report.grades_csv import csv_text
from autograder.submissions.attempts import Attempt
from tests import mini_course, records
from tests.mini_course import CELLS, EXPLANATION, notebook
from tests.records import explanation, scored

pytestmark = pytest.mark.filterwarnings(
    # Raised while nbgrader and the libraries under it are imported or write; none of it is ours.
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::sqlalchemy.exc.SAWarning",
)

NAME = "exercise-1-explanation"
EVIL = "<img src=x onerror=alert(1)> $(touch x) **bold** ![x](http://x)"
REMARK = "Sentences that repeat the question were set aside."
SUGGESTION = {
    "points": 1.5,
    "confidence": 0.9,
    "concepts": [{"id": "one-question", "title": "SECRET idea", "points": 1.5, "sentences": [0]}],
    "wrong_claims": [],
    "sentences": [f"SECRET sentence {EVIL}"],
}
SUGGESTED = Suggestion.from_json(SUGGESTION)


@pytest.fixture
def mini(tmp_path: Path, gradebook_url: str) -> Course:
    return mini_course.write_with_prose(tmp_path)


def outcome(text: str = "One question.", student: str = "ada", **changes: Any) -> Outcome:
    """Return what the judge made of a student who answered `text`."""
    of_prose = {"suggestion": SUGGESTED, "remarks": (REMARK,)} | changes
    prose = explanation(answer=digest(text), title="Why a fair coin has 1 bit", **of_prose)
    items = {"example-1": scored(10.0, 10.0), "exercise-1": scored(4.0, 6.0), NAME: prose}
    record = records.record(scored(10.0, 10.0), section="1_mini", status="needs review", items=items)
    files = {"1_mini.ipynb": notebook(*CELLS, {**EXPLANATION, "source": text})}
    return Outcome(Attempt(student, "1_mini", files, (), "0" * 64, Path("submitted"), None), record)


def with_items(of: Outcome, items: Mapping[str, ItemRecord], **changes: Any) -> Outcome:
    return replace(of, record=records.changed(of.record, items, **changes))


def graded(mini: Course, *outcomes: Outcome, **options: Any) -> list[tuple[str, Any]]:
    """Return the results of one run of `make grade`."""
    return deliver(mini, outcomes, outcomes, mini.root, **options).results


def decide(mini: Course, points: float | None, comment: str | None = None, student: str = "ada") -> None:
    """Do what the formgrader does when a person types points and a comment and saves."""
    with _open(mini) as book:
        grade = book.find_grade(NAME, "1_mini", "1_mini", student)
        grade.manual_score, grade.needs_manual_grade = points, points is None
        book.find_comment(NAME, "1_mini", "1_mini", student).manual_comment = comment
        book.db.commit()


def state(mini: Course, student: str = "ada") -> tuple[float | None, float | None, bool, float]:
    """Return auto score, manual score, whether a person is needed, and the total of nbgrader."""
    with _open(mini) as book:
        grade = book.find_grade(NAME, "1_mini", "1_mini", student)
        total = book.find_submission("1_mini", student).score
        return grade.auto_score, grade.manual_score, grade.needs_manual_grade, total


def cells_of(mini: Course, results: list[tuple[str, Any]]) -> list[str]:
    """Return the one row of the table, split at two blanks."""
    return [cell.strip() for cell in table.table_text(mini, results).splitlines()[2].split("  ") if cell.strip()]


def said(mini: Course, results: list[tuple[str, Any]]) -> list[str]:
    """Return what needs attention, a line each."""
    return [f"{entry.section}: {entry.what} {entry.next}" for entry in attention.of_results(mini, results)]


def _open(mini: Course) -> Any:
    from nbgrader.api import Gradebook

    return Gradebook(gradebook.chosen_url() or gradebook.file_url(mini.root), mini.id)


class TestBeforeADecision:
    def test_the_gradebook_waits_for_a_person(self, mini: Course) -> None:
        graded(mini, outcome())

        assert state(mini) == (None, None, True, 14.0)

    def test_table_csv_and_json_say_that_points_are_open(self, mini: Course) -> None:
        results = graded(mini, outcome())

        assert cells_of(mini, results) == ["ada", "10", "4", "needs review", "14 + 2 open", "18"]
        assert csv_text(mini, results).splitlines()[1] == "ada,1_mini,10,4,,,18,needs review,"
        explanation = json.loads(table.render(mini, results, "json"))["attempts"][0]["items"][NAME]
        assert (explanation["points"], explanation["status"]) == (None, "needs review")
        assert explanation["suggestion"] == SUGGESTION
        assert said(mini, results) == [
            "1_mini: 1 explanation to read. To decide: `autograder review --section 1_mini`, or the formgrader."
        ]

    def test_students_see_that_a_person_reads_it_and_no_suggestion(self, mini: Course) -> None:
        ((_, record),) = graded(mini, outcome())
        shown = page(mini, "ada", record)

        assert "A person reads this and decides" in shown
        assert "14</strong> of 16 points so far" in shown
        for text in (shown, json.dumps(feedback_object(mini, "ada", record))):
            assert "SECRET" not in text
            assert REMARK not in text
            assert "suggestion" not in text

    def test_a_comment_without_points_is_a_draft(self, mini: Course) -> None:
        graded(mini, outcome())
        decide(mini, None, "DRAFT")

        ((_, record),) = graded(mini, outcome())

        assert record.status == "needs review"
        assert "DRAFT" not in page(mini, "ada", record)


class TestAfterADecision:
    def test_the_points_stand_everywhere_after_the_next_run(self, mini: Course) -> None:
        graded(mini, outcome())
        decide(mini, 1.5, "Good, but why one question?")

        results = graded(mini, outcome())

        assert state(mini) == (None, 1.5, False, 15.5)
        assert cells_of(mini, results) == ["ada", "10", "4", "1.5", "15.5", "18"]
        assert csv_text(mini, results).splitlines()[1] == "ada,1_mini,10,4,1.5,15.5,18,judged,"
        attempt = json.loads(table.render(mini, results, "json"))["attempts"][0]
        assert (attempt["status"], attempt["items"][NAME]["status"]) == ("judged", "judged")
        assert attempt["items"][NAME]["decision"] == {
            "points": 1.5, "comment": "Good, but why one question?", "current": True
        }  # fmt: skip
        assert said(mini, results) == []

    def test_students_see_points_and_comment_and_still_no_suggestion(self, mini: Course) -> None:
        graded(mini, outcome())
        decide(mini, 1.5, f"Good & short. {EVIL}")

        ((_, record),) = graded(mini, outcome())
        shown = page(mini, "ada", record)

        assert "15.5</strong> of 18 points" in shown
        assert "Decided by a person." in shown
        assert "Good &amp; short." in shown
        assert "<img" not in shown
        assert "SECRET" not in shown
        assert feedback_object(mini, "ada", record)["items"][NAME]["comment"] == f"Good & short. {EVIL}"
        files = {path.name for path in (mini.root / "feedback" / "ada" / "1_mini").iterdir()}
        assert files == {"1_mini.html", "1_mini.json"}

    def test_zero_is_a_decision_too(self, mini: Course) -> None:
        graded(mini, outcome())
        decide(mini, 0.0)

        assert cells_of(mini, graded(mini, outcome())) == ["ada", "10", "4", "0", "14", "18"]

    def test_full_marks_do_not_claim_that_checks_did_it_all(self, mini: Course) -> None:
        best = with_items(outcome(), {"exercise-1": scored(6.0, 6.0)})
        graded(mini, best)
        decide(mini, 2.0)

        ((_, record),) = graded(mini, best)

        assert "<p>Full marks.</p>" in page(mini, "ada", record)

    def test_more_runs_change_nothing(self, mini: Course) -> None:
        graded(mini, outcome())
        decide(mini, 1.5, "Good.")
        graded(mini, outcome())
        before = _dump(mini)

        graded(mini, outcome())

        assert _dump(mini) == before

    def test_another_suggestion_does_not_touch_it(self, mini: Course) -> None:
        graded(mini, outcome())
        decide(mini, 1.5)

        results = graded(mini, outcome(suggestion=None, remarks=("It has formulas and no words.",)))

        assert state(mini)[1:3] == (1.5, False)
        assert cells_of(mini, results)[3] == "1.5"

    def test_it_is_taken_back_with_the_points(self, mini: Course) -> None:
        graded(mini, outcome())
        decide(mini, 1.5)
        decide(mini, None)

        assert cells_of(mini, graded(mini, outcome()))[3] == "needs review"

    @pytest.mark.parametrize("points", [-1.0, 2.5, float("inf")])
    def test_impossible_points_decide_nothing(self, points: float) -> None:
        record = outcome().record

        assert decisions.decided(record, {NAME: decisions.Decision(points, "", None, True)}) is record

    def test_decisions_of_others_are_not_mixed_up(self, mini: Course) -> None:
        graded(mini, outcome(), outcome(student="bob"))
        decide(mini, 2.0, student="bob")

        results = dict(graded(mini, outcome(), outcome(student="bob")))

        assert results["ada"].items[NAME].points is None
        assert results["bob"].items[NAME].points == 2.0

    def test_the_csv_of_the_class_has_decisions_on_students_who_were_not_graded_in_this_run(self, mini: Course) -> None:
        both = (outcome(), outcome(student="bob"))
        graded(mini, *both)
        decide(mini, 2.0, student="bob")

        deliver(mini, both[:1], both, mini.root)

        assert "bob,1_mini,10,4,2,16,18,judged" in (mini.root / "grades.csv").read_text(encoding="utf-8")


class TestAnotherAnswerAfterTheDecision:
    def test_it_is_marked_for_a_look_and_open_again(self, mini: Course) -> None:
        graded(mini, outcome())
        decide(mini, 1.5, "Good.")

        for _ in range(2):  # it stays so until a person saves again
            results = graded(mini, outcome("Another answer."))

            assert state(mini)[:3] == (None, 1.5, True)
            assert cells_of(mini, results)[3:5] == ["needs review", "14 + 2 open"]
            assert results[0][1].items[NAME].decision.current is False
            assert "Good." not in page(mini, "ada", results[0][1])
            assert said(mini, results)[0] == (
                "1_mini: 1 explanation changed after a person decided. "
                "Look again: `autograder review --section 1_mini`, or the formgrader."
            )

    def test_the_next_decision_counts(self, mini: Course) -> None:
        graded(mini, outcome())
        decide(mini, 1.5)
        graded(mini, outcome("Another answer."))
        decide(mini, 0.5)

        assert cells_of(mini, graded(mini, outcome("Another answer.")))[3] == "0.5"

    def test_a_fault_of_the_grader_in_between_hides_nothing(self, mini: Course) -> None:
        graded(mini, outcome())
        decide(mini, 1.5)
        items = {name: scored(None, entry.max, "not judged") for name, entry in outcome().record.items.items()}
        graded(mini, with_items(outcome(), items, status=Status.NOT_JUDGED, reason="x"))

        assert cells_of(mini, graded(mini, outcome()))[3] == "1.5"
        assert cells_of(mini, graded(mini, outcome("Another answer.")))[3] == "needs review"


class TestWithoutGradebook:
    def test_decisions_are_read_and_nothing_is_written(self, mini: Course) -> None:
        graded(mini, outcome())
        decide(mini, 1.5)
        before = _dump(mini)

        assert cells_of(mini, graded(mini, outcome(), with_gradebook=False))[3] == "1.5"
        assert cells_of(mini, graded(mini, outcome("Another."), with_gradebook=False))[3] == "needs review"
        assert _dump(mini) == before

    @pytest.mark.parametrize("gradebook_url", ["sqlite"], indirect=True)
    def test_no_gradebook_is_made(self, mini: Course) -> None:
        (mini.root / "gradebook.db").unlink()

        assert cells_of(mini, graded(mini, outcome(), with_gradebook=False))[3] == "needs review"
        assert not (mini.root / "gradebook.db").exists()

    @pytest.mark.parametrize("gradebook_url", ["sqlite"], indirect=True)
    def test_a_gradebook_that_can_not_be_read_stops_the_run_before_a_decision_is_taken_back(self, mini: Course) -> None:
        (mini.root / "gradebook.db").write_bytes(b"this is no database" * 100)

        with pytest.raises(GradebookError, match="is damaged"):
            graded(mini, outcome(), with_gradebook=False)
        assert not (mini.root / "feedback").exists()


class TestFormgrader:
    @pytest.fixture
    def config(self, mini: Course) -> Any:
        from traitlets.config import Config

        from autograder.nbgrader_hooks import configure

        config = Config()
        configure(config, mini.root)
        return config

    def html(self, config: Any, mini: Course, template: str, resources: dict[str, Any]) -> str:
        from nbconvert.exporters import HTMLExporter
        from nbgrader.server_extensions.formgrader import handlers

        graded(mini, outcome(f"One question. {EVIL}"))
        config.HTMLExporter.template_name = template
        config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
        path = mini.root / "autograded" / "ada" / "1_mini" / "1_mini.ipynb"
        text, _ = HTMLExporter(config=config).from_filename(str(path), resources)
        return str(text)

    def test_staff_see_the_answer_the_suggestion_and_where_to_type_points(self, mini: Course, config: Any) -> None:
        names = ("assignment_id", "notebook_id", "submission_id", "base_url", "first_name", "last_name")
        resources = dict.fromkeys(names, "") | {"index": 0, "total": 1, "student": "ada", "notebook_path": "x"}

        shown = self.html(config, mini, "formgrade", resources)

        assert "One question." in shown
        assert f'id="{NAME}"' in shown
        assert "Suggested: 1.5 of 2 points." in shown
        assert "Confidence 0.90." in shown
        assert "SECRET idea" in shown
        assert "SECRET sentence &lt;img src=x onerror=alert(1)&gt;" in shown
        assert REMARK in shown
        assert "<img src=x" not in shown

    def test_pages_that_nbgrader_makes_for_students_show_no_suggestion(self, mini: Course, config: Any) -> None:
        shown = self.html(config, mini, "basic", {"nbgrader": {"assignment": "1_mini", "student": "ada"}})

        assert "One question." in shown
        assert "SECRET" not in shown
        assert "uggested" not in shown

    def test_no_comment_in_the_gradebook_holds_a_suggestion(self, mini: Course) -> None:
        graded(mini, outcome())

        with _open(mini) as book:
            comment = book.find_comment(NAME, "1_mini", "1_mini", "ada").comment
        assert comment == f"A person reads this and decides on the points. (answer {digest('One question.')})"

    def test_no_suggestion_is_shown_with_its_reason(self, mini: Course) -> None:
        from autograder.gradebook.formgrader import STAFF, suggestion_cell

        prose = ProseRecord(None, SUGGESTED.evidence, (f"Not read. {EVIL}",), (f"The rest. {EVIL}",), "0" * 12)
        kept = {"title": "x", "max": 2.0, **prose.to_json()}
        source = suggestion_cell({STAFF: kept})["source"]

        assert "No points are suggested." in source
        assert "Found (+1.5): SECRET idea" in source
        assert "Not read. &lt;img" in source
        assert "In another cell:" in source
        assert "The rest. &lt;img" in source

    def test_notebooks_are_valid(self, mini: Course) -> None:
        import nbformat

        graded(mini, outcome())

        notebook_file = nbformat.read(mini.root / "autograded" / "ada" / "1_mini" / "1_mini.ipynb", as_version=4)
        nbformat.validate(notebook_file)
        assert notebook_file.cells[-1].metadata["autograder"]["suggestion"] == SUGGESTION

    def test_nbgrader_lists_the_submission_as_waiting_until_a_person_decides(self, mini: Course, config: Any) -> None:
        from nbgrader.apps.api import NbGraderAPI
        from nbgrader.coursedir import CourseDirectory

        config.Exchange.root = str(mini.root / "exchange")
        place = mini.root / "submitted" / "ada" / "1_mini"
        place.mkdir(parents=True)
        (place / "1_mini.ipynb").write_bytes(outcome().attempt.files["1_mini.ipynb"])
        graded(mini, outcome())
        api = NbGraderAPI(CourseDirectory(config=config), config=config)

        (waiting,) = api.get_submissions("1_mini")
        decide(mini, 1.5)
        (done,) = api.get_submissions("1_mini")

        assert (waiting["needs_manual_grade"], waiting["score"]) == (True, 14.0)
        assert (done["needs_manual_grade"], done["score"]) == (False, 15.5)


def override(mini: Course, points: float, comment: str | None = None) -> None:
    """Do what the formgrader does when a person gives points in place of the judge's."""
    with _open(mini) as book:
        grade = book.find_grade("exercise-1", "1_mini", "1_mini", "ada")
        grade.manual_score, grade.needs_manual_grade = points, False
        book.find_comment("exercise-1", "1_mini", "1_mini", "ada").manual_comment = comment
        book.db.commit()


class TestInPlaceOfTheJudge:
    """Points that a person gives to what was judged count everywhere, as they count for nbgrader."""

    def test_they_stand_in_table_csv_json_and_feedback(self, mini: Course) -> None:
        graded(mini, outcome())
        override(mini, 5.5, "Your method is right.")

        results = graded(mini, outcome())

        assert state(mini)[3] == 15.5
        assert cells_of(mini, results) == ["ada", "10", "5.5", "needs review", "15.5 + 2 open", "18"]
        assert csv_text(mini, results).splitlines()[1].startswith("ada,1_mini,10,5.5,")
        judged = json.loads(table.render(mini, results, "json"))["attempts"][0]["items"]["exercise-1"]
        assert judged["decision"] == {
            "points": 5.5, "comment": "Your method is right.", "current": True, "judge": 4.0
        }  # fmt: skip
        shown = page(mini, "ada", results[0][1])
        assert '<span class="points">5.5</span> of 6' in shown
        assert "Decided by a person. The checks alone give 4 of 6 points." in shown
        assert "Your method is right." in shown
        assert feedback_object(mini, "ada", results[0][1])["items"]["exercise-1"]["comment"] == "Your method is right."

    def test_they_go_on_counting_and_are_named_when_the_judge_changes_its_mind(self, mini: Course) -> None:
        graded(mini, outcome())
        override(mini, 5.5)
        better = with_items(outcome(), {"exercise-1": scored(6.0, 6.0)})

        results = graded(mini, better)

        assert cells_of(mini, results)[2] == "5.5"
        assert said(mini, results)[0] == (
            "1_mini: 1 item judged again after a person gave points, which still count. Look again, in the formgrader."
        )

    def test_where_the_judge_decided_nothing_its_fault_stays_in_view(self, mini: Course) -> None:
        graded(mini, outcome())
        override(mini, 5.5)
        lost = with_items(outcome(), {"exercise-1": scored(None, 6.0, "not judged")}, status=Status.NOT_JUDGED)

        assert cells_of(mini, graded(mini, lost))[2] == "not judged"


def test_a_record_that_nobody_decided_on_is_left_as_it_is() -> None:
    record = outcome().record

    assert decisions.decided(record, {}) is record
    assert decisions.decided(record, {"example-9": decisions.Decision(1.0, "", None, True)}) is record


def _dump(mini: Course) -> list[str]:
    return mini_course.rows(gradebook.chosen_url() or gradebook.file_url(mini.root))
