"""The command `autograder roster`: what it says, writes and leaves alone."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder import cli, gradebook, roster
from autograder.course import Course
from autograder.roster import Entry
from tests import mini_course
from tests.test_gradebook import FAIR, GOOD, attempt

pytestmark = pytest.mark.filterwarnings(
    # Raised while nbgrader and the libraries under it are imported or write; none of it is ours.
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::sqlalchemy.exc.SAWarning",
)

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def mini(tmp_path: Path, gradebook_url: str) -> Course:
    return mini_course.write(tmp_path, release=True)


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
    def test_by_itself_the_command_shows_help(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["roster"]) == cli.DONE
        assert "import" in capsys.readouterr().out

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
