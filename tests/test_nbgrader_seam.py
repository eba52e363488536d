"""What this package takes from nbgrader is there, means what it is taken for, and is of the version it was proved with."""

import importlib
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder import gradebook, nbgrader_seam
from autograder.course import Course, CourseError
from tests import mini_course
from tests.mini_course import ROOT

pytestmark = pytest.mark.filterwarnings(
    # Raised while nbgrader and the libraries under it are imported; none of it is ours.
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::sqlalchemy.exc.SAWarning",
)

COLUMNS = {
    "Assignment": {"id", "name", "duedate"},
    "BaseCell": {"id", "name"},
    "Comment": {"id", "cell_id", "notebook_id", "auto_comment", "manual_comment"},
    "Grade": {"id", "cell_id", "notebook_id", "auto_score", "manual_score", "extra_credit", "needs_manual_grade"},
    "Student": {"id", "first_name", "last_name", "lms_user_id"},
    "SubmittedAssignment": {"id", "assignment_id", "student_id", "timestamp"},
    "SubmittedNotebook": {"id", "assignment_id", "notebook_id", "late_submission_penalty"},
}
CALLS = {
    "Gradebook": ("db_url", "course_id"),
    "Gradebook.find_notebook": ("self", "name", "assignment"),
    "Gradebook.update_or_create_assignment": ("self", "name"),
    "Gradebook.update_or_create_source_cell": ("self", "name", "notebook", "assignment"),
    "AssignLatePenalties.init_plugin": ("self",),
    "ExchangeReleaseAssignment.init_src": ("self",),
    "ExchangeReleaseFeedback.copy_files": ("self",),
    "ExtractorPlugin.extract": ("self", "archive_path", "extracted_path"),
    "is_grade": ("cell",),
    "is_locked": ("cell",),
    "is_solution": ("cell",),
    "parse_utc": ("ts",),
}


def taken(name: str) -> Any:
    found: Any = nbgrader_seam
    for part in name.split("."):
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("name", sorted(nbgrader_seam.NAMES))
def test_every_name_is_there(name: str) -> None:
    assert taken(name) is not None


@pytest.mark.parametrize(("model", "columns"), COLUMNS.items())
def test_tables_have_the_columns_that_are_read_and_written(model: str, columns: set[str]) -> None:
    mapped = set(taken(model).__mapper__.column_attrs.keys())

    assert columns <= mapped


@pytest.mark.parametrize(("name", "parameters"), CALLS.items())
def test_functions_take_what_they_are_given(name: str, parameters: tuple[str, ...]) -> None:
    assert tuple(inspect.signature(taken(name)).parameters)[: len(parameters)] == parameters


def test_a_name_that_is_not_listed_is_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Execute'"):
        taken("Execute")


def test_the_version_of_the_tables_is_the_one_that_nbgrader_finds() -> None:
    program = "import nbgrader.api; print(nbgrader.api.get_alembic_version())"
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={**os.environ, "PATH": path}
    )
    assert nbgrader_seam.alembic_version() == answer.stdout.strip()


def test_statements_that_were_compiled_for_a_gradebook_are_kept_and_connections_are_not(tmp_path: Path) -> None:
    course = mini_course.write(tmp_path, release=True)
    compiled = []
    for _ in range(2):
        with gradebook.opened(course, tmp_path) as book:
            book.students  # noqa: B018  read from the database
            compiled.append(len(book.engine._compiled_cache))

    assert compiled[0] == compiled[1] > 0
    assert book.engine.pool.checkedin() == book.engine.pool.checkedout() == 0


def test_nbgrader_asks_for_an_engine_with_sqlalchemys_defaults() -> None:
    asked = re.search(r"create_engine\((.*)\)", inspect.getsource(taken("Gradebook").__init__))

    assert asked is not None
    assert asked[1] == "db_url, echo=False, future=True"


class TestSettings:
    """nbgrader ignores a setting that it doesn't know, in silence; each of ours must be one that it reads."""

    @pytest.fixture
    def config(self, tmp_path: Path) -> Any:
        from traitlets.config import Config

        from autograder.nbgrader_hooks import configure

        config = Config()
        configure(config, mini_course.write(tmp_path).root)
        return config

    def test_every_setting_is_one_of_nbgraders(self, config: Any) -> None:
        homes = (
            "nbgrader.apps", "nbgrader.converters", "nbgrader.coursedir", "nbgrader.exchange.default",
            "nbgrader.exchange.exchange_factory", "nbgrader.plugins", "nbgrader.preprocessors", "nbconvert.exporters",
        )  # fmt: skip
        modules = [importlib.import_module(home) for home in homes]
        settings = {(name, trait) for name, values in config.items() for trait in values}
        assert len(settings) >= 18

        for name, trait in settings:
            owner = next(getattr(module, name) for module in modules if hasattr(module, name))
            assert trait in owner.class_traits(config=True), f"{name}.{trait}"

    def test_every_class_that_a_setting_names_can_be_imported(self, config: Any) -> None:
        texts = [
            text
            for values in config.values()
            for value in values.values()
            for text in (value if isinstance(value, list) else [value])
        ]
        names = [text for text in texts if isinstance(text, str) and text.startswith("autograder.")]
        assert len(names) >= 8

        for name in names:
            module, _, attribute = name.rpartition(".")
            assert inspect.isclass(getattr(importlib.import_module(module), attribute))

    def test_a_converter_makes_its_exporter_between_finding_and_touching_submissions(self, tmp_path: Path) -> None:
        """What `matched` and `nothing_to_convert` rely on."""
        from nbconvert.exporters import NotebookExporter
        from nbgrader.converters import Autograde
        from nbgrader.coursedir import CourseDirectory

        seen = []

        class Exporter(NotebookExporter):  # type: ignore[misc]
            def __init__(self, **arguments: Any) -> None:
                super().__init__(**arguments)
                seen.extend(nbgrader_seam.matched(self))
                nbgrader_seam.nothing_to_convert(self)

        place = tmp_path / "submitted" / "ada" / "ps1"
        place.mkdir(parents=True)
        (place / "ps1.ipynb").write_bytes(mini_course.notebook())
        directory = CourseDirectory(root=str(tmp_path), assignment_id="ps1")

        Autograde(coursedir=directory, exporter_class=Exporter).start()

        assert seen == [place]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["submitted"]


class TestAnotherVersion:
    @pytest.fixture
    def other(self, monkeypatch: pytest.MonkeyPatch) -> None:
        version = importlib.metadata.version
        monkeypatch.setattr(
            importlib.metadata, "version", lambda name: "0.10.0" if name == "nbgrader" else version(name)
        )

    def test_it_is_refused_with_what_to_do(self, other: None) -> None:
        with pytest.raises(CourseError, match=r"nbgrader 0\.9\.6 is needed and 0\.10\.0 is installed: .*`make setup`"):
            nbgrader_seam.check_version()

    def test_nothing_is_written_into_a_gradebook(self, other: None, tmp_path: Path) -> None:
        (tmp_path / "gradebook.db").write_bytes(b"")
        course: Course = mini_course.write(tmp_path)

        with pytest.raises(CourseError, match=r"0\.10\.0 is installed"):
            gradebook.write(course, [], tmp_path)
        assert (tmp_path / "gradebook.db").read_bytes() == b""

    def test_the_locked_version_is_the_one_that_is_asked_for(self) -> None:
        assert f"nbgrader=={nbgrader_seam.VERSION} \\" in (ROOT / "requirements.lock").read_text()
        assert f'"nbgrader=={nbgrader_seam.VERSION}"' in (ROOT / "pyproject.toml").read_text()

    def test_nbgrader_and_autograder_stop_and_say_so(self, tmp_path: Path) -> None:
        """Both programs, in an environment whose nbgrader says that it is another version."""
        claims = tmp_path / "site" / "nbgrader-0.10.0.dist-info"
        claims.mkdir(parents=True)
        (claims / "METADATA").write_text("Metadata-Version: 2.1\nName: nbgrader\nVersion: 0.10.0\n")
        mini = mini_course.write(tmp_path / "course")
        (mini.root / "nbgrader_config.py").write_bytes((ROOT / "nbgrader_config.py").read_bytes())
        environment = os.environ | {"PYTHONPATH": str(claims.parent)}
        for program in (["nbgrader", "generate_assignment", "1_mini"], ["autograder", "build"]):
            command = [str(Path(sys.executable).with_name(program[0])), *program[1:]]
            done = subprocess.run(
                command, cwd=mini.root, env=environment, capture_output=True, text=True, timeout=120, check=False
            )

            assert done.returncode != 0
            assert "nbgrader 0.9.6 is needed and 0.10.0 is installed" in done.stderr
            assert "Traceback" not in done.stderr
            assert not (mini.root / "assignments").exists()
