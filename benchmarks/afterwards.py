"""Judges programs that were written when the suites were finished, by authors who had not seen them.

    make afterwards ARGS="--round 1"               # judge the programs of a round for the first time, and keep that
    make afterwards ARGS="--round 1 --mended"      # judge them again
    make quality ARGS=--as-measured                # write docs/quality.md with the tables of all rounds

The figures of every other table come from programs that the suites were tuned on. These come from
`tests/corpus/afterwards/<round>/<section>.toml`, whose programs were written from the stubs and the exercises alone.
The first result is what the suites did with programs that they had never met, and is never measured again. A person
decides whether a name in the feedback fits, in `named`::

    [[program]]
    name = "clips-probabilities"
    kind = "wrong"                                 # or "right"
    function = "InformationMeasures.entropy"       # what it replaces in the reference solution
    about = "Probabilities are clipped at 1e-8 before the logarithm."
    fits = ["a small number in the logarithm"]     # what a diagnosis would have to say, in the author's words
    named = { epsilon-in-the-logarithm = true }    # names that it was given: do they fit?
    code = '''
    def my_entropy(p, base=2): ...
    InformationMeasures.entropy = staticmethod(my_entropy)
    '''
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder import atomic, course
from autograder.grading.workers import Pool
from autograder.remote.link import Link
from autograder.sandbox.walls import WALLS
from benchmarks.contract import Trial, is_lost

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ROOT / "tests" / "corpus" / "afterwards"
RESULTS = ROOT / "docs" / "measured" / "afterwards.json"


def programs(number: str, section: str) -> list[dict[str, Any]]:
    """Return the programs of a round and section, in the order of their file."""
    table = tomllib.loads((PROGRAMS / number / f"{section}.toml").read_text(encoding="utf-8"))
    return list(table["program"])


def judge(the_course: course.Course, section: course.Section, link: Link, number: str) -> dict[str, Any]:
    """Return for each program the points that it lost, and the names that the feedback gives to its faults."""
    trial = Trial(the_course, section, link)
    found = {}
    for program in programs(number, section.id):
        results = trial.results(program["function"], program["code"])
        lost = [result for result in results if is_lost(result)]
        found[program["name"]] = {
            "lost": round(sum(result.check.points for result in lost), 4),
            "of_others": sorted({r.check.function or "" for r in lost} - {program["function"]}),
            "named": sorted({hint.id for result in lost for hint in result.hints}),
        }
        sys.stderr.write(f"{section.id} {program['kind']} {program['name']}: {found[program['name']]}\n")
    return found


def table() -> Iterator[str]:
    """Yield the lines on programs written afterwards."""
    measured = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    yield "## Programs written afterwards"
    yield ""
    yield (
        "Written from the stubs and the exercises alone, by authors who had not seen the suites, when these were "
        "finished. Nothing was changed before a round was judged for the first time, and that result is kept. "
        "Then the suites were tuned on it: *mended* is the result since then. A name *fits* if it agrees with what the "
        "author says about the program; a person decided that. `make afterwards` measures this."
    )
    yield ""
    yield "| Round | Section | Right | Full marks | Wrong | Lose points | Named | Of these, wrongly |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|"
    for number, sections in measured.items():
        rows = [_row(number.split(",")[0], section, found) for section, found in sorted(sections.items())]
        for section, row in zip(sorted(sections), rows, strict=True):
            yield f"| {number} | `{section}` | {' | '.join(map(str, row))} |"
        total = [sum(column) for column in zip(*rows, strict=True)]
        yield f"| {number} | all | {' | '.join(map(str, total))} |"


def _row(number: str, section: str, found: Mapping[str, Any]) -> Sequence[int]:
    known = {program["name"]: program for program in programs(number, section)}
    right = [result for name, result in found.items() if known[name]["kind"] == "right"]
    wrong = {name: result for name, result in found.items() if known[name]["kind"] == "wrong"}
    rejected = {name: result for name, result in wrong.items() if result["lost"]}
    named = {name: result for name, result in rejected.items() if result["named"]}
    fits = {name: known[name].get("named", {}) for name in named}
    amiss = [name for name, result in named.items() if not all(fits[name].get(i) for i in result["named"])]
    return (
        len(right),
        sum(not result["lost"] for result in right),
        len(wrong),
        len(rejected),
        len(named),
        len(amiss),
    )


def main() -> int:
    """Judge the programs of a round and keep what was found."""
    the_course = course.load(ROOT)
    parser = argparse.ArgumentParser(description="Judge the programs that were written afterwards.")
    parser.add_argument("--round", required=True, choices=sorted(path.name for path in PROGRAMS.iterdir()))
    parser.add_argument("--mended", action="store_true", help="judge them again; the first result is kept too")
    known = [section.id for section in the_course.sections]
    parser.add_argument("--section", action="append", choices=known, help="only this one (can be repeated)")
    options = parser.parse_args()
    measured = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    kept = measured.setdefault(options.round + ", mended" * options.mended, {})
    with Pool(WALLS) as pool:
        pool.ensure()
        link = Link(pool.folder)
        for section in the_course.sections:
            if (options.mended or section.id not in kept) and section.id in (options.section or known):
                kept[section.id] = judge(the_course, section, link, options.round)
                atomic.write(RESULTS, (json.dumps(measured, indent=1) + "\n").encode())
        link.close()
    sys.stdout.write("\n".join(table()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
