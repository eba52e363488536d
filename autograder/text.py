"""Makes text that others wrote harmless, and writes numbers as people do.

One function for each use: `visible` for text that is read, `printable` (`quoted`, `listed`) for names that somebody
must find again, `on_one_line` for what the judge records of answers and exceptions, `with_code` for HTML, `cell` and
`csv_text` for tables, `path_component` for folders, `whole` for files and databases. Templates escape by themselves;
Markdown is escaped by :mod:`autograder.gradebook.formgrader`, the only module that writes it.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence

from autograder.sheets import acts

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_BACKTICKS = re.compile(r"`([^`\n]+)`")
_KEPT_BREAKS = "\n\t"
UNPRINTABLE = "has characters that can't be printed"
"""What is wrong with a name that has such characters; completes a sentence that begins with the name."""
_LONGEST = 128
MAX_NAME_BYTES = 255
"""The limit for one component of a path on common file systems."""


def visible(text: str, breaks: bool = False, limit: int = 2000) -> str:
    """Return `text` with a visible sign for each character that would have an effect instead of being shown.

    Control characters become their pictures (``␛``), invisible and direction-changing ones their code point
    (``⟨U+202E⟩``). Colours, which IPython puts into its messages, are dropped.

    Parameters
    ----------
    text
        Any text, also with lone surrogates, which occur in names of files that are not UTF-8.
    breaks
        Keep line breaks and tabs.
    limit
        Longest text, in characters; longer text is cut, with a note.
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


def printable(text: str, limit: int = 80) -> str:
    r"""Return a name, or another short text, with everything escaped that affects a terminal or the reading order.

    Control characters, bytes that are not UTF-8 and marks that turn the direction of writing become ``\x1b``,
    ``\udcff``, ``\u202e``; text longer than `limit` is cut in the middle, because names often differ at the end.

    A name is escaped as Python writes it, so that it can be typed and found again; `visible` is for text that is only
    read. Notes of attempts are part of the keys of records, so the result for a given text must not change.
    """
    if len(text) > limit:
        text = f"{text[: limit * 2 // 3]}…{text[len(text) - limit // 3 + 1 :]}"
    return "".join(char if char.isprintable() else _escaped(ord(char)) for char in text)


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def on_one_line(text: str) -> str:
    """Return `text` on one line, with blanks for terminal control characters and `?` for halves of characters.

    Records hold this. The length stays the same, and answers that differ only in such characters are shown alike.
    """
    text = whole(text)
    return text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)


def whole(text: str) -> str:
    """Return `text` as valid UTF-8, with `?` for halves of characters, which JSON can hold but files can't."""
    return text.encode("utf-8", "replace").decode()


def with_code(text: str) -> str:
    """Return `text` escaped for HTML, with what is between backticks as code."""
    return _BACKTICKS.sub(r"<code>\1</code>", html.escape(text))


def quoted(name: object) -> str:
    """Return a name or a path as messages show it."""
    return f"`{printable(str(name))}`"


def listed(names: Iterable[str], quote: bool = True, most: int = 5) -> str:
    """Return `names` as in a sentence: ``a, b and c``, or if there are many, the first ones and how many more."""
    shown = [quoted(name) if quote else printable(name) for name in names]
    if len(shown) > most:
        return f"{', '.join(shown[:most])} and {len(shown) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def cell(text: str) -> str:
    """Return `text` for a cell of a CSV file: readable, and never a formula."""
    return f"'{visible(text)}" if acts(text) else visible(text)


def csv_text(rows: Iterable[Sequence[str | float | None]]) -> str:
    """Return `rows` as CSV: text as `cell` returns it, an empty cell for None, and numbers with ten digits.

    Ten digits hide the last bits of sums such as 0.1 + 0.2.
    """
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(
        [
            ("" if value is None else cell(value) if isinstance(value, str) else f"{value:.10g}" for value in row)
            for row in rows
        ]
    )
    return lines.getvalue()


def number(value: float) -> str:
    """Return points as people write them: at most two decimals, no trailing zeros.

    Raises
    ------
    ValueError
        If `value` is not finite; records never have such points.
    """
    if not math.isfinite(value):
        raise ValueError(f"points must be finite; got {value}")
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def points_text(points: float) -> str:
    """Return ``1 point``, ``2.5 points``."""
    return f"{number(points)} {'point' if points == 1 else 'points'}"


def count(quantity: int, noun: str) -> str:
    """Return ``1 check``, ``2 checks``."""
    return f"{quantity} {noun}" if quantity == 1 else f"{quantity} {noun}s"


def path_component(student: str) -> str:
    """Return the name of `student`'s folder: one path component, different for different students.

    Ordinary names (letters and digits of any script in their composed form, ``._@+-``, at most 128 characters, the
    first a letter or digit) stand for themselves. Any other becomes
    ``_<what is left of it>-<first 32 hex digits of its SHA-256>``; the leading
    underscore keeps it apart from every ordinary name.
    """
    if _is_ordinary(student):
        return student
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    rest = re.sub(r"[^A-Za-z0-9]+", "-", student)[:40].strip("-")
    return f"_{rest}-{digest}" if rest else f"_{digest}"


def _is_ordinary(student: str) -> bool:
    """Whether a name is safe for a folder on every disk, in a shell and in a link, and stays the same when copied.

    Letters are composed, as other systems write them (NFKC also refuses look-alikes of slashes and dots); marks are
    those that have no composed form, as in Hindi.
    """
    return (
        0 < len(student) <= _LONGEST
        and len(student.encode("utf-8", "surrogatepass")) <= MAX_NAME_BYTES
        and unicodedata.normalize("NFKC", student) == student
        and student[0].isalnum()
        and all(c.isalnum() or c in "._@+-" or unicodedata.category(c) in ("Mn", "Mc") for c in student)
    )
