"""The whole cycle with nbgrader's command line: from release over the exchange to the feedback that students fetch."""

import csv
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder import gradebook
from autograder.course import Course, Section
from autograder.grading import sources
from tests import nbgrader_harness as harness
from tests.mini_course import files
from tests.nbgrader_harness import Nbgrader

pytestmark = pytest.mark.filterwarnings(
    # Raised while nbgrader and the libraries under it are imported; none of it is ours.
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore::sqlalchemy.exc.SAWarning",
)


@dataclass(frozen=True)
class World:
    """An instructor's folder, an exchange, and students with a home each; nothing is shared but the exchange."""

    nbgrader: Nbgrader
    course: Course
    root: Path
    exchange: Path
    gradebook: str
    sections: Sequence[Section]

    def instructor(self, command: str, *arguments: object) -> harness.Done:
        return self.nbgrader.works(
            self.root, command, *arguments, f"--Exchange.root={self.exchange}", AUTOGRADER_GRADEBOOK=self.gradebook
        )

    def autograder(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run the instructor's other command, which must end with exit code 0."""
        done = harness.autograder(self.root, *arguments, AUTOGRADER_GRADEBOOK=self.gradebook)
        assert done.returncode == 0, done.stderr
        return done

    def student(self, name: str, command: str, *arguments: object) -> harness.Done:
        home = self.home(name)
        home.mkdir(exist_ok=True)
        return self.nbgrader.works(
            home, command, *arguments, f"--course={self.course.id}", f"--student={name}",
            f"--Exchange.root={self.exchange}", f"--Exchange.cache={home / 'cache'}", HOME=str(home),
        )  # fmt: skip

    def home(self, name: str) -> Path:
        return self.root.parent / name

    def fetched(self, name: str, section_id: str) -> str:
        """Return the page that a student got back; exactly one."""
        (page,) = (self.home(name) / section_id / "feedback").rglob("*.html")
        return page.read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(
    request: pytest.FixtureRequest, course: Course, nbgrader: Nbgrader, tmp_path_factory: pytest.TempPathFactory
) -> World:
    """An empty course, with its gradebook in a file; then on a server, where three sections stand for all."""
    folder = tmp_path_factory.mktemp("cycle")
    (folder / "exchange").mkdir()
    (folder / "exchange").chmod(0o777)
    root = harness.course_copy(folder / "course")
    url, sections = gradebook.file_url(root), course.sections
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").empty_gradebook()
        (root / "gradebook.db").unlink()
        sections = sections[:3]
    return World(nbgrader, course, root, folder / "exchange", url, sections)


@pytest.fixture(scope="module")
def collected(world: World) -> World:
    """Every section released, fetched, filled in, submitted and collected; `bob` hands in one as he got it."""
    for section in world.sections:
        world.instructor("generate_assignment", section.id, "--force")
        world.instructor("release_assignment", section.id)
        world.student("ada", "fetch_assignment", section.id)
        harness.fill_in(world.course, section.id, world.home("ada") / section.id)
        world.student("ada", "submit", section.id)
    first = world.sections[0].id
    world.student("bob", "fetch_assignment", first)
    world.student("bob", "submit", first)
    for section in world.sections:
        world.instructor("collect", section.id)
    return world


@pytest.fixture(scope="module")
def graded(collected: World) -> World:
    collected.autograder("grade")
    return collected


def scores(world: World) -> dict[str, tuple[float, bool]]:
    """Return ada's score of each section and whether it waits for a person, as the formgrader shows them."""
    from nbgrader.api import Gradebook

    with Gradebook(world.gradebook, world.course.id) as book:
        found = {section.id: book.find_submission(section.id, "ada") for section in world.sections}
        return {name: (submission.score, submission.needs_manual_grade) for name, submission in found.items()}


def test_students_get_what_was_built(collected: World) -> None:
    """Of every section; the pages next to them are for those who get the whole folder."""
    built = files(collected.course.root / "assignments")
    released = files(collected.exchange / collected.course.id / "outbound")

    chosen = {section.id for section in collected.sections}
    of_sections = {
        name: content
        for name, content in built.items()
        if name.partition("/")[0] in chosen and "__pycache__" not in name
    }
    assert released == of_sections


def test_what_students_wrote_arrives_as_they_wrote_it(collected: World) -> None:
    for section in collected.sections:
        submitted = files(collected.root / "submitted" / "ada" / section.id)
        written = files(collected.home("ada") / section.id)

        assert submitted.keys() - written.keys() == {"timestamp.txt", "submission_secret.txt"}
        assert all(submitted[name] == written[name] for name in written)


def test_watch_knows_whose_a_submission_is_and_that_it_is_whole(collected: World) -> None:
    inbound = list((collected.exchange / collected.course.id / "inbound").iterdir())

    whose = {sources.whose(collected.course, folder.name) for folder in inbound}
    assert whose == {("ada", section.id) for section in collected.sections} | {("bob", collected.sections[0].id)}
    assert all((folder / "timestamp.txt").is_file() for folder in inbound)


def test_every_section_is_graded(graded: World) -> None:
    prose = {s.id: sum(item.points for item in s.items if item.kind == "prose") for s in graded.sections}

    assert scores(graded) == {s.id: (s.points - prose[s.id], bool(prose[s.id])) for s in graded.sections}


def test_the_same_work_submitted_twice_is_judged_once(graded: World) -> None:
    """The exchange adds a secret and a time to each submission; neither is part of the work."""
    first = graded.sections[0].id
    graded.student("ada", "submit", first)
    graded.instructor("collect", first, "--update")

    assert f"{len(graded.sections) + 1} attempts, 0 to judge" in graded.autograder("grade").stderr


def test_students_fetch_our_page_and_nobody_elses(graded: World) -> None:
    for section in graded.sections:
        graded.instructor("release_feedback", section.id)
        graded.student("ada", "fetch_feedback", section.id)
    first = graded.sections[0]
    graded.student("bob", "fetch_feedback", first.id)

    for section in graded.sections:
        ours = graded.root / "feedback" / "ada" / section.id / f"{Path(section.notebook).stem}.html"
        assert graded.fetched("ada", section.id) == ours.read_text(encoding="utf-8")
    assert "16</strong> of 16 points" in graded.fetched("ada", first.id)
    assert "0</strong> of 16 points" in graded.fetched("bob", first.id)


def test_a_submission_that_came_by_another_way_stops_no_release(graded: World) -> None:
    first = graded.sections[0]
    by_mail = graded.root / "submitted" / "cy" / first.id
    by_mail.mkdir(parents=True)
    for name in first.expected_files:
        (by_mail / name).write_bytes((graded.root / "submitted" / "bob" / first.id / name).read_bytes())
    graded.autograder("grade", "--section", first.id)
    (graded.exchange / graded.course.id / "feedback").mkdir(exist_ok=True)
    before = set(files(graded.exchange / graded.course.id / "feedback"))

    done = graded.instructor("release_feedback", first.id)

    assert "no feedback is released through it: cy" in done.err
    assert (graded.root / "feedback" / "cy" / first.id / "1_entropy.html").is_file()
    assert len(set(files(graded.exchange / graded.course.id / "feedback")) | before) >= 2


def test_nbgraders_own_pages_show_our_messages_and_no_hidden_check(graded: World) -> None:
    first = graded.sections[0]
    graded.instructor("autograde", first.id, "--force")
    graded.instructor("generate_feedback", first.id, "--force")
    graded.instructor("release_feedback", first.id)
    graded.student("bob", "fetch_feedback", first.id)

    page = graded.fetched("bob", first.id)

    assert "(Score: 0.0 / 16.0)" in page
    assert "A fair coin has an entropy of exactly 1 bit" in page
    assert "def test_" not in page
    assert "approx(" not in page
    assert set(files(graded.root / "feedback" / "bob" / first.id)) == {
        "1_entropy.html", "entropy.py", "timestamp.txt", "submission_secret.txt"
    }  # fmt: skip


def test_export_late_penalties_extra_credit_and_most_points(graded: World) -> None:
    """The class as nbgrader exports it, after a due date, a policy and extra credit; late by years, so all is lost."""
    _, late, third, *_ = graded.sections
    with (graded.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nget_config().LateSubmissionPlugin.penalty_method = 'zero'  # noqa: F821\n")
    graded.instructor("db", "assignment", "add", late.id, "--duedate=2020-01-01 00:00:00 UTC")
    with gradebook.opened(graded.course, graded.root, graded.gradebook) as book:
        book.find_grade("example-3", Path(third.notebook).stem, third.id, "ada").extra_credit = 0.5
        book.db.commit()

    graded.instructor("autograde", late.id, "--force")
    graded.instructor("generate_feedback", late.id, "--student=ada", "--force")
    graded.instructor("export")

    with (graded.root / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["assignment"]: row for row in csv.DictReader(file) if row["student_id"] == "ada"}
    for section in graded.sections:
        prose = sum(item.points for item in section.items if item.kind == "prose")
        raw = section.points - prose + 0.5 * (section == third)
        kept = 0.0 if section == late else raw
        found = rows[section.id]
        assert (float(found["raw_score"]), float(found["score"]), float(found["max_score"])) == (
            raw,
            kept,
            section.points,
        )
    page = (graded.root / "feedback" / "ada" / late.id / f"{Path(late.notebook).stem}.html").read_text(encoding="utf-8")
    assert "Late submission penalty (Score: -18.0)" in page


def test_explanations_are_decided_on_the_terminal_and_reach_the_student(graded: World) -> None:
    waiting = json.loads(graded.autograder("review", "--list", "--names", "--format", "json").stdout)
    prose = {item.id for section in graded.sections for item in section.items if item.kind == "prose"}
    assert prose >= {"exercise-3-explanation"}
    assert {(entry["student"], entry["item"]) for entry in waiting} == {("ada", item) for item in prose}

    graded.autograder("review", "--accept", "--by", "Prof. Noether")
    graded.autograder("grade")
    third = graded.sections[2]
    graded.instructor("release_feedback", third.id)
    graded.student("ada", "fetch_feedback", third.id)

    suggested = {entry["item"]: entry["suggestion"]["points"] for entry in waiting}
    shown = graded.fetched("ada", third.id)
    assert f'<span class="points">{suggested["exercise-3-explanation"]:g}</span> of 2' in shown
    assert "Decided by a person." in shown
    assert scores(graded)[third.id][1] is False
    entries = json.loads(graded.autograder("review", "--journal", "--format", "json").stdout)
    decided = {entry["item"]: (entry["who"], float(entry["after"])) for entry in entries if entry["field"] == "points"}
    assert decided == {item: ("Prof. Noether", points) for item, points in suggested.items()}


def test_nothing_was_written_beside_the_gradebook_that_was_chosen(graded: World) -> None:
    assert (graded.root / "gradebook.db").exists() == graded.gradebook.startswith("sqlite")
