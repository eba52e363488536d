"""Empties the parts of a notebook that are not the work: outputs, attachments and the state of widgets.

Pictures in outputs can turn a notebook of 40 kB into one of 60 MB, and they are never judged. So they are dropped while
the notebook is read, before its size is compared with any limit.

Nothing is trusted here: the input may be any bytes, in any amount. They are read once, from front to back, in time that
is linear in their number and in bounded memory: less than 8 MB beyond what is kept and the current chunk. That is why
this does not use a JSON library. Those that read a stream return each string in one piece (ijson 3.6 takes 400 MB for a
string of 200 MB), and a picture is one string.

What counts as JSON is decided as in :func:`json.loads`, also in what is dropped, with bounds on nesting, keys and
numbers that real notebooks don't come near. Whether text is UTF-8 is checked later, where what is kept is decoded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import cast

MAX_DEPTH = 1000  # `json.loads` gives up at about the same depth
MAX_KEY_BYTES = 4096
MAX_DIGITS = 1000  # before the point, after it, and in the exponent

_PIECE_BYTES = 1 << 16

_DROPPED = "dropped"
# The places that lead to what is dropped: the place of a value, by the place of its container and its key there (None
# in a list). A key that is written with escapes is not recognised; its value is kept, and counts.
_PLACES: dict[tuple[str | None, bytes | None], str] = {
    ("notebook", b'"cells"'): "cells",
    ("notebook", b'"worksheets"'): "sheets",  # nbformat 3
    ("notebook", b'"metadata"'): "metadata",
    ("sheets", None): "sheet",
    ("sheet", b'"cells"'): "cells",
    ("cells", None): "cell",
    ("cell", b'"outputs"'): _DROPPED,
    ("cell", b'"attachments"'): _DROPPED,
    ("metadata", b'"widgets"'): _DROPPED,
}

# What may come next. After the first three, the end may come instead; the third to the fifth expect a value.
_KEY_OR_END, _COMMA_OR_END, _ELEMENT_OR_END, _ELEMENT, _VALUE = range(5)
_KEY, _COLON, _TEXT, _MARK, _NOTEBOOK, _NOTHING = range(5, 11)

_QUOTE, _BACKSLASH, _COMMA, _AFTER_KEY, _BRACE = b'"\\,:{'
_LIST, _OBJECT = b"]}"  # each is named by what closes it
_NOWHERE = (0, None)
_CLOSED_BY = {ord("["): _LIST, ord("{"): _OBJECT}
_WHITE = frozenset(b" \t\n\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ESCAPE_BYTES = len(rb"\u0000")  # the longest escape

_RULES = {
    "character": r'[^"\\\x00-\x1f]',
    "escape": r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})',
    "digits": rf"[0-9]{{1,{MAX_DIGITS}}}",
    "number": rf"-?(?:0|[1-9][0-9]{{0,{MAX_DIGITS - 1}}})(?:\.<digits>)?(?:[eE][-+]?<digits>)?",
    "word": r"(?:<number>|true|false|null|NaN|-?Infinity)",  # the last two are Python's
    "key": rf'"<character>{{0,{MAX_KEY_BYTES - 2}}}"',
    "simple": r'(?:<word>|"<character>*(?:<escape><character>*){0,4}")',
    "list": r"\[ (?:<simple> (?:, <simple> ){0,20})?\]",
    "object": r"\{ (?:<key> : <simple> (?:, <key> : <simple> ){0,20})?\}",
    "value": r"(?:<simple>|<list>|<object>)",
}


def _pattern(text: str) -> re.Pattern[bytes]:
    """Return the pattern in which a name in angle brackets stands for a rule and a blank for any white space.

    No rule can match the same bytes in two ways, so that text that doesn't match is not tried repeatedly. The number
    of times a group repeats is limited, because the matcher keeps a record of each repetition.
    """
    return re.compile(_spelled_out(text).replace(" ", r"[ \t\n\r]*").encode())


def _spelled_out(text: str) -> str:
    return re.sub(r"<(\w+)>", lambda match: _spelled_out(_RULES[match[1]]), text)


def _matcher(text: str) -> Callable[[bytes, int], re.Match[bytes]]:
    """Return the method that matches a pattern at a position; each pattern used here can match the empty string."""
    return cast("Callable[[bytes, int], re.Match[bytes]]", _pattern(text).match)


_blanks = _matcher(" ")
_text = _matcher(f"(?:<character>+|<escape>){{0,{MAX_KEY_BYTES}}}")
_letters = _matcher(r"[-+.0-9A-Za-z]*")
_word = _pattern("<word>").fullmatch
# Columns of numbers, short rows and the like in one match, each with the comma after it. These two are for speed only.
_RUNS = {_LIST: _matcher("(?: <value> ,){0,200}"), _OBJECT: _matcher("(?: <key> : <value> ,){0,200}")}


def without_outputs(chunks: Iterable[bytes], limit: int) -> bytes | None:
    """Return the notebook that `chunks` make up, with what is not judged empty, or None.

    Dropped is what is between the brackets or quotes of a cell's ``outputs`` and ``attachments`` and of
    ``widgets`` in the notebook's metadata (nbformat 4, or 3). All other bytes stay as they are, wherever the chunks
    were cut.

    None means that the notebook is to be taken as it is, because it is not JSON in UTF-8, is damaged, goes beyond a
    bound of this module, or would keep more than `limit` bytes. Reading stops then. Only `chunks` itself can raise an
    exception.
    """
    scanner = _Scanner()
    for piece in _pieces(chunks):
        if not scanner.feed(piece) or len(scanner.kept) > limit:
            return None
    return bytes(scanner.kept) if scanner.is_complete else None


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for at in range(0, len(chunk), _PIECE_BYTES):
            yield chunk[at : at + _PIECE_BYTES]


class _Scanner:
    """Follows the grammar of JSON from piece to piece; ``kept`` is the notebook so far, without what is dropped."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self._cut = b""  # what was incomplete at the end of the previous piece: a key, a word, an escape
        self._next = _MARK
        self._open: list[tuple[int, str | None]] = []  # for each open list and object: what closes it, and its place
        self._key: bytes | None = None
        self._dropping: int | None = None  # how many were open where the value that is being dropped began

    @property
    def is_complete(self) -> bool:
        return self._next == _NOTHING

    def feed(self, piece: bytes) -> bool:
        """Take the next bytes; return False if they can't continue a notebook.

        One loop over tokens, with everything in local names, because there can be millions of brackets.
        """
        data = self._cut + piece
        at = start = 0  # what is between them will be kept, unless it is being dropped
        coming, opened, dropping = self._next, self._open, self._dropping
        closing, place = opened[-1] if opened else _NOWHERE
        if coming == _MARK and len(data) >= len(_BYTE_ORDER_MARK):
            at, coming = len(_BYTE_ORDER_MARK) if data.startswith(_BYTE_ORDER_MARK) else 0, _NOTEBOOK
        while at < len(data) and coming != _MARK:
            byte = data[at]
            if coming == _TEXT:
                begin, at = at, _text(data, at).end()
                if _is_cut(data, at):
                    break
                if data[at] == _QUOTE:
                    if dropping == len(opened):
                        dropping, start = None, at
                    at, coming = at + 1, _COMMA_OR_END
                elif at == begin:
                    return False
            elif byte in _WHITE:
                at = _blanks(data, at).end()
            elif byte == closing and coming <= _ELEMENT_OR_END:
                opened.pop()
                if dropping == len(opened):
                    dropping, start = None, at
                closing, place = opened[-1] if opened else _NOWHERE
                at, coming = at + 1, _COMMA_OR_END if opened else _NOTHING
            elif coming == _COMMA_OR_END and byte == _COMMA:
                at, coming = at + 1, _ELEMENT if closing == _LIST else _KEY
                if place is None:
                    at = _RUNS[closing](data, at).end()
            elif coming in (_KEY_OR_END, _KEY) and byte == _QUOTE:
                end = _text(data, at + 1).end()
                if _is_cut(data, end):
                    break
                if data[end] != _QUOTE or end - at >= MAX_KEY_BYTES:
                    return False
                self._key = data[at : end + 1]
                at, coming = end + 1, _COLON
            elif coming == _COLON and byte == _AFTER_KEY:
                at, coming = at + 1, _VALUE
            elif _ELEMENT_OR_END <= coming <= _VALUE and (byte in _CLOSED_BY or byte == _QUOTE):
                inner = _PLACES.get((place, None if closing == _LIST else self._key)) if place else None
                if inner == _DROPPED:
                    self.kept += data[start : at + 1]
                    dropping, inner = len(opened), None
                if byte == _QUOTE:
                    coming = _TEXT
                elif len(opened) == MAX_DEPTH:
                    return False
                else:
                    closing, place = _CLOSED_BY[byte], inner
                    opened.append((closing, place))
                    coming = _ELEMENT_OR_END if closing == _LIST else _KEY_OR_END
                at += 1
            elif _ELEMENT_OR_END <= coming <= _VALUE:
                end = _letters(data, at).end()
                if end == len(data):
                    break
                if not _word(data, at, end):
                    return False
                at, coming = end, _COMMA_OR_END
            elif coming == _NOTEBOOK and byte == _BRACE:
                closing, place = _OBJECT, "notebook"
                opened.append((closing, place))
                at, coming = at + 1, _KEY_OR_END
            else:
                return False
        if dropping is None:
            self.kept += data[start:at]
        self._cut, self._next, self._dropping = data[at:], coming, dropping
        return len(self._cut) <= MAX_KEY_BYTES


def _is_cut(data: bytes, end: int) -> bool:
    """Return whether the text that was read up to `end` may continue in the next piece."""
    return end == len(data) or (data[end] == _BACKSLASH and len(data) - end < _ESCAPE_BYTES)
