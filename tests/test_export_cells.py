"""A CSV file changed cell by cell stays what it was in every other byte; Python's `csv` is the oracle of what cells say."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.exports import ExportError, cells
from autograder.exports.cells import CsvFile
from autograder.exports.filling import number, points_text

from .growth_places import SEEDS

TEXT = st.text(st.sampled_from('ab ,;\t"\n=é\u202e0.'), max_size=6)
TABLES = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(TEXT, min_size=width, max_size=width), min_size=2, max_size=5)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TABLES, st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.data())
def test_one_cell_changes_and_no_other(
    tmp_path: Path, table: list[list[str]], separator: str, end: str, quoted: bool, data: st.DataObject
) -> None:
    table[0] = [f"title {column}" for column in range(len(table[0]))]
    text = io.StringIO()
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting).writerows(table)
    (tmp_path / "t.csv").write_bytes(text.getvalue().encode())

    file = CsvFile(tmp_path / "t.csv")

    assert file.content() == text.getvalue().encode()
    assert [[file.text(line, column) for column in range(len(table[0]))] for line in file.lines] == table
    row, column = data.draw(st.integers(0, len(table) - 1)), data.draw(st.integers(0, len(table[0]) - 1))
    table[row][column] = data.draw(TEXT)
    file.put(file.lines[row], column, table[row][column])
    assert list(csv.reader(io.StringIO(file.content().decode(), newline=""), delimiter=separator)) == table


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60))
def test_any_bytes_are_a_table_or_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(b"a,b\n" + content)
    try:
        file = CsvFile(tmp_path / "t.csv")
    except ExportError:
        return

    assert file.content() == b"a,b\n" + content


def test_letters_that_an_old_encoding_lacks_are_references(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("Größe,b\nä,\n".encode("cp1252"))
    file = CsvFile(tmp_path / "t.csv")

    file.put(file.rows[0], 1, "Σ ü")

    assert file.text(file.rows[0], 0) == "ä"
    assert file.content() == "Größe,b\nä,&#931; ü\n".encode("cp1252")


def test_what_no_class_needs_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MAX_BYTES", 10)
    (tmp_path / "t.csv").write_bytes(b"a" * 11)

    with pytest.raises(ExportError, match="larger than"):
        CsvFile(tmp_path / "t.csv")


@pytest.mark.parametrize("start", ["", "a,b\n", 'a,b\n"'])
def test_no_text_takes_long(tmp_path: Path, start: str) -> None:
    """Whatever a scanner may try again and again."""
    began = time.process_time()
    for seed in SEEDS:
        (tmp_path / "t.csv").write_text(start + seed * (2**15 // len(seed)), newline="")
        try:
            CsvFile(tmp_path / "t.csv")
        except ExportError:
            continue

    assert time.process_time() - began < 20, "a tenth of a second each at most"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("16", 16), ("16.00", 16), ("7,5", 7.5), ("1.234,5", 1234.5), ("1,234.50", 1234.5), ("-1", -1), (" 3 ", 3),
        ("", None), ("EX", None), ("1 000", None), ("16%", None), ("=1", None), ("5.", 5), ("٣", None), (".", None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_canvas_reads_them(text: str, value: float | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("points", "mark", "places", "text"),
    [
        (16.0, ".", 0, "16"), (0.1 + 0.2, ".", 0, "0.3"), (1 / 3, ",", 2, "0,33333"), (7.5, ",", 2, "7,50"),
        (0.0, ".", 2, "0.00"), (1e-9, ".", 0, "0"), (1234.5, ".", 0, "1234.5"),
    ],
)  # fmt: skip
def test_points_are_written_with_the_decimals_that_matter(points: float, mark: str, places: int, text: str) -> None:
    assert points_text(points, mark, places) == text
