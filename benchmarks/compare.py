"""Grades the whole corpus with two checkouts and compares record by record; prints how long each took.

    make compare ARGS="../other"                          # this checkout beside another one
    make compare ARGS="../other --section 1_entropy --rounds 3"
    make compare ARGS="../other --verdicts"          # where words were changed: points, verdicts and names only

Each checkout writes its own corpus and grades it with its own command, in an environment of its own (`make setup` there
first). Records must be the same except for their keys; a sample that strikes by the clock may differ. The exit code is
1 if one does. Checkouts take turns, so a change of the machine's speed meets both; what is compared is the processor
time of all processes, which other work on the machine disturbs least.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FILED_UNDER = ("attempt", "suite", "grader", "format")
TEXTS = ("title", "reason", "message", "believed", "hint", "notes", "remarks", "elsewhere", "evidence", "answer")

# Run by each checkout's Python. Layouts differ: the code of samples was one module up to version 0.2.
WRITER = """
import importlib, importlib.util, json, sys
from pathlib import Path
from autograder import course
package = "autograder.corpus" if importlib.util.find_spec("autograder.corpus") else "autograder"
samples = importlib.import_module(f"{package}.samples")
in_its_own = importlib.util.find_spec(f"{package}.reader")
reader = importlib.import_module(f"{package}.reader") if in_its_own else samples
root, dest, sections = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
by_the_clock = []
for shelf in ("class", "variants", "hostile"):
    for sample in reader.load_samples(course.load(root), root / "tests" / "corpus" / shelf):
        if not sections or sample.section in sections:
            name = f"{shelf}-{sample.section}-{sample.name}"
            samples.write_sample(sample, dest, student=name)
            by_the_clock += [name] if sample.by_the_clock else []
print(json.dumps(by_the_clock))
"""


class Checkout:
    """A checkout with its own environment, and its corpus as submissions."""

    def __init__(self, root: Path, folder: Path, sections: list[str]) -> None:
        self.root = root.resolve()
        self.submitted = folder / "submitted"
        self.submitted.mkdir(parents=True)
        self.seconds: list[float] = []
        written = self._run("-c", WRITER, self.root, self.submitted, *sections)
        self.by_the_clock = set(json.loads(written))

    def _run(self, *arguments: str | Path) -> bytes:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        python = self.root / ".venv" / "bin" / "python"
        done = subprocess.run(
            [python, *arguments],
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        return done.stdout

    def grade(self, seed: int) -> dict[tuple[str, str], dict[str, Any]]:
        """Grade all under `seed`; return each record without what it is filed under, by student and section."""
        with tempfile.TemporaryDirectory() as output:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            said = self._run(
                "-m", "autograder.cli", "grade", "--submitted", self.submitted, "--output", output, "--no-gradebook",
                "--format", "json", "--seed", str(seed),
            )  # fmt: skip
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        attempts = json.loads(said.replace(str(self.root).encode(), b"<checkout>"))["attempts"]
        return {
            (attempt["student"], attempt["section"]): {k: v for k, v in attempt.items() if k not in FILED_UNDER}
            for attempt in attempts
        }


def without_texts(value: Any) -> Any:
    """Return a record, or a part of one, without the sentences that people read."""
    match value:
        case dict():
            return {key: without_texts(each) for key, each in value.items() if key not in TEXTS}
        case list():
            return [without_texts(each) for each in value]
    return value


def differences(ours: Any, theirs: Any, place: str = "record") -> Iterator[tuple[str, Any, Any]]:
    """Yield where two records differ, with both values."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            yield from differences(ours.get(key), theirs.get(key), f"{place}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(one, other, f"{place}[{number}]")
    elif ours != theirs:
        yield place, ours, theirs


def main() -> int:
    """Compare, print, and return 1 if a record differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("other", type=Path, help="the other checkout, with an environment")
    parser.add_argument("--section", action="append", default=[], help="only this section (can be repeated)")
    parser.add_argument("--verdicts", action="store_true", help="leave out the sentences that people read")
    parser.add_argument("--rounds", type=int, default=1, help="how often each checkout grades all")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        here, there = (
            Checkout(root, Path(folder, name), options.section)
            for root, name in ((ROOT, "here"), (options.other, "there"))
        )
        fresh = int(time.time())  # a seed that no store has records of, so that everything is judged
        for seed in range(fresh, fresh + options.rounds):
            found, before = here.grade(seed), there.grade(seed)
    if options.verdicts:
        found, before = ({name: without_texts(r) for name, r in records.items()} for records in (found, before))
    allowed = here.by_the_clock | there.by_the_clock
    names = sorted(found.keys() | before.keys())
    differ = [name for name in names if found.get(name) != before.get(name) and name[0] not in allowed]
    for name in differ:
        sys.stdout.write(f"{' '.join(reversed(name))}\n")
        for place, ours, theirs in differences(found.get(name), before.get(name)):
            sys.stdout.write(f"  {place}\n    here  {ours!s:.400}\n    there {theirs!s:.400}\n")
    seconds = [statistics.median(checkout.seconds) for checkout in (here, there)]
    sys.stdout.write(
        f"{len(names)} records, {len(differ)} differ ({len(allowed)} may, by the clock); processor seconds "
        f"{seconds[0]:.1f} here, {seconds[1]:.1f} there, ratio {seconds[0] / seconds[1]:.3f}\n"
    )
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
