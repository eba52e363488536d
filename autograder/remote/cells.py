"""Runs a notebook's cells in the child. If a cell has to be stopped, only the statement that it was at is lost.

Trust: the child says where a cell was when it was stopped. If it lies, the whole cell is lost.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.course import Limits
from autograder.remote.child import Child
from autograder.remote.faults import RemoteFault, clean
from autograder.sandbox.deferred import names_given
from autograder.sandbox.requests import DEFERRED, NOTEBOOK, NOTHING_YET, SLOW
from autograder.submissions.notebook import PlannedCell
from autograder.verdict import Verdict

_MAX_LEFT_OUT = 4  # statements of one cell
_MAX_QUOTED = 60
_AT = re.compile(r"(-?[0-9]{1,6}):([0-9]{1,7})", re.ASCII)


@dataclass(frozen=True)
class CellFault:
    """A notebook cell that failed when it was run."""

    label: str
    verdict: Verdict
    message: str
    unfinished: bool = False


class Cells:
    """The cells of one notebook. They run in order, in each process in which a check uses what they define.

    Attributes
    ----------
    faults
        The first fault of each cell, by its label.
    wanted_commands
        Whether a cell asked for commands of the system's shell.
    """

    def __init__(self, cells: Sequence[PlannedCell] | RemoteFault, child: Child, limits: Limits) -> None:
        self._cells = cells
        self._child = child
        self._limits = limits
        self._left_out: dict[str, list[int]] = {}  # by cell: the statements that had to be stopped
        self._without_deferred = False
        self._given_up: RemoteFault | None = None
        self.faults: dict[str, CellFault] = {}
        self.wanted_commands = False

    def run(self, prepare: Callable[[], None]) -> None:
        """Run all cells, unless this process has run them; `prepare` is called before the first.

        A cell that fails is noted and passed over. A cell that ends the process is left out when the others run again.

        Raises
        ------
        RemoteFault
            If there are no cells, or they had to be stopped too often.
        """
        if isinstance(self._cells, RemoteFault):
            raise self._cells
        if self._given_up is not None:
            raise self._given_up
        child = self._child
        if child.called and NOTEBOOK not in child.ready:
            child.renew()
        while NOTEBOOK not in child.ready:
            if not child.running and child.starts == self._limits.replacements:  # the last one is kept for the modules
                self._given_up = RemoteFault(
                    Verdict.CRASHED,
                    f"Not run: the notebook's cells had to be stopped {child.starts} times, and no more are run.",
                )
                raise self._given_up
            child.start()
            prepare()
            if all(self._run(list(cells)) for cells in _grouped(self._cells)):
                child.ready.add(NOTEBOOK)

    def _run(self, cells: Sequence[PlannedCell]) -> bool:
        """Run one cell, or hand over deferred ones; return whether the child is still there."""
        first = cells[0]
        key = f"{NOTEBOOK}:cell:{first.label}"
        if key in self._child.barred:
            return True
        left_out = [*self._left_out.get(first.label, []), *([DEFERRED] if self._without_deferred else [])]
        body: dict[str, Any] = {"source": first.source, "label": first.label, "skip": left_out}
        kind = "cell"
        if first.origin == "deferred":
            kind, body = "defer", {"cells": [[cell.source, sorted(names_given(cell.source))] for cell in cells]}
        try:
            wanted = self._child.ask(kind, body, key, "The cell", self._limits.cell_cpu_seconds, "cell_cpu_seconds")
        except RemoteFault as fault:
            if not self._child.running:
                fault = self._stopped(first, key, fault)
            unfinished = "NotImplementedError" in fault.types
            self.faults.setdefault(first.label, CellFault(first.label, fault.verdict, fault.message, unfinished))
            return self._child.running
        if type(wanted) is list and len(wanted) == 1 and type(wanted[0]) is str and wanted[0] == "commands":
            self.wanted_commands = True
        return True

    def _stopped(self, cell: PlannedCell, key: str, fault: RemoteFault) -> RemoteFault:
        """Remember in which statement of a cell the child was lost; it is left out when the cell runs again.

        The whole cell is left out if the child does not say where, names a statement again, or is lost too often.
        """
        number, line = _statement(self._child.lost_at)
        lines = cell.source.split("\n")
        if line > len(lines):  # a lie
            number = NOTHING_YET
        left_out = self._left_out.setdefault(cell.label, [])
        if number == NOTHING_YET or number in left_out or len(left_out) > _MAX_LEFT_OUT:
            return fault
        left_out.append(number)
        if sum(each >= 0 for each in left_out) == 2:
            left_out.append(SLOW)
        del self._child.barred[key]
        if number == DEFERRED:
            self._without_deferred = True  # what never ends for one cell never ends for another
            return RemoteFault(fault.verdict, fault.message.replace("The cell", "What it takes from cells above", 1))
        text = clean(lines[line - 1].strip()) if line else ""
        named = f"Line {line} (`{text if len(text) <= _MAX_QUOTED else text[:_MAX_QUOTED] + '…'}`)"
        message = fault.message.replace("The cell", named, 1)
        return RemoteFault(fault.verdict, f"{message} It was left out; what the rest of the cell defines was kept.")


def _grouped(cells: Sequence[PlannedCell]) -> Iterator[Iterator[PlannedCell]]:
    """Yield cells one by one, but deferred cells that follow each other together."""
    numbers = itertools.count()
    for _, group in itertools.groupby(cells, lambda cell: 0 if cell.origin == "deferred" else next(numbers) + 1):
        yield group


def _statement(said: str) -> tuple[int, int]:
    """Return number and line of the statement that a child says it is at; `NOTHING_YET` if it does not say so."""
    match = _AT.fullmatch(said)
    if match is None or int(match[1]) < DEFERRED or int(match[1]) == SLOW:
        return NOTHING_YET, 0
    return int(match[1]), int(match[2])
