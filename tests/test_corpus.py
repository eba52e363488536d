"""Every sample of the corpus, run through the real grader: each must get what its `sample.toml` says.

Under the course's cohort seed all of them; under another one the right ones of the sample class, and here are students
who know the answers of one seed by heart. `make quality` runs the whole corpus under both, and all right ones under
twenty.

A hostile sample must, beside that, leave the next attempt of the same worker and slot alone, and what is written about
it must be read and never act: in a browser, a spreadsheet, a terminal.
"""

from __future__ import annotations

import ast
import contextlib
import csv
import inspect
import io
import pkgutil
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from autograder.corpus.disagreements import disagreements
from autograder.corpus.reader import load_samples
from autograder.corpus.samples import Sample, write_sample
from autograder.course import Course, load
from autograder.judge import trial
from autograder.judge.suite import Suite
from autograder.records import score
from autograder.records.record import Header, Record
from autograder.records.store import encode
from autograder.remote.calls import Call
from autograder.remote.link import Link
from autograder.remote.session import Session
from autograder.report import attention, table
from autograder.report.feedback import page
from autograder.report.grades_csv import csv_text
from autograder.sandbox.walls import WALLS
from autograder.submissions.attempts import make_attempt
from autograder.submissions.collect import collect
from tests.conftest import QUICK, ROOT
from tests.test_pythons import MARKS, marks

pytestmark = pytest.mark.fills_disk  # some attacks do

SHELVES = ("bases", "class", "variants", "hostile")
SAMPLE_CLASS = load_samples(load(ROOT))
SAMPLES = [sample for shelf in SHELVES for sample in load_samples(load(ROOT), ROOT / "tests" / "corpus" / shelf)]
RIGHT = [sample for sample in SAMPLES if sample.name == "reference" or sample.name.startswith("correct-")]
VICTIM = next(sample for sample in RIGHT if (sample.section, sample.name) == ("1_entropy", "reference"))
OTHER_SEED = 4711
LEARNT = {
    "1_entropy": ("entropy.py", "InformationMeasures"),
    "2_divergence": ("divergence.py", "DivergenceMeasures"),
    "3_mutual_information": ("mutual_information.py", "MutualInformation"),
}

TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "article", "div", "span", "p",
    "h1", "h2", "h3", "h4", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td", "caption", "a",
    "bdi", "code", "pre", "strong", "em", "b", "wbr", "br", "details", "summary", "svg", "rect", "nav",
}  # fmt: skip


@pytest.fixture(scope="module")
def suites(course: Course) -> dict[str, Suite]:
    return {
        section.id: Suite(course, replace(section, limits=replace(QUICK, slow_calls=section.limits.slow_calls)))
        for section in course.sections
    }


@pytest.fixture
def judged(course: Course, suites: dict[str, Suite], link: Link, tmp_path: Path) -> Callable[[Sample, int], Record]:
    """Return the record of a sample under a cohort seed."""

    def judge(sample: Sample, seed: int) -> Record:
        write_sample(sample, folder := tmp_path / str(len(list(tmp_path.iterdir()))))
        collection = collect(course, folder)
        (attempt,) = collection.attempts
        assert collection.problems == ()
        judgement = trial.judge(suites[sample.section], attempt, link, seed)
        header = Header(sample.section, attempt.digest, "suite", seed, "grader", WALLS)
        return score.record(course.section(sample.section), judgement, header, attempt.notes)

    return judge


@pytest.fixture(scope="module")
def victims_record(course: Course, suites: dict[str, Suite], link_of_victim: Link) -> Record:
    """Return the record of an honest attempt that was judged by a slot in which no hostile one ever ran."""
    return record_of(VICTIM, course, suites, link_of_victim)


@pytest.fixture(scope="module")
def link_of_victim(worker: Path) -> Iterator[Link]:
    connection = Link(worker)
    yield connection
    connection.close()


def record_of(sample: Sample, course: Course, suites: dict[str, Suite], link: Link) -> Record:
    attempt = make_attempt(course.section(sample.section), sample.student, Path(), sample.files)
    header = Header(sample.section, attempt.digest, "suite", course.seed, "grader", WALLS)
    judgement = trial.judge(suites[sample.section], attempt, link, course.seed)
    return score.record(course.section(sample.section), judgement, header, attempt.notes)


@pytest.mark.parametrize("sample", SAMPLES, ids=[f"{sample.section}/{sample.name}" for sample in SAMPLES])
def test_a_sample_gets_what_it_must(
    sample: Sample,
    course: Course,
    judged: Callable[[Sample, int], Record],
    suites: dict[str, Suite],
    link: Link,
    victims_record: Record,
) -> None:
    record = judged(sample, course.seed)

    assert disagreements(sample, record.to_json()) == []
    if sample in SAMPLE_CLASS:
        (row,) = marks(csv_text(course, [("a", record)]))  # names that are folders in a class run look otherwise
        assert row | {"student": "a"} in [given | {"student": "a"} for given in MARKS]
    if sample.name.startswith("hostile-"):
        assert encode(record_of(VICTIM, course, suites, link)) == encode(victims_record)
        assert_is_only_read(course, sample.student, record)


def assert_is_only_read(course: Course, student: str, record: Record) -> None:
    """Assert that page, CSV and table about `record` hold nothing that acts."""
    shown = BeautifulSoup(page(course, student, record), "html.parser")
    assert {tag.name for tag in shown.find_all()} <= TAGS
    assert all(not name.startswith("on") for tag in shown.find_all() for name in tag.attrs)
    assert all(link["href"].startswith("#") for link in shown.find_all(href=True))
    assert shown.find_all(src=True) == []
    cells = [cell for row in csv.reader(io.StringIO(csv_text(course, [(student, record)]))) for cell in row]
    assert [cell for cell in cells if cell.lstrip()[:1] in ("=", "+", "-", "@") and not is_number(cell)] == []
    terminal = io.StringIO()
    table.show(course, [(student, record)], "table", terminal, course.seed)
    entries = attention.of_results(course, [(student, record)])
    for text in (
        terminal.getvalue(),
        *attention.lines(entries),
        *attention.notes(course, [(student, record)], entries).values(),
    ):
        assert all(line.isprintable() for line in text.split("\n")), text


def is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9.]+", text) is not None


@pytest.mark.parametrize(
    "sample",
    [sample for sample in RIGHT if sample in SAMPLE_CLASS],
    ids=lambda sample: f"{sample.section}/{sample.name}",
)
def test_a_right_sample_gets_full_marks_under_another_seed(
    sample: Sample, judged: Callable[[Sample, int], Record]
) -> None:
    record = judged(sample, OTHER_SEED)

    assert disagreements(sample, record.to_json()) == []
    assert [item.points for item in record.items.values() if item.checks] == [
        item.max for item in record.items.values() if item.checks
    ]


@pytest.mark.parametrize("section", list(LEARNT))
def test_answers_learnt_by_heart_for_one_seed_fail_under_another(
    section: str, judged: Callable[[Sample, int], Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first argument of a question is known with its answer; a question that is not is answered by another."""
    reference = next(sample for sample in RIGHT if (sample.section, sample.name) == (section, "reference"))
    sessions: list[Session] = []
    monkeypatch.setattr(
        trial, "Session", lambda *args, **kwargs: sessions.append(Session(*args, **kwargs)) or sessions[-1]
    )
    judged(reference, OTHER_SEED)
    module, owner = LEARNT[section]
    source = by_heart(owner, [call for call in sessions[0].calls if call.function.startswith(owner)])
    learnt = replace(reference, student="by-heart", files={**reference.files, module: source})

    same, other = (failed_functions(judged(replace(learnt, student=f"seed-{seed}"), seed)) for seed in (OTHER_SEED, 7))

    assert same == set()
    assert other == {call.function for call in sessions[0].calls if call.function.startswith(owner)}


def by_heart(owner: str, calls: Sequence[Call]) -> bytes:
    """Return a module that knows what it was asked once."""
    table: dict[str, dict[str, Any]] = {}
    for call in calls:
        answer = call.fault.types[0] if call.fault else call.result
        table.setdefault(call.function.rpartition(".")[2], {})[key(call.args, call.kwargs)] = answer
    methods = "\n".join(f"    {name} = staticmethod(functools.partial(answer, {name!r}))" for name in table)
    return (
        f"import functools\nfrom numpy import array, inf, nan, float64, int64\n{inspect.getsource(key)}\n"
        f"KNOWN = {table!r}\n"
        "def answer(name, *args, **kwargs):\n"
        "    known = KNOWN[name]\n"
        "    found = known.get(key(args, kwargs), next(iter(known.values())))\n"
        "    if isinstance(found, str):\n"
        "        raise ValueError(found)\n"
        "    return found\n"
        f"class {owner}:\n{methods}\n"
    ).encode()


def key(args, kwargs):  # type: ignore[no-untyped-def]  # part of a student's module, too
    def plain(value):  # type: ignore[no-untyped-def]
        return value.tolist() if hasattr(value, "tolist") else value

    return repr(([plain(value) for value in args], sorted((name, plain(value)) for name, value in kwargs.items())))


def failed_functions(record: Record) -> set[str]:
    checks = [check for item in record.items.values() for check in item.checks]
    return {check.function for check in checks if check.verdict != "passed" and "." in check.function}


def test_attacks_are_many_and_each_says_what_it_tries() -> None:
    attacks = {sample.about: sample.name for sample in SAMPLES if sample.name.startswith("hostile-")}

    assert len(set(attacks.values())) >= 60
    assert len(attacks) >= 60


def test_the_class_covers_what_can_go_wrong() -> None:
    for section in {sample.section for sample in SAMPLES}:
        names = [sample.name for sample in SAMPLES if sample.section == section]
        for kind, least in (("correct-", 4), ("mistake-", 5), ("broken-", 5), ("hostile-", 5)):
            assert sum(name.startswith(kind) for name in names) >= least, (section, kind)


def attacks() -> Iterator[str]:
    """Yield the code of all hostile samples: their files, and what their ``sample.toml`` puts into cells and files."""
    for folder in (ROOT / "tests" / "corpus").glob("*/*/hostile-*"):
        for path in sorted(folder.glob("*.py")):
            with contextlib.suppress(UnicodeDecodeError):
                yield path.read_text(encoding="utf-8")
        table = tomllib.loads((folder / "sample.toml").read_text(encoding="utf-8"))
        for key, code in (("cell", "source"), ("make", "text"), ("zip_entry", "text"), ("replace", "by")):
            yield from (entry[code] for entry in table.get(key, ()) if code in entry)


# A part of our package that an attack reaches for, as `wire.encode` after `wire = sys.modules["autograder.sandbox.wire"]`,
# or by its path. Where one is renamed the attack would go on to fail, for another reason than that it was fended off.
def named_parts(source: str) -> set[str]:
    """Return what `source` names of our package, as dotted names; paths in it end in ``.py``."""
    found = set(re.findall(r"\bautograder(?:\.\w+)+", source))
    for parts in re.findall(r"(?:GRADER|PACKAGE)((?: / \"[\w.-]+\")+)", source):
        found.add("/".join(re.findall(r"\"([^\"]+)\"", parts)))
    with contextlib.suppress(SyntaxError):  # a magic, say: what is named in it was found above
        nodes = list(ast.walk(ast.parse(source)))
        modules = {
            target.id: node.value.slice.value
            for node in nodes
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript)
            if isinstance(node.value.slice, ast.Constant) and node.value.slice.value in found
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in nodes:
            root, _, rest = ast.unparse(node).partition(".") if isinstance(node, ast.Attribute) else ("", "", "")
            if root in modules and rest.replace(".", "").replace("_", "").isalnum():
                found.add(f"{modules[root]}.{rest}")
    return found


def is_there(name: str) -> bool:
    """Whether our package has a module, a part of one, or a file of that name."""
    if name.endswith(".py"):
        return (ROOT / "autograder" / name).is_file()
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def test_what_attacks_reach_for_is_there() -> None:
    named = set().union(*map(named_parts, attacks()))

    assert {name for name in named if not is_there(name)} == set()
    assert len(named) > 25


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ('ours = sys.modules["autograder.a"]\nours.B.c = None', {"autograder.a", "autograder.a.B", "autograder.a.B.c"}),
        ("import autograder.a.b", {"autograder.a.b"}),
        ("%load_ext autograder.a", {"autograder.a"}),
        ('open(GRADER / "a" / "b.py")', {"a/b.py"}),
        ('other = sys.modules["numpy"]\nother.array = None', set()),
    ],
)
def test_the_parts_of_our_package_that_an_attack_names_are_found(source: str, named: set[str]) -> None:
    assert named_parts(source) == named
