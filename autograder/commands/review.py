"""`autograder review`: a person decides on explanations in prose."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograder.commands.common import (
    DONE,
    FOUND,
    INTERRUPTED,
    UsageError,
    add_choice,
    add_gradebook,
    add_results,
    command,
    course_of,
    is_only_sample_graded,
    sample_results,
    say,
    show_rows,
)
from autograder.near import did_you_mean
from autograder.records import decisions

if TYPE_CHECKING:
    from autograder.review import explanations


def add(commands: Any) -> None:
    """Add the command to the parser."""
    review = command(
        commands,
        "review",
        "decide on explanations in prose that wait for a person",
        {
            "autograder review": "one after the other, each with its suggestion and evidence",
            "autograder review --section 3_mutual_information --list": "what waits in one section, without asking",
            "autograder review --accept --confidence 0.9": "accept the suggestions that are sure enough",
        },
        {FOUND: "an explanation can't be shown; it is named"},
    )
    add_choice(review, "section", "student")
    review.add_argument(
        "--all", action="store_true", help="also those that were decided; a new decision replaces the old"
    )
    what = review.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="show what waits, without asking")
    what.add_argument(
        "--accept",
        action="store_true",
        help="accept suggestions of more than 0 points that are sure enough, without asking; the rest still waits",
    )
    what.add_argument(
        "--journal", action="store_true", help="show every decision so far: who, when, and the value before"
    )
    review.add_argument(
        "--format", choices=("table", "json"), default="table", help="for --list and --journal (default: table)"
    )
    review.add_argument(
        "--confidence",
        type=float,
        default=decisions.SURE,
        metavar="C",
        help=f"for --accept: the least confidence, from 0 to 1 (default: {decisions.SURE:g}; it is 1 where the judge's "
        "two readers agree exactly)",
    )
    review.add_argument("--by", metavar="NAME", help="who decides, for the journal (default: the user of this machine)")
    add_gradebook(review)
    add_results(review)
    review.set_defaults(command=_review)


def _review(options: argparse.Namespace) -> int:
    from autograder import gradebook
    from autograder.gradebook import journal
    from autograder.review import dialogue, explanations
    from autograder.text import count, quoted

    the_course = course_of(options)
    for section_id in options.section or ():
        the_course.section(section_id)
    db_url = options.gradebook or gradebook.chosen_url()
    is_sample = is_only_sample_graded(the_course, db_url)
    output = options.output or (sample_results(the_course) if is_sample else the_course.root)
    if db_url is None and not (output / "gradebook.db").is_file():
        raise UsageError(f"no gradebook in {output}; run `autograder grade` first, or pass --output or --gradebook")
    with gradebook.opened(the_course, output, db_url) as book:
        if options.journal:
            show_rows(journal.entries(book.db), options.format)
            return DONE
        if options.student:
            known = {student.id for student in book.students}
            for student in options.student:
                if student not in known:
                    remedy = did_you_mean(student, known, "the table of `autograder grade` shows who is there")
                    raise UsageError(f"no student {quoted(student)} in the gradebook; {remedy}")
        found, problems = explanations.explanations(
            book, the_course, output / "autograded", options.section, options.student
        )
        for problem in problems:
            say(f"autograder: {problem}")
        chosen = [entry for entry in found if entry.waits or options.all]
        if options.list:
            show_rows([_listed(entry, options.format) for entry in chosen], options.format)
            return FOUND if problems else DONE
        who = options.by or journal.user()

        def decide(entry: explanations.Explanation, points: float, comment: str | None) -> None:
            explanations.decide(book, entry, points, comment, who)

        try:
            if options.accept:
                decided = dialogue.accept(chosen, options.confidence, decide)
                say(_accepted(chosen, options.confidence))
            else:
                decided = dialogue.Dialogue(sys.stdin, sys.stdout, decide).ask(chosen)
        except KeyboardInterrupt:
            say("\nautograder: stopped; what was decided is kept")
            return INTERRUPTED
        left = sum(entry.waits for entry in chosen) - decided
    say(f"{count(decided, 'explanation')} decided by {who}, {max(0, left)} left" if chosen else "Nothing is waiting.")
    if decided:
        say("Run `autograder grade` to update feedback, table and CSV; nothing is judged again.")
    return FOUND if problems else DONE


def _accepted(chosen: Sequence[explanations.Explanation], confidence: float) -> str:
    """Return what --accept took and left, and why."""
    without = sum(entry.suggested is None for entry in chosen)
    zero = sum(entry.suggested == 0 for entry in chosen)
    taken = sum(entry.suggested_with(confidence) is not None for entry in chosen)
    left = {"without a suggestion": without, "of 0 points": zero, "less sure": len(chosen) - without - zero - taken}
    why = ", ".join(f"{number} {reason}" for reason, number in left.items() if number)
    return (
        f"{taken} taken with a confidence of at least {confidence:g}, {len(chosen) - taken} left"
        f"{f' ({why})' if why else ''}"
    )


def _listed(entry: explanations.Explanation, form: str) -> dict[str, Any]:
    if form == "json":
        prose = entry.prose.to_json()
        return {
            **{name: getattr(entry, name) for name in ("student", "section", "item", "title", "max", "text")},
            **{name: prose[name] for name in ("elsewhere", "suggestion", "evidence", "remarks", "answer")},
            "decision": entry.decision and dataclasses.asdict(entry.decision),
            "waits": entry.waits,
        }
    text = " ".join(entry.text.split())
    return {
        "student": entry.student,
        "item": entry.item,
        "suggested": "-" if entry.suggested is None else f"{entry.suggested:g} of {entry.max:g}",
        "decided": "-" if entry.decision is None else f"{entry.decision.points:g}{' (another text)' * entry.waits}",
        "text": text if len(text) <= 60 else f"{text[:59]}…",
    }
