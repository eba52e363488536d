"""Nothing that must stay secret is in anything that a class run writes, shows or releases.

Markers are planted in a suite (its code, hidden inputs, expected values) and in students' work; then a class is judged
and delivered, and every byte that comes out is searched. Markers that may be seen are planted too and must be found, so
that the search is known to find.
"""

from __future__ import annotations

import dataclasses
import io
import logging
import sqlite3
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.exports import canvas, grades, gradescope, moodle, pages, tables
from autograder.exports import people as people_of
from autograder.grading.batch import Outcome
from autograder.grading.deliver import deliver
from autograder.intake.collected import HandedIn
from autograder.judge.suite import Suite
from autograder.judge.trial import judge
from autograder.people.roster import Roster
from autograder.records import score
from autograder.records.record import Header
from autograder.records.standing import Result
from autograder.records.store import Store
from autograder.remote.link import Link
from autograder.report import table
from autograder.sandbox.walls import WALLS
from autograder.submissions.attempts import make_attempt

# Digits that nothing computes by chance; feedback rounds, so their beginnings are searched for.
HIDDEN_INPUT, HIDDEN_ANSWER = "0.2718280693147", "0.8437265190"
SHOWN_INPUT, SHOWN_ANSWER = "0.1618033988749", "0.6389471205"
HIDDEN_EXERCISE = "3.1906254418"
SEED = 8160543927
SUITE = f'''
"""MARKER-OF-THE-SUITE"""
from autograder.checks.answers import approx, item, points

pytestmark = item("example-1")
HIDDEN = [{HIDDEN_INPUT}, 1 - {HIDDEN_INPUT}]
SHOWN = [{SHOWN_INPUT}, 1 - {SHOWN_INPUT}]


@points(4, function="InformationMeasures.entropy")
def test_hidden(entropy):
    """The entropy is right."""
    note = "MARKER-OF-A-CHECK"
    assert entropy.InformationMeasures.entropy(HIDDEN) == approx({HIDDEN_ANSWER}, 1e-9, unit="bits"), None


@points(4, function="InformationMeasures.joint_entropy")
def test_hidden_twice(entropy):
    """The joint entropy is right."""
    assert entropy.InformationMeasures.joint_entropy([HIDDEN]) == approx({HIDDEN_ANSWER}, 1e-9, unit="bits")


@points(2, function="InformationMeasures.entropy", reveal=True)
def test_shown(entropy):
    """The entropy is right for the input that is shown."""
    assert entropy.InformationMeasures.entropy(SHOWN) == approx({SHOWN_ANSWER}, 1e-9, unit="bits")
'''.replace(", None\n", "\n")
EXERCISE = f'''
from autograder.checks.answers import approx, item, number, points

pytestmark = item("exercise-1")


@points(6, function="die_entropy")
def test_die(notebook):
    """The entropy of a die is right."""
    assert number(notebook.die_entropy) == approx({HIDDEN_EXERCISE}, 1e-9, unit="bits")
'''
CLASS = """
class InformationMeasures:
    @staticmethod
    def entropy(p, base=2):
        {entropy}

    @staticmethod
    def joint_entropy(joint_p, base=2):
        {joint}
"""
STUDENTS = {
    "wrong": CLASS.format(entropy="return 0.25", joint="return 0.5"),
    "raises": CLASS.format(entropy="raise ValueError(f'the input is {p!r}')", joint="raise KeyError(joint_p[0][0])"),
    "quotes": CLASS.format(entropy="return repr(p)", joint="return {'input': joint_p}"),
    "prints": "import sys\n"
    + CLASS.format(entropy="print(p); return 0.25", joint="sys.stderr.write(repr(joint_p)); return 0.5"),
    "types": CLASS.format(
        entropy="raise type(f'E{p}', (Exception,), {})()", joint="exec(compile('1 / 0', f'<{joint_p}>', 'exec'))"
    ),
    "hangs": CLASS.format(entropy="return 0.25", joint="open(f'/{joint_p}')"),
    "of-marker": "# MARKER-OF-ANOTHER-STUDENT\n" + CLASS.format(entropy="return 0.25", joint="return 0.5"),
}
SECRETS = {
    "suite": "MARKER-OF-THE-SUITE", "check": "MARKER-OF-A-CHECK", "name of a check's file": "test_example_1.py",
    "hidden input": HIDDEN_INPUT[:8], "hidden answer": HIDDEN_ANSWER[:8], "hidden exercise": HIDDEN_EXERCISE[:8],
}  # fmt: skip


@pytest.fixture(scope="module")
def artefacts(course: Course, worker: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """Judge and deliver a class; return all that came out: name to student ("" for the class) and text."""
    suites, output = tmp_path_factory.mktemp("suites"), tmp_path_factory.mktemp("output")
    course = dataclasses.replace(course, suites=suites, seed=SEED)
    folder = suites / "1_entropy"
    folder.mkdir()
    (folder / "test_example_1.py").write_text(SUITE)
    (folder / "test_exercise_1.py").write_text(EXERCISE)
    section = course.sections[0]
    released = (course.root / "assignments" / section.id / section.notebook).read_bytes()
    logged = io.StringIO()
    handler = logging.StreamHandler(logged)
    logging.getLogger().addHandler(handler)
    patch = pytest.MonkeyPatch()
    # As in a judge's process, where no pytest around it rewrites assertions.
    patch.setattr(sys, "meta_path", [f for f in sys.meta_path if type(f).__name__ != "AssertionRewritingHook"])
    link = Link(worker)
    try:
        suite = Suite(course, section)
        store = Store(output / "store")
        outcomes = []
        for student, source in STUDENTS.items():
            files = {
                "entropy.py": source.encode(),
                section.notebook: released.replace(b"Write your code", b"die_entropy = 0.5 #"),
            }
            attempt = make_attempt(section, student, Path(), files)
            header = Header(section.id, attempt.digest, "suite", course.seed, "grader", WALLS)
            record = score.record(section, judge(suite, attempt, link, course.seed), header, attempt.notes)
            store.put(header.key, record)
            outcomes.append(Outcome(attempt, record))
        results = deliver(course, outcomes, outcomes, output).results
    finally:
        patch.undo()
        link.close()
        logging.getLogger().removeHandler(handler)
    found = {"log": ("", logged.getvalue())}
    for form in ("table", "csv", "json"):
        shown = io.StringIO()
        table.show(course, results, form, shown, course.seed)
        found[f"stdout as {form}"] = "", shown.getvalue()
    for path in sorted(path for path in output.rglob("*") if path.is_file()):
        name = path.relative_to(output).as_posix()
        student = next((student for student in STUDENTS if f"/{student}/" in f"/{name}"), "")
        found[name] = student, path.read_bytes().decode("utf-8", "replace")
    with sqlite3.connect(output / "gradebook.db") as book:
        found["gradebook as SQL"] = "", "\n".join(book.iterdump())
    book.close()
    found |= nbgraders_pages(output)
    found |= exports(course, results, tmp_path_factory.mktemp("exports"))
    return found


def exports(course: Course, results: Sequence[Result], folder: Path) -> dict[str, tuple[str, str]]:
    """Return what every export would write of `results`, archives unpacked."""
    of_class = grades.grades(course, results, partial=True)
    section = course.sections[0]
    number = {student: str(place) for place, student in enumerate(of_class[section.id], 1000)}
    (folder / "canvas.csv").write_text(
        f"Student,ID,SIS Login ID,Section,Entropy (1)\n    Points Possible,,,,{section.points:g}\n"
        + "".join(f"Name,{place},{student},,\n" for student, place in number.items())
    )
    (folder / "moodle.csv").write_text(
        "Identifier,Full name,Status,Grade,Maximum grade,Grade can be changed,Last modified (grade),Feedback comments\n"
        + "".join(f"Participant{place},,S,,{section.points:g},Yes,-,\n" for place in number.values())
    )
    handed_in = {student: HandedIn(student, "moodle", place) for student, place in number.items()}
    book, sheet = canvas.Gradebook(folder / "canvas.csv"), moodle.Worksheet(folder / "moodle.csv")
    people = (people_of.Directory(platform, number, Roster(), [handed_in]) for platform in ("canvas", "moodle"))
    filled = (
        book.fill(of_class, book.targets([section], {}, scale=False), next(people)),
        sheet.fill(section, of_class, sheet.target(section, scale=False), next(people)),
    )
    pages_of = {
        pages.moodle_name(course, grade, number[student], student, None): grade
        for student, grade in of_class[section.id].items()
    }
    table = tables.class_table(course, of_class, Roster())
    archives = {
        "pages": pages.zipped(course, pages_of),
        "workbook": tables.xlsx_bytes({"class": table, "items": tables.item_table(of_class)}),
    }
    found = {f"export for {name}": ("", text) for name, text in {
        "canvas": filled[0].content.decode(), "moodle": filled[1].content.decode(),
        "people": tables.csv_bytes(*table).decode(), "stderr": "\n".join([*filled[0].remarks, *filled[1].remarks]),
    }.items()}  # fmt: skip
    for student, grade in of_class[section.id].items():
        found[f"export for gradescope of {student}"] = student, gradescope.results_json(course, grade).decode()
    for name, content in archives.items():
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for path in archive.namelist():
                student = next((student for student in STUDENTS if path.startswith(f"{student}_")), "")
                found[f"export of {name}: {path}"] = student, archive.read(path).decode()
    return found


def nbgraders_pages(output: Path) -> dict[str, tuple[str, str]]:
    """Return the pages that nbgrader's own feedback would make of the notebooks in the gradebook's folder."""
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader import handlers
    from traitlets.config import Config

    config = Config()
    config.HTMLExporter.template_name = "feedback"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    styles = Path(handlers.template_path).parent / "static" / "node_modules" / "bootstrap" / "dist" / "css"
    config.HTMLExporter.extra_template_paths = [str(styles)]
    config.HTMLExporter.preprocessors = ["nbgrader.preprocessors.GetGrades"]
    pages = {}
    for path in sorted((output / "autograded").rglob("*.ipynb"))[:2]:
        section, student = path.parent.name, path.parent.parent.name
        names = {"student": student, "assignment": section, "notebook": section}
        resources = {"nbgrader": {**names, "db_url": f"sqlite:///{output / 'gradebook.db'}"}}
        page, _ = HTMLExporter(config=config).from_filename(str(path), resources)
        pages[f"nbgrader's feedback on {student}"] = student, page
    return pages


@pytest.mark.parametrize("what", SECRETS)
def test_no_secret_comes_out(artefacts: dict[str, tuple[str, str]], what: str) -> None:
    assert [name for name, (_, text) in artefacts.items() if SECRETS[what] in text] == []


def test_what_may_be_shown_is_found_by_the_same_search(artefacts: dict[str, tuple[str, str]]) -> None:
    pages = {
        student for name, (student, text) in artefacts.items() if name.endswith(".html") and SHOWN_INPUT[:8] in text
    }

    assert pages >= {"wrong", "raises"}
    assert any(SHOWN_ANSWER[:8] in text for _, text in artefacts.values())


def test_every_kind_of_artefact_is_searched(artefacts: dict[str, tuple[str, str]]) -> None:
    for ending in (".html", ".json", ".csv", ".ipynb", ".db", "log", "stdout as table", "gradebook as SQL"):
        assert any(name.endswith(ending) for name in artefacts), ending


def test_exports_hold_points_and_no_seed(artefacts: dict[str, tuple[str, str]]) -> None:
    exported = {name: text for name, (_, text) in artefacts.items() if name.startswith("export ")}

    for kind in ("canvas", "moodle", "people", "gradescope of wrong", "pages", "workbook"):
        assert any(kind in name for name in exported), kind
    assert "\nwrong,,,,0,0,0,0,16," in exported["export for people"]
    assert [name for name, text in exported.items() if str(SEED) in text] == []
    assert any(SHOWN_ANSWER[:8] in text for name, text in exported.items() if "gradescope" in name)


def test_no_students_work_is_in_anothers_artefact(artefacts: dict[str, tuple[str, str]]) -> None:
    held = {student for student, text in artefacts.values() if "MARKER-OF-ANOTHER-STUDENT" in text}

    assert held <= {"of-marker"}
    for student in STUDENTS:
        for other, text in artefacts.values():
            assert other in ("", student) or f"/{student}/" not in text


def test_no_line_of_a_solution_comes_out(artefacts: dict[str, tuple[str, str]], course: Course) -> None:
    section = course.sections[0]
    lines = {}
    for tree in ("solutions", "assignments"):
        text = (course.root / tree / section.id / section.modules[0]).read_text(encoding="utf-8")
        lines[tree] = {line.strip() for line in text.splitlines()}
    solution = {line for line in lines["solutions"] - lines["assignments"] if len(line) > 20}

    assert len(solution) > 10
    assert [(name, line) for name, (_, text) in artefacts.items() for line in sorted(solution) if line in text] == []


def test_no_line_of_a_hidden_suite_is_released(course: Course) -> None:
    released = "\n".join(
        path.read_text(encoding="utf-8")
        for path in sorted((course.root / "assignments").rglob("*"))
        if path.suffix in (".py", ".ipynb", ".md", ".toml")
    )
    lines = {
        line.strip()
        for path in sorted(course.suites.rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith(("assert ", "def test_", "Misconception("))
    }

    assert len(lines) > 100
    assert sorted(line for line in lines if line in released) == []
