"""``nbgrader autograde``, the command and the formgrader's button, is the judge: confined, and deaf to tampering."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder import cli
from autograder.sandbox import walls
from tests import nbgrader_harness as harness
from tests.mini_course import code
from tests.nbgrader_harness import Nbgrader
from tests.postgresql import Server

pytestmark = pytest.mark.filterwarnings(
    # Raised while nbgrader and the libraries under it are imported or write; none of it is ours.
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::sqlalchemy.exc.SAWarning",
)

SECTION = "1_entropy"
ANSWER = "die_entropy = 2.584962500721156\ncoin_entropy = 0.7219280948873623\n"  # two of the four numbers
MODULE = '''
class InformationMeasures:
    @staticmethod
    def entropy(p, base=2):
        """Return nats, whatever the base."""
        import numpy as np
        p = np.asarray(p, float)
        return float(-(p[p > 0] * np.log(p[p > 0])).sum())
'''


@pytest.fixture(scope="module")
def root(nbgrader: Nbgrader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that was graded by ``nbgrader autograde``: honest `ada`, and others with the same answers and tricks."""
    root = harness.course_copy(tmp_path_factory.mktemp("autograde") / "course")
    trap = f"open({str(root / 'trap')!r}, 'w').close()\n"
    released = json.loads((root / "assignments" / SECTION / "1_entropy.ipynb").read_text(encoding="utf-8"))

    def hand_in(student: str, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]], module: str) -> None:
        cells = json.loads(json.dumps(released["cells"]))
        by_id(cells, "exercise-1")["source"] = ANSWER
        place = root / "submitted" / student / SECTION
        place.mkdir(parents=True)
        (place / "entropy.py").write_text(module, encoding="utf-8")
        (place / "1_entropy.ipynb").write_text(json.dumps({**released, "cells": change(cells)}), encoding="utf-8")

    hand_in("ada", lambda cells: cells, MODULE)
    hand_in("changed-locked-cell", _with_source("example-1", f"{trap}10"), MODULE)
    hand_in("no-locked-cells", lambda cells: [cell for cell in cells if harness.grade_id(cell) != "example-1"], MODULE)
    hand_in("only-the-answer", lambda cells: [by_id(cells, "exercise-1")], MODULE)
    hand_in(
        "added-cells", lambda cells: [code("x", "import sys; sys.displayhook(99)"), *cells, code("y", trap)], MODULE
    )
    hand_in("not-graded", _with_marks(grade=False), MODULE)
    hand_in("inflated", _with_marks(points=1000), MODULE)
    hand_in("unmarked", _without_marks, MODULE)
    hand_in("trap", lambda cells: cells, f"{trap}{MODULE}")
    (root / "submitted" / "module-only" / SECTION).mkdir(parents=True)
    (root / "submitted" / "module-only" / SECTION / "entropy.py").write_text(MODULE, encoding="utf-8")
    shutil.copytree(root / "submitted" / "ada", root / "submitted" / "left-out")

    nbgrader.works(root, "autograde", SECTION, "--CourseDirectory.student_id_exclude=left-out")
    return root


def by_id(cells: list[dict[str, Any]], grade_id: str) -> dict[str, Any]:
    return next(cell for cell in cells if harness.grade_id(cell) == grade_id)


def _with_source(grade_id: str, source: str) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    def change(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
        by_id(cells, grade_id)["source"] = source
        return cells

    return change


def _with_marks(**marks: object) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    def change(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for cell in cells:
            if "nbgrader" in cell["metadata"]:
                cell["metadata"]["nbgrader"] |= marks
        return cells

    return change


def _without_marks(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for cell in cells:
        if harness.grade_id(cell) == "example-1":
            cell["metadata"] = {}
    return cells


def grades(root: Path, student: str) -> dict[str, tuple[float | None, float, bool]]:
    """Return (points, most, needs a person) of each item, as the formgrader reads them."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        (notebook,) = book.find_submission(SECTION, student).notebooks
        return {g.name: (g.auto_score, g.max_score, g.needs_manual_grade) for g in notebook.grades}


def comments(root: Path, student: str) -> dict[str, str]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        (notebook,) = book.find_submission(SECTION, student).notebooks
        return {comment.name: comment.comment for comment in notebook.comments}


class TestCommand:
    def test_points_and_comments_of_the_judge_land_in_the_gradebook(self, root: Path) -> None:
        found = grades(root, "ada")

        assert found["exercise-1"] == (3.5, 6.0, False)
        points, most, needs_person = found["example-1"]
        assert 0 < (points or 0) < most == 10.0
        assert not needs_person
        assert comments(root, "ada")["exercise-1"].startswith("3.5 of 6 points.")

    @pytest.mark.parametrize(
        "student",
        [
            "changed-locked-cell", "no-locked-cells", "only-the-answer", "added-cells", "not-graded", "inflated",
            "unmarked", "trap",
        ],
    )  # fmt: skip
    def test_tampering_changes_no_points(self, root: Path, student: str) -> None:
        expected = grades(root, "ada")
        if student == "trap":  # its module ends at the first line, which the sandbox refuses
            expected["example-1"] = (0.0, 10.0, False)

        assert grades(root, student) == expected

    def test_nothing_of_a_student_ran_outside_of_the_sandbox(self, root: Path) -> None:
        assert not (root / "trap").exists()

    def test_modules_arrive_as_they_were_handed_in(self, root: Path) -> None:
        for student in ("ada", "trap", "module-only"):
            written = (root / "submitted" / student / SECTION / "entropy.py").read_bytes()
            assert (root / "autograded" / student / SECTION / "entropy.py").read_bytes() == written

    def test_locked_cells_are_those_of_the_release(self, root: Path) -> None:
        released = by_id(harness.cells_of(root / "assignments" / SECTION / "1_entropy.ipynb"), "example-1")
        for student in ("changed-locked-cell", "no-locked-cells", "inflated"):
            shown = by_id(harness.cells_of(root / "autograded" / student / SECTION / "1_entropy.ipynb"), "example-1")
            assert (shown["source"], shown["metadata"]) == (released["source"], released["metadata"])

    def test_who_handed_in_no_notebook_is_judged_too(self, root: Path) -> None:
        assert grades(root, "module-only") == grades(root, "ada") | {"exercise-1": (0.0, 6.0, False)}

    def test_who_is_left_out_is_left_out(self, root: Path) -> None:
        assert not (root / "autograded" / "left-out").exists()

    def test_feedback_and_csv_are_those_of_autograder_grade(self, root: Path) -> None:
        assert (root / "feedback" / "ada" / SECTION / "1_entropy.html").is_file()
        rows = (root / "grades.csv").read_text(encoding="utf-8").splitlines()
        assert [row.split(",")[0] for row in rows[1:]] == sorted(
            student.name for student in (root / "submitted").iterdir()
        )

    def test_again_it_changes_nothing(self, root: Path, nbgrader: Nbgrader) -> None:
        before = _dump(root)

        nbgrader.works(root, "autograde", SECTION, "--force", "--CourseDirectory.student_id_exclude=left-out")

        assert _dump(root) == before

    def test_on_postgresql_it_comes_to_the_same(self, root: Path, nbgrader: Nbgrader, postgresql: Server) -> None:
        url = {"AUTOGRADER_GRADEBOOK": postgresql.empty_gradebook()}
        nbgrader.works(root, "autograde", SECTION, "--CourseDirectory.student_id_exclude=left-out", **url)
        nbgrader.works(root, "export", "--to=postgresql.csv", **url)
        nbgrader.works(root, "export", "--to=sqlite.csv")

        exported = [(root / f"{kind}.csv").read_text(encoding="utf-8") for kind in ("postgresql", "sqlite")]

        assert sorted(exported[0].splitlines()) == sorted(exported[1].splitlines())
        assert len(exported[0].splitlines()) == 11


def test_the_other_door_delivers_the_same(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ``nbgrader autograde`` has written is, byte for byte, what ``autograder grade`` writes."""
    by_nbgrader, by_command = (shutil.copytree(root, tmp_path / door) for door in ("nbgrader", "command"))
    for written in ("feedback", "autograded"):
        shutil.rmtree(by_command / written)
    for written in ("gradebook.db", "grades.csv"):
        (by_command / written).unlink()
    students = [path.name for path in (root / "submitted").iterdir() if path.name != "left-out"]
    monkeypatch.chdir(by_command)

    code = cli.main(["grade", "--section", SECTION, *(f"--student={student}" for student in students)])

    assert code == cli.DONE
    for written in ("feedback", "autograded"):
        assert _files(by_command / written) == _files(by_nbgrader / written)
    assert (by_command / "grades.csv").read_bytes() == (by_nbgrader / "grades.csv").read_bytes()
    for student in students:
        assert grades(by_command, student) == grades(by_nbgrader, student)
        assert comments(by_command, student) == comments(by_nbgrader, student)


def test_a_folder_with_another_name_of_a_student_is_that_students(
    root: Path, nbgrader: Nbgrader, tmp_path: Path
) -> None:
    course = shutil.copytree(root, tmp_path / "course")
    shutil.copytree(course / "submitted" / "ada", course / "submitted" / "eve_1")
    (course / "aliases.csv").write_text("alias,student\neve_1,eve\n", encoding="utf-8")

    nbgrader.works(course, "autograde", SECTION, "--student=eve_1")

    assert grades(course, "eve") == grades(root, "ada")
    assert (course / "autograded" / "eve").is_dir()
    assert not (course / "autograded" / "eve_1").exists()


class TestButton:
    @pytest.fixture
    def api(self, root: Path) -> Any:
        from nbgrader.apps.api import NbGraderAPI
        from nbgrader.coursedir import CourseDirectory

        from autograder import nbgrader_seam

        config = nbgrader_seam.settings(root)
        config.Exchange.root = str(root.parent / "exchange")
        return NbGraderAPI(CourseDirectory(config=config), config=config)

    def test_it_judges_the_one_student_and_shows_him_graded(self, root: Path, api: Any) -> None:
        shutil.copytree(root / "submitted" / "ada", root / "submitted" / "late-comer")
        with (root / "submitted" / "late-comer" / SECTION / "entropy.py").open("a") as module:
            module.write("# Not yet in the store: this is judged now.\n")
        (before,) = [entry for entry in api.get_submissions(SECTION) if entry["student"] == "late-comer"]

        result = api.autograde(SECTION, "late-comer")

        assert result["success"], result
        (after,) = [entry for entry in api.get_submissions(SECTION) if entry["student"] == "late-comer"]
        assert (before["autograded"], after["autograded"]) == (False, True)
        assert grades(root, "late-comer") == grades(root, "ada")
        assert not (root / "autograded" / "left-out").exists()

    def test_a_missing_wall_stops_it_before_anything_is_judged(
        self, root: Path, api: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("autograder.grading.run.missing_walls", lambda: {"landlock": "the kernel is too old"})
        before = _dump(root)

        result = api.autograde(SECTION, "ada")

        assert not result["success"]
        assert "the wall `landlock` is missing on this machine: the kernel is too old" in result["log"]
        assert _dump(root) == before

    def test_a_root_without_its_rights_stops_it_too(
        self, root: Path, api: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse() -> None:
            raise walls.ConfinementError("this root lacks CAP_SETUID")

        monkeypatch.setattr("autograder.grading.run.check_user", refuse)
        before = _dump(root)

        result = api.autograde(SECTION, "ada")

        assert not result["success"]
        assert "this root lacks CAP_SETUID" in result["log"]
        assert _dump(root) == before

    def test_an_attempt_that_can_not_be_judged_is_a_failure_and_costs_nobody_points(
        self, root: Path, api: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from autograder.grading.batch import Batch, Outcome

        def lost(batch: Batch, attempts: Any, advance: Any = None) -> list[Outcome]:
            return [Outcome(attempt, batch._gave_up(batch._job(attempt))) for attempt in attempts]

        monkeypatch.setattr(Batch, "run", lost)

        result = api.autograde(SECTION, "left-out")

        assert not result["success"]
        assert "[WARNING] Not judged, by a fault of the grader" in result["log"]
        assert "left-out 1_entropy: " in result["log"]
        assert grades(root, "left-out") == {"example-1": (None, 10.0, True), "exercise-1": (None, 6.0, True)}

    def test_another_exporter_leads_to_a_refusal_and_no_kernel(self, root: Path, api: Any) -> None:
        """The second wall alone: somebody has set nbgrader's own exporter back."""
        api.config.Autograde.exporter_class = "nbconvert.exporters.NotebookExporter"
        api.update_config(api.config)

        result = api.autograde(SECTION, "changed-locked-cell")

        assert not result["success"]
        assert "run `autograder grade`" in result["log"]
        assert not (root / "trap").exists()
        assert grades(root, "changed-locked-cell") == grades(root, "ada")


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _dump(root: Path) -> list[str]:
    with sqlite3.connect(root / "gradebook.db") as connection:
        lines = sorted(connection.iterdump())
    connection.close()
    return lines
