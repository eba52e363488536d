"""Mutants of the reference modules: copies with one small fault each, made by mutmut's operators.

mutmut's own runner forks the tests beside the code that is mutated, which is not allowed here: submitted code runs only
behind walls. So its operators are used as a library, and every mutant is handed in like a submission.

Not mutated: annotations, decorators, docstrings, and what is inside of a ``raise``, since the contract leaves the words
of a message to the student. One operator is ours, because students forget this: ``raise …`` becomes ``pass``, so that
bad input is let through.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

from autograder.course import Course

ROOT = Path(__file__).resolve().parents[1]
EQUIVALENTS = ROOT / "tests" / "mutation" / "equivalent.toml"

Operators = Sequence[tuple[type[cst.CSTNode], Callable[[Any], Iterable[cst.CSTNode]]]]


@dataclass(frozen=True)
class Mutant:
    """A reference module with one fault.

    A mutant is known by `module`, `function`, the text of the statement's lines that changed and what became of them:
    other lines of the module may come and go.
    """

    module: str  # "1_entropy/entropy.py"
    function: str  # "InformationMeasures.entropy"; empty for the module's own statements
    line: str
    becomes: str
    source: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What the mutant is known by."""
        return self.module, self.function, self.line, self.becomes


@dataclass(frozen=True)
class Equivalent:
    """A mutant that no check can tell from the reference within the contract, and why."""

    key: tuple[str, str, str, str]
    reason: str


def modules(course: Course) -> list[str]:
    """Return the reference modules of `course`, as ``<section>/<file>``."""
    return [f"{section.id}/{name}" for section in course.sections for name in section.modules]


def mutants(module: str, source: str) -> list[Mutant]:
    """Return every mutant of `source`, in the order of its lines; the same ones every time."""
    wrapper = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    visitor = _Visitor((*mutation_operators, (cst.Raise, _let_through)))
    wrapper.visit(visitor)
    lines = source.splitlines(keepends=True)
    made: dict[tuple[str, str, str, str], Mutant] = {}
    for function, place, text in visitor.found:
        first, last = place.start.line - 1, place.end.line
        before = "".join(lines[first:last])
        end = len(before) - len(lines[last - 1]) + place.end.column
        after = before[: place.start.column] + text + before[end:]
        mutated = "".join([*lines[:first], after, *lines[last:]])
        if mutated == source:
            continue
        mutant = Mutant(module, function, *_difference(before, after), mutated)
        made.setdefault(mutant.key, mutant)
    return list(made.values())


def equivalents(path: Path = EQUIVALENTS) -> list[Equivalent]:
    """Return the mutants that are listed as equivalent.

    Raises
    ------
    ValueError
        If an entry has no reason, or appears twice.
    """
    listed: dict[tuple[str, str, str, str], Equivalent] = {}
    for group in tomllib.loads(path.read_text(encoding="utf-8"))["equivalent"]:
        for entry in group["mutants"]:
            key = (entry["module"], entry["function"], entry["line"], entry["becomes"])
            if not group["reason"].strip() or key in listed:
                raise ValueError(f"{path}: `{entry['becomes']}` needs one entry with a reason")
            listed[key] = Equivalent(key, group["reason"])
    return list(listed.values())


def _difference(before: str, after: str) -> tuple[str, str]:
    """Return the lines that differ, before and after, without indentation and the line's end."""
    old, new = before.splitlines(), after.splitlines()
    while old and new and old[-1] == new[-1] and min(len(old), len(new)) > 1:
        old.pop()
        new.pop()
    while old and new and old[0] == new[0] and min(len(old), len(new)) > 1:
        del old[0], new[0]
    return "\n".join(line.strip() for line in old), "\n".join(line.strip() for line in new)


def _let_through(_node: cst.Raise) -> Iterable[cst.Pass]:
    yield cst.Pass()


class _Visitor(cst.CSTVisitor):
    """Applies the operators to every node but those that are not mutated; collects place and new text."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, operators: Operators) -> None:
        super().__init__()
        self.found: list[tuple[str, CodeRange, str]] = []
        self._operators = operators
        self._inside: list[str] = []
        self._module = cst.Module([])

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation | cst.Decorator | cst.Import | cst.ImportFrom):
            return False
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._inside.append(node.name.value)
        for kind, operator in self._operators:
            if isinstance(node, kind):
                for mutated in operator(node):
                    place = self.get_metadata(PositionProvider, node)
                    self.found.append((".".join(self._inside), place, self._module.code_for_node(mutated)))
        return not isinstance(node, cst.Raise)

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._inside.pop()
