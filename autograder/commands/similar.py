"""`autograder similar`: show work of different students that is alike, for a person to look at."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autograder.commands.common import (
    DONE,
    UsageError,
    add_choice,
    add_gradebook,
    add_results,
    add_submitted,
    command,
    course_with_sections,
    say,
    show_rows,
    whole_number,
)
from autograder.near import did_you_mean

if TYPE_CHECKING:
    from autograder.similarity.groups import Alike, Group

_COLUMNS = ("group", "section", "part", "student", "other", "likeness", "tokens", "identical")


def add(commands: Any) -> None:
    """Add the command to the parser."""
    similar = command(
        commands,
        "similar",
        "show work of different students that is alike: a prompt to look, never a verdict",
        {
            "autograder similar": "compare the whole class, and write similar.html",
            "autograder similar --section 1_entropy --hide-names": "one section, without names",
            "autograder similar --student ada --least 0.5": "whose work is like ada's, also less alike",
            "autograder similar --format csv > similar.csv": "every pair, for a spreadsheet",
        },
    )
    add_submitted(similar)
    add_choice(similar, "section", "student")
    similar.add_argument(
        "--least",
        type=_share,
        metavar="SHARE",
        help="the least likeness that is shown, from 0.1 to 1 (default: 0.7 for code, 0.6 for explanations)",
    )
    similar.add_argument(
        "--most",
        type=_positive,
        default=40,
        metavar="N",
        help="lines of the table, and pairs that the page shows side by side (default: 40)",
    )
    similar.add_argument("--hide-names", action="store_true", help="`student 1`, `student 2`, … instead of names")
    similar.add_argument(
        "--format", choices=("table", "csv", "json"), default="table", help="what stdout gets (default: table)"
    )
    add_gradebook(similar)
    add_results(similar)
    similar.set_defaults(command=_similar)


def _similar(options: argparse.Namespace) -> int:
    from autograder.commands.grade import places
    from autograder.grading import deliver
    from autograder.people import roster
    from autograder.report.files import write_if_changed
    from autograder.similarity import groups, page
    from autograder.text import quoted

    the_course = course_with_sections(options)
    submitted, output, is_sample = places(options, the_course, "comparing")
    attempts = deliver.counting(the_course, submitted, output, options.gradebook, with_history=not is_sample)
    if options.section:
        attempts = [attempt for attempt in attempts if attempt.section in options.section]
    if not attempts:
        raise UsageError(f"no submissions to compare in {submitted}; put them there as <student>/<section>/")
    names = roster.load(the_course.root)
    chosen = options.student and {names.student_of(roster.normal(student)) for student in options.student}
    handed_in = {attempt.student for attempt in attempts}
    for student in sorted((chosen or set()) - handed_in):
        remedy = did_you_mean(student, handed_in, f"the folders in {submitted} show who did")
        raise UsageError(f"{quoted(student)} has handed in nothing to compare; {remedy}")
    found = groups.find(the_course, attempts, options.least, chosen)
    shown = _names(found.groups, options.hide_names)
    rows = [_row(number, group, pair, shown) for number, group in enumerate(found.groups, 1) for pair in group.pairs]
    place = output / "similar.html"
    output.mkdir(parents=True, exist_ok=True)
    write_if_changed(place, page.page(the_course, found, shown, options.most, are_hidden=options.hide_names))
    _show(rows, found.groups, shown, options)
    for note in found.notes if not options.hide_names else ():
        say(f"autograder: {note}")
    say(groups.summary(found))
    say(f"side by side: {place}")
    if rows:
        say("A prompt to look, never a verdict: docs/similar.md says what else makes work alike.")
    return DONE


def _show(
    rows: Sequence[Mapping[str, Any]], found: Sequence[Group], shown: Mapping[str, str], options: argparse.Namespace
) -> None:
    from autograder.text import count, csv_text

    if options.format == "csv":
        sys.stdout.write(csv_text([_COLUMNS, *([_cell(row[name]) for name in _COLUMNS] for row in rows)]))
    elif options.format == "json":
        objects = [
            {
                "group": number,
                "section": group.section,
                "students": [shown[student] for student in group.students],
                "likeness": round(group.share, 3),
                "pairs": [
                    {name: row[name] for name in _COLUMNS[2:]} for row in rows if row["group"] == number
                ],
            }
            for number, group in enumerate(found, 1)
        ]  # fmt: skip
        sys.stdout.write(json.dumps({"groups": objects}, indent=2) + "\n")
    else:
        lines = [line for group in found for line in _lines(group, shown)]
        show_rows(lines[: options.most], "table")
        if len(lines) > options.most:
            say(f"and {count(len(lines) - options.most, 'more line')}; `--most {len(lines)}` shows all")
    sys.stdout.flush()


def _row(number: int, group: Group, pair: Alike, shown: Mapping[str, str]) -> dict[str, Any]:
    student, other = (shown[name] for name in pair.students)
    return {
        "group": number,
        "section": group.section,
        "part": pair.part,
        "student": student,
        "other": other,
        "likeness": round(pair.share, 3),
        "tokens": pair.tokens,
        "identical": pair.identical,
    }


def _cell(value: Any) -> str | float:
    return ("yes" if value else "no") if isinstance(value, bool) else value


def _lines(group: Group, shown: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield a line of the table for each part that is alike in a group: who, and how much at most and at least."""
    from autograder.text import listed

    for part in dict.fromkeys(pair.part for pair in group.pairs):
        pairs = [pair for pair in group.pairs if pair.part == part]
        students = dict.fromkeys(shown[name] for pair in pairs for name in pair.students)
        most, least = (f"{int(100 * pair.share)} %" for pair in (pairs[0], pairs[-1]))  # 100 % is all of it
        yield {
            "likeness": most if most == least else f"{most} to {least}",
            "section": group.section,
            "part": part,
            "students": listed(students, quote=False),
        }


def _names(found: Sequence[Group], are_hidden: bool) -> dict[str, str]:
    """Return what students are called: their names, or numbers in the order in which they appear."""
    students = dict.fromkeys(student for group in found for pair in group.pairs for student in pair.students)
    return {student: f"student {number}" if are_hidden else student for number, student in enumerate(students, 1)}


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0.1 <= share <= 1:
        raise argparse.ArgumentTypeError(f"a share from 0.1 to 1 is needed, as 0.7; got `{text}`")
    return share


def _positive(text: str) -> int:
    return whole_number(text, 1)
