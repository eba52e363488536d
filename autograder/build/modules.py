"""Solution regions of source files: finds them, and makes the stub and the complete module.

A region is between two comment lines with the indentation of the code::

    ### BEGIN SOLUTION: add up p log(1/p) over the outcomes
    ...
    ### END SOLUTION

Inside a function the stub raises ``NotImplementedError`` instead, with the text after the colon.
Anywhere else (imports and helpers that only the solution needs) the region is left out.

Trusted input: staff write the source. Every mistake still gets a message with file, line and remedy.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.course import CourseError

MAX_LINE = 120

_MARKER = re.compile(r"(?P<indent>\s*)### (?P<kind>BEGIN|END) SOLUTION(?::\s*(?P<hint>.*?))?\s*")
_IMPORT = re.compile(r"(?:from|import) (?P<root>\w+)")
_ALMOST_MARKER = re.compile(r"(BEGIN|END)[ _-]*SOLUTION", re.IGNORECASE)


class BuildError(CourseError):
    """What students get can't be made from the source; the message names the place and the remedy."""


@dataclass(frozen=True)
class Region:
    """One solution region: the lines of its two markers (counted from 1), its hint, its indentation and its code."""

    begin: int
    end: int
    hint: str
    indent: str
    code: str


def regions(source: str, name: str) -> list[Region]:
    """Return the solution regions of `source` from top to bottom; `name` is the file's name in messages.

    Raises
    ------
    BuildError
        If a marker is misspelt, nested, without its partner, or a region is empty or not made of whole statements.
    """
    found: list[Region] = []
    lines = source.splitlines()
    opened: tuple[int, re.Match[str]] | None = None
    for number, line in enumerate(lines, 1):
        marker = _MARKER.fullmatch(line)
        if marker is None:
            if _ALMOST_MARKER.search(line):
                raise BuildError(
                    f"{name}:{number}: `{line.strip()}` is not a marker; write `### BEGIN SOLUTION: <hint>` or "
                    "`### END SOLUTION` on a line of its own"
                )
            continue
        if marker["kind"] == "BEGIN":
            if opened is not None:
                raise BuildError(
                    f"{name}:{number}: a solution region begins inside the one of line {opened[0]}; "
                    "end that one first with `### END SOLUTION`"
                )
            opened = (number, marker)
            continue
        if opened is None:
            raise BuildError(f"{name}:{number}: `### END SOLUTION` without a `### BEGIN SOLUTION` before it")
        if marker["hint"]:
            raise BuildError(f"{name}:{number}: the hint belongs to the line `### BEGIN SOLUTION` (line {opened[0]})")
        begin, first = opened
        found.append(_region(lines, begin, number, first, name))
        opened = None
    if opened is not None:
        raise BuildError(
            f"{name}:{opened[0]}: the solution region has no `### END SOLUTION`; add it after the solution"
        )
    return found


def stub(source: str, name: str) -> str:
    """Return `source` as students get it: signatures, types and docstrings without solutions.

    Raises
    ------
    BuildError
        If a region is malformed, one inside a function has no hint, or what is left is not Python.
    """
    tree = _parsed(source, name)
    removed: dict[int, str] = {}  # line of a begin marker -> what replaces the region
    cut: set[int] = set()
    for region in regions(source, name):
        cut.update(range(region.begin, region.end + 1))
        function = _enclosing_function(tree, region)
        if function is None:
            continue
        if not region.hint:
            raise BuildError(
                f"{name}:{region.begin}: the stub of `{function}` has no hint; "
                "write what to do: `### BEGIN SOLUTION: <what to do>`"
            )
        removed[region.begin] = _raise(f"{function}: {region.hint}", region.indent)
    lines: list[str | None] = []
    for number, line in enumerate(source.splitlines(), 1):
        if number in removed:
            lines.extend(removed[number].splitlines())
        else:
            lines.append(None if number in cut else line)
    text = _tidy(lines)
    try:
        compile(text, name, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise BuildError(
            f"{name}: without its solution regions the module is not Python ({error.msg}, line {error.lineno} of the "
            "stub); let each region hold whole statements and leave a docstring in every class"
        ) from error
    return text


def complete(source: str, name: str) -> str:
    """Return `source` with its solutions and without the markers.

    Raises
    ------
    BuildError
        As :func:`regions`.
    """
    markers = {line for region in regions(source, name) for line in (region.begin, region.end)}
    return _tidy([None if number in markers else line for number, line in enumerate(source.splitlines(), 1)])


def without_regions(source: str, name: str) -> str:
    """Return `source` with every line of a solution region blank, so that the lines keep their numbers."""
    cut = {line for region in regions(source, name) for line in range(region.begin, region.end + 1)}
    return "".join("\n" if number in cut else line + "\n" for number, line in enumerate(source.splitlines(), 1))


def _region(lines: Sequence[str], begin: int, end: int, first: re.Match[str], name: str) -> Region:
    code = textwrap.dedent("\n".join(lines[begin : end - 1])) + "\n"
    try:
        statements = ast.parse(code).body
    except SyntaxError as error:
        raise BuildError(
            f"{name}:{begin + (error.lineno or 1)}: a solution region must hold whole statements ({error.msg})"
        ) from error
    if not statements:
        raise BuildError(f"{name}:{begin}: the solution region is empty; write the solution or remove the markers")
    return Region(begin, end, first["hint"] or "", first["indent"], code)


def _parsed(source: str, name: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise BuildError(f"{name}:{error.lineno}: the module is not Python: {error.msg}") from error


def _enclosing_function(tree: ast.Module, region: Region) -> str | None:
    inside = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.lineno < region.begin
        and any(region.begin < statement.lineno < region.end for statement in _nested(node))
    ]
    return max(inside, key=lambda node: node.lineno).name if inside else None


def _nested(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterable[ast.stmt]:
    return (node for statement in function.body for node in ast.walk(statement) if isinstance(node, ast.stmt))


def _raise(message: str, indent: str) -> str:
    line = f"{indent}raise NotImplementedError({_literal(message)})"
    if len(line) <= MAX_LINE:
        return line
    escapes = len(_literal(message)) - len(message)
    width = MAX_LINE - len(indent) - len("    ") - escapes
    words = textwrap.wrap(message, width, drop_whitespace=False, break_long_words=False, break_on_hyphens=False)
    pieces = "".join(f"{indent}    {_literal(piece)}\n" for piece in words)
    return f"{indent}raise NotImplementedError(\n{pieces}{indent})"


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _tidy(lines: Sequence[str | None]) -> str:
    """Return the lines as a text; None is a line that was taken out.

    Blank lines on both sides of what was taken out are not added up, and none stay between imports that belong
    together, so that the result looks as if nothing had been there.
    """
    kept: list[str] = []
    blank = 0  # blank lines since the last line of code, or since the last line taken out
    most = 0
    removed = False
    for line in lines:
        if line is None:
            removed, most, blank = True, max(most, blank), 0
        elif not line.strip():
            blank += 1
        else:
            gap = max(most, blank)
            if not kept or (removed and _is_same_import_block(kept[-1], line)):
                gap = 0
            kept.extend([""] * gap + [line])
            blank, most, removed = 0, 0, False
    return "\n".join(kept) + "\n"


def _is_same_import_block(above: str, below: str) -> bool:
    blocks = [_IMPORT.match(line) for line in (above, below)]
    standard = {match["root"] in sys.stdlib_module_names for match in blocks if match is not None}
    return all(blocks) and len(standard) == 1
