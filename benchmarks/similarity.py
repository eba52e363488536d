"""Measures whom `autograder similar` would point at wrongly, and which copies it finds; adds to `docs/quality.md`.

    make similarity                                # minutes on two cores
    make similarity ARGS="--without-others"        # without copydetect, whose figures stay as they were

Nobody copied: the right programs of the corpus that were written on their own, section by section, and large classes of
programs drawn at random (`tests/drawn_programs.py`). Copies are in the disguises of `tests/disguises.py`. Explanations
are those of the banks of answers. Figures are kept in `docs/measured/similarity.json`.

copydetect and RapidFuzz get the same texts: what students wrote, part by part. What the course gave out is copydetect's
boilerplate. It is measured as it comes, and in the best of many settings, chosen in hindsight. It is not among the
project's dependencies, and has to be installed by hand (`OTHERS`).
"""

from __future__ import annotations

import argparse
import collections
import functools
import importlib
import importlib.util
import io
import itertools
import json
import random
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from autograder import course
from autograder.course import Course, Section
from autograder.similarity import groups, tokens
from autograder.similarity.likeness import FEW, FEW_STUDENTS, MEASURES, Comparison
from autograder.similarity.written import Release
from autograder.submissions.attempts import Attempt, make_attempt
from benchmarks import figures, quality
from tests.disguises import DISGUISES, Disguise
from tests.drawn_programs import drawn

ROOT = Path(__file__).resolve().parents[1]
OTHERS = "pip install --no-deps copydetect==0.5.0 tqdm"
SHELVES = ("class", "variants")
SIZES = (5, 30, 300)
DRAWS = {30: 10, 300: 2}
TIMED = 100
LEAST_MOST = 0.4
"""From where the highest likeness of independent programs is measured."""

NOISE, GUARANTEE, DISPLAY = 25, 30, 0.33
"""copydetect's defaults: characters of a fingerprint, of what is surely found, and the share that is shown."""
SETTINGS = [(25, 1), (NOISE, GUARANTEE - NOISE + 1), (40, 1)]
SMALLEST = (0, 100, 200, 400)
SHARES = [number / 100 for number in range(25, 100, 5)]
METRICS: Mapping[str, Callable[..., float]] = {
    "RapidFuzz `ratio`": fuzz.ratio,
    "RapidFuzz `token_sort_ratio`": fuzz.token_sort_ratio,
    "RapidFuzz `token_set_ratio`": fuzz.token_set_ratio,
}

Program = Mapping[str, str]
"""The code of each file and solution cell of a section, by name."""
Pair = tuple[str, str]
Scores = Mapping[Pair, Sequence[tuple[float, float]]]
"""For each part that two students have in common: its share, and its number of characters."""


@dataclass(frozen=True)
class Trial:
    """A class, and the pairs of a source and its copy in it; `kind` and `column` say where its figures belong."""

    kind: str
    column: str
    section: Section
    written: Mapping[str, Program]
    wanted: frozenset[Pair] = frozenset()

    @property
    def pairs(self) -> int:
        """The number of pairs of students."""
        return len(self.written) * (len(self.written) - 1) // 2


def main() -> int:
    """Measure, and write the document anew."""
    parser = argparse.ArgumentParser(description="Measure whom `autograder similar` finds.")
    parser.add_argument("--without-others", action="store_true", help="leave the figures of copydetect as they were")
    options = parser.parse_args()
    others = (figures.measured("similarity") or {}).get("others")
    if not options.without_others and importlib.util.find_spec("copydetect") is None:
        sys.stderr.write(f"copydetect is missing; {OTHERS}, or pass --without-others\n")
        return 2
    the_course = course.load(ROOT)
    every = list(trials(the_course))
    with ProcessPoolExecutor(2) as pool:
        of_others = None if options.without_others else pool.submit(theirs, the_course, every)
        of_ours = pool.submit(ours, the_course, every)
        found = {"draws": DRAWS, "least": LEAST_MOST, "five": five(the_course), "prose": list(prose())}
        found |= {"ours": of_ours.result(), "others": of_others.result() if of_others else others}
    quality.keep("similarity", found)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 0


def programs(the_course: Course, section: Section) -> dict[str, Program]:
    """Return the right programs of a section that were written on their own, by name, with the reference."""
    found: dict[str, Program] = {}
    exercises = [item.id for item in section.items if item.kind == "notebook"]
    names = (*section.modules, *(f"{item}.py" for item in exercises))
    for shelf in SHELVES:
        for folder in sorted((ROOT / "tests" / "corpus" / shelf / section.id).glob("correct-*")):
            own = {name: (folder / name).read_text(encoding="utf-8") for name in names if (folder / name).is_file()}
            if set(section.modules) <= own.keys():
                found[folder.name] = own
    solutions = ROOT / "solutions" / section.id
    found["reference"] = {name: (solutions / name).read_text(encoding="utf-8") for name in section.modules}
    return found


def attempt(the_course: Course, section: Section, student: str, program: Program) -> Attempt:
    """Return what a student hands in who wrote `program` and nothing else."""
    cells = _cells(the_course.root / "assignments" / section.id / section.notebook)
    own = [cells[name] | {"source": code} for name, code in program.items() if name in cells]
    files = {name: program[name].encode() for name in section.modules if name in program}
    files[section.notebook] = json.dumps({"cells": own, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
    return make_attempt(section, student, Path(student), files)


@functools.cache
def _cells(notebook: Path) -> dict[str, dict[str, Any]]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return {f"{cell['metadata'].get('nbgrader', {}).get('grade_id')}.py": cell for cell in cells}


def find(
    the_course: Course, section: Section, written: Mapping[str, Program], least: float | None = None
) -> groups.Similarity:
    """Return what is found in a class that handed in these programs, by student."""
    attempts = [attempt(the_course, section, student, program) for student, program in written.items()]
    return groups.find(the_course, attempts, least, release=release_of(the_course.root))


@functools.cache
def release_of(root: Path) -> Release:
    """Return what a course gave out, read once."""
    return Release(course.load(root))


def pairs(found: groups.Similarity, least: float = 0.0) -> set[Pair]:
    """Return the pairs of students who are shown to be alike."""
    return {pair.students for group in found.groups for pair in group.pairs if pair.share >= least}


def class_of(size: int, rng: random.Random) -> dict[str, Program]:
    """Return a class of section 1 in which nobody copied."""
    return {
        f"s{number:03}": dict(zip(("entropy.py", "exercise-1.py"), drawn(rng), strict=True)) for number in range(size)
    }


def trials(the_course: Course) -> Iterator[Trial]:
    """Yield classes in which nobody copied, then classes with copies in each disguise."""
    first = the_course.sections[0]
    for section in the_course.sections:
        yield Trial("nobody", section.id, section, programs(the_course, section))
    for size, draws in DRAWS.items():
        for seed in range(draws):
            yield Trial("nobody", str(size), first, class_of(size, random.Random(seed)))  # noqa: S311
    rng = random.Random(1)  # noqa: S311
    for name, disguise in DISGUISES.items():
        for section in the_course.sections:
            yield from (with_copies(name, section, *each, disguise, rng) for each in small(the_course, section, rng))
        for size, copies, classes in ((SIZES[1], 3, 6), (SIZES[2], 30, 1)):
            for _ in range(classes):
                written = class_of(size - copies, rng)
                yield with_copies(name, first, written, rng.sample(list(written), copies), disguise, rng)


def small(the_course: Course, section: Section, rng: random.Random) -> Iterator[tuple[dict[str, Program], list[str]]]:
    """Yield classes of four in which each independent program of the corpus is once the one to be copied."""
    written = programs(the_course, section)
    for original in written:
        others = rng.sample([name for name in written if name != original], 3)
        yield {name: written[name] for name in (original, *others)}, [original]


def with_copies(
    kind: str,
    section: Section,
    written: Mapping[str, Program],
    originals: Sequence[str],
    disguise: Disguise,
    rng: random.Random,
) -> Trial:
    """Return a class with a copy of each of the `originals` more."""
    copied = {f"{original} copied": disguised(written[original], disguise, rng) for original in originals}
    wanted = frozenset((original, f"{original} copied") for original in originals)
    return Trial(kind, str(len(written) + len(copied)), section, {**written, **copied}, wanted)


def disguised(program: Program, disguise: Disguise, rng: random.Random) -> Program:
    """Return a copy of all that a student wrote."""
    return {name: disguise(source, rng) for name, source in program.items()}


def counted(found: Iterable[tuple[Trial, set[Pair]]]) -> dict[str, Any]:
    """Return how many copies were found, and pairs in which nobody copied, each with how many there are."""
    table: dict[str, dict[str, list[int]]] = {}
    others = 0
    for trial, of_class in found:
        cell = table.setdefault(trial.kind, {}).setdefault(trial.column, [0, 0])
        cell[0] += len(of_class & trial.wanted) if trial.wanted else len(of_class)
        cell[1] += len(trial.wanted) or trial.pairs
        others += len(of_class - trial.wanted) if trial.wanted else 0
    return {"table": table, "others": others}


def ours(the_course: Course, every: Iterable[Trial]) -> dict[str, Any]:
    """Return what `autograder similar` finds, the highest likeness of independent programs, and its time."""
    found, most = [], dict[str, float]()
    for trial in every:
        of_class = find(the_course, trial.section, trial.written, LEAST_MOST if trial.kind == "nobody" else None)
        if trial.kind == "nobody":
            shares = [pair.share for group in of_class.groups for pair in group.pairs]
            most[trial.column] = round(max([most.get(trial.column, 0.0), *shares]), 2)
        found.append((trial, pairs(of_class, MEASURES["code"].alike)))
    timed = class_of(TIMED, random.Random(0))  # noqa: S311
    start = time.process_time()
    find(the_course, the_course.sections[0], timed)
    return {**counted(found), "most": most, "seconds": round(time.process_time() - start, 1)}


def theirs(the_course: Course, every: Sequence[Trial]) -> dict[str, Any]:
    """Return what copydetect finds as it comes, and in the setting that finds most and points at nobody in the corpus.

    It compares each pair by itself, so classes of 300 are left out, and its time is that of a class of 100.
    """
    rows = {}
    sections = [section.id for section in the_course.sections]
    of_corpus = [trial for trial in every if trial.column in (*sections, str(SIZES[0]))]
    scores = {setting: [scored(the_course, trial, *setting) for trial in of_corpus] for setting in SETTINGS}
    for setting, smallest, share in itertools.product(SETTINGS, SMALLEST, SHARES):
        found = [above(of_class, smallest, share) for of_class in scores[setting]]
        rows[setting, smallest, share] = counted(zip(of_corpus, found, strict=True))["table"]
    silent = [each for each in rows if not any(rows[each]["nobody"][section][0] for section in sections)]
    best = max(silent, key=lambda each: sum(rows[each][name][str(SIZES[0])][0] for name in DISGUISES))
    measured = [*of_corpus, *(trial for trial in every if trial.column == str(SIZES[1]))]
    return {
        "as it comes": of_setting(the_course, measured, (NOISE, GUARANTEE - NOISE + 1), 0, DISPLAY),
        "best": of_setting(the_course, measured, *best),
        "best without the common": of_setting(the_course, measured, *best, without_common=True),
    }


def of_setting(
    the_course: Course,
    every: Sequence[Trial],
    setting: tuple[int, int],
    smallest: float,
    share: float,
    *,
    without_common: bool = False,
) -> dict[str, Any]:
    """Return what copydetect finds in one setting, and its time; see `scored` for `without_common`."""
    found = [above(scored(the_course, trial, *setting, without_common), smallest, share) for trial in every]
    timed = Trial("nobody", "", every[0].section, class_of(TIMED, random.Random(0)))  # noqa: S311
    start = time.process_time()
    scored(the_course, timed, *setting, without_common)
    return {
        "noise": setting[0],
        "guarantee": setting[0] + setting[1] - 1,
        "smallest": smallest,
        "share": share,
        "seconds": round(time.process_time() - start, 1),
        **counted(zip(every, found, strict=True)),
    }


def scored(the_course: Course, trial: Trial, noise: int, window: int, without_common: bool = False) -> Scores:
    """Return what copydetect makes of a class; what many wrote is boilerplate too, if it is to be `without_common`."""
    release = release_of(the_course.root)
    parts: dict[str, dict[str, str]] = {}
    for student, program in trial.written.items():
        for part in release.written(attempt(the_course, trial.section, student, program)):
            parts.setdefault(part.name, {})[student] = "\n".join(piece.text for piece in part.pieces)
    of_class: dict[Pair, list[tuple[float, float]]] = {}
    compare = importlib.import_module("copydetect.detector").compare_files
    for texts in parts.values():
        base = _base(release, noise)
        if without_common:
            every = collections.Counter(
                value for text in texts.values() for value in fingerprint(text, noise, 1, base).hashes
            )
            most = max(FEW_STUDENTS, FEW * len(texts))
            base = tuple(sorted({*base, *(value for value, number in every.items() if number > most)}))
        prints = {student: fingerprint(text, noise, window, base) for student, text in texts.items()}
        for pair in itertools.combinations(sorted(prints), 2):
            overlap, shares, _ = compare(*(prints[student] for student in pair))
            if max(shares) >= min(SHARES):
                of_class.setdefault(pair, []).append((float(max(shares)), float(overlap)))
    return of_class


@functools.cache
def _base(release: Release, noise: int) -> tuple[int, ...]:
    return tuple(sorted({value for text in release.code for value in fingerprint(text, noise, 1).hashes}))


@functools.cache
def fingerprint(text: str, noise: int, window: int, base: tuple[int, ...] = ()) -> Any:
    """Return copydetect's fingerprint of a text."""
    detect = importlib.import_module("copydetect")
    return detect.CodeFingerprint("a.py", noise, window, list(base), language="python", fp=io.StringIO(text))


def above(scores: Scores, smallest: float, share: float) -> set[Pair]:
    """Return the pairs that are shown in a setting."""
    return {pair for pair, parts in scores.items() if any(s >= share and size >= smallest for s, size in parts)}


def five(the_course: Course, draws: int = 20) -> dict[str, int]:
    """Return how often five copies of one source, each in another disguise, are one group of six in a class of 30."""
    rng = random.Random(2)  # noqa: S311
    whole = 0
    for _ in range(draws):
        written = class_of(25, rng)
        source = rng.choice(list(written))
        chosen = rng.sample(list(DISGUISES.values()), 5)
        copied = {
            f"{source} {number}": disguised(written[source], disguise, rng) for number, disguise in enumerate(chosen)
        }
        found = find(the_course, the_course.sections[0], {**written, **copied})
        whole += [set(group.students) for group in found.groups] == [{source, *copied}]
    return {"draws": draws, "whole": whole}


def prose() -> Iterator[dict[str, Any]]:
    """Yield figures on the explanations of each bank, for our measure and for others.

    The others have no value from which texts are alike. They get the best one in hindsight: just above the likeness of
    the most alike explanations that were written on their own.
    """
    for item in quality.EXPLANATIONS:
        bank = answers(item)
        measures: dict[str, Callable[[Mapping[str, str]], Mapping[Pair, float]]] = {
            "ours": alike_explanations,
            **{name: functools.partial(ratios, metric) for name, metric in METRICS.items()},
        }
        for name, measure in measures.items():
            independent = measure(bank).values()
            least = MEASURES["prose"].alike if name == "ours" else max(independent) + 1e-9
            row: dict[str, Any] = {
                "item": item,
                "measure": name,
                "from": round(least, 2),
                "pairs": len(bank) * (len(bank) - 1) // 2,
                "pointed": sum(share >= least for share in independent),
                "copies": {},
            }
            for change in CHANGES:
                texts, wanted = copied_answers(bank, change)
                found = measure(texts)
                row["copies"][change] = [sum(found.get(pair, 0.0) >= least for pair in wanted), len(wanted)]
            yield row


def answers(item: str) -> dict[str, str]:
    """Return the answers of a bank that are long enough to be compared, by their names."""
    texts = {answer.id: answer.text for answer in quality.bank(item)}
    return {name: text for name, text in texts.items() if len(tokens.prose(text)) >= MEASURES["prose"].least}


def copied_answers(bank: Mapping[str, str], change: str, number: int = 40) -> tuple[dict[str, str], list[Pair]]:
    """Return the bank with `number` changed copies more, and the pairs of an answer and its copy."""
    rng = random.Random(3)  # noqa: S311
    chosen = rng.sample(list(bank), number)
    copied = {f"{name} copied": CHANGES[change](bank[name], rng) for name in chosen}
    if change == MORE:
        copied = {name: f"{text} {bank[rng.choice(list(bank))]}" for name, text in copied.items()}
    return {**bank, **copied}, [(name, f"{name} copied") for name in chosen]


def alike_explanations(texts: Mapping[str, str]) -> Mapping[Pair, float]:
    """Return the likeness of explanations as `autograder similar` finds it."""
    given = release_of(ROOT).given["prose"]
    found = Comparison({name: [tokens.prose(text)] for name, text in texts.items()}, given).alike(0.1)
    return {pair.students: pair.share for pair in found}


def ratios(metric: Callable[..., float], texts: Mapping[str, str]) -> Mapping[Pair, float]:
    """Return a ratio of RapidFuzz, from 0 to 1, of the words of each pair."""
    names = sorted(texts)
    words = [" ".join(token.text for token in tokens.prose(texts[name])) for name in names]
    table = process.cdist(words, words, scorer=metric)
    return {
        (names[one], names[other]): float(table[one, other]) / 100
        for one, other in itertools.combinations(range(len(names)), 2)
    }


def shuffled(text: str, rng: random.Random) -> str:
    """Return the sentences in another order."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    rng.shuffle(sentences)
    return " ".join(sentences)


def exchanged(text: str, rng: random.Random, share: float) -> str:
    """Return the text with that share of its words exchanged for others."""
    return " ".join(f"other{rng.randrange(9)}word" if rng.random() < share else word for word in text.split(" "))


MORE = "another answer behind it"
CHANGES: Mapping[str, Callable[[str, random.Random], str]] = {
    "as it was": lambda text, rng: text,
    MORE: lambda text, rng: text,
    "sentences in another order": shuffled,
    "every tenth word": lambda text, rng: exchanged(text, rng, 0.1),
    "every fifth word": lambda text, rng: exchanged(text, rng, 0.2),
}

if __name__ == "__main__":
    sys.exit(main())
