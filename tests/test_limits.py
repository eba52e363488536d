"""Every limit of a call and of an attempt: its verdict, and words that say what happened; and a class that hangs."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest

from autograder import link as link_module
from autograder import remote, score
from autograder.collect import attempt as make_attempt
from autograder.confine import WALLS
from autograder.course import Course
from autograder.faults import RemoteFault
from autograder.judge import Suite
from autograder.link import Link
from autograder.remote import Given
from autograder.verdict import Verdict

from .conftest import QUICK

SOURCE = """
import ctypes, os, sys, threading, time

def computes():
    while True:
        pass

def sleeps():
    time.sleep(3600)

def many_threads_compute():
    data = bytes(2**22)
    import hashlib
    def burn():
        while True:
            hashlib.sha256(data)
    for _ in range(3):
        threading.Thread(target=burn, daemon=True).start()
    burn()

def allocates():
    return bytearray(50 * 2**30)

def prints():
    while True:
        print("x" * 1000)

def writes():
    with open("large", "wb") as file:
        while True:
            file.write(bytes(2**20))

def litters():
    for number in range(1000):
        with open(f"f{number}", "wb") as file:
            file.write(bytes(2**16))

def opens():
    kept = []
    while True:
        kept.append(open("/dev/null"))

def starts_threads():
    threading.stack_size(2**16)
    while True:
        threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()

def forks():
    os.fork()

def answers():
    return bytes(2**26 + 1)

def fine():
    return 2
"""
SAID = {
    "computes": (Verdict.TIME_LIMIT, "`computes` was stopped after 1 seconds of computing."),
    "sleeps": (Verdict.TIME_LIMIT, "`sleeps` was stopped after 0.5 seconds of waiting."),
    "many_threads_compute": (Verdict.TIME_LIMIT, "`many_threads_compute` was stopped after"),
    "allocates": (Verdict.MEMORY_LIMIT, "`allocates` ran out of memory"),
    "prints": (Verdict.REFUSED, "`prints` printed or wrote too much"),
    "writes": (Verdict.REFUSED, "`writes` printed or wrote too much"),
    "litters": (Verdict.REFUSED, "`litters` left too many files."),
    "opens": (Verdict.REFUSED, "`opens` held too many files open at a time"),
    "starts_threads": (Verdict.REFUSED, "`starts_threads` started more threads than it has room for"),
    "forks": (Verdict.REFUSED, "`forks` tried something that is closed to it"),
    "answers": (Verdict.ERROR, "the value is too large to send"),
}


@pytest.mark.parametrize("name", SAID)
def test_a_call_over_a_limit_has_its_verdict_and_says_so_and_the_next_call_is_judged(session_with, monkeypatch, name):
    monkeypatch.setattr(link_module, "_MAX_LITTER", 2**24)
    wall = 0.5 if name == "sleeps" else 10.0
    module = session_with(SOURCE, limits=dataclasses.replace(QUICK, call_wall_seconds=wall)).module("work.py")
    verdict, words = SAID[name]

    with pytest.raises(RemoteFault) as fault:
        getattr(module, name)()

    assert fault.value.verdict is verdict
    assert words in fault.value.message
    assert module.fine() == 2


HOARDS = """
kept, times = [], []

def keeps():
    while True:
        kept.append(bytes(2**22))

def keeps_none():
    return bytearray(50 * 2**30)

def needs_half():
    return len(bytearray(2**28))

def count():
    times.append(1)
    return len(times)
"""


@pytest.mark.parametrize("root", ["module", "notebook"])
def test_memory_that_a_function_keeps_is_not_taken_from_others(session_with, root):
    session = session_with(HOARDS, cells=[("exercise-1", HOARDS)])
    student = session.module("work.py") if root == "module" else session.notebook()

    verdicts = [outcome.verdict for outcome in student.keeps.outcomes(Given(), Given())]

    assert verdicts == [Verdict.MEMORY_LIMIT] * 2
    assert student.needs_half() == 2**28


def test_a_cell_that_keeps_memory_costs_the_others_nothing(session_with):
    after = "def needs_half():\n    return len(bytearray(2**28))"
    session = session_with(cells=[("exercise-1", f"{HOARDS}\nkeeps()"), ("after", after)])

    assert session.notebook().needs_half() == 2**28
    assert session.cell_faults["exercise-1"].verdict is Verdict.MEMORY_LIMIT


def test_a_call_that_got_no_memory_and_keeps_none_costs_no_process(session_with):
    module = session_with(HOARDS).module("work.py")

    counted = [module.count()]
    with pytest.raises(RemoteFault, match="ran out of memory"):
        module.keeps_none()
    counted.append(module.count())

    assert counted == [1, 2]


def test_an_import_and_a_cell_have_limits_of_their_own(session_with):
    limits = dataclasses.replace(QUICK, import_cpu_seconds=0.2, cell_cpu_seconds=0.2)
    session = session_with(
        "while True: pass", cells=[("exercise-1", "while True: pass"), ("after", "x = 1")], limits=limits
    )

    with pytest.raises(RemoteFault) as fault:
        session.module("work.py").anything()
    assert (fault.value.verdict, fault.value.message) == (
        Verdict.TIME_LIMIT, "Importing `work.py` was stopped after 0.2 seconds of computing.",
    )  # fmt: skip
    assert session.notebook().x.fetch() == 1
    assert session.cell_faults["exercise-1"].message == "The cell was stopped after 0.2 seconds of computing."


def test_the_whole_attempt_has_a_limit_by_the_clock(session_with):
    limits = dataclasses.replace(QUICK, attempt_wall_seconds=1.0)
    module = session_with("import time\ndef nap():\n    time.sleep(0.4)\n    return 1\n", limits=limits).module(
        "work.py"
    )
    started = time.monotonic()

    naps = iter(module.nap, None)

    with pytest.raises(RemoteFault) as fault:
        list(naps)

    assert fault.value.verdict is Verdict.TIME_LIMIT
    assert time.monotonic() - started < 2


def test_the_whole_attempt_has_a_limit_of_processor_time_that_no_handler_lifts(session_with):
    """The kernel holds it, in case that the judge is not there to look: a second's signal, then an end."""
    source = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n"
        "def limits():\n    return resource.getrlimit(resource.RLIMIT_CPU)\n"
    )
    limits = dataclasses.replace(QUICK, attempt_wall_seconds=7.0)

    soft, hard = session_with(source, limits=limits).module("work.py").limits()

    assert (soft, hard) == (8, 9)


def test_processes_that_are_started_anew_are_limited(session_with):
    names = [f"ends_{number}" for number in range(QUICK.replacements + 2)]
    source = "import os\n" + "".join(f"def {name}():\n    os._exit(1)\n" for name in names)
    module = session_with(source).module("work.py")
    said = []

    for name in names:
        with pytest.raises(RemoteFault) as fault:
            getattr(module, name)()
        said.append(fault.value.message)

    assert said[0] == "`ends_0` ended the Python process (exit code 1)."
    assert said[-1].startswith("Not run: the code before it had to be stopped 5 times")


def test_what_an_attempt_answers_in_all_is_limited(session_with, monkeypatch):
    monkeypatch.setattr(remote, "_MAX_KEPT", 2**20)
    module = session_with("def some():\n    return bytes(2**19)\n").module("work.py")

    answers = iter(module.some, None)

    with pytest.raises(RemoteFault) as fault:
        list(answers)

    assert (fault.value.verdict, fault.value.message) == (
        Verdict.REFUSED, "`some` and the calls before it answered with too much data.",
    )  # fmt: skip


def test_half_a_class_that_hangs_costs_one_limit_each(course: Course, link: Link) -> None:
    """Judged one after the other: n hanging attempts take at most n limits, and the rest of each is still judged.

    The limit is looked at twenty times a second, and a new child costs a fork, which is what the margin is for.
    `benchmarks/hanging.py` measures the same of a class of 200 on all cores.
    """
    limits = dataclasses.replace(QUICK, call_wall_seconds=0.5)
    section = dataclasses.replace(course.sections[0], limits=limits)
    suite = Suite(course, section)
    right = (course.root / "solutions" / "1_entropy" / "entropy.py").read_bytes()
    hang = (
        b"\n\nclass InformationMeasures(InformationMeasures):\n    @staticmethod\n"
        b"    def joint_entropy(joint_p, base=2):\n        import time\n\n        time.sleep(3600)\n"
    )

    def seconds(source: bytes) -> float:
        attempt = make_attempt(section, "ada", Path(), {"entropy.py": source})
        header = score.Header(section.id, attempt.digest, "suite", 0, "grader", WALLS)
        started = time.monotonic()
        record = score.record(section, suite.judge(attempt, link, 0), header)
        points = record["items"]["example-1"]["points"]
        assert points == (7.5 if source != right else 10)
        return time.monotonic() - started

    seconds(right)
    n = 4
    honest = min(seconds(right) for _ in range(n))

    hanging = [seconds(right + hang) for _ in range(n)]

    assert min(hanging) > limits.call_wall_seconds
    assert sorted(hanging)[n // 2 - 1] < honest + limits.call_wall_seconds + 0.5
