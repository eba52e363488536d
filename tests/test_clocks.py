"""Sleep is distinguished from waiting for a busy machine, so that no verdict depends on its load."""

from __future__ import annotations

import dataclasses
import itertools
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from autograder.remote import clocks
from autograder.remote.clocks import ChildClock
from autograder.remote.errors import AsleepError
from autograder.remote.faults import RemoteFault
from autograder.remote.session import Session
from autograder.verdict import Verdict

from .conftest import QUICK

FORK = multiprocessing.get_context("fork")
TICK = 0.05


@contextmanager
def process(work: Callable[[], object], cpu: int | None = None) -> Iterator[int]:
    def run() -> None:
        os.setsid()  # otherwise the kernel may give all of them together the share of one, sched(7)
        if cpu is not None:
            os.sched_setaffinity(0, {cpu})
        work()

    started = FORK.Process(target=run, daemon=True)
    started.start()
    try:
        yield started.pid or 0
    finally:
        started.kill()
        started.join()


@contextmanager
def busy(count: int, cpu: int | None = None) -> Iterator[None]:
    """Keep a processor, or all, busy with `count` processes that compute for ever."""
    if not count:
        yield
        return
    with process(spin, cpu), busy(count - 1, cpu):
        yield


def spin() -> None:
    while True:
        pass


def computes(seconds: float) -> None:
    while time.process_time() < seconds:
        pass


def naps() -> None:
    for _ in range(100):
        time.sleep(0.002)
        hash("work" * 1000)


def asleep(pid: int, until: Callable[[ChildClock], bool]) -> tuple[float, float]:
    """Watch a process as a judge does; return what it slept, and how long that took."""
    clock = ChildClock(pid)
    began = time.monotonic()
    while not until(clock) and os.path.exists(f"/proc/{pid}/stat"):  # noqa: PTH110
        clock.look()
        time.sleep(TICK)
    return clock.asleep, time.monotonic() - began


def test_a_process_that_sleeps_is_asleep_for_as_long_as_it_does() -> None:
    with process(lambda: time.sleep(60)) as pid:
        slept, watched = asleep(pid, lambda clock: clock.asleep > 0.5)

    assert 0.5 < slept <= watched


def test_waiting_for_a_processor_is_no_sleep() -> None:
    cpu = min(os.sched_getaffinity(0))
    with busy(5, cpu), process(lambda: computes(0.3), cpu) as pid:
        slept, watched = asleep(pid, lambda clock: clock.cpu_seconds() > 0.25)

    assert watched > 0.6  # it had a sixth of the processor
    assert slept < TICK


def test_of_short_naps_on_a_busy_machine_only_the_naps_are_sleep() -> None:
    """Each nap is two milliseconds long, but the processor comes back much later."""
    cpu = min(os.sched_getaffinity(0))
    with busy(5, cpu), process(naps, cpu) as pid:
        time.sleep(TICK)
        slept, watched = asleep(pid, lambda clock: clock.asleep > 5 or "Z" in state(pid))

    assert slept < 100 * 0.002 + 2 * TICK + watched / 2


def state(pid: int) -> str:
    with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
        return file.read().rpartition(")")[2].split()[0]


def scripted(monkeypatch: pytest.MonkeyPatch, threads: Callable[[], tuple[dict[str, float], set[int]]]) -> ChildClock:
    """Return the clock of a child that computes nothing and has the given threads; looks are 0.1 s apart."""
    clock = ChildClock(0)
    seconds = itertools.count()
    monkeypatch.setattr(clock, "_threads", threads)
    monkeypatch.setattr(clock, "cpu_seconds", lambda: 0.0)
    monkeypatch.setattr(clocks.time, "monotonic", lambda: next(seconds) / 10)
    return clock


def test_waiting_for_a_disk_is_no_sleep_for_a_while_and_then_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a system call that never returns would be waited for forever."""
    monkeypatch.setattr(clocks, "_BLOCKED_SECONDS", 0.3)
    clock = scripted(monkeypatch, lambda: ({}, set(b"D")))

    slept = [clock.look() or clock.asleep for _ in range(8)]

    assert slept == pytest.approx([0, 0, 0, 0, 0.1, 0.2, 0.3, 0.4], abs=0.11)
    assert slept[-1] > 0.3


def test_who_is_awake_whenever_somebody_looks_is_asleep_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = scripted(monkeypatch, lambda: ({"1": 0.0}, set(b"R")))

    for _ in range(120):
        clock.look()

    assert clock.asleep == pytest.approx(10.0, abs=0.3)


def test_an_answer_that_a_busy_machine_let_lie_is_no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = scripted(monkeypatch, lambda: ({"1": 0.0}, set(b"S")))
    own = itertools.count()
    monkeypatch.setattr(clocks, "_waited", lambda thread: next(own) / 20)  # half of the time, until now

    clock.look()

    assert clock.settle() == pytest.approx(0.05)


def test_an_answer_settles_what_a_look_has_put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = scripted(monkeypatch, lambda: ({"1": 0.0}, set(b"R")))

    monkeypatch.setattr(clocks, "_waited", lambda thread: 0.0)

    for _ in range(20):
        clock.look()

    assert clock.asleep == 0
    assert clock.settle() == pytest.approx(2.0)


def test_of_threads_that_wait_for_one_another_only_the_longest_wait_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = (({str(thread): look * 0.01 for thread in range(200)}, set(b"S")) for look in itertools.count())
    clock = scripted(monkeypatch, lambda: next(waits))

    for _ in range(11):
        clock.look()

    assert clock.asleep == pytest.approx(10 * (0.1 - 0.01))


def test_of_several_threads_all_must_sleep() -> None:
    import threading

    def work() -> None:
        threading.Thread(target=spin, daemon=True).start()
        time.sleep(60)

    with process(work) as pid:
        slept, _ = asleep(pid, lambda clock: clock.cpu_seconds() > 0.5)

    assert slept < 2 * TICK


def test_the_clocks_of_a_process_that_is_gone_stand_still() -> None:
    with process(spin) as pid:
        clock = ChildClock(pid)
        clock.look()
    clock.look()

    assert clock.cpu_seconds() == 0.0


WORK = """
import time
def computes():
    began = time.process_time()
    while time.process_time() - began < 0.3:
        pass
    return 1
def sleeps():
    time.sleep(60)
"""


def test_code_that_computes_is_not_stopped_for_waiting_on_a_busy_machine(session_with: Callable[..., Session]) -> None:
    module = session_with(WORK, limits=dataclasses.replace(QUICK, sleep_seconds=0.3)).module("work.py")

    with busy(6):
        assert module.computes() == 1


def test_code_that_sleeps_is_stopped_on_a_busy_machine_too(session_with: Callable[..., Session]) -> None:
    module = session_with(WORK, limits=dataclasses.replace(QUICK, sleep_seconds=0.3)).module("work.py")

    with busy(6), pytest.raises(RemoteFault) as fault:
        module.sleeps()

    assert fault.value.verdict is Verdict.TIME_LIMIT


def test_with_little_patience_code_that_sleeps_is_put_off_and_not_judged(session_with: Callable[..., Session]) -> None:
    session = session_with(WORK)
    session._child._patience = 0.2

    with pytest.raises(AsleepError):
        session.module("work.py").sleeps()
