"""`autograder new`: what it writes builds, fails the graded checks until it is written, and a recipe makes it whole.

The recipe of a section is followed word by word in a copy of the course. `make test` leaves out its commands that take
minutes; `make recipe` types those too, and runs the tests that look at all sections.
"""

from __future__ import annotations

import csv
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import cli, course
from autograder.build import build, stale
from autograder.commands.common import DONE, USAGE
from autograder.corpus.disagreements import disagreements
from autograder.corpus.reader import load_samples
from autograder.course import Course
from autograder.judge import trial
from autograder.judge.suite import Suite
from autograder.records import score
from autograder.records.record import Header, Record
from autograder.remote.link import Link
from autograder.sandbox.walls import WALLS
from autograder.submissions.attempts import make_attempt
from tests import mini_course
from tests.conftest import ROOT
from tests.recipes import steps

RECIPE = ROOT / "docs" / "recipes" / "section.md"
SECTION = "6_surprise"
QUICK_COMMAND = ".venv/bin/autograder"
# Where rules stand that hold for all sections together.
ABOUT_ALL_SECTIONS = (
    "build", "contract", "course", "docs", "habits", "misconceptions", "mutation", "notebooks", "quality", "samples",
    "source_drawings", "source_language", "support",
)  # fmt: skip
OLD = "not 1_entropy and not 2_divergence and not 3_mutual and not 4_vae and not 5_losses"


def judged(the_course: Course, section_id: str, link: Link, files: dict[str, bytes] | None = None) -> Record:
    """Return the record of a section's solution, or of other files."""
    section = the_course.section(section_id)
    folder = the_course.root / "solutions" / section_id
    files = files or {name: (folder / name).read_bytes() for name in section.expected_files}
    attempt = make_attempt(section, "ada", Path(), files)
    before = {*sys.modules}
    try:
        judgement = trial.judge(Suite(the_course, section), attempt, link, the_course.seed)
    finally:
        for name in {*sys.modules} - before:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(the_course.root)):
                del sys.modules[name]  # the suite is read again when more of it is written
    return score.record(section, judgement, Header(section_id, attempt.digest, "suite", 0, "grader", WALLS))


def points_of(record: Record) -> dict[str, float | None]:
    return {name: item.points for name, item in record.items.items()}


# --- the recipe ----------------------------------------------------------------------------------------------------


def copy_of_everything(root: Path) -> Path:
    """Copy the project to `root`, with the environment of these tests as its `.venv`."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        if Path(folder) == ROOT:
            return {".git", ".venv", ".autograder", "sample-class", "site", "submitted"} & {*names}
        kept = folder.startswith(str(ROOT / "autograder" / "suites"))  # vectors of the graded answers take a while
        return {name for name in names if name == "__pycache__" and not kept}

    shutil.copytree(ROOT, root, ignore=left_out, symlinks=True)
    environment = root / ".venv"
    environment.mkdir()
    for path in Path(sys.prefix).iterdir():
        if not path.name.startswith("."):
            (environment / path.name).symlink_to(path)
    (environment / ".grading").write_text(f"{root}\n")  # with this, make takes it for its own
    (environment / ".development").touch()
    return root


def typed(command: str, root: Path) -> str:
    """Run a command of the recipe in the copy, as it stands; return what it writes to stdout."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "MAKE", "MFLAGS", "ARGS"))
    }
    environment |= {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        shlex.split(command), cwd=root, env=environment, capture_output=True, text=True, timeout=3000, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def test_the_recipe_of_a_section_ends_green(tmp_path: Path, link: Link, request: pytest.FixtureRequest) -> None:
    every_case = request.config.getoption("--every-case")
    root = copy_of_everything(tmp_path / "course")
    done: list[str] = []

    for step in steps(RECIPE):
        if not step.command:
            step.write(root)
        elif every_case or step.command.startswith(QUICK_COMMAND):
            typed(step.command, root)
            done.append(step.command)
            if len(done) == 2:  # the skeleton is built, and nothing is written yet
                assert set(points_of(judged(course.load(root), SECTION, link)).values()) == {0}

    assert sum(command.startswith(f"{QUICK_COMMAND} new") for command in done) == 4
    with (root / "sample-class" / "grades.csv").open(encoding="utf-8", newline="") as file:
        totals = {row["student"]: row["total"] for row in csv.DictReader(file)}
    assert totals == {"ada": "16", "bela": "0", "chen": "16", "chiara": "16", "jonas": "8"}
    the_course = course.load(root)
    for sample in load_samples(the_course):
        if sample.section == SECTION:
            record = judged(the_course, SECTION, link, dict(sample.files))
            assert disagreements(sample, record.to_json()) == []
    if every_case:
        assert stale(the_course) == []
        files = [f"tests/test_{name}.py" for name in ABOUT_ALL_SECTIONS]
        typed(shlex.join([".venv/bin/python", "-m", "pytest", "-q", "-k", OLD, *files]), root)
        for command in ("ruff check .", "ruff format --check .", "mypy"):
            typed(f".venv/bin/{command}", root)


# --- each skeleton, in a course of one section -----------------------------------------------------------------------

SUITE = '''
from autograder.checks.answers import approx, item, points

pytestmark = item("example-1")
ENTROPY = "Measures.entropy"


@points(2, function=ENTROPY)
def test_certainty(measures):
    """What is certain has no entropy."""
    assert measures.Measures.entropy([1.0, 0.0]) == approx(0.0, unit="bits")


@points(
    8, function=ENTROPY
)
def test_fair_coin(measures):
    """A fair coin has 1 bit."""
    assert measures.Measures.entropy([0.5, 0.5]) == approx(1.0, unit="bits")
'''
EXERCISE = '''
from autograder.checks.answers import approx, item, points

pytestmark = item("exercise-1")


@points(6, function="coin")
def test_coin(notebook):
    """The coin has 0.7219 bits."""
    assert notebook.coin == approx(0.7219280948873623, unit="bits")
'''
BANK = '''"""What students believe."""

from autograder.checks.beliefs import truth

ITEMS = {"example-1": ("Measures.entropy",), "exercise-1": ("coin",)}


@truth(of="Measures.entropy")
def entropy(p, base=2):
    """Return the entropy of a coin."""
    return 1.0
'''
COMMANDS = (
    "section 2_more --title More",
    "item 1_mini example-9 --kind module --points 4 --title Mutual --function mutual",
    "item 1_mini exercise-9 --kind notebook --points 3 --title Wheel --defines wheel",
    "item 1_mini exercise-9-why --kind prose --points 2 --title Why",
    "check 1_mini example-1 biased_coin --points 3",
    "check 1_mini example-1 three_sides --points 0.5 --from certainty",
    "misconception 1_mini nats-for-bits --of Measures.entropy",
    "misconception 1_mini no-truth --of coin",
    "sample 1_mini correct-loop --student olga",
    "sample 1_mini broken-nothing --student omar --base stub",
)


def new(root: Path, words: str) -> int:
    return cli.main(["new", *shlex.split(words), "--course", str(root)])


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a course of one section, with hidden checks."""
    root = tmp_path_factory.mktemp("new") / "course"
    mini_course.write(root)
    for name, content in (("test_example_1", SUITE), ("test_exercise_1", EXERCISE), ("misconceptions", BANK)):
        path = root / "suites" / "1_mini" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    path = root / "tests" / "corpus" / "class" / "1_mini" / "reference" / "sample.toml"
    path.parent.mkdir(parents=True)
    path.write_text('student = "ada"\nabout = "Right."\nbase = "reference"\n\n[expect]\n')
    return root


@pytest.fixture(scope="module")
def grown(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Return the course with one skeleton of every kind, built."""
    root = tmp_path_factory.mktemp("grown") / "course"
    shutil.copytree(plain, root)
    for words in COMMANDS:
        assert new(root, words) == DONE, words
    the_course = course.load(root)
    build(the_course, root)
    return the_course


def test_skeletons_build_and_cost_points_where_they_are_not_written(grown: Course, link: Link) -> None:
    old, young = (judged(grown, section, link) for section in ("1_mini", "2_more"))

    assert points_of(old) == {
        "example-1": 6.5, "exercise-1": 6, "example-9": 0, "exercise-9": 0, "exercise-9-why": None,
    }  # fmt: skip
    assert points_of(young) == {"example-2": 0, "exercise-2": 0}
    checks = {check.name: check for record in (old, young) for item in record.items.values() for check in item.checks}
    failed = {name for name, check in checks.items() if check.verdict != "passed"}
    assert failed == {*checks} - {"certainty", "fair_coin", "coin"}
    assert {checks[name].message for name in failed} == {"This check is not written yet."}
    assert {name: checks[name].max for name in ("certainty", "fair_coin", "biased_coin", "three_sides")} == {
        "certainty": 1.5, "fair_coin": 5, "biased_coin": 3, "three_sides": 0.5,
    }  # fmt: skip
    assert (old.status, young.status) == ("needs review", "judged")


def test_a_sample_fails_until_it_is_written(grown: Course, link: Link) -> None:
    samples = {sample.name: sample for sample in load_samples(grown)}
    found = {
        name: disagreements(sample, judged(grown, sample.section, link, dict(sample.files)).to_json())
        for name, sample in samples.items()
        if sample.section == "1_mini" and name != "reference"
    }

    assert {*found} == {"correct-loop", "broken-nothing"}
    assert all("no check named not_written_yet was run" in lines for lines in found.values())


def test_a_misconception_that_is_not_written_is_claimed_of_nobody(grown: Course, link: Link) -> None:
    folder = grown.root / "solutions" / "1_mini"
    files = {name: (folder / name).read_bytes() for name in ("measures.py", "1_mini.ipynb")}
    files["measures.py"] = files["measures.py"].replace(b"return float(total / np.log(base))", b"return float(total)")

    record = judged(grown, "1_mini", link, files)

    assert record.items["example-1"].points == 1.5
    assert [hint for item in record.items.values() for check in item.checks for hint in check.hints] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("section 1_mini --title Mini", "the section `1_mini` is there already"),
        ("section 6-channels --title Channels", "`6-channels` can't be a section's id"),
        ("section 6_channels --title Channels --function a-b", "`a-b` can't be"),
        ("item 1_mini example-1 --kind prose --points 1 --title Mini", "the item `example-1` is there already"),
        ("item 1_mini example-9 --kind module --points 0 --title Mini", "an item has more than 0 points"),
        ("item 1_mini example-9 --kind module --points 1 --title M --module measure.py", "did you mean `measures.py`?"),
        ("check 1_mini example-1 fair_coin --points 1", "has a check `fair_coin` already"),
        ("check 1_mini example-1 other --points 11", "more than 0 and at most 10 points"),
        ("check 1_mini example-1 other --points 8", "`fair_coin` has 8 points and can't give 8"),
        ("check 1_mini example-1 other --points 1 --from fair_con", "did you mean `fair_coin`?"),
        ("check 1_mini exmple-1 other --points 1", "did you mean `example-1`?"),
        ("misconception 1_mini nats --of Measures.entrpy", "`Measures.entrpy` belongs to no item; add it to ITEMS"),
        ("sample 1_mini wrong-nats --student olga", "begin it with correct, mistake, broken, hostile or trivial"),
        ("sample 1_mini mistake-nats --student olga --base class/nothing", "no sample `class/nothing`"),
        ("sample 1_mini mistake-nats --student ada", "`ada` is the student of `reference`; each sample has another"),
    ],
)
def test_what_can_not_be_made_is_said_and_nothing_is_written(
    plain: Path, words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = mini_course.files(plain)

    assert new(plain, words) == USAGE

    assert said in capsys.readouterr().err
    assert mini_course.files(plain) == before


def test_nothing_is_written_over(grown: Course, capsys: pytest.CaptureFixture[str]) -> None:
    before = mini_course.files(grown.root)

    for words in COMMANDS:
        assert new(grown.root, words) == USAGE, words

    assert "Traceback" not in capsys.readouterr().err
    assert mini_course.files(grown.root) == before


def test_one_section_is_built_and_checked_alone(
    grown: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "course"
    shutil.copytree(grown.root, root)
    module = root / "source" / "1_mini" / "measures.py"
    module.write_text(f"{module.read_text()}\nOTHER = 1\n")
    shutil.rmtree(root / "assignments" / "2_more")

    def run(*words: str) -> tuple[int, str]:
        code = cli.main(["build", *words, "--course", str(root)])
        return code, capsys.readouterr().out

    assert run("--check", "--section", "1_mini")[1].splitlines() == [
        "assignments/1_mini/measures.py is not what its source makes",
        "solutions/1_mini/1_mini.ipynb is not what its source makes",
        "solutions/1_mini/measures.py is not what its source makes",
    ]
    assert run("--section", "2_more")[0] == DONE
    assert run("--check", "--section", "2_more") == (DONE, "")
    assert cli.main(["build", "--section", "2_mor", "--course", str(root)]) == USAGE
    assert "did you mean `2_more`?" in capsys.readouterr().err
