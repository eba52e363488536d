"""Puts small faults into the reference modules and asks whether the hidden suites see them.

    make mutation                                  # all modules
    make mutation ARGS="--section 2_divergence"    # one section
    make mutation ARGS="--all"                     # judge again what is stored already

Every mutant of `benchmarks/mutants.py` is handed in as a submission and judged by the real grader: warm worker, walls,
hidden suite. A mutant is killed if its own module's item loses points. Those that no check can tell from the reference
are in `tests/mutation/equivalent.toml` with the reason; any other survivor is a hole in the suite, and then the exit
code is 1. The wrong samples of the corpus are judged too, to see which checks fail for none of all these.

Records are kept in `.autograder/mutation`: a run that was stopped goes on where it was, and a changed check costs its
own section only. `docs/measured/mutation.json` holds what was measured. This command writes it into `docs/mutation.md`,
check by check, and `make quality` into `docs/quality.md`, module by module.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder import atomic, course
from autograder.corpus.reader import load_samples
from autograder.corpus.samples import Sample, write_sample
from autograder.course import Course, Section
from autograder.grading.batch import Batch, Outcome
from autograder.records.record import Record, Status
from autograder.records.store import Store
from autograder.sandbox.walls import WALLS
from autograder.submissions.attempts import Attempt, make_attempt
from autograder.submissions.collect import collect
from autograder.verdict import Verdict
from benchmarks import mutants as making
from benchmarks.mutants import ROOT, Mutant

RESULTS = ROOT / "docs" / "measured" / "mutation.json"
MATRIX = ROOT / "docs" / "mutation.md"
SHELVES = ("class", "variants")


def main() -> int:
    """Measure, write the results, and print the score of each module with its survivors."""
    the_course = course.load(ROOT)
    known = [section.id for section in the_course.sections]
    parser = argparse.ArgumentParser(description="Mutation testing of the reference modules by the hidden suites.")
    parser.add_argument("--section", action="append", choices=known, help="only this section (can be repeated)")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--all", action="store_true", help="judge again what is stored already")
    options = parser.parse_args()
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    folder = ROOT / ".autograder" / "mutation"
    with tempfile.TemporaryDirectory() as fresh:
        store = Store(Path(fresh) if options.all else folder)
        batch = Batch(the_course, store, seed=the_course.seed, jobs=options.jobs, walls=WALLS)
        for section_id in options.section or known:
            results[section_id] = measure(the_course, the_course.section(section_id), batch)
    ordered = {section: results[section] for section in known if section in results}
    atomic.write(RESULTS, (json.dumps(ordered, indent=1, ensure_ascii=False) + "\n").encode())
    atomic.write(MATRIX, matrix(ordered).encode())
    sys.stdout.write(report(ordered) + "\n")
    return int(any(module["survivors"] for section in ordered.values() for module in section["modules"].values()))


def measure(the_course: Course, section: Section, batch: Batch) -> dict[str, Any]:
    """Judge all mutants and wrong samples of `section`; return what is kept of them.

    Raises
    ------
    SystemExit
        If the reference itself loses points, or an attempt could not be judged.
    """
    made: list[tuple[Mutant, Attempt]] = []
    reference = {name: (ROOT / "source" / section.id / name).read_bytes() for name in section.modules}
    for name, content in reference.items():
        for mutant in making.mutants(f"{section.id}/{name}", content.decode()):
            compile(mutant.source, mutant.module, "exec")  # one that can't be read would be killed by every check
            made.append((mutant, handed_in(section, reference | {name: mutant.source.encode()})))
    samples, wrong = wrong_samples(the_course, section)
    unchanged = handed_in(section, reference)
    outcomes = judged(section, batch, [unchanged, *(sent for _, sent in made), *wrong])
    items = {name: {item.id for item in section.items if item.module == name} for name in section.modules}

    for name in section.modules:
        if lost := failed(outcomes[0].record, items[name]):
            sys.exit(f"the reference {section.id}/{name} fails {', '.join(sorted(lost))}")
    equivalent = {entry.key for entry in making.equivalents()}
    modules: dict[str, dict[str, Any]] = {
        f"{section.id}/{name}": {"mutants": 0, "killed": 0, "equivalent": [], "survivors": []}
        for name in section.modules
    }
    kills: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for (mutant, _), outcome in zip(made, outcomes[1:], strict=False):
        lost = failed(outcome.record, items[Path(mutant.module).name])
        entry = modules[mutant.module]
        entry["mutants"] += 1
        if lost:
            entry["killed"] += 1
        elif mutant.key in equivalent:
            entry["equivalent"].append(list(mutant.key[1:]))
        else:
            entry["survivors"].append(list(mutant.key[1:]))
        kills.update(lost)
        alone.update(lost if len(lost) == 1 else ())
    caught: Counter[str] = Counter()
    for sample, outcome in zip(samples, outcomes[1 + len(made) :], strict=True):
        assert sample.section == section.id
        caught.update(failed(outcome.record, {item.id for item in section.items}))
    checks = {
        check.name: {
            "item": item_id,
            "points": check.max,
            "mutants": kills[check.name],
            "alone": alone[check.name],
            "samples": caught[check.name],
        }
        for item_id, item in outcomes[0].record.items.items()
        for check in item.checks
    }
    return {"modules": modules, "samples": len(samples), "checks": checks}


def handed_in(section: Section, files: Mapping[str, bytes]) -> Attempt:
    """Return modules without a notebook as an attempt: the exercises are not asked, so they cost no time."""
    return make_attempt(section, "mutant", Path(), files)


def wrong_samples(the_course: Course, section: Section) -> tuple[list[Sample], list[Attempt]]:
    """Return the samples of `section` with a mistake in them, and their attempts."""
    shelves = [load_samples(the_course, ROOT / "tests" / "corpus" / shelf) for shelf in SHELVES]
    samples = [s for shelf in shelves for s in shelf if s.section == section.id and s.name.startswith("mistake-")]
    attempts = []
    for sample in samples:
        with tempfile.TemporaryDirectory() as folder:
            write_sample(sample, Path(folder))
            attempts += collect(the_course, Path(folder)).attempts
    return samples, attempts


def judged(section: Section, batch: Batch, attempts: Sequence[Attempt]) -> list[Outcome]:
    """Return the outcomes of `attempts`, with a bar on stderr while they are judged."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(section.id, total=batch.missing(attempts))
        outcomes = batch.run(attempts, lambda: bar.advance(task))
    for outcome in outcomes:
        if outcome.record.status is Status.NOT_JUDGED:
            sys.exit(f"an attempt of {section.id} could not be judged: {outcome.record.reason}; run again")
    return outcomes


def failed(record: Record, items: set[str]) -> set[str]:
    """Return the names of the checks of `items` that did not pass."""
    checks = [check for item_id in items for check in record.items[item_id].checks]
    return {check.name for check in checks if check.verdict is not Verdict.PASSED}


def report(results: Mapping[str, Any]) -> str:
    """Return what was measured, for a terminal."""
    lines = [f"{'module':<44}{'mutants':>9}{'killed':>9}{'equivalent':>12}{'score':>9}"]
    for section in results.values():
        for name, module in section["modules"].items():
            numbers = module["mutants"], module["killed"], len(module["equivalent"])
            lines.append("{:<44}{:>9}{:>9}{:>12}".format(name, *numbers) + f"{score(module):>9.1%}")
    for section in results.values():
        for name, module in section["modules"].items():
            for function, line, becomes in module["survivors"]:
                lines += [
                    "",
                    f"survives in {name}, {function or 'the module'}:",
                    _signed("-", line),
                    _signed("+", becomes),
                ]
    idle = idle_checks(results)
    if idle:
        lines += ["", "checks that fail for no mutant and no wrong sample:", *(f"  {name}" for name in idle)]
    return "\n".join(lines)


def score(module: Mapping[str, Any]) -> float:
    """Return the share of the mutants that are not equivalent which is killed."""
    return float(module["killed"] / (module["mutants"] - len(module["equivalent"])))


def idle_checks(results: Mapping[str, Any]) -> list[str]:
    """Return the checks that failed for nothing that was tried, as ``<item>: <check>``."""
    return [
        f"{check['item']}: {name}"
        for section in results.values()
        for name, check in section["checks"].items()
        if not check["mutants"] and not check["samples"]
    ]


def stored() -> dict[str, Any]:
    """Return what was measured last."""
    results: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return results


def section_of_quality() -> str:
    """Return the part of `docs/quality.md` on mutants."""
    results = stored()
    idle = idle_checks(results)
    lines = [
        "## Faults that the hidden suites find",
        "",
        "Every reference module was broken in each way that [mutmut](https://mutmut.readthedocs.io/)'s operators know, "
        "one small fault at a time, and every such mutant was handed in and judged like a submission. It is killed if "
        "its own item loses points. Mutants that no check can reject, because the contract allows "
        "both, are in `tests/mutation/equivalent.toml` with the reason; the score is the share of the others that is "
        "killed. `make mutation` measures this; [mutation.md](mutation.md) says which check kills how many.",
        "",
        "| Module | Mutants | Killed | Equivalent | Survive | Score |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for section in results.values():
        for name, module in section["modules"].items():
            counts = module["mutants"], module["killed"], len(module["equivalent"]), len(module["survivors"])
            lines.append(f"| `{name}` | {' | '.join(map(str, counts))} | {score(module):.1%} |")
    number = sum(len(section["checks"]) for section in results.values())
    samples = sum(section["samples"] for section in results.values())
    text = f"Of the {number} hidden checks, {number - len(idle)} fail for a mutant or for one of the {samples} wrong "
    text += "samples of the corpus" + (f"; the others are {', '.join(f'`{name}`' for name in idle)}" if idle else "")
    lines += ["", f"{text}.", ""]
    return "\n".join(lines)


def matrix(results: Mapping[str, Any]) -> str:
    """Return `docs/mutation.md`: for each check, what it fails for."""
    lines = [
        "# What each hidden check finds",
        "",
        "Written by `make mutation`; nothing in it is typed by hand. *Mutants*: faults put into the reference module "
        "for which the check fails, and how many of these no other check finds. *Samples*: wrong solutions of the "
        "corpus for which it fails. Exercises are solved in the notebook, where no mutants are made.",
    ]
    for section_id, section in results.items():
        lines += ["", f"## `{section_id}`", "", "| Item | Check | Points | Mutants | Alone | Samples |"]
        lines.append("|---|---|---:|---:|---:|---:|")
        for name, check in section["checks"].items():
            counts = " | ".join(str(check[key]) if check[key] else "·" for key in ("mutants", "alone", "samples"))
            lines.append(f"| `{check['item']}` | `{name}` | {check['points']:g} | {counts} |")
    return "\n".join(lines) + "\n"


def _signed(sign: str, text: str) -> str:
    return "\n".join(f"  {sign} {line}" for line in text.splitlines())


if __name__ == "__main__":
    sys.exit(main())
