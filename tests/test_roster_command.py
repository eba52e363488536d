"""The command `autograder roster`: what it says, writes and leaves alone."""

import contextlib
import csv
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from autograder import atomic, cli, gradebook
from autograder.course import Course, CourseError
from autograder.gradebook import journal
from autograder.people import roster
from autograder.people.roster import Entry
from autograder.submissions import history
from autograder.submissions.collect import collect
from autograder.submissions.paths import student_name
from autograder.text import path_component
from tests import mini_course
from tests.test_gradebook import A_FILE, FAIR, GOOD, attempt

pytestmark = pytest.mark.filterwarnings(
    # Raised while nbgrader and the libraries under it are imported or write; none of it is ours.
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::sqlalchemy.exc.SAWarning",
)

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def mini(tmp_path: Path, gradebook_url: str) -> Course:
    table = mini_course.COURSE.replace(
        'title = "Mini"\nnotebook', 'title = "Mini"\ndue = 2026-11-23T23:59:00Z\nnotebook'
    )
    return mini_course.write(tmp_path, course_table=table, release=True)


@pytest.fixture
def run(mini: Course, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command of the roster and returns its exit code, stdout and stderr."""

    def command(name: str, *arguments: object) -> tuple[int, str, str]:
        code = cli.main(["roster", name, "--course", str(mini.root), *map(str, arguments)])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return command


def put(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def book(mini: Course) -> dict[str, dict[str, Any]]:
    """Return the students of the gradebook as nbgrader shows them."""
    with gradebook.opened(mini, mini.root) as opened:
        return {student.id: student.to_dict() for student in opened.students}


class TestImport:
    def test_adds_and_keeps_whom_the_file_does_not_name(self, mini: Course, run: Run) -> None:
        put(mini.root / "roster.csv", "student,tutor,email\nada,mei,ada@old.example\nbob,mei,\n")

        code, out, err = run("import", put(mini.root / "class.csv", "student,email\nada,ada@new.example\neve,\n"))

        assert (code, out) == (cli.DONE, "")
        assert "1 added, 1 brought up to date, 0 removed" in err
        assert "kept; --replace takes them off the roster: bob" in err
        rows = list(csv.DictReader((mini.root / "roster.csv").open()))
        assert [(row["student"], row["tutor"], row["email"]) for row in rows] == [
            ("ada", "mei", "ada@new.example"), ("bob", "mei", ""), ("eve", "", ""),
        ]  # fmt: skip

    def test_replace_names_whom_it_takes_off(self, mini: Course, run: Run) -> None:
        put(mini.root / "roster.csv", "student\nada\nbob\n")

        code, _, err = run("import", put(mini.root / "class.csv", "ada\n"), "--replace")

        assert code == cli.DONE
        assert "taken off the roster; work and grades stay: bob" in err
        assert roster.load(mini.root).students == (Entry("ada"),)

    def test_a_file_with_a_mistake_changes_nothing(self, mini: Course, run: Run) -> None:
        before = put(mini.root / "roster.csv", "student\nada\n").read_bytes()

        code, _, err = run("import", put(mini.root / "class.csv", "student\nbob\n../eve\n"))

        assert code == cli.USAGE
        assert "class.csv, line 3" in err
        assert (mini.root / "roster.csv").read_bytes() == before

    def test_the_gradebook_gets_names_and_keeps_its_students(self, mini: Course, run: Run) -> None:
        gradebook.write(mini, [(attempt("ada"), GOOD), (attempt("ghost"), FAIR)], mini.root)
        canvas = "Student,ID,SIS Login ID,Section\n" + '"Lovelace, Ada",1001,ada,\n"Roe, Bob",1002,bob,\n'

        assert run("import", put(mini.root / "class.csv", canvas))[0] == cli.DONE

        found = book(mini)
        assert set(found) == {"ada", "ghost"}
        assert [found["ada"][name] for name in ("first_name", "last_name", "lms_user_id", "score")] == [
            "Ada", "Lovelace", "1001", 16,
        ]  # fmt: skip

    def test_who_is_graded_later_gets_their_name_then(self, mini: Course, run: Run) -> None:
        assert run("import", put(mini.root / "class.csv", "student,last_name\nada," + "L" * 200 + "\n"))[0] == cli.DONE
        gradebook.write(mini, [(attempt("ada"), GOOD)], mini.root)

        assert book(mini)["ada"]["last_name"] == "L" * 128


WORK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
STAMP = "2026-11-30T22:59:00+00:00"


def hand_in(mini: Course, folder: str, content: bytes = WORK, section: str = "1_mini") -> Path:
    path = mini.root / "submitted" / folder / section / "1_mini.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def decide(mini: Course, student: str, points: float = 3.0) -> None:
    """Give points by hand, as the formgrader does."""
    with gradebook.opened(mini, mini.root) as opened:
        journal.listen()
        grade = opened.find_grade("exercise-1", "1_mini", "1_mini", student)
        grade.manual_score = points
        opened.db.commit()


def everything(mini: Course, old: str) -> None:
    """Make all that there can be of a student."""
    hand_in(mini, old)
    gradebook.write(mini, [(attempt(old), FAIR), (attempt("bob"), GOOD)], mini.root)
    decide(mini, old)
    history.keep([attempt(old), attempt("bob")], mini.root)
    put(mini.root / "feedback" / path_component(old) / "1_mini" / "kept.txt", "of theirs")
    put(mini.root / "roster.csv", f"student,email,tutor\nbob,,mei\n{old},old@uni.example,mei\n")
    put(mini.root / "extensions.csv", f"student,section,due\n{old},1_mini,{STAMP}\nbob,1_mini,{STAMP}\n")
    put(mini.root / ".autograder" / "collected" / "1_mini.csv", f"student,number\n{old},4711\nbob,4712\n")


def state(mini: Course) -> tuple[dict[str, bytes], list[str]]:
    """Return every file but the gradebook, and every row of that but the times in the journal."""
    files = {
        str(path.relative_to(mini.root)): path.read_bytes()
        for path in mini.root.rglob("*")
        if path.is_file() and path.name != "gradebook.db"
    }
    rows = mini_course.rows(gradebook.chosen_url() or gradebook.file_url(mini.root))
    return files, [re.sub(r"20\d\d-\d\d-\d\dT[\d:+]+", "", row) for row in rows]


def holders(mini: Course) -> dict[str, tuple[float, list[str]]]:
    """Return the score of each student of the gradebook, and the sections that they have handed in."""
    with gradebook.opened(mini, mini.root) as opened:
        return {s.id: (s.score, sorted(one.name for one in s.submissions)) for s in opened.students}


class TestRename:
    @pytest.mark.parametrize("old", ["ada_1", "José García", "\u202eevil", "ada ", "=1+1", "-rf"])
    def test_everything_of_a_student_goes_along(self, mini: Course, run: Run, old: str) -> None:
        shown = student_name(old)
        everything(mini, shown)
        if shown != old:
            (mini.root / "submitted" / shown).rename(mini.root / "submitted" / old)

        code, out, err = run("rename", "--by", "mei", "--", shown, "ada")

        assert (code, out) == (cli.DONE, "")
        assert "Run `autograder grade`" in err
        assert holders(mini) == {"ada": (10.5, ["1_mini"]), "bob": (16, ["1_mini"])}
        with gradebook.opened(mini, mini.root) as opened:
            points, renamed = journal.entries(opened.db)
        assert (points["student"], points["after"]) == ("ada", "3")
        assert [renamed[key] for key in ("who", "student", "field", "before", "after")] == [
            "mei", "ada", "student", shown, "ada",
        ]  # fmt: skip
        for path in ("submitted/ada/1_mini", "feedback/ada/1_mini", ".autograder/history/ada/1_mini"):
            assert (mini.root / path).is_dir(), path
        assert (mini.root / "autograded" / "ada" / "1_mini" / "1_mini.ipynb").is_file()
        assert [student for student, _ in history.students(mini.root)] == ["ada", "bob"]
        assert [path.name for path in (mini.root / "submitted").iterdir()] == ["ada"]
        assert [row["tutor"] for row in csv.DictReader((mini.root / "roster.csv").open())] == ["mei", "mei"]
        assert roster.load(mini.root).students[1] == Entry("ada", email="old@uni.example")
        assert f"ada,1_mini,{STAMP}\n" in (mini.root / "extensions.csv").read_text()
        assert (
            (mini.root / ".autograder" / "collected" / "1_mini.csv").read_text().startswith("student,number\nada,4711")
        )
        assert roster.load(mini.root).student_of(shown) == "ada"
        assert not (mini.root / roster.RENAMING).exists()

    def test_doing_it_again_changes_nothing(self, mini: Course, run: Run) -> None:
        everything(mini, "ada_1")
        assert run("rename", "ada_1", "ada")[0] == cli.DONE
        before = state(mini)

        code, _, err = run("rename", "ada_1", "ada")

        assert (code, "already" in err) == (cli.DONE, True)
        assert state(mini) == before

    def test_what_comes_later_under_the_old_name_is_judged_as_the_new(self, mini: Course, run: Run) -> None:
        hand_in(mini, "ada_1")
        assert run("rename", "ada_1", "ada")[0] == cli.DONE
        newer = hand_in(mini, "ada_1", WORK + b"\n")
        os.utime(mini.root / "submitted" / "ada" / "1_mini" / "1_mini.ipynb", (1, 1))

        (found,) = collect(mini, mini.root / "submitted").attempts

        assert (found.student, found.path) == ("ada", newer.parent)

    def test_what_a_grader_wrote_meanwhile_under_the_old_name_is_put_in_order_by_doing_it_again(
        self, mini: Course, run: Run
    ) -> None:
        everything(mini, "ada_1")
        assert run("rename", "ada_1", "ada")[0] == cli.DONE
        gradebook.write(mini, [(attempt("ada_1"), FAIR)], mini.root)

        assert run("rename", "ada_1", "ada")[0] == cli.DONE

        assert holders(mini) == {"ada": (10.5, ["1_mini"]), "bob": (16, ["1_mini"])}
        assert not (mini.root / "autograded" / "ada_1").exists()

    def test_there_and_back_again(self, mini: Course, run: Run) -> None:
        everything(mini, "ada_1")
        before = state(mini)[0]
        assert run("rename", "ada_1", "ada")[0] == cli.DONE

        assert run("rename", "ada", "ada_1")[0] == cli.DONE

        after = state(mini)[0]
        assert after.pop("aliases.csv") == b"alias,student\nada,ada_1\n"
        assert after == before

    def test_both_unicode_forms_of_a_folder_go_along(self, mini: Course, run: Run) -> None:
        put(mini.root / "submitted" / "jose\u0301" / "1_mini" / "1_mini.ipynb", "{}")
        put(mini.root / "submitted" / "jos\u00e9" / "notes.txt", "mine")

        assert run("rename", "jose\u0301", "jgarcia")[0] == cli.DONE

        assert [path.name for path in (mini.root / "submitted").iterdir()] == ["jgarcia"]
        assert {path.name for path in (mini.root / "submitted" / "jgarcia").iterdir()} == {"1_mini", "notes.txt"}
        assert (mini.root / "aliases.csv").read_text(encoding="utf-8") == "alias,student\njos\u00e9,jgarcia\n"

    @pytest.mark.parametrize(
        ("names", "says"),
        [
            (("nobody", "ada"), "there is no student `nobody`"),
            (("ada_", "ada"), "did you mean `ada_1`?"),
            (("ada_1", "ada_1"), "are the same name"),
            (("ada_1", "../ada"), "can't be the name of a folder"),
            (("ada_1", ""), "is empty"),
            (("ada_1", "1_mini"), "is a section"),
            (("ada_1", "mei_1"), "is another name of `mei`"),
            (("mei_1", "ada"), "is another name of `mei`; rename that"),
            (("ada_1", "bob"), "are both on the roster. If they are one person, pass --merge"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, mini: Course, run: Run, names: tuple[str, str], says: str) -> None:
        put(mini.root / "roster.csv", "student\nada_1\nbob\n")
        put(mini.root / "aliases.csv", "alias,student\nmei_1,mei\n")
        hand_in(mini, "ada_1")
        before = state(mini)

        code, _, err = run("rename", *names)

        assert code == cli.USAGE
        assert says in err
        assert state(mini) == before

    def test_two_students_with_work_or_grades_are_told_with_what_each_has(self, mini: Course, run: Run) -> None:
        everything(mini, "ada_1")
        hand_in(mini, "ada")
        before = state(mini)

        code, _, err = run("rename", "ada_1", "ada")

        assert code == cli.USAGE
        assert "`ada_1`: work in 1_mini; grades in 1_mini; earlier attempts in 1_mini. `ada`: work in 1_mini." in err
        assert "pass --merge" in err
        assert state(mini) == before


class TestMerging:
    def test_the_decision_under_a_name_that_a_folder_lost_is_found_again(self, mini: Course, run: Run) -> None:
        """The folder was renamed by hand and graded: the decision stayed behind with the old name."""
        everything(mini, "ada_1")
        (mini.root / "submitted" / "ada_1").rename(mini.root / "submitted" / "ada")
        gradebook.write(mini, [(attempt("ada"), FAIR)], mini.root)

        assert run("rename", "ada_1", "ada")[0] == cli.USAGE
        assert run("rename", "ada_1", "ada", "--merge")[0] == cli.DONE

        assert holders(mini) == {"ada": (10.5, ["1_mini"]), "bob": (16, ["1_mini"])}

    def test_grades_that_differ_are_named_and_nobody_chooses(self, mini: Course, run: Run) -> None:
        everything(mini, "ada_1")
        gradebook.write(mini, [(attempt("ada"), FAIR)], mini.root)
        decide(mini, "ada", 5.0)
        before = state(mini)

        code, _, err = run("rename", "ada_1", "ada", "--merge")

        assert code == cli.USAGE
        assert "1_mini: the gradebook has a grade for each" in err
        assert state(mini) == before

    @pytest.mark.parametrize("what", ["work", "due"])
    def test_work_or_dates_that_differ_are_named_and_nobody_chooses(self, mini: Course, run: Run, what: str) -> None:
        everything(mini, "ada_1")
        if what == "work":
            hand_in(mini, "ada", b"{}")
        else:
            hand_in(mini, "ada")
            with (mini.root / "extensions.csv").open("a") as file:
                file.write("ada,1_mini,2027-01-01T00:00:00Z\n")
        before = state(mini)

        code, _, err = run("rename", "ada_1", "ada", "--merge")

        assert code == cli.USAGE
        assert ("are different work" if what == "work" else "2027-01-01T00:00:00Z for the other") in err
        assert state(mini) == before

    def test_the_same_work_in_both_folders_stays_and_is_said(self, mini: Course, run: Run) -> None:
        everything(mini, "ada_1")
        hand_in(mini, "ada")
        put(mini.root / "submitted" / "ada_1" / "letter.txt", "to keep")

        code, _, err = run("rename", "ada_1", "ada", "--merge")

        assert code == cli.DONE
        assert "1_mini stayed where it is" in err
        assert (mini.root / "submitted" / "ada_1" / "1_mini" / "1_mini.ipynb").is_file()
        assert (mini.root / "submitted" / "ada" / "letter.txt").read_text() == "to keep"
        collection = collect(mini, mini.root / "submitted")
        assert [(a.student, a.path.parent.name) for a in collection.attempts] == [("ada", "ada")]

    def test_two_lines_on_the_roster_become_one(self, mini: Course, run: Run) -> None:
        put(mini.root / "roster.csv", "student,email,login\nada_1,ada@uni.example,old\nada,,new\n")

        assert run("rename", "ada_1", "ada", "--merge")[0] == cli.DONE

        assert roster.load(mini.root).students == (Entry("ada", email="ada@uni.example", login="new"),)


class TestInterrupted:
    @A_FILE
    def test_the_same_command_finishes_what_a_kill_left_wherever_that_was(self, mini: Course, run: Run) -> None:
        everything(mini, "ada_1")
        put(mini.root / "submitted" / "ada" / "letter.txt", "of mine")
        backup = shutil.copytree(mini.root, mini.root.with_name(f"{mini.root.name}-backup"))
        assert run("rename", "ada_1", "ada")[0] == cli.DONE
        whole = state(mini)
        kills = 0
        while True:
            shutil.rmtree(mini.root)
            shutil.copytree(backup, mini.root)
            if not _killed_at(mini, kills):
                break
            if (mini.root / roster.RENAMING).exists():
                with pytest.raises(CourseError, match="finish it: autograder roster rename ada_1 ada"):
                    collect(mini, mini.root / "submitted")
                assert run("rename", "ada_1", "bertha")[0] == cli.USAGE

            assert run("rename", "ada_1", "ada")[0] == cli.DONE, kills

            assert state(mini) == whole, kills
            kills += 1
        assert kills >= 10

    @A_FILE
    def test_a_gradebook_that_is_locked_leaves_everything_as_it_was(self, mini: Course, run: Run) -> None:
        everything(mini, "ada_1")
        before = state(mini)
        with contextlib.closing(sqlite3.connect(mini.root / "gradebook.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")

            code, _, err = run("rename", "ada_1", "ada")

        assert code == cli.FAILED
        assert "is locked by another program" in err
        assert state(mini) == before


def _killed_at(mini: Course, step: int) -> bool:
    """Rename in a process of its own that is killed before it changes something for the `step`-th time."""
    process = os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 9
    left = step

    def counted(change: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            if left == 0:
                os._exit(9)
            left -= 1
            return change(*arguments, **options)

        return counting

    for owner, name in (
        (Path, "rename"), (Path, "unlink"), (Path, "rmdir"), (Path, "replace"), (atomic, "write"), (shutil, "rmtree"),
        (Session, "commit"),
    ):  # fmt: skip
        setattr(owner, name, counted(getattr(owner, name)))
    os._exit(cli.main(["roster", "rename", "--course", str(mini.root), "ada_1", "ada"]))


class TestMissing:
    def test_without_a_roster_it_says_how_to_get_one(self, run: Run) -> None:
        code, _, err = run("missing")

        assert code == cli.USAGE
        assert "run `autograder roster import FILE`" in err

    def test_nobody_is_missing(self, mini: Course, run: Run) -> None:
        put(mini.root / "roster.csv", "student\nada\n")
        hand_in(mini, "ada")

        assert run("missing") == (cli.DONE, "", "")

    def test_each_kind_with_the_next_step(self, mini: Course, run: Run) -> None:
        put(mini.root / "roster.csv", "student,first_name,last_name\nada,Ada,Lovelace\nbob,Bob,\neve,Eve,\nmei,,\n")
        put(mini.root / "aliases.csv", "alias,student\nmei_1,mei\n")
        hand_in(mini, "lovelaceada_1001")
        hand_in(mini, "mei_1")
        gradebook.write(mini, [(attempt("bob"), GOOD), (attempt("ghost"), FAIR)], mini.root)

        code, out, err = run("missing", "--format", "json")

        assert (code, err) == (cli.FOUND, "")
        assert [(row["student"], row["sections"], row["what"], row["next"]) for row in json.loads(out)] == [
            ("ada", ["1_mini"], "handed in nothing", "ask for the work"),
            ("eve", ["1_mini"], "handed in nothing", "ask for the work"),
            (
                "lovelaceada_1001", ["1_mini"], "not on the roster",
                "autograder roster rename lovelaceada_1001 ada",
            ),
            (
                "ghost", ["1_mini"], "only in the gradebook",
                "add a line to roster.csv, or run `autograder roster rename`",
            ),
        ]  # fmt: skip

    def test_as_a_table_and_for_a_spreadsheet(self, mini: Course, run: Run) -> None:
        put(mini.root / "roster.csv", "student,first_name\nada,=1+1\n")

        assert run("missing", "--section", "1_mini")[1].splitlines() == [
            "student  name  sections  what               next",
            "ada      =1+1  1_mini    handed in nothing  ask for the work",
        ]
        assert run("missing", "--format", "csv")[1].splitlines()[1] == (
            "ada,'=1+1,1_mini,handed in nothing,ask for the work"
        )
        assert run("missing", "--section", "9_chaos")[0] == cli.USAGE

    def test_work_that_could_not_be_collected_is_not_asked_for_without_saying_so(self, mini: Course, run: Run) -> None:
        put(mini.root / "roster.csv", f"student,first_name\nada,{'Ada ' * 60}\n")
        put(
            mini.root / ".autograder" / "collected" / "1_mini.left.csv",
            "student,why,remedy\nada,they typed text,read it\n",
        )

        row = run("missing")[1].splitlines()[1]

        assert row.endswith("handed in nothing  not collected: they typed text; read it")
        assert len(row) < 150
