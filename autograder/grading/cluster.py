"""A class run on a Dask cluster: attempts go out as bytes, records come back, and all else stays as on one machine.

What goes to a worker is the section, files, notes and hash of an attempt and the header of its record: no name of a
student, no suite. :mod:`autograder.grading.node` is the other end. Dask hands jobs of a worker that died to others.

A worker can be alive and yet unable to judge, because its disk is full or its memory is short. It would fail fast, and
therefore get attempts faster than the others. What fails by a fault of ours is tried on other workers, and a worker on
which several attempts in a row fail is given one that can be judged: if that fails too, the worker is left out. So
attempts that fail everywhere, however many there are, cost no worker.

Workers are trusted like the judges of this machine: they hold the suites, and their records become points. So is the
network between them, unless the scheduler's address begins with ``tls://``.
"""

from __future__ import annotations

import contextlib
import queue
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder.course import Course
from autograder.grading import node
from autograder.grading.jobs import Job, Over, Result
from autograder.grading.node import Fingerprint, Refused
from autograder.records.record import RecordError, Status
from autograder.records.store import decode
from autograder.remote.errors import LibraryMissingError, WorkerUnavailableError
from autograder.text import count

_CONNECT_SECONDS = 30.0
_WITHOUT_SECONDS = 60.0
"""How long to wait for a worker if there is none."""
_LOOK_SECONDS = 1.0
_FETCH_SECONDS = 60.0
_AHEAD = 2
"""Jobs that are sent for each judge: one that it has, and one that waits at the worker, so that no judge is idle."""
_IN_A_ROW = 3
"""How many attempts in a row have to fail on a worker, by a fault of ours, before it is tried with one that can be
judged. One may fail by itself, two because memory was short for a moment. A third costs only time, as each of them is
judged elsewhere."""
_NO_ATTEMPT = "0" * 64
_WORKERS_IN_A_ROUND = 3
"""On how many workers an attempt is tried in a round if it fails by a fault of ours. There are at most four rounds."""


class ClusterError(Exception):
    """The cluster can't judge; the message says why and what to do. What was judged by then is stored."""


@dataclass
class _Worker:
    """A worker that takes part.

    ``failed`` counts the attempts that failed by a fault of ours since the last one that did not. ``trials`` are those
    that it is being tried with, the next one last; meanwhile it gets no others.
    """

    judges: int
    failed: int = 0
    trials: list[Job] = field(default_factory=list)


@dataclass(frozen=True)
class _Sent:
    job: Job
    future: Any
    workers: frozenset[str]
    is_trial: bool = False


class _Lost:
    """Instead of an answer: the scheduler has forgotten the job."""


class Cluster:
    """The workers of a Dask cluster that are like this machine in everything that decides a record.

    Parameters
    ----------
    address
        The scheduler's, such as ``tcp://head:8786``. Certificates for ``tls://`` come from Dask's own configuration.
    course, walls
        What workers have to have too.
    say
        Called with a line about each worker that takes no part, and when the number of workers changes.

    Raises
    ------
    ClusterError
        If there is no scheduler at the address, or no certificate for it.
    """

    def __init__(self, address: str, course: Course, walls: tuple[str, ...], say: Callable[[str], None]) -> None:
        import dask
        from distributed import Client, Security
        from distributed.client import ClosedClientError

        make: Any = Client  # these have no types
        security: Any = Security
        if address.startswith("tls://") and not security().get_connection_args("client")["ssl_context"]:
            raise ClusterError(
                f"no certificate is configured for {address}; set Dask's `distributed.comm.tls` as docs/scale.md says"
            )
        self._gone = (OSError, ValueError, RuntimeError, ClosedClientError)  # as the client says that it was closed
        self._asked = Fingerprint.of(course, walls)
        self._say = say
        self._accepted: dict[str, _Worker] = {}  # by address
        self._told: frozenset[str] = frozenset()  # those of whom the last line about their number was
        self._refused: dict[str, str] = {}
        self._failed_on: dict[str, set[str]] = {}  # workers by attempt
        self._sound: Job | None = None  # one that was judged, and so can be
        self._looked, self._seen = 0.0, time.monotonic()
        self._began = False  # whether any worker was ever accepted
        self._answers: queue.SimpleQueue[tuple[str, str, Any]] = queue.SimpleQueue()
        self._fetching = ThreadPoolExecutor(8)
        self._open = contextlib.ExitStack()
        # An attempt may have more bytes than Dask warns about.
        self._open.enter_context(dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}))
        try:
            self._client = self._open.enter_context(make(address, timeout=_CONNECT_SECONDS, set_as_default=False))
        except (OSError, ValueError, TypeError) as error:
            raise ClusterError(
                f"no Dask scheduler answers at {address}: {error}; "
                "start one with `dask scheduler`, or correct --scheduler"
            ) from error

    def round(
        self, jobs: Sequence[Job], one_by_one: bool, patience: float | None
    ) -> Iterator[tuple[Job, Result | WorkerUnavailableError]]:
        """Judge each of `jobs`, on several workers if it fails by a fault of ours; yield its result, or the last fault.

        Raises
        ------
        ClusterError
            If every worker refuses or is broken, or none is left, or the scheduler is gone.
        """
        todo, out = deque(jobs), dict[str, _Sent]()
        tries = Counter[str]()
        while todo or out:
            if self._look():
                for key, sent in list(out.items()):
                    if sent.workers.isdisjoint(self._accepted):
                        self._take_back(out.pop(key), todo)
            for address, worker in self._accepted.items():
                if worker.trials and not any(sent.is_trial and address in sent.workers for sent in out.values()):
                    self._send(out, worker.trials[-1], None, [address], is_trial=True)
            free = [address for address, worker in self._accepted.items() if not worker.trials]
            room = 1 if one_by_one else _AHEAD * sum(self._accepted[address].judges for address in free)
            while todo and free and len(out) < room:
                job = todo.popleft()
                failed_on = self._failed_on.get(job.key, ())
                fresh = [address for address in free if address not in failed_on]
                self._send(out, job, patience, fresh or free)
            with contextlib.suppress(queue.Empty):
                key, address, answer = self._answers.get(timeout=_LOOK_SECONDS)
                if key not in out:  # it was taken back
                    continue
                sent = out.pop(key)
                job = sent.job
                if isinstance(answer, _Lost):
                    self._looked = 0.0
                    self._take_back(sent, todo)
                elif isinstance(answer, Refused):
                    self._refuse(address, answer.reason)
                    self._take_back(sent, todo)
                else:
                    result = _result(job, answer)
                    self._note(sent, address, result)
                    if sent.is_trial:
                        continue
                    tries[job.key] += 1
                    elsewhere = address and self._accepted.keys() - self._failed_on.get(job.key, ())
                    is_over = isinstance(result, Over)  # what to do then is decided after the round
                    if _fault(result) and not is_over and elsewhere and tries[job.key] < _WORKERS_IN_A_ROUND:
                        todo.append(job)
                    else:
                        yield job, result

    def _note(self, sent: _Sent, address: str, result: Result | WorkerUnavailableError) -> None:
        """Note what a result says about the worker it comes from; try the worker, or leave it out, if it seems broken.

        An attempt that was judged here or elsewhere can be judged. While there is none, an empty one of any section
        serves: the reason may be the suite of one section.
        """
        reason, job = _fault(result), sent.job
        if not address and len(sent.workers) == 1:
            (address,) = sent.workers
        worker = self._accepted.get(address)
        if reason and not sent.is_trial:
            self._failed_on.setdefault(job.key, set()).add(address)
        if isinstance(result, tuple) and not reason and not sent.is_trial:
            self._sound = job
        if worker is None or (isinstance(result, Over) and not reason):  # the attempt alone is the reason
            return
        if not reason:
            worker.failed = 0
            worker.trials.clear()
        elif sent.is_trial and worker.trials:
            worker.trials.pop()
            if not worker.trials:
                self._refuse(
                    address,
                    f"{worker.failed} attempts in a row failed there by a fault of that machine, and then one that can "
                    f"be judged ({reason}); run `autograder doctor` there and start it again",
                )
        elif not sent.is_trial and not isinstance(result, LibraryMissingError):  # that costs only what needs it
            worker.failed += 1
            if worker.failed >= _IN_A_ROW and not worker.trials:
                worker.trials = (
                    [self._sound] if self._sound else [_empty(job, *of) for of in self._asked.suites.items()]
                )

    def _look(self) -> bool:
        """See once in a while which workers are there, and ask new ones what they are; return whether this changed."""
        now = time.monotonic()
        if self._accepted and now < self._looked + _LOOK_SECONDS:
            return False
        try:
            there: dict[str, int] = self._client.nthreads()
            new = there.keys() - self._accepted.keys() - self._refused.keys()
            said = self._client.run(node.fingerprint, workers=list(new), on_error="return") if new else {}
        except self._gone as error:
            raise _lost(error) from error
        self._looked = now
        self._accepted = {address: worker for address, worker in self._accepted.items() if address in there}
        for address, mine in said.items():
            if not isinstance(mine, Fingerprint):
                self._refuse(address, mine if isinstance(mine, str) else f"it can't say what it is: {mine!r:.200}")
            elif reason := mine.unlike(self._asked):
                self._refuse(address, reason)
            else:
                self._accepted[address] = _Worker(there[address])
        if self._accepted:
            self._seen, self._began = now, True
        elif now > self._seen + _WITHOUT_SECONDS or (
            there and not self._began and self._refused.keys() >= there.keys()
        ):
            raise ClusterError(self._why_none())
        if not self._accepted:
            time.sleep(_LOOK_SECONDS / 4)
        if self._accepted.keys() == self._told:
            return False
        self._told = frozenset(self._accepted)
        judges = sum(worker.judges for worker in self._accepted.values())
        self._say(f"{count(len(self._told), 'worker')} of the cluster with {count(judges, 'judge')}")
        return True

    def _refuse(self, address: str, reason: str) -> None:
        self._accepted.pop(address, None)
        if address not in self._refused:
            self._refused[address] = reason
            self._say(f"the worker {address} takes no part: {reason}")

    def _why_none(self) -> str:
        if not self._refused:
            return f"the cluster has no worker; start some as docs/scale.md says, then {_GO_ON}"
        reasons = "; ".join(f"{address}: {reason}" for address, reason in self._refused.items())
        return f"no worker of the cluster can judge ({reasons}); {_GO_ON}"

    def _send(
        self, out: dict[str, _Sent], job: Job, patience: float | None, workers: Sequence[str], is_trial: bool = False
    ) -> None:
        try:
            future = self._client.submit(node.judge, without_person(job), patience, workers=list(workers), pure=False)
        except self._gone as error:
            raise _lost(error) from error
        out[future.key] = _Sent(job, future, frozenset(workers), is_trial)
        future.add_done_callback(self._done)

    def _done(self, future: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the run was stopped
            self._fetching.submit(self._fetch, future)

    def _fetch(self, future: Any) -> None:
        try:
            address, answer = future.result(timeout=_FETCH_SECONDS)
        except CancelledError:
            address, answer = "", _Lost()
        except Exception as error:  # noqa: BLE001  whatever went wrong on its way is no fault of the attempt
            address, answer = "", WorkerUnavailableError(f"the cluster failed: {type(error).__name__}: {error}")
        self._answers.put((future.key, address, answer))

    def _take_back(self, sent: _Sent, todo: deque[Job]) -> None:
        with contextlib.suppress(*self._gone):
            sent.future.cancel()
        if not sent.is_trial:
            todo.append(sent.job)

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._fetching.shutdown(wait=False, cancel_futures=True)
        self._open.close()


_GO_ON = "run the same command again to go on"


def _lost(error: Exception) -> ClusterError:
    return ClusterError(f"the connection to the scheduler is lost: {error}; {_GO_ON}")


def without_person(job: Job) -> Job:
    """Return the job without what says whose it is, which no judge needs."""
    return replace(
        job, attempt=replace(job.attempt, student="", path=Path(), timestamp=None, secret=None, late=None, seen="")
    )


def _result(job: Job, answer: Any) -> Result | WorkerUnavailableError:
    """Return what a worker answered as the result of its job."""
    if not isinstance(answer, tuple):
        other: Result | WorkerUnavailableError = answer
        return other
    try:
        record = decode(answer[0])
    except RecordError as error:
        return WorkerUnavailableError(f"a worker of the cluster sent no record: {error}")
    if record.header != job.header:
        return WorkerUnavailableError("a worker of the cluster sent the record of something else")
    return record, answer[1]


def _fault(result: Result | WorkerUnavailableError) -> str:
    """Return which fault of ours, or perhaps of ours, a result is; nothing if it is none."""
    match result:
        case None:
            return "a judge's process ended"
        case WorkerUnavailableError():
            return str(result)
        case Over(verdict, is_certain):
            return "" if is_certain else f"a judge met its own {verdict}"
        case (record, _) if record.status is Status.NOT_JUDGED:
            return record.reason or str(record.status)
    return ""


def _empty(job: Job, section: str, suite: str) -> Job:
    """Return a job like `job`, with an attempt at `section` that holds no files."""
    attempt = replace(job.attempt, section=section, files={}, notes=(), digest=_NO_ATTEMPT)
    return Job(attempt, replace(job.header, section=section, suite=suite, attempt=_NO_ATTEMPT))
