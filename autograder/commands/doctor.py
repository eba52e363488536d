"""`autograder doctor`: which walls of the sandbox hold on this machine, each proved, and what can be graded."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from autograder.commands.common import DONE, FOUND, command, course_of

_NO_PROSE = "evidence is shown, but no points are suggested: the extra `prose` is missing (`make prose`)"


def add(commands: Any) -> None:
    """Add the command to the parser."""
    doctor = command(
        commands,
        "doctor",
        "show the walls of the sandbox, each proved, and the versions",
        {"autograder doctor": "before the first grading, and after an update of the system"},
        {FOUND: "a wall is missing, or a section can't be graded here"},
    )
    doctor.set_defaults(command=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    from autograder import doctor
    from autograder.grading.run import INSTALL
    from autograder.prose import embeddings
    from autograder.sandbox.walls import check_user

    the_course = course_of(options)
    for name, version in doctor.versions().items():
        sys.stdout.write(f"{name:<21}{version}\n")
    check_user()
    found, refused = doctor.examine(the_course)
    for wall in found:
        state = "proved" if wall.stands else f"missing: {wall.missing}" if wall.missing else "BROKEN"
        sys.stdout.write(f"\n{wall.name}: {state}\n")
        for proof in wall.proofs:
            sys.stdout.write(f"  {'refused' if proof.held else 'ALLOWED'}  {proof.probe.tries}\n")
    ready = all(wall.stands for wall in found)
    sys.stdout.write("\n")
    for section in the_course.sections:
        sys.stdout.write(f"{section.id:<24}{refused.get(section.id, 'can be graded')}\n")
    if refused:
        sys.stdout.write(f"{INSTALL}\n")
    sys.stdout.write(f"{'explanations':<24}{'points are suggested' if embeddings.version() else _NO_PROSE}\n")
    sys.stdout.write(
        f"\n{'Grading can run.' if ready else 'Grading refuses to run here without --allow-weaker-isolation.'}\n"
    )
    return DONE if ready and not refused else FOUND
