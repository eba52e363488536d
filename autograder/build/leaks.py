"""Looks for solutions in what is released: no statement of a solution region may be in any file that students get.

Syntax trees are compared, so blanks, comments, line breaks, brackets and quotes make no difference; other names of
variables do. The search covers Python files, code cells, and text anywhere else: Markdown with its code fences,
comments, docstrings, string constants, metadata, outputs, raw cells and data files that are text.

What counts as a leak:

1. A statement of a solution region, at any depth, as a statement.
2. The expression that such a statement computes, from `EXPRESSION_NODES` nodes on, inside any other expression.
3. In text that is not Python: the same sequence of words and operators, from `TEXT_TOKENS` on.

What doesn't count, because it says nothing about the solution: ``pass``, ``break``, ``continue``, ``global``, bare
constants, ``raise NotImplementedError``, and returning or assigning nothing but names, empty containers and the
constants of `PLAIN_CONSTANTS`; and an import that the source also has outside of every region.
"""

from __future__ import annotations

import ast
import html
import json
import re
import textwrap
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.build.modules import BuildError

EXPRESSION_NODES = 8
TEXT_TOKENS = 8
PLAIN_CONSTANTS = (None, True, False, ..., 0, 1, 2, "", b"")

_FENCE = re.compile(r"^[ >]*(?P<fence>```+|~~~+)[^\n]*\n(?P<code>.*?)^[ >]*(?P=fence)", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(`+)(.+?)\1", re.DOTALL)
_PREFIX = re.compile(r"^\s*(?:(?:>>>|\.\.\.|#+|>|[-*|]|\d+\.)\s+)*")
_PROMPT = re.compile(r"^\s*(?:>>>|\.\.\.) ?", re.MULTILINE)
_TOKEN = re.compile(r"[^\W\d]\w*|\d[\w.]*|\.\d\w*|\*\*|//|==|!=|<=|>=|->|:=|<<|>>|[-+*/%@&|^~<>=:.;!\[\]{}]")
_MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)


@dataclass(frozen=True)
class Code:
    """Code by staff: its text, where it is (`name`), and the line it begins in there."""

    text: str
    name: str
    first_line: int = 1

    def at(self, line: int) -> str:
        """Return where the code's own line `line` is."""
        return f"{self.name}:{self.first_line + line - 1}"


@dataclass(frozen=True)
class Leak:
    """A statement of a solution region in a released file."""

    file: str
    line: int
    statement: str
    origin: str

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line} gives away the solution `{_shortened(self.statement)}` of {self.origin}; "
            "take it out of what is released, or out of the solution region if students may see it"
        )


class Solutions:
    """The statements of all solution regions of a section, ready to be looked for.

    Parameters
    ----------
    hidden : iterable of Code
        The regions, whole statements each.
    shown : iterable of Code
        The Python outside of the regions; its imports are not secret.
    prose : iterable of Code
        Model answers in words; a line of them in any text is a leak.
    """

    def __init__(self, hidden: Iterable[Code], shown: Iterable[Code] = (), prose: Iterable[Code] = ()) -> None:
        public = {_key(node) for code in shown for node in ast.walk(parsed(code)) if _is_import(node)}
        self._statements: dict[str, tuple[str, str]] = {}  # key -> statement, origin
        self._expressions: dict[str, tuple[str, str]] = {}
        self._texts: dict[str, tuple[str, str]] = {}
        for code in hidden:
            for node in ast.walk(parsed(code)):
                if isinstance(node, ast.stmt) and not _is_plain_statement(node) and _key(node) not in public:
                    self._add(node, code.at(node.lineno))
        for answer in prose:
            for number, line in enumerate(answer.text.splitlines(), 1):
                self._add_text(line, line.strip(), answer.at(number))

    def leaks(self, files: Mapping[str, bytes]) -> list[Leak]:
        """Return every leak in `files` (path -> contents), in the order of files and lines, each place once."""
        found: dict[tuple[str, int], Leak] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # prose that happens to parse causes warnings about its backslashes
            for file, data in files.items():
                for line, (statement, origin) in self._in_file(file, data):
                    found.setdefault((file, line), Leak(file, line, statement, origin))
        return sorted(found.values(), key=lambda leak: (leak.file, leak.line))

    def check(self, files: Mapping[str, bytes]) -> None:
        """Refuse `files` that hold a leak.

        Raises
        ------
        BuildError
            With the file, its line, the statement, where it comes from and how many more there are.
        """
        if found := self.leaks(files):
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            raise BuildError(f"{found[0]}{more}")

    def _add(self, node: ast.stmt, origin: str) -> None:
        text = ast.unparse(node)
        self._statements.setdefault(_key(node), (text, origin))
        value = getattr(node, "value", None)
        if isinstance(value, ast.expr) and _size(value) >= EXPRESSION_NODES:
            self._expressions.setdefault(_key(value), (text, origin))
            self._add_text(ast.unparse(value), text, origin)
        if not isinstance(getattr(node, "body", None), list):
            self._add_text(text, text, origin)

    def _add_text(self, code: str, text: str, origin: str) -> None:
        tokens = [token for token, _ in _tokens(code)]
        if len(tokens) >= TEXT_TOKENS:
            self._texts.setdefault(_joined(tokens), (text, origin))

    def _in_file(self, file: str, data: bytes) -> Iterator[tuple[int, tuple[str, str]]]:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
        yield from self._in_text(text)
        if file.endswith(".py"):
            yield from self._in_python(text)
        elif file.endswith((".ipynb", ".json")):
            yield from self._in_json(text)

    def _in_json(self, text: str) -> Iterator[tuple[int, tuple[str, str]]]:
        try:
            document = json.loads(text)
        except ValueError:
            return
        lines = _JsonLines(text)
        for value in _strings(document):
            line = lines.of(value)
            code = _MAGIC.sub(r"\1pass", value)
            for _, leak in (*self._in_python(code), *self._in_text(value)):
                yield line, leak

    def _in_python(self, text: str) -> Iterator[tuple[int, tuple[str, str]]]:
        """Search `text` if it is Python; the strings in it count too."""
        tree = _parsed_or_none(text)
        if tree is None:
            return
        yield from self._in_tree(tree, 1)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and not node.value.isidentifier():
                for _, leak in self._in_text(node.value):
                    yield node.lineno, leak

    def _in_text(self, text: str) -> Iterator[tuple[int, tuple[str, str]]]:
        """Search any text: as a whole, its code fences and code spans, each line, and word by word."""
        for line, fragment in _fragments(text):
            tree = _parsed_or_none(fragment)
            if tree is not None:
                yield from self._in_tree(tree, line)
        for plain in dict.fromkeys((text, html.unescape(text))):
            tokens = list(_tokens(plain))
            joined = _joined(token for token, _ in tokens)
            for wanted, leak in self._texts.items():
                if (at := joined.find(wanted)) >= 0:
                    yield tokens[joined.count("\n", 0, at)][1], leak

    def _in_tree(self, tree: ast.Module, first_line: int) -> Iterator[tuple[int, tuple[str, str]]]:
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt):
                known = self._statements.get(_key(node))
            elif isinstance(node, ast.expr) and self._expressions and _size(node) >= EXPRESSION_NODES:
                known = self._expressions.get(_key(node))
            else:
                continue
            if known is not None:
                yield first_line + node.lineno - 1, known


class _JsonLines:
    """Finds the line that a string begins in, in a JSON text; strings are asked for in the order of the document."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def of(self, value: str) -> int:
        first = value.splitlines(keepends=True)[0] if value else ""
        at = self._text.find(json.dumps(first, ensure_ascii=False)[1:-1], self._at)
        if at >= 0:
            self._at = at
        return self._text.count("\n", 0, self._at) + 1


def parsed(code: Code) -> ast.Module:
    """Return the syntax tree of `code`; lines with magics count as ``pass``.

    Raises
    ------
    BuildError
        If it is not Python.
    """
    try:
        return ast.parse(_MAGIC.sub(r"\1pass", code.text))
    except SyntaxError as error:
        raise BuildError(f"{code.at(error.lineno or 1)}: this is not Python: {error.msg}") from error


def _parsed_or_none(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _fragments(text: str) -> Iterator[tuple[int, str]]:
    """Yield pieces of a text that may be Python, each with the line it begins in (counted from 1)."""
    yield 1, textwrap.dedent(_PROMPT.sub("", text))
    for fence in _FENCE.finditer(text):
        line = text.count("\n", 0, fence.start("code")) + 1
        yield line, textwrap.dedent(_PROMPT.sub("", fence["code"]))
    for span in _INLINE.finditer(text):
        yield text.count("\n", 0, span.start()) + 1, span[2].strip()
    for number, raw in enumerate(text.splitlines(), 1):
        if stripped := _PREFIX.sub("", raw, count=1).strip():
            yield number, stripped


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Yield words and operators with their lines; quotes, brackets of calls, commas and backslashes are left out."""
    for number, line in enumerate(_PROMPT.sub("", text).split("\n"), 1):
        for token in _TOKEN.findall(line):
            yield _number(token), number


def _number(token: str) -> str:
    if not token[0].isdigit() and token[0] != ".":
        return token
    try:
        return repr(float(token))
    except ValueError:
        return token


def _joined(tokens: Iterable[str]) -> str:
    return "\n" + "".join(f"{token}\n" for token in tokens)


def _strings(value: Any) -> Iterator[str]:
    """Yield every string of a JSON document, keys included; the lines of a cell's source count as one string."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        if value and all(isinstance(entry, str) for entry in value):
            yield "".join(value)
        else:
            for entry in value:
                yield from _strings(entry)
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield key
            yield from _strings(entry)


def _key(node: ast.AST) -> str:
    return re.sub(r", ctx=(Load|Store|Del)\(\)", "", ast.dump(node)).replace(", type_ignores=[]", "")


def _size(node: ast.AST) -> int:
    return sum(isinstance(part, ast.expr) for part in ast.walk(node))


def _is_import(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _is_plain_statement(node: ast.stmt) -> bool:
    """Whether a statement says nothing about a solution."""
    match node:
        case ast.Pass() | ast.Break() | ast.Continue() | ast.Global() | ast.Nonlocal():
            return True
        case ast.Expr(value=value):
            return isinstance(value, ast.Constant)
        case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))):
            return name == "NotImplementedError"
        case ast.Raise(exc=None):
            return True
        case ast.Return(value=value) | ast.AnnAssign(value=value):
            return value is None or _is_plain(value)
        case ast.Assign(value=value) | ast.AugAssign(value=value):
            return _is_plain(value)
        case ast.Delete(targets=targets):
            return all(_is_plain(target) for target in targets)
    return False


def _is_plain(node: ast.expr) -> bool:
    match node:
        case ast.Name():
            return True
        case ast.Constant(value=value):
            return value in PLAIN_CONSTANTS  # 1.0 too: it equals 1
        case ast.Attribute(value=value) | ast.UnaryOp(operand=value):
            return _is_plain(value)
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return all(isinstance(element, ast.Name) for element in elements)
        case ast.Dict(keys=keys):
            return not keys
    return False


def _shortened(statement: str, limit: int = 100) -> str:
    first, *rest = statement.splitlines()
    return first[: limit - 1] + "…" if len(first) > limit else first + (" …" if rest else "")
