"""`autograder requests`: a queue of regrade requests, and staff's answers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.commands.common import (
    DONE,
    FOUND,
    INTERRUPTED,
    UsageError,
    add_choice,
    add_gradebook,
    add_results,
    add_submitted,
    command,
    course_with_sections,
    holds_something,
    is_only_sample_graded,
    sample_results,
    say,
    seed,
    show_rows,
)

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.review.requests import Request
    from autograder.review.undoing import Place

_MOST_LINES = 50


def add(commands: Any) -> None:
    """Add the command to the parser."""
    requests = command(
        commands,
        "requests",
        "answer students who ask for another look at their points",
        {
            "autograder requests requests.csv": "queue the requests of a file, then answer one after the other",
            "autograder requests --list": "what waits for an answer",
        },
        {FOUND: "a request of a file could not be taken; each is named with its line"},
    )
    requests.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help="requests to put into the queue: a CSV with columns student, section, item and text, or a text file with "
        "lines `student/section/item: words`",
    )
    add_choice(requests, "section", "student")
    requests.add_argument("--all", action="store_true", help="also those that were answered; a new answer replaces it")
    requests.add_argument("--names", action="store_true", help="show the names of students, which are hidden otherwise")
    requests.add_argument("--list", action="store_true", help="show the queue, without asking")
    requests.add_argument("--format", choices=("table", "json"), default="table", help="for --list (default: table)")
    requests.add_argument("--by", metavar="NAME", help="who answers, for the journal (default: the user here)")
    requests.add_argument("--seed", type=seed, metavar="S", help="the cohort seed that grading used")
    add_submitted(requests)
    add_gradebook(requests)
    add_results(requests)
    requests.set_defaults(command=_requests)


def _requests(options: argparse.Namespace) -> int:
    from autograder import gradebook
    from autograder.gradebook import journal
    from autograder.grading import deliver
    from autograder.review import answering, requests
    from autograder.text import count

    the_course = course_with_sections(options)
    submitted, output, db_url = _places(options, the_course)
    who = options.by or journal.user()
    with gradebook.opened(the_course, output, db_url) as book:
        problems = _take(the_course, book, options.files, who)

        def load() -> list[Request]:
            results = deliver.stored(the_course, submitted, output, db_url, options.seed)
            found = requests.queue(results)
            if without := requests.in_gradebook(book) - len(found):
                say(f"{count(without, 'request')} can't be shown without a record of the work; run `autograder grade`")
            return [
                request
                for request in found
                if (options.all or request.asked.answer is None)
                and (not options.section or request.record.section in options.section)
                and (not options.student or request.student in options.student)
            ]

        def answer(request: Request, text: str, points: Mapping[str, float]) -> None:
            requests.answer(book, the_course, request, text, points, who)
            book.db.commit()

        def undo() -> tuple[str, Collection[Place]]:
            from autograder.review import undoing

            taken_back = undoing.undo(book, who)
            book.db.commit()
            if not taken_back.actions:
                return f"There is nothing of {who} to take back.", ()
            stayed = " Points that changed since stayed." if taken_back.changed_since else ""
            return f"The last answer or decision was taken back.{stayed}", taken_back.places

        waiting = load()
        if options.list:
            show_rows([_listed(request, options) for request in waiting], options.format)
            return FOUND if problems else DONE
        if not waiting:
            say("No request is waiting.")
            return FOUND if problems else DONE
        dialogue = answering.Answering(
            sys.stdin, sys.stdout, the_course, output / "autograded", answer, undo, names=options.names
        )
        try:
            answered = dialogue.ask(waiting, load)
        except KeyboardInterrupt:
            say("\nautograder: stopped; what was answered is kept")
            return INTERRUPTED
    say(f"{count(answered, 'request')} answered by {who}.")
    if answered:
        say("Run `autograder grade` to update feedback, table and CSV; nothing is judged again.")
    return FOUND if problems else DONE


def _take(course: Course, book: Any, files: list[Path], who: str) -> int:
    """Put the requests of `files` into the queue; return how many were refused."""
    from autograder.people import roster
    from autograder.review import requests
    from autograder.text import count

    asked = [(path, requests.read(path)) for path in files]
    refused = 0
    for path, entries in asked:
        taken = requests.take(book, course, roster.load(course.root), path, entries, who)
        book.db.commit()
        for problem in taken.problems[:_MOST_LINES]:
            say(f"autograder: {problem}")
        if (more := len(taken.problems) - _MOST_LINES) > 0:
            say(f"autograder: {path}: and {more} more that can't be taken")
        refused += len(taken.problems)
        known = f", {taken.known} were there already" if taken.known else ""
        left = f", {len(taken.problems)} not taken" if taken.problems else ""
        say(f"{path}: {count(taken.new, 'new request')}{known}{left}")
    return refused


def _places(options: argparse.Namespace, the_course: Course) -> tuple[Path, Path, str | None]:
    """Return the folder of submissions, the one of results, and the gradebook."""
    from autograder import gradebook

    submitted: Path = options.submitted or the_course.root / "submitted"
    output: Path = options.output or the_course.root
    db_url = options.gradebook or gradebook.chosen_url()
    is_named = options.submitted or options.output or holds_something(submitted)
    if not is_named and is_only_sample_graded(the_course, db_url):
        submitted, output = the_course.root / ".autograder" / "sample-class", sample_results(the_course)
        db_url = gradebook.file_url(output)
    if db_url is None and not (output / "gradebook.db").is_file():
        raise UsageError(f"no gradebook in {output}; run `autograder grade` first, or pass --output or --gradebook")
    return submitted, output.resolve(), db_url


def _listed(request: Request, options: argparse.Namespace) -> dict[str, Any]:
    asked = request.asked
    named = {"student": request.student} if options.names else {"id": request.id}
    row = {**named, "section": request.record.section, "item": asked.item or None, "asked": asked.asked or None}
    if options.format == "json":
        return {**row, "text": asked.text, "answer": asked.answer}
    text = " ".join(asked.text.split())
    return {
        **row,
        "answered": "no" if asked.answer is None else "yes",
        "text": text if len(text) <= 60 else f"{text[:59]}…",
    }
