"""Text that others wrote, made safe to look at, and numbers as people write them."""

from __future__ import annotations

import math
import re

from autograder.sheets import FORMULA_STARTS

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_KEPT_BREAKS = "\n\t"


def visible(text: str, breaks: bool = False, limit: int = 2000) -> str:
    """Return `text` with every character that could act instead of being read shown as what it is.

    Control characters become their pictures (``␛``), invisible and direction-changing ones their code point
    (``⟨U+202E⟩``). Colours, which IPython puts into its messages, are dropped.

    Parameters
    ----------
    text
        Anything, also with lone surrogates as they stand in names of files that are not UTF-8.
    breaks
        Keep line breaks and tabs.
    limit
        Longest text, in characters; what is longer is cut and says so.
    """
    if len(text) > limit:
        text = f"{text[:limit]} … ({len(text) - limit} more characters)"
    if text.isprintable():
        return text
    if breaks:
        text = text.replace("\r\n", "\n")
    return "".join(_shown(char, breaks) for char in _COLOURS.sub("", text))


def _shown(char: str, breaks: bool) -> str:
    if char.isprintable() or (breaks and char in _KEPT_BREAKS):
        return char
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if char.isspace() and char not in "\x85\u2028\u2029":
        return " "
    return f"⟨U+{code:04X}⟩"


def cell(text: str) -> str:
    """Return `text` for a cell of a CSV file: as it is to be read, and never a formula.

    A spreadsheet may strip blanks before it looks for one.
    """
    shown = visible(text)
    return f"'{shown}" if text and (text[0] in FORMULA_STARTS or text.lstrip()[:1] in FORMULA_STARTS) else shown


def number(value: float) -> str:
    """Return points as people write them: at most two decimals, no trailing zeros.

    Raises
    ------
    ValueError
        If `value` is not finite: no record gives such points.
    """
    if not math.isfinite(value):
        raise ValueError(f"points must be finite; got {value}")
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def count(quantity: int, noun: str) -> str:
    """Return ``1 check``, ``2 checks``."""
    return f"{quantity} {noun}" if quantity == 1 else f"{quantity} {noun}s"
