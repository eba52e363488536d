"""`autograder review` with several tutors: groups, hidden names, undo, pages, files of decisions, conflicts, agreement."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from autograder import course, gradebook
from autograder.cli import DONE, FOUND, USAGE
from autograder.course import Course
from autograder.gradebook import journal
from autograder.grading.batch import Outcome
from autograder.review import sharing
from autograder.review.explanations import explanations
from tests import mini_course
from tests.mini_course import Typed, typed_command
from tests.test_decisions import decide, graded, outcome, state

pytestmark = pytest.mark.filterwarnings(
    # Raised while nbgrader and the libraries under it are imported or write; none of it is ours.
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::sqlalchemy.exc.SAWarning",
)

# Two that are alike, two that are the same, two that are neither.
TEXTS = {
    "student-ada": "A fair coin has two sides that are equally likely, so that one question decides.",
    "student-bob": "A fair coin has two sides that are equally likely, so one question decides!",
    "student-cy": "One bit.",
    "student-dora": "One bit.",
    "student-emil": "Entropy is what physicists call disorder in a gas.",
    "student-fay": "It depends on the weather in the mountains.",
}


def outcomes() -> list[Outcome]:
    return [outcome(text, student=student) for student, text in TEXTS.items()]


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("graded")
    mini = mini_course.write_with_prose(root)
    graded(mini, *outcomes())
    return root


@pytest.fixture
def mini(graded_once: Path, tmp_path: Path) -> Course:
    return course.load(shutil.copytree(graded_once, tmp_path / "course"))


@pytest.fixture
def review(mini: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    monkeypatch.setattr("autograder.prose.embeddings.version", lambda: None)  # the measure by words is quick
    return typed_command("review", mini, monkeypatch, capsys)


def points(mini: Course) -> dict[str, float | None]:
    """Return what the gradebook holds, by student."""
    return {student: state(mini, student)[1] for student in TEXTS}


def of(mini: Course, place: int, tutors: int = 2, twice: float = 0.0) -> set[str]:
    """Return the students whose text the tutor reads."""
    with gradebook.opened(mini, mini.root) as book:
        found, _ = explanations(book, mini, mini.root / "autograded")
    share = sharing.Share(place, tutors, twice)
    return {entry.student for entry in found if share.holds(entry)}


def file_of(
    mini: Course, path: Path, by: str, given: dict[str, float], share: tuple[int, int, float], **changes: Any
) -> Path:
    """Write a file as the page of a tutor downloads it."""
    with gradebook.opened(mini, mini.root) as book:
        found, _ = explanations(book, mini, mini.root / "autograded")
    rows = [
        {"id": entry.id, "answer": entry.prose.answer, "points": given[entry.student], "comment": f"By {by}."}
        for entry in found
        if entry.student in given
    ]
    head = {"format": "autograder review 1", "course": "mini", "by": by}
    head |= dict(zip(("tutor", "of", "twice"), share, strict=True))
    path.write_text(json.dumps({**head, "decisions": rows, **changes}), encoding="utf-8")
    return path


class TestGroups:
    def test_a_group_is_shown_whole_and_decided_at_once(self, mini: Course, review: Typed) -> None:
        """The group of alike texts is found by its size; the others are skipped."""
        _, shown, _ = review(typed="s\n" * 4)
        place = re.findall(r"(\d) of 4: [^\n]*: 2 texts of 2 students", shown)

        review(typed="s\n" * (int(place[0]) - 1) + "1 Good.\nq\n")

        assert "[1]\n  | A fair coin" in shown
        assert "[2]\n  | A fair coin" in shown
        assert points(mini) == dict.fromkeys(TEXTS) | {"student-ada": 1.0, "student-bob": 1.0}

    def test_a_text_can_be_taken_out_and_comes_next(self, mini: Course, review: Typed) -> None:
        place = int(re.findall(r"(\d) of 4: [^\n]*: 2 texts of", review(typed="s\n" * 4)[1])[0])

        _, shown, _ = review(typed="s\n" * (place - 1) + "x3\nx1\n2\n0\nq\n")

        assert "There is no text 3 to take out of 2 texts." in shown
        assert {points(mini)[name] for name in ("student-ada", "student-bob")} == {0.0, 2.0}

    def test_names_are_hidden_unless_asked_for(self, mini: Course, review: Typed) -> None:
        hidden = [*review(typed="s\n" * 4)[1:], *review("--list")[1:], review("--list", "--format", "json")[1]]
        review("--page", mini.root / "page.html")
        hidden.append((mini.root / "page.html").read_text(encoding="utf-8"))
        review("--page", mini.root / "page.html", "--names")
        named = [
            review("--names", typed="s\n" * 4)[1],
            review("--names", "--list")[1],
            review("--names", "--list", "--format", "json")[1],
            (mini.root / "page.html").read_text(encoding="utf-8"),
        ]

        assert not [text for text in hidden if "student-" in text]
        assert all(student in text for text in named for student in TEXTS)


class TestUndo:
    def test_the_last_decision_is_taken_back_in_the_same_session(self, mini: Course, review: Typed) -> None:
        _, shown, said = review(typed="1 Good.\nu\n0.5\nq\n")

        assert "Taken back: 1 decision on" in shown
        assert "decided by" in said
        assert {given for given in points(mini).values() if given is not None} == {0.5}

    def test_decisions_are_taken_back_after_the_program_has_ended(self, mini: Course, review: Typed) -> None:
        for typed in ("1\nq\n", "2 Good.\nq\n", "0\nq\n"):
            review(typed=typed)
        first = {student for student, given in points(mini).items() if given == 1.0}

        code, _, said = review("--undo", "2")

        assert code == DONE
        assert "Taken back: 2 decisions" in said
        assert {student for student, given in points(mini).items() if given is not None} == first
        assert review("--undo")[0] == DONE
        assert set(points(mini).values()) == {None}
        code, _, said = review("--undo")
        assert (code, "There is no decision of" in said) == (FOUND, True)

    def test_it_waits_again_and_comment_and_earlier_points_are_as_they_were(self, mini: Course, review: Typed) -> None:
        decide(mini, 0.5, "First.", "student-fay")
        review("--student", "student-fay", "--all", typed="2 Second.\n")
        review("--undo")

        with gradebook.opened(mini, mini.root) as book:
            said = book.find_comment("exercise-1-explanation", "1_mini", "1_mini", "student-fay").manual_comment
        assert state(mini, "student-fay")[1:3] == (0.5, False)
        assert said == "First."

    def test_a_decision_on_another_text_waits_again(self, mini: Course, review: Typed) -> None:
        decide(mini, 0.5, student="student-fay")
        graded(mini, outcome("Another.", student="student-fay"))
        review("--student", "student-fay", typed="0.5\n")
        assert state(mini, "student-fay")[1:3] == (0.5, False)

        review("--undo")

        assert state(mini, "student-fay")[1:3] == (0.5, True)

    def test_only_ones_own_decisions_are_taken_back(self, mini: Course, review: Typed) -> None:
        review("--by", "anna", typed="1\nq\n")
        review("--by", "ben", typed="2\nq\n")

        review("--by", "anna", "--undo")

        assert {given for given in points(mini).values() if given is not None} == {2.0}

    def test_what_somebody_changed_since_stays(self, mini: Course, review: Typed) -> None:
        review("--student", "student-fay", typed="1\n")
        decide(mini, 2.0, student="student-fay")

        code, _, said = review("--undo")

        assert (code, state(mini, "student-fay")[1]) == (FOUND, 2.0)
        assert "1 changed since, and stayed as it is." in said

    def test_the_journal_keeps_both(self, mini: Course, review: Typed) -> None:
        review("--student", "student-fay", "--by", "anna", typed="1\n")
        review("--by", "anna", "--undo")

        with gradebook.opened(mini, mini.root) as book:
            entries = [(e["field"], e["before"], e["after"]) for e in journal.entries(book.db) if e["student"]]
        assert entries == [("points", None, "1"), ("points", "1", None)]


class TestShares:
    def test_tutors_have_all_texts_between_them(self, mini: Course, review: Typed) -> None:
        listed = [
            json.loads(review("--list", "--names", "--format", "json", "--tutor", f"{k}/3")[1]) for k in (1, 2, 3)
        ]

        assert sorted(row["student"] for rows in listed for row in rows) == sorted(TEXTS)

    def test_names_and_numbers_mean_the_same(self, mini: Course, review: Typed) -> None:
        by_name = review("--list", "--tutors", "anna,ben", "--by", "ben")[1]

        assert by_name == review("--list", "--tutor", "2/2")[1]

    def test_a_text_read_twice_is_decided_when_both_agree(self, mini: Course, review: Typed) -> None:
        share = ("--tutors", "anna,ben", "--twice", "100%")
        review(*share, "--by", "anna", typed="1 So.\n" * 4)
        assert set(points(mini).values()) == {None}

        _, shown, _ = review(*share, "--by", "ben", typed="1\n" * 4)

        assert "anna" not in shown
        assert "Decided before" not in shown
        assert set(points(mini).values()) == {1.0}
        assert "Nothing is waiting." in review(*share, "--by", "anna")[2]

    def test_tutors_who_differ_decide_nothing_until_one_person_settles_it(self, mini: Course, review: Typed) -> None:
        share = ("--tutors", "anna,ben", "--twice", "100%", "--student", "student-fay")
        review(*share, "--by", "anna", typed="1 Too short.\n")
        _, shown, _ = review(*share, "--by", "ben", typed="2\n")
        assert "in conflict with another tutor: 1" in shown
        assert state(mini, "student-fay")[1:3] == (None, True)

        _, shown, _ = review("--conflicts", "--by", "prof", typed="1.5 Nearly.\nq\n")

        assert "anna gave 1 point: Too short." in shown
        assert "ben gave 2 points" in shown
        assert state(mini, "student-fay")[1:3] == (1.5, False)
        assert "Nothing is waiting." in review("--conflicts")[2]

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--tutor", "3/2"), "K/N is needed"),
            (("--tutor", "x"), "K/N is needed"),
            (("--tutors", "anna"), "different names are needed"),
            (("--tutors", "anna,anna"), "different names are needed"),
            (("--tutors", "anna,ben", "--twice", "200%"), "from 0% to 100%"),
        ],
    )
    def test_impossible_shares_are_refused_by_the_parser(
        self, review: Typed, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
    ) -> None:
        with pytest.raises(SystemExit, match="2"):
            review(*arguments)
        assert said in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--tutors", "anna,ben"), "needs --by with one of anna, ben"),
            (("--tutors", "anna,ben", "--by", "cleo"), "needs --by with one of anna, ben"),
            (("--twice", "10%"), "--twice needs --tutor or --tutors"),
            (("--skip-refused",), "--skip-refused is for --import"),
            (("--export", "x.json"), "--export needs --tutor or --tutors"),
        ],
    )
    def test_calls_that_can_not_work_say_what_is_missing(
        self, review: Typed, arguments: tuple[str, ...], said: str
    ) -> None:
        code, _, shown = review(*arguments)

        assert (code, said in shown) == (USAGE, True)


class TestImport:
    def test_decisions_of_a_page_land_in_the_gradebook(self, mini: Course, review: Typed) -> None:
        given = dict.fromkeys(TEXTS, 1.5)

        code, _, said = review("--import", file_of(mini, mini.root / "a.json", "anna", given, (1, 1, 0.0)))

        assert (code, points(mini)) == (DONE, given)
        assert "decided: 6" in said
        with gradebook.opened(mini, mini.root) as book:
            assert {entry["who"] for entry in journal.entries(book.db)} == {"anna"}
            comment = book.find_comment("exercise-1-explanation", "1_mini", "1_mini", "student-fay").manual_comment
        assert comment == "By anna."

    def test_again_changes_nothing(self, mini: Course, review: Typed) -> None:
        path = file_of(mini, mini.root / "a.json", "anna", dict.fromkeys(TEXTS, 1.5), (1, 1, 0.0))
        review("--import", path)
        before = mini_course.rows(gradebook.file_url(mini.root))

        code, _, said = review("--import", path)

        assert (code, mini_course.rows(gradebook.file_url(mini.root)) == before) == (DONE, True)
        assert "as before: 6" in said

    def test_a_newer_file_of_the_same_tutor_replaces_the_older(self, mini: Course, review: Typed) -> None:
        for given in (1.0, 2.0):
            review("--import", file_of(mini, mini.root / "a.json", "anna", {"student-fay": given}, (1, 1, 0.0)))

        assert state(mini, "student-fay")[1] == 2.0

    def test_a_decision_of_the_formgrader_stays(self, mini: Course, review: Typed) -> None:
        decide(mini, 0.5, student="student-fay")

        _, _, said = review("--import", file_of(mini, mini.root / "a.json", "anna", {"student-fay": 2.0}, (1, 1, 0.0)))

        assert state(mini, "student-fay")[1] == 0.5
        assert "decided otherwise by somebody else, which stays: 1" in said

    def test_two_files_agree_or_are_in_conflict_and_settled_ones_stay_so(self, mini: Course, review: Typed) -> None:
        one = {"student-cy": 1.0, "student-dora": 1.0, "student-fay": 1.0}
        other = one | {"student-fay": 2.0}
        files = [
            file_of(mini, mini.root / "a.json", "anna", one, (1, 2, 1.0)),
            file_of(mini, mini.root / "b.json", "ben", other, (2, 2, 1.0)),
        ]
        _, _, said = review("--import", *files)
        assert "wait for the other tutor: 3" in said
        assert "in conflict with another tutor: 1" in said
        assert [points(mini)[student] for student in one] == [1.0, 1.0, None]

        review("--conflicts", "--by", "ben", typed="2\n")  # a tutor may be the one who settles
        review("--import", *files)

        assert [points(mini)[student] for student in one] == [1.0, 1.0, 2.0]
        assert "Nothing is waiting." in review("--conflicts")[2]

    def test_a_tutor_who_thinks_again_brings_a_conflict_to_light(self, mini: Course, review: Typed) -> None:
        for by, place, given in (("anna", 1, 1.0), ("ben", 2, 1.0), ("anna", 1, 2.0)):
            share = (place, 2, 1.0)
            review("--import", file_of(mini, mini.root / "f.json", by, {"student-fay": given}, share))

        assert state(mini, "student-fay")[1:3] == (None, True)

    def test_one_wrong_row_and_nothing_is_taken_in(self, mini: Course, review: Typed) -> None:
        path = file_of(mini, mini.root / "a.json", "anna", {"student-fay": 1.0, "student-cy": 3.0}, (1, 1, 0.0))
        before = mini_course.rows(gradebook.file_url(mini.root))

        code, _, said = review("--import", path)

        assert code == USAGE
        assert "points must be from 0 to 2; got 3" in said
        assert "nothing was taken in" in said
        assert mini_course.rows(gradebook.file_url(mini.root)) == before

        code, _, _ = review("--import", path, "--skip-refused")

        assert (code, points(mini)["student-fay"], points(mini)["student-cy"]) == (FOUND, 1.0, None)

    def test_a_text_that_changed_since_is_refused(self, mini: Course, review: Typed) -> None:
        path = file_of(mini, mini.root / "a.json", "anna", {"student-fay": 1.0}, (1, 1, 0.0))
        graded(mini, outcome("Another.", student="student-fay"))

        code, _, said = review("--import", path)

        assert (code, points(mini)["student-fay"]) == (USAGE, None)
        assert "has changed since the page was made; decide on the new text" in said

    def test_an_import_is_one_decision_to_take_back(self, mini: Course, review: Typed) -> None:
        path = file_of(mini, mini.root / "a.json", "anna", dict.fromkeys(TEXTS, 1.0), (1, 1, 0.0))
        review("--import", path)

        review("--undo", "--by", "anna")
        assert set(points(mini).values()) == {None}

        review("--import", path)
        assert set(points(mini).values()) == {1.0}

    def test_what_a_tutor_decided_on_another_machine_comes_back_as_a_file(
        self, mini: Course, review: Typed, tmp_path: Path
    ) -> None:
        share = ("--tutors", "anna,ben", "--by", "anna")
        shutil.copy(mini.root / "gradebook.db", tmp_path / "before.db")
        review(*share, typed="1 Good.\n" * 4)
        there = points(mini)
        assert review(*share, "--export", tmp_path / "anna.json")[0] == DONE

        shutil.copy(tmp_path / "before.db", mini.root / "gradebook.db")
        review("--import", tmp_path / "anna.json")

        assert points(mini) == there
        assert {student for student, given in there.items() if given is not None} == of(mini, 1)

    def test_the_next_run_of_the_grader_keeps_it(self, mini: Course, review: Typed) -> None:
        review("--import", file_of(mini, mini.root / "a.json", "anna", {"student-fay": 1.0}, (1, 1, 0.0)))

        results = dict(graded(mini, *outcomes()))

        assert results["student-fay"].items["exercise-1-explanation"].points == 1.0


def test_agreement_says_how_many_texts_it_rests_on(mini: Course, review: Typed) -> None:
    assert "No text was read by two tutors" in review("--agreement")[2]
    anna = dict(zip(TEXTS, (2.0, 2.0, 1.0, 1.0, 0.0, 0.0), strict=True))
    ben = dict(zip(TEXTS, (2.0, 1.0, 1.0, 1.0, 0.0, 0.5), strict=True))
    for place, by, given in ((1, "anna", anna), (2, "ben", ben)):
        review("--import", file_of(mini, mini.root / "f.json", by, given, (place, 2, 1.0)))

    _, shown, said = review("--agreement", "--format", "json")

    (row,) = json.loads(shown)
    # Of the same text (1, 1), only one counts.
    pairs = [(2.0, 2.0), (2.0, 1.0), (1.0, 1.0), (0.0, 0.0), (0.0, 0.5)]
    observed = sum((a - b) ** 2 for a, b in pairs) / 5
    expected = sum((a - b) ** 2 for a, _ in pairs for _, b in pairs) / 25
    assert (row["tutors"], row["texts"], row["same"]) == ("anna, ben", 5, 3)
    assert row["kappa"] == pytest.approx(1 - observed / expected)
    assert "fewer than 30 texts" in said
