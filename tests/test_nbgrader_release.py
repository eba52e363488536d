"""nbgrader's own commands in this course: they release what the build makes, never more, and decide no score."""

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.build import build, notebooks
from autograder.course import Course
from tests import mini_course
from tests.mini_course import CELLS, ROOT, code, files

pytestmark = pytest.mark.filterwarnings(
    # Raised while nbgrader and the Jupyter libraries under it are imported or open files; none of it is ours.
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::sqlalchemy.exc.SAWarning",
)

Api = Callable[..., Any]


@pytest.fixture
def mini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course that is built, with a file that its sections share; the notebook of its solution is not executed."""
    monkeypatch.setattr(notebooks, "executed", lambda path, *others: path.read_bytes())
    shared = tmp_path / "source" / "shared" / "support"
    shared.mkdir(parents=True)
    (shared / "plots.py").write_text("COLOURS = 8\n", encoding="utf-8")
    table = mini_course.COURSE.replace("seed = 1", 'seed = 1\nshared = ["support/plots.py"]')
    course = mini_course.write(tmp_path, course_table=table)
    build(course, tmp_path)
    (tmp_path / "gradebook.db").write_bytes(mini_course.empty_gradebook())
    return course


@pytest.fixture
def api(mini: Course, tmp_path: Path) -> Api:
    """Make nbgrader's API as the formgrader does, with the settings of this course and more."""
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    from autograder.nbgrader_hooks import configure

    def make(**more: dict[str, Any]) -> NbGraderAPI:
        config = Config()
        configure(config, mini.root)
        config.Exchange.root = str(tmp_path / "exchange")
        config.Exchange.cache = str(tmp_path / "cache")
        config.NbGraderAPI.log_level = logging.ERROR
        for name, values in more.items():
            config[name].update(values)
        return NbGraderAPI(CourseDirectory(config=config), config=config)

    return make


class TestGenerateAssignment:
    def test_it_releases_the_same_bytes_as_the_build(self, mini: Course, api: Api) -> None:
        built = files(mini.root / "assignments" / "1_mini")
        shutil.rmtree(mini.root / "assignments")

        result = api().generate_assignment("1_mini")

        assert result["success"], result
        assert files(mini.root / "assignments" / "1_mini") == built

    def test_what_all_sections_share_is_released_and_is_not_an_assignment(self, mini: Course, api: Api) -> None:
        assert api().get_source_assignments() == {"1_mini"}
        assert api().generate_assignment("1_mini")["success"]
        assert (mini.root / "assignments" / "1_mini" / "support" / "plots.py").read_bytes() == b"COLOURS = 8\n"

    def test_it_never_releases_what_is_not_listed(self, mini: Course, api: Api) -> None:
        built = files(mini.root / "assignments")
        section = mini.root / "source" / "1_mini"
        (section / "measures_backup.py").write_text("secret = 1", encoding="utf-8")
        (section / "suites").mkdir()
        (section / "suites" / "test_secret.py").write_text("secret = 1", encoding="utf-8")
        (section / "measures.py~").write_text("secret = 1", encoding="utf-8")

        assert api().generate_assignment("1_mini")["success"]
        assert files(mini.root / "assignments") == built

    @pytest.mark.parametrize(
        "more",
        [
            {"CourseDirectory": {"ignore": []}},  # the first wall is down
            {"CourseDirectory": {"ignore": []}, "SaveCells": {"enabled": False}},
        ],
    )
    def test_the_second_wall_holds_alone(self, mini: Course, api: Api, more: dict[str, Any]) -> None:
        built = files(mini.root / "assignments")
        (mini.root / "source" / "1_mini" / "notes.txt").write_text("secret", encoding="utf-8")

        assert api(**more).generate_assignment("1_mini")["success"]
        assert files(mini.root / "assignments") == built

    def test_the_first_wall_holds_alone(self, mini: Course, api: Api) -> None:
        more = {"GenerateAssignment": {"exporter_class": "nbconvert.exporters.NotebookExporter"}}

        assert api(**more).generate_assignment("1_mini")["success"]
        assert set(files(mini.root / "assignments" / "1_mini")) == {"1_mini.ipynb"}

    def test_other_settings_for_the_notebook_are_refused(self, mini: Course, api: Api) -> None:
        result = api(ClearSolutions={"code_stub": {"python": "pass"}}).generate_assignment("1_mini")

        assert not result["success"]
        assert "would release another 1_mini.ipynb" in result["log"]
        assert not (mini.root / "assignments" / "1_mini").exists()

    @pytest.mark.parametrize("mistake", ["leak", "second notebook", "unknown section", "broken course"])
    def test_a_source_that_the_build_refuses_leaves_the_old_release(self, mini: Course, api: Api, mistake: str) -> None:
        built = files(mini.root / "assignments")
        grader = api()
        section = mini.root / "source" / "1_mini"
        if mistake == "leak":
            mini_course.write(mini.root, cells=(*CELLS, code("x", "coin = Measures.entropy([0.8, 0.2])")))
        elif mistake == "second notebook":
            shutil.copy(section / "1_mini.ipynb", section / "1_copy.ipynb")
        elif mistake == "unknown section":
            shutil.copytree(section, section.parent / "9_other")
        else:
            (section.parent / "course.toml").write_text("id = 3", encoding="utf-8")

        result = grader.generate_assignment("9_other" if mistake == "unknown section" else "1_mini")

        assert not result["success"]
        assert "NbGraderException" in result["error"]
        assert files(mini.root / "assignments") == built

    def test_it_goes_on_working_when_there_are_submissions(self, mini: Course, api: Api) -> None:
        grader = api()
        assert grader.generate_assignment("1_mini")["success"]
        with grader.gradebook as gradebook:
            gradebook.add_student("ada")
            gradebook.add_submission("1_mini", "ada")

        assert grader.generate_assignment("1_mini")["success"]


class TestOtherCommands:
    def test_generate_solution_writes_what_the_build_makes(self, mini: Course, api: Api) -> None:
        from nbgrader.converters import GenerateSolution

        grader = api()
        grader.generate_assignment("1_mini")
        built = files(mini.root / "solutions")
        grader.coursedir.assignment_id = "1_mini"

        GenerateSolution(coursedir=grader.coursedir, parent=grader, force=True).start()

        assert files(mini.root / "solutions") == built

    def test_generate_source_with_tests_copies_no_module(self, mini: Course, api: Api) -> None:
        from nbgrader.converters import GenerateSourceWithTests

        grader = api()
        grader.coursedir.assignment_id = "1_mini"

        GenerateSourceWithTests(coursedir=grader.coursedir, parent=grader).start()

        assert set(files(mini.root / "source_with_tests")) == {"1_mini/1_mini.ipynb"}

    def test_release_assignment_hands_out_what_was_built(self, mini: Course, api: Api, tmp_path: Path) -> None:
        assert api().release_assignment("1_mini")["success"]
        handed_out = files(tmp_path / "exchange" / "mini" / "outbound" / "1_mini")
        assert handed_out == files(mini.root / "assignments" / "1_mini")

    @pytest.mark.parametrize("name", ["solution.py", "measures.py"])
    def test_release_assignment_refuses_a_folder_that_is_not_as_built(
        self, mini: Course, api: Api, tmp_path: Path, name: str
    ) -> None:
        (mini.root / "assignments" / "1_mini" / name).write_text("secret = 1", encoding="utf-8")

        result = api().release_assignment("1_mini")

        assert not result["success"]
        assert f"{name} is not as `autograder build` makes it" in result["log"]
        assert not files(tmp_path / "exchange")

    def test_feedback_holds_nothing_from_the_source(self, mini: Course, api: Api) -> None:
        grader = api()
        grader.generate_assignment("1_mini")
        place = mini.root / "autograded" / "ada" / "1_mini"
        place.mkdir(parents=True)
        shutil.copy(mini.root / "assignments" / "1_mini" / "1_mini.ipynb", place)
        with grader.gradebook as gradebook:
            gradebook.add_student("ada")
            gradebook.add_submission("1_mini", "ada")

        assert grader.generate_feedback("1_mini", "ada")["success"]
        assert set(files(mini.root / "feedback")) == {"ada/1_mini/1_mini.html"}


class TestCommandLine:
    def test_the_command_releases_the_same_bytes_from_any_folder(self, tmp_path: Path) -> None:
        mini = mini_course.write(tmp_path / "course")
        shutil.copy(ROOT / "nbgrader_config.py", mini.root)

        done = _nbgrader(tmp_path, "generate_assignment", "1_mini", f"--course-dir={mini.root}")

        assert done.returncode == 0, done.stderr
        assert set(files(mini.root / "assignments")) == {f"1_mini/{name}" for name in
                                                         ("1_mini.ipynb", "data.csv", "measures.py")}  # fmt: skip
        assert b"SOLUTION" not in b"".join(files(mini.root / "assignments").values())

    def test_a_configuration_that_can_not_be_loaded_stops_nbgrader(self, tmp_path: Path) -> None:
        mini = mini_course.write(tmp_path)
        shutil.copy(ROOT / "nbgrader_config.py", mini.root)
        (mini.root / "source" / "course.toml").write_text("id = 3", encoding="utf-8")

        done = _nbgrader(mini.root, "generate_assignment", "1_mini")

        assert done.returncode != 0
        assert "nbgrader_config.py: " in done.stderr
        assert "course.toml" in done.stderr
        assert not any(name.endswith("measures.py") for name in files(mini.root) if not name.startswith("source/"))

    def test_validate_works_on_a_released_notebook(self, mini: Course) -> None:
        shutil.copy(ROOT / "nbgrader_config.py", mini.root)

        done = _nbgrader(mini.root, "validate", "assignments/1_mini/1_mini.ipynb")

        assert done.returncode == 0, done.stderr
        assert "VALIDATION FAILED ON 1 CELL(S)" in done.stdout  # the exercise is still to do
        assert notebooks.CODE_STUB in done.stdout


def _nbgrader(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run nbgrader as someone does who has not activated the environment."""
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"} | {"PATH": "/usr/bin:/bin"}
    command = [str(Path(sys.executable).with_name("nbgrader")), *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
