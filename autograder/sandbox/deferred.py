"""Statements of released cells that are run only if a student's cell uses what they define.

In Jupyter the released demonstrations have run before the student's cell does. They draw, search and train, and most
students use none of their results. So each statement waits here until a cell names something that it defines. It is
then run together with the statements that it needs itself. What it would show is left out.
"""

from __future__ import annotations

import ast
import contextlib
import dis
import functools
import hashlib
import linecache
import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from types import CodeType
from typing import Any

_SHOWS = frozenset({"print", "display", "figures", "predictions", "visible_checks"})
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_MAGICS = frozenset({"run_line_magic", "run_cell_magic"})
# Ways to find names that can't be seen by reading the cell.
_LOOKS_AROUND = re.compile(
    r"\b(globals|locals|vars|eval|exec|ev|ex|user_ns|user_module|__main__|doctest)\b|%(run|who|whos|who_ls)\b"
)
_CONDITIONAL = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match)
_WORD = re.compile(r"[^\W\d]\w*")


@dataclass
class _Statement:
    """A statement that waits.

    `changes` are names that it changes without binding them, by calling a method or by writing into them. `kept` are
    names that it binds and that a student's cell has bound since.
    """

    code: CodeType
    binds: Set[str]
    reads: Set[str]
    changes: Set[str]
    kept: Set[str] = frozenset()

    @property
    def gives(self) -> Set[str]:
        return self.binds - self.kept


@dataclass
class _Cell:
    """A released cell that waits. It is split into statements only when one of its names is used."""

    source: str
    names: frozenset[str]
    kept: Set[str] = frozenset()


class Deferred:
    """Statements that wait, in the order of the notebook."""

    def __init__(self) -> None:
        self._cells: list[_Cell] = []
        self._waiting: list[_Statement] = []

    def add(self, source: str, names: Iterable[str]) -> None:
        """Add a released cell of plain Python, with the names that `names_given` returns for it."""
        self._cells.append(_Cell(source, frozenset(names)))

    def run_for(self, source: str, namespace: dict[str, Any], written: str = "") -> None:
        """Run what the cell `source` uses; names that the cell defines itself are left to it.

        `written` is the cell as it was written, including its magics.
        """
        if not self._cells and not self._waiting:
            return
        try:
            tree = compile(source, "<cell>", "exec", _FLAGS | ast.PyCF_ONLY_AST, dont_inherit=True)
            asked, own = _asked_by(tree)
        except (SyntaxError, ValueError, RecursionError):
            return  # the same error is raised again when the cell is run
        everything = _LOOKS_AROUND.search(written) is not None
        if everything or any(cell.names & asked for cell in self._cells):
            for cell in self._cells:
                self._waiting += (replace(statement, kept=cell.kept) for statement in _statements(cell.source))
            self._cells.clear()
        students: dict[str, Any] = {}
        for statement in list(self._waiting) if everything else self._wanted(asked):
            self._waiting.remove(statement)
            students |= {name: namespace[name] for name in statement.kept & namespace.keys() - students.keys()}
            with contextlib.suppress(Exception):  # for example, a function that is not written yet
                exec(statement.code, namespace)  # noqa: S102  the released notebook's own code
        namespace.update(students)
        for cell in self._cells:
            cell.kept |= own
        for statement in self._waiting:
            statement.kept |= own

    def _wanted(self, asked: Set[str]) -> list[_Statement]:
        """Return the statements that define `asked`, those that they need, and those that change the results later."""
        wanted: dict[int, _Statement] = {}
        needed, given = set[str](), set[str]()
        while True:
            for statement in self._waiting:  # an optimiser that is made from a network changes that network
                if statement.reads & given and not statement.binds <= given:
                    given |= statement.gives
            found = {
                number: statement
                for number, statement in enumerate(self._waiting)
                if number not in wanted
                and (statement.gives & asked or statement.binds & needed or statement.changes & given)
            }
            if not found:
                return [wanted[number] for number in sorted(wanted)]
            wanted |= found
            for statement in found.values():
                needed |= statement.reads
                given |= statement.gives


@functools.lru_cache(maxsize=1024)
def names_given(source: str) -> frozenset[str]:
    """Return the names that the statements of a released cell bind; the cell must be plain Python."""
    return frozenset(name for statement in _statements(source) for name in statement.binds)


def _statements(source: str) -> Iterator[_Statement]:
    name = f"<released {hashlib.sha256(source.encode()).hexdigest()[:8]}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)  # so that inspect finds it
    for node in _Quiet().visit(ast.parse(source)).body:
        code = compile(ast.Module([node], []), name, "exec", dont_inherit=True)
        binds = frozenset(name for name in _stored(code) if not name.startswith("_"))
        yield _Statement(code, binds, _asked(code), frozenset(_changed(node)) - binds)


class _Quiet(ast.NodeTransformer):
    """Removes statements that only show something, at any depth except inside functions."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        root: ast.AST = node.value
        while isinstance(root, (ast.Call, ast.Attribute)):
            root = root.func if isinstance(root, ast.Call) else root.value
        shows = isinstance(root, ast.Name) and root.id in _SHOWS
        return ast.copy_location(ast.Pass(), node) if shows else node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        return node if isinstance(node, _DEFINITIONS) else super().generic_visit(node)


def _changed(node: ast.AST) -> Iterator[str]:
    """Yield names that a statement writes into, or whose methods it calls only for their effect."""
    if isinstance(node, _DEFINITIONS):
        return
    target: ast.AST | None = None
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        target = node.value.func
    elif isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Store):
        target = node
    while isinstance(target, (ast.Attribute, ast.Subscript, ast.Call)):
        target = target.func if isinstance(target, ast.Call) else target.value
        if isinstance(target, ast.Name):
            yield target.id
    for child in ast.iter_child_nodes(node):
        yield from _changed(child)


def _asked(code: CodeType) -> frozenset[str]:
    """Return the names that code reads before it binds them."""
    asked, bound = set[str](), set[str]()
    for step in dis.get_instructions(code):
        if step.opname == "STORE_NAME":
            bound.add(step.argval)
        elif step.opname in ("LOAD_NAME", "DELETE_NAME") and step.argval not in bound:
            asked.add(step.argval)
    for part in code.co_consts:
        if isinstance(part, CodeType):
            asked |= _read(part) - bound
    return frozenset(asked)


def _asked_by(cell: ast.Module) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that a cell may read before it binds them, and all names that it may bind."""
    asked, bound, stored = set[str](), set[str](), set[str]()
    parts = [(node, compile(ast.Module([node], []), "<cell>", "exec", _FLAGS, dont_inherit=True)) for node in cell.body]
    for node, code in parts:
        if not isinstance(node, _CONDITIONAL):
            stored |= _stored(code)
    for node, code in parts:
        inside = frozenset().union(*(_read(part) for part in code.co_consts if isinstance(part, CodeType)))
        asked |= (_asked(code) - inside - bound) | (inside - stored)
        if not isinstance(node, _CONDITIONAL):
            bound |= _stored(code)
    for call in (node for node in ast.walk(cell) if isinstance(node, ast.Call)):
        if getattr(call.func, "attr", "") in _MAGICS:
            for argument in call.args:
                if isinstance(argument, ast.Constant):
                    asked.update(_WORD.findall(str(argument.value)))
    return frozenset(asked), frozenset(name for _, code in parts for name in _stored(code))


def _stored(code: CodeType) -> frozenset[str]:
    return frozenset(step.argval for step in dis.get_instructions(code) if step.opname == "STORE_NAME")


def _read(code: CodeType) -> frozenset[str]:
    """Return the global names that `code` reads, including those read by functions in it."""
    own = (step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_NAME", "LOAD_GLOBAL"))
    return frozenset(own).union(*(_read(part) for part in code.co_consts if isinstance(part, CodeType)))
