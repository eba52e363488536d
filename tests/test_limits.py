"""Every limit of a call and of an attempt, with its verdict and its message; and a class that hangs."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest

from autograder.course import Course, load
from autograder.judge.suite import Suite
from autograder.judge.trial import judge
from autograder.records import score
from autograder.records.record import Header
from autograder.remote import child
from autograder.remote import link as link_module
from autograder.remote.calls import Given
from autograder.remote.faults import RemoteFault
from autograder.remote.link import Link
from autograder.sandbox.walls import WALLS
from autograder.submissions.attempts import make_attempt
from autograder.submissions.limits import MAX_FILE_BYTES
from autograder.verdict import Verdict
from benchmarks import limits as limits_module

from .conftest import QUICK, ROOT, undisturbed

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
    threading.stack_size(2**17)
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
    "forks": (
        Verdict.REFUSED,
        "`forks` asks the system for something, which is not available while your work is graded",
    ),
    "answers": (Verdict.ERROR, "the value is too large to send"),
}


@pytest.mark.fills_disk
@pytest.mark.parametrize("name", SAID)
def test_a_call_over_a_limit_has_its_verdict_and_says_so_and_the_next_call_is_judged(session_with, monkeypatch, name):
    monkeypatch.setattr(link_module, "_MAX_LITTER", 2**24)
    limits = dataclasses.replace(QUICK, sleep_seconds=0.5, file_mb=4)

    def told():
        module = session_with(SOURCE, limits=limits).module("work.py")
        with pytest.raises(RemoteFault) as fault:
            getattr(module, name)()
        return fault.value, module.fine()

    fault, after = undisturbed(told)

    verdict, words = SAID[name]
    assert fault.verdict is verdict
    assert words in fault.message
    assert after == 2


# Little memory, so that even a slow machine fills it quickly, and a time limit that none of these calls should meet.
NARROW = dataclasses.replace(QUICK, memory_mb=64, call_cpu_seconds=20.0, cell_cpu_seconds=20.0)
HALF = 2**25

HOARDS = """
kept, times = [], []

def keeps():
    while True:
        kept.append(bytes(2**20))

def keeps_none():
    return bytearray(50 * 2**30)

def needs_half():
    return len(bytearray(2**25))

def count():
    times.append(1)
    return len(times)
"""


@pytest.mark.parametrize("root", ["module", "notebook"])
def test_memory_that_a_function_keeps_is_not_taken_from_others(session_with, root):
    session = session_with(HOARDS, cells=[("exercise-1", HOARDS)], limits=NARROW)
    student = session.module("work.py") if root == "module" else session.notebook()

    verdicts = [outcome.verdict for outcome in student.keeps.outcomes(Given(), Given())]

    assert verdicts == [Verdict.MEMORY_LIMIT] * 2
    assert student.needs_half() == HALF


def test_a_cell_that_keeps_memory_costs_the_others_nothing(session_with):
    after = "def needs_half():\n    return len(bytearray(2**25))"
    session = session_with(cells=[("exercise-1", f"{HOARDS}\nkeeps()"), ("after", after)], limits=NARROW)

    assert session.notebook().needs_half() == HALF
    assert session.cell_faults["exercise-1"].verdict is Verdict.MEMORY_LIMIT


def test_a_call_that_got_no_memory_and_keeps_none_costs_no_process(session_with):
    module = session_with(HOARDS, limits=NARROW).module("work.py")

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
    assert session.cell_faults["exercise-1"].message == (
        "Line 1 (`while True: pass`) was stopped after 0.2 seconds of computing. "
        "It was left out; what the rest of the cell defines was kept."
    )


CELLS = 0.3  # processor seconds of a cell in the tests below


def cells(session_with, *sources, **limits):
    """Run cells that have little time; return the session."""
    limited = dataclasses.replace(QUICK, cell_cpu_seconds=CELLS, sleep_seconds=0.3, **limits)
    session = session_with(cells=[(f"cell-{number}", source) for number, source in enumerate(sources)], limits=limited)
    session.prepare([])
    return session


def test_a_stopped_statement_costs_nothing_else_of_its_cell(session_with):
    session = cells(
        session_with,
        "a = 1\ndef f():\n    return a\nwhile True:\n    pass\nb = f() + 1\nclass C: x = 3\nc = missing",
        "d = b + C.x",
    )

    notebook = session.notebook()
    assert [notebook.a.fetch(), notebook.b.fetch(), notebook.d.fetch()] == [1, 2, 5]
    assert list(session.cell_faults) == ["cell-0"]
    fault = session.cell_faults["cell-0"]
    assert fault.verdict is Verdict.TIME_LIMIT
    assert fault.message == (
        "Line 4 (`while True:`) was stopped after 0.3 seconds of computing. "
        "It was left out; what the rest of the cell defines was kept."
    )


@pytest.mark.parametrize(
    ("statement", "verdict", "said"),
    [
        ("import time; time.sleep(3600)", Verdict.TIME_LIMIT, "Line 2 (`import time; time.sleep(3600)`) was stopped"),
        ("import os; os._exit(3)", Verdict.CRASHED, "Line 2 (`import os; os._exit(3)`) ended the Python process"),
        ("import ctypes; ctypes.string_at(0)", Verdict.CRASHED, "Line 2 (`import ctypes; ctypes.string_at(0)`) ended"),
    ],
    ids=["sleeps", "ends the process", "crashes"],
)
def test_whatever_loses_the_process_costs_one_statement(session_with, statement, verdict, said):
    session = cells(session_with, f"a = 1\n{statement}\nb = 2")

    assert (session.notebook().a.fetch(), session.notebook().b.fetch()) == (1, 2)
    assert session.cell_faults["cell-0"].verdict is verdict
    assert session.cell_faults["cell-0"].message.startswith(said)


def test_behind_a_second_stop_in_a_cell_nothing_slow_is_tried_and_definitions_are_made(session_with):
    loop = "while True: pass"
    slow = "\n".join(f"for _ in iter(int, 1): x{number} = 1" for number in range(6))
    session = cells(session_with, f"a = 1\n{loop}\n{loop}\n{slow}\ndef f():\n    return 5\nb = [1, 2]\nc = a + 1")

    notebook = session.notebook()
    assert (notebook.f(), notebook.b.fetch(), notebook.c.fetch()) == (5, [1, 2], 2)
    assert session._child.starts == 3


@pytest.mark.parametrize("magic", ["%%time", "%%capture out", "%%prun", "%%capture\n%%time"])
def test_a_magic_over_the_whole_cell_hides_no_statement(session_with, magic):
    session = cells(session_with, f"{magic}\na = 1\nwhile True: pass\nb = 2")

    assert (session.notebook().a.fetch(), session.notebook().b.fetch()) == (1, 2)


def test_a_notebook_that_uses_up_the_processes_leaves_one_for_the_modules(session_with):
    endless = [(f"cell-{number}", "while True: pass") for number in range(8)]
    limits = dataclasses.replace(QUICK, cell_cpu_seconds=CELLS)
    session = session_with("def f():\n    return 1", cells=[*endless, ("last", "a = 1")], limits=limits)
    session.prepare(["work.py"])

    with pytest.raises(RemoteFault, match=r"the notebook's cells had to be stopped 4 times"):
        session.notebook().a.fetch()
    assert session.module("work.py").f() == 1


def test_a_magic_that_is_no_statement_of_the_cell_is_stopped_once(session_with):
    session = cells(session_with, "%%timeit\nwhile True: pass", "a = 1")

    assert session.notebook().a.fetch() == 1
    assert session._child.starts == 2


def test_a_cell_that_is_stopped_costs_the_cells_around_it_nothing(session_with):
    session = cells(session_with, "a = []", "a.append(1)", "while True: pass", "a.append(2)")

    assert session.notebook().a.fetch() == [1, 2]


def test_a_child_that_lies_about_where_it_is_is_stopped_all_the_same(session_with):
    name = "import ctypes\nlibc = ctypes.CDLL(None)\nwhile True: libc.prctl(15, {!r}, 0, 0, 0)"
    lies = [b"0:1", b"-4:0", b"-1:1", b"999999:1", b"junk", b"", b"\xff\xfe", b"1e3:2"]

    for lie in lies:
        session = cells(session_with, name.format(lie), "after = 1", replacements=8)
        assert session.notebook().after.fetch() == 1
        assert session.cell_faults["cell-0"].verdict is Verdict.TIME_LIMIT


@pytest.mark.parametrize("section", [section.id for section in load(ROOT).sections])
def test_every_limit_is_far_above_what_the_reference_uses(course, link, section):
    """`make bench` prints by how much, on an idle machine. On a slow machine that others use, a call takes four times
    the processor time, and no sensible solution may meet a limit there either.
    """
    found = list(limits_module.uses(course, course.section(section), link, runs=1))

    assert {"call_cpu_seconds", "cell_cpu_seconds", "import_cpu_seconds", "attempt_cpu_seconds"} <= {
        u.name for u in found
    }
    assert [use for use in found if use.ratio < limits_module.LEAST / 4] == []


def test_a_file_that_may_be_handed_in_may_be_written(course):
    """Every child gets a copy of the submission, and writes it itself."""
    assert all(section.limits.file_mb << 20 > MAX_FILE_BYTES for section in course.sections)


def test_the_whole_attempt_has_a_limit_of_sleep(session_with):
    limits = dataclasses.replace(QUICK, attempt_sleep_seconds=1.0)
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
    """The kernel enforces it in case the judge does not look: one second after the signal, the process is ended."""
    source = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n"
        "def limits():\n    return resource.getrlimit(resource.RLIMIT_CPU)\n"
    )
    limits = dataclasses.replace(QUICK, attempt_cpu_seconds=7.0)

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
    monkeypatch.setattr(child, "_MAX_KEPT", 2**20)
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
    limits = dataclasses.replace(QUICK, sleep_seconds=0.5)
    section = dataclasses.replace(course.sections[0], limits=limits)
    suite = Suite(course, section)
    right = (course.root / "solutions" / "1_entropy" / "entropy.py").read_bytes()
    hang = (
        b"\n\nclass InformationMeasures(InformationMeasures):\n    @staticmethod\n"
        b"    def joint_entropy(joint_p, base=2):\n        import time\n\n        time.sleep(3600)\n"
    )

    def seconds(source: bytes) -> float:
        attempt = make_attempt(section, "ada", Path(), {"entropy.py": source})
        header = Header(section.id, attempt.digest, "suite", 0, "grader", WALLS)
        started = time.monotonic()
        record = score.record(section, judge(suite, attempt, link, 0), header)
        points = record.items["example-1"].points
        assert points == (7.5 if source != right else 10)
        return time.monotonic() - started

    seconds(right)
    n = 4
    honest = min(seconds(right) for _ in range(n))

    hanging = [seconds(right + hang) for _ in range(n)]

    assert min(hanging) > limits.sleep_seconds
    assert sorted(hanging)[n // 2 - 1] < honest + limits.sleep_seconds + 0.5
