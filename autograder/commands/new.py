"""`autograder new`: skeletons of what a course is made of; they build, and fail the graded checks until written."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograder.commands.common import DONE, UsageError, command, course_of, group, say
from autograder.course import ITEM_KINDS

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.skeletons.plans import Plan


def add(commands: Any) -> None:
    """Add the command and its own commands to the parser."""
    within = group(
        commands,
        "new",
        "write the skeleton of a section, an item, a check, a misconception or a sample",
        {
            "autograder new section 6_channels --title Channels": "a module, a notebook, hidden checks, samples",
            "autograder new check 1_entropy example-1 twelve_outcomes --points 0.5": "one more hidden check",
        },
        "WHAT",
    )
    _add_section(within)
    _add_item(within)
    _add_check(within)
    _add_misconception(within)
    _add_sample(within)


def _add_section(within: Any) -> None:
    parser = command(
        within,
        "section",
        "write a section: course.toml, module, notebook, hidden checks, and samples if the course has some",
        {
            "autograder new section 6_channels --title Channels": "with the module channels.py and its function",
            "autograder new section 6_channels --title Channels --function capacity": "and another function",
        },
    )
    parser.add_argument("id", metavar="NAME", help="its id, such as 6_channels: small letters, digits, underscores")
    parser.add_argument("--title", required=True, metavar="TEXT", help="what students read")
    parser.add_argument("--function", metavar="NAME", help="what students write (default: the module's name)")
    parser.add_argument("--defines", metavar="NAME", help="the number that the exercise asks for")

    def plan(options: argparse.Namespace, the_course: Course) -> Plan:
        from autograder.skeletons import plans

        return plans.section(the_course, options.id, options.title, options.function, options.defines)

    parser.set_defaults(command=_writes(plan))


def _add_item(within: Any) -> None:
    parser = command(
        within,
        "item",
        "write an item of a section: course.toml, cells of the notebook, hidden checks",
        {
            "autograder new item 1_entropy exercise-7 --kind notebook --points 4 --title 'A wheel'": "an exercise",
            "autograder new item 1_entropy example-7 --kind module --points 5 --title 'A code'": "a function to write",
        },
    )
    parser.add_argument("section", metavar="SECTION", help="the section it belongs to")
    parser.add_argument("id", metavar="NAME", help="its id, such as exercise-7: small letters, digits, hyphens")
    parser.add_argument("--kind", required=True, choices=ITEM_KINDS, help="what is judged")
    parser.add_argument("--points", required=True, type=float, metavar="P", help="what it is worth")
    parser.add_argument("--title", required=True, metavar="TEXT", help="what students read")
    parser.add_argument("--module", metavar="FILE", help="for a module: which one (default: the section's first)")
    parser.add_argument("--function", metavar="NAME", help="for a module: what students write (default: by the id)")
    parser.add_argument("--defines", metavar="NAME", help="for a notebook: what the cell defines")

    def plan(options: argparse.Namespace, the_course: Course) -> Plan:
        from autograder.skeletons import plans

        section = the_course.section(options.section)
        return plans.item(
            the_course, section, options.id, options.kind, options.points, options.title, options.module,
            options.function, options.defines,
        )  # fmt: skip

    parser.set_defaults(command=_writes(plan))


def _add_check(within: Any) -> None:
    parser = command(
        within,
        "check",
        "add a hidden check to the suite of an item",
        {"autograder new check 1_entropy example-1 twelve_outcomes --points 0.5": "it fails until it is written"},
    )
    parser.add_argument("section", metavar="SECTION", help="the section it belongs to")
    parser.add_argument("item", metavar="ITEM", help="the item that it gives points for")
    parser.add_argument("name", metavar="NAME", help="its name, without test_")
    parser.add_argument("--points", required=True, type=float, metavar="P", help="what it is worth")
    parser.add_argument("--function", metavar="NAME", help="what it asks (default: as the check before it)")
    parser.add_argument(
        "--from", dest="giver", metavar="CHECK", help="the check that gives the points (default: the one that has most)"
    )

    def plan(options: argparse.Namespace, the_course: Course) -> Plan:
        from autograder.skeletons import plans

        section = the_course.section(options.section)
        item = section.item(options.item)
        return plans.check(the_course, section, item, options.name, options.points, options.function, options.giver)

    parser.set_defaults(command=_writes(plan))


def _add_misconception(within: Any) -> None:
    parser = command(
        within,
        "misconception",
        "add a misconception to those of a section",
        {"autograder new misconception 1_entropy base-doubled --of InformationMeasures.entropy": "a wrong rule"},
    )
    parser.add_argument("section", metavar="SECTION", help="the section it belongs to")
    parser.add_argument("id", metavar="NAME", help="its id: small letters, digits, hyphens")
    parser.add_argument("--of", required=True, metavar="NAME", help="the function or number that it is about")

    def plan(options: argparse.Namespace, the_course: Course) -> Plan:
        from autograder.skeletons import plans

        return plans.misconception(the_course, the_course.section(options.section), options.id, options.of)

    parser.set_defaults(command=_writes(plan))


def _add_sample(within: Any) -> None:
    from autograder.skeletons.shelves import KINDS, SHELVES

    parser = command(
        within,
        "sample",
        "write a sample: work that is handed in, and what it must get",
        {
            "autograder new sample 1_entropy mistake-swapped --student odile": "for the sample class",
            "autograder new sample 1_entropy hostile-clock --shelf hostile --student eve": "for another shelf",
        },
    )
    parser.add_argument("section", metavar="SECTION", help="the section it is handed in for")
    parser.add_argument("name", metavar="NAME", help=f"its name, which begins with one of: {', '.join(KINDS)}")
    parser.add_argument("--shelf", choices=SHELVES, default=SHELVES[0], help=f"where it goes (default: {SHELVES[0]})")
    parser.add_argument("--student", required=True, metavar="ID", help="who hands it in")
    parser.add_argument("--base", default="reference", metavar="BASE", help="what it starts from (default: reference)")

    def plan(options: argparse.Namespace, the_course: Course) -> Plan:
        from autograder.skeletons import plans

        section = the_course.section(options.section)
        return plans.sample(the_course, section, options.name, options.shelf, options.student, options.base)

    parser.set_defaults(command=_writes(plan))


def _writes(planned: Callable[[argparse.Namespace, Course], Plan]) -> Callable[[argparse.Namespace], int]:
    """Return the command that carries out what is planned, names the files on stdout, and says what is next."""

    def run(options: argparse.Namespace) -> int:
        from autograder.skeletons.errors import SkeletonError

        the_course = course_of(options)
        try:
            plan = planned(options, the_course)
            plan.carry_out()
        except SkeletonError as error:
            raise UsageError(str(error)) from error
        for path in [*plan.made, *plan.changed]:
            sys.stdout.write(f"{path.relative_to(the_course.root)}\n")
        for line in plan.todo:
            say(line)
        return DONE

    return run
