"""Files of several students that are the same, whatever their blanks, outputs and line ends."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from autograder.course import Course
from autograder.submissions.attempts import Attempt, release_of
from autograder.submissions.near_names import meaning


@dataclass(frozen=True)
class Identical:
    """Students whose files in a section are the same: the names of these files, by student."""

    section: str
    files: dict[str, tuple[str, ...]]


def identical(course: Course, attempts: Iterable[Attempt]) -> list[Identical]:
    """Return the groups of students whose modules (or notebook, if there are none) are the same.

    Empty files, and files that are as they were released, don't count.
    """
    no_work: dict[str, dict[str, set[Hashable]]] = {}
    for section in course.sections:
        release = release_of(course.root, section)
        no_work[section.id] = {
            name: {meaning(name, b""), meaning(name, release.get(name, b""))} for name in section.expected_files
        }
    alike: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
    for attempt in attempts:
        section = course.section(attempt.section)
        own = {}
        for names in (section.modules, (section.notebook,)):
            for name in names:
                if name in attempt.files:
                    content = meaning(name, attempt.files[name])
                    if content not in no_work[section.id][name]:
                        own[name] = str(content)
            if own:
                break
        if own:
            key = hashlib.sha256("\n".join(part for pair in own.items() for part in pair).encode()).hexdigest()
            alike.setdefault((section.id, key), {})[attempt.student] = tuple(own)
    return [Identical(section, files) for (section, _), files in alike.items() if len(files) > 1]
