"""One grading run: from a folder of submissions to results that are handed out, for every caller.

`autograder grade` and nbgrader's button (:mod:`autograder.nbgrader_hooks`) both call `run`. They differ in how they are
called and how they show messages; what is graded, written and said is the same.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autograder import atomic, gradebook
from autograder.course import Course
from autograder.grading import deliver
from autograder.grading.cluster import Cluster
from autograder.judge.levels import missing_libraries, usual_level
from autograder.records.record import Status
from autograder.records.standing import Result
from autograder.report import attention
from autograder.report.attention import Entry
from autograder.sandbox.levels import LEVELS
from autograder.sandbox.walls import WALLS, ConfinementError, check_user, missing_walls
from autograder.submissions.attempts import Problem
from autograder.text import count

INSTALL = "To install what is missing: `make setup`, for torch `make torch`; in a course of your own `pip install`."
_NAMED = 5  # problems in one line

Progress = Callable[[int, int], AbstractContextManager[Callable[[], None]]]
"""Called with the number of attempts and how many of them are to be judged; yields what to call after each of those."""


class NothingToGradeError(Exception):
    """There is no attempt to grade; the message names the folder, what is wrong with it, and the next step."""


class WatchError(Exception):
    """`autograder watch` can't start; the message says why and what to do."""


@dataclass(frozen=True)
class Graded:
    """The outcome of a run: results, what staff should see (most urgent first), and what was written, by name.

    ``judged`` is how many of the attempts that were ``asked`` for are judged and delivered: fewer if it was stopped.
    """

    results: list[Result]
    entries: list[Entry]
    paths: dict[str, Path | str]
    asked: int
    judged: int

    @property
    def stopped(self) -> str:
        """A message if the run was stopped; otherwise empty."""
        if self.judged == self.asked:
            return ""
        done = f"{self.judged} of {count(self.asked, 'attempt')} are judged, and delivered"
        return f"stopped: {done}; run the same command again to go on"

    @property
    def is_complete(self) -> bool:
        """Whether the run was not stopped and the grader failed on no attempt."""
        return not self.stopped and all(record.status is not Status.NOT_JUDGED for _, record in self.results)


def run(
    course: Course,
    submitted: Path,
    output: Path,
    *,
    say: Callable[[str], None],
    progress: Progress,
    sections: Collection[str] | None = None,
    students: Collection[str] | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    db_url: str | None = None,
    with_gradebook: bool = True,
    is_sample: bool = False,
    allow_weaker_isolation: bool = False,
) -> Graded:
    """Collect, judge what the store does not hold, and deliver: gradebook, feedback and CSV.

    If it is interrupted while it judges, what is judged by then is delivered.

    Parameters
    ----------
    submitted, output
        The folder of submissions, and the one for results.
    say
        Called with each line that somebody should read before anything is judged.
    sections, students
        Only these; None means all. The CSV still has everybody.
    seed
        Cohort seed; that of `course` unless given.
    jobs
        How many cores of this machine to use; None for all.
    scheduler
        The address of a Dask scheduler, whose workers judge instead of this machine.
    db_url, with_gradebook
        Another gradebook than the file in `output`, and whether to write to it.
    is_sample
        Whether this is the bundled sample class, which is made anew each time: it has no history and no roster, and
        never goes into the gradebook of the course.
    allow_weaker_isolation
        Whether to grade although a wall of the sandbox is missing.

    Raises
    ------
    ConfinementError
        If no wall holds under this user, or one is missing and that is not allowed. Nothing was judged then.
    NothingToGradeError
        If there is no attempt.
    CourseError, CollectError, HistoryError, StoreError, GradebookError, ReportError, WorkerUnavailableError
        If something can't be read or written, or the sandbox does not start.
    ClusterError
        If the cluster can't judge. What was judged by then is stored.
    """
    walls = standing(say, allow_weaker_isolation)
    for section in sections or ():
        course.section(section)
    if is_sample and db_url is None:
        db_url = gradebook.file_url(output)
    cluster = partial(Cluster, scheduler, course, walls, say) if scheduler else None
    with contextlib.nullcontext() if is_sample else _beside_watch(output, say):
        return _run(
            course, submitted, output, walls, say, progress, sections, students, seed, jobs, cluster, db_url,
            with_gradebook, is_sample,
        )  # fmt: skip


def _run(
    course: Course, submitted: Path, output: Path, walls: tuple[str, ...], say: Callable[[str], None],
    progress: Progress, sections: Collection[str] | None, students: Collection[str] | None, seed: int | None,
    jobs: int | None, cluster: Callable[[], Cluster] | None, db_url: str | None, with_gradebook: bool, is_sample: bool,
) -> Graded:  # fmt: skip
    gathered = deliver.gather(course, submitted, output, sections, students, with_history=not is_sample)
    attempts = gathered.attempts
    if not attempts:
        raise NothingToGradeError(_nothing(submitted, gathered.collection.problems))
    asked = {attempt.section for attempt in attempts}
    for library, without in not_installed(course, asked).items():
        say(f"{library} is not installed, so these can't be graded: {', '.join(without)}. {INSTALL}")
    batch = deliver.batch(course, walls, seed, jobs, judging=cluster)
    prepared = gradebook.prepared(course, asked, output, db_url) if with_gradebook else contextlib.nullcontext()
    with prepared, progress(len(attempts), batch.missing(attempts)) as advance:
        try:
            outcomes = batch.run(attempts, advance)
        except KeyboardInterrupt:
            outcomes = batch.stored(attempts)
            if not outcomes:
                raise
    whole, everyone = gathered, outcomes
    if sections is not None or students is not None:
        whole = deliver.gather(course, submitted, output, with_history=not is_sample)
        everyone = batch.stored(whole.attempts)
    delivered = deliver.deliver(
        course,
        outcomes,
        everyone,
        output,
        with_gradebook=with_gradebook,
        with_history=not is_sample,
        db_url=db_url,
        processes=batch.jobs,
        attempts=whole.attempts,
        entries=whole.entries,
    )
    entries = [*gathered.entries, *delivered.entries]
    if students is None:
        entries += deliver.absent(course, whole, output, db_url, with_roster=not is_sample)
    return Graded(
        delivered.results, attention.in_urgency(entries), delivered.paths, asked=len(attempts), judged=len(outcomes)
    )


def not_installed(course: Course, sections: Collection[str]) -> dict[str, list[str]]:
    """Return the libraries that are not installed, each with those of `sections` that can't be graded without it."""
    found: dict[str, list[str]] = {}
    if missing_libraries(list(LEVELS)[-1]):  # else there is no need to read the notebooks
        for section in course.sections:
            if section.id in sections:
                for library in missing_libraries(usual_level(course, section)):
                    found.setdefault(library, []).append(section.id)
    return found


def lock_of(output: Path) -> Path:
    """Return the file on which `autograder watch` and other runs on the results in `output` hold locks.

    Other runs share theirs. `watch` waits for them and they for it, so that nobody hands out older work than the other.
    """
    return output / ".autograder" / "grading.lock"


@contextlib.contextmanager
def _beside_watch(output: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Keep `autograder watch` from judging and delivering within the block."""
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):  # what can't be written there is reported when it is needed
            if not held.enter_context(atomic.lock(lock_of(output), shared=True, wait=False)):
                say("waiting until `autograder watch` has delivered what it is judging")
                held.enter_context(atomic.lock(lock_of(output), shared=True))
        yield


def standing(say: Callable[[str], None], allow_weaker: bool) -> tuple[str, ...]:
    """Return the walls that stand, if that is enough to grade.

    Raises
    ------
    ConfinementError
        If it is not.
    """
    check_user()
    missing = missing_walls()
    for wall, reason in missing.items():
        say(f"the wall `{wall}` is missing on this machine: {reason}")
    if missing and not allow_weaker:
        raise ConfinementError(
            "not grading without all walls, see `autograder doctor`; if you trust every submission, "
            "pass --allow-weaker-isolation"
        )
    return tuple(wall for wall in WALLS if wall not in missing)


def _nothing(submitted: Path, problems: Sequence[Problem]) -> str:
    reasons = " ".join(map(str, problems[:_NAMED]))
    more = f" And {len(problems) - _NAMED} more." if len(problems) > _NAMED else ""
    return (
        f"no submissions to grade in {submitted}{f' ({reasons}{more})' if reasons else ''}; "
        "put them there as <student>/<section>/ or <student>/<section>.zip"
    )
