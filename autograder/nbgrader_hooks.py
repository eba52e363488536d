"""What nbgrader is told to do differently in this course; ``nbgrader_config.py`` does nothing but call `configure`.

nbgrader copies every file beside a master notebook into the release, overwrites students' modules with the reference
when it autogrades, and decides scores by what a cell prints. None of that may happen here. Two walls, each enough:

1. ``CourseDirectory.ignore`` holds the source folders, so that no converter copies a file out of them.
2. The converters write through the exporters of this module. `ReleaseExporter` puts out what `autograder build` makes,
   byte by byte, or raises, and it does so before nbgrader removes the release that is there. `RefusingExporter` stops
   ``nbgrader autograde`` before it touches anything.

All of it uses settings that nbgrader documents; ``pre_convert_hook`` and ``post_convert_hook`` are no help, because
nbgrader goes on when one raises.
"""

from __future__ import annotations

import glob
import html
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from nbconvert.exporters import NotebookExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader.converters.base import NbGraderException
from nbgrader.exchange.default import ExchangeReleaseAssignment

from autograder import build, course, formgrader
from autograder.build.notebooks import release_settings
from autograder.course import Course, CourseError, Section

AUTOGRADE = "nbgrader runs no student code and decides no score in this course: run `autograder grade`"


def configure(config: Any, root: Path) -> None:
    """Set in `config` (traitlets) everything that nbgrader needs to know of the course at `root`.

    Raises
    ------
    CourseError
        If the course can't be read.
    """
    the_course = course.load(root)
    release_settings(config)
    directory = config.CourseDirectory
    directory.root = str(root)
    directory.course_id = the_course.id
    directory.release_directory = build.ASSIGNMENTS
    directory.solution_directory = build.SOLUTIONS
    # nbgrader asks for files as <root>/source/./<section>, and compares unnormalised paths.
    directory.ignore = [
        ".ipynb_checkpoints",
        "*.pyc",
        "__pycache__",
        "feedback",
        os.path.join(glob.escape(str(root)), "source", ".", "*"),  # noqa: PTH118 # pathlib drops the dot
    ]
    config.GenerateAssignment.exporter_class = f"{__name__}.ReleaseExporter"
    config.GenerateSolution.exporter_class = f"{__name__}.SolutionExporter"
    config.GenerateSolution.preprocessors = []
    config.Autograde.exporter_class = f"{__name__}.RefusingExporter"
    config.ExchangeFactory.release_assignment = f"{__name__}.ReleaseAssignment"
    config.ExportPlugin.to = "gradebook.csv"  # its default is grades.csv, the name of ours
    config.Execute.record_timing = False
    config.Execute.timeout = 300
    config.HTMLExporter.preprocessors = [f"{__name__}.EscapedNames", f"{__name__}.Suggestions"]
    put_alembic_on_path()


def put_alembic_on_path() -> None:
    """Let nbgrader find ``alembic``, which it starts by name, also where the environment is not activated."""
    folder = str(Path(sys.executable).parent)
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if folder not in entries:
        os.environ["PATH"] = os.pathsep.join([folder, *entries])


class ReleaseExporter(NotebookExporter):  # type: ignore[misc]
    """Writes the release of a section: what nbgrader makes of the notebook, checked against `autograder build`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._releases = {section.id: self._made(section) for section in _sections(self)}

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> tuple[str, Any]:
        """Return the released notebook, and write the other released files beside it."""
        section_id, folder = _destination(self, resources)
        files = self._releases[section_id]
        wanted = files.get(Path(filename).name)
        if wanted is None:
            _fail(self, f"{filename} is no notebook of section `{section_id}`; course.toml doesn't list it")
        text, resources = self._convert(filename, resources, **kwargs)
        if text.encode() != wanted:
            _fail(
                self,
                f"nbgrader's settings would release another {Path(filename).name} than `autograder build` does; "
                "remove what an nbgrader_config.py elsewhere or the command line sets for its preprocessors",
            )
        _fill(folder, {name: data for name, data in files.items() if name != Path(filename).name})
        return text, resources

    def _made(self, section: Section) -> Mapping[str, bytes]:
        try:
            return build.release(_course(self), section)
        except CourseError as error:
            _fail(self, str(error))

    def _convert(self, filename: str, resources: Any, **kwargs: Any) -> tuple[str, Any]:
        text, resources = super().from_filename(filename, resources, **kwargs)
        return str(text), resources


class SolutionExporter(ReleaseExporter):
    """Writes the solution of a section as `autograder build` makes it, with the notebook executed."""

    def _made(self, section: Section) -> Mapping[str, bytes]:
        try:
            return build.solution(_course(self), section)
        except CourseError as error:
            _fail(self, str(error))

    def _convert(self, filename: str, resources: Any, **kwargs: Any) -> tuple[str, Any]:
        _, resources = super()._convert(filename, resources, **kwargs)
        section_id, _ = _destination(self, resources)
        return self._releases[section_id][Path(filename).name].decode(), resources


class RefusingExporter(NotebookExporter):  # type: ignore[misc]
    """Stops ``nbgrader autograde`` (and the formgrader's button) before it reads a submission."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        _fail(self, AUTOGRADE)


class EscapedNames(Preprocessor):  # type: ignore[misc]
    """Escapes what nbgrader's pages put into HTML as it is: names of students, which are names of folders."""

    enabled = True

    def preprocess(self, notebook: Any, resources: Any) -> tuple[Any, Any]:
        """Leave the notebook as it is."""
        for key in ("student", "first_name", "last_name", "notebook_path"):
            if isinstance(resources.get(key), str):
                resources[key] = html.escape(resources[key])
        return notebook, resources


class Suggestions(Preprocessor):  # type: ignore[misc]
    """Shows the judge's suggestion below each explanation, on the formgrader's pages and on no others."""

    enabled = True

    def preprocess(self, notebook: Any, resources: Any) -> tuple[Any, Any]:
        """Add a cell with the suggestion; pages for students, which have no ``submission_id``, stay as they are."""
        if "submission_id" in resources:
            shown = []
            for cell in notebook.cells:
                shown.append(cell)
                if formgrader.STAFF in cell.metadata:
                    shown.append(NotebookNode(formgrader.suggestion_cell(cell.metadata[formgrader.STAFF])))
            notebook.cells = shown
        return notebook, resources


class ReleaseAssignment(ExchangeReleaseAssignment):  # type: ignore[misc]
    """Hands a section out through the exchange if its folder holds what `autograder build` makes, and nothing else."""

    def init_src(self) -> None:
        """Find the release, and refuse one that is not as built."""
        super().init_src()
        folder = Path(self.src_path)
        try:
            the_course = course.load(Path(self.coursedir.root))
            files = build.release(the_course, the_course.section(self.coursedir.assignment_id))
        except CourseError as error:
            self.fail(str(error))
        there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
        wrong = there ^ files.keys() or {name for name in there if (folder / name).read_bytes() != files[name]}
        if wrong:
            self.fail(f"{folder / min(wrong)} is not as `autograder build` makes it; run that and release again")


def _sections(exporter: Any) -> list[Section]:
    """Return the sections that the converter behind `exporter` is about to convert."""
    the_course = _course(exporter)
    try:
        return [the_course.section(Path(folder).name) for folder in exporter.parent.assignments]
    except CourseError as error:
        _fail(exporter, str(error))


def _course(exporter: Any) -> Course:
    try:
        return course.load(Path(exporter.parent.coursedir.root))
    except CourseError as error:
        _fail(exporter, str(error))


def _destination(exporter: Any, resources: Any) -> tuple[str, Path]:
    section_id = resources["nbgrader"]["assignment"]
    return section_id, Path(exporter.parent._format_dest(section_id, resources["nbgrader"]["student"]))


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Let `folder` hold `files` and nothing else."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def _fail(exporter: Any, message: str) -> NoReturn:
    exporter.log.error(message)
    raise NbGraderException(message)
