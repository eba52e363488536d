"""Measures how good the grader's judgement is and writes `docs/quality.md`.

    make quality                                  # measure (a quarter of an hour on two cores) and write
    make quality ARGS="--section 1_entropy"       # measure one section anew
    make quality ARGS="--as-measured"             # measure nothing; write what was measured last
    make quality ARGS="--check"                   # change nothing; exit 1 if the file is not what was measured

Each function in `PARTS` gives one part of the document. What takes long is measured by `benchmarks/corpus.py` and kept
as data in `docs/measured/`; the rest is computed as the document is made.
"""

from __future__ import annotations

import argparse
import functools
import json
import sys
import tomllib
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sklearn.metrics import cohen_kappa_score

from autograder import atomic, course
from autograder.build.notebooks import TEXT_STUB
from autograder.course import Item
from autograder.prose.rules import Graded, Rules, load_rules
from autograder.prose.suggestion import Reader, Reading
from autograder.records.decisions import SURE
from autograder.similarity.likeness import MEASURES
from autograder.text import listed
from benchmarks import afterwards, corpus, figures, mutation
from benchmarks.figures import measured

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "quality.md"
BANKS = ROOT / "tests" / "corpus" / "prose"
EXPLANATIONS = {"exercise-3-explanation": "3_mutual_information", "exercise-5-explanation": "5_losses"}
OLDER_PARTS, NEW_PART = ("tuned", "held out", "after", "second"), "afterwards"
FOLDS = 10
POINTS = 2.0
STEP = 0.5


@dataclass(frozen=True)
class Answer:
    """One answer of a bank, with the points of a careful grader and what the readers make of it."""

    id: str
    points: float
    part: str
    why: str
    text: str
    reading: Reading

    @property
    def suggested(self) -> float | None:
        """The points that are suggested, if any are."""
        return None if self.reading.suggestion is None else float(self.reading.suggestion["points"])

    @property
    def confidence(self) -> float:
        """The confidence of the suggestion; 0 without one."""
        return 0.0 if self.reading.suggestion is None else float(self.reading.suggestion["confidence"])


@functools.cache
def bank(item: str) -> list[Answer]:
    """Return an item's graded answers, older ones first, each as a reader sees it that has not learnt from it."""
    rules = rules_of(item)
    table = tomllib.loads((BANKS / f"{item}.toml").read_text(encoding="utf-8"))
    new = [Graded(**{**entry, "points": float(entry["points"])}) for entry in table["answer"]]
    everyone = Reader(rules)
    newer = [(answer, everyone) for answer in new]
    folds = [frozenset(range(fold, len(rules.answers), FOLDS)) for fold in range(FOLDS)]
    without = [Reader(rules, fold) for fold in folds]
    older = [(answer, without[number % FOLDS]) for number, answer in enumerate(rules.answers)]
    return [
        Answer(
            answer.id,
            answer.points,
            answer.part,
            answer.why,
            answer.text,
            asked.suggest(answer.text, handed_out=TEXT_STUB),
        )
        for answer, asked in older + newer
    ]


def rules_of(item: str) -> Rules:
    """Return the rules and the graded answers of an item."""
    path = ROOT / "autograder" / "suites" / EXPLANATIONS[item] / f"{item}.toml"
    return load_rules(path, Item(item, "", "prose", POINTS))


def of_part(answers: Sequence[Answer], part: str) -> list[Answer]:
    """Return the answers of one part of a bank."""
    return [answer for answer in answers if answer.part == part]


def kappa(answers: Sequence[Answer]) -> float:
    """Return the quadratic-weighted kappa (Cohen 1968) of suggestion and grader, where there is a suggestion."""
    pairs = [(answer.points, answer.suggested) for answer in answers if answer.suggested is not None]
    steps = [[round(points / STEP) for points in column] for column in zip(*pairs, strict=True)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return float(cohen_kappa_score(*steps, labels=range(round(POINTS / STEP) + 1), weights="quadratic"))


def explanations() -> str:
    """Return the part on suggestions for explanations in prose."""
    lines = [
        "## Explanations in prose",
        "",
        "Two independent readers read `exercise-3-explanation` and `exercise-5-explanation`: one "
        "by rules, one by comparison with graded answers (the extra `prose`). Points are suggested where they are less "
        "than ¾ apart, and a person decides. All answers were written for this, each with the points of a careful "
        "grader, and not written by students.",
        "",
        "The rules were changed until they fitted the answers *tuned*, and not because of *held out* and *after*, "
        "which were written with the rules in mind or just after them. The answers *second* were written for the "
        "second reader to learn from, and settings of both were chosen by these four parts. The second reader never "
        f"learns from an answer that it is measured on here: it is made {FOLDS} times, each time without a tenth of "
        "them. "
        "The answers *afterwards* were written and graded when both readers were finished, and measured once; nothing "
        "was changed because of them. Expect their figures, with more answers left to people if a "
        "class writes stranger ones. One author wrote and graded all parts, so they are more alike than the "
        "answers of a class.",
        "",
        "First figures on the answers *afterwards*: 19 of 100 left, kappa 0.884 (0.895 and 0.869), 54 of 81 equal, "
        "none more than ½ point apart. One filter came after that, because of a hostile sample: an answer that speaks "
        "to the grader and holds nothing else that the rules know gets no suggestion, the answer `new-plea` among "
        "them.",
        "",
        "Kappa is Cohen's, weighted by the square of the difference, between suggestion and grader, over the answers "
        "with a suggestion. The others are left to people without one.",
        "",
        "| Item | Part | Answers | Left to people | Kappa | Equal | At most ½ point apart |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    banks = {item: bank(item) for item in EXPLANATIONS}
    parts = (*OLDER_PARTS, NEW_PART)
    for item, answers in banks.items():
        lines += [f"| `{item}` | {part} | {_row(of_part(answers, part))} |" for part in parts]
    everything = [answer for answers in banks.values() for answer in answers]
    lines += [f"| both | {part} | {_row(of_part(everything, part))} |" for part in parts]
    lines += [
        "",
        "`autograder review --accept` takes suggestions of more than 0 points from a confidence on, which is 1 where "
        f"both readers agree exactly and {SURE:g} unless told otherwise:",
        "",
        "| Confidence at least | Part | Taken | Equal | Too many points | More than ½ point apart |",
        "|---:|---|---:|---:|---:|---:|",
    ]
    older = [answer for part in OLDER_PARTS for answer in of_part(everything, part)]
    for name, answers in (("older", older), (NEW_PART, of_part(everything, NEW_PART))):
        lines += [f"| {least:g} | {name} | {_taken(answers, least)} |" for least in (0.65, 0.75, SURE, 0.95)]
    for item, answers in banks.items():
        lines += ["", f"### `{item}`", ""]
        lines += ["| Grader \\ suggested | 0 | ½ | 1 | 1½ | 2 | none |", "|---|---:|---:|---:|---:|---:|---:|"]
        for step, name in enumerate(("0", "½", "1", "1½", "2")):
            given = [answer.suggested for answer in answers if answer.points == step * STEP]
            counts = [given.count(other * STEP) for other in range(5)] + [given.count(None)]
            lines.append(f"| {name} | {' | '.join(str(count) if count else '·' for count in counts)} |")
        lines += ["", "Left to people, and why:", ""]
        lines += [
            f"- `{answer.id}`{_part(answer)}: {answer.reading.remarks[-1]}"
            for answer in answers
            if answer.suggested is None
        ]
        lines += ["", "Where the suggestion differs from the grader:", ""]
        lines += [
            f"- `{answer.id}`{_part(answer)}: {answer.suggested:g} suggested, {answer.points:g} given ({answer.why})"
            for answer in answers
            if answer.suggested not in (None, answer.points)
        ]
    return "\n".join(lines)


def _row(answers: Sequence[Answer]) -> str:
    suggested = [answer for answer in answers if answer.suggested is not None]
    left = len(answers) - len(suggested)
    apart = [abs((answer.suggested or 0.0) - answer.points) for answer in suggested]
    return (
        f"{len(answers)} | {left} ({left / len(answers):.0%}) | {kappa(answers):.3f} | "
        f"{apart.count(0.0)} of {len(apart)} | {sum(value <= STEP for value in apart)} of {len(apart)}"
    )


def _taken(answers: Sequence[Answer], least: float) -> str:
    taken = [a.suggested - a.points for a in answers if a.suggested and a.confidence >= least]
    return (
        f"{len(taken)} of {len(answers)} | {taken.count(0.0)} | {sum(value > 0 for value in taken)} | "
        f"{sum(abs(value) > STEP for value in taken)}"
    )


def _part(answer: Answer) -> str:
    return f" ({answer.part})"


def written_afterwards() -> str:
    """Return the part on programs that the suites had not met."""
    return "\n".join([*afterwards.table(), ""])


def alternatives() -> str:
    """Return the part on right programs."""
    return "\n".join([*corpus.alternatives(), ""])


def misconceptions() -> str:
    """Return the part on wrong rules."""
    return "\n".join([*corpus.rejected(), ""])


def flakiness() -> str:
    """Return the part on verdicts that depend on luck."""
    return "\n".join([*corpus.flakiness(), ""])


def keep(name: str, found: Any) -> None:
    """Keep what a long run has found, for `measured`, and write the document anew."""
    figures.keep(name, found)
    atomic.write(DOCUMENT, document().encode())


def fuzzing() -> str:
    """Return the part on bytes thrown at the judge, from what `make fuzz` has counted so far."""
    rows = measured("fuzz") or []
    total = sum(row["inputs"] for row in rows)
    lines = [
        "",
        "## Bytes from a hostile process",
        "",
        f"`make fuzz` has thrown {total:,} inputs at the judge's side of the wire so far, guided by coverage "
        "(atheris). *decode* is the reading of a frame, *reply* the way from the socket to a value or a verdict, "
        "*answer* what suites and the search for misconceptions make of a value. A finding is an exception that is no "
        "verdict, an input of at most 4096 bytes that takes 10 seconds or 32 MB, or a message that can't be shown; "
        "what was found is fixed and has a test. One line for each state of the code that was fuzzed, the newest "
        "last. Memory is the peak of the whole process, with the corpus that it holds.",
        "",
        "| Target | Code | Inputs | Per second | Slowest input | Peak memory | Findings |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row['target']} | `{row['code']}` | {row['inputs']:,} | {row['inputs'] / max(1, row['seconds']):,.0f} | "
        f"{'under 1 s' if row['slowest_seconds'] < 1 else str(row['slowest_seconds']) + ' s'} | {row['peak_mb']} MB | "
        f"{row['findings']} |"
        for row in rows
    ]
    return "\n".join(lines)


def growth() -> str:
    """Return the part on hostile bytes that grow, as `make growth` measured them last."""
    rows = measured("growth") or []
    lines = [
        "",
        "## Hostile bytes that grow",
        "",
        "Where bytes of a submission or of its process are read outside of that process, `make growth` reads ever more "
        "of them, made from seeds in `tests/growth_places.py`, up to the size that the place admits. Processor time "
        "and memory of the dearest seed at that size; *doubling* is the most that twice the input cost, over the last "
        "three doublings of any seed that takes long enough to tell: 2 is linear, 4 quadratic. A finding is a cost "
        "beyond the bound in docs/security.md, or that grows faster than it may.",
        "",
        "| Place | Up to | Seeds | Time | Memory | Doubling | Dearest seed | Findings |",
        "|---|---:|---:|---:|---:|---:|---|---:|",
    ]
    lines += [
        f"| {row['place']} | {row['size']:,} {row['unit']} | {row['seeds']} | {row['seconds']:.2f} s | "
        f"{row['megabytes']} MB | {row['steepest'] or '–'} | "
        f"`{json.dumps(row['worst'])[1:-1].replace('|', chr(92) + '|').replace('`', chr(0x2B9))}` | {row['findings']} |"
        for row in rows
    ]
    return "\n".join(lines)


def crashes() -> str:
    """Return the part on runs that were killed, from what `make soak` has counted so far."""
    rows = measured("soak") or []
    lines = [
        "",
        "## A grader that is killed",
        "",
        "`make soak` kills a class run (`SIGKILL`) at random moments and starts it again. Then store, feedback, CSV "
        "and the formgrader's notebooks must equal, byte for byte, those of an undisturbed run, and the gradebook "
        "row by row; its file can't be equal, because nbgrader gives every row a random id. *Machine* kills all "
        "processes at once, *command* only the command, after which the others must end by themselves. *Worker* "
        "and *judge* are single processes of a run, which must go on and end as if nothing had happened.",
        "",
        "| Killed | While | Kills | Ended unlike an undisturbed run |",
        "|---|---|---:|---:|",
    ]
    lines += [f"| {row['killed']} | {row['while']} | {row['kills']} | {row['unlike']} |" for row in rows]
    return "\n".join(lines)


def hangs() -> str:
    """Return the part on a class in which half hang, as `python -m benchmarks.hanging` measured it last."""
    row = measured("hanging")
    if row is None:
        return ""
    longer = row["seconds_with_hangs"] - row["seconds"]
    lines = [
        "",
        "## A class in which half the submissions hang",
        "",
        f"A class of {row['attempts']} on {row['jobs']} jobs, every attempt right, and the same class with one "
        f"function in {row['hanging']} attempts that sleeps forever and is stopped after {row['limit_seconds']:g} "
        "seconds. It "
        f"may take {row['hanging']} x {row['limit_seconds']:g} s / {row['jobs']} longer. Less is possible because "
        "other attempts are judged while code sleeps, and long sleepers are judged again after them. `make soak` "
        "measures it, and so does "
        "`python -m benchmarks.hanging`.",
        "",
        "| Attempts | Of these hang | Jobs | Without a hang | With | Longer | Allowed |",
        "|---:|---:|---:|---:|---:|---:|---:|",
        f"| {row['attempts']} | {row['hanging']} | {row['jobs']} | {row['seconds']:.1f} s | "
        f"{row['seconds_with_hangs']:.1f} s | {longer:.1f} s | {row['allowed_longer']:.1f} s |",
    ]
    return "\n".join(lines)


def load() -> str:
    """Return the part on records made on a busy machine, as `make load` measured them last."""
    rows = measured("load") or []
    lines = [
        "",
        "## A busy machine",
        "",
        "`make load` judges attempts on a quiet machine, and again beside processes that compute forever: right "
        "notebooks with the habits of real ones, and in the first three sections every sample of the corpus. The "
        "records must be the same, byte for byte. Attacks that strike some moments after a call are left out, since "
        "they never give the same record twice.",
        "",
        "| Section | Attempts | Busy processes | Quiet | Busy | Records that differ |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row['section']} | {row['attempts']} | {row['beside']} | {row['seconds_quiet']:.1f} s | "
        f"{row['seconds_busy']:.1f} s | {row['differ']} |"
        for row in rows
    ]
    return "\n".join(lines)


def likeness() -> str:
    """Return the part on work that is alike, as `make similarity` measured it last."""
    found = measured("similarity")
    if found is None:
        return ""
    ours, others, five = found["ours"], found["others"], found["five"]
    sizes = [column for column in ours["table"]["nobody"] if column.isdigit()]
    lines = [
        "",
        "## Work that is alike",
        "",
        "Whom `autograder similar` points at though nobody copied, and which copies it finds; `make similarity` "
        "measures it, and copydetect on the same texts, with what the course gave out as its boilerplate. It is "
        "measured as it comes, and in the best of many settings, chosen in hindsight: the one that finds most copies "
        "while it points at nobody in the corpus. *Without the common* is that setting, with what many wrote as "
        "boilerplate too. [similar.md](similar.md) says what follows.",
        "",
        "Right programs of the corpus that were written on their own, and classes of section 1 whose programs were "
        "drawn at random from ways in which students write each step. *Most* is the likeness of the most alike pair; "
        f"pairs are shown from {MEASURES['code'].alike:.0%}.",
        "",
        "| Nobody copied | Pairs | Pointed at | Most | copydetect as it comes | Best setting | Without the common |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for column, (pointed, number) in ours["table"]["nobody"].items():
        name = f"{found['draws'][column]} of {column}, drawn" if column in sizes else f"corpus, `{column}`"
        most = f"under {found['least']:.0%}" if ours["most"][column] == 0 else f"{ours['most'][column]:.0%}"
        theirs = [each["table"]["nobody"].get(column) for each in others.values()]
        lines.append(f"| {name} | {number} | {pointed} | {most} | {' | '.join(_of(cell, 1) for cell in theirs)} |")
    best = others["best"]
    lines += [
        "",
        "Copies of them in disguise: of each program of the corpus in a class of five with three others, and in drawn "
        f"classes of 30 and 300. In all of these classes together {ours['others']} other pairs were pointed at, by "
        f"copydetect without those of 300 {_listed(each['others'] for each in others.values())}. Five "
        "copies of one source, each in another disguise, in a class of 30 were one group of six in "
        f"{five['whole']} of {five['draws']} draws.",
        "",
        "| Disguise | Corpus | Class of 30 | Class of 300 | copydetect as it comes, corpus | Class of 30 | "
        "Best setting, corpus | Class of 30 | Without the common, corpus | Class of 30 |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, row in ours["table"].items():
        if name != "nobody":
            theirs = [each["table"][name].get(column) for each in others.values() for column in ("5", "30")]
            lines.append(f"| {name} | {' | '.join(map(_of, [*row.values(), *theirs]))} |")
    lines += [
        "",
        f"The best setting: fingerprints of {best['noise']} characters, none missed from {best['guarantee']} on, shown "
        f"from {best['share']:.0%} and {best['smallest']} characters. Processor time of a class of 100: "
        f"{ours['seconds']:.1f} s, copydetect in these settings "
        f"{_listed(format(each['seconds'], '.1f') for each in others.values())} s.",
        "",
        "Explanations of the banks with at least "
        f"{MEASURES['prose'].least} words, and copies of 40 of them. The ratios of RapidFuzz have no value from which "
        "texts are alike, and get the best one in hindsight: just above the most alike pair.",
        "",
        f"| Item | Measure | From | Pairs | Pointed at | {' | '.join(found['prose'][0]['copies'])} |",
        f"|---|---|---:|---:|---:|{len(found['prose'][0]['copies']) * '---:|'}",
    ]
    for row in found["prose"]:
        name = "`autograder similar`" if row["measure"] == "ours" else row["measure"]
        copies = " | ".join(_of(cell) for cell in row["copies"].values())
        lines.append(f"| `{row['item']}` | {name} | {row['from']:.0%} | {row['pairs']} | {row['pointed']} | {copies} |")
    return "\n".join(lines)


def _listed(values: Iterable[object]) -> str:
    return listed(map(str, values), quote=False)


def _of(cell: Sequence[int] | None, parts: int = 2) -> str:
    """Return how many of how many, or only how many."""
    return "–" if cell is None else " of ".join(map(str, cell[:parts]))


PARTS: tuple[Callable[[], str], ...] = (
    written_afterwards,
    alternatives,
    misconceptions,
    flakiness,
    mutation.section_of_quality,
    explanations,
    fuzzing,
    growth,
    crashes,
    hangs,
    load,
    likeness,
)


def document() -> str:
    """Return the whole document."""
    head = (
        "# How good the grader's judgement is\n\n"
        "Written by `make quality`; nothing in it is typed by hand, and a test makes it again from what was measured "
        "and compares.\n"
    )
    return "\n".join([head, *(part() for part in PARTS)]) + "\n"


def main() -> int:
    """Write the document, or say that it is stale."""
    parser = argparse.ArgumentParser(description="Measure the grader's judgement and write docs/quality.md.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if docs/quality.md is stale")
    parser.add_argument("--as-measured", action="store_true", help="measure nothing; write what was measured last")
    sections = [section.id for section in course.load(ROOT).sections]
    parser.add_argument("--section", action="append", choices=sections, help="measure this one only (can be repeated)")
    parser.add_argument("--jobs", type=int, help="processes that judge; by default all cores")
    options = parser.parse_args()
    if not options.check and not options.as_measured:
        corpus.write(options.section or sections, options.jobs)
    text = document().encode()
    if options.check:
        stale = not DOCUMENT.is_file() or DOCUMENT.read_bytes() != text
        sys.stderr.write("docs/quality.md is stale; run `make quality`\n" if stale else "")
        return int(stale)
    atomic.write(DOCUMENT, text)
    sys.stdout.write(f"{DOCUMENT}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
