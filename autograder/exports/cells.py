"""A CSV file that another program wrote, changed cell by cell: all other bytes stay.

Delimiter, quotes, line ends, byte order mark and order are the file's own. Don't trust the bytes: students choose their
names, and somebody may have opened the file in a spreadsheet. What is not a table of cells is refused with a reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from autograder.exports import ExportError
from autograder.sheets import MAX_BYTES

_BOM = b"\xef\xbb\xbf"
_DELIMITERS = (b",", b";", b"\t")
_FOREIGN = {
    b"PK\x03\x04": "is a spreadsheet or a zip, not CSV",
    b"\xff\xfe": "is UTF-16, not UTF-8",
    b"\xfe\xff": "is UTF-16, not UTF-8",
}


@dataclass
class Line:
    """One row: its cells as they are in the file, quotes and all, its line end, and its number, from 1."""

    number: int
    cells: list[bytes] = field(default_factory=list)
    end: bytes = b""


class CsvFile:
    """The table in the file at `path`.

    Raises
    ------
    ExportError
        If the file can't be read as CSV, or a row has fewer cells than the header.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        content = _read(path)
        self._bom, content = (_BOM, content[3:]) if content.startswith(_BOM) else (b"", content)
        self.encoding = _encoding(content)
        self._delimiter = max(_DELIMITERS, key=lambda delimiter: _titles(path, content, delimiter))
        self.lines = _lines(path, content, self._delimiter)
        self.header = [self.text(self.lines[0], column) for column in range(len(self.lines[0].cells))]
        self.rows = [line for line in self.lines[1:] if any(cell.strip() for cell in line.cells)]
        for line in self.rows:
            if len(line.cells) < len(self.header):
                raise ExportError(
                    f"{path}, line {line.number}: {len(line.cells)} cells where the header has {len(self.header)}; "
                    "download the file again, and don't save it from a spreadsheet in between"
                )

    def text(self, line: Line, column: int) -> str:
        """Return what the cell says."""
        raw = line.cells[column]
        if raw.startswith(b'"'):
            inner, _, rest = raw[1:].replace(b'""', b"\0").partition(b'"')
            raw = inner.replace(b"\0", b'"') + rest.replace(b"\0", b'""')
        return raw.decode(self.encoding, "replace")

    def put(self, line: Line, column: int, text: str) -> None:
        """Make the cell say `text`; it keeps its quotes, and gets some where it needs them.

        A letter that the file's encoding lacks becomes a reference as in HTML, because comments are HTML.
        """
        raw = text.encode(self.encoding, "xmlcharrefreplace")
        if line.cells[column].startswith(b'"') or re.search(rb'["\r\n]|^\s|\s$', raw) or self._delimiter in raw:
            raw = b'"' + raw.replace(b'"', b'""') + b'"'
        line.cells[column] = raw

    def content(self) -> bytes:
        """Return the whole file."""
        return self._bom + b"".join(self._delimiter.join(line.cells) + line.end for line in self.lines)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ExportError(f"{path} is larger than {MAX_BYTES >> 20} MB; it can't be a class's table of grades")
        content = path.read_bytes()
    except OSError as error:
        raise ExportError(f"{path} can't be read ({error.strerror}); name the file that the platform wrote") from error
    foreign = next((what for start, what in _FOREIGN.items() if content.startswith(start)), None)
    if foreign is None and b"\0" in content:
        foreign = "holds bytes that are not text"
    if foreign:
        raise ExportError(f"{path} {foreign}; download it again from the platform, and don't save it in between")
    return content


def _encoding(content: bytes) -> str:
    try:
        content.decode()
    except UnicodeDecodeError:
        return "cp1252"  # Excel's, in Western Europe
    return "utf-8"


def _titles(path: Path, content: bytes, delimiter: bytes) -> int:
    """Return how many titles the header has if `delimiter` is between them."""
    try:
        return len(_lines(path, content, delimiter, at_most=1)[0].cells)
    except ExportError:
        return 0


def _lines(path: Path, content: bytes, delimiter: bytes, at_most: int | None = None) -> list[Line]:
    cell = re.compile(rb'"[^"]*(?:""[^"]*)*"[^%(d)b\r\n]*|[^%(d)b\r\n]*' % {b"d": delimiter})
    line_end = re.compile(rb"\r\n|\r|\n")
    lines = [Line(1)]
    place, number = 0, 1
    while True:
        raw = cell.match(content, place)
        assert raw is not None, "the second alternative matches the empty string"
        if raw[0].startswith(b'"') and raw[0].count(b'"') % 2:
            raise ExportError(f"{path}, line {number}: a quote is never closed; download the file again")
        line = lines[-1]
        line.cells.append(raw[0])
        number += raw[0].count(b"\n")
        place = raw.end()
        if content.startswith(delimiter, place):
            place += len(delimiter)
            continue
        end = line_end.match(content, place)
        if end is None:
            return lines
        line.end = end[0]
        place, number = end.end(), number + 1
        if place == len(content) or len(lines) == at_most:
            return lines
        lines.append(Line(number))
