"""Visible checks are checks: each rejects a wrong answer, and no right work fails one.

``tests/visible/<section>.toml`` has the wrong answers. Each replaces one function of the reference solution, or one
name of its notebook, by ``wrong``, which gets what is right first, or by ``value``::

    [[wrong]]
    report = "entropy_report"                   # the function of `visible_checks` that makes the report
    titles = ["A fair coin has 1 bit."]         # outcomes of it that must not pass then
    function = "InformationMeasures.entropy"
    code = "def wrong(right, p, base=2):\\n    return 2 * right(p, base)"
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from autograder.corpus.reader import load_samples
from autograder.corpus.samples import write_sample
from autograder.course import Course, Section, load
from autograder.submissions.collect import collect
from autograder.submissions.notebook import execution_plan, notebook_cells
from tests.conftest import ROOT

SECTIONS = [section.id for section in load(ROOT).sections]
Reports = Mapping[str, Sequence[tuple[str, str, str]]]


def run(asked: Sequence[tuple[Path, list[str], Any]]) -> list[Reports]:
    """Return the reports of all submissions that are asked for."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "tests/visible_runner.py"],
        cwd=ROOT,
        input=json.dumps([(str(folder), cells, wrong) for folder, cells, wrong in asked]),
        capture_output=True,
        text=True,
        check=True,
        timeout=900,
    )
    found: list[Reports] = [json.loads(line) for line in done.stdout.splitlines()]
    errors = [(str(asked[n][0]), reports["error"]) for n, reports in enumerate(found) if "error" in reports]
    assert errors == []
    return found


def handed_in(course: Course, section: Section, files: Mapping[str, bytes], folder: Path) -> tuple[Path, list[str]]:
    """Write a submission with the released files around it; return its folder and the code cells to run."""
    released = course.root / "assignments" / section.id
    shutil.copytree(released, folder)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    cells = notebook_cells((folder / section.notebook).read_bytes())
    plan = execution_plan(notebook_cells((released / section.notebook).read_bytes()), cells)
    return folder, [cell.source for cell in plan.cells if cell.origin != "deferred"]


class Ran(NamedTuple):
    """What the visible checks of a section say of its reference solution, of each wrong answer, and of right samples."""

    right: Reports
    wrong: Sequence[tuple[Mapping[str, Any], Reports]]
    samples: Mapping[str, Reports]


@pytest.fixture(scope="module", params=SECTIONS)
def ran(request: pytest.FixtureRequest, course: Course, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """All of one section at once: the process in which they run takes seconds to start."""
    section, place = course.section(request.param), tmp_path_factory.mktemp("visible")
    table = tomllib.loads((ROOT / "tests" / "visible" / f"{section.id}.toml").read_text(encoding="utf-8"))["wrong"]
    solved = {name: (ROOT / "solutions" / section.id / name).read_bytes() for name in section.expected_files}
    reference = handed_in(course, section, solved, place / "reference")
    shelves = [load_samples(course, ROOT / "tests" / "corpus" / shelf) for shelf in ("class", "variants")]
    samples = [s for shelf in shelves for s in shelf if s.section == section.id and s.name.startswith("correct-")]
    asked = [(*reference, None), *((*reference, entry) for entry in table)]
    for number, sample in enumerate(samples):  # some were handed in under other names than those that were worked on
        write_sample(sample, place / str(number))
        (attempt,) = collect(course, place / str(number)).attempts
        asked.append((*handed_in(course, section, attempt.files, place / sample.name), None))

    right, *others = run(asked)

    names = [sample.name for sample in samples]
    return Ran(right, list(zip(table, others, strict=False)), dict(zip(names, others[len(table) :], strict=True)))


def test_every_visible_check_rejects_a_wrong_answer(ran: Ran) -> None:
    assert [outcome for report in ran.right.values() for outcome in report if outcome[1] != "passed"] == []
    accepted = []
    for entry, reports in ran.wrong:
        verdicts = {title: verdict for title, verdict, _ in reports[entry["report"]]}
        accepted += [(entry["code"], title) for title in entry["titles"] if verdicts.get(title) in (None, "passed")]
    assert accepted == []
    tried = {(entry["report"], title) for entry, _ in ran.wrong for title in entry["titles"]}
    named = [(name, title) for name, report in ran.right.items() for title, *_ in report]
    assert [place for place in named if place not in tried] == []


def test_right_work_passes_all_visible_checks(ran: Ran) -> None:
    assert len(ran.samples) >= 2
    failed = [
        (sample, name, outcome)
        for sample, found in ran.samples.items()
        for name, outcomes in found.items()
        for outcome in outcomes
        if outcome[1] != "passed"
    ]
    assert failed == []
