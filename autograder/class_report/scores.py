"""What students won of items and checks, in the form that item analysis needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograder.class_report import item_analysis
from autograder.class_report.item_analysis import Correlation
from autograder.course import Section
from autograder.records.record import CheckRecord, Record
from autograder.records.standing import decided_points, item_standing, penalty_of, section_standing
from autograder.report.technical import technical_zeros


class Work:
    """A student's judged attempt at a section: points so far, and which items count for item analysis."""

    def __init__(self, section: Section, student: str, record: Record) -> None:
        self.section, self.student, self.record = section, student, record
        self.status = section_standing(section, record).status
        self.points = decided_points(section, record) - penalty_of(section, record)
        self.technical = frozenset(technical_zeros(section, record))
        self.standings = {item.id: item_standing(section, record, item.id) for item in section.items}
        self.won = {
            item_id: standing.points
            for item_id, standing in self.standings.items()
            if standing.points is not None and item_id not in self.technical
        }


class Scores:
    """What each student won of an item or a check, beside the share of everything else that they won.

    "Everything else" is what is decided of all sections that the student handed in. Items with a zero for a technical
    reason are left out of both: they lose every check at once, which would make any check look good.
    """

    def __init__(self, work: Iterable[Work]) -> None:
        self.items: dict[str, list[tuple[float, float | None]]] = {}
        self.checks: dict[tuple[str, str], list[tuple[CheckRecord, float | None, Work]]] = {}
        of_student: dict[str, list[Work]] = {}
        for one in work:
            of_student.setdefault(one.student, []).append(one)
        for several in of_student.values():
            points = sum(sum(one.won.values()) for one in several)
            most = sum(one.standings[item_id].max for one in several for item_id in one.won)
            for one in several:
                for item_id, won in one.won.items():
                    full = one.standings[item_id].max
                    self.items.setdefault(item_id, []).append((won / full, _share(points - won, most - full)))
                    checks = one.record.items[item_id].checks
                    by_checks = sum(check.points for check in checks)
                    for check in checks:
                        rest = _share(points - won + by_checks - check.points, most - check.max)
                        self.checks.setdefault((item_id, check.name), []).append((check, rest, one))


def _share(points: float, most: float) -> float | None:
    return points / most if most > 1e-9 else None


def discrimination(pairs: Sequence[tuple[float, float | None]]) -> tuple[Correlation | None, str]:
    """Return the discrimination, or why there is none."""
    both = [(won, rest) for won, rest in pairs if rest is not None]
    found = item_analysis.correlation([won for won, _ in both], [rest for _, rest in both])
    if found is not None:
        return found, ""
    if len(both) < item_analysis.LEAST:
        return None, "too few students"
    if len({round(won, 9) for won, _ in both}) > 1:
        return None, "all have the same points elsewhere"
    return None, {1.0: "all won it", 0.0: "nobody won it"}.get(round(both[0][0], 9), "all won the same")
