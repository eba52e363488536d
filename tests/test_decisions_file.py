"""A file of decisions comes by mail: whatever is in it, it is refused in one clear line or taken in whole."""

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.review import decisions_file
from autograder.review.decisions_file import DecisionsFileError, Row, checked, read
from autograder.review.sharing import Share
from tests.test_likeness import explanation

ENTRY = explanation("One bit.")
ROW = {"id": ENTRY.id, "answer": ENTRY.prose.answer, "points": 1.5, "comment": "Good."}
FILE = {"format": "autograder review 1", "course": "mini", "by": "anna", "tutor": 1, "of": 2, "twice": 0.1}


def written(path: Path, *rows: Any, **changes: Any) -> Path:
    path.write_text(json.dumps({**FILE, "decisions": list(rows), **changes}), encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    return checked(read(path, "mini"), [ENTRY])[1]


def test_what_the_page_writes_is_read(tmp_path: Path) -> None:
    file = read(written(tmp_path / "f.json", ROW), "mini")

    assert (file.by, file.share) == ("anna", Share(1, 2, 0.1))
    assert checked(file, [ENTRY]) == ([(ENTRY, 1.5, "Good.")], [])


def test_what_is_written_here_is_read_back(tmp_path: Path) -> None:
    rows = (Row(ENTRY.id, ENTRY.prose.answer, 0.5, 'é "\n'),)
    path = tmp_path / "f.json"
    path.write_text(decisions_file.write("mini", "ben", Share(2, 3, 0.5), rows), encoding="utf-8")

    file = read(path, "mini")

    assert (file.by, file.share, file.rows) == ("ben", Share(2, 3, 0.5), rows)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b"{}",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"1" * 10_000,
        json.dumps({**FILE, "decisions": [ROW]}).replace("1.5", "NaN").encode(),
        json.dumps({**FILE, "decisions": [ROW]}).replace("1.5", "-Infinity").encode(),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "f.json"
    path.write_bytes(content)

    with pytest.raises(DecisionsFileError, match="is not a file of decisions") as refused:
        read(path, "mini")
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": "autograder review 9"}, "its format is"),
        ({"format": 1}, "other fields"),
        ({"course": "\x1b[2Jother"}, "is for the course"),
        ({"by": " "}, "tutor's name"),
        ({"by": "x" * 101}, "tutor's name"),
        ({"tutor": 3}, "is not possible"),
        ({"tutor": True}, "other fields"),
        ({"of": 10**9}, "is not possible"),
        ({"twice": 2}, "is not possible"),
        ({"twice": 10**400}, "is not possible"),
        ({"decisions": {}}, "other fields"),
        ({"decisions": [None]}, "decision 1 has other fields"),
        ({"decisions": [ROW, {**ROW, "more": 1}]}, "decision 2 has other fields"),
        ({"decisions": [{**ROW, "points": "1"}]}, "decision 1 has other fields"),
        ({"decisions": [{**ROW, "points": True}]}, "decision 1 has other fields"),
        ({"decisions": [{**ROW, "comment": None}]}, "decision 1 has other fields"),
        ({"more": 1}, "other fields"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(DecisionsFileError, match=said) as refused:
        read(written(tmp_path / "f.json", ROW, **changes), "mini")
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"id": "0" * 16}, "there is no text `0000000000000000`"),
        ({"id": "\x1b[2J"}, "there is no text `"),
        ({"answer": "000000000000"}, "has changed since the page was made"),
        ({"points": -0.5}, "points must be from 0 to 2; got -0.5"),
        ({"points": 2.5}, "points must be from 0 to 2; got 2.5"),
        ({"points": 1e308 * 10}, "points must be from 0 to 2"),
        ({"points": 10**300}, "points must be from 0 to 2"),
        ({"comment": "x" * 4001}, "the comment has 4001 characters"),
    ],
)
def test_a_row_that_does_not_fit_is_named(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    path = tmp_path / "f.json"
    # An exponent too large for a number is read as infinity, which JSON itself can't hold.
    path.write_text(json.dumps({**FILE, "decisions": [{**ROW, **row}]}).replace("Infinity", "1e999"), encoding="utf-8")

    (problem,) = problems(path)

    assert problem.startswith(f"{path}, decision 1: ")
    assert said in problem
    assert problem.isprintable()


def test_a_text_that_appears_twice_is_named(tmp_path: Path) -> None:
    assert problems(written(tmp_path / "f.json", ROW, ROW)) == [
        f"{tmp_path / 'f.json'}, decision 2: the same text was already in decision 1"
    ]


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DecisionsFileError, match="can't be read"):
        read(tmp_path / "none.json", "mini")
    with (tmp_path / "large.json").open("wb") as file:
        file.truncate(decisions_file.MAX_BYTES + 1)
    with pytest.raises(DecisionsFileError, match="larger than 20 MB"):
        read(tmp_path / "large.json", "mini")
