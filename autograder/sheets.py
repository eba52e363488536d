"""CSV files as spreadsheets and learning platforms write them, in any of their encodings and separators.

Nothing in a file is trusted: it is read up to a limit, and errors name the line and say what to do.
"""

from __future__ import annotations

import contextlib
import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder import atomic
from autograder.course import CourseError

MAX_BYTES = 20 << 20  # larger than a gradebook of a thousand students and a thousand columns
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")

_SEPARATORS = (",", ";", "\t")
_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


class SheetError(CourseError):
    """A file can't be read as a table; the message names it, the line and the remedy."""


@dataclass(frozen=True)
class Row:
    """The cells of one row, and the line that it begins on."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """The rows of a file, with what is needed to write it again in the same form."""

    path: Path
    rows: tuple[Row, ...]
    separator: str = ","
    bom: bool = False

    @property
    def header(self) -> list[str]:
        """The names of the columns in the form in which they are compared: `First Name` is `first_name`."""
        return [cell.strip().lower().replace(" ", "_") for cell in self.rows[0].cells] if self.rows else []

    def records(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield line and values of each row below the first, by the names of the columns, as given to `write`."""
        header = self.header
        for row in self.rows[1:]:
            yield row.line, dict(zip(header, map(plain, row.cells), strict=False))

    def refuse_wide_rows(self) -> None:
        """Raise `SheetError` if a row has more cells than the first, because it is not known which is which."""
        for row in self.rows[1:]:
            if any(row.cells[len(self.rows[0].cells) :]):
                raise SheetError(
                    f"{self.path}, line {row.line} has more cells than the first line; put text with a "
                    f"`{self.separator}` in it into quotation marks, or export the file again"
                )


def read(path: Path, *, strip: bool = True) -> Sheet:
    """Return the rows of the CSV file at `path` that are not empty, without blanks around cells unless they matter.

    The separator is the one of comma, semicolon and tab that gives the most cells in the first row; a first line
    ``sep=;`` is followed, as Excel does. UTF-8 and UTF-16 are recognised, anything else is read as Windows' Latin-1.

    Raises
    ------
    SheetError
        If it can't be read, is too large, or is not a CSV file.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SheetError(f"{path} can't be read: {error.strerror}") from error
    return parse(content, path, strip=strip)


def parse(content: bytes, path: Path, *, strip: bool = True) -> Sheet:
    """Return the rows of a CSV file with this content, as `read` does; messages call it `path`."""
    if len(content) > MAX_BYTES:
        raise SheetError(f"{path} is larger than {MAX_BYTES >> 20} MB; export the students only")
    if content.startswith(b"PK\x03\x04"):
        raise SheetError(f"{path} is a workbook; open it and save it as CSV (UTF-8)")
    decoded, bom = _decoded(content)
    if "\0" in decoded:
        raise SheetError(f"{path} is not a CSV file; open it in a spreadsheet and save it as CSV (UTF-8)")
    separator, skipped = "", 0
    if decoded[:4].lower() == "sep=" and decoded[4:5] in _SEPARATORS:
        separator = decoded[4]
        decoded = "".join(decoded.splitlines(keepends=True)[1:])
        skipped = 1
    separator = separator or max(_SEPARATORS, key=lambda one: _columns(decoded, one))
    return Sheet(path, tuple(_parsed(decoded, separator, path, skipped, strip)), separator, bom)


def write(path: Path, rows: Iterable[Sequence[str]], separator: str = ",", *, bom: bool = False) -> None:
    """Write `rows` to `path` as CSV in UTF-8, whole or not at all; `read` and `plain` return them unchanged."""
    content = text(rows, separator).encode("utf-8-sig" if bom else "utf-8", "backslashreplace")
    atomic.write(path, content, durable=True)


def text(rows: Iterable[Sequence[str]], separator: str = ",") -> str:
    """Return `rows` as CSV; text that a spreadsheet would take for a formula starts with an apostrophe."""
    lines = io.StringIO()
    csv.writer(lines, delimiter=separator, lineterminator="\n").writerows([list(map(_safe, row)) for row in rows])
    return lines.getvalue()


def acts(text: str) -> bool:
    """Whether a spreadsheet would take `text` for a formula, or it was made safe before, so that `plain` can tell."""
    bare = text.lstrip("' ")
    return bare.startswith(FORMULA_STARTS) or bare.lstrip().startswith(FORMULA_STARTS)  # blanks may be stripped


def plain(cell: str) -> str:
    """Return the text from which `write` made `cell`."""
    return cell[1:] if cell.startswith("'") and acts(cell[1:]) else cell


def rename_rows(
    path: Path, column: str, old: str, new: str, per: Sequence[str] = (), *, prefer_old: bool = False
) -> None:
    """Make the rows of `old` in the file at `path`, if it exists, rows of `new`; other rows stay as they are.

    If `new` already has a row with the same values in the columns `per`, only one of the two is kept.

    Parameters
    ----------
    column
        The column with the names, which are compared in one Unicode form.
    prefer_old
        Whether the row of `old` is kept then. Otherwise that of `new` is kept, and its empty cells are filled in.
    """
    if not path.is_file():
        return
    sheet = read(path, strip=False)
    header = sheet.header
    if column not in header:
        return
    titles, *rows = (
        [plain(cell) for cell in (*row.cells, *[""] * (len(header) - len(row.cells)))] for row in sheet.rows
    )
    at, keys = header.index(column), [header.index(name) for name in per if name in header]
    theirs: dict[str, dict[tuple[str, ...], list[str]]] = {old: {}, new: {}}
    for row in rows:
        name = unicodedata.normalize("NFC", row[at])
        if name in theirs:
            theirs[name][tuple(row[key] for key in keys)] = row
    both = theirs[old].keys() & theirs[new].keys()
    for key in both:
        first, second = (theirs[old][key], theirs[new][key]) if prefer_old else (theirs[new][key], theirs[old][key])
        first[:] = first if prefer_old else [mine or other for mine, other in zip(first, second, strict=False)]
        rows = [row for row in rows if row is not second]
    for row in theirs[old].values():
        row[at] = new
    write(path, [titles, *rows], sheet.separator, bom=sheet.bom)


def _decoded(content: bytes) -> tuple[str, bool]:
    """Return the text, and whether it needs a mark of its encoding when it is written again."""
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
    """Return the number of columns in the first row that is not empty, if this is the separator."""
    with contextlib.suppress(csv.Error):
        return next(
            (len(cells) for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if cells), 0
        )
    return 0


def _parsed(text: str, separator: str, path: Path, skipped: int, strip: bool) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = skipped + 1
    try:
        for cells in reader:
            stripped = tuple(cell.strip() for cell in cells)
            if any(stripped):
                yield Row(line, stripped if strip else tuple(cells))
            line = skipped + reader.line_num + 1
    except csv.Error as error:
        raise SheetError(
            f"{path}, line {line}: {error}; close the quotation marks, or export the file again"
        ) from error


def _safe(text: str) -> str:
    return f"'{text}" if acts(text) else text
