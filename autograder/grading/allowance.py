"""Which of a student's attempts `autograder watch` judges now, and which wait, by the course's table ``[watch]``.

Beside the history of each student and section lies a file that says when each of their attempts was judged, by its
digest. Only different work counts: what was judged before is free, also where it is judged again with another suite.
If the file is missing, what the history holds counts as judged when it was first seen. Trusted, like the history.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from autograder import atomic
from autograder.course import Allowance, Course
from autograder.gradebook import Key
from autograder.grading import deliver
from autograder.records.record import WaitingRecord
from autograder.submissions import history, times
from autograder.submissions.attempts import Attempt
from autograder.submissions.history import HistoryError
from autograder.text import path_component

LEDGER = "judged.json"
Ledger = dict[str, dt.datetime]
"""When each attempt was judged, by digest."""


@dataclass
class Split:
    """What is judged now, and whose newer work waits until when."""

    ready: list[Attempt] = field(default_factory=list)
    waiting: dict[Key, WaitingRecord] = field(default_factory=dict)

    @property
    def opens(self) -> dt.datetime | None:
        """The first moment at which something that waits may be judged."""
        return min((dt.datetime.fromisoformat(one.judged) for one in self.waiting.values()), default=None)


def split(course: Course, output: Path, attempts: Iterable[Attempt], now: dt.datetime) -> Split:
    """Return which of `attempts` are judged at the moment `now`.

    What waits is put into the history, so that it is kept whatever is handed in next. For a student whose newest work
    waits, the attempt before it is among those that are ready, so that there is a page to say so.

    Raises
    ------
    HistoryError
        If the history can't be read or written.
    """
    found = Split()
    later: dict[Key, tuple[list[Attempt], dt.datetime, Ledger]] = {}
    of_key: dict[Key, list[Attempt]] = {}
    for attempt in attempts:
        of_key.setdefault((attempt.student, attempt.section), []).append(attempt)
    for key, several in of_key.items():
        allowance = course.section(key[1]).watch
        if allowance is None:
            found.ready += several
            continue
        ledger = load(course, output, *key)
        fresh = sorted(
            (attempt for attempt in several if attempt.digest not in ledger),
            key=partial(deliver.arrived, course),
            reverse=True,
        )
        room, opens = _room(allowance, ledger.values(), now, wanted=len(fresh))
        found.ready += [attempt for attempt in several if attempt.digest in ledger] + fresh[:room]
        if fresh[room:]:
            save(output, *key, ledger)  # before the history gets what was not judged
            later[key] = fresh[room:], opens, ledger
    history.keep((attempt for several, *_ in later.values() for attempt in several if not attempt.seen), output)
    there = {(attempt.student, attempt.section) for attempt in found.ready}
    for key, kept in deliver.kept(course, output, later.keys()).items():
        several, opens, ledger = later[key]
        arrived = times.came(course, several[0]) or max(
            (dt.datetime.fromisoformat(one.seen) for one in kept if one.digest == several[0].digest), default=now
        )
        found.waiting[key] = WaitingRecord(_shown(course, arrived), _shown(course, opens))
        if key not in there and (earlier := [one for one in kept if one.digest in ledger]):
            found.ready.append(max(earlier, key=partial(deliver.arrived, course)))
    return found


def charge(course: Course, output: Path, judged: Iterable[Attempt], now: dt.datetime) -> None:
    """Write down that these attempts were judged at the moment `now`, unless they were before.

    Raises
    ------
    HistoryError
        If that can't be written.
    """
    of_key: dict[Key, set[str]] = {}
    for attempt in judged:
        if course.section(attempt.section).watch is not None:
            of_key.setdefault((attempt.student, attempt.section), set()).add(attempt.digest)
    for key, digests in of_key.items():
        ledger = load(course, output, *key)
        if not digests <= ledger.keys():
            save(output, *key, dict.fromkeys(digests, now) | ledger)


def load(course: Course, output: Path, student: str, section: str) -> Ledger:
    """Return when which attempts of a student were judged.

    Raises
    ------
    HistoryError
        If that can't be read.
    """
    path = _path(output, student, section)
    try:
        told = json.loads(path.read_bytes())
        return {str(digest): dt.datetime.fromisoformat(time) for digest, time in told.items()}
    except FileNotFoundError:
        pass
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise HistoryError(f"{path} can't be read ({error}); put a backup there, or remove it") from error
    kept = deliver.kept(course, output, {(student, section)}).get((student, section), ())
    return {attempt.digest: dt.datetime.fromisoformat(attempt.seen) for attempt in kept}


def _room(
    allowance: Allowance, judged: Iterable[dt.datetime], now: dt.datetime, wanted: int
) -> tuple[int, dt.datetime]:
    """Return how many of the `wanted` may be judged now, and when there is room for the next."""
    used = sorted(time for time in judged if now - allowance.per < time <= now)
    room = max(0, allowance.attempts - len(used))
    used += [now] * min(room, wanted)
    if len(used) < allowance.attempts:
        return room, now
    # Moments are told to the second, so it is the first whole second at which there is room.
    return room, used[-allowance.attempts].replace(microsecond=0) + dt.timedelta(seconds=1) + allowance.per


def _shown(course: Course, time: dt.datetime) -> str:
    return times.shown(course, time) or ""


def _path(output: Path, student: str, section: str) -> Path:
    return history.folder(output) / path_component(student) / section / LEDGER


def save(output: Path, student: str, section: str, ledger: Ledger) -> None:
    """Write down when which attempts of a student were judged.

    Raises
    ------
    HistoryError
        If that can't be written.
    """
    path = _path(output, student, section)
    text = json.dumps({digest: time.astimezone(dt.UTC).isoformat() for digest, time in ledger.items()})
    try:
        atomic.write(path, text.encode())
    except OSError as error:
        raise HistoryError(
            f"{path} can't be written ({error.strerror}); free some space or correct the permissions"
        ) from error
