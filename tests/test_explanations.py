"""`autograder review`: what waits, a decision on the terminal, and the journal of who decided what."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from autograder import gradebook
from autograder.cli import DONE, FOUND, USAGE
from autograder.course import Course
from autograder.gradebook import journal
from tests import mini_course
from tests.mini_course import Typed, typed_command
from tests.test_decisions import EVIL, NAME, SUGGESTED, SUGGESTION, cells_of, decide, graded, outcome, state

pytestmark = pytest.mark.filterwarnings(
    # Raised while nbgrader and the libraries under it are imported or write; none of it is ours.
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::sqlalchemy.exc.SAWarning",
)


@pytest.fixture
def mini(tmp_path: Any, gradebook_url: str) -> Course:
    return mini_course.write_with_prose(tmp_path)


@pytest.fixture
def review(mini: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    return typed_command("review", mini, monkeypatch, capsys)


def comment(mini: Course, student: str = "ada") -> str | None:
    with gradebook.opened(mini, mini.root) as book:
        found: str | None = book.find_comment(NAME, "1_mini", "1_mini", student).manual_comment
        return found


def entries(mini: Course) -> list[dict[str, Any]]:
    with gradebook.opened(mini, mini.root) as book:
        return journal.entries(book.db)


@pytest.mark.parametrize("gradebook_url", ["sqlite"], indirect=True)  # TestDecisions reads from both
class TestWhatIsShown:
    def test_text_suggestion_and_evidence(self, mini: Course, review: Typed) -> None:
        graded(mini, outcome("One question\nis enough."))

        _, shown, _ = review(typed="q\n")

        assert "1 of 1: exercise-1-explanation: Why a fair coin has 1 bit (2 points)" in shown
        assert "ada" not in shown
        assert "  | One question\n  | is enough." in shown
        assert "Suggested: 1.5 of 2 points, with a confidence of 0.90." in shown
        assert "Found (+1.5): SECRET idea" in shown
        assert "“SECRET sentence" in shown
        assert "Sentences that repeat the question were set aside." in shown

    def test_text_in_other_cells_of_the_student(self, mini: Course, review: Typed) -> None:
        graded(mini, outcome("", suggestion=None, elsewhere=("My answer is here.",)))

        _, shown, _ = review(typed="q\n")

        assert "  | (empty)" in shown
        assert "In another cell:\n  | My answer is here." in shown

    def test_evidence_without_a_suggestion(self, mini: Course, review: Typed) -> None:
        graded(mini, outcome(suggestion=None, evidence=SUGGESTED.evidence))

        _, shown, _ = review(typed="q\n")

        assert "No points are suggested." in shown
        assert "Found (+1.5): SECRET idea\n      “SECRET sentence" in shown

    def test_nothing_that_could_act_on_a_terminal(self, mini: Course, review: Typed) -> None:
        graded(mini, outcome(f"\x1b[2J\x1b]0;evil\x07 {EVIL} \u202e"))

        _, shown, _ = review(typed="q\n")

        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", shown)

    def test_the_list_asks_nothing(self, mini: Course, review: Typed) -> None:
        graded(mini, outcome(), outcome("Two.", student="bob", suggestion=None))

        code, shown, _ = review("--list", "--names")

        assert code == DONE
        titles, *rows = [re.split(r"  +", line) for line in shown.splitlines()]
        assert titles == ["group", "student", "item", "suggested", "decided", "text"]
        assert sorted(row[1:] for row in rows) == [
            ["ada", NAME, "1.5 of 2", "-", "One question."],
            ["bob", NAME, "-", "-", "Two."],
        ]
        assert state(mini)[1] is None

    def test_the_list_as_json_is_complete(self, mini: Course, review: Typed) -> None:
        graded(mini, outcome())

        (entry,) = json.loads(review("--list", "--names", "--format", "json")[1])

        assert (entry["student"], entry["item"], entry["text"]) == ("ada", NAME, "One question.")
        assert (entry["suggestion"], entry["decision"], entry["waits"]) == (SUGGESTION, None, True)

    def test_what_is_decided_is_shown_only_on_demand(self, mini: Course, review: Typed) -> None:
        graded(mini, outcome())
        decide(mini, 1.0, "Fair.")

        assert review("--list")[1] == ""
        assert "Nothing is waiting." in review()[2]
        assert "Decided before, on this text: 1 point: Fair." in review("--all", typed="q\n")[1]

    def test_an_answer_that_was_changed_after_a_decision_waits_again(self, mini: Course, review: Typed) -> None:
        graded(mini, outcome())
        decide(mini, 1.0)
        graded(mini, outcome("Another."))

        assert "Decided before, on another text: 1 point" in review(typed="q\n")[1]

    def test_sections_and_students_can_be_chosen(self, mini: Course, review: Typed) -> None:
        graded(mini, outcome(), outcome(student="bob"))

        assert "bob" not in review("--list", "--student", "ada", "--section", "1_mini")[1]
        code, _, err = review("--list", "--student", "adaa")
        assert (code, err.splitlines()) == (
            USAGE, ["autograder: no student `adaa` in the gradebook; did you mean `ada`?"],
        )  # fmt: skip
        assert review("--list", "--section", "9_none")[0] == USAGE

    def test_a_notebook_that_is_not_the_graded_one_is_named_and_not_shown(self, mini: Course, review: Typed) -> None:
        graded(mini, outcome())
        graded(mini, outcome("Bob.", student="bob"))
        old = (mini.root / "autograded" / "ada" / "1_mini" / "1_mini.ipynb").read_bytes()
        (mini.root / "autograded" / "bob" / "1_mini" / "1_mini.ipynb").write_bytes(old)

        code, listed, said = review("--list")

        assert code == FOUND
        assert "bob" not in listed
        assert "`bob` 1_mini: the notebook in autograded/ is not the one that was graded" in said

    def test_without_a_gradebook_it_says_what_to_run(self, mini: Course, review: Typed) -> None:
        (mini.root / "gradebook.db").unlink()

        code, _, said = review()

        assert code == USAGE
        assert "run `autograder grade` first" in said
        assert not (mini.root / "gradebook.db").exists()


class TestDecisions:
    @pytest.mark.parametrize(
        ("typed", "points", "said"),
        [
            ("\n", 1.5, None),
            ("0\n", 0.0, None),
            ("2 Good, but say why.\n", 2.0, "Good, but say why."),
            ("1,5\n", 1.5, None),
            ("3\n-1\nnan\nx\n?\n0.5\n", 0.5, None),
            ("s\n", None, None),
            ("q\n", None, None),
            ("", None, None),
        ],
    )
    def test_what_is_typed_counts(
        self, mini: Course, review: Typed, typed: str, points: float | None, said: str | None
    ) -> None:
        graded(mini, outcome())

        assert review(typed=typed)[0] == DONE

        assert state(mini)[:3] == (None, points, points is None)
        assert comment(mini) == said

    def test_enter_decides_nothing_where_nothing_is_suggested(self, mini: Course, review: Typed) -> None:
        graded(mini, outcome(suggestion=None))

        _, shown, _ = review(typed="\n\nq\n")

        assert shown.count("Nothing is suggested") == 2
        assert state(mini)[1] is None

    def test_the_next_run_of_the_grader_carries_it_everywhere_and_keeps_it(self, mini: Course, review: Typed) -> None:
        graded(mini, outcome())
        review(typed="1 Fair.\n")

        for _ in range(2):
            assert cells_of(mini, graded(mini, outcome()))[3:5] == ["1", "15"]

    def test_it_can_be_changed_on_demand(self, mini: Course, review: Typed) -> None:
        graded(mini, outcome())
        review(typed="1 Fair.\n")
        review("--all", typed="2\n")

        assert state(mini)[1] == 2.0
        assert comment(mini) == "Fair."

    def test_the_same_text_of_others_can_be_decided_at_once(self, mini: Course, review: Typed) -> None:
        graded(mini, *(outcome(student=name) for name in ("ada", "bob", "cy")), outcome("Else.", student="dora"))

        _, shown, said = review("--student", "ada", "--student", "bob", "--student", "cy", typed="1 Fair.\nq\n")

        assert "1 text of 3 students" in shown
        assert "3 students wrote exactly this:" in shown
        assert [state(mini, name)[1] for name in ("ada", "bob", "cy", "dora")] == [1.0, 1.0, 1.0, None]
        assert "3 explanations decided" in said

    @pytest.mark.parametrize(("typed", "points"), [("a\nyes\n", [1.5, 1.5, None]), ("a\nno\nq\n", [None] * 3)])
    def test_all_suggestions_are_taken_if_the_person_means_it(
        self, mini: Course, review: Typed, typed: str, points: list[float | None]
    ) -> None:
        graded(mini, outcome(), outcome("B", student="bob"), outcome("C", student="cy", suggestion=None))

        review(typed=typed)

        assert [state(mini, name)[1] for name in ("ada", "bob", "cy")] == points

    def test_in_bulk_suggestions_are_taken_and_no_decision_is_replaced(self, mini: Course, review: Typed) -> None:
        graded(mini, outcome(), outcome("B", student="bob"), outcome("C", student="cy", suggestion=None))
        decide(mini, 0.5, student="bob")

        code, _, said = review("--accept")

        assert code == DONE
        assert [state(mini, name)[1] for name in ("ada", "bob", "cy")] == [1.5, 0.5, None]
        assert "1 explanation decided" in said
        assert "1 left" in said

    @pytest.mark.parametrize(
        ("arguments", "sure", "said"),
        [
            ((), None, "1 taken with a confidence of at least 0.85, 3 left (1 without a suggestion, 1 of 0 points, 1 less sure)"),
            (("--confidence", "0.6"), 1.0, "2 taken with a confidence of at least 0.6, 2 left (1 without a suggestion, 1 of 0 points)"),
            (("--confidence", "0"), 1.0, "2 taken with a confidence of at least 0, 2 left (1 without a suggestion, 1 of 0 points)"),
        ],
    )  # fmt: skip
    def test_in_bulk_only_what_is_sure_enough_is_taken_and_never_a_zero(
        self, mini: Course, review: Typed, arguments: tuple[str, ...], sure: float | None, said: str
    ) -> None:
        zero = replace(SUGGESTED, points=0.0, confidence=1.0)
        doubtful = replace(SUGGESTED, points=1.0, confidence=0.84)
        graded(
            mini,
            outcome(),
            outcome("B", student="bob", suggestion=zero),
            outcome("C", student="cy", suggestion=None),
            outcome("D", student="dora", suggestion=doubtful),
        )

        _, _, message = review("--accept", *arguments)

        assert [state(mini, name)[1] for name in ("ada", "bob", "cy", "dora")] == [1.5, None, None, sure]
        assert said in message

    def test_all_that_are_left_means_those_that_are_sure(self, mini: Course, review: Typed) -> None:
        doubtful = replace(SUGGESTED, confidence=0.84)
        graded(mini, outcome(), outcome("B", student="bob", suggestion=doubtful))

        _, shown, _ = review(typed="a\nyes\n")

        assert [state(mini, name)[1] for name in ("ada", "bob")] == [1.5, None]
        assert "Take the suggestion for 1 explanation and leave 1 (confidence at least 0.85" in shown


class TestJournal:
    def test_who_when_what_and_what_it_was_before(self, mini: Course, review: Typed) -> None:
        graded(mini, outcome())
        started = datetime.now(UTC) - timedelta(seconds=1)
        review("--by", "Prof. Noether", typed="1 Fair.\n")
        review("--by", "bob", "--all", typed="2\n")

        found = entries(mini)

        assert [(e["who"], e["field"], e["before"], e["after"]) for e in found] == [
            ("Prof. Noether", "points", None, "1"),
            ("Prof. Noether", "comment", None, "Fair."),
            ("bob", "points", "1", "2"),
        ]
        for entry in found:
            assert (entry["student"], entry["section"], entry["item"]) == ("ada", "1_mini", NAME)
            assert (entry["by"], entry["suggested"]) == ("autograder review", "1.5")
            assert started <= datetime.fromisoformat(entry["at"]) <= datetime.now(UTC)

    def test_a_user_without_a_name_can_decide(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As in a container that is started for a number."""
        for name in ("JUPYTERHUB_USER", "LOGNAME", "USER", "LNAME", "USERNAME"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr("os.getuid", lambda: 987_654_321)

        assert journal.user() == "user 987654321"

    def test_decisions_in_the_formgrader_are_entered_too(
        self, mini: Course, review: Typed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The settings of the course turn it on, in whatever process reads them."""
        from traitlets.config import Config

        from autograder.nbgrader_hooks import configure

        configure(Config(), mini.root)
        monkeypatch.setenv("JUPYTERHUB_USER", "emmy")
        graded(mini, outcome())
        decide(mini, 1.0, "Fair.")

        shown = json.loads(review("--journal", "--format", "json")[1])

        assert {(e["who"], e["by"], e["field"], e["after"]) for e in shown} == {
            ("emmy", "nbgrader", "points", "1"), ("emmy", "nbgrader", "comment", "Fair."),
        }  # fmt: skip

    def test_the_judge_is_no_person(self, mini: Course) -> None:
        journal.listen()
        for text in ("One.", "Another."):
            graded(mini, outcome(text))

        assert entries(mini) == []

    def test_a_change_that_is_rolled_back_is_not_entered(self, mini: Course) -> None:
        journal.listen()
        graded(mini, outcome())
        with gradebook.opened(mini, mini.root) as book:
            book.find_grade(NAME, "1_mini", "1_mini", "ada").manual_score = 2.0
            book.db.flush()
            book.db.rollback()

        assert entries(mini) == []
        assert state(mini)[1] is None

    def test_a_gradebook_with_a_journal_is_still_nbgraders(self, mini: Course, review: Typed) -> None:
        graded(mini, outcome())
        review(typed="1\n")

        with gradebook.opened(mini, mini.root) as book:
            book.remove_student("ada")
            assert book.students == []
