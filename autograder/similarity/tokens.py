"""Code and prose as tokens: what is left when names, comments, layout and spelling no longer tell.

The input is a student's and may be anything: it is not parsed, so a file with a syntax error is read like any other,
and the time is proportional to its length.
"""

from __future__ import annotations

import builtins
import itertools
import keyword
import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from autograder.submissions.notebook import end_of_string

Kind = Literal["code", "prose"]

_KEPT = frozenset(keyword.kwlist) | frozenset(dir(builtins))
# What layout and style guides change: brackets around an expression, a comma behind the last argument, `a; b`.
_LAYOUT = frozenset("(),;")
_NAME = "v"
# No alternative can match the same text as another in two ways, so a text is read once.
_LEXEME = re.compile(
    r"""(?P<comment>\#[^\n]*)
    | (?P<string>[rRbBuUfFtT]{0,2}(?:'''|\"\"\"|'|\"))
    | (?P<number>\.?[0-9](?:[eE][+-]|[\w.])*)
    | (?P<name>[^\W\d]\w*)
    | (?P<line>\n)
    | (?P<blank>[ \t\f\r\v]+|\\\r?\n)
    | (?P<sign>\*\*=?|//=?|->|<<=?|>>=?|[-+*/%@&|^=<>!:]=|.)""",
    re.VERBOSE | re.DOTALL,
)
# Single letters are variables of formulas, and every answer to a question has the same.
_WORD = re.compile(r"[^\W\d_]{2,}")


class Token(NamedTuple):
    """A token as it is compared, and where it is in the text."""

    text: str
    start: int
    end: int


class _Lexeme(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def code(text: str, released: frozenset[str] = frozenset()) -> list[Token]:
    """Return the tokens of Python code, or of what was meant as such.

    Comments, docstrings, layout, brackets around expressions and commas are gone. Numbers are all alike, and strings;
    so are names, except keywords, built-in ones, what is looked up in another object (``np.log2``), and functions that
    were `released` under their names.
    """
    found = [lexeme for lexeme in _lexemes(text) if lexeme.kind not in ("comment", "blank")]
    own = _own_names(found) - released
    kept = _KEPT | released
    tokens = []
    before = _Lexeme("line", "\n", 0, 0)
    for lexeme, after in zip(found, [*found[1:], before], strict=False):
        sign = lexeme.text
        if lexeme.kind == "name":
            sign = sign if sign not in own and (sign in kept or before.text == ".") else _NAME
        elif lexeme.kind == "number":
            sign = "0"
        is_docstring = lexeme.kind == "string" and before.kind == after.kind == "line"
        if lexeme.kind != "line" and sign not in _LAYOUT and not is_docstring:
            tokens.append(Token(sign, lexeme.start, lexeme.end))
        before = lexeme
    return tokens


def prose(text: str) -> list[Token]:
    """Return the words of a text, in lower case; formulas leave little of themselves."""
    return [Token(word[0].lower(), word.start(), word.end()) for word in _WORD.finditer(text)]


def defined(text: str) -> frozenset[str]:
    """Return the names of the functions and classes in `text`."""
    return frozenset(_after(_lexemes(text), ("def", "class")))


def _lexemes(text: str) -> list[_Lexeme]:
    found, at = [], 0
    while match := _LEXEME.match(text, at):
        kind, lexeme, at = match.lastgroup or "", match[0], match.end()
        start = match.start()
        if kind == "string":
            at, lexeme = end_of_string(text, at, lexeme.lstrip("rRbBuUfFtT")), '"'
        found.append(_Lexeme(kind, lexeme, start, at))
    return found


def _own_names(found: Sequence[_Lexeme]) -> set[str]:
    """Return names that a student chose although they are looked up: of functions, and of attributes of `self`."""
    attributes = {
        name.text
        for of, dot, name in zip(found, found[1:], found[2:], strict=False)
        if of.text in ("self", "cls") and dot.text == "." and name.kind == "name"
    }
    return attributes | set(_after(found, ("def", "class")))


def _after(found: Iterable[_Lexeme], words: Sequence[str]) -> Iterable[str]:
    kept = [lexeme for lexeme in found if lexeme.kind not in ("comment", "blank")]
    return (name.text for word, name in itertools.pairwise(kept) if word.text in words and name.kind == "name")
