"""What `make fuzz` throws bytes at, and `make test` its seeds: the judge's side of the wire, from the socket to a verdict.

A target is called with any bytes at all and returns, or raises an exception that says what is wrong with the judge. It
looks at results, not only at crashes: what comes out must be plain, printable, and one of the outcomes that exist.
"""

import itertools
import resource
import select
import socket
import struct
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from autograder.checks import answers, misconceptions
from autograder.checks.answers import WrongAnswer, approx
from autograder.course import Limits
from autograder.remote.calls import Given, RemotePath
from autograder.remote.clocks import ChildClock
from autograder.remote.errors import WorkerUnavailableError
from autograder.remote.faults import RemoteFault
from autograder.remote.link import Link
from autograder.remote.session import Session
from autograder.sandbox import wire
from autograder.sandbox.wire import Frame, Handle, Tensor, WireError
from autograder.verdict import Verdict

SEEDS = Path(__file__).parent / "corpus" / "frames"
# Every reply repeats the number of its request, which no child can guess. Here it is known, or all inputs would end there.
TOKEN = 7
LIMITS = Limits(
    call_cpu_seconds=1.0,
    sleep_seconds=3.0,
    import_cpu_seconds=1.0,
    cell_cpu_seconds=1.0,
    attempt_cpu_seconds=10.0,
    attempt_sleep_seconds=10.0,
    memory_mb=512,
    file_mb=16,
    replacements=1,
)
# Memory that one input may need, whatever it is. It is a few kilobytes long, and a byte may cost some hundred.
MAX_GROWTH_MB = 32

_PLAIN = frozenset({type(None), bool, int, float, complex, str, bytes, Handle})
_REQUESTS = ("call", "back", "live", "get", "hold", "item", "argument", "import", "cell", "confined", "each")


class NotPlainError(Exception):
    """Something came over the wire that is not data."""


class NotTidyError(Exception):
    """A verdict or message that must not exist."""


class GreedyError(Exception):
    """An input that took far more memory than it is long."""


def decode(data: bytes) -> None:
    """`wire.decode`: a frame of plain values that can be sent back, or `WireError`."""
    try:
        frame = wire.decode(data)
    except WireError:
        return
    if type(frame.token) is not int or type(frame.kind) is not str or frame.weight < len(data):
        raise NotPlainError(f"a frame with the head {frame.token!r}, {frame.kind!r}, {frame.weight!r}")
    check_plain(frame.body)
    if data[-1] % 4:  # the way back takes as long as all the rest: it is gone by one input in four
        return
    again = wire.decode(wire.encode(Frame(frame.token, "value", frame.body))[wire.HEADER.size :]).body
    if type(again) is not type(frame.body):
        raise NotPlainError(f"{type(frame.body)} became {type(again)} on the way back")


def answer(data: bytes) -> None:
    """A value that came through, in the hands of the suites and of the search for misconceptions."""
    try:
        frame = wire.decode(data)
    except WireError:
        return
    judge_value(frame.body)


def reply(data: bytes) -> None:
    """A session whose child sends `data` and dies: the first byte says what was asked, the next two how it dies."""
    if len(data) < 3:
        return
    request = _REQUESTS[data[0] % len(_REQUESTS)]
    status = struct.unpack(">H", data[1:3])[0] % 0x8000
    link = _StreamLink(data[3:], status, confined=request == "confined")
    session = Session(link, {"work.py": b""}, [("cell", "x = 1")], LIMITS, seed=0)
    session._child._tokens = itertools.repeat(TOKEN)
    try:
        if request not in ("import", "cell", "confined"):  # the stream begins with the answer to the call itself
            session._child.start()
            session._child.ready.add("work")
        _ask(session, request)
    except RemoteFault as fault:
        check_fault(fault)
    except WorkerUnavailableError:
        if request != "confined":
            raise
    finally:
        session.close()
    for call in session.calls:
        if call.fault is None:
            check_plain(call.result)
            misconceptions._answer(call)
        else:
            check_fault(call.fault)
    for cell in session.cell_faults.values():
        check_text(cell.message)


TARGETS = {"decode": decode, "reply": reply, "answer": answer}


def bounded(target):
    """Return `target` with a check that no input makes this process grow by more than `MAX_GROWTH_MB`."""
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak that other tests have left, see proc(5)

    def run(data: bytes) -> None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        target(data)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        if grown > MAX_GROWTH_MB * 1024:
            raise GreedyError(f"{len(data)} bytes took {grown // 1024} MB")

    return run


def seeds(target: str) -> list[Path]:
    """Return the inputs that are kept for `target`."""
    return sorted((SEEDS / target).iterdir())


def _ask(session: Session, request: str):
    work = session.module("work.py").f
    match request:
        case "call":
            return work(1.0)
        case "back":
            return work.call_and_return_arguments([1.0])
        case "live":
            return work.call_live(1.0)
        case "get":
            return work.fetch()
        case "hold":
            return session.get(work, hold=True)
        case "item":
            return RemotePath(session, session._child._generation * 2**32 + 1, (), "list", "work", "f")[0]
        case "argument":
            return work(work.g)
        case "each":
            return work.outcomes(Given(1.0), Given(2.0, base=3), Given())
        case "import":
            return work.fetch()
        case _:
            return session.notebook().x.fetch()


def check_plain(value) -> None:
    """Raise unless `value` is made of what the wire carries, exactly, and of handles that became names."""
    kind = type(value)
    if kind in _PLAIN or kind is RemotePath:
        return
    if kind in (list, tuple, set, frozenset):
        for element in value:
            check_plain(element)
    elif kind is dict:
        for key, element in value.items():
            check_plain(key)
            check_plain(element)
    elif kind is Tensor:
        if type(value.array) is not np.ndarray or value.array.dtype.kind not in "biufc":
            raise NotPlainError(f"a tensor of {value.array!r:.100}")
    elif kind is np.ndarray:
        if value.dtype.kind == "O":
            for element in value.reshape(-1):
                check_plain(element)
        elif value.dtype.kind not in "biufcSU":
            raise NotPlainError(f"an array of {value.dtype}")
    elif not issubclass(kind, np.generic) or np.dtype(kind).kind not in "biufcSU":
        raise NotPlainError(f"a {kind}")


def check_fault(fault: RemoteFault) -> None:
    """Raise unless `fault` is a verdict on the student, in words that can be shown to one."""
    if fault.verdict in (Verdict.NOT_JUDGED, Verdict.PASSED, Verdict.WRONG):
        raise NotTidyError(f"the verdict {fault.verdict}")
    for text in (fault.message, fault.guarded, fault.told(reveal=True), fault.told(reveal=False)):
        check_text(text)
    if not all(type(kind) is str for kind in fault.types):
        raise NotTidyError(f"types {fault.types!r}")


def check_text(text: str) -> None:
    """Raise unless `text` is printable, short, and can be stored."""
    if not text.isprintable() or len(text) > 1000 or len(text.encode()) > 4000:
        raise NotTidyError(f"the message {text!r}")


def judge_value(value) -> None:
    """Do to a student's answer what suites and the search for misconceptions do; only `WrongAnswer` may be raised."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", RuntimeWarning
        )  # of NumPy on numbers that overflow: the answer is the student's
        for reveal in (True, False):
            answers.observed.clear(reveal)
            check_text(answers.describe(value))
        check_text(answers.show(value))
        for question in (
            lambda: answers.number(value),
            lambda: answers.array(value),
            lambda: answers.parts(value, 2),
            lambda: approx(1.0, unit="bits") == value,
            lambda: approx([1.0, 2.0]) == value,
        ):
            try:
                question()
            except WrongAnswer as wrong:
                check_text(str(wrong))
            except RemoteFault as fault:
                check_fault(fault)
        for rule in (1.0, 2, np.ones(2), (1.0, 2.0), {"a": 1.0}, True, None, "text"):
            misconceptions._same(rule, value, 1e-7)


class _StreamLink(Link):
    """A link whose child answers the first request with all that it will ever send."""

    def __init__(self, stream: bytes, status: int, *, confined: bool) -> None:
        self._stream, self._status, self._confined = stream, status, confined
        self._data = None
        self._poll = select.poll()
        self._unread = bytearray()
        self.clock = ChildClock(2**22 + 1)  # of no process

    def put(self, files) -> None:
        pass

    def start(self, limits: Limits, seed: int) -> None:
        self._data, self._child = socket.socketpair()
        self._data.setblocking(False)
        self._child.setblocking(False)
        self._poll = select.poll()
        self._poll.register(self._data, select.POLLIN)
        self._unread.clear()
        if self._confined:
            self._speak()
            self._await_confinement()

    def send(self, data: bytes, alive: Callable[[], None]) -> None:
        super().send(data, alive)
        self._speak()

    def _speak(self) -> None:
        """Send everything, once something was asked: what comes before that is refused unread."""
        if self._stream:
            self._child.send(self._stream)
            self._stream = b""
        self._child.shutdown(socket.SHUT_WR)

    def check_litter(self) -> None:
        pass

    def end_and_sweep(self) -> tuple[int, float]:
        return self.end()

    def end(self) -> tuple[int, float]:
        if self._data is not None:
            self._data.close()
            self._child.close()
            self._data = None
        return self._status, 0.0
