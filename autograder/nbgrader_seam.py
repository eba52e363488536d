"""Everything that this package takes from nbgrader, and the one version of it that this was proved with.

No other module imports nbgrader. `NAMES` lists what is taken and from where; the functions below are the places that
rely on more than a name, each with what it relies on. ``tests/test_nbgrader_seam.py`` asks nbgrader for all of it, so
that a change there is noticed before it costs anybody a grade. nbgrader is imported when the first name is asked for:
importing this module costs nothing.
"""

from __future__ import annotations

import glob
import importlib
import importlib.metadata
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course import CourseError

VERSION = "0.9.6"

NAMES: Mapping[str, str] = {
    # Tables of the gradebook, read and written in bulk.
    "Assignment": "nbgrader.api",
    "BaseCell": "nbgrader.api",
    "Comment": "nbgrader.api",
    "Grade": "nbgrader.api",
    "Student": "nbgrader.api",
    "SubmittedAssignment": "nbgrader.api",
    "SubmittedNotebook": "nbgrader.api",
    "new_uuid": "nbgrader.api",
    # Opening it, and what it complains with.
    "Gradebook": "nbgrader.api",
    "InvalidEntry": "nbgrader.api",
    "MissingEntry": "nbgrader.api",
    # Registering a section, late penalties, and what a cell's marks mean.
    "SaveCells": "nbgrader.preprocessors",
    "AssignLatePenalties": "nbgrader.preprocessors",
    "is_grade": "nbgrader.utils",
    "is_locked": "nbgrader.utils",
    "is_solution": "nbgrader.utils",
    "parse_utc": "nbgrader.utils",
    # Making a release as nbgrader makes it.
    "CourseDirectory": "nbgrader.coursedir",
    "GenerateAssignment": "nbgrader.converters",
    # What our own classes for its commands inherit from or raise.
    "ExchangeReleaseAssignment": "nbgrader.exchange.default",
    "ExchangeReleaseFeedback": "nbgrader.exchange.default",
    "ExtractorPlugin": "nbgrader.plugins",
    "NbGraderException": "nbgrader.converters.base",
}


def check_version() -> None:
    """Refuse any nbgrader but the one that this was proved with.

    Raises
    ------
    CourseError
        If another version, or none, is installed: its tables and settings may mean something else, and a setting that
        it no longer knows would release solutions in silence.
    """
    try:
        found = importlib.metadata.version("nbgrader")
    except importlib.metadata.PackageNotFoundError:
        found = "none"
    if found != VERSION:
        raise CourseError(
            f"nbgrader {VERSION} is needed and {found} is installed: this course writes into its gradebook and "
            "replaces parts of its commands, which is proved for that version only; `make setup` installs it, and "
            "CONTRIBUTING.md says how to move to another"
        )


def __getattr__(name: str) -> Any:
    if name not in NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    check_version()
    import_jsonschema()
    found = globals()[name] = getattr(importlib.import_module(NAMES[name]), name)  # so it is asked for here once only
    return found


def import_jsonschema() -> None:
    """Import jsonschema, which comes with nbformat, without its check for IRIs.

    That check compiles a grammar on import, three seconds, and nothing in a notebook is an IRI.
    """
    checker = "rfc3987_syntax"
    if checker in sys.modules:
        return
    sys.modules[checker] = None  # type: ignore[assignment]  # Python's own way to say that there is none
    try:
        importlib.import_module("jsonschema")
    finally:
        del sys.modules[checker]


def alembic_version() -> str:
    """Return the version of nbgrader's tables, as its own function of the same purpose does.

    nbgrader starts the program ``alembic`` for it, by name: seconds, and a matter of PATH. This asks the library, in
    the folder of migrations that nbgrader's own commands use.
    """
    from alembic.script import ScriptDirectory

    check_version()
    folder = importlib.import_module("nbgrader.dbutil").ALEMBIC_DIR
    return str(ScriptDirectory(folder).get_current_head())


def open_gradebook(url: str, course_id: str) -> Any:
    """Open the gradebook at `url`, or make it; `alembic_version` takes the place of nbgrader's slow function."""
    check_version()
    import_jsonschema()
    api: Any = importlib.import_module("nbgrader.api")
    api.get_alembic_version = alembic_version
    return api.Gradebook(url, course_id)


def put_alembic_on_path() -> None:
    """Let nbgrader find ``alembic``, which it starts by name, also where the environment is not activated."""
    folder = str(Path(sys.executable).parent)
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if folder not in entries:
        os.environ["PATH"] = os.pathsep.join([folder, *entries])


def ignored_source(root: Path) -> str:
    """Return the pattern of ``CourseDirectory.ignore`` that keeps every folder of ``source/`` out of its copies.

    nbgrader asks for files as ``<root>/source/./<section>`` and compares paths as they are, the dot included.
    """
    return os.path.join(glob.escape(str(root)), "source", ".", "*")  # noqa: PTH118 # pathlib drops the dot


def read_times(read: Callable[[str], datetime | None]) -> None:
    """Let nbgrader read the time stamps of submissions with `read`, which returns UTC without saying so, or None.

    Its own `parse_utc` takes a zone that it doesn't know for UTC. ``nbgrader collect`` needs a time to sort by: there,
    its own reading is used where there is none.
    """
    parse_utc = __getattr__("parse_utc")

    def parsed(stamp: Any) -> Any:
        return read(stamp) if isinstance(stamp, str) else parse_utc(stamp)

    def sorted_by(stamp: Any) -> Any:
        return parsed(stamp) or parse_utc(stamp)

    for module, reader in (("coursedir", parsed), ("apps.api", parsed), ("exchange.default.collect", sorted_by)):
        # Its own type of a module knows of no such name, so it is set as any attribute.
        setattr(importlib.import_module(f"nbgrader.{module}"), "parse_utc", reader)  # noqa: B010


def hide_source(folder: str) -> None:
    """Let the formgrader and nbgrader's commands not take `folder` of ``source/`` for an assignment."""
    api = importlib.import_module("nbgrader.apps.api").NbGraderAPI
    listed = api.get_source_assignments
    api.get_source_assignments = lambda self: listed(self) - {folder}


def matched(exporter: Any) -> list[Path]:
    """Return the folders that the command behind `exporter` is about to convert.

    A converter makes its exporter after it has found its folders (``assignments``) and before it touches any of them;
    it is the exporter's ``parent``.
    """
    return [Path(folder) for folder in exporter.parent.assignments]


def nothing_to_convert(exporter: Any) -> None:
    """Let the command behind `exporter` end without converting anything: it goes through ``assignments`` next."""
    exporter.parent.assignments = {}


def destination(exporter: Any, resources: Any) -> tuple[str, Path]:
    """Return the section of the notebook that is being converted, and the folder that its files go to."""
    marks = resources["nbgrader"]
    return marks["assignment"], Path(exporter.parent._format_dest(marks["assignment"], marks["student"]))


def nothing_to_transfer(app: Any) -> None:
    """Let ``nbgrader zip_collect`` (`app`) end without its second half, which is a method that it calls next."""
    app.process_extracted_files = lambda: None


def settings(root: Path) -> Any:
    """Return what ``nbgrader_config.py`` in `root` sets, as nbgrader reads it; nothing if there is none.

    Raises
    ------
    CourseError
        If the file fails.
    """
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    if not (root / "nbgrader_config.py").is_file():
        return Config()
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))  # as nbgrader does with the folder that it is started in: plugins lie there
    try:
        return PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    except (Exception, SystemExit) as error:
        raise CourseError(f"{root / 'nbgrader_config.py'} fails: {error}; repair it") from error


def exchange_zone(root: Path) -> str:
    """Return the name of the zone that ``Exchange.timezone`` sets in ``nbgrader_config.py``; nbgrader's default is UTC.

    Raises
    ------
    CourseError
        If the file fails.
    """
    zone = settings(root).Exchange.get("timezone")
    return zone if isinstance(zone, str) else "UTC"


def penalty_assigner(root: Path) -> Any:
    """Return nbgrader's ``AssignLatePenalties`` as ``nbgrader_config.py`` in `root` configures it, with its plugin."""
    from traitlets import TraitError

    name = "AssignLatePenalties"
    try:
        assigner = __getattr__(name)(config=settings(root))
        assigner.init_plugin()
    except (TraitError, ImportError, AttributeError, ValueError, LookupError) as error:
        raise CourseError(f"{root / 'nbgrader_config.py'}: {name}.plugin_class can't be loaded: {error}") from error
    return assigner


def late_penalty(assigner: Any, student: str, score: float, seconds_late: float) -> float | None:
    """Return what the plugin of `assigner` takes off a late submission, within 0 and its score; None for nothing.

    ``AssignLatePenalties`` itself opens a gradebook for each student, so its plugin is asked directly.

    Raises
    ------
    CourseError
        If the plugin fails, which is the instructor's own code.
    """
    plugin = assigner.plugin_inst
    try:
        penalty = plugin.late_submission_penalty(student, score, seconds_late)
        return None if penalty is None else min(max(float(penalty), 0.0), score)
    except Exception as error:
        raise CourseError(
            f"the late policy {type(plugin).__name__} fails for `{student}`: {type(error).__name__}: {error}"
        ) from error


def without_students(folders: Iterable[str], coursedir: Any) -> str:
    """Return the value of ``student_id_exclude`` that leaves out what it leaves out now, and `folders`."""
    excluded = coursedir.student_id_exclude.split(",") if coursedir.student_id_exclude else []
    return ",".join([*excluded, *folders])
