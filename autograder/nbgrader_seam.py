"""Everything that this package uses of nbgrader, and the only version of it that this was tested with.

No other module imports nbgrader. `NAMES` lists what is used and where it comes from; the functions below rely on more
than a name, and each says on what. ``tests/test_nbgrader_seam.py`` checks all of it, so that a change in nbgrader is
noticed before it affects anybody's grade. nbgrader is imported only when the first name is used, so importing this
module is fast.
"""

from __future__ import annotations

import functools
import glob
import importlib
import importlib.metadata
import importlib.util
import logging
import os
import re
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
    "GradeCell": "nbgrader.api",
    "Notebook": "nbgrader.api",
    "SolutionCell": "nbgrader.api",
    "SourceCell": "nbgrader.api",
    "Student": "nbgrader.api",
    "SubmittedAssignment": "nbgrader.api",
    "SubmittedNotebook": "nbgrader.api",
    "TaskCell": "nbgrader.api",
    "new_uuid": "nbgrader.api",
    # Opening it, and its errors.
    "Gradebook": "nbgrader.api",
    "InvalidEntry": "nbgrader.api",
    "MissingEntry": "nbgrader.api",
    # Registering a section, late penalties, and what the metadata of a cell means.
    "SaveCells": "nbgrader.preprocessors",
    "AssignLatePenalties": "nbgrader.preprocessors",
    "is_grade": "nbgrader.utils",
    "is_locked": "nbgrader.utils",
    "is_solution": "nbgrader.utils",
    "is_task": "nbgrader.utils",
    "parse_utc": "nbgrader.utils",
    # Making a release as nbgrader makes it.
    "CourseDirectory": "nbgrader.coursedir",
    "GenerateAssignment": "nbgrader.converters",
    # Collecting from its exchange.
    "ExchangeCollect": "nbgrader.exchange.default",
    # What our own classes for its commands inherit from, or raise.
    "ExchangeReleaseAssignment": "nbgrader.exchange.default",
    "ExchangeReleaseFeedback": "nbgrader.exchange.default",
    "ExtractorPlugin": "nbgrader.plugins",
    "NbGraderException": "nbgrader.converters.base",
}


def check_version() -> None:
    """Refuse any version of nbgrader except the one that this was tested with.

    Raises
    ------
    CourseError
        If another version, or none, is installed: its tables and settings may mean something else, and solutions would
        be released silently if it no longer knows a setting.
    """
    try:
        found = importlib.metadata.version("nbgrader")
    except importlib.metadata.PackageNotFoundError:
        found = "none"
    if found != VERSION:
        raise CourseError(
            f"nbgrader {VERSION} is needed and {found} is installed: this course writes into its gradebook and "
            "replaces parts of its commands, which is tested with that version only; `make setup` installs it, and "
            "CONTRIBUTING.md says how to move to another"
        )


def __getattr__(name: str) -> Any:
    if name not in NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    check_version()
    found = globals()[name] = getattr(_module(NAMES[name]), name)  # so this runs once a name
    return found


def _module(name: str) -> Any:
    """Import a module of nbgrader, and of the rest of nbgrader only what that needs.

    On import, the package itself loads its extensions of Jupyter's server, with that server and all of nbgrader's
    commands, which takes as long as everything else. Here it is made without; where nbgrader came first, it is whole.
    """
    import_jsonschema()
    spec = importlib.util.find_spec("nbgrader")
    if spec is not None and "nbgrader" not in sys.modules:
        sys.modules["nbgrader"] = package = importlib.util.module_from_spec(spec)
        vars(package)["__version__"] = VERSION
    return importlib.import_module(name)


def import_jsonschema() -> None:
    """Import jsonschema, which comes with nbformat, without its checks for IRIs, URIs and durations.

    That for IRIs compiles a grammar on import, which takes three seconds, and the others take longer than the rest of
    jsonschema. Notebooks contain none of these.
    """
    if "jsonschema" in sys.modules:
        return
    checkers = {"rfc3987_syntax", "rfc3986_validator", "isoduration"} - sys.modules.keys()
    sys.modules.update(dict.fromkeys(checkers))  # type: ignore[arg-type]  # Python's own way to say that there is none
    try:
        importlib.import_module("jsonschema")
    finally:
        for checker in checkers:
            del sys.modules[checker]


def alembic_version() -> str:
    """Return the version of nbgrader's tables, as its own function for this does.

    nbgrader starts the program ``alembic`` by name for it, which takes seconds and depends on PATH. This reads the
    migrations that nbgrader's own commands use: the last one is the one that no other follows.
    """
    check_version()
    folder = Path(_module("nbgrader.dbutil").ALEMBIC_DIR, "versions")
    migrations = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    last: str
    (last,) = {*re.findall(r"(?m)^revision = '(\w+)'", migrations)} - {
        *re.findall(r"(?m)^down_revision = '(\w+)'", migrations)
    }
    return last


@functools.lru_cache(maxsize=8)
def engine(url: str) -> Any:
    """Return SQLAlchemy's engine for the database at `url`, the same each time.

    It keeps the statements that it has compiled, which takes longer than running them. Whoever uses it calls `dispose`
    at the end, as nbgrader's ``Gradebook`` does: that closes its connections, and nothing else.
    """
    from sqlalchemy import create_engine

    return create_engine(url)


def open_gradebook(url: str, course_id: str) -> Any:
    """Open the gradebook at `url`, or create it; `alembic_version` and `engine` replace nbgrader's slow functions."""
    check_version()
    api = _module("nbgrader.api")
    api.get_alembic_version = alembic_version
    api.create_engine = lambda url, **_: engine(url)  # what it asks for are SQLAlchemy's defaults
    return api.Gradebook(url, course_id)


def put_alembic_on_path() -> None:
    """Let nbgrader find ``alembic``, which it starts by name, even if the environment is not activated."""
    folder = str(Path(sys.executable).parent)
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if folder not in entries:
        os.environ["PATH"] = os.pathsep.join([folder, *entries])


def ignored_source(root: Path) -> str:
    """Return the pattern of ``CourseDirectory.ignore`` that keeps every folder of ``source/`` out of its copies.

    nbgrader asks for files as ``<root>/source/./<section>`` and compares paths literally, including the dot.
    """
    return os.path.join(glob.escape(str(root)), "source", ".", "*")  # noqa: PTH118 # pathlib drops the dot


def read_times(read: Callable[[str], datetime | None]) -> None:
    """Let nbgrader read the time stamps of submissions with `read`, which returns UTC without a zone, or None.

    Its own `parse_utc` treats a zone that it doesn't know as UTC. ``nbgrader collect`` needs a time to sort by, so
    its own reading is used there if `read` returns None.
    """
    parse_utc = __getattr__("parse_utc")

    def parsed(stamp: Any) -> Any:
        return read(stamp) if isinstance(stamp, str) else parse_utc(stamp)

    def sorted_by(stamp: Any) -> Any:
        return parsed(stamp) or parse_utc(stamp)

    for module, reader in (("coursedir", parsed), ("apps.api", parsed), ("exchange.default.collect", sorted_by)):
        # The type of a module has no such name, so it is set as any attribute.
        setattr(_module(f"nbgrader.{module}"), "parse_utc", reader)  # noqa: B010


def hide_source(folder: str) -> None:
    """Keep the formgrader and nbgrader's commands from treating `folder` of ``source/`` as an assignment."""
    api = _module("nbgrader.apps.api").NbGraderAPI
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
    told = resources["nbgrader"]
    return told["assignment"], Path(exporter.parent._format_dest(told["assignment"], told["student"]))


def nothing_to_transfer(app: Any) -> None:
    """Let ``nbgrader zip_collect`` (`app`) end without its second half, which is a method that it calls next."""
    app.process_extracted_files = lambda: None


def settings(root: Path) -> Any:
    """Return what ``nbgrader_config.py`` in `root` sets, as nbgrader reads it; nothing if it doesn't exist.

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
        sys.path.insert(0, str(root))  # as nbgrader does with the folder that it is started in, where plugins are
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


def collector(root: Path, section: str, log: logging.Logger, student: str = "*") -> Any:
    """Return what ``nbgrader collect --update`` makes for `section` of the course in `root`; `start` collects.

    Its messages go to `log`. `student` is a pattern of names.
    """
    config = settings(root)
    coursedir = __getattr__("CourseDirectory")(config=config, log=log)
    coursedir.assignment_id = section
    coursedir.student_id = student
    found = __getattr__("ExchangeCollect")(coursedir=coursedir, config=config, log=log)
    found.update = True
    return found


def inbound(collector: Any) -> Path:
    """Return the folder of the exchange into which students submit: a folder for each submission.

    Its name is student, section and time with ``+`` between them; ``timestamp.txt`` is one of the last files in it.
    """
    return Path(collector.root, collector.coursedir.course_id, "inbound")


def collected_to(collector: Any) -> Path:
    """Return the folder that submissions are collected into."""
    return Path(collector.coursedir.root, collector.coursedir.submitted_directory)


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
    """Return what the plugin of `assigner` takes off a late submission, from 0 to its score; None for nothing.

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
    """Return the value of ``student_id_exclude`` that also leaves out `folders`."""
    excluded = coursedir.student_id_exclude.split(",") if coursedir.student_id_exclude else []
    return ",".join([*excluded, *folders])
