"""Measures verdicts on the corpus under several cohort seeds, and whether the misconceptions in the banks are found.

`make quality` calls it; it takes minutes, so what it found is kept in `docs/measured/` as data, one file for each
section, and `docs/quality.md` is made from these files.

- Every right sample and every wrong one is judged under `SEEDS`, a broken or hostile one under the first two. A
  verdict that is not what its `sample.toml` says, or that changes with the seed, is luck. Only attacks that strike by
  the clock may change.
- Every misconception with a rule is used instead of what is right; the others are looked for in the corpus.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from autograder import atomic, course
from autograder.corpus.disagreements import disagreements
from autograder.corpus.reader import load_samples
from autograder.corpus.samples import Sample, write_sample
from autograder.course import Course
from autograder.grading.workers import Pool
from autograder.judge.suite import Suite
from autograder.judge.trial import judge
from autograder.records import score
from autograder.records.keys import suite_digest
from autograder.records.record import Header
from autograder.remote.link import Link
from autograder.sandbox.walls import WALLS
from autograder.submissions.collect import collect

ROOT = Path(__file__).resolve().parents[1]
MEASURED = ROOT / "docs" / "measured"
SHELVES = ("class", "variants", "hostile")
SEEDS = (2026, 4711, *range(18))

_held: dict[str, Any] = {}


def is_right(sample: Sample) -> bool:
    """Return whether a sample deserves full marks."""
    return sample.name == "reference" or sample.name.startswith("correct-")


def under_all_seeds(sample: Sample) -> bool:
    """Return whether luck could decide on a sample: it is right, or wrong in a way that checks have to notice."""
    return is_right(sample) or sample.name.startswith("mistake-")


def corpus(the_course: Course, section: str) -> list[Sample]:
    """Return the samples of all shelves in a section."""
    samples = (sample for shelf in SHELVES for sample in load_samples(the_course, ROOT / "tests" / "corpus" / shelf))
    return [sample for sample in samples if sample.section == section]


def measure(section: str, processes: int) -> dict[str, Any]:
    """Return what was measured in one section."""
    the_course = course.load(ROOT)
    samples = corpus(the_course, section)
    jobs = [
        (place, seed)
        for place, sample in enumerate(samples)
        for seed in (SEEDS if under_all_seeds(sample) else SEEDS[:2])
    ]
    with Pool(WALLS) as pool:
        pool.ensure()
        context = multiprocessing.get_context("forkserver")
        with ProcessPoolExecutor(processes, context, initializer=_start, initargs=(pool.folder, section)) as executor:
            found = list(executor.map(_judge, jobs))
    right = [place for place, sample in enumerate(samples) if is_right(sample)]
    by_sample: dict[int, list[tuple[list[str], list[str], bool]]] = {}
    for (place, _), outcome in zip(jobs, found, strict=True):
        by_sample.setdefault(place, []).append(outcome)
    rejected = misconceptions(the_course, section, samples)
    return {
        "suite": suite_digest(the_course, the_course.section(section))[:12],
        "right": len(right),
        "right_judgements": sum(len(by_sample[place]) for place in right),
        "right_with_full_marks": sum(full for place in right for _, _, full in by_sample[place]),
        "samples": len(samples),
        "judgements": len(jobs),
        "checks": sum(len(verdicts) for outcomes in by_sample.values() for verdicts, _, _ in outcomes),
        "unexpected": sorted(
            f"{samples[place].name}: {line}"
            for place, all_of in by_sample.items()
            for _, lines, _ in all_of
            for line in lines
        ),
        "changing": sorted(
            samples[place].name
            for place, outcomes in by_sample.items()
            if len({tuple(verdicts) for verdicts, _, _ in outcomes}) > 1 and not samples[place].by_the_clock
        ),
        "by_the_clock": sorted(sample.name for sample in samples if sample.by_the_clock),
        **rejected,
    }


def misconceptions(the_course: Course, section: str, samples: Sequence[Sample]) -> dict[str, Any]:
    """Return how many misconceptions are rejected and named, by rule and by sample."""
    from tests.bank_harness import BankInProcess, with_a_rule
    from tests.test_suite_5_losses import ELBO, student_of

    bank = BankInProcess(the_course, section, ELBO.live, student_of if section == "5_losses" else None)
    entries = with_a_rule(bank.bank)
    outcomes = [bank.rejects(entry) for entry in entries]
    shown = {name for sample in samples for name in sample.expect.misconceptions}
    proved = [entry.id for entry in bank.bank.misconceptions if entry.rule is None]
    return {
        "rules": len(entries),
        "rules_rejected": sum(lost for lost, _ in outcomes),
        "rules_named": sum(named for _, named in outcomes),
        "proved": len(proved),
        "proved_in_samples": sum(name in shown for name in proved),
    }


def _start(folder: Path, section: str) -> None:
    the_course = course.load(ROOT)
    _held.update(
        course=the_course,
        samples=corpus(the_course, section),
        suite=Suite(the_course, the_course.section(section)),
        link=Link(folder),
    )


def _judge(job: tuple[int, int]) -> tuple[list[str], list[str], bool]:
    """Return the verdicts, what was not expected, and whether there are full marks."""
    place, seed = job
    sample: Sample = _held["samples"][place]
    section = _held["course"].section(sample.section)
    with tempfile.TemporaryDirectory() as name:
        write_sample(sample, Path(name))
        (attempt,) = collect(_held["course"], Path(name)).attempts
    judgement = judge(_held["suite"], attempt, _held["link"], seed)
    header = Header(section.id, attempt.digest, "suite", seed, "grader", WALLS)
    record = score.record(section, judgement, header, attempt.notes)
    items = record.items.values()
    # Where a sample says that a check may end in several ways, luck decides, and may.
    by_luck = {name: " or ".join(allowed) for name, allowed in sample.expect.checks.items() if len(allowed) > 1}
    verdicts = [by_luck.get(check.name, check.verdict.value) for item in items for check in item.checks]
    full = bool(verdicts) and all(item.points == item.max for item in items if item.checks)
    return verdicts, disagreements(sample, record.to_json()), full


def load() -> dict[str, dict[str, Any]]:
    """Return what was measured last, by section."""
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(MEASURED.glob("[0-9]*.json"))}
    return {section.id: found[section.id] for section in course.load(ROOT).sections if section.id in found}


def write(sections: Sequence[str], processes: int | None = None) -> None:
    """Measure `sections` and keep what was found."""
    MEASURED.mkdir(exist_ok=True)
    for section in sections:
        sys.stderr.write(f"measuring {section} ...\n")
        found = measure(section, processes or len(os.sched_getaffinity(0)))
        atomic.write(MEASURED / f"{section}.json", (json.dumps(found, indent=1) + "\n").encode())


def alternatives() -> Iterator[str]:
    """Yield the lines on right programs."""
    yield "## Alternatives accepted"
    yield ""
    yield (
        "The reference, and right programs that are written in other ways, each judged by "
        f"the real grader under {len(SEEDS)} cohort seeds ({SEEDS[0]}, {SEEDS[1]}, 0 to {SEEDS[-1]}). Each must get "
        "full marks under every seed."
    )
    yield ""
    yield "| Section | Right programs | Judged | Full marks |"
    yield "|---|---:|---:|---:|"
    for section, found in load().items():
        yield f"| `{section}` | {found['right']} | {found['right_judgements']} | {found['right_with_full_marks']} |"
    yield f"| all | {_sum('right')} | {_sum('right_judgements')} | {_sum('right_with_full_marks')} |"


def rejected() -> Iterator[str]:
    """Yield the lines on misconceptions."""
    yield "## Misconceptions rejected and named"
    yield ""
    yield (
        "Each wrong rule of the banks, used instead of the right one: whether it loses points in its item, and "
        "whether it is named first. Beliefs that no single answer shows (a sampler without noise, a gradient that is "
        "cut off) have no rule; a check proves them, and must name them in the samples of the corpus that contain them."
    )
    yield ""
    yield "| Section | Rules | Lose points | Named | Without a rule | Of these in samples |"
    yield "|---|---:|---:|---:|---:|---:|"
    keys = ("rules", "rules_rejected", "rules_named", "proved", "proved_in_samples")
    for section, found in load().items():
        yield f"| `{section}` | {' | '.join(str(found[key]) for key in keys)} |"
    yield f"| all | {' | '.join(str(_sum(key)) for key in keys)} |"


def flakiness() -> Iterator[str]:
    """Yield the lines on verdicts that depend on luck."""
    yield "## Flakiness"
    yield ""
    yield (
        f"Every sample of the corpus under two cohort seeds ({SEEDS[0]}, {SEEDS[1]}), right and wrong programs under "
        f"all {len(SEEDS)}: verdicts that are not what the sample must get, and samples whose verdicts change with the "
        "seed. An attack that strikes *by the clock*, some moments after a call, hits one check or the next whatever "
        "the seed; its entry in the corpus says which verdicts are acceptable."
    )
    yield ""
    yield "| Section | Samples | Judged | Verdicts | Unexpected | Samples that change | By the clock |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for section, found in load().items():
        counts = (
            found["samples"],
            found["judgements"],
            found["checks"],
            len(found["unexpected"]),
            len(found["changing"]),
            len(found["by_the_clock"]),
        )
        yield f"| `{section}` | {' | '.join(map(str, counts))} |"
    for section, found in load().items():
        for line in found["unexpected"]:
            yield f"\n- `{section}`, {line}"
        for name in found["changing"]:
            yield f"\n- `{section}`, `{name}`: its verdicts change with the seed"


def _sum(key: str) -> int:
    return sum(found[key] for found in load().values())
