"""Regrade requests: files of any kind become a queue, staff answer, and the student reads it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from autograder import cli, course, gradebook
from autograder.cli import DONE, FOUND, USAGE
from autograder.course import Course, CourseError
from autograder.gradebook import journal
from autograder.grading.deliver import deliver
from autograder.records.record import RequestRecord
from autograder.report.feedback import feedback_object, page
from autograder.review import answering, requests
from autograder.review.requests import Asked, Request
from tests import mini_course, records
from tests.mini_course import Typed, typed_command
from tests.test_decisions import outcome, with_items

pytestmark = pytest.mark.filterwarnings(
    # Raised while nbgrader and the libraries under it are imported or write; none of it is ours.
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::sqlalchemy.exc.SAWarning",
)

PROSE = "exercise-1-explanation"
CHECKED = {"exercise-1": records.item(records.check("coin", "wrong", message="Got 0.5.", function="coin"), full=6.0)}


def outcomes() -> list[Any]:
    return [with_items(outcome(student=student), CHECKED) for student in ("ada", "bob")]


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("graded")
    mini = mini_course.write_with_prose(root)
    (root / "roster.csv").write_text("student,email\nada,ada@uni.example\nzoe,zoe@uni.example\n", encoding="utf-8")
    deliver(mini, outcomes(), outcomes(), root)
    return root


@pytest.fixture
def mini(graded_once: Path, tmp_path: Path) -> Course:
    return course.load(shutil.copytree(graded_once, tmp_path / "course"))


@pytest.fixture
def command(mini: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    monkeypatch.setattr("autograder.grading.deliver.stored", lambda *_: results(mini))
    return typed_command("requests", mini, monkeypatch, capsys)


def results(mini: Course) -> list[Any]:
    """Return what the next run of the grader hands out."""
    return deliver(mini, outcomes(), outcomes(), mini.root).results


def csv(mini: Course, *rows: str, header: str = "student,section,item,text") -> Path:
    path = mini.root / "requests.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def grade(mini: Course, item: str, student: str = "ada") -> tuple[float | None, float | None, bool]:
    with gradebook.opened(mini, mini.root) as book:
        found = book.find_grade(item, "1_mini", "1_mini", student)
        return found.auto_score, found.manual_score, found.needs_manual_grade


class TestFiles:
    def test_columns_are_found_by_their_headings(self, tmp_path: Path) -> None:
        path = tmp_path / "r.csv"
        path.write_text('Date;Question;Message;Assignment;Student\n3 May;exercise-1;"Why?\nI did.";1_mini;ada\n')

        assert requests.read(path) == [Asked(2, "ada", "1_mini", "exercise-1", "Why?\nI did.", "3 May")]

    def test_text_with_a_line_for_each_request(self, tmp_path: Path) -> None:
        path = tmp_path / "r.txt"
        path.write_text("\nada/1_mini/exercise-1: Why?\nSee: I did it.\n\nbob/1_mini: And I?\n")

        assert requests.read(path) == [
            Asked(2, "ada", "1_mini", "exercise-1", "Why?\nSee: I did it."),
            Asked(5, "bob", "1_mini", "", "And I?"),
        ]

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("r.csv", b"student,text\nada,x\n", "it lacks `section` and has `student` and `text`"),
            ("r.csv", b"", "needs columns student, section and text"),
            ("r.csv", b"student,section,text\nada,1_mini,a,b\n", "line 2 has more cells"),
            ("r.csv", b"PK\x03\x04", "is a workbook"),
            ("r.txt", b"Dear staff,\n", "line 1 begins no request"),
            ("none.txt", None, "can't be read"),
            ("none.csv", None, "can't be read"),
        ],
    )
    def test_files_that_can_not_be_read_are_named(
        self, tmp_path: Path, name: str, content: bytes | None, said: str
    ) -> None:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)

        with pytest.raises(CourseError, match=said):
            requests.read(path)

    def test_any_bytes_give_requests_or_one_line(self, tmp_path: Path) -> None:
        path = tmp_path / "r.txt"
        path.write_bytes(b"ada/1_mini: \xff\x00\x1b[2J" + b"x" * 100_000)

        (asked,) = requests.read(path)

        assert len(asked.text) > 100_000


class TestQueue:
    def test_requests_are_taken_once_whatever_their_blanks(self, mini: Course, command: Typed) -> None:
        path = csv(mini, "ada,1_mini,exercise-1,Why not 6?", "bob,1_mini,,And the section?")
        assert "2 new requests" in command(path, "--list")[2]
        csv(mini, "ada,1_mini,exercise-1,Why  not 6? ", "bob,1_mini,,And the section?")

        code, listed, said = command(path, "--list", "--names", "--format", "json")

        assert (code, "0 new requests, 2 were there already" in said) == (DONE, True)
        assert sorted((row["student"], row["item"], row["text"], row["answer"]) for row in json.loads(listed)) == [
            ("ada", "exercise-1", "Why not 6?", None), ("bob", None, "And the section?", None)
        ]  # fmt: skip

    def test_a_title_and_an_address_do_too(self, mini: Course, command: Typed) -> None:
        _, listed, _ = command(csv(mini, "ada@uni.example,Mini,A coin,Why?"), "--list", "--names", "--format", "json")

        (row,) = json.loads(listed)
        assert (row["student"], row["section"], row["item"]) == ("ada", "1_mini", "exercise-1")

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ("nobody,1_mini,exercise-1,x", "nobody is called `nobody`; correct the name, or import the roster"),
            ("\x1b[2J,1_mini,exercise-1,x", r"nobody is called `\x1b[2J`"),
            ("ada,9_none,exercise-1,x", "there is no section `9_none`; it is one of `1_mini`"),
            ("ada,1_mini,exercise-9,x", "there is no item `exercise-9` in 1_mini; it has `example-1`, `exercise-1`"),
            ("zoe,1_mini,exercise-1,x", "`zoe` has not handed in 1_mini, so there is nothing to look at"),
            ("ada,1_mini,exercise-1,", "it has no text"),
            (f"ada,1_mini,exercise-1,{'x' * 4001}", "it has 4001 characters; at most 4000 can be kept"),
        ],
    )
    def test_a_request_that_can_not_be_taken_is_named_and_the_others_are_taken(
        self, mini: Course, command: Typed, row: str, said: str
    ) -> None:
        path = csv(mini, row, "bob,1_mini,exercise-1,Why?", "bob,1_mini,exercise-1,Why?")

        code, _, shown = command(path, "--list")

        assert code == FOUND
        assert f"{path}, line 2: {said}" in shown
        assert f"{path}, line 4: it is the same request as in line 3" in shown
        assert "1 new request, 2 not taken" in shown

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
    def test_any_encoding_of_a_spreadsheet_is_read_and_formulas_and_html_stay_text(
        self, mini: Course, command: Typed, encoding: str
    ) -> None:
        path, asked = mini.root / "requests.csv", "=cmd|' /C calc'!A0 für <b>alle</b>"
        path.write_bytes(f"student;section;item;text\nada;1_mini;exercise-1;{asked}\n".encode(encoding))

        _, listed, _ = command(path, "--list", "--format", "json")

        assert json.loads(listed)[0]["text"] == asked
        assert "für &lt;b&gt;alle&lt;/b&gt;" in page(mini, "ada", dict(results(mini))["ada"])

    def test_nobody_can_flood_the_queue(self, mini: Course, command: Typed) -> None:
        """Of a file with very many lines, a bounded number is kept and named."""
        path = csv(mini, *(f"{name},1_mini,,Why {n}?" for n in range(5000) for name in ("ada", "nobody")))

        code, listed, said = command(path, "--list", "--format", "json")

        assert code == FOUND
        assert len(json.loads(listed)) == requests.MOST
        assert "`ada` has 20 requests about 1_mini already, which is the most; put them together" in said
        assert f"{path}: and {10_000 - requests.MOST - 50} more that can't be taken" in said
        assert len(said.splitlines()) < 60

    def test_names_are_hidden_unless_asked_for(self, mini: Course, command: Typed) -> None:
        path = csv(mini, "ada,1_mini,exercise-1,Why?")

        hidden = [command(path, "--list")[1], command("--list", "--format", "json")[1], command(typed="q\n")[1]]

        assert not [text for text in hidden if "ada" in text]
        assert "ada, 1_mini, exercise-1" in command("--names", typed="q\n")[1]

    def test_grading_tells_staff_that_they_wait(self, mini: Course, command: Typed) -> None:
        command(csv(mini, "ada,1_mini,exercise-1,Why?"), "--list")

        entries = deliver(mini, outcomes(), outcomes(), mini.root).entries

        assert "1 regrade request to answer. To answer: `autograder requests`." in [
            f"{e.what} {e.next}" for e in entries
        ]

    def test_a_gradebook_without_records_of_the_work_says_so(
        self, mini: Course, command: Typed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        command(csv(mini, "ada,1_mini,exercise-1,Why?"), "--list")
        monkeypatch.setattr("autograder.grading.deliver.stored", lambda *_: [])

        assert "1 request can't be shown without a record of the work; run `autograder grade`" in command()[2]


class TestAnswers:
    def test_staff_see_request_answer_checks_and_points(self, mini: Course, command: Typed) -> None:
        _, shown, _ = command(csv(mini, "ada,1_mini,exercise-1,Why \x1b[2J not 6?"), typed="q\n")

        assert "1 of 1: 1_mini, exercise-1: A coin" in shown
        assert "The request:\n  | Why ␛[2J not 6?" in shown
        assert "exercise-1: 5 of 6 points" in shown
        assert "What was handed in:\n  | " in shown
        assert "coin = Measures.entropy([0.8, 0.2])" in shown
        assert "5 of 6 checks passed." in shown
        assert "coin: wrong, 0 of 1 point\n      Reason of coin.\n      Got 0.5." in shown

    def test_the_answer_lands_on_the_students_page_and_points_stay(self, mini: Course, command: Typed) -> None:
        path = csv(mini, "ada,1_mini,exercise-1,Why not 6?")

        _, _, said = command(path, "--by", "prof", typed="You are right.\n6\n")

        assert "1 request answered by prof." in said
        for _ in range(2):
            record = dict(results(mini))["ada"]
            assert (record.items["exercise-1"].points, record.items["exercise-1"].decision.judge) == (6.0, 5.0)
            assert grade(mini, "exercise-1") == (5.0, 6.0, False)
        assert "You are right." in page(mini, "ada", record)
        assert feedback_object(mini, "ada", record)["requests"][0]["answer"] == "You are right."
        assert "You are right." not in page(mini, "bob", dict(results(mini))["bob"])
        assert "No request is waiting." in command()[2]

    def test_an_answer_needs_no_points(self, mini: Course, command: Typed) -> None:
        command(csv(mini, "ada,1_mini,exercise-1,Why?"), typed="The check is right.\n\n")

        assert grade(mini, "exercise-1") == (5.0, None, False)
        assert dict(results(mini))["ada"].requests == (RequestRecord("exercise-1", "Why?", "", "The check is right."),)

    def test_points_typed_where_words_are_asked_for_are_no_answer(self, mini: Course, command: Typed) -> None:
        _, shown, _ = command(csv(mini, "ada,1_mini,exercise-1,Why?"), typed="6\nYou are right.\n6\n")

        assert "Type words that the student reads; points come next." in shown
        assert dict(results(mini))["ada"].requests[0].answer == "You are right."

    def test_an_answer_can_be_typed_again_before_its_points(self, mini: Course, command: Typed) -> None:
        command(csv(mini, "ada,1_mini,exercise-1,Why?"), typed="You are rihgt.\nu\nYou are right.\n6\n")

        assert dict(results(mini))["ada"].requests[0].answer == "You are right."
        assert grade(mini, "exercise-1")[1] == 6.0

    def test_an_explanation_can_get_points_too(self, mini: Course, command: Typed) -> None:
        command(csv(mini, f"ada,1_mini,{PROSE},Why?"), typed="You said it.\n1,5\n")

        assert grade(mini, PROSE) == (None, 1.5, False)

    def test_a_request_about_the_section_names_the_item_that_gets_points(self, mini: Course, command: Typed) -> None:
        _, shown, _ = command(
            csv(mini, "ada,1_mini,,All of it?"), typed="Yes.\nexercise-9=1\nexercise-1=7\n6\nexercise-1 = 6\n"
        )

        assert "There is no item `exercise-9` in 1_mini" in shown
        assert "Points of exercise-1 are from 0 to 6; got 7." in shown
        assert "There is no item `` in 1_mini" in shown
        assert grade(mini, "exercise-1")[1] == 6.0

    @pytest.mark.parametrize("typed", ["nan", "-1", "inf", "x", "6.5", "1e999"])
    def test_impossible_points_are_asked_for_again(self, mini: Course, command: Typed, typed: str) -> None:
        command(csv(mini, "ada,1_mini,exercise-1,Why?"), typed=f"No.\n{typed}\n\n")

        assert grade(mini, "exercise-1") == (5.0, None, False)
        assert dict(results(mini))["ada"].requests[0].answer == "No."

    def test_input_that_ends_before_the_points_answers_nothing(self, mini: Course, command: Typed) -> None:
        command(csv(mini, "ada,1_mini,exercise-1,Why?"), typed="Half an answer")

        assert dict(results(mini))["ada"].requests[0].answer is None

    def test_the_last_answer_is_taken_back_with_its_points(self, mini: Course, command: Typed) -> None:
        path = csv(mini, "ada,1_mini,exercise-1,Why?", "bob,1_mini,exercise-1,Why?")

        command(path, typed="First.\n6\nu\nSecond.\n\nq\n")

        answers = [record.requests[0].answer for _, record in results(mini)]
        assert sorted(map(str, answers)) == ["None", "Second."]
        assert {grade(mini, "exercise-1", student)[1] for student in ("ada", "bob")} == {None}

    def test_review_takes_it_back_after_the_program_has_ended(self, mini: Course, command: Typed) -> None:
        command(csv(mini, "ada,1_mini,exercise-1,Why?"), typed="First.\n6\n")

        assert cli.main(["review", "--output", str(mini.root), "--undo"]) == DONE

        assert dict(results(mini))["ada"].requests[0].answer is None
        assert grade(mini, "exercise-1") == (5.0, None, False)

    def test_a_new_answer_replaces_the_old(self, mini: Course, command: Typed) -> None:
        command(csv(mini, "ada,1_mini,exercise-1,Why?"), typed="First.\n\n")

        _, shown, _ = command("--all", typed="Second.\n\n")

        assert "Answered before:\n  | First." in shown
        assert dict(results(mini))["ada"].requests[0].answer == "Second."

    def test_the_journal_says_who_answered_what(self, mini: Course, command: Typed) -> None:
        command(csv(mini, "ada,1_mini,exercise-1,Why?"), "--by", "prof", typed="Yes.\n6\n")

        with gradebook.opened(mini, mini.root) as book:
            entries = [(e["who"], e["student"], e["field"], e["after"]) for e in journal.entries(book.db)]
        assert entries == [
            ("prof", "ada", "request", "Why?"),
            ("prof", "ada", "answer to the request", "Yes."),
            ("prof", "ada", "points", "6"),
        ]

    def test_an_item_that_is_not_judged_gets_no_points(self, mini: Course) -> None:
        record = records.changed(outcome().record, {"exercise-1": records.scored(None, 6.0, "not judged")})

        assert "is not judged yet" in str(requests.why_not(mini.section("1_mini"), record, "exercise-1", 3.0))

    def test_functions_of_a_module_are_shown_and_of_any_file_something(self, mini: Course, tmp_path: Path) -> None:
        section = mini.section("1_mini")
        tested = records.item(records.check("a", function="Measures.entropy"), full=10.0)
        record = records.changed(outcome().record, {"example-1": tested})
        (tmp_path / "measures.py").write_text(
            "import os\nclass Measures:\n    def other(p):\n        return 1\n\n    def entropy(\n        p,\n    ):\n"
            "        x = 1\n\n        return x\n\n    z = 2\n"
        )

        shown = requests.answer_of(section, record, "example-1", tmp_path)

        assert shown == "    def entropy(\n        p,\n    ):\n        x = 1\n\n        return x"
        (tmp_path / "measures.py").write_bytes(b"\xff\x00 no python")
        assert "no python" in requests.answer_of(section, record, "example-1", tmp_path)
        assert requests.answer_of(section, record, "exercise-1", tmp_path) == "(not found among what was graded)"

    def test_nothing_that_could_act_on_a_terminal(self, mini: Course, tmp_path: Path) -> None:
        evil = "\x1b[2J\x07\u202e"
        check = records.check("a", "wrong", message=evil, reason=evil)
        record = records.changed(outcome().record, {"exercise-1": records.item(check, full=6.0)})
        request = Request(evil, record, RequestRecord("exercise-1", evil, evil, evil))

        shown = answering.describe(mini, request, tmp_path, names=True)

        assert shown.replace("\n", "").isprintable()


def test_without_a_gradebook_it_says_what_to_run(mini: Course, command: Typed) -> None:
    (mini.root / "gradebook.db").unlink()

    code, _, said = command()

    assert (code, "run `autograder grade` first" in said) == (USAGE, True)
