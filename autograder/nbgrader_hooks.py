"""What nbgrader does differently in this course; ``nbgrader_config.py`` only calls `configure`.

nbgrader copies every file beside a master notebook into the release, overwrites students' modules with the reference
when it autogrades, runs student code with the grader's rights, and decides scores by what a cell prints. None of that
may happen here. Two measures protect releases, each sufficient alone, and two protect grading:

1. ``CourseDirectory.ignore`` holds the source folders, so that no converter copies a file out of them.
2. The converters write through the exporters of this module. `ReleaseExporter` puts out what `autograder build` makes,
   byte by byte, or raises, and it does so before nbgrader removes the release that is there.
3. `JudgingExporter` does the whole work of ``nbgrader autograde`` and of the formgrader's button: the confined worker
   runs the code, the judge decides, and nothing is left for nbgrader to convert.
4. If another exporter is set by hand, nbgrader reaches `Refusal` instead of a preprocessor that runs a notebook.

`FeedbackExporter` keeps nbgrader's own pages from telling students more than ``before_due`` in ``course.toml`` allows.

All of it uses settings that nbgrader documents; ``pre_convert_hook`` and ``post_convert_hook`` are not used, because
nbgrader goes on when one raises.
"""

from __future__ import annotations

import contextlib
import fnmatch
import functools
import html
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

from autograder import build, course, gradebook, nbgrader_seam
from autograder.build.notebooks import release_settings
from autograder.course import Course, CourseError, Section
from autograder.gradebook import GradebookError, formgrader, journal, rendering
from autograder.grading import deliver, run
from autograder.grading.run import NothingToGradeError
from autograder.intake import collecting
from autograder.nbgrader_seam import (
    ExchangeReleaseAssignment,
    ExchangeReleaseFeedback,
    ExtractorPlugin,
    NbGraderException,
)
from autograder.people import roster
from autograder.records.record import Record
from autograder.records.standing import section_standing
from autograder.records.store import StoreError
from autograder.remote.errors import WorkerUnavailableError
from autograder.report import attention, told
from autograder.report.files import ReportError
from autograder.sandbox.walls import ConfinementError
from autograder.submissions import times
from autograder.submissions.collect import CollectError
from autograder.submissions.history import HistoryError
from autograder.submissions.paths import is_junk, student_name
from autograder.text import count

AUTOGRADE = "nbgrader runs no student code and decides no score in this course: run `autograder grade`"


def configure(config: Any, root: Path) -> None:
    """Set in `config` (traitlets) everything that nbgrader needs to know of the course at `root`.

    Raises
    ------
    CourseError
        If the course can't be read, or the installed version of nbgrader is not one that this was tested with.
    """
    nbgrader_seam.check_version()
    the_course = course.load(root)
    release_settings(config)
    directory = config.CourseDirectory
    directory.root = str(root)
    directory.course_id = the_course.id
    directory.release_directory = build.ASSIGNMENTS
    directory.solution_directory = build.SOLUTIONS
    directory.ignore = [
        ".ipynb_checkpoints",
        "*.pyc",
        "__pycache__",
        "feedback",
        nbgrader_seam.ignored_source(root),
    ]
    if url := gradebook.chosen_url():
        directory.db_url = url
    config.GenerateAssignment.exporter_class = f"{__name__}.ReleaseExporter"
    config.GenerateSolution.exporter_class = f"{__name__}.SolutionExporter"
    config.GenerateSolution.preprocessors = []
    config.Autograde.exporter_class = f"{__name__}.JudgingExporter"
    config.Autograde.sanitize_preprocessors = [f"{__name__}.Refusal"]
    config.Autograde.autograde_preprocessors = [f"{__name__}.Refusal"]
    config.GenerateFeedback.exporter_class = f"{__name__}.FeedbackExporter"
    config.ExchangeFactory.release_assignment = f"{__name__}.ReleaseAssignment"
    config.ExchangeFactory.release_feedback = f"{__name__}.ReleaseFeedback"
    config.ZipCollectApp.extractor_plugin = f"{__name__}.Extractor"
    config.ExportPlugin.to = "gradebook.csv"  # the default, grades.csv, is the name of our own file
    config.Execute.record_timing = False
    config.Execute.timeout = 300
    config.HTMLExporter.preprocessors = [f"{__name__}.EscapedNames", f"{__name__}.Suggestions"]
    config.HTMLExporter.filters = dict(rendering.FILTERS)
    nbgrader_seam.put_alembic_on_path()
    nbgrader_seam.read_times(lambda stamp: _utc(times.read(the_course, stamp)))
    nbgrader_seam.hide_source(course.SHARED)
    journal.listen()  # this process may be the formgrader's


class ReleaseExporter(NotebookExporter):  # type: ignore[misc]
    """Writes the release of a section: what nbgrader makes of the notebook, checked against `autograder build`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._releases = {section.id: self._made(section) for section in _sections(self)}

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> tuple[str, Any]:
        """Return the released notebook, and write the other released files beside it."""
        section_id, folder = nbgrader_seam.destination(self, resources)
        files = self._releases[section_id]
        wanted = files.get(Path(filename).name)
        if wanted is None:
            _fail(self, f"{filename} is not a notebook of section `{section_id}`; course.toml doesn't list it")
        text, resources = self._convert(filename, resources, **kwargs)
        if text.encode() != wanted:
            _fail(
                self,
                f"nbgrader's settings would release another {Path(filename).name} than `autograder build` does; "
                "remove the settings of preprocessors from any other nbgrader_config.py and the command line",
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
        section_id, _ = nbgrader_seam.destination(self, resources)
        return self._releases[section_id][Path(filename).name].decode(), resources


class JudgingExporter(NotebookExporter):  # type: ignore[misc]
    """Does what ``autograder grade`` does, instead of ``nbgrader autograde`` and for the formgrader's button.

    nbgrader makes its exporter after it has found the submissions and before it touches one of them. Here they are
    judged by `grading.run`, which writes gradebook, ``autograded/``, feedback and CSV; nothing is left to convert.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        faults = (
            CourseError, CollectError, StoreError, GradebookError, HistoryError, ReportError, WorkerUnavailableError,
            ConfinementError, NothingToGradeError, OSError,
        )  # fmt: skip
        try:
            self._grade(self.parent.coursedir)
        except faults as error:
            _fail(self, str(error))
        nbgrader_seam.nothing_to_convert(self)

    def _grade(self, coursedir: Any) -> None:
        the_course = course.load(Path(coursedir.root))
        course.check_notebooks(the_course)
        submitted = the_course.root / coursedir.submitted_directory
        graded = run.run(
            the_course,
            submitted,
            the_course.root,
            say=self.log.warning,
            progress=self._progress,
            sections=[section.id for section in _sections(self)],
            students=_students(the_course, submitted, coursedir),
            db_url=coursedir.db_url,
        )
        for student, record in graded.results:
            standing = section_standing(the_course.section(record.section), record)
            points = standing.status if standing.points is None else f"{standing.points:g} of {standing.max:g} points"
            self.log.info("%s %s: %s", student, record.section, points)
        for line in attention.lines(graded.entries):
            self.log.warning("%s", line)
        if graded.stopped:
            _fail(self, graded.stopped)
        if not graded.is_complete:
            _fail(self, "some attempts were not judged, see above; nobody got points or a zero for that")

    @contextlib.contextmanager
    def _progress(self, asked: int, missing: int) -> Iterator[Callable[[], None]]:
        self.log.info("%s, %s to judge", count(asked, "attempt"), missing)
        yield lambda: None


class FeedbackExporter(HTMLExporter):  # type: ignore[misc]
    """Makes nbgrader's own page of a submission, or ours while the course keeps hidden checks back from the student."""

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> tuple[str, Any]:
        """Return the page; before the section is due that of `autograder grade`, which says only what may be told."""
        section_id, _ = nbgrader_seam.destination(self, resources)
        student = resources["nbgrader"]["student"]
        try:
            if _course(self).section(section_id).before_due != "all":
                record = self._graded.get((student, section_id))
                if record is None:
                    _fail(self, f"{student}: no grade for {section_id}; run `autograder grade` first")
                if told.kept_back_until(_course(self), record) is not None:
                    return told.page(_course(self), student, record), resources
        except CourseError as error:
            _fail(self, str(error))
        text, resources = super().from_filename(filename, resources, **kwargs)
        return str(text), resources

    @functools.cached_property
    def _graded(self) -> dict[tuple[str, str], Record]:
        coursedir = self.parent.coursedir
        the_course = _course(self)
        submitted = the_course.root / coursedir.submitted_directory
        found = deliver.stored(the_course, submitted, the_course.root, coursedir.db_url)
        return {(student, record.section): record for student, record in found}


class Refusal(Preprocessor):  # type: ignore[misc]
    """Replaces what sanitizes and runs a submission in nbgrader, in case another exporter is set by hand."""

    enabled = True

    def preprocess(self, notebook: Any, resources: Any) -> NoReturn:
        """Refuse; nbgrader then counts the submission as failed and gives no points."""
        raise NbGraderException(AUTOGRADE)


class EscapedNames(Preprocessor):  # type: ignore[misc]
    """Escapes what nbgrader's pages put into HTML as it is: names of students (names of folders), and raw cells."""

    enabled = True

    def preprocess(self, notebook: Any, resources: Any) -> tuple[Any, Any]:
        """Escape names, and show raw cells as they were typed."""
        for key in ("student", "first_name", "last_name", "notebook_path"):
            if isinstance(resources.get(key), str):
                resources[key] = html.escape(resources[key])
        for cell in notebook.cells:
            if cell.cell_type == "raw":
                cell.source = f"<pre>{html.escape(cell.source)}</pre>"
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
                    shown.append(NotebookNode(formgrader.suggestion_cell(cell.metadata)))
            notebook.cells = shown
        return notebook, resources


class ReleaseAssignment(ExchangeReleaseAssignment):  # type: ignore[misc]
    """Hands a section out through the exchange if its folder holds what `autograder build` makes, and nothing else."""

    def init_src(self) -> None:
        """Find the release, and refuse one that differs from the build."""
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


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]
    """Hands out the pages of those who submitted through the exchange; a page of anybody else doesn't stop it.

    nbgrader files a page under a secret that came with the submission, and stops at the first folder without one.
    """

    def copy_files(self) -> None:
        """Copy the pages that can be handed out, and name the others."""
        before = self.coursedir.student_id_exclude
        here = Path(self.coursedir.root)
        folders = sorted(path for path in here.glob(Path(self.src_path).relative_to(here).as_posix()) if path.is_dir())
        needed = ("timestamp.txt", "submission_secret.txt")
        others = [folder.parent.name for folder in folders if not all((folder / name).is_file() for name in needed)]
        if others:
            self.log.warning(
                "Not submitted through the exchange, so no feedback is released through it: %s. Their pages are in %s",
                ", ".join(others),
                here / self.coursedir.feedback_directory,
            )
        self.coursedir.student_id_exclude = nbgrader_seam.without_students(others, self.coursedir)
        try:
            super().copy_files()
        finally:
            self.coursedir.student_id_exclude = before


class Extractor(ExtractorPlugin):  # type: ignore[misc]
    """Does what ``autograder collect`` does, instead of ``nbgrader zip_collect``."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Collect what lies in `archive_path`; nothing is left to extract, nor to transfer from `extracted_path`."""
        section = _section_of(self)
        coursedir = self.parent.coursedir
        the_course = course.load(Path(coursedir.root))
        submitted = the_course.root / coursedir.submitted_directory
        try:
            students = gradebook.students(the_course, the_course.root, coursedir.db_url)
            outcome = collecting.run(the_course, section, [Path(archive_path)], submitted, students, ordered=False)
        except (CourseError, GradebookError, OSError) as error:
            self.parent.fail(str(error))
        *lines, closing = outcome.lines()
        for line in lines:
            self.log.warning("%s", line)
        if not outcome.is_complete:
            self.parent.fail(closing)  # ends with exit code 1
        self.log.info("%s", closing)
        nbgrader_seam.nothing_to_transfer(self.parent)


def _utc(time: datetime | None) -> datetime | None:
    """Return a moment in UTC as nbgrader keeps it: without a time zone."""
    return None if time is None else time.replace(tzinfo=None)


def _section_of(plugin: Any) -> Section:
    coursedir = plugin.parent.coursedir
    try:
        return course.load(Path(coursedir.root)).section(coursedir.assignment_id)
    except CourseError as error:
        plugin.parent.fail(str(error))
        raise


def _sections(exporter: Any) -> list[Section]:
    """Return the sections that the converter behind `exporter` is about to convert."""
    the_course = _course(exporter)
    try:
        names = dict.fromkeys(folder.name for folder in nbgrader_seam.matched(exporter))
        return [the_course.section(name) for name in names]
    except CourseError as error:
        _fail(exporter, str(error))


def _students(the_course: Course, submitted: Path, coursedir: Any) -> set[str] | None:
    """Return the students that nbgrader's options choose, None for all of them.

    nbgrader asks for folders, whose names may differ from the names that students are known by.
    """
    excluded = {name for name in coursedir.student_id_exclude.split(",") if name}
    if coursedir.student_id == "*" and not excluded:
        return None
    the_roster = roster.load(the_course.root)
    folders = [path.name for path in submitted.iterdir() if path.is_dir() and not is_junk(path.name)]
    students = {name: the_roster.student_of(student_name(name)) for name in folders}
    return {
        student
        for name, student in students.items()
        if student not in excluded and any(fnmatch.fnmatchcase(each, coursedir.student_id) for each in (name, student))
    }


def _course(exporter: Any) -> Course:
    try:
        return course.load(Path(exporter.parent.coursedir.root))
    except CourseError as error:
        _fail(exporter, str(error))


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Let `folder` hold `files` and nothing else."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def _fail(exporter: Any, message: str) -> NoReturn:
    exporter.log.error(message)
    raise NbGraderException(message)
