"""CSV files as spreadsheets and learning platforms write them, in any of their encodings and separators.

Nothing in a file is trusted: it is read up to a limit, and what is wrong with it is said with its line and what to do.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder import atomic
from autograder.course import CourseError

MAX_BYTES = 20 << 20  # a gradebook of a thousand students and as many columns is smaller
FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"

_SEPARATORS = (",", ";", "\t")
_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


class SheetError(CourseError):
    """A file can't be read as a table; the message names it, the line and the remedy."""


@dataclass(frozen=True)
class Row:
    """The cells of one row, without blanks around them, and the line that it begins on."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """The rows of a file, with what it takes to write it again as it came."""

    path: Path
    rows: tuple[Row, ...]
    separator: str = ","
    bom: bool = False


def read(path: Path) -> Sheet:
    """Return the rows of the CSV file at `path` that are not empty.

    The separator is the one of comma, semicolon and tab that makes the most of the first row; a first line ``sep=;``,
    which Excel obeys, is obeyed. UTF-8 and UTF-16 are recognised, anything else is Latin-1 as Windows has it.

    Raises
    ------
    SheetError
        If it can't be read, is too large, or is no CSV file.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SheetError(f"{path} can't be read: {error.strerror}") from error
    return parse(content, path)


def parse(content: bytes, path: Path) -> Sheet:
    """Return the rows of a CSV file with this content; messages call it `path`, and `read` says the rest."""
    if len(content) > MAX_BYTES:
        raise SheetError(f"{path} is larger than {MAX_BYTES >> 20} MB; export the students only")
    if content.startswith(b"PK\x03\x04"):
        raise SheetError(f"{path} is a workbook; open it and save it as CSV (UTF-8)")
    text, bom = _decoded(content)
    if "\0" in text:
        raise SheetError(f"{path} is not a CSV file; open it in a spreadsheet and save it as CSV (UTF-8)")
    separator, skipped = "", 0
    if text[:4].lower() == "sep=" and text[4:5] in _SEPARATORS:
        separator = text[4]
        text = "".join(text.splitlines(keepends=True)[1:])
        skipped = 1
    separator = separator or max(_SEPARATORS, key=lambda one: _columns(text, one))
    return Sheet(path, tuple(_parsed(text, separator, path, skipped)), separator, bom)


def write(path: Path, rows: Iterable[Sequence[str]], separator: str = ",", *, bom: bool = False) -> None:
    """Put `rows` at `path` as CSV in UTF-8, whole or not at all; `read` and `plain` give them back as they were.

    Text that a spreadsheet would take for a formula starts with an apostrophe.
    """
    lines = io.StringIO()
    csv.writer(lines, delimiter=separator, lineterminator="\n").writerows([list(map(_safe, row)) for row in rows])
    atomic.write(path, lines.getvalue().encode("utf-8-sig" if bom else "utf-8", "backslashreplace"), durable=True)


def plain(cell: str) -> str:
    """Return the text that `write` made `cell` of."""
    return cell[1:] if cell.startswith("'") and _acts(cell[1:]) else cell


def renamed(path: Path, column: str, names: Mapping[str, str]) -> None:
    """Put other `names` into a `column` of the file at `path`, if it is there, and leave the rest as it is."""
    if not path.is_file():
        return
    sheet = read(path)
    if not sheet.rows or column not in (header := [cell.lower() for cell in sheet.rows[0].cells]):
        return
    at = header.index(column)
    rows = [[plain(cell) for cell in row.cells] for row in sheet.rows]
    for row in rows[1:]:
        if at < len(row):
            row[at] = names.get(row[at], row[at])
    write(path, rows, sheet.separator, bom=sheet.bom)


def _decoded(content: bytes) -> tuple[str, bool]:
    """Return the text, and whether who reads it again needs a mark of its encoding."""
    for mark, encoding in _BOMS.items():
        if content.startswith(mark):
            return content.decode(encoding, "replace"), True
    try:
        return content.decode(), False
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), True
    except UnicodeDecodeError:
        return content.decode("latin-1"), True


def _columns(text: str, separator: str) -> int:
    """Return how many columns the first row that is not empty has, if this is the separator."""
    with contextlib.suppress(csv.Error):
        return next(
            (len(cells) for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if cells), 0
        )
    return 0


def _parsed(text: str, separator: str, path: Path, skipped: int) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = skipped + 1
    try:
        for cells in reader:
            stripped = tuple(cell.strip() for cell in cells)
            if any(stripped):
                yield Row(line, stripped)
            line = skipped + reader.line_num + 1
    except csv.Error as error:
        raise SheetError(
            f"{path}, line {line}: {error}; close the quotation marks, or export the file again"
        ) from error


def _safe(text: str) -> str:
    return f"'{text}" if _acts(text) else text


def _acts(text: str) -> bool:
    # An apostrophe that stands there already gets another, so that each text is written in a way of its own.
    bare = text.lstrip("'")
    return bare[:1] in FORMULA_STARTS and bool(bare)
