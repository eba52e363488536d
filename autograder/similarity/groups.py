"""Who in a class has work that is alike: pairs, and groups where one is like the next."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from autograder.course import Course
from autograder.similarity.identical import identical
from autograder.similarity.likeness import Comparison, Likeness
from autograder.similarity.written import Part, Release
from autograder.submissions.attempts import Attempt
from autograder.text import count, listed


@dataclass(frozen=True)
class Alike:
    """A part of the work of two students that is alike; `identical` if it is a file that both handed in."""

    part: str
    students: tuple[str, str]
    share: float
    tokens: int
    identical: bool = False


@dataclass(frozen=True)
class Group:
    """Two or more students whose work in a section is alike, and the pairs among them, the most alike first."""

    section: str
    students: tuple[str, ...]
    pairs: tuple[Alike, ...]

    @property
    def share(self) -> float:
        """The likeness of the most alike."""
        return self.pairs[0].share

    @property
    def told(self) -> tuple[Alike, ...]:
        """Pairs that show all of the group: for each student the pairs with the one whom most of them are like."""
        sums: dict[str, float] = dict.fromkeys(self.students, 0.0)
        for pair in self.pairs:
            for student in pair.students:
                sums[student] += pair.share
        middle = max(self.students, key=lambda student: sums[student])
        told = [pair for pair in self.pairs if middle in pair.students]
        seen = {student for pair in told for student in pair.students}
        for pair in self.pairs:
            if not seen.issuperset(pair.students):
                told.append(pair)
                seen.update(pair.students)
        return tuple(told)


@dataclass(frozen=True)
class Similarity:
    """What was found in a class: groups, the most alike first, and how much was compared, by section.

    `notes` say what was not compared as a whole. `comparisons` and `written` have the texts that were compared, and
    `release` what the course gave out.
    """

    groups: tuple[Group, ...]
    compared: Mapping[str, int]
    notes: tuple[str, ...]
    comparisons: Mapping[tuple[str, str], Comparison]
    written: Mapping[tuple[str, str], Mapping[str, Part]]
    release: Release


def find(
    course: Course,
    attempts: Iterable[Attempt],
    least: float | None = None,
    students: Collection[str] | None = None,
    release: Release | None = None,
) -> Similarity:
    """Compare the work of a class, section by section.

    Parameters
    ----------
    attempts
        One for each student and section, of the whole class: what many wrote does not count.
    least
        The likeness from which pairs are returned, from 0 to 1; the measures' own unless given.
    students
        Only groups with one of these; None means all.
    release
        What the course gave out, if it was read already.
    """
    attempts = list(attempts)
    release = release or Release(course)
    same = identical(course, attempts)
    groups: list[Group] = []
    comparisons: dict[tuple[str, str], Comparison] = {}
    written: dict[tuple[str, str], dict[str, Part]] = {}
    compared: dict[str, int] = {}
    cut: dict[tuple[str, str], list[str]] = {}
    for section in course.sections:
        mine = [attempt for attempt in attempts if attempt.section == section.id]
        compared[section.id] = len(mine)
        for attempt in mine:
            for part in release.written(attempt):
                written.setdefault((section.id, part.name), {})[attempt.student] = part
                if part.is_cut:
                    cut.setdefault((section.id, part.name), []).append(attempt.student)
        pairs: dict[tuple[str, tuple[str, str]], Alike] = {}
        for key, of_students in written.items():
            if key[0] == section.id:
                comparisons[key] = _compared(release, of_students)
                for found in comparisons[key].alike(least):
                    pairs[key[1], found.students] = _alike(key[1], found)
        for files in (each.files for each in same if each.section == section.id):
            for pair in itertools.combinations(sorted(files), 2):
                for name in files[pair[0]]:
                    known = pairs.get((name, pair))
                    pairs[name, pair] = Alike(name, pair, 1.0, known.tokens if known else 0, identical=True)
        groups += _groups(section.id, pairs.values())
    if students is not None:
        groups = [group for group in groups if not set(students).isdisjoint(group.students)]
    notes = [
        f"{listed(names, quote=False)} {section}: `{part}` is longer than what is compared"
        for (section, part), names in cut.items()
    ]
    return Similarity(tuple(sorted(groups, key=_order)), compared, tuple(notes), comparisons, written, release)


def summary(found: Similarity) -> str:
    """Return in a line what was compared and found."""
    sections = [f"{number} of {section}" for section, number in found.compared.items() if number]
    several = sum(len(group.students) > 2 for group in found.groups)
    more = f", {several} of them with more than two" if several else ""
    return (
        f"compared {count(sum(found.compared.values()), 'submission')} ({', '.join(sections)}): "
        f"{count(len(found.groups), 'group')} of students with work that is alike{more}"
    )


def _compared(release: Release, of_students: Mapping[str, Part]) -> Comparison:
    kind = next(iter(of_students.values())).kind
    texts = {
        student: [release.tokens(kind, piece.text) for piece in part.pieces] for student, part in of_students.items()
    }
    return Comparison(texts, release.given[kind])


def _alike(part: str, found: Likeness) -> Alike:
    return Alike(part, found.students, found.share, found.tokens)


def _groups(section: str, pairs: Iterable[Alike]) -> list[Group]:
    """Return the connected components, each with its pairs."""
    group_of: dict[str, set[str]] = {}
    pairs = sorted(pairs, key=lambda pair: (-pair.share, -pair.tokens, pair.students, pair.part))
    for pair in pairs:
        first, second = (group_of.setdefault(student, {student}) for student in pair.students)
        if first is not second:
            first |= second
            group_of |= dict.fromkeys(second, first)
    groups = {id(group): group for group in group_of.values()}
    return [
        Group(section, tuple(sorted(group)), tuple(pair for pair in pairs if pair.students[0] in group))
        for group in groups.values()
    ]


def _order(group: Group) -> tuple[float, int, str, tuple[str, ...]]:
    return -group.share, -len(group.students), group.section, group.students
