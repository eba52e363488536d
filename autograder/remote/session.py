"""The judge's side of the wire: a session with one attempt, and names that read like the student's module.

`Session` starts a confined child on demand, holds every call to its limits, replaces a child that died, and remembers
which function killed it. `RemotePath` makes ``entropy.InformationMeasures.entropy(p)`` one round trip.

Trust: nothing that arrives from the child is trusted. A reply that is no answer to the request just sent ends the
child, and the check gets a verdict.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import os
import re
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast

from autograder.course import Limits
from autograder.remote.faults import RemoteFault, clean, no_answer, of_ending, of_exception
from autograder.remote.link import Link, LitterError
from autograder.remote.true_answers import Oracle
from autograder.sandbox import wire
from autograder.sandbox.deferred import names_given
from autograder.sandbox.requests import DEFERRED, LIVE, NOTEBOOK, NOTHING_YET, SLOW
from autograder.submissions.notebook import PlannedCell
from autograder.verdict import Verdict

_MAX_KEPT = 2**28  # bytes that the answers of one attempt may hold in the judge's memory
_MAX_HANDLE = 2**32
_MAX_LEFT_OUT = 4  # statements of one cell
_MAX_QUOTED = 60
_AT = re.compile(r"(-?[0-9]{1,6}):([0-9]{1,7})", re.ASCII)


@dataclass(frozen=True)
class Call:
    """One call of the student's code as the judge saw it. `fault` is set where there is no `result`."""

    function: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    result: Any = None
    fault: RemoteFault | None = None


class Given:
    """Arguments for one of several calls: ``entropy.each(Given(p), Given(p, base=3))``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args = args
        self.kwargs = kwargs


@dataclass(frozen=True)
class CellFault:
    """A notebook cell that failed when it was run."""

    label: str
    verdict: Verdict
    message: str
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request on its way: what its replies must repeat, whom a loss is laid to, and each reply's limits."""

    token: int
    key: str
    subject: str
    place: str
    cpu_seconds: float
    limit: str = ""


@dataclass
class Clock:
    """Processor seconds of one attempt: what the children used in all, and in calls alone; and seconds asleep.

    `most` maps each limit of processor time, and each function with one of its own, to the most that was used of it.
    """

    calls: float = 0.0
    children: float = 0.0
    asleep: float = 0.0
    most: dict[str, float] = field(default_factory=dict)


class AsleepError(Exception):
    """Code of the student's sleeps longer than there is time for now; it is to be judged again, with more patience."""


class DisturbedError(Exception):
    """The attempt has to be judged again from its start, for what others did."""


class Session:
    """One attempt under judgement.

    Parameters
    ----------
    link
        The slot to use.
    files
        The attempt's files.
    cells
        The notebook's code cells in the order in which they run; or the fault that explains why there are none.
    limits, seed
        From the course.
    oracle
        Answers in place of functions of the student's; for repeats only.
    patience
        Seconds that code may sleep before `AsleepError` is raised; None holds it to its limit, and that is final.
    """

    def __init__(
        self,
        link: Link,
        files: Mapping[str, bytes],
        cells: Sequence[PlannedCell | tuple[str, str]] | RemoteFault,
        limits: Limits,
        seed: int,
        oracle: Oracle | None = None,
        patience: float | None = None,
    ) -> None:
        self._link = link
        self._oracle = oracle
        self._files = files
        self._cells = cells if isinstance(cells, RemoteFault) else [PlannedCell(*cell) for cell in cells]
        self._left_out: dict[str, list[int]] = {}  # of cells: what had to be stopped
        self._without_deferred = False
        self._given_up: RemoteFault | None = None  # of the notebook, in this session; a repeat tries it again
        self._limits = limits
        self._patience = patience
        self.seed = seed
        self._childs_seed = _seed_of(files)
        self._barred: dict[str, RemoteFault] = {}
        self._imported: set[str] = set()
        self._notebook_ran = False
        self._called = False
        self._starts = 0
        self._cpu_start = 0.0
        self._kept = 0
        self._tokens = _random_numbers()
        self._closed = False
        self._children = 0
        self._last = ("", "The code")
        self._stopped_at = ""
        self.not_imported: set[str] = set()
        self.about: str | None = None  # what the check at work is about; its messages name that
        self.calls: list[Call] = []
        self._made: dict[str, Any] = {}
        self.wanted_commands = False  # of the system's shell
        self.cell_faults: dict[str, CellFault] = {}
        self.clock = Clock()
        link.place(files)

    def again(self, limits: Limits, oracle: Oracle) -> Session:
        """Return a session with the same attempt, from the start, in which `oracle` answers for functions."""
        return Session(self._link, self._files, self._cells, limits, self.seed, oracle, self._patience)

    def module(self, filename: str) -> RemotePath:
        """Return the student's module in `filename` (``entropy.py``)."""
        return RemotePath(self, filename.removesuffix(".py"))

    def notebook(self) -> RemotePath:
        """Return the namespace that the notebook's cells leave behind."""
        return RemotePath(self, NOTEBOOK)

    def live(self) -> RemotePath:
        """Return the operations on live objects, :class:`autograder.sandbox.live_objects.Live`."""
        return RemotePath(self, LIVE)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what `make` returns, or raise the fault or verdict that it raises; it is run once per attempt.

        For what is dear and what several checks look at, such as a trained model.
        """
        if name not in self._made:
            try:
                self._made[name] = make()
            except (RemoteFault, AssertionError) as error:
                self._made[name] = error
        made = self._made[name]
        if isinstance(made, Exception):
            raise made
        return made

    def prepare(self, filenames: Sequence[str]) -> None:
        """Import the modules and run the notebook's cells, before any check has called anything.

        Cells fail with words of their own, which feedback shows: they must not have seen a hidden input. What goes
        wrong here is met again by the checks that need it.
        """
        for filename in filenames:
            with contextlib.suppress(RemoteFault):
                self._ready(filename.removesuffix(".py"))
        with contextlib.suppress(RemoteFault):
            self._ready(NOTEBOOK)

    def close(self) -> None:
        """End the child, for good: what is asked of the student's code from now on is not run."""
        self._closed = True
        _, used = self._link.end()
        self.clock.children += used

    def call(
        self,
        function: RemotePath,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        back: bool = False,
        hold: bool = False,
    ) -> Any:
        """Call the student's `function` and return its value; every call of student code is recorded in `calls`."""
        name = function._name
        try:
            body: dict[str, Any] = {
                "path": list(function._path),
                "args": [self._sendable(value) for value in args],
                "kwargs": {key: self._sendable(value) for key, value in kwargs.items()},
            }
            body.update({name: True for name, wanted in (("back", back), ("hold", hold)) if wanted})
            result = self._request("call", body, function)
            if back and not (isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], tuple)):
                raise no_answer(f"`{name}`")
        except RemoteFault as fault:
            self._record(function, Call(name, args, kwargs, fault=fault))
            raise
        self._record(function, Call(name, args, kwargs, result=result[0] if back else result))
        return result

    def call_each(self, function: RemotePath, given: Sequence[Given]) -> list[Any | RemoteFault]:
        """Call the student's `function` once for each of `given`, and return what each call gave, value or fault.

        It is one round trip; limits hold for every call on its own. Where the child is lost, so are the calls that
        it had not answered yet.
        """
        name = function._name
        outcomes: list[Any | RemoteFault] = []
        try:
            each = [[self._sendable(list(call.args)), self._sendable(call.kwargs)] for call in given]
            asked = self._ask("calls", {"path": list(function._path), "each": each}, function)
        except RemoteFault as fault:
            self._record(function, Call(name, given[0].args, given[0].kwargs, fault=fault))
            return [fault] * len(given)
        for number, call in enumerate(given, start=1):
            try:
                outcome = self._live(self._answer(asked, last=number == len(given)), function)
                self._record(function, Call(name, call.args, call.kwargs, result=outcome))
            except RemoteFault as fault:
                self._record(function, Call(name, call.args, call.kwargs, fault=fault))
                outcome = fault
            outcomes.append(outcome)
            if not self._link.running:
                return outcomes + [outcome] * (len(given) - number)
        return outcomes

    def get(self, path: RemotePath, hold: bool = False) -> Any:
        """Return the value of the student's name at `path`; with `hold`, an object behind a handle."""
        try:
            result = self._request("get", {"path": list(path._path), "hold": hold}, path)
        except RemoteFault as fault:
            self._record(path, Call(path._name, (), {}, fault=fault))
            raise
        self._record(path, Call(path._name, (), {}, result=result))
        return result

    def item(self, container: RemotePath, key: int | str) -> Any:
        """Return the element `key` of an object behind a handle, behind a handle too."""
        return self._request("item", {"key": key}, container)

    def _record(self, path: RemotePath, call: Call) -> None:
        if path._root != LIVE:
            self.calls.append(call)

    def _sendable(self, value: Any) -> Any:
        """Return an argument as it crosses the wire: a handle for an object that stays in the child."""
        match value:
            case RemotePath():
                held = value if isinstance(value._root, int) and not value._path else self.get(value, hold=True)
                if not isinstance(held, RemotePath) or not isinstance(held._root, int):
                    raise no_answer(f"`{value._name}`")
                return wire.Handle(self._number(held._root), "")
            case list() | tuple():
                return type(value)(self._sendable(element) for element in value)
            case dict():
                return {key: self._sendable(element) for key, element in value.items()}
        return value

    def _number(self, root: int) -> int:
        """Return the child's number of the object `root`, which is gone with the child that held it."""
        self._refuse_if_over()
        children, number = divmod(root, _MAX_HANDLE)
        if children != self._children or not self._link.running:
            raise RemoteFault(Verdict.CRASHED, "Not run: the object was lost with the process that held it.")
        return number

    def _request(self, kind: str, body: dict[str, Any], path: RemotePath) -> Any:
        return self._live(self._answer(self._ask(kind, body, path)), path)

    def _ask(self, kind: str, body: dict[str, Any], path: RemotePath) -> _Asked:
        """Send a request about `path`; starts a child and readies it if need be."""
        root, name = path._root, path._name
        home = path._home
        subject = f"`{name}`"
        if home == LIVE:  # our own operations: what goes wrong there is laid at the door of the check's function
            subject = f"`{self.about or name}`"
            home = f"{LIVE} {self.about}"
        key = f"{home}:{name}"
        self._settle()
        if key in self._barred:
            raise self._barred[key]
        if isinstance(root, int):
            body["root"] = self._number(root)
        else:
            self._ready(root)
            body["root"] = root
        self._last = key, subject
        self._called = True
        slow = self._limits.slow_calls.get(name)
        if slow is not None:
            return self._send(kind, body, key, subject, slow, name)
        return self._send(kind, body, key, subject, self._limits.call_cpu_seconds, "call_cpu_seconds")

    def _settle(self) -> None:
        """End a child that went on sending after its answer, and bar the call that it did so for."""
        if self._link.running and self._link.pending:
            key, subject = self._last
            self._lost(key, RemoteFault(Verdict.REFUSED, f"{subject} sent more than one answer."))

    def _ready(self, root: str) -> None:
        """Have a child in which `root` is there: the module imported, or the notebook's cells run."""
        self._start()
        if root == NOTEBOOK:
            self._run_notebook()
        elif root != LIVE:
            self._import(root)

    def _refuse_if_over(self) -> None:
        if self._closed:
            raise RemoteFault(Verdict.CRASHED, "Not run: grading is over.")
        used, limits = self.clock.children + self._link.cpu_seconds(), self._limits
        for seconds, limit, what in (
            (used, limits.attempt_cpu_seconds, "computed"),
            (self.clock.asleep, limits.attempt_sleep_seconds, "waited"),
        ):
            if seconds > limit:
                if what == "waited" and self._patience is not None:
                    raise AsleepError
                raise RemoteFault(
                    Verdict.TIME_LIMIT, f"Not run: the code before it {what} for more than {limit:g} seconds in all."
                )

    def _start(self) -> None:
        self._refuse_if_over()
        if self._link.running:
            return
        if self._starts > self._limits.replacements:
            raise RemoteFault(
                Verdict.CRASHED,
                f"Not run: the code before it had to be stopped {self._starts} times, and that is where grading ends.",
            )
        self._link.start(self._limits, self._childs_seed)
        self._starts += 1
        self._children += 1
        self._imported.clear()
        self._notebook_ran = False
        self._called = False

    def _renew(self) -> None:
        """Go on in a new child, which has not seen a hidden input."""
        _, used = self._link.end_and_sweep()
        self.clock.children += used
        self._starts -= 1
        self._start()

    def _import(self, name: str) -> None:
        if name in self._imported:
            return
        key = f"{name}:"
        if key in self._barred:
            raise self._barred[key]
        if f"{name}.py" not in self._files:
            self._barred[key] = RemoteFault(Verdict.MISSING, f"The file `{name}.py` is not in the submission.")
            raise self._barred[key]
        try:
            subject = f"Importing `{name}.py`"
            seconds = self._limits.import_cpu_seconds
            self._answer(self._send("import", {"name": name}, key, subject, seconds, "import_cpu_seconds"))
        except RemoteFault as fault:
            self._barred[key] = fault
            self.not_imported.add(name)
            raise
        self._imported.add(name)
        self._put_stand_ins(name)

    def _stand_in_for_module(self, name: str) -> None:
        """Give a repeat, where a module can't be imported, one that has just the functions that the oracle answers."""
        if self._oracle is not None:
            with contextlib.suppress(RemoteFault):
                body = {"name": name, "functions": sorted(self._oracle.of(name))}
                seconds = self._limits.call_cpu_seconds
                self._answer(self._send("stand_in_for_module", body, f"{name}:stand-in", f"`{name}`", seconds))

    def _put_stand_ins(self, root: str) -> None:
        """Have the functions in `root` that the oracle answers for ask it; one that is not there stays so."""
        seconds = self._limits.call_cpu_seconds
        for name in self._oracle.of(root) if self._oracle else ():
            with contextlib.suppress(RemoteFault):
                body = {"root": root, "path": name.split(".")}
                self._answer(self._send("stand_in", body, f"{root}:stand-in:{name}", f"`{name}`", seconds))

    def _run_notebook(self) -> None:
        """Run the cells in order; a cell that fails is noted and passed over, one that kills the child is left out."""
        if isinstance(self._cells, RemoteFault):
            raise self._cells
        if self._given_up is not None:
            raise self._given_up
        if self._called and not self._notebook_ran:
            self._renew()
        while not self._notebook_ran:
            if not self._link.running and self._starts == self._limits.replacements:  # the last is for the modules
                self._given_up = RemoteFault(
                    Verdict.CRASHED,
                    f"Not run: the notebook's cells had to be stopped {self._starts} times, and no more are run.",
                )
                raise self._given_up
            self._start()
            for name in sorted(self.not_imported):
                self._stand_in_for_module(name)
            self._put_stand_ins(NOTEBOOK)
            self._notebook_ran = all(self._run_cells(list(cells)) for cells in _grouped(self._cells))

    def _run_cells(self, cells: Sequence[PlannedCell]) -> bool:
        """Run one cell, or hand over deferred ones; return whether the child is still there."""
        first = cells[0]
        key = f"{NOTEBOOK}:cell:{first.label}"
        if key in self._barred:
            return True
        left_out = [*self._left_out.get(first.label, []), *([DEFERRED] if self._without_deferred else [])]
        body: dict[str, Any] = {"source": first.source, "label": first.label, "skip": left_out}
        kind = "cell"
        if first.origin == "deferred":
            kind, body = "defer", {"cells": [[cell.source, sorted(names_given(cell.source))] for cell in cells]}
        try:
            seconds = self._limits.cell_cpu_seconds
            wanted = self._answer(self._send(kind, body, key, "The cell", seconds, "cell_cpu_seconds"))
        except RemoteFault as fault:
            if not self._link.running:
                fault = self._stopped(first, key, fault)
            unfinished = "NotImplementedError" in fault.types
            self.cell_faults.setdefault(first.label, CellFault(first.label, fault.verdict, fault.message, unfinished))
            return self._link.running
        if type(wanted) is list and len(wanted) == 1 and type(wanted[0]) is str and wanted[0] == "commands":
            self.wanted_commands = True
        return True

    def _stopped(self, cell: PlannedCell, key: str, fault: RemoteFault) -> RemoteFault:
        """Remember which statement of a cell the child was lost in; when the cell runs again it is left out.

        Where the child does not say, or says the same again, or a third time, the whole cell is.
        """
        number, line = _statement(self._stopped_at)
        lines = cell.source.split("\n")
        if line > len(lines):  # a lie
            number = NOTHING_YET
        left_out = self._left_out.setdefault(cell.label, [])
        if number == NOTHING_YET or number in left_out or len(left_out) > _MAX_LEFT_OUT:
            return fault
        left_out.append(number)
        if sum(each >= 0 for each in left_out) == 2:
            left_out.append(SLOW)
        del self._barred[key]
        if number == DEFERRED:
            self._without_deferred = True  # what never ends in one cell's name does in another's
            return RemoteFault(fault.verdict, fault.message.replace("The cell", "What it takes from cells above", 1))
        text = clean(lines[line - 1].strip()) if line else ""
        named = f"Line {line} (`{text if len(text) <= _MAX_QUOTED else text[:_MAX_QUOTED] + '…'}`)"
        message = fault.message.replace("The cell", named, 1)
        return RemoteFault(fault.verdict, f"{message} It was left out; what the rest of the cell defines was kept.")

    def _send(
        self, kind: str, body: dict[str, Any], key: str, subject: str, cpu_seconds: float, limit: str = ""
    ) -> _Asked:
        root = body.get("root")
        place = "the notebook" if root == NOTEBOOK else f"`{root}.py`" if isinstance(root, str) else "the object"
        asked = _Asked(next(self._tokens), key, subject, place, cpu_seconds, limit)
        request = wire.encode(wire.Frame(asked.token, kind, body))
        self._link.clock.begin()
        self._cpu_start = self._link.clock.cpu_seconds()
        with self._losing(asked):
            self._link.send(request, lambda: self._hold_to_limits(asked))
        return asked

    def _hold_to_limits(self, asked: _Asked) -> None:
        """Raise what ends a request whose time is up; to be called several times a second while it runs."""
        clock = self._link.clock
        clock.look()
        used, limits = clock.cpu_seconds(), self._limits
        if used - self._cpu_start > asked.cpu_seconds:
            raise TimeoutError(f"{asked.subject} was stopped after {asked.cpu_seconds:g} seconds of computing.")
        if self.clock.children + used > limits.attempt_cpu_seconds:
            seconds = limits.attempt_cpu_seconds
            raise TimeoutError(f"{asked.subject} was stopped: all code together may compute for {seconds:g} seconds.")
        asleep_in_all = self.clock.asleep + clock.asleep
        if self._patience is not None:
            if clock.asleep > self._patience or asleep_in_all > limits.attempt_sleep_seconds:
                raise AsleepError
        elif clock.asleep > limits.sleep_seconds:
            raise TimeoutError(f"{asked.subject} was stopped after {limits.sleep_seconds:g} seconds of waiting.")
        elif asleep_in_all > limits.attempt_sleep_seconds:
            seconds = limits.attempt_sleep_seconds
            raise TimeoutError(f"{asked.subject} was stopped: all code together may wait for {seconds:g} seconds.")
        self._link.check_litter()

    def _answer(self, asked: _Asked, last: bool = True) -> Any:
        """Wait for a reply within the limits, and return the value; `last` is False where another one follows."""
        subject = asked.subject
        with self._losing(asked):
            reply = self._receive(asked)
            while reply.kind == "ask" and self._oracle is not None:
                self._link.clock.settle()
                start = time.process_time()
                answer = self._oracle.answer(asked.key, reply)
                self.clock.children += time.process_time() - start  # who asks pays for it
                self._link.clock.leave_out()
                self._hold_to_limits(asked)
                request = wire.encode(wire.Frame(asked.token, "answer", answer))
                self._link.send(request, lambda: self._hold_to_limits(asked))
                reply = self._receive(asked)
            if last:
                self._link.check_litter()
        if self._kept + reply.weight > _MAX_KEPT:
            fault = RemoteFault(Verdict.REFUSED, f"{subject} and the calls before it answered with too much data.")
            raise self._lost(asked.key, fault)
        self._kept += reply.weight
        self._count(asked)
        if reply.kind == "value":
            return reply.body
        if reply.kind == "error" and isinstance(reply.body, dict):
            fault = of_exception(reply.body, subject, asked.place)
            number = reply.body.get("errno")  # it may be anything: an array has no truth
            if type(number) is int and number == errno.EFBIG:  # it would print as much again, and again
                self._barred[asked.key] = fault
            if fault.verdict is Verdict.MEMORY_LIMIT and self._link.held_bytes() > self._limits.memory_mb * 2**19:
                raise self._lost(asked.key, fault)  # what it keeps, half of all there is, others would go without
            raise fault
        raise self._lost(asked.key, no_answer(subject))

    def _count(self, asked: _Asked) -> None:
        """Count what the request that was just answered used, and begin to count for the next."""
        used = self._link.clock.cpu_seconds()
        spent = max(0.0, used - self._cpu_start)
        self.clock.calls += spent
        self.clock.asleep += self._link.clock.settle()
        self.clock.most[asked.limit] = max(spent, self.clock.most.get(asked.limit, 0.0))
        self._cpu_start = used
        self._link.clock.begin()

    def _receive(self, asked: _Asked) -> wire.Frame:
        def alive() -> None:
            self._hold_to_limits(asked)

        reply = wire.decode(self._link.receive(wire.body_length(self._link.receive(wire.HEADER.size, alive)), alive))
        if reply.token != asked.token:
            raise wire.WireError("the reply is to another request")
        return reply

    @contextlib.contextmanager
    def _losing(self, asked: _Asked) -> Iterator[None]:
        """Turn what goes wrong on the wire into a fault of the call, which the child does not survive."""
        try:
            yield
        except TimeoutError as error:
            raise self._lost(asked.key, RemoteFault(Verdict.TIME_LIMIT, str(error))) from None
        except wire.WireError:
            raise self._lost(asked.key, no_answer(asked.subject)) from None
        except LitterError as litter:
            fault = self._lost(asked.key, RemoteFault(Verdict.REFUSED, f"{asked.subject} left too many files."))
            if litter.is_hidden and not self._link.hid_files:
                raise DisturbedError("something else fills the disk; free some space and run again") from None
            raise fault from None
        except EOFError:
            raise self._lost(asked.key, None, asked.subject) from None

    def _lost(self, key: str, fault: RemoteFault | None, subject: str = "") -> RemoteFault:
        """End the child after a call that it did not survive; bar that call for the rest of the attempt."""
        self._stopped_at = self._link.where()
        self.clock.asleep += self._link.clock.asleep
        status, used = self._link.end_and_sweep()
        self.clock.children += used
        self.clock.calls += max(0.0, used - self._cpu_start)
        fault = fault or of_ending(status, subject)
        self._barred[key] = fault
        return fault

    def _live(self, value: Any, origin: RemotePath) -> Any:
        """Return `value` with every handle in it as a name that can be called; `origin` is what gave it."""
        match value:
            case wire.Handle():
                if not 0 <= value.number < _MAX_HANDLE:
                    raise no_answer(f"`{origin._name}`")
                root = self._children * _MAX_HANDLE + value.number
                return RemotePath(self, root, (), clean(value.type_name), origin._home, origin._name)
            case list() | tuple():
                return type(value)(self._live(element, origin) for element in value)
            case dict():
                return {key: self._live(element, origin) for key, element in value.items()}
        return value


@dataclass(frozen=True)
class RemotePath:
    """A name in the student's code. Attributes extend it, a call crosses the wire; nothing else does.

    The root is a module, the notebook, or the number of an object in the child; such an object remembers the module
    and the call that it came from.
    """

    _session: Session = field(repr=False)
    _root: str | int
    _path: tuple[str, ...] = ()
    _type_name: str | None = None
    _origin_home: str = ""
    _origin: str = ""

    @property
    def _home(self) -> str:
        return self._root if isinstance(self._root, str) else self._origin_home

    @property
    def _name(self) -> str:
        """The name as a student would say it: ``VAE.encode`` for the method of what ``VAE(…)`` returned."""
        return ".".join((self._origin, *self._path) if self._origin else self._path)

    def __getattr__(self, name: str) -> RemotePath:
        if name.startswith("__"):
            raise AttributeError(name)
        path = (*self._path, name)
        return RemotePath(self._session, self._root, path, self._type_name, self._origin_home, self._origin)

    def __getitem__(self, key: int | str) -> RemotePath:
        """Return the element `key` of the object, which stays where it is."""
        return cast(RemotePath, self._session.item(self, key))

    def __iter__(self) -> NoReturn:
        raise TypeError(f"{self!r} can't be iterated; name its elements")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function that the name stands for, and return its value."""
        return self._session.call(self, args, kwargs)

    def each(self, *given: Given) -> list[Any]:
        """Call the function once for each of `given`, in one round trip; return the values or raise the first fault."""
        outcomes = self.outcomes(*given)
        for outcome in outcomes:
            if isinstance(outcome, RemoteFault):
                raise outcome
        return outcomes

    def outcomes(self, *given: Given) -> list[Any | RemoteFault]:
        """Call the function once for each of `given`, in one round trip; return what each call gave, value or fault."""
        return self._session.call_each(self, given)

    def call_and_return_arguments(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``(result, arguments)``, the arguments as the call left them."""
        return self._session.call(self, args, kwargs, back=True)

    def call_live(self, *args: Any, **kwargs: Any) -> RemotePath:
        """Call the function and leave its value where it is, with whatever hangs on it; return what stands for it."""
        return cast(RemotePath, self._session.call(self, args, kwargs, hold=True))

    def fetch(self) -> Any:
        """Return the value that the name stands for; what can't travel by value stays a `RemotePath`."""
        return self._session.get(self)

    def __str__(self) -> str:
        if self._path or self._type_name is None:
            return self._name or str(self._root)
        return f"an object of type {self._type_name}"

    def __repr__(self) -> str:
        return f"<{self}>"


def _seed_of(files: Mapping[str, bytes]) -> int:
    """Return the seed of a child's own random numbers: the same in each process of an attempt.

    It tells nothing of the cohort's, from which hidden inputs are drawn: who tries all that there may be finds none.
    """
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        for part in (name.encode("utf-8", "surrogateescape"), content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return int.from_bytes(digest.digest()[:4], "big")


def _grouped(cells: Sequence[PlannedCell]) -> Iterator[Iterator[PlannedCell]]:
    """Yield cells one by one, but neighbours together where they are deferred."""
    numbers = itertools.count()
    for _, group in itertools.groupby(cells, lambda cell: 0 if cell.origin == "deferred" else next(numbers) + 1):
        yield group


def _statement(said: str) -> tuple[int, int]:
    """Return number and line of the statement that a child says it is at; `NOTHING_YET` if it says no such thing."""
    match = _AT.fullmatch(said)
    if match is None or int(match[1]) < DEFERRED or int(match[1]) == SLOW:
        return NOTHING_YET, 0
    return int(match[1]), int(match[2])


def _random_numbers() -> Iterator[int]:
    """Yield numbers of 62 bits that nobody can guess; the system is asked for many at a time."""
    while True:
        for (number,) in struct.iter_unpack(">Q", os.urandom(1024)):
            yield number >> 2
