"""`autograder report`: what an instructor learns about the class, from what is stored."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from autograder.commands.common import (
    DONE,
    UsageError,
    add_choice,
    add_gradebook,
    add_results,
    add_submitted,
    command,
    course_with_sections,
    graded_places,
    say,
    seed,
)
from autograder.near import did_you_mean


def add(commands: Any) -> None:
    """Add the command to the parser."""
    report = command(
        commands,
        "report",
        "write a page about the class: points, checks, misconceptions; judge nothing",
        {
            "autograder report": "class-report.html, with the results; nobody is named",
            "autograder report --section 1_entropy --names --output entropy.html": "one section, with names",
            "autograder report --format json | jq .misconceptions": "the same as data",
            "autograder report --section 1_entropy --check fair_coin_has_one_bit": "who lost a check, best first",
        },
    )
    add_choice(report, "section")
    report.add_argument(
        "--format",
        choices=("html", "csv", "json"),
        default="html",
        help="html is a page, written to a file; csv and json have the same and go to stdout (default: html)",
    )
    report.add_argument(
        "--output", type=Path, metavar="FILE", help="where to write (default: class-report.html with the results)"
    )
    report.add_argument("--names", action="store_true", help="name students where that helps; otherwise none is named")
    report.add_argument(
        "--check", metavar="NAME", help="only show, on stdout, who lost this check, the best students first"
    )
    add_submitted(report)
    add_results(report, "--results")
    report.add_argument("--seed", type=seed, metavar="S", help="the cohort seed that grading used")
    add_gradebook(report)
    report.set_defaults(command=_report)


def _report(options: argparse.Namespace) -> int:
    from autograder.class_report.contents import class_report
    from autograder.class_report.one_check import check_text
    from autograder.class_report.tables import csv_report, json_text
    from autograder.grading import deliver
    from autograder.people import roster
    from autograder.report import attention, files

    the_course = course_with_sections(options)
    if options.output is not None and options.output.is_dir():
        raise UsageError(f"{options.output} is a folder; --output names the file to write")
    submitted, output, db_url, is_sample = graded_places(options, the_course, "reporting on")
    gathered = deliver.gather(the_course, submitted, output, options.section, with_history=not is_sample)
    results = deliver.stored_of(the_course, gathered.attempts, output, db_url, options.seed)
    if not results:
        where = f" for {', '.join(options.section)}" if options.section else ""
        raise UsageError(f"nothing has been graded{where} in {submitted}; run `autograder grade` first")
    entries = [*gathered.entries, *attention.of_results(the_course, results, gathered.attempts)]
    if options.section is None:
        entries += deliver.absent(the_course, gathered, output, db_url, with_roster=not is_sample)
    enrolled = () if is_sample else [entry.student for entry in roster.load(the_course.root).students]
    report = class_report(
        the_course,
        results,
        attempts=gathered.attempts,
        entries=attention.in_urgency(entries),
        enrolled=enrolled,
        sections=options.section,
        seed=options.seed,
        names=options.names,
    )
    if options.check:
        if not (text := check_text(the_course, results, report, options.check)):
            raise UsageError(_unknown(options.check, [row.check for row in report.checks]))
        sys.stdout.write(text)
        return DONE
    if options.format == "html":
        from autograder.class_report.page import page

        path = options.output or output / "class-report.html"
        files.write_if_changed(path, page(report))
        say(f"report     {path}")
        return DONE
    text = csv_report(report) if options.format == "csv" else json_text(report)
    if options.output is None:
        sys.stdout.write(text)
    else:
        files.write_if_changed(options.output, text)
        say(f"report     {options.output}")
    return DONE


def _unknown(name: str, known: list[str]) -> str:
    from autograder.text import quoted

    remedy = did_you_mean(name, known, "`autograder report --format csv` lists them")
    return f"no check {quoted(name)} was judged; {remedy}"
