"""Measures what a class costs here, with nbgrader and with Otter: ``make bench-peers``.

The peers get what this grader asks: for each item, the calls that its hidden checks make, with the answers that the
reference solution gives, as a hidden test. In nbgrader it is a cell, in Otter a test file. What these tests can't hold
is left out in the peers' favour: calls with objects that live in the student's code or with large arrays, feedback,
programs that loop forever, and the cell with a slider, in which nbclient, which both use, now and then waits until the
cell's time is over (https://github.com/jupyter/nbclient/issues/312). Notebooks are else those that students have; both
peers run all cells, which this grader does not, so they are measured with bare notebooks too, without demonstrations
and figures. nbgrader grades a batch in one process, Otter one submission after another; both run the student's code
without confinement.

All graders take turns in one run, round after round, on the same class: this one grades it from `autograder grade` to
the last page, the peers a few of its attempts. Each peer has an environment of its own, made on first use, with the
versions of `requirements.lock`. First of all the reference must earn everything and the stub less with each peer, else
the tests are not what they should be and nothing is measured.

Figures go to ``docs/measured/peers.json``; ``docs/performance.md`` is made from them.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import csv
import ctypes
import dataclasses
import itertools
import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from autograder import course as course_module
from autograder.corpus.reader import load_samples
from autograder.corpus.samples import Sample, write_sample
from autograder.course import Course, Section
from autograder.grading.workers import Pool
from autograder.judge.suite import Suite
from autograder.judge.trial import Trial
from autograder.remote.calls import Call
from autograder.remote.link import Link
from autograder.sandbox import walls, wire
from autograder.submissions.collect import collect
from benchmarks import figures, performance
from benchmarks.grading import variant

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ROOT / ".peers"
PEACEFUL = ("reference", "correct", "half", "mistake", "stub")
SHARED = ("numpy", "scipy", "scikit-learn", "matplotlib", "torch", "ipykernel", "nbgrader", "nbclient", "nbformat")
RUN = os.urandom(8).hex()
LARGE = 2**14  # bytes of a question with its answer; a cell has hundreds of them
OTTER = "otter-grader==7.0.0"
SET_CHILD_SUBREAPER = 36  # prctl(2)
ORPHAN_SECONDS = 10.0
SLIDER = "from ipywidgets import"  # one cell of each notebook
SINGLE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # as this grader's workers have it

TEST = """
import base64, importlib, pickle
import numpy as np

def _value(value):
    if isinstance(value, dict) and set(value) == {"tensor"}:
        import torch
        return torch.from_numpy(value["tensor"].copy())
    if isinstance(value, (list, tuple)):
        return type(value)(_value(element) for element in value)
    if isinstance(value, dict):
        return {key: _value(element) for key, element in value.items()}
    return value

def _same(got, want):
    if isinstance(want, (list, tuple)):
        assert len(got) == len(want)
        for one, other in zip(got, want):
            _same(one, other)
    elif isinstance(want, dict):
        assert got.keys() == want.keys()
        for key in want:
            _same(got[key], want[key])
    elif isinstance(want, (str, bool)) or want is None:
        assert got == want
    else:
        got, want = (value.detach().numpy() if hasattr(value, "detach") else value for value in (got, want))
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-7)

def _ask(env, home, questions):
    for name, called, args, kwargs, want, refused in pickle.loads(base64.b64decode(questions)):
        first, *rest = name.split(".")
        found = getattr(importlib.import_module(home), first) if home else env[first]
        for part in rest:
            found = getattr(found, part)
        if not called:
            _same(found, _value(want))
        elif refused:
            try:
                found(*_value(args), **_value(kwargs))
            except Exception:
                continue
            raise AssertionError("an exception was expected")
        else:
            _same(found(*_value(args), **_value(kwargs)), _value(want))
"""


@dataclasses.dataclass(frozen=True)
class Exam:
    """A section as the peers can have it: code cells of its notebook, a test for each item, and files beside them."""

    section: Section
    cells: Sequence[nbformat.NotebookNode]
    tests: Mapping[str, str]
    files: Mapping[str, bytes] = dataclasses.field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What is added to the name of a grader that does not get the notebook as students have it."""
        return "" if self.files else ", bare notebooks"


class _Recorded(Trial):
    def questions(self) -> Iterator[tuple[str, Call]]:
        """Run the checks; yield each call that they make, with the item that it is made for."""
        self.run()
        for run in self._runs:
            for number in run.calls:
                yield run.result.check.item, self._session.calls[number]


class _LiveError(Exception):
    """A value can't leave the process that made it."""


def plain(value: Any) -> Any:
    """Return `value` as builtins and arrays, which any environment can unpickle."""
    match value:
        case wire.Tensor():
            return {"tensor": np.asarray(value.array)}
        case bool() | int() | float() | complex() | str() | bytes() | None | np.ndarray() | np.generic():
            return value
        case list() | tuple():
            return type(value)(plain(element) for element in value)
        case dict():
            return {key: plain(element) for key, element in value.items()}
    raise _LiveError


def exams(course: Course, section: Section, reference: Path) -> tuple[Exam, Exam]:
    """Return what the peers are given of a section: as students have it, and without demonstrations.

    `reference` holds the reference solution as a class of one.
    """
    suite = Suite(course, section)
    attempt = collect(course, reference).attempts[0]
    with Pool(walls.WALLS, suite.level_of(attempt)) as pool, contextlib.ExitStack() as stack:
        pool.ensure()
        link = Link(pool.folder)
        stack.callback(link.close)
        recorded = list(_Recorded(suite, attempt, link, course.seed, None).questions())
    asked: dict[str, dict[bytes, Any]] = {}
    for item, call in recorded:
        with contextlib.suppress(_LiveError):
            called = bool(call.args or call.kwargs or call.fault is not None)  # else it is a name that was read
            parts = plain(call.args), plain(dict(call.kwargs)), plain(call.result)
            question = (call.function, called, *parts, call.fault is not None)
            if len(pickle.dumps(question)) <= LARGE:
                asked.setdefault(item, {})[pickle.dumps(question)] = question
    released = nbformat.read(course.root / "assignments" / section.id / section.notebook, 4)
    code = [cell for cell in released.cells if cell.cell_type == "code" and SLIDER not in cell.source]
    given = Exam(section, [cell for cell in code if not _is_demonstration(cell)], {})
    tests = {}
    for item, questions in asked.items():
        home = (section.item(item).module or "").removesuffix(".py") if section.item(item).kind == "module" else ""
        fair = reproduced(given, attempt.files, home, list(questions.values()))
        sys.stdout.write(f"{section.id}, {item}: {len(fair)} of {len(questions)} different questions\n")
        if fair:
            tests[item] = f"{home!r}, {base64.b64encode(pickle.dumps(fair)).decode()!r}"
    files = {name: (course.root / "assignments" / section.id / name).read_bytes() for name in section.files}
    return Exam(section, code, tests, files), dataclasses.replace(given, tests=tests)


def reproduced(given: Exam, files: Mapping[str, bytes], home: str, questions: Sequence[Any]) -> list[Any]:
    """Return the questions whose answers a process without anything of this grader gives too."""
    with tempfile.TemporaryDirectory() as name:
        for module in given.section.modules:
            (Path(name) / module).write_bytes(files[module])
        cells = notebook(given, nbformat.reads(files[given.section.notebook].decode(), 4), tested=False).cells
        lines = "\n".join(
            cell.source for cell in cells if "test-" not in cell.metadata.get("nbgrader", {}).get("grade_id", "")
        )
        tried = f"""
{lines}
{TEST}
import pathlib
fair = []
for question in pickle.loads(pathlib.Path("questions").read_bytes()):
    try:
        _ask(globals(), {home!r}, base64.b64encode(pickle.dumps([question])))
        fair.append(question)
    except Exception:
        pass
pathlib.Path("fair").write_bytes(pickle.dumps(fair))
"""
        (Path(name) / "questions").write_bytes(pickle.dumps(list(questions)))
        subprocess.run([sys.executable, "-c", tried], cwd=name, env={**os.environ, **SINGLE_THREAD}, check=True)
        fair: list[Any] = pickle.loads((Path(name) / "fair").read_bytes())  # noqa: S301  written above
        return fair


def _is_demonstration(cell: nbformat.NotebookNode) -> bool:
    return "demonstration" in cell.metadata.get("tags", [])


def notebook(given: Exam, answers: nbformat.NotebookNode | None, tested: bool) -> nbformat.NotebookNode:
    """Return the section's notebook for a peer, with the student's `answers`, and with tests in it if `tested`."""
    theirs = {
        cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in (answers or {"cells": []})["cells"]
    }
    cells = []
    for cell in given.cells:
        marks = cell.metadata.get("nbgrader", {})
        made = nbformat.v4.new_code_cell(
            theirs.get(marks.get("grade_id"), cell.source), metadata={"tags": ["raises-exception"]}
        )
        if "grade_id" in marks:
            made.metadata["nbgrader"] = _marks(marks["grade_id"], solution=marks["solution"])
        cells.append(made)
    for item, questions in given.tests.items():
        hidden = (
            f"### BEGIN HIDDEN TESTS\n{TEST}\n_ask(globals(), {questions})\n### END HIDDEN TESTS" if tested else "pass"
        )
        cells.append(nbformat.v4.new_code_cell(hidden))
        cells[-1].metadata["nbgrader"] = _marks(f"test-{item}", points=1)
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return made


def _marks(name: str, solution: bool = False, points: int | None = None) -> dict[str, Any]:
    grade = {} if points is None else {"points": points}
    return {
        "schema_version": 3, "grade_id": name, "cell_type": "code", "grade": bool(grade), "solution": solution,
        "task": False, "locked": not solution, **grade,
    }  # fmt: skip


def environment(name: str, requirements: Sequence[str]) -> Path:
    """Return the folder of programs of a peer's own environment; it is made first if there is none."""
    folder = ENVIRONMENTS / name
    if not (folder / "ready").exists():
        sys.stdout.write(f"Making an environment for {name} (minutes) ...\n")
        sys.stdout.flush()
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        command = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*command, *requirements], check=True)
        (folder / "ready").touch()
    return folder / "bin"


def pinned(names: Sequence[str]) -> list[str]:
    """Return requirements for the versions of `names` that this environment has."""
    return [f"{name}=={version(name).split('+')[0]}" for name in names]


@dataclasses.dataclass(frozen=True)
class Cost:
    """What it cost to grade some attempts."""

    attempts: int
    seconds: float
    cpu_seconds: float


def run(commands: Sequence[Sequence[str | Path]], folder: Path, attempts: int, bin_folder: Path | None = None) -> Cost:
    """Run commands at the same time and wait for all; processor time is theirs and of all they started."""
    env = {**os.environ, **SINGLE_THREAD}
    if bin_folder is not None:
        env["PATH"] = f"{bin_folder}{os.pathsep}{env['PATH']}"
        env.pop("VIRTUAL_ENV", None)
    with contextlib.ExitStack() as stack:
        logs = [stack.enter_context((folder / f"log-{number}.txt").open("w")) for number in range(len(commands))]
        start, before = time.monotonic(), os.times()
        running = [
            subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT)
            for command, log in zip(commands, logs, strict=True)
        ]
        codes = [process.wait() for process in running]
        seconds = time.monotonic() - start
    _await_orphans()
    after = os.times()
    if any(code not in (0, 1) for code in codes):
        raise SystemExit(f"{commands[0][0]} ended with {codes}: see {folder}/log-*.txt")
    used = after.children_user - before.children_user + after.children_system - before.children_system
    return Cost(attempts, seconds, used)


def _await_orphans() -> None:
    """Wait for processes that end after the one that started them, so that the kernel counts their time here.

    Not for ever: a kernel that a peer has left behind may not end, because it does so when its parent is process 1.
    """
    end = time.monotonic() + ORPHAN_SECONDS
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < end:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)


class Ours:
    """The command `autograder grade`."""

    name = "autograder"

    def __init__(self, course: Course) -> None:
        self.course = course

    def grade(self, class_: Path, sections: Sequence[str], folder: Path, attempts: int) -> Cost:
        """Grade the class from start to end: gradebook, pages, CSV."""
        command: list[str | Path] = [Path(sys.executable).parent / "autograder", "grade", "--course", self.course.root]
        command += ["--submitted", class_, "--output", folder]
        for section in sections:
            command += ["--section", section]
        return run([command], folder, attempts)


class Nbgrader:
    """``nbgrader autograde`` of a batch, split between `processes` that share the gradebook."""

    def __init__(self, given: Exam, bin_folder: Path, processes: int = 1) -> None:
        self.name = ("nbgrader" if processes == 1 else f"nbgrader, {processes} processes") + given.kind
        self.given, self.bin, self.processes = given, bin_folder, processes

    def prepare(self, folder: Path, students: Mapping[str, Sample]) -> None:
        """Write a course, and make its assignment."""
        section = self.given.section
        source = folder / "source" / section.id
        source.mkdir(parents=True)
        nbformat.write(notebook(self.given, None, tested=True), source / section.notebook)
        (folder / "nbgrader_config.py").write_text(
            "c = get_config()\nc.CourseDirectory.course_id = 'peers'\nc.ExecutePreprocessor.timeout = 300\n"
            f"c.Exchange.root = {str(folder / 'exchange')!r}\n"
        )
        run([[self.bin / "nbgrader", "generate_assignment", section.id, "--create"]], folder, 0, self.bin)
        for number, (student, sample) in enumerate(students.items()):
            group = number % self.processes
            theirs = folder / "submitted" / f"{group}-{student}" / section.id
            theirs.mkdir(parents=True)
            nbformat.write(answered(self.given, sample, tested=True), theirs / section.notebook)
            for module in section.modules:
                (theirs / module).write_bytes(sample.files[module])
            for name, content in self.given.files.items():
                (theirs / name).parent.mkdir(exist_ok=True)
                (theirs / name).write_bytes(content)

    def grade(self, folder: Path, attempts: int) -> Cost:
        """Grade what is submitted."""
        command = [self.bin / "nbgrader", "autograde", self.given.section.id, "--create"]
        commands = [[*command, f"--student={group}-*"] for group in range(self.processes)]
        return run(commands, folder, attempts, self.bin)

    def points(self, folder: Path) -> dict[str, float]:
        """Return the points of each student."""
        run([[self.bin / "nbgrader", "export"]], folder, 0, self.bin)
        with (folder / "grades.csv").open(newline="") as rows:
            return {row["student_id"].split("-", 1)[1]: float(row["raw_score"]) for row in csv.DictReader(rows)}


class Otter:
    """``otter run``, one submission after another."""

    def __init__(self, given: Exam, bin_folder: Path) -> None:
        self.name = f"otter{given.kind}"
        self.given, self.bin = given, bin_folder

    def prepare(self, folder: Path, students: Mapping[str, Sample]) -> None:
        """Write a file for each item's test, make the autograder's archive, and pack each submission."""
        tests = folder / "tests"
        tests.mkdir()
        for item, questions in self.given.tests.items():
            name = item.replace("-", "_")
            (tests / f"{name}.py").write_text(
                f"from otter.test_files import test_case\n{TEST}\nOK_FORMAT = False\nname = {name!r}\npoints = 1\n\n"
                f"@test_case(points=1, hidden=True)\ndef test(env):\n    _ask(env, {questions})\n"
            )
        command = [self.bin / "otter", "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"]
        run([command], folder, 0, self.bin)
        for student, sample in students.items():
            with zipfile.ZipFile(folder / f"{student}.zip", "w") as archive:
                text = nbformat.writes(answered(self.given, sample, tested=False))
                archive.writestr(self.given.section.notebook, text)
                for module in self.given.section.modules:
                    archive.writestr(module, sample.files[module])

    def grade(self, folder: Path, attempts: int) -> Cost:
        """Grade what is packed."""
        costs = [self._grade_one(path, folder) for path in sorted(folder.glob("student-*.zip"))]
        return Cost(attempts, sum(cost.seconds for cost in costs), sum(cost.cpu_seconds for cost in costs))

    def _grade_one(self, path: Path, folder: Path) -> Cost:
        results = folder / path.stem
        results.mkdir()
        command = [self.bin / "otter", "run", "--no-logo", "-a", "autograder.zip", "-o", results, path]
        return run([command], folder, 1, self.bin)

    def points(self, folder: Path) -> dict[str, float]:
        """Return the points of each student."""
        found = {}
        for path in sorted(folder.glob("student-*/results.json")):
            tests = json.loads(path.read_text())["tests"]
            found[path.parent.name] = sum(float(test.get("score", 0)) for test in tests)
        return found


def answered(given: Exam, sample: Sample, tested: bool) -> nbformat.NotebookNode:
    """Return the notebook of a sample for a peer."""
    answers = nbformat.reads(sample.files[given.section.notebook].decode(), 4)
    return notebook(given, answers, tested)


def peaceful(course: Course, section: Section) -> list[Sample]:
    """Return the samples of a section that can be run without walls, and that are plain files; the reference first."""
    wanted = {section.notebook, *section.modules}
    found = [
        sample
        for sample in load_samples(course)
        if sample.section == section.id
        and sample.name.split("-")[0] in PEACEFUL
        and sample.archive is None
        and wanted <= set(sample.files)
    ]
    return sorted(found, key=lambda sample: PEACEFUL.index(sample.name.split("-")[0]))


def check(course: Course, given: Exam, peer: Nbgrader | Otter) -> None:
    """Stop unless a peer gives the reference one point for each test, and the stub fewer."""
    samples = {sample.name: sample for sample in peaceful(course, given.section)}
    students = {"student-reference": samples["reference"], "student-stub": samples["stub"]}
    with tempfile.TemporaryDirectory() as name:
        peer.prepare(Path(name), students)
        peer.grade(Path(name), 2)
        points = peer.points(Path(name))
    if not points["student-stub"] < points["student-reference"] == len(given.tests):
        raise SystemExit(f"{peer.name} gives {points} in {given.section.id}; {len(given.tests)} tests are passable")


def main() -> None:
    """Measure in rounds, and write the figures."""
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1)
    course = course_module.load(course_module.find_root())
    parser = argparse.ArgumentParser(description="Measure what a class costs here, with nbgrader and with Otter.")
    parser.add_argument("--section", action="append", choices=[section.id for section in course.sections])
    parser.add_argument("--attempts", type=int, default=300, help="the class (a tenth where networks are trained)")
    parser.add_argument("--of-peers", type=int, default=6, help="attempts that each peer grades in a round")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    nbgrader = environment("nbgrader", [*pinned(SHARED), "ipywidgets"])
    otter = environment("otter", [OTTER, *pinned([name for name in SHARED if name != "nbgrader"]), "ipywidgets"])
    sections = [section for section in course.sections if section.id in (options.section or [section.id])]
    rows: list[dict[str, Any]] = []
    for section in sections:
        with tempfile.TemporaryDirectory() as name:
            reference = Path(name)
            write_sample(peaceful(course, section)[0], reference, student="reference")
            given, bare = exams(course, section, reference)
        peers = [Nbgrader(given, nbgrader), Otter(given, otter), Nbgrader(bare, nbgrader), Otter(bare, otter)]
        for peer in peers:
            check(course, peer.given, peer)
        peers.append(Nbgrader(given, nbgrader, 2))
        size = options.attempts // 10 if section.limits.slow_calls else options.attempts
        found = rounds(course, section, peers, size, options.of_peers, options.rounds)
        rows += summarised(section.id, found)
    if not options.section:
        students = options.attempts // 5
        costs = []
        for turn in range(options.rounds):
            with tempfile.TemporaryDirectory() as name:
                for section in sections:
                    write_class(Path(name), peaceful(course, section), students, options.rounds + turn)
                costs.append(whole(course, Path(name), students))
        rows += summarised("all five", {"autograder": costs})
    kept = {"machine": figures.machine(), "rounds": options.rounds, "rows": rows}
    for row in rows:
        sys.stdout.write(f"{row}\n")
    if not options.section:
        performance.keep("peers", kept)


def rounds(
    course: Course, section: Section, peers: Sequence[Nbgrader | Otter], size: int, few: int, number: int
) -> dict[str, list[Cost]]:
    """Let all graders take turns; return what each of them used in each round."""
    samples = peaceful(course, section)
    students = {f"student-{place}": sample for place, sample in zip(range(few), itertools.cycle(samples), strict=False)}
    found: dict[str, list[Cost]] = {}
    for turn in range(number):
        with tempfile.TemporaryDirectory() as name:
            write_class(Path(name) / "submitted", samples, size, turn)
            (Path(name) / "output").mkdir()
            ours = Ours(course).grade(Path(name) / "submitted", [section.id], Path(name) / "output", size)
            found.setdefault(Ours.name, []).append(ours)
        for peer in peers:
            with tempfile.TemporaryDirectory() as name:
                peer.prepare(Path(name), students)
                found.setdefault(peer.name, []).append(peer.grade(Path(name), few))
        sys.stdout.write(f"{section.id}: {[(name, round(c[-1].seconds, 1)) for name, c in found.items()]}\n")
        sys.stdout.flush()
    return found


def whole(course: Course, class_: Path, students: int) -> Cost:
    """Grade complete submissions."""
    with tempfile.TemporaryDirectory() as name:
        return Ours(course).grade(class_, [], Path(name), students)


def write_class(folder: Path, samples: Sequence[Sample], size: int, turn: int) -> None:
    """Write `samples` again and again, each time as an attempt of its own, until there are `size`.

    No attempt is like one of another `turn`, nor of an earlier run, so that none comes from the store.
    """
    for number, sample in zip(range(size), itertools.cycle(samples), strict=False):
        write_sample(variant(sample, f"{RUN} {turn} {number}"), folder, student=f"student-{number:04}")


def summarised(section: str, found: Mapping[str, Sequence[Cost]]) -> list[dict[str, Any]]:
    """Return one row for each grader: seconds per attempt (median, least, most), and processor seconds.

    Of an even number of rounds the lower median, since what else a machine does only adds to time.
    """
    rows = []
    for grader, costs in found.items():
        each = [cost.seconds / cost.attempts for cost in costs]
        middle = statistics.median_low(each)
        used = statistics.median_low(cost.cpu_seconds / cost.attempts for cost in costs)
        row = {"section": section, "grader": grader, "attempts": costs[0].attempts}
        rows.append(row | {"seconds": middle, "least": min(each), "most": max(each), "cpu_seconds": used})
    return rows


if __name__ == "__main__":
    main()
