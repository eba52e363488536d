"""Compares the limits of processor time with what the reference solution uses; `make bench` prints the table.

A reference is measured as it is, and with its exercise's cell calling every slow function as often as the exercise
trains. A limit should be at least `LEAST` times what is used, so that no sensible solution hits it on any machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from autograder.corpus.reader import CORPUS, load_samples
from autograder.course import Course, Section
from autograder.judge.suite import Suite
from autograder.judge.trial import judge
from autograder.remote.link import Link
from autograder.submissions.attempts import make_attempt

LEAST = 20
# What students add to the cell of an exercise whose function is slow: the three trainings that its text speaks of.
CALLS = {
    "4_vae": """
digits = torch.tensor(__import__("sklearn.datasets").datasets.load_digits().data / 16, dtype=torch.float32)
for beta in (0.5, 1, 2):
    print(beta, latent_report(train_beta_vae(digits, beta, 0, 20), digits))
"""
}


class Use(NamedTuple):
    """One limit: the seconds that it allows, and the most that the reference used of it."""

    section: str
    name: str
    allowed: float
    used: float

    @property
    def ratio(self) -> float:
        """How many times the limit is what was used."""
        return self.allowed / self.used


def uses(course: Course, section: Section, link: Link, runs: int = 3) -> Iterator[Use]:
    """Yield the use of each limit of a section; the least of several `runs`, since other work only adds to it."""
    suite = Suite(course, section)
    reference = next(
        sample
        for sample in load_samples(course, course.root / CORPUS)
        if (sample.section, sample.name) == (section.id, "reference")
    )
    found: dict[str, list[float]] = {}
    for files in (reference.files, _with_calls(section, reference.files)):
        attempt = make_attempt(section, "x", Path(), files)
        used = [judge(suite, attempt, link, course.seed).most for _ in range(runs)]
        for name in used[0]:
            found.setdefault(name, []).append(min(run.get(name, 0.0) for run in used))
    for name, least in sorted(found.items()):
        allowed = section.limits.slow_calls.get(name) or getattr(section.limits, name, None)
        if allowed is not None:
            yield Use(section.id, name, allowed, max(least))


def _with_calls(section: Section, files: dict[str, bytes] | object) -> dict[str, bytes]:
    changed = dict(files)  # type: ignore[call-overload]
    notebook = json.loads(changed[section.notebook])
    exercise = next(item.id for item in section.items if item.kind == "notebook")
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == exercise:
            cell["source"] = "".join(cell["source"]) + CALLS.get(section.id, "")
    changed[section.notebook] = json.dumps(notebook).encode()
    return changed


def table(found: list[Use]) -> str:
    """Return the uses as text, a line for each."""
    head = f"{'section':<24}{'limit':<22}{'allowed':>10}{'used':>10}{'ratio':>8}\n"
    return head + "".join(
        f"{use.section:<24}{use.name:<22}{use.allowed:>8g} s{1000 * use.used:>7.0f} ms{use.ratio:>8.0f}\n"
        for use in found
    )
