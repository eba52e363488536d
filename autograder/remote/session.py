"""What a check sees of one attempt: its modules, its notebook, live objects, and every call that was made.

`Session` prepares in a confined :class:`~autograder.remote.child.Child` what a check asks for. What goes wrong there
is a `RemoteFault`, which becomes the verdict of the check.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograder import digests
from autograder.course import Limits
from autograder.remote.calls import Call, Given, RemotePath
from autograder.remote.cells import CellFault, Cells
from autograder.remote.child import Child, Clock, Request
from autograder.remote.faults import RemoteFault, clean, no_answer
from autograder.remote.link import Link
from autograder.remote.true_answers import TrueAnswers
from autograder.sandbox import wire
from autograder.sandbox.requests import LIVE, NOTEBOOK
from autograder.submissions.notebook import PlannedCell
from autograder.verdict import Verdict


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
    true_answers
        What is answered instead of functions of the student's; for repeats only.
    patience
        Seconds that code may sleep before `AsleepError` is raised; with None, only the course's limit holds.

    Attributes
    ----------
    calls
        Every call of student code so far, except those of live operations.
    about
        The function that the current check is about; messages about live operations name it.
    not_imported
        Modules whose import failed.
    """

    def __init__(
        self,
        link: Link,
        files: Mapping[str, bytes],
        cells: Sequence[PlannedCell | tuple[str, str]] | RemoteFault,
        limits: Limits,
        seed: int,
        true_answers: TrueAnswers | None = None,
        patience: float | None = None,
    ) -> None:
        self._link = link
        self._files = files
        self._planned = cells if isinstance(cells, RemoteFault) else [PlannedCell(*cell) for cell in cells]
        self._limits = limits
        self._true_answers = true_answers
        self._patience = patience
        self._seed = seed
        self._child = Child(link, limits, _seed_of(files), true_answers, patience)
        self._cells = Cells(self._planned, self._child, limits)
        self.not_imported: set[str] = set()
        self.about: str | None = None
        self.calls: list[Call] = []
        self._made: dict[str, Any] = {}
        link.put(files)

    @property
    def clock(self) -> Clock:
        """What the attempt's processes used so far."""
        return self._child.clock

    @property
    def cell_faults(self) -> Mapping[str, CellFault]:
        """The cells that failed, by their labels."""
        return self._cells.faults

    @property
    def wanted_commands(self) -> bool:
        """Whether a cell asked for commands of the system's shell."""
        return self._cells.wanted_commands

    def again(self, limits: Limits, true_answers: TrueAnswers) -> Session:
        """Return a session with the same attempt, from the start, in which `true_answers` stand in for functions."""
        return Session(self._link, self._files, self._planned, limits, self._seed, true_answers, self._patience)

    def module(self, filename: str) -> RemotePath:
        """Return the student's module in `filename` (``entropy.py``)."""
        return RemotePath(self, filename.removesuffix(".py"))

    def notebook(self) -> RemotePath:
        """Return the namespace of the notebook after its cells have run."""
        return RemotePath(self, NOTEBOOK)

    def live(self) -> RemotePath:
        """Return the operations on live objects, :class:`autograder.sandbox.live_objects.Live`."""
        return RemotePath(self, LIVE)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what `make` returns, or raise the fault or verdict that it raises; it is run once per attempt.

        For what takes long and is used by several checks, such as a trained model.
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

        When cells fail, feedback shows their own messages, so they must not have seen a hidden input. What goes wrong
        here is reported again to the checks that need it.
        """
        for filename in filenames:
            with contextlib.suppress(RemoteFault):
                self._ready(filename.removesuffix(".py"))
        with contextlib.suppress(RemoteFault):
            self._ready(NOTEBOOK)

    def close(self) -> None:
        """End the child for good; calls of the student's code from now on are not run."""
        self._child.close()

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
            if back:
                _refuse_unless_pair(result, name)
        except RemoteFault as fault:
            self._record(function, Call(name, args, kwargs, fault=fault))
            raise
        self._record(function, Call(name, args, kwargs, result=result[0] if back else result))
        return result

    def call_each(self, function: RemotePath, given: Sequence[Given], back: bool = False) -> list[Any | RemoteFault]:
        """Call the student's `function` once for each of `given`, and return what each call gave, value or fault.

        With `back`, a value is ``(result, arguments after the call)``. It is one round trip; limits hold for every
        call on its own. Where the child is lost, so are the calls that it had not answered yet.
        """
        name = function._name
        outcomes: list[Any | RemoteFault] = []
        try:
            each = [[self._sendable(list(call.args)), self._sendable(call.kwargs)] for call in given]
            body = {"path": list(function._path), "each": each} | ({"back": True} if back else {})
            asked = self._ask("calls", body, function)
        except RemoteFault as fault:
            self._record(function, Call(name, given[0].args, given[0].kwargs, fault=fault))
            return [fault] * len(given)
        for number, call in enumerate(given, start=1):
            try:
                outcome = self._live(self._child.reply(asked, last=number == len(given)), function)
                if back:
                    _refuse_unless_pair(outcome, name)
                self._record(function, Call(name, call.args, call.kwargs, result=outcome[0] if back else outcome))
            except RemoteFault as fault:
                self._record(function, Call(name, call.args, call.kwargs, fault=fault))
                outcome = fault
            outcomes.append(outcome)
            if not self._child.running:
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
                handle = value if isinstance(value._root, int) and not value._path else self.get(value, hold=True)
                if not isinstance(handle, RemotePath) or not isinstance(handle._root, int):
                    raise no_answer(f"`{value._name}`")
                return wire.Handle(self._child.number_of(handle._root), "")
            case list() | tuple() if not wire.PLAIN.issuperset(map(type, value)):
                return type(value)(self._sendable(element) for element in value)
            case dict():
                return {key: self._sendable(element) for key, element in value.items()}
        return value

    def _live(self, value: Any, origin: RemotePath) -> Any:
        """Return `value` with every handle in it as a name that can be called; `origin` is what gave it."""
        match value:
            case wire.Handle():
                root = self._child.root_of(value, origin._name)
                return RemotePath(self, root, (), clean(value.type_name), origin._home, origin._name)
            case list() | tuple() if not wire.PLAIN.issuperset(map(type, value)):
                return type(value)(self._live(element, origin) for element in value)
            case dict():
                return {key: self._live(element, origin) for key, element in value.items()}
        return value

    def _request(self, kind: str, body: dict[str, Any], path: RemotePath) -> Any:
        return self._live(self._child.reply(self._ask(kind, body, path)), path)

    def _ask(self, kind: str, body: dict[str, Any], path: RemotePath) -> Request:
        """Send a request about `path`; if necessary, start a child and prepare it first."""
        root, name = path._root, path._name
        home = path._home
        subject = f"`{name}`"
        if home == LIVE:  # our own operations: what goes wrong there is blamed on the check's function
            subject = f"`{self.about or name}`"
            home = f"{LIVE} {self.about}"
        key = f"{home}:{name}"
        self._child.settle()
        self._child.refuse_if_barred(key)
        if isinstance(root, int):
            body["root"] = self._child.number_of(root)
        else:
            self._ready(root)
            body["root"] = root
        slow = self._limits.slow_calls.get(name)
        seconds, limit = (self._limits.call_cpu_seconds, "call_cpu_seconds") if slow is None else (slow, name)
        return self._child.send_call(kind, body, key, subject, seconds, limit)

    def _ready(self, root: str) -> None:
        """Start a child if there is none, and import the module `root` or run the notebook's cells in it."""
        self._child.start()
        if root == NOTEBOOK:
            self._cells.run(self._before_cells)
        elif root != LIVE:
            self._import(root)

    def _import(self, name: str) -> None:
        if name in self._child.ready:
            return
        key = f"{name}:"
        self._child.refuse_if_barred(key)
        if f"{name}.py" not in self._files:
            self._child.barred[key] = RemoteFault(Verdict.MISSING, f"The file `{name}.py` is not in the submission.")
            raise self._child.barred[key]
        try:
            subject = f"Importing `{name}.py`"
            self._child.ask(
                "import", {"name": name}, key, subject, self._limits.import_cpu_seconds, "import_cpu_seconds"
            )
        except RemoteFault as fault:
            self._child.barred[key] = fault
            self.not_imported.add(name)
            raise
        self._child.ready.add(name)
        self._put_stand_ins(name)

    def _before_cells(self) -> None:
        """Put stand-ins in place before cells run."""
        for name in sorted(self.not_imported):
            self._stand_in_for_module(name)
        self._put_stand_ins(NOTEBOOK)

    def _stand_in_for_module(self, name: str) -> None:
        """In a repeat, replace a module that can't be imported by one with only the functions that are answered for."""
        if self._true_answers is not None:
            body = {"name": name, "functions": sorted(self._true_answers.of(name))}
            self._stand_in("stand_in_for_module", body, f"{name}:stand-in", name)

    def _put_stand_ins(self, root: str) -> None:
        """Let the functions in `root` that are answered for ask the judge; one that does not exist is not added."""
        for name in self._true_answers.of(root) if self._true_answers else ():
            self._stand_in("stand_in", {"root": root, "path": name.split(".")}, f"{root}:stand-in:{name}", name)

    def _stand_in(self, kind: str, body: dict[str, Any], key: str, name: str) -> None:
        try:
            self._child.ask(kind, body, key, f"`{name}`", self._limits.call_cpu_seconds)
        except RemoteFault:
            if not self._child.running:
                raise


def _refuse_unless_pair(result: Any, name: str) -> None:
    """Raise a fault unless `result` is a function's result and its arguments after the call."""
    if not (isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], tuple)):
        raise no_answer(f"`{name}`")


def _seed_of(files: Mapping[str, bytes]) -> int:
    """Return the seed of a child's own random numbers, which is the same in each process of an attempt.

    It does not depend on the cohort's seed, from which hidden inputs are drawn, so that one can't be found by trying.
    """
    return int(digests.of_files(files)[:8], 16)
