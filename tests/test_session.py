"""A session with one attempt: values, faults, limits, replacement, and hostile answers."""

import dataclasses
import time

import numpy as np
import pytest
import torch

from autograder.remote import child, faults, link
from autograder.remote.calls import Given, RemotePath
from autograder.remote.errors import DisturbedError, WorkerUnavailableError
from autograder.remote.faults import RemoteFault
from autograder.remote.link import Link
from autograder.remote.session import Session
from autograder.verdict import Verdict

from .conftest import QUICK, undisturbed

STUDENT = """
import os, sys, time
import numpy as np

class Work:
    kept = 3.0

    @staticmethod
    def double(x, by=2):
        return x * by

    @staticmethod
    def pair():
        return 1, [2.0, np.float32(3)]

    @staticmethod
    def fill(values):
        values[0] = 9
        return None

    @staticmethod
    def unwritten():
        raise NotImplementedError("sum it up")

    @staticmethod
    def refuse():
        raise ValueError("`p` must sum to 1; got 0.7")

    @staticmethod
    def leave():
        sys.exit("bye")

    @staticmethod
    def end():
        os._exit(5)

    @staticmethod
    def hang():
        while True:
            pass

    @staticmethod
    def sleep():
        time.sleep(60)

    @staticmethod
    def hoard():
        return np.zeros(50 * 2**30)

    @staticmethod
    def leak():
        held = []
        while True:
            held.append(bytearray(2**20))

    @staticmethod
    def flood():
        while True:
            print("x" * 2**16)

    @staticmethod
    def talk():
        print("hello")
        return "said"

    @staticmethod
    def deep():
        return Work.deep()

    @staticmethod
    def address():
        raise ValueError(f"{object()} in {os.getcwd()}")

    @staticmethod
    def make():
        return Work()

    def held(self):
        return self.kept
"""


def verdict_of(call, *args, **kwargs):
    with pytest.raises(RemoteFault) as fault:
        call(*args, **kwargs)
    return fault.value.verdict, fault.value.message


@pytest.fixture
def session(session_with):
    return session_with(STUDENT)


@pytest.fixture
def work(session):
    return session.module("work.py").Work


def test_a_call_reads_like_the_real_thing(work):
    assert work.double(2) == 4
    assert work.double(2, by=3.5) == 7.0
    assert np.array_equal(work.double(np.arange(3)), [0, 2, 4])
    assert work.pair() == (1, [2.0, np.float32(3)])
    assert work.kept.fetch() == 3.0


def test_arguments_come_back_as_the_call_left_them(work):
    values = np.zeros(2)

    result, (after,) = work.fill.call_and_return_arguments(values)

    assert result is None
    assert after.tolist() == [9, 0]
    assert values.tolist() == [0, 0]


def test_arguments_of_several_calls_come_back_in_one_round_trip(work):
    calls = work.fill.each_with_arguments(Given(np.zeros(2)), Given([0, 0, 0]))

    assert [(result, list(after)) for result, (after,) in calls] == [(None, [9, 0]), (None, [9, 0, 0])]
    with pytest.raises(RemoteFault):
        work.fill.each_with_arguments(Given([0]), Given(3))


def test_an_object_stays_with_the_worker_and_can_be_called(work):
    thing = work.make()

    assert isinstance(thing, RemotePath)
    assert thing.held() == 3.0


def test_every_call_is_recorded(session, work):
    work.double(2)
    verdict_of(work.refuse)

    assert [(call.function, call.args, call.result) for call in session.calls] == [
        ("Work.double", (2,), 4),
        ("Work.refuse", (), None),
    ]
    assert session.calls[1].fault.types[0] == "ValueError"


@pytest.mark.parametrize(
    ("name", "verdict", "says"),
    [
        ("unwritten", Verdict.MISSING, "Not written yet: `Work.unwritten` (line 23)."),
        ("refuse", Verdict.ERROR, "`Work.refuse` raised ValueError: `p` must sum to 1; got 0.7 (work.py, line 27)."),
        ("leave", Verdict.ERROR, "`Work.leave` raised SystemExit: bye (work.py, line 31)."),
        ("nowhere", Verdict.MISSING, "There is no `Work.nowhere` in `work.py`."),
        ("end", Verdict.CRASHED, "`Work.end` ended the Python process (exit code 5)."),
        ("hang", Verdict.TIME_LIMIT, "`Work.hang` was stopped after 1 seconds of computing."),
        ("sleep", Verdict.TIME_LIMIT, "`Work.sleep` was stopped after 3 seconds of waiting."),
        ("flood", Verdict.REFUSED, "`Work.flood` printed or wrote too much (work.py, line 59)."),
    ],
)
def test_a_fault_has_its_verdict_and_says_where(work, name, verdict, says):
    assert verdict_of(getattr(work, name)) == (verdict, says)


@pytest.mark.parametrize("name", ["hoard", "leak"])
def test_memory_is_bounded(session_with, name):
    work = session_with(STUDENT, limits=dataclasses.replace(QUICK, memory_mb=64)).module("work.py").Work

    verdict, message = verdict_of(getattr(work, name))

    assert verdict is Verdict.MEMORY_LIMIT
    assert "ran out of memory" in message
    assert work.double(1) == 2


def test_deep_recursion_is_an_error_of_its_own(work):
    assert verdict_of(work.deep)[0] is Verdict.ERROR
    assert work.double(1) == 2


def test_printing_is_fine_and_a_flood_costs_the_next_call_nothing(work):
    verdict_of(work.flood)

    assert work.talk() == "said"


def test_a_function_that_floods_is_run_once(session_with):
    work = session_with("""
        runs = 0
        def flood():
            global runs
            runs += 1
            while True:
                print("x" * 2**16)
        """).module("work.py")

    assert verdict_of(work.flood) == verdict_of(work.flood)
    assert work.runs.fetch() == 1


def test_messages_hold_no_address_and_no_path_of_the_grader(work):
    _, message = verdict_of(work.address)

    assert "0x…" in message
    assert "/tmp" not in message
    assert "slot" not in message


@pytest.mark.parametrize("name", ["end", "hang"])
def test_a_call_that_took_the_child_along_costs_only_its_own_function(session, work, name):
    first = verdict_of(getattr(work, name))
    used = session.clock.children

    assert work.double(3) == 6
    assert verdict_of(getattr(work, name)) == first
    assert session.clock.children == used, "the barred function was run again, in a child that it took along"


def test_tensors_arrive_as_tensors_and_come_back_as_numbers(session_with):
    source = """
    import torch
    def gradient(x, more):
        assert type(x) is torch.Tensor and type(more["y"][0]) is torch.Tensor
        x = x.requires_grad_()
        (x**2).sum().backward()
        return x.grad, str(x.dtype)
    """
    module = session_with(source).module("work.py")

    gradient, dtype = module.gradient(torch.tensor([1.0, 2.0]), {"y": [torch.ones(1)]})

    assert gradient.array.tolist() == [2.0, 4.0]
    assert dtype == "torch.float32"


QUOTING = """
import os
class Quoted(ValueError):
    pass
def say(x):
    raise ValueError(f"secret {x}")
def name(x):
    raise type(f"secret {x}", (ValueError,), {})("secret")
def path(x):
    open(f"/secret {x}")
def unwritten(x):
    raise NotImplementedError(f"secret {x}")
def missing(x):
    raise ModuleNotFoundError("secret", name=f"secret {x}")
def compiled(x):
    exec(compile("1 / 0", f"<secret {x}>", "exec"))
def bare(x):
    raise type(f"secret {x}", (BaseException,), {})
"""


@pytest.mark.parametrize("name", ["say", "name", "path", "unwritten", "missing", "compiled", "bare"])
def test_what_a_function_says_of_a_hidden_input_is_not_told(session_with, name):
    with pytest.raises(RemoteFault) as fault:
        getattr(session_with(QUOTING).module("work.py"), name)(0.123)

    assert "secret" not in fault.value.told(reveal=False)
    assert "0.123" not in fault.value.told(reveal=False)
    assert name == "unwritten" or "secret" in fault.value.told(reveal=True)


def test_cells_have_not_seen_a_hidden_input(session_with):
    """Failing cells give their own messages, so they run in a child in which no check has called anything yet."""
    source = "seen = []\ndef keep(x):\n    seen.append(x)\n    open('kept', 'w').write(repr(x))\n"
    cell = "import os, work\nfound = [work.seen, os.path.exists('kept')]"
    session = session_with(source, cells=[("one", cell)])
    session.module("work.py").keep(0.123)

    assert session.notebook().found.fetch() == [[], False]


def test_the_child_does_not_hold_the_cohort_seed(link):
    source = b"import sys\ndef seeds():\n    frame, found = sys._getframe(), []\n    while frame:\n        found += [v for v in frame.f_locals.values() if type(v) is int]\n        frame = frame.f_back\n    return found\n"
    session = Session(link, {"work.py": source}, [], QUICK, 987654321)

    assert 987654321 not in session.module("work.py").seeds()
    session.close()


def test_replacements_are_limited(session_with):
    source = (
        "import os\n" + "".join(f"def end{n}():\n    os._exit({n})\n" for n in range(9)) + "def fine():\n    return 1\n"
    )
    module = session_with(source, limits=dataclasses.replace(QUICK, replacements=2)).module("work.py")

    verdicts = [verdict_of(getattr(module, f"end{n}"))[1] for n in range(4)]

    assert "exit code 2" in verdicts[2]
    assert "grading ends after that" in verdicts[3]
    assert verdict_of(module.fine)[0] is Verdict.CRASHED


def test_the_attempt_as_a_whole_has_a_limit(session_with):
    limits = dataclasses.replace(QUICK, attempt_sleep_seconds=0.5)
    module = session_with(
        "import time\ndef nap():\n    time.sleep(2)\ndef fine():\n    return 1\n", limits=limits
    ).module("work.py")

    assert verdict_of(module.nap)[0] is Verdict.TIME_LIMIT
    assert verdict_of(module.fine)[0] is Verdict.TIME_LIMIT


@pytest.mark.parametrize(
    ("source", "verdict", "says"),
    [
        ("def broken(:\n", Verdict.ERROR, "Importing `work.py` raised SyntaxError: invalid syntax (work.py, line 1)."),
        (
            "import pandaz\n",
            Verdict.ERROR,
            "needs `pandaz`, which is neither handed in nor installed where grading runs (work.py, line 1).",
        ),
        ("1 / 0\n", Verdict.ERROR, "raised ZeroDivisionError"),
        ("import os\nos._exit(0)\n", Verdict.CRASHED, "ended the Python process"),
        ("raise SystemExit\n", Verdict.ERROR, "SystemExit"),
        ("open('/etc/passwd')\n", Verdict.REFUSED, "/etc/passwd"),
    ],
)
def test_a_module_that_does_not_import_says_why(session_with, source, verdict, says):
    module = session_with(source).module("work.py")

    got, message = verdict_of(module.anything)

    assert got is verdict
    assert says in message


def test_a_file_that_is_not_there_is_missing(session_with):
    assert verdict_of(session_with().module("other.py").work) == (
        Verdict.MISSING,
        "The file `other.py` is not in the submission.",
    )


def test_cells_run_in_order_and_a_failing_one_is_passed_over(session_with):
    session = session_with(
        cells=[("one", "x = 1"), ("two", "1 / 0"), ("three", "y = x + 1"), ("four", "raise NotImplementedError()")]
    )

    assert session.notebook().y.fetch() == 2
    assert verdict_of(session.notebook().z.fetch) == (Verdict.MISSING, "There is no `z` in the notebook.")
    assert {label: fault.verdict for label, fault in session.cell_faults.items()} == {
        "two": Verdict.ERROR,
        "four": Verdict.MISSING,
    }
    assert session.cell_faults["four"].unfinished


@pytest.mark.parametrize("deadly", ["import os; os._exit(1)", "while True: pass"])
def test_a_cell_that_takes_the_child_along_is_left_out(session_with, deadly):
    session = session_with(cells=[("one", "x = 1"), ("two", deadly), ("three", "y = x + 1")])

    assert session.notebook().y.fetch() == 2
    assert session.cell_faults["two"].verdict in (Verdict.CRASHED, Verdict.TIME_LIMIT)


def test_magics_and_shell_escapes_do_nothing_and_timing_magics_run_their_cell(session_with):
    cells = [("one", "%matplotlib inline\n!ls\nx = 1"), ("two", "%%time\ny = 2"), ("three", "%%bash\nz = 3")]
    notebook = session_with(cells=cells).notebook()

    assert notebook.x.fetch() == 1
    assert notebook.y.fetch() == 2
    assert verdict_of(notebook.z.fetch)[0] is Verdict.MISSING


def test_the_notebook_sees_the_students_module(session_with):
    session = session_with("def one():\n    return 1\n", cells=[("one", "import work\nx = work.one()")])

    assert session.notebook().x.fetch() == 1


def test_a_notebook_that_cannot_be_read_keeps_its_fault(session_with):
    fault = RemoteFault(Verdict.ERROR, "no JSON")

    assert verdict_of(session_with(cells=fault).notebook().x.fetch) == (Verdict.ERROR, "no JSON")


FORGERIES = {
    "garbage before the answer": "os.write(3, b'garbage that is no frame')",
    "an endless announcement": "os.write(3, b'\\xff\\xff\\xff\\xff')",
    "an answer of its own": "os.write(3, wire.encode(wire.Frame(1, 'value', 1.0)))",
    "an answer that says unconfined": "os.write(3, wire.encode(wire.Frame(0, 'unconfined', 'grader fault')))",
    "half a frame, then silence": "os.write(3, b'\\x00\\x00\\x10\\x00ab'); os.close(3)",
    "a closed wire": "os.close(3)",
}


@pytest.mark.parametrize("attack", FORGERIES.values(), ids=FORGERIES.keys())
def test_whatever_a_hostile_child_sends_ends_in_a_verdict(session_with, attack):
    session = session_with(
        f"import os\nfrom autograder.sandbox import wire\ndef forge():\n    {attack}\n    return 1.0\ndef fine():\n    return 2\n"
    )
    module = session.module("work.py")

    verdict, _ = verdict_of(module.forge)

    assert verdict in (Verdict.REFUSED, Verdict.CRASHED)
    assert module.fine() == 2


def test_an_endless_stream_is_no_answer(session_with):
    source = "import os\ndef flood():\n    while True:\n        os.write(3, b'\\x03\\xff\\xff\\xff' + b'x' * 2**20)\n"

    verdict, _ = verdict_of(session_with(source).module("work.py").flood)

    assert verdict in (Verdict.REFUSED, Verdict.TIME_LIMIT)


def test_a_second_answer_to_one_request_bars_its_function_and_no_other(session_with):
    source = """
    import os, sys
    from autograder.sandbox import wire
    def twice():
        frame = sys._getframe()
        while "request" not in frame.f_locals:
            frame = frame.f_back
        os.write(3, wire.encode(wire.Frame(frame.f_locals["request"].token, "value", 1.0)))
        return 1.0
    def fine():
        return 2
    """
    module = session_with(source).module("work.py")
    module.twice()
    time.sleep(0.2)

    assert module.fine() == 2
    assert verdict_of(module.twice) == (Verdict.REFUSED, "`twice` sent more than one answer.")


def test_a_result_too_deep_to_send_is_an_error(session_with):
    source = "def deep():\n    x = []\n    for _ in range(5000):\n        x = [x]\n    return x\n"

    assert verdict_of(session_with(source).module("work.py").deep)[0] is Verdict.ERROR


def test_nothing_of_an_attempt_is_left_for_the_next(link):
    first = Session(
        link,
        {"work.py": b"import sys\nsys.planted = 1\nopen('left', 'w').write('x')\nimport numpy\nnumpy.planted = 1\n"},
        [],
        QUICK,
        0,
    )
    with pytest.raises(RemoteFault):
        first.module("work.py").nothing()
    first.close()
    source = b"import os, sys, numpy\ndef found():\n    return hasattr(sys, 'planted'), hasattr(numpy, 'planted'), os.listdir()\n"
    second = Session(link, {"work.py": source}, [], QUICK, 0)

    assert second.module("work.py").found() == (False, False, ["work.py"])
    second.close()


def test_random_numbers_follow_from_the_work_and_tell_nothing_of_the_cohorts_seed(link):
    """Hidden inputs are drawn from that seed, and there are so few seeds that all can be tried."""

    def drawn(source, seed):
        session = Session(link, {"work.py": source}, [], QUICK, seed)
        found = session.module("work.py").draw()
        session.close()
        return found

    source = b"import random\nimport numpy as np\ndef draw():\n    return random.random(), np.random.rand()\n"

    assert drawn(source, 2026) == drawn(source, 4711)
    assert drawn(source, 2026) != drawn(source + b"# other work\n", 2026)


def test_global_generators_start_from_the_seed(session_with):
    source = "import random, numpy as np, torch\ndef draw():\n    return random.random(), float(np.random.rand()), torch.rand(1).item()\n"

    assert session_with(source).module("work.py").draw() == session_with(source).module("work.py").draw()


def test_a_worker_that_is_not_there_is_a_fault_of_ours(tmp_path):
    with pytest.raises(WorkerUnavailableError, match="does not answer"):
        Link(tmp_path)


HARD_TO_TELL = {
    "a line number that cannot be printed": "e = SyntaxError('x'); e.lineno = 10**5000; raise e",
    "a line number that is no number": "e = SyntaxError('x'); e.lineno = object(); raise e",
    "a file name that takes a pattern forever": "exec(compile('1/0', '<' + '/a' * 10**6, 'exec'))",
    "a package name that takes a pattern forever": "raise ModuleNotFoundError('x', name='/' * 10**7)",
}


@pytest.mark.parametrize("body", HARD_TO_TELL.values(), ids=HARD_TO_TELL.keys())
def test_an_exception_that_is_hard_to_tell_of_is_told_of_quickly(session_with, body):
    module = session_with(f"def work():\n    {body}\n").module("work.py")
    started = time.monotonic()

    verdict, message = verdict_of(module.work)

    assert verdict is Verdict.ERROR
    assert len(message) < 1000
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "lie",
    [
        {"where": ["a", 10**5000, ""]},
        {"errno": np.array([27, 27])},
        {"message": "/" * 10**6},
        {"types": ["x" * 10**6] * 1000},
        {"where": [[], True, ""]},
    ],
)
def test_a_forged_description_of_an_exception_gives_a_short_message(lie):
    fault = faults.of_exception({"types": ["ValueError"], "message": ""} | lie, "`f`", "`work.py`")

    assert fault.verdict is Verdict.ERROR
    assert len(fault.message) < 1000


def test_the_name_of_a_type_is_printable_and_short(session_with):
    module = session_with("def make():\n    return type('\\x1b[2J' + 'x' * 10**6, (), {})()\n").module("work.py")

    name = str(module.make())

    assert name.isprintable()
    assert len(name) < 400


def test_what_an_attempt_leaves_in_the_judges_memory_is_bounded(session_with, monkeypatch):
    monkeypatch.setattr(child, "_MAX_KEPT", 2**20)
    source = "import numpy as np\ndef some():\n    return np.zeros(10**5)\ndef fine():\n    return 2\n"
    module = session_with(source).module("work.py")
    module.some()

    assert verdict_of(module.some) == (Verdict.REFUSED, "`some` and the calls before it answered with too much data.")
    assert module.fine() == 2


@pytest.mark.fills_disk
@pytest.mark.parametrize(
    ("limit", "value"), [("_MAX_LITTER", 2**20), ("_MAX_FILES", 20)], ids=["many bytes", "many files"]
)
def test_an_attempt_cannot_fill_the_disk(session_with, monkeypatch, limit, value):
    monkeypatch.setattr(link, limit, value)
    source = """
    import os
    def litter():
        for number in range(50):
            with open(f"f{number}", "wb") as file:
                file.write(bytes(10**5))
    def left():
        return os.listdir()
    """

    def told():
        module = session_with(source).module("work.py")
        return verdict_of(module.litter), module.left()

    assert undisturbed(told) == ((Verdict.REFUSED, "`litter` left too many files."), ["work.py"])


HIDDEN = """
import mmap, os
held = []
def fill(file):
    file.write(os.urandom(2**20))
    file.flush()
    os.fsync(file.fileno())
def removed():
    for number in range(256):
        held.append(open(f"f{number}", "wb"))
        os.remove(f"f{number}")
        fill(held[-1])
def unnamed():
    for number in range(256):
        held.append(os.fdopen(os.open(".", os.O_TMPFILE | os.O_RDWR), "wb"))
        fill(held[-1])
def mapped():
    for number in range(256):
        with open("f", "w+b") as file:
            fill(file)
            held.append(mmap.mmap(file.fileno(), 2**20))
        os.remove("f")
def replaced():
    for number in range(256):
        with open("new", "w+b") as file:
            fill(file)
            held.append(mmap.mmap(file.fileno(), 2**20))
        os.replace("new", "old")
def honest():
    return 1
"""


@pytest.mark.fills_disk
@pytest.mark.parametrize("way", ["removed", "unnamed", "mapped", "replaced"])
def test_an_attempt_cannot_fill_the_disk_with_files_that_have_no_name(session_with, monkeypatch, way):
    monkeypatch.setattr(link, "_MAX_LITTER", 2**25)

    def told():
        module = session_with(HIDDEN).module("work.py")
        return verdict_of(getattr(module, way)), module.honest()

    assert undisturbed(told) == ((Verdict.REFUSED, f"`{way}` left too many files."), 1)


@pytest.mark.fills_disk
def test_a_disk_in_memory_is_counted_by_what_is_given_back(session_with, monkeypatch):
    """The kernel does not count what is written to a tmpfs; on a disk, free space may come back too."""
    monkeypatch.setattr(link, "_MAX_LITTER", 2**25)
    monkeypatch.setattr(link, "_file_system", lambda _: "tmpfs")

    def told():
        module = session_with(HIDDEN).module("work.py")
        return verdict_of(module.removed), module.honest()

    assert undisturbed(told) == ((Verdict.REFUSED, "`removed` left too many files."), 1)


def test_a_disk_that_somebody_else_fills_is_no_fault_of_an_attempt(session_with):
    session = session_with(HIDDEN)
    module = session.module("work.py")
    assert module.honest() == 1
    free = session._child._link._disk()
    session._child._link._disk = lambda: (free[0] - 2**29, free[1])
    session._child._link.slack = 8
    assert module.honest() == 1

    session._child._link.slack = 1
    session._child._link._disk = lambda: (free[0] - 2**30, free[1])
    with pytest.raises(DisturbedError, match="something else fills the disk"):
        module.honest()


def test_folders_closed_to_their_owner_are_removed(link):
    source = b"import os\nos.mkdir('a', 0o300)\nopen('a/b', 'w').close()\nos.mkdir('a/\\udcff\\n-rf', 0o300)\nos.mkdir('a/c', 0)\n"
    first = Session(link, {"work.py": source}, [], QUICK, 0)
    assert verdict_of(first.module("work.py").nothing)[0] is Verdict.MISSING
    first.close()

    second = Session(link, {"work.py": b"import os\ndef found():\n    return os.listdir()\n"}, [], QUICK, 0)

    assert second.module("work.py").found() == ["work.py"]
    second.close()


def test_an_object_that_outlives_its_session_runs_nothing(session_with):
    session = session_with(STUDENT)
    thing = session.module("work.py").Work.make()
    session.close()

    assert verdict_of(thing.held) == (Verdict.CRASHED, "Not run: grading is over.")
    assert not session._child._link.running
