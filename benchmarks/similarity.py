"""Measures whom `autograder similar` would point at wrongly, and which copies it finds; adds to `docs/quality.md`.

    make similarity

Nobody copied: the right programs of the corpus that were written on their own, section by section, and large classes of
programs drawn at random (`tests/drawn_programs.py`). Copies are in the disguises of `tests/disguises.py`. Explanations
are those of the banks of answers. Figures are kept in `docs/measured/similarity.json`.
"""

from __future__ import annotations

import functools
import json
import random
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder import course
from autograder.course import Course, Section
from autograder.similarity import groups, tokens
from autograder.similarity.likeness import Comparison
from autograder.similarity.written import Release
from autograder.submissions.attempts import Attempt, make_attempt
from benchmarks import quality
from tests.disguises import DISGUISES, Disguise
from tests.drawn_programs import drawn

ROOT = Path(__file__).resolve().parents[1]
SHELVES = ("class", "variants")
SIZES = (5, 30, 300)
Program = Mapping[str, str]
"""The code of each file and solution cell of a section, by name."""


def main() -> int:
    the_course = course.load(ROOT)
    found = {
        "independent": [independent(the_course, section) for section in the_course.sections],
        "large": [large(the_course, size) for size in SIZES[1:]],
        "copies": [copies(the_course, name, disguise) for name, disguise in DISGUISES.items()],
        "five": five(the_course),
        "prose": list(prose()),
    }
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
    path = ROOT / "assignments" / section.id / section.notebook
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = {f"{cell['metadata'].get('nbgrader', {}).get('grade_id')}.py": cell for cell in notebook["cells"]}
    notebook["cells"] = [cells[name] | {"source": code} for name, code in program.items() if name in cells]
    files = {name: program[name].encode() for name in section.modules if name in program}
    files[section.notebook] = json.dumps(notebook).encode()
    return make_attempt(section, student, Path(student), files)


def alike(the_course: Course, section: Section, written: Mapping[str, Program]) -> list[groups.Group]:
    """Return the groups that are found in a class that handed in these programs, by student."""
    attempts = [attempt(the_course, section, student, program) for student, program in written.items()]
    return list(find(the_course, attempts).groups)


def find(the_course: Course, attempts: Iterable[Attempt], least: float | None = None) -> groups.Similarity:
    return groups.find(the_course, attempts, least, release=release_of(the_course.root))


@functools.cache
def release_of(root: Path) -> Release:
    return Release(course.load(root))


def pairs(found: Iterable[groups.Group]) -> set[tuple[str, str]]:
    """Return the pairs of students whom `groups` show to be alike."""
    return {pair.students for group in found for pair in group.pairs}


def independent(the_course: Course, section: Section) -> dict[str, Any]:
    """Return how many pairs of independent programs are said to be alike, and how alike the most alike ones are."""
    written = programs(the_course, section)
    attempts = [attempt(the_course, section, name, program) for name, program in written.items()]
    found = find(the_course, attempts, least=0.1)
    shares = [pair.share for group in found.groups for pair in group.pairs]
    number = len(written)
    accused = pairs(find(the_course, attempts).groups)
    return {
        "section": section.id,
        "programs": number,
        "pairs": number * (number - 1) // 2,
        "accused": len(accused),
        "most": round(max(shares, default=0.0), 2),
    }


def class_of(size: int, rng: random.Random) -> dict[str, Program]:
    """Return a class of section 1 in which nobody copied."""
    return {
        f"s{number:03}": dict(zip(("entropy.py", "exercise-1.py"), drawn(rng), strict=True)) for number in range(size)
    }


def large(the_course: Course, size: int, draws: int = 3) -> dict[str, Any]:
    """Return the same for classes of section 1 whose programs were drawn, and how long one takes."""
    section = the_course.sections[0]
    accused, most, start = 0, 0.0, time.process_time()
    for seed in range(draws):
        written = class_of(size, random.Random(seed))  # noqa: S311
        attempts = [attempt(the_course, section, name, program) for name, program in written.items()]
        found = find(the_course, attempts, least=0.5)
        shares = {pair.students: pair.share for group in found.groups for pair in reversed(group.pairs)}
        accused += len(pairs(find(the_course, attempts).groups))
        most = max([most, *shares.values()])
    return {
        "size": size,
        "draws": draws,
        "pairs": draws * size * (size - 1) // 2,
        "accused": accused,
        "most": round(most, 2),
        "seconds": round((time.process_time() - start) / draws / 2, 1),
    }


def copies(the_course: Course, name: str, disguise: Disguise) -> dict[str, Any]:
    """Return how many copies in a disguise are found, in classes of each size."""
    row: dict[str, Any] = {"disguise": name}
    rng = random.Random(1)  # noqa: S311
    for size in SIZES:
        trials = list(small(the_course, rng) if size == SIZES[0] else drawn_classes(the_course, size, rng))
        hits = wrong = all_copies = 0
        for section, written, originals in trials:
            copied = {f"{original} copied": disguised(written[original], disguise, rng) for original in originals}
            found = pairs(alike(the_course, section, {**written, **copied}))
            wanted = {(original, f"{original} copied") for original in originals}
            hits += len(found & wanted)
            wrong += len(found - wanted)
            all_copies += len(wanted)
        row[str(size)] = {"copies": all_copies, "found": hits, "others": wrong}
    return row


def small(the_course: Course, rng: random.Random) -> Iterator[tuple[Section, dict[str, Program], list[str]]]:
    """Yield classes of four in which each independent program of the corpus is once the one to be copied."""
    for section in the_course.sections:
        written = programs(the_course, section)
        for original in written:
            others = rng.sample([name for name in written if name != original], 3)
            yield section, {name: written[name] for name in (original, *others)}, [original]


def drawn_classes(
    the_course: Course, size: int, rng: random.Random
) -> Iterator[tuple[Section, dict[str, Program], list[str]]]:
    """Yield classes of drawn programs of which some are to be copied."""
    copied, classes = (3, 12) if size < 100 else (30, 1)
    for _ in range(classes):
        written = class_of(size - copied, rng)
        yield the_course.sections[0], written, rng.sample(list(written), copied)


def disguised(program: Program, disguise: Disguise, rng: random.Random) -> Program:
    return {name: disguise(source, rng) for name, source in program.items()}


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
        found = alike(the_course, the_course.sections[0], {**written, **copied})
        whole += [set(group.students) for group in found] == [{source, *copied}]
    return {"draws": draws, "whole": whole}


def prose() -> Iterator[dict[str, Any]]:
    """Yield figures on the explanations of each bank: pairs said to be alike, and copies that are found."""
    given = release_of(ROOT).given["prose"]
    for item in quality.EXPLANATIONS:
        bank = {answer.id: answer.text for answer in quality.bank(item) if len(tokens.prose(answer.text)) >= 20}
        rng = random.Random(3)  # noqa: S311
        number = len(bank)
        accused = Comparison({name: [tokens.prose(text)] for name, text in bank.items()}, given).alike()
        row: dict[str, Any] = {
            "item": item, "answers": number, "pairs": number * (number - 1) // 2, "accused": len(accused),
            "pointed": [list(pair.students) for pair in accused],
        }  # fmt: skip
        for name, change in CHANGES.items():
            chosen = rng.sample(list(bank), 40)
            texts = {**bank, **{f"{answer} copied": change(bank[answer], rng) for answer in chosen}}
            found = Comparison({key: [tokens.prose(text)] for key, text in texts.items()}, given).alike()
            hits = {pair.students for pair in found} & {(answer, f"{answer} copied") for answer in chosen}
            row[name] = f"{len(hits)} of {len(chosen)}"
        yield row


def shuffled(text: str, rng: random.Random) -> str:
    """Return the sentences in another order."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    rng.shuffle(sentences)
    return " ".join(sentences)


def exchanged(text: str, rng: random.Random, share: float) -> str:
    """Return the text with that share of its words exchanged for others."""
    return " ".join(f"other{rng.randrange(9)}word" if rng.random() < share else word for word in text.split(" "))


CHANGES: Mapping[str, Callable[[str, random.Random], str]] = {
    "as it was": lambda text, rng: text,
    "sentences in another order": shuffled,
    "every tenth word": lambda text, rng: exchanged(text, rng, 0.1),
    "every fifth word": lambda text, rng: exchanged(text, rng, 0.2),
}

if __name__ == "__main__":
    sys.exit(main())
