"""A class run on a Dask cluster: attempts go out as bytes, records come back, and all else stays as on one machine.

What goes to a worker is the section, files, notes and hash of an attempt and the header of its record: no name of a
student, no suite. :mod:`autograder.grading.node` is the other end. Dask hands jobs of a worker that died to others.

Workers are trusted like the judges of this machine: they hold the suites, and their records become points. So is the
network between them, unless the scheduler's address begins with ``tls://``.
"""

from __future__ import annotations

import contextlib
import queue
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder.course import Course
from autograder.grading import node
from autograder.grading.jobs import Job, Result
from autograder.grading.node import Fingerprint, Refused
from autograder.records.record import RecordError
from autograder.records.store import decode
from autograder.remote.errors import WorkerUnavailableError
from autograder.text import count

_CONNECT_SECONDS = 30.0
_WITHOUT_SECONDS = 60.0
"""How long to wait for a worker if there is none."""
_LOOK_SECONDS = 1.0
_FETCH_SECONDS = 60.0
_AHEAD = 2
"""Jobs that are sent for each judge: one that it has, and one that waits at the worker, so that no judge is idle."""


class ClusterError(Exception):
    """The cluster can't judge; the message says why and what to do. What was judged by then is stored."""


@dataclass(frozen=True)
class _Sent:
    job: Job
    future: Any
    workers: frozenset[str]


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

        make: Any = Client  # these have no types
        security: Any = Security
        if address.startswith("tls://") and not security().get_connection_args("client")["ssl_context"]:
            raise ClusterError(
                f"no certificate is configured for {address}; set Dask's `distributed.comm.tls` as docs/scale.md says"
            )
        self._asked = Fingerprint.of(course, walls)
        self._say = say
        self._accepted: dict[str, int] = {}  # judges by address
        self._refused: dict[str, str] = {}
        self._looked, self._seen = 0.0, time.monotonic()
        self._began = False  # whether any worker was ever accepted
        self._answers: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
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
        """Judge each of `jobs` once; yield its result, or why no worker could run it.

        Raises
        ------
        ClusterError
            If every worker refuses, or none is left, or the scheduler is gone.
        """
        todo, out = deque(jobs), dict[str, _Sent]()
        while todo or out:
            if self._look():
                for key, sent in list(out.items()):
                    if sent.workers.isdisjoint(self._accepted):
                        todo.append(self._taken_back(out.pop(key)))
            room = 1 if one_by_one else _AHEAD * sum(self._accepted.values())
            while todo and self._accepted and len(out) < room:
                sent = self._send(todo.popleft(), patience)
                out[sent.future.key] = sent
            with contextlib.suppress(queue.Empty):
                key, answer = self._answers.get(timeout=_LOOK_SECONDS)
                if key not in out:  # it was taken back
                    continue
                job = out.pop(key).job
                if isinstance(answer, Refused):
                    self._refuse(answer.address, answer.reason)
                    todo.append(job)
                else:
                    yield job, _result(job, answer)

    def _look(self) -> bool:
        """See once in a while which workers are there, and ask new ones what they are; return whether this changed."""
        now = time.monotonic()
        if self._accepted and now < self._looked + _LOOK_SECONDS:
            return False
        try:
            there: dict[str, int] = self._client.nthreads()
            new = there.keys() - self._accepted.keys() - self._refused.keys()
            said = self._client.run(node.fingerprint, workers=list(new), on_error="return") if new else {}
        except (OSError, ValueError, RuntimeError) as error:  # as Dask's client says that it was closed
            raise ClusterError(f"the connection to the scheduler is lost: {error}; {_GO_ON}") from error
        self._looked = now
        before = self._accepted
        self._accepted = {address: there[address] for address in before if address in there}
        for address, mine in said.items():
            if not isinstance(mine, Fingerprint):
                self._refuse(address, mine if isinstance(mine, str) else f"it can't say what it is: {mine!r:.200}")
            elif reason := mine.unlike(self._asked):
                self._refuse(address, reason)
            else:
                self._accepted[address] = there[address]
        if self._accepted:
            self._seen, self._began = now, True
        elif now > self._seen + _WITHOUT_SECONDS or (
            there and not self._began and self._refused.keys() >= there.keys()
        ):
            raise ClusterError(self._why_none())
        if self._accepted != before:
            workers, judges = count(len(self._accepted), "worker"), count(sum(self._accepted.values()), "judge")
            self._say(f"{workers} of the cluster with {judges}")
        if not self._accepted:
            time.sleep(_LOOK_SECONDS / 4)
        return self._accepted != before

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

    def _send(self, job: Job, patience: float | None) -> _Sent:
        workers = list(self._accepted)
        future = self._client.submit(node.judge, without_person(job), patience, workers=workers, pure=False)
        future.add_done_callback(self._done)
        return _Sent(job, future, frozenset(workers))

    def _done(self, future: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the run was stopped
            self._fetching.submit(self._fetch, future)

    def _fetch(self, future: Any) -> None:
        try:
            answer = future.result(timeout=_FETCH_SECONDS)
        except Exception as error:  # noqa: BLE001  whatever went wrong on its way is no fault of the attempt
            answer = WorkerUnavailableError(f"the cluster failed: {type(error).__name__}: {error}")
        self._answers.put((future.key, answer))

    @staticmethod
    def _taken_back(sent: _Sent) -> Job:
        with contextlib.suppress(OSError):
            sent.future.cancel()
        return sent.job

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._fetching.shutdown(wait=False, cancel_futures=True)
        self._open.close()


_GO_ON = "run the same command again to go on"


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
