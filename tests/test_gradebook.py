"""The gradebook: what nbgrader shows, exports and lets people change after the judge has written to it."""

import csv
import functools
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import psycopg
import pytest
from bs4 import BeautifulSoup
from psycopg import sql
from sqlalchemy import create_engine, text

from autograder import course, gradebook, nbgrader_seam
from autograder.course import Course, CourseError
from autograder.gradebook import GradebookError, formgrader, registration
from autograder.gradebook.complaints import complaint
from autograder.records.record import CellRecord, Hint, ItemRecord
from autograder.submissions.attempts import Attempt
from autograder.verdict import Verdict
from tests import mini_course, records
from tests.mini_course import CELLS, EXAMPLE, EXERCISE, ROOT, code, files, notebook
from tests.postgresql import Server
from tests.records import scored

pytestmark = pytest.mark.filterwarnings(
    # Raised while nbgrader and the libraries under it are imported or write; none of it is ours.
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::sqlalchemy.exc.SAWarning",
)

A_FILE = pytest.mark.parametrize("gradebook_url", ["sqlite"], indirect=True)

HOSTILE = "<img src=x onerror=alert(1)> $(touch x) `id` 'quoted' \"twice\" {student_id}"
ANSWER = code("exercise-1", "coin = 0.72 # <b>", grade=True, solution=True, points=6)
SUBMITTED = notebook(*CELLS[:3], ANSWER, code("mine", "print('mine')"))


@pytest.fixture
def mini(tmp_path: Path, gradebook_url: str) -> Course:
    return mini_course.write(tmp_path, release=True)


def attempt(student: str = "ada", submitted: bytes | None = SUBMITTED, timestamp: str | None = None) -> Attempt:
    found = {} if submitted is None else {"1_mini.ipynb": submitted}
    return Attempt(student, "1_mini", found, (), "0" * 64, Path("submitted") / student / "1_mini", timestamp)


record = functools.partial(records.record, section="1_mini")
GOOD = record(scored(10.0, 10.0), scored(6.0, 6.0))
FAIR = record(scored(7.5, 10.0), scored(0.0, 6.0))
LOST = record(
    scored(None, 10.0, "not judged"), scored(None, 6.0, "not judged"), status="not judged", reason="worker died"
)


@pytest.fixture
def grades(mini: Course) -> Any:
    """Return a function that reads (auto score, manual score, needs a person) of each item of a student."""

    def read(student: str = "ada") -> dict[str, tuple[float | None, float | None, bool]]:
        with _open(mini) as book:
            submission = book.find_submission("1_mini", student)
            return {
                grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                for notebook in submission.notebooks
                for grade in notebook.grades
            }

    return read


def dump(mini: Course) -> list[str]:
    return mini_course.rows(gradebook.chosen_url() or gradebook.file_url(mini.root))


def _open(mini: Course) -> Any:
    from nbgrader.api import Gradebook

    return Gradebook(gradebook.chosen_url() or gradebook.file_url(mini.root), mini.id)


class TestGrades:
    def test_points_of_judged_items_are_written(self, mini: Course, grades: Any) -> None:
        gradebook.write(mini, [(attempt(), FAIR)], mini.root)

        assert grades() == {"example-1": (7.5, None, False), "exercise-1": (0.0, None, False)}

    @pytest.mark.parametrize(
        "lost",
        [
            scored(None, 10.0, "not judged"),
            scored(None, 10.0, "needs review"),
            scored(3.0, 10.0, verdict="not judged"),
            scored(float("nan"), 10.0),
            scored(10.5, 10.0),
            scored(-1.0, 10.0),
        ],
    )
    def test_what_was_not_judged_has_no_points_and_needs_a_person(
        self, mini: Course, grades: Any, lost: ItemRecord
    ) -> None:
        gradebook.write(mini, [(attempt(), record(lost, scored(6.0, 6.0)))], mini.root)

        assert grades() == {"example-1": (None, None, True), "exercise-1": (6.0, None, False)}

    def test_an_item_that_the_record_lacks_needs_a_person(self, mini: Course, grades: Any) -> None:
        gradebook.write(mini, [(attempt(), replace(GOOD, items={}))], mini.root)

        assert grades() == {"example-1": (None, None, True), "exercise-1": (None, None, True)}

    def test_writing_twice_changes_nothing(self, mini: Course) -> None:
        judged = [(attempt("ada", timestamp="2026-11-01 10:00:00 UTC"), FAIR), (attempt(HOSTILE, None), LOST)]
        gradebook.write(mini, judged, mini.root)
        before, written = dump(mini), {path: path.stat().st_mtime_ns for path in mini.root.glob("autograded/*/*/*")}

        gradebook.write(mini, judged, mini.root)

        assert dump(mini) == before
        assert {path: path.stat().st_mtime_ns for path in mini.root.glob("autograded/*/*/*")} == written

    def test_another_verdict_replaces_the_old_one(self, mini: Course, grades: Any) -> None:
        for judged in (FAIR, LOST, GOOD):
            gradebook.write(mini, [(attempt(), judged)], mini.root)

        assert grades() == {"example-1": (10.0, None, False), "exercise-1": (6.0, None, False)}

    def test_a_manual_score_is_kept_and_marked_if_the_points_change(self, mini: Course, grades: Any) -> None:
        gradebook.write(mini, [(attempt(), FAIR)], mini.root)
        with _open(mini) as book:
            grade = book.find_grade("example-1", "1_mini", "1_mini", "ada")
            grade.manual_score, grade.extra_credit = 8.0, 1.0
            book.find_comment("exercise-1", "1_mini", "1_mini", "ada").manual_comment = "Well tried."
            book.db.commit()

        gradebook.write(mini, [(attempt(), FAIR)], mini.root)
        assert grades()["example-1"] == (7.5, 8.0, False)

        gradebook.write(mini, [(attempt(), GOOD)], mini.root)
        assert grades()["example-1"] == (10.0, 8.0, True)
        with _open(mini) as book:
            assert book.find_submission("1_mini", "ada").score == 8.0 + 1.0 + 6.0
            assert book.find_comment("exercise-1", "1_mini", "1_mini", "ada").comment == "Well tried."

    def test_comments_say_what_is_wrong_and_hold_no_working_tags(self, mini: Course) -> None:
        hints = (Hint("nats", "entropy in nats.", "Divide by log 2."),)
        wrong = scored(0.0, 6.0, message="Got <script>alert(1)</script>\0\ud800.", hints=hints)
        gradebook.write(mini, [(attempt(), record(scored(10.0, 10.0), wrong))], mini.root)

        with _open(mini) as book:
            comment = book.find_comment("exercise-1", "1_mini", "1_mini", "ada").comment

        assert comment.startswith("0 of 6 points.\n- Required: A fair coin has 1 bit. Got ")
        assert comment.endswith("This looks like the belief “entropy in nats.” Divide by log 2.")
        assert "<script" not in comment

    def test_students_of_other_sections_and_classes_are_left_alone(self, mini: Course, grades: Any) -> None:
        gradebook.write(mini, [(attempt("ada"), GOOD), (attempt("bob"), FAIR)], mini.root)
        gradebook.write(mini, [(attempt("bob"), GOOD)], mini.root)

        assert grades("ada") == grades("bob") == {"example-1": (10.0, None, False), "exercise-1": (6.0, None, False)}

    def test_a_submission_that_nbgrader_made_is_completed(self, mini: Course, grades: Any) -> None:
        gradebook.write(mini, [(attempt("bob"), GOOD)], mini.root)
        with _open(mini) as book:
            book.add_student("ada", first_name="Ada")
            book.add_submission("1_mini", "ada")

        gradebook.write(mini, [(attempt(), GOOD)], mini.root)

        assert grades() == {"example-1": (10.0, None, False), "exercise-1": (6.0, None, False)}
        with _open(mini) as book:
            assert book.find_student("ada").first_name == "Ada"

    def test_the_time_of_handing_in_is_kept_as_nbgrader_reads_it(self, mini: Course) -> None:
        times = {"ada": "2026-11-01 10:00:00 CET", "bob": "yesterday, I think", "cy": None}
        gradebook.write(mini, [(attempt(s, timestamp=t), GOOD) for s, t in times.items()], mini.root)

        with _open(mini) as book:
            found = {student: book.find_submission("1_mini", student).timestamp for student in times}
        assert [found[s] and found[s].isoformat() for s in times] == ["2026-11-01T09:00:00", None, None]


POLICY = """
from nbgrader.plugins import LateSubmissionPlugin

class PerHour(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        if student_id == "bug":
            raise KeyError(student_id)
        return {"back": -5.0}.get(student_id, total_seconds_late / 3600)
"""


class TestLatePenalties:
    """nbgrader's policy, due dates and extensions; what a late submission loses is taken off in its exports."""

    ON_TIME, LATE, VERY_LATE = "2026-11-01 08:59:59 UTC", "2026-11-01 11:00:00 UTC", "2026-12-01 09:00:00 UTC"

    @pytest.fixture
    def due(self, mini: Course) -> Course:
        (mini.root / "nbgrader_config.py").write_text(
            "get_config().AssignLatePenalties.plugin_class = 'late_policy.PerHour'", encoding="utf-8"
        )
        (mini.root / "late_policy.py").write_text(POLICY, encoding="utf-8")
        gradebook.write(mini, [(attempt("on-time"), GOOD)], mini.root)
        with _open(mini) as book:
            book.update_or_create_assignment("1_mini", duedate="2026-11-01 09:00:00 UTC")
        return mini

    @pytest.fixture(autouse=True)
    def _forgotten(self) -> Iterator[None]:
        """The policy's module lies in another folder each time."""
        path = list(sys.path)
        yield
        sys.path[:] = path
        sys.modules.pop("late_policy", None)

    def penalties(self, mini: Course, *students: str) -> list[float | None]:
        with _open(mini) as book:
            return [
                book.find_submission("1_mini", student).notebooks[0].late_submission_penalty for student in students
            ]

    def test_the_policy_decides_within_zero_and_the_score(self, due: Course) -> None:
        times = {"on-time": self.ON_TIME, "late": self.LATE, "very-late": self.VERY_LATE, "back": self.LATE, "no": None}
        judged = [(attempt(student, timestamp=time), FAIR) for student, time in times.items()]
        gradebook.write(due, judged, due.root)

        assert self.penalties(due, *times) == [None, 2.0, 7.5, 0.0, None]
        before = dump(due)
        gradebook.write(due, judged, due.root)
        assert dump(due) == before

    def test_manual_points_and_extra_credit_count_before_it(self, due: Course) -> None:
        judged = [(attempt(timestamp=self.VERY_LATE), FAIR)]
        gradebook.write(due, judged, due.root)
        with _open(due) as book:
            grade = book.find_grade("example-1", "1_mini", "1_mini", "ada")
            grade.manual_score, grade.extra_credit = 9.0, 1.5
            book.db.commit()
        gradebook.write(due, judged, due.root)

        assert self.penalties(due, "ada") == [10.5]

    def test_an_extension_and_a_later_due_date_take_it_back(self, due: Course) -> None:
        judged = [(attempt(student, timestamp=self.LATE), FAIR) for student in ("ada", "bob")]
        gradebook.write(due, judged, due.root)
        with _open(due) as book:
            book.grant_extension("1_mini", "ada", hours=5)
        gradebook.write(due, judged, due.root)
        assert self.penalties(due, "ada", "bob") == [None, 2.0]

        with _open(due) as book:
            book.update_or_create_assignment("1_mini", duedate="2026-11-02 09:00:00 UTC")
        gradebook.write(due, judged, due.root)
        assert self.penalties(due, "ada", "bob") == [None, None]

    def test_without_a_policy_nobody_loses_anything(self, due: Course) -> None:
        (due.root / "nbgrader_config.py").unlink()
        gradebook.write(due, [(attempt(timestamp=self.LATE), FAIR)], due.root)

        assert self.penalties(due, "ada") == [None]

    @pytest.mark.parametrize(
        ("student", "config", "match"),
        [
            ("bug", None, "the late policy PerHour fails for `bug`: KeyError"),
            ("ada", "1 / 0", "nbgrader_config.py fails: division by zero"),
            ("ada", "import sys; sys.exit('no course')", "nbgrader_config.py fails: no course"),
            ("ada", "get_config().AssignLatePenalties.plugin_class = 'nowhere.Policy'", "plugin_class can't be loaded"),
        ],
    )
    def test_a_policy_that_fails_is_named_and_nothing_is_written(
        self, due: Course, student: str, config: str | None, match: str
    ) -> None:
        if config is not None:
            (due.root / "nbgrader_config.py").write_text(config, encoding="utf-8")
        before = dump(due)

        with pytest.raises(CourseError, match=match):
            gradebook.write(due, [(attempt(student, timestamp=self.LATE), FAIR)], due.root)
        assert dump(due) == before


class TestRegistration:
    def test_cells_are_those_that_nbgrader_registers(self, mini: Course) -> None:
        gradebook.write(mini, [(attempt(), GOOD)], mini.root)

        with _open(mini) as book:
            notebook = book.find_notebook("1_mini", "1_mini")
            assert {cell.name: cell.max_score for cell in notebook.grade_cells} == {
                "example-1": 10.0,
                "exercise-1": 6.0,
            }
            assert {cell.name for cell in notebook.solution_cells} == {"exercise-1"}
            assert {cell.name for cell in notebook.source_cells} == {"setup", "example-1", "exercise-1"}

    @pytest.mark.parametrize("section", [section.id for section in course.load(ROOT).sections])
    def test_a_section_is_entered_with_the_rows_that_nbgrader_writes(self, tmp_path: Path, section: str) -> None:
        the_course = course.load(ROOT)
        of = the_course.section(section)
        released, name = registration.released(the_course, of), Path(of.notebook).stem
        found = []
        for folder in (tmp_path / "ours", tmp_path / "theirs"):
            folder.mkdir()
            url = gradebook.file_url(folder)
            with gradebook.opened(the_course, folder) as book:
                if folder.name == "ours":
                    registration.register(book, url, of, released)
                else:
                    book.update_or_create_assignment(section)
                    told = {"notebook": name, "assignment": section, "db_url": url}
                    nbgrader_seam.SaveCells().preprocess(nbformat.reads(released, 4), {"nbgrader": told})
            rows = "\n".join(mini_course.rows(url))
            ids = {word for word in re.findall(r"\b[0-9a-f]{32}\b", rows) if word not in released.decode()}
            found.append(sorted(re.sub("|".join(ids), "an id", rows).splitlines()))

        assert found[0] == found[1]

    def test_other_text_in_a_locked_cell_and_other_locked_cells_are_taken_over(self, mini: Course, grades: Any) -> None:
        gradebook.write(mini, [(attempt(), GOOD)], mini.root)
        cells = (code("start", "import math", locked=True), {**EXAMPLE, "source": "print(1)"}, EXERCISE)
        changed = mini_course.write(mini.root, cells=cells, release=True)

        gradebook.write(changed, [(attempt(), FAIR)], mini.root)

        assert grades()["example-1"] == (7.5, None, False)
        with _open(mini) as book:
            sources = {cell.name: cell.source for cell in book.find_notebook("1_mini", "1_mini").source_cells}
        assert sources["example-1"] == "print(1)"
        assert set(sources) == {"start", "example-1", "exercise-1"}

    def test_other_graded_cells_are_refused_once_there_are_points(self, mini: Course) -> None:
        gradebook.write(mini, [(attempt(), GOOD)], mini.root)
        before = dump(mini)
        renamed = json.loads(json.dumps(EXERCISE).replace("exercise-1", "exercise-9"))
        changed = mini_course.write(mini.root, cells=(*CELLS[:3], renamed), release=True)

        with pytest.raises(GradebookError, match="nbgrader db assignment remove 1_mini"):
            gradebook.write(changed, [(attempt(), FAIR)], mini.root)
        assert dump(mini) == before


class TestFailures:
    """Nothing is lost, and one line says what to do."""

    def test_a_section_that_has_not_been_built(self, mini: Course) -> None:
        before = dump(mini)
        shutil.rmtree(mini.root / "assignments")

        with pytest.raises(CourseError, match=r"1_mini.ipynb can't be read .*; run `autograder build`"):
            gradebook.write(mini, [(attempt(), GOOD)], mini.root)
        assert dump(mini) == before

    def fails(self, mini: Course, match: str, url: str | None = None) -> None:
        with pytest.raises(GradebookError, match=match) as failure:
            gradebook.write(mini, [(attempt(), GOOD)], mini.root, url)
        assert "\n" not in str(failure.value)

    @A_FILE
    def test_a_locked_gradebook(self, mini: Course, monkeypatch: pytest.MonkeyPatch) -> None:
        gradebook.write(mini, [(attempt(), FAIR)], mini.root)
        before = dump(mini)
        url = f"sqlite:///{mini.root / 'gradebook.db'}?timeout=0.1"
        connection = sqlite3.connect(mini.root / "gradebook.db")
        connection.execute("BEGIN EXCLUSIVE")

        self.fails(mini, "is locked by another program; .* run the same command again", url)

        connection.close()
        assert dump(mini) == before

    @A_FILE
    def test_a_damaged_gradebook(self, mini: Course) -> None:
        (mini.root / "gradebook.db").write_bytes(b"this is no database" * 100)

        self.fails(mini, "is damaged; put a backup in its place")
        assert (mini.root / "gradebook.db").read_bytes().startswith(b"this is no database")

    def test_a_gradebook_of_another_version(self, mini: Course) -> None:
        engine = create_engine(gradebook.chosen_url() or gradebook.file_url(mini.root))
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE grade DROP COLUMN auto_score"))
        engine.dispose()

        self.fails(mini, "run `nbgrader db upgrade`")

    def test_a_server_that_does_not_answer(self, mini: Course) -> None:
        self.fails(mini, "does not answer; start the server", "postgresql+psycopg://x:secret@127.0.0.1:1/x")

    @pytest.mark.parametrize("gradebook_url", ["postgresql"], indirect=True)
    def test_a_database_that_is_not_there(self, mini: Course, postgresql: Server) -> None:
        self.fails(mini, "does not exist; create the database", postgresql.url("nowhere"))

    @pytest.mark.parametrize("gradebook_url", ["postgresql"], indirect=True)
    def test_a_user_that_the_server_does_not_know(self, mini: Course, postgresql: Server) -> None:
        self.fails(mini, "has no such user; create the role", postgresql.url("postgres").replace("grader@", "ada@"))

    @pytest.mark.parametrize("gradebook_url", ["postgresql"], indirect=True)
    def test_a_user_who_may_not_write(self, mini: Course, postgresql: Server) -> None:
        url = postgresql.empty_gradebook()
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CREATE ROLE reader LOGIN")

        self.fails(mini, "grant the role all rights", url.replace("grader@", "reader@"))

    @pytest.mark.parametrize("gradebook_url", ["postgresql"], indirect=True)
    def test_a_user_who_is_not_let_in(self, mini: Course, postgresql: Server) -> None:
        url = postgresql.empty_gradebook()
        with postgresql.lets_in("local all grader trust", "local all bela scram-sha-256"):
            self.fails(mini, "does not let this user in from here; add a line", url.replace("grader@", "chen@"))
            self.fails(mini, "asks for a password; write it", url.replace("grader@", "bela@"))
            self.fails(mini, "refuses the password; correct the URL", url.replace("grader@", "bela:wrong@"))

    @pytest.mark.parametrize("gradebook_url", ["postgresql"], indirect=True)
    def test_a_gradebook_that_is_read_only(self, mini: Course, postgresql: Server) -> None:
        url = postgresql.empty_gradebook()
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            name = sql.Identifier(connection.info.dbname)
            connection.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))

        self.fails(mini, "is read-only, like a standby", url)

    @pytest.mark.parametrize(
        ("code", "match"),
        [
            ("53100", "the disk is full"),
            ("40P01", "is being written by another program"),
            ("57P01", "was stopped by its server"),
            ("28P01", "does not let this user in"),
            ("99999", "refused the grades: la base de"),
        ],
    )
    def test_what_a_server_says_in_another_language(self, code: str, match: str) -> None:
        error = psycopg.OperationalError('la base de données "x" n’existe pas')
        error.sqlstate = code

        assert match in complaint(error)

    @A_FILE
    def test_a_folder_that_is_not_there(self, mini: Course) -> None:
        self.fails(mini, "can't be opened; create its folder", "sqlite:////nowhere/at/all/gradebook.db")

    @pytest.mark.parametrize(
        ("url", "match"), [("gradebook.db", "is not a database URL"), ("oracle+nothing://x/y", "the gradebook oracle")]
    )
    def test_a_url_that_is_none(self, mini: Course, url: str, match: str) -> None:
        self.fails(mini, match, url)
        with pytest.raises(GradebookError, match=match):
            gradebook.known(mini, mini.root, url)

    def test_a_notebook_that_can_not_be_written_does_not_lose_the_points(self, mini: Course, grades: Any) -> None:
        (mini.root / "autograded").write_text("in the way", encoding="utf-8")

        self.fails(mini, "autograded.* can't be written .* the gradebook itself is complete")
        assert grades()["example-1"] == (10.0, None, False)


class TestFormgrader:
    @pytest.fixture
    def api(self, mini: Course) -> Any:
        from nbgrader.apps.api import NbGraderAPI
        from nbgrader.coursedir import CourseDirectory
        from traitlets.config import Config

        from autograder.nbgrader_hooks import configure

        config = Config()
        configure(config, mini.root)
        config.Exchange.root = str(mini.root / "exchange")
        return NbGraderAPI(CourseDirectory(config=config), config=config)

    @pytest.mark.parametrize(
        "timestamp",
        [None, "2026-11-01 10:00:00 UTC", "2026-11-01 10:00:00 +0100", "2026-11-01 10:00:00 PDT", "yesterday"],
    )
    def test_submissions_are_shown_as_graded(self, mini: Course, api: Any, timestamp: str | None) -> None:
        for student in ("ada", HOSTILE):
            place = mini.root / "submitted" / student / "1_mini"
            place.mkdir(parents=True)
            (place / "1_mini.ipynb").write_bytes(SUBMITTED)
            if timestamp:
                (place / "timestamp.txt").write_text(timestamp, encoding="utf-8")
        gradebook.write(mini, [(attempt(s, timestamp=timestamp), FAIR) for s in ("ada", HOSTILE)], mini.root)

        found = {entry["student"]: entry for entry in api.get_submissions("1_mini")}

        assert set(found) == {"ada", HOSTILE}
        for entry in found.values():
            assert (entry["autograded"], entry["score"], entry["max_score"]) == (True, 7.5, 16.0)
            assert not entry["needs_manual_grade"]
        assert len(api.get_notebook_submissions("1_mini", "1_mini")) == 2

    def test_the_page_of_a_submission_shows_cells_and_feedback_and_runs_nothing_of_the_student(
        self, mini: Course, api: Any
    ) -> None:
        from nbconvert.exporters import HTMLExporter
        from nbgrader.server_extensions.formgrader import handlers

        evil = "<script>alert('evil')</script> and <img src=x onerror=alert(2)>"
        cells = [mini_course.markdown("own", evil), {**ANSWER, "outputs": [_html(evil)]}, code("more", f"# {evil}")]
        cells[0]["attachments"] = {"x.png": {"image/png": "eA=="}}
        wrong = record(scored(0.0, 10.0, message=evil, reason=evil), scored(6.0, 6.0), notes=(evil,),
                       cells=(CellRecord("exercise-1", Verdict.ERROR, evil),))  # fmt: skip
        gradebook.write(mini, [(attempt(HOSTILE, notebook(*cells, evil=evil)), wrong)], mini.root)
        config = api.config.copy()
        config.HTMLExporter.template_name = "formgrade"
        config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
        resources = dict.fromkeys(
            ("assignment_id", "notebook_id", "submission_id", "base_url", "first_name", "last_name"), ""
        )
        path = mini.root / "autograded" / HOSTILE / "1_mini" / "1_mini.ipynb"

        page, _ = HTMLExporter(config=config).from_filename(
            str(path), resources | {"index": 0, "total": 1, "student": HOSTILE, "notebook_path": HOSTILE}
        )

        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "coin" in page
        assert "A fair coin has 1 bit." in page
        assert 'id="example-1"' in page

    @pytest.mark.parametrize(
        "text",
        [
            "[answer](javascript:alert(1))",
            "[answer](JaVaScript&#58;alert(1))",
            "[answer][a]\n\n[a]: javascript:alert(1)",
            "[a]\n\n[a]: data:text/html;base64,PHNjcmlwdD4=",
            "![seen](http://example.org/who-looks.png)",
            "<javascript:alert(1)>",
            "[![x](http://example.org/x.png)](javascript:alert(1))",
        ],
    )
    def test_no_link_that_hides_its_address_and_no_image_works_in_the_formgrader(self, mini: Course, text: str) -> None:
        """Staff are logged in there: a click on `javascript:` would act in their name."""
        from nbconvert.exporters import HTMLExporter

        submitted = notebook(mini_course.markdown("own", text), ANSWER)
        judged = record(scored(0.0, 10.0), scored(6.0, 6.0), notes=(text,))
        gradebook.write(mini, [(attempt(submitted=submitted), judged)], mini.root)
        path = mini.root / "autograded" / "ada" / "1_mini" / "1_mini.ipynb"

        page, _ = HTMLExporter(template_name="basic").from_filename(str(path))

        shown = BeautifulSoup(page, "html.parser")
        links = [(link["href"], link.text) for link in shown.find_all("a")]
        assert all(address.startswith("#") or address == name for address, name in links), links
        assert shown.find_all(["img", "script", "iframe"]) == []

    @pytest.mark.parametrize(
        ("submitted", "note"),
        [
            (None, "No notebook was handed in."),
            (b"{ this is no JSON", "These are the cells as they were released."),
            (b'{"cells": 3}', "it has no list of cells"),
            (b"\xff\xfe\x00", "These are the cells as they were released."),
            (b"[" * 100_000, "These are the cells as they were released."),
        ],
    )
    def test_a_notebook_that_can_not_be_read_is_replaced_by_the_released_one(
        self, mini: Course, submitted: bytes | None, note: str
    ) -> None:
        gradebook.write(mini, [(attempt(submitted=submitted), FAIR)], mini.root)

        cells = _cells(mini)

        assert note in cells[0]["source"]
        assert [cell["id"] for cell in cells[1:]] == ["theory", "setup", "example-1", "exercise-1"]
        assert "".join(cells[3]["outputs"][0]["data"]["text/plain"]).startswith("7.5 of 10 points.")

    def test_the_students_cells_stand_in_their_order_with_the_marks_of_the_master(self, mini: Course) -> None:
        edited = json.loads(
            json.dumps(EXAMPLE).replace("Measures.entropy", "cheat").replace('"points": 10', '"points": 99')
        )
        twice = json.loads(json.dumps(ANSWER))
        submitted = notebook(code("mine", "x = 1"), ANSWER, edited, twice, mini_course.markdown("note", "a < b <i>"))
        gradebook.write(mini, [(attempt(submitted=submitted), FAIR)], mini.root)

        cells = _cells(mini)

        assert [cell["id"] for cell in cells] == ["student-1", "exercise-1", "example-1", "student-4", "student-5"]
        assert [bool(cell["metadata"]) for cell in cells] == [False, True, True, False, False]
        assert "cheat" not in "".join(cells[2]["source"])
        assert cells[2]["metadata"]["nbgrader"]["points"] == 10
        assert cells[1]["source"] == "coin = 0.72 # <b>"
        assert "<i>" not in cells[4]["source"]

    def test_of_very_long_text_the_beginning_is_shown_and_the_rest_counted(self, mini: Course) -> None:
        text = "a" * (formgrader.MAX_TEXT + 7)
        cells = [mini_course.markdown(f"note-{number}", text) for number in range(11)]
        gradebook.write(mini, [(attempt(submitted=notebook(*cells)), FAIR)], mini.root)

        shown = [cell["source"] for cell in _cells(mini)[:11]]

        assert shown[0].startswith("a" * formgrader.MAX_TEXT + " … (7 more characters are in the notebook")
        assert shown[10].endswith(" more characters are in the notebook that was handed in)")
        assert sum(map(len, shown)) < formgrader.MAX_ADDED_TEXT + 2000

    def test_graded_cells_that_the_student_removed_are_put_back(self, mini: Course) -> None:
        gradebook.write(mini, [(attempt(submitted=notebook(code("mine", "x = 1"))), FAIR)], mini.root)

        assert [cell["id"] for cell in _cells(mini)] == ["student-1", "example-1", "exercise-1"]

    def test_notebooks_are_valid(self, mini: Course) -> None:
        import nbformat

        gradebook.write(mini, [(attempt(), FAIR), (attempt("bob", None), LOST)], mini.root)

        for path in mini.root.glob("autograded/*/1_mini/1_mini.ipynb"):
            nbformat.validate(nbformat.read(path, as_version=4))
        assert set(files(mini.root / "autograded")) == {"ada/1_mini/1_mini.ipynb", "bob/1_mini/1_mini.ipynb"}


class TestExport:
    def test_nbgrader_exports_the_points(self, mini: Course) -> None:
        from nbgrader.plugins import CsvExportPlugin

        gradebook.write(mini, [(attempt(), FAIR), (attempt(HOSTILE), GOOD), (attempt("cy"), LOST)], mini.root)

        with _open(mini) as book:
            CsvExportPlugin(to=str(mini.root / "grades.csv")).export(book)

        with (mini.root / "grades.csv").open(encoding="utf-8", newline="") as file:
            rows = {row["student_id"]: (row["score"], row["max_score"]) for row in csv.DictReader(file)}
        assert rows == {"ada": ("7.5", "16.0"), HOSTILE: ("16.0", "16.0"), "cy": ("0.0", "16.0")}

    def test_importing_the_module_does_not_import_nbgrader(self) -> None:
        probe = "import sys, autograder.gradebook; sys.exit('nbgrader' in sys.modules or 'nbconvert' in sys.modules)"

        assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0


def _cells(mini: Course, student: str = "ada") -> list[dict[str, Any]]:
    path = mini.root / "autograded" / student / "1_mini" / "1_mini.ipynb"
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def _html(text: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"text/html": text}, "metadata": {}}
