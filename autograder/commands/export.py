"""`autograder export`: grades and feedback pages in the files that other systems read."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.commands.common import (
    DONE,
    FOUND,
    UsageError,
    add_choice,
    add_gradebook,
    add_results,
    add_submitted,
    command,
    course_of,
    graded_places,
    group,
    say,
    seed,
)
from autograder.course import Course, Section
from autograder.exports import VISIBILITY
from autograder.near import did_you_mean

if TYPE_CHECKING:
    from autograder.exports.grades import Grade, Grades
    from autograder.exports.people import Directory
    from autograder.exports.tables import Value
    from autograder.intake.collected import HandedIn
    from autograder.people.roster import Roster


def add(commands: Any) -> None:
    """Add the command to the parser."""
    targets = group(
        commands,
        "export",
        "write grades and feedback pages for Canvas, Moodle, Gradescope, CSV, Excel",
        {
            "autograder export canvas --gradebook-csv grades.csv": "fill in Canvas's gradebook",
            "autograder export csv": "a table of the class, into exports/",
        },
        "TARGET",
    )

    canvas = _target(
        targets,
        "canvas",
        "fill in the gradebook that Canvas exported",
        _canvas,
        {
            "autograder export canvas --gradebook-csv grades.csv": "all sections that were graded",
            "autograder export canvas --gradebook-csv grades.csv --section 1_entropy --feedback pages.zip": (
                "one section, and its feedback pages"
            ),
            "autograder export canvas --gradebook-csv grades.csv --assignment '1_entropy=Homework 1'": (
                "a column with another title"
            ),
        },
    )
    canvas.add_argument("--gradebook-csv", type=Path, required=True, metavar="FILE", help="the file from Canvas")
    canvas.add_argument(
        "--assignment",
        action="append",
        type=_assignment,
        default=[],
        metavar="SECTION=COLUMN",
        help="the column of a section, by title or number, if it isn't called like the section (can be repeated)",
    )
    add_choice(canvas, "section")
    _add_platform(canvas)

    moodle = _target(
        targets,
        "moodle",
        "fill in the grading worksheet of an assignment in Moodle",
        _moodle,
        {
            "autograder export moodle 1_entropy --worksheet Grades.csv": "points and comments",
            "autograder export moodle 1_entropy --worksheet Grades.csv --feedback pages.zip": "and the feedback pages",
        },
    )
    moodle.add_argument("section", metavar="SECTION", help="the section that the assignment is for")
    moodle.add_argument("--worksheet", type=Path, required=True, metavar="FILE", help="the file from Moodle")
    moodle.add_argument("--grade-column", metavar="TITLE", help="the column for points, if it isn't found")
    moodle.add_argument("--comments-column", metavar="TITLE", help="the column for comments, if it isn't found")
    _add_platform(moodle)

    gradescope = _target(
        targets,
        "gradescope",
        "write a results.json for each student",
        _gradescope,
        {
            "autograder export gradescope 1_entropy": "for the class, into exports/gradescope/1_entropy/",
            "autograder export gradescope 1_entropy --student ada --output results.json": "for one student",
            "autograder export gradescope 1_entropy --autograder": "the zip that judges what is handed in there",
        },
    )
    gradescope.add_argument(
        "--autograder",
        action="store_true",
        help="write no results but an autograder to upload, which judges each submission when it comes",
    )
    gradescope.add_argument("section", metavar="SECTION", help="the section that the assignment is for")
    add_choice(gradescope, "student")
    gradescope.add_argument(
        "--visibility", choices=VISIBILITY, default=VISIBILITY[0], help="when students see it (default: visible)"
    )
    table = {
        "autograder export csv": "the class, into exports/",
        "autograder export csv --section 1_entropy --output points.csv --force": "one section, and replace the file",
    }
    add_choice(_target(targets, "csv", "write a table of one row per student", _csv, table), "section")
    workbook = {
        "autograder export xlsx": "the class, into exports/",
        "autograder export xlsx --partial": "although explanations still wait for a person",
    }
    add_choice(_target(targets, "xlsx", "write a workbook: the class, and every item", _xlsx, workbook), "section")


def _target(
    targets: Any,
    name: str,
    summary: str,
    run: Callable[[argparse.Namespace], int],
    examples: Mapping[str, str],
) -> argparse.ArgumentParser:
    parser = command(targets, name, summary, examples, {FOUND: "somebody is left out, or a grade is open; it is said"})
    parser.add_argument(
        "--output", type=Path, metavar="PATH", help="where to write (default: a new file in the course's exports/)"
    )
    parser.add_argument("--force", action="store_true", help="replace what is at --output")
    parser.add_argument(
        "--partial",
        action="store_true",
        help="export the points that are decided so far if a section is not final",
    )
    add_submitted(parser)
    add_results(parser, "--results")
    parser.add_argument("--seed", type=seed, metavar="S", help="the cohort seed that grading used")
    add_gradebook(parser)
    parser.set_defaults(command=run)
    return parser


def _add_platform(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scale", action="store_true", help="scale points to the maximum that the platform has for the assignment"
    )
    parser.add_argument("--feedback", type=Path, metavar="ZIP", help="also write the feedback pages, for upload")


def _assignment(text: str) -> tuple[str, str]:
    section, equals, column = text.partition("=")
    if not equals or not section.strip() or not column.strip():
        raise argparse.ArgumentTypeError(f'SECTION="column" is needed; got `{text}`')
    return section.strip(), column.strip()


def _canvas(options: argparse.Namespace) -> int:
    from autograder.exports import canvas
    from autograder.text import count

    of_class = _stored(options, options.section, for_students=True)
    the_course, grades, roster = of_class.course, of_class.grades, of_class.roster
    for section, _ in options.assignment:
        the_course.section(section)
    if options.feedback and len(grades) != 1:
        raise UsageError(
            f"Canvas takes feedback for one assignment at a time; pass --section with one of {', '.join(grades)}"
        )
    book = canvas.Gradebook(options.gradebook_csv)
    collected = _collected(the_course, the_course.sections)
    sections = [the_course.section(section) for section in grades]
    targets = book.targets(sections, dict(options.assignment), scale=options.scale)
    filled = book.fill(grades, targets, _directory("canvas", grades, roster, collected))
    remarks = filled.remarks
    named = None
    if options.feedback:
        named, missing = _canvas_pages(grades, collected)
        remarks = [*remarks, *missing]
    _write(options, the_course, f"{options.gradebook_csv.stem}.csv", filled.content, options.gradebook_csv, named)
    say(f"{count(filled.changed, 'cell')} filled in, for {', '.join(grades)}")
    return _told(of_class, remarks)


def _canvas_pages(
    grades: Grades, collected: Mapping[str, Mapping[str, HandedIn]]
) -> tuple[dict[str, Grade], list[str]]:
    """Return the grades whose pages go to Canvas, by the name in the zip, and a line on those that don't."""
    from autograder.exports import pages
    from autograder.exports.filling import Remarks
    from autograder.text import quoted

    remarks = Remarks()
    named: dict[str, Grade] = {}
    for section, of_section in grades.items():
        for student, grade in of_section.items():
            handed_in = collected[section].get(student)
            name = pages.canvas_name(handed_in if handed_in and handed_in.platform == "canvas" else None)
            if grade.points is None:
                continue  # the remarks about points say so
            if name is None or name in named:
                remarks.add(
                    f"{section}: no page in the zip, because their work did not come from a Canvas download",
                    quoted(student),
                    "; collect it with `autograder collect`, or send the page yourself",
                )
            else:
                named[name] = grade
    return named, remarks.lines()


def _moodle(options: argparse.Namespace) -> int:
    from autograder.exports import moodle, pages
    from autograder.text import count

    of_class = _stored(options, [options.section], for_students=True)
    the_course, grades, roster = of_class.course, of_class.grades, of_class.roster
    section = the_course.section(options.section)
    sheet = moodle.Worksheet(options.worksheet, options.grade_column, options.comments_column)
    target = sheet.target(section, scale=options.scale)
    collected = _collected(the_course, [section])
    directory = _directory("moodle", grades, roster, collected)
    filled = sheet.fill(section, grades, target, directory)
    named: dict[str, Grade] | None = None
    if options.feedback:
        named = {}
        told, *_ = directory.find(list(sheet.people))
        for person in sheet.people:
            grade = grades[section.id].get(told.get(person.place, ""))
            if grade is not None and grade.points is not None:
                handed_in = collected[section.id].get(grade.student)
                number = person.keys[0][1]
                name = pages.moodle_name(the_course, grade, number, person.full_name or "Participant", handed_in)
                named[name] = grade
    _write(options, the_course, f"{options.worksheet.stem}.csv", filled.content, options.worksheet, named)
    say(f"{count(filled.changed, 'row')} filled in, for {section.id}")
    return _told(of_class, filled.remarks)


def _gradescope(options: argparse.Namespace) -> int:
    from autograder.exports.filling import Remarks, not_final
    from autograder.exports.gradescope import autograder_zip, results_json
    from autograder.text import count, path_component, quoted

    if options.autograder:
        the_course = course_of(options)
        content = autograder_zip(the_course, the_course.section(options.section))
        _write(options, the_course, f"gradescope-{options.section}-autograder.zip", content)
        return DONE
    of_class = _stored(options, [options.section], for_students=True)
    the_course, grades = of_class.course, of_class.grades
    of_section = grades.get(options.section, {})
    students = [of_class.roster.student_of(student) for student in options.student or of_section]
    for student in students:
        if student not in of_section:
            remedy = did_you_mean(student, of_section, "run `autograder grade` first")
            raise UsageError(f"no grade of {quoted(student)} for {options.section}; {remedy}")
    chosen = [of_section[student] for student in students]
    remarks, written = Remarks(), 0
    folder = options.output or the_course.root / "exports" / "gradescope" / options.section
    single = options.output is not None and len(options.student or ()) == 1
    for grade in chosen:
        path = folder if single else folder / path_component(grade.student) / "results.json"
        # Nobody edits these files, so an earlier one in exports/ is replaced or removed without --force.
        if grade.points is None:
            not_final(remarks, grade, quoted(grade.student))
            if options.output is None:
                path.unlink(missing_ok=True)
            continue
        content = results_json(the_course, grade, options.visibility)
        _refuse_to_replace(path, content, force=options.force or options.output is None)
        _put(path, content)
        written += 1
    say(f"{count(written, 'file')} in {folder}" if not single else f"{count(written, 'file')}: {folder}")
    return _told(of_class, remarks.lines())


def _csv(options: argparse.Namespace) -> int:
    from autograder.exports import tables

    of_class = _stored(options, options.section, for_students=False)
    titles, rows = _table(of_class)
    _write(options, of_class.course, "class.csv", tables.csv_bytes(titles, rows))
    return _told(of_class, _open(of_class.grades))


def _xlsx(options: argparse.Namespace) -> int:
    from autograder.exports import tables

    of_class = _stored(options, options.section, for_students=False)
    sheets = {"class": _table(of_class), "items": tables.item_table(of_class.grades)}
    _write(options, of_class.course, "class.xlsx", tables.xlsx_bytes(sheets))
    return _told(of_class, _open(of_class.grades))


def _table(of_class: _Class) -> tuple[list[str], list[list[Value]]]:
    from autograder.exports import tables

    return tables.class_table(of_class.course, of_class.grades, of_class.roster, of_class.notes)


def _open(grades: Grades) -> list[str]:
    """Return a line for each reason why a grade is not final."""
    from autograder.exports.filling import Remarks, not_final
    from autograder.text import quoted

    remarks = Remarks()
    for of_section in grades.values():
        for grade in of_section.values():
            if grade.points is None:
                not_final(remarks, grade, quoted(grade.student))
    return remarks.lines()


@dataclass(frozen=True)
class _Class:
    """A course, what has been judged of it, who is in it, and what needs attention, by student and section."""

    course: Course
    grades: Grades
    roster: Roster
    notes: Mapping[tuple[str, str], str]
    empty: Sequence[tuple[str, str]]


def _stored(options: argparse.Namespace, sections: Sequence[str] | None, *, for_students: bool) -> _Class:
    from autograder.exports.grades import grades
    from autograder.grading import deliver
    from autograder.people import roster
    from autograder.report import attention

    the_course = course_of(options)
    for section in sections or ():
        the_course.section(section)
    submitted, output, db_url, _ = graded_places(options, the_course, "exporting")
    results = deliver.stored(the_course, submitted, output, db_url, options.seed)
    found = grades(the_course, results, sections, partial=options.partial, for_students=for_students)
    if not found:
        where = f" for {', '.join(sections)}" if sections else ""
        raise UsageError(f"nothing has been graded{where} in {submitted}; run `autograder grade` first")
    chosen = [(student, record) for student, record in results if record.section in found]
    entries = attention.of_results(the_course, chosen)
    empty = [(e.student, e.section) for e in entries if e.kind is attention.Kind.NOTHING and e.student and e.section]
    notes = attention.notes(the_course, chosen, entries)
    return _Class(the_course, found, roster.load(the_course.root), notes, empty)


def _collected(the_course: Course, sections: Iterable[Section]) -> dict[str, dict[str, HandedIn]]:
    """Return what platforms said of each hand-in, by section and student."""
    from autograder.intake import collected

    return {section.id: collected.load(the_course.root, section.id) for section in sections}


def _directory(
    platform: str, grades: Grades, roster: Roster, collected: Mapping[str, Mapping[str, HandedIn]]
) -> Directory:
    from autograder.exports.people import Directory

    students = {student for of_section in grades.values() for student in of_section}
    return Directory(platform, students, roster, collected.values())


def _write(
    options: argparse.Namespace,
    the_course: Course,
    name: str,
    content: bytes,
    source: Path | None = None,
    named: Mapping[str, Grade] | None = None,
) -> None:
    """Write an export to --output, or to a new file in exports/, and pages to --feedback: all of it or nothing."""
    from autograder.exports import pages
    from autograder.text import count

    path = options.output or _free(the_course.root / "exports" / name, content)
    if source is not None and path.resolve() == source.resolve():
        raise UsageError(f"{path} is the file that the platform wrote; choose another --output")
    files = {path: content}
    if named:
        files[options.feedback] = pages.zipped(the_course, named)
    for each, holds in files.items():
        _refuse_to_replace(each, holds, force=options.force)
    for each, holds in files.items():
        _put(each, holds)
    say(f"written to {path}")
    if named is not None:
        say(
            f"{count(len(named), 'page')} in {options.feedback}" if named else f"no page to put into {options.feedback}"
        )


def _free(path: Path, content: bytes) -> Path:
    """Return `path`, or a numbered one that is free or has the same content: people edit exported files."""
    number, free = 1, path
    while free.exists() and free.read_bytes() != content:
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free


def _refuse_to_replace(path: Path, content: bytes, *, force: bool) -> None:
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file")
    if not force and path.exists() and path.read_bytes() != content:
        raise UsageError(f"{path} is there already; choose another name, or pass --force to replace it")


def _put(path: Path, content: bytes) -> None:
    from autograder import atomic
    from autograder.report.files import ReportError

    try:
        atomic.write(path, content)
    except OSError as error:
        raise ReportError(
            f"{path} can't be written ({error.strerror}); free the place or choose another with --output"
        ) from error


def _told(of_class: _Class, remarks: Sequence[str]) -> int:
    """Say what an instructor has to know, and return the exit code."""
    from autograder.exports.filling import Remarks
    from autograder.text import quoted

    empty = Remarks()
    for student, section in of_class.empty:
        empty.add(
            f"{section}: 0 points though no answer was wrong, because nothing could be judged",
            quoted(student),
            "; `autograder grade` says why",
        )
    for remark in (told := [*remarks, *empty.lines()]):
        say(f"autograder: {remark}")
    return FOUND if told else DONE
