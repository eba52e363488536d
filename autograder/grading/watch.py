"""Judges what arrives, on arrival: the loop behind `autograder watch`.

Workers, and the server that judges are forked from, stay warm, so an attempt costs what its code and its checks cost.
What arrives together is judged together, and up to `LANES` such groups at a time, so that a program which computes for
minutes holds up nobody else. Records go through the same store, gradebook and pages as those of `autograder grade`:
whatever ends this process, the next one goes on from there.

Nothing that arrives ends the loop. A group that fails is tried again student by student, and who still fails is named
and tried again later.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Collection as AnyOf
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from autograder import atomic, gradebook
from autograder import course as course_module
from autograder.course import Course, CourseError
from autograder.gradebook import Key
from autograder.grading import allowance, deliver, fork_server, run
from autograder.grading.allowance import Split
from autograder.grading.arrivals import Arrivals
from autograder.grading.batch import Batch, Outcome
from autograder.grading.sources import Source
from autograder.grading.workers import Pools
from autograder.judge.levels import usual_level
from autograder.people import roster
from autograder.records.keys import suite_digest
from autograder.records.record import Status
from autograder.records.standing import Result, section_standing
from autograder.remote.errors import WorkerUnavailableError
from autograder.report.attention import Entry, Kind
from autograder.submissions import history, times
from autograder.submissions.paths import is_junk, student_name
from autograder.text import number, quoted, visible

LANES = 3
"""How many groups are judged at a time."""
LOOK_SECONDS = 0.1
"""Between two looks at the folders, or more if a look takes long."""

_SHARE = 10  # a look may take one part of so many of the time
_GROUP = 32  # students that are judged together, at most
_CLASS_SECONDS = 30.0  # between two versions of the class's CSV
_RETRY_SECONDS = 30.0  # before what failed is tried again; doubled each time
_LONGEST_RETRY_SECONDS = 3600.0
_HOLD_SECONDS = 20.0  # how long groups may follow each other before another run gets a chance
_DATES_SECONDS = 60.0  # between two looks at due dates and extensions
_ONCE_SECONDS = 0.02  # between two looks if there is an end to them
_SAID = (Kind.NOT_JUDGED, Kind.NO_SUBMISSION, Kind.NOTHING, Kind.KEPT, Kind.TIME)
_SAID_OF_NEW = (*_SAID, Kind.INCOMPLETE, Kind.NOT_IMPORTED, Kind.LIMIT)


@dataclass(frozen=True)
class Options:
    """Where and how to judge, as in `grading.run.run`."""

    submitted: Path
    output: Path
    walls: tuple[str, ...]
    seed: int | None = None
    jobs: int | None = None
    db_url: str | None = None
    with_gradebook: bool = True


@dataclass
class _Done:
    """What became of a group: when what waits may be judged, by student, and who has to be tried again."""

    students: set[str]
    opens: dict[str, dt.datetime] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)


class Watch:
    """Watches a folder of submissions until `stop` is called.

    Parameters
    ----------
    course
        The course; it is read again whenever its files change.
    options
        Where and how to judge.
    say
        Called with each line for staff, in any thread.
    sources
        Other places, from which work is brought into the folder of submissions.
    """

    def __init__(
        self, course: Course, options: Options, say: Callable[[str], None], sources: Iterable[Source] = ()
    ) -> None:
        self._options = options
        self._say = say
        self._sources = list(sources)
        self._stopping = threading.Event()
        self._one_at_a_time = threading.Lock()  # for what is written, and for reading the course again
        self._pools = Pools(options.walls)
        self._course = course
        self._batch = self._batch_of(course)
        self._arrivals = Arrivals(options.submitted, self._expected)
        self._pending: dict[str, float | None] = {}  # by student: when their work came; None for a routine look
        self._lanes: dict[Future[_Done], frozenset[str]] = {}
        self._opens: dict[str, dt.datetime] = {}
        self._retries: dict[str, tuple[float, float]] = {}  # when, and the length of the break
        self._next_due: dt.datetime | None = None
        self._dates_known = -_DATES_SECONDS
        self._free_since = 0.0
        self._csv_written = 0.0
        self._csv_is_old = False
        self._complaint = ""
        self._told: dict[Key, str] = {}  # the attempt that a line was said about
        self._said: set[str] = set()  # what needs attention

    def stop(self) -> None:
        """End the loop soon: what is being judged is given up, and what is being written is finished."""
        self._stopping.set()

    def opens(self, student: str) -> dt.datetime | None:
        """Return when work of `student` that has to wait is judged; None if none has to."""
        return self._opens.get(student)

    def run(self) -> None:
        """Judge what is there and what arrives, until `stop` is called.

        Raises
        ------
        run.WatchError
            If another watch has the same folder of results.
        OSError
            If that can't be written.
        """
        with self._begun() as (lanes, lock):
            self._warm_up()
            self._look_first()
            self._say(f"watching {self._options.submitted}; Ctrl-C ends it")
            while not self._stopping.is_set():
                start = time.monotonic()
                self._turn(start, lanes, lock)
                self._stopping.wait(max(LOOK_SECONDS, (time.monotonic() - start) * _SHARE))

    def once(self) -> bool:
        """Judge what is there, and end; return whether all of it could be judged, apart from what has to wait.

        Raises
        ------
        run.WatchError, OSError
            As `run` does.
        """
        with self._begun() as (lanes, lock):
            self._say_not_installed()
            self._look_first()
            while not self._stopping.is_set() and (self._pending or self._lanes):
                self._turn(time.monotonic(), lanes, lock)
                self._stopping.wait(_ONCE_SECONDS)
        return not (self._pending or self._retries)

    @contextlib.contextmanager
    def _begun(self) -> Iterator[tuple[ThreadPoolExecutor, contextlib.ExitStack]]:
        """Be the only watch of these results for the length of the block, and write the class's CSV at its end.

        Yields what judges, and what holds the lock that keeps other runs away.
        """
        output = self._options.output
        with atomic.lock(output / ".autograder" / "watch.lock", wait=False) as is_ours:
            if not is_ours:
                raise run.WatchError(f"another `autograder watch` writes to {output}; end that one, or choose --output")
            with contextlib.closing(self._pools), contextlib.ExitStack() as lock:
                with ThreadPoolExecutor(LANES, "lane") as lanes:
                    yield lanes, lock
                self._finish(list(self._lanes))
                if self._csv_is_old:
                    self._write_class()

    def _look_first(self) -> None:
        """Begin with everything that is there."""
        now = time.monotonic()
        self._collect(now)
        self._arrivals.take_all(now)
        self._pending |= dict.fromkeys(self._everybody())

    def _turn(self, now: float, lanes: ThreadPoolExecutor, lock: contextlib.ExitStack) -> None:
        """Look, and let be judged what there is. `lock` keeps other runs away while groups are judged."""
        self._notice(now)
        self._finish([lane for lane in self._lanes if lane.done()])
        if not self._lanes:
            lock.close()
            self._free_since = now
        groups = self._groups(now) if now - self._free_since < _HOLD_SECONDS else []
        if groups and (self._lanes or self._is_locked(lock)):
            for students in groups:
                work = self._judged if students else self._write_class
                came = {student: self._pending.pop(student) for student in students}
                self._lanes[lanes.submit(work, came)] = students

    def _is_locked(self, lock: contextlib.ExitStack) -> bool:
        """Whether no other run delivers into the same folder from now on."""
        if lock.enter_context(atomic.lock(run.lock_of(self._options.output), wait=False)):
            return True
        lock.close()
        self._complain("waiting until `autograder grade` is done")
        return False

    # What there is to do

    def _notice(self, now: float) -> None:
        """Add to those who are pending: whose work came, whose may be judged now, who are tried again."""
        self._collect(now)
        if taken := self._arrivals.take(now):
            self._pending |= {student: self._pending.get(student) or at for student, at in self._by_id(taken).items()}
        moment = dt.datetime.now(dt.UTC)
        for student in [student for student, opens in self._opens.items() if opens <= moment]:
            del self._opens[student]
            self._pending.setdefault(student, None)
        for student in [student for student, (at, _) in self._retries.items() if at <= now]:
            self._retries[student] = float("inf"), self._retries[student][1]
            self._pending.setdefault(student, None)
        if self._next_due is not None and self._next_due <= moment:  # whole pages may be seen from now on
            self._pending = dict.fromkeys(self._everybody()) | self._pending
            self._next_due = None
        if now - self._dates_known >= _DATES_SECONDS:
            self._dates_known = now
            self._next_due = (
                self._due_after(moment)
                if self._next_due is None
                else min(self._next_due, self._due_after(moment) or self._next_due)
            )

    def _collect(self, now: float) -> None:
        """Bring in what arrived elsewhere."""
        for source in self._sources:
            try:
                for line in source(now):
                    self._say(line)
            except Exception as error:  # noqa: BLE001  nothing that arrives may end the loop
                self._complain(f"not collected: {_reason(error)}; trying again")

    def _groups(self, now: float) -> list[frozenset[str]]:
        """Return the groups to judge next; an empty one stands for the class's CSV."""
        busy = frozenset[str]().union(*self._lanes.values())
        waiting = sorted(
            (student for student in self._pending if student not in busy),
            key=lambda student: (self._pending[student] is None, self._pending[student] or 0.0, student),
        )
        room = LANES - len(self._lanes)
        groups = [frozenset(waiting[at : at + _GROUP]) for at in range(0, len(waiting), _GROUP)][:room]
        is_quiet = not (groups or self._lanes or self._arrivals.waits)
        if is_quiet and self._csv_is_old and now - self._csv_written > _CLASS_SECONDS:
            groups = [frozenset()]
        return groups

    def _finish(self, lanes: Iterable[Future[_Done]]) -> None:
        """Keep what groups that are done have found."""
        for lane in lanes:
            del self._lanes[lane]
            done = lane.result()
            for student in done.students:
                self._opens.pop(student, None)
                if student not in done.failed:
                    self._retries.pop(student, None)
            self._opens |= done.opens
            for student in done.failed:
                _, before = self._retries.get(student, (0.0, _RETRY_SECONDS / 2))
                seconds = min(before * 2, _LONGEST_RETRY_SECONDS)
                self._retries[student] = time.monotonic() + seconds, seconds

    def _by_id(self, taken: Mapping[str, float]) -> dict[str, float]:
        """Return when something came, by student, for names of folders."""
        try:
            names = roster.load(self._course.root)
        except CourseError as error:
            self._complain(_reason(error))
            return dict(taken)
        found: dict[str, float] = {}
        for name, at in taken.items():
            student = names.student_of(student_name(name))
            found[student] = max(at, found.get(student, at))
        return found

    def _everybody(self) -> list[str]:
        """Return everybody who has handed in anything, now or before."""
        submitted = self._options.submitted
        names = [path.name for path in submitted.iterdir() if not is_junk(path.name)] if submitted.is_dir() else []
        return [*self._by_id(dict.fromkeys(names, 0.0)), *(name for name, _ in history.students(self._options.output))]

    def _due_after(self, moment: dt.datetime) -> dt.datetime | None:
        """Return when the next section that keeps something back is due, for anybody."""
        with contextlib.suppress(CourseError):
            course = course_module.load(self._course.root)
            keeping = {section.id: section.due for section in course.sections if section.before_due != "all"}
            dues = [*keeping.values()]
            dues += [each.due for (_, section), each in times.extensions(course).items() if section in keeping]
            return min((due for due in dues if due is not None and due > moment), default=None)
        return None

    # In a lane

    def _judged(self, came: Mapping[str, float | None]) -> _Done:
        """Judge and deliver for some students, whatever happens."""
        done = _Done(set(came))
        try:
            self._judge(came, done)
        except KeyboardInterrupt:
            pass  # what is judged is in the store
        except Exception as error:  # noqa: BLE001  nothing that arrives may end the loop
            if len(came) == 1:
                (student,) = done.failed = set(came)
                self._say(f"{quoted(student)} could not be judged: {_reason(error)}; it will be tried again")
                return done
            for student, at in came.items():
                alone = self._judged({student: at})
                done.opens |= alone.opens
                done.failed |= alone.failed
        return done

    def _judge(self, came: Mapping[str, float | None], done: _Done) -> None:
        options = self._options
        course, batch = self._current()
        gathered = deliver.gather(course, options.submitted, options.output, students=frozenset(came))
        now = dt.datetime.now(dt.UTC)
        split = allowance.split(course, options.output, gathered.attempts, now)
        outcomes = batch.run(split.ready)
        sound = (one.attempt for one in outcomes if one.record.status is not Status.NOT_JUDGED)
        allowance.charge(course, options.output, sound, now)
        with self._one_at_a_time:
            delivered = deliver.deliver(
                course,
                outcomes,
                None,
                options.output,
                with_gradebook=options.with_gradebook,
                db_url=options.db_url,
                attempts=gathered.attempts,
                waiting=split.waiting,
            )
            self._csv_is_old = True
        for (student, _), waiting in split.waiting.items():
            opens = dt.datetime.fromisoformat(waiting.judged)
            done.opens[student] = min(opens, done.opens.get(student, opens))
        done.failed |= {student for student, record in delivered.results if record.status is Status.NOT_JUDGED}
        with self._one_at_a_time:
            new = self._new(outcomes, delivered.results, came)
            for line in self._report(course, new, delivered.results, split, came):
                self._say(line)
            for entry in (*gathered.entries, *delivered.entries):
                is_new = (entry.student, entry.section) in new
                line = _line(entry)
                if entry.kind in (_SAID_OF_NEW if is_new else _SAID) and (is_new or line not in self._said):
                    self._said.add(line)
                    self._say(line)

    def _new(
        self, outcomes: Iterable[Outcome], results: Iterable[Result], came: Mapping[str, float | None]
    ) -> set[Key]:
        """Return whose results at what are news: judged just now, or another attempt than the one said last."""
        new = {(one.attempt.student, one.attempt.section) for one in outcomes if one.times is not None}
        for student, record in results:
            key, attempt = (student, record.section), record.header.attempt
            if came.get(student) is not None and self._told.get(key) != attempt:
                new.add(key)
            self._told[key] = attempt
        return new

    @staticmethod
    def _report(
        course: Course, new: AnyOf[Key], results: Iterable[Result], split: Split, came: Mapping[str, float | None]
    ) -> Iterator[str]:
        """Yield what was judged now, and what waits."""
        for student, record in results:
            if (student, record.section) in new:
                standing = section_standing(course.section(record.section), record)
                points = standing.status if standing.points is None else f"{number(standing.points)} points"
                at = came.get(student)
                took = "" if at is None else f" ({time.monotonic() - at:.1f} s after it came)"
                yield f"{quoted(student)} {record.section}: {points} of {number(standing.max)}{took}"
        for (student, section), waiting in split.waiting.items():
            yield f"{quoted(student)} {section}: kept; it is judged at {waiting.judged}"

    def _write_class(self, _: object = None) -> _Done:
        """Write the class's CSV, which takes too long to be written after each attempt."""
        options = self._options
        try:
            course, batch = self._current()
            whole = deliver.gather(course, options.submitted, options.output)
            with self._one_at_a_time:
                self._csv_is_old = False
                deliver.deliver(
                    course,
                    [],
                    batch.stored(whole.attempts),
                    options.output,
                    with_gradebook=False,
                    db_url=options.db_url,
                    attempts=whole.attempts,
                    entries=whole.entries,
                )
        except Exception as error:  # noqa: BLE001  as above
            self._csv_is_old = True
            self._complain(f"grades.csv can't be written: {_reason(error)}")
        self._csv_written = time.monotonic()
        return _Done(set())

    # The course

    def _current(self) -> tuple[Course, Batch]:
        """Return the course as it is now.

        Raises
        ------
        CourseError
            If it can't be read.
        """
        with self._one_at_a_time:
            course = course_module.load(self._course.root)
            suites = {section.id: suite_digest(course, section) for section in course.sections}
            if suites != self._batch.suites:
                course_module.check_notebooks(course)
                self._say(
                    "the course has changed: what arrives from now on is judged by its new state, and everything else "
                    "by the next `autograder grade`; start the watch again to be as fast as before"
                )
            if course != self._course or suites != self._batch.suites:
                self._course, self._batch = course, self._batch_of(course)
            return self._course, self._batch

    def _batch_of(self, course: Course) -> Batch:
        options = self._options
        return deliver.batch(course, options.walls, options.seed, options.jobs, self._pools, self._stopping)

    def _expected(self, name: str) -> tuple[str, ...]:
        return next((section.expected_files for section in self._course.sections if section.id == name), ())

    def _warm_up(self) -> None:
        """Start everything that takes seconds, before anything arrives."""
        course, options = self._course, self._options
        sections = [section.id for section in course.sections]
        self._say_not_installed()
        judges = fork_server.context(course.root, sections)
        prepared = gradebook.prepared(course, sections, options.output, options.db_url)
        with prepared if options.with_gradebook else contextlib.nullcontext():
            for level in dict.fromkeys(usual_level(course, section) for section in course.sections):
                with contextlib.suppress(WorkerUnavailableError):  # said about the first attempt that needs it
                    self._pools.start(level)
                    self._pools.folder(level)
            reader = judges.Process(target=int)  # is forked when all suites have been read
            reader.start()
            reader.join()

    def _say_not_installed(self) -> None:
        sections = [section.id for section in self._course.sections]
        for library, without in run.not_installed(self._course, sections).items():
            self._say(f"{library} is not installed, so these can't be graded: {', '.join(without)}. {run.INSTALL}")

    def _complain(self, line: str) -> None:
        """Say a line once, until another one is said."""
        if line != self._complaint:
            self._complaint = line
            self._say(line)


def _line(entry: Entry) -> str:
    who = " ".join(filter(None, (quoted(entry.student) if entry.student else "", entry.section)))
    return f"{who}: {entry.what} {entry.next}" if who else f"{entry.what} {entry.next}"


def _reason(error: Exception) -> str:
    return visible(" ".join(str(error).split()) or type(error).__name__, limit=500)
