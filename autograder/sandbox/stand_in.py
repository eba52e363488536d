"""Replaces a broken function in the student's process: each call of it asks the judge.

It is used only while failed checks of other functions are repeated, see :mod:`autograder.remote.true_answers`. It holds
no code of the function, and like everything else in this process, it is not trusted.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Ask = Callable[[str, Sequence[Any], Mapping[str, Any]], dict[str, Any]]


class StandIn:
    """A function that returns what the judge answers; if the judge does not answer, it calls `own`."""

    def __init__(self, name: str, own: Callable[..., Any], ask: Ask) -> None:
        self.__name__ = self.__qualname__ = name.rpartition(".")[2]
        self._name = name
        self._own = own
        self._ask = ask

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return or raise what the judge answers for these arguments."""
        told = self._ask(self._name, args, kwargs)
        if not told:
            return self._own(*args, **kwargs)
        if "raised" in told:
            kind = {"ValueError": ValueError, "TypeError": TypeError}[told["raised"]]
            raise kind(f"{self.__name__} refuses these arguments")
        value = told["value"]
        if "slopes" not in told:
            return value
        given = dict[int | str, Any](enumerate(args)) | kwargs
        if isinstance(value, tuple):
            return tuple(_sloping(part, given, slopes) for part, slopes in zip(value, told["slopes"], strict=True))
        return _sloping(value, given, told["slopes"][0])


def _sloping(value: Any, given: Mapping[int | str, Any], slopes: Mapping[int | str, Any]) -> Any:
    """Return the tensor `value` as part of the graph, with the gradients `slopes` with respect to the arguments."""
    if not sys.modules["torch"].is_grad_enabled():
        return value
    for position, slope in slopes.items():
        argument = given[position]
        if argument.requires_grad:
            value = value + (slope * (argument - argument.detach())).sum()
    return value


def rebinding(tree: ast.Module, names: Iterable[str], hook: str) -> ast.Module:
    """Return a cell's code in which `hook` wraps each of `names` wherever the cell binds it."""
    wanted = set(names)
    body: list[ast.stmt] = []
    for statement in tree.body:
        body.append(statement)
        for name in sorted(wanted & _bound_by(statement)):
            again = ast.parse(f"{name} = {hook}({name!r}, {name})").body[0]
            for node in ast.walk(again):
                ast.copy_location(node, statement)
            body.append(again)
    tree.body = body
    return ast.fix_missing_locations(tree)


def _bound_by(statement: ast.stmt) -> set[str]:
    match statement:
        case ast.FunctionDef(name=name):
            return {name}
        case ast.Assign() | ast.AnnAssign() | ast.Import() | ast.ImportFrom():
            stored = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and _is_stored(node)}
            return stored | {node.asname or node.name for node in ast.walk(statement) if isinstance(node, ast.alias)}
    return set()


def _is_stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)
