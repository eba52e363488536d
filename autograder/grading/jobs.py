"""A job: one attempt on its way to a judge; and what comes back instead of a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.course import Section
from autograder.records import score
from autograder.records.record import Header, Record
from autograder.remote.errors import AsleepError
from autograder.submissions.attempts import Attempt
from autograder.verdict import Verdict

Judged = tuple[Record, Mapping[str, float]]


@dataclass(frozen=True)
class Job:
    """One attempt on its way to a judge, with the header of its record.

    `over` is the judge's own limit that it exceeds; it gets that as its verdict, and is not run again.
    """

    attempt: Attempt
    header: Header
    over: Verdict | None = None

    @property
    def key(self) -> str:
        """The name of the record in the store."""
        return self.header.key


@dataclass(frozen=True)
class Over:
    """Instead of a record: the judge exceeded a limit of its own.

    With `is_certain`, only this attempt can be the reason. Otherwise memory may have been short before, or the machine
    slept while the clock went on.
    """

    verdict: Verdict
    is_certain: bool = False


@dataclass(frozen=True)
class NeedsLevel:
    """Instead of a record: the attempt needs a level of worker whose folder the judge was not given."""

    level: str


Result = Judged | AsleepError | NeedsLevel | Over | None
"""The result of a job; None if it was lost with its judge."""


def not_judged(section: Section, job: Job, reason: str) -> Record:
    """Return the record of a job that the grader failed on."""
    return score.not_judged(section, job.header, reason, job.attempt.notes)
