"""What stands around the notebooks: predictions that are compared and counted, and packing what is handed in."""

from __future__ import annotations

import importlib
import math
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autograder import course

from .conftest import ROOT

SECTIONS = course.load(ROOT).sections


@pytest.fixture
def predictions(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "assignments" / "1_entropy"))
    yield importlib.import_module("support.predictions")
    for name in [name for name in sys.modules if name.partition(".")[0] == "support"]:
        del sys.modules[name]


@pytest.fixture
def pack(predictions: ModuleType) -> ModuleType:
    return importlib.import_module("support.pack")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A student's copy of the first two sections."""
    for section in SECTIONS[:2]:
        shutil.copytree(ROOT / "assignments" / section.id, tmp_path / section.id)
    return tmp_path


@pytest.mark.parametrize(
    ("guess", "answer", "said"),
    [
        (0.24, 0.2419, "You predicted 0.24; it is 0.2419 bits: near. 1 prediction so far, 1 of them right or near."),
        (1, 0.2419, "not near. 1 prediction so far, 0 of them"),
        (2, 2.0, "it is 2 bits: right."),
        (0.05, 0.0, "not near."),
        (0.005, 0.0, "near."),
        (math.inf, math.inf, "it is inf bits: right."),
        (5, math.inf, "not near."),
        (-2, 2, "not near."),
        ((0, 1), (0.0, 2 / 3), "You predicted (0, 1); it is (0, 0.6667) bits: not near."),
        (((-2, 1), (0, 3)), ((-2, 1), (0, 3)), "right."),
        ("cba", "CBA", "right."),
        ("A, B, C", "ABC", "right."),
        ("ACB", "ABC", "not near."),
    ],
)
def test_a_prediction_is_compared_with_what_comes_out(
    predictions: ModuleType, capsys: pytest.CaptureFixture[str], guess: Any, answer: Any, said: str
) -> None:
    predictions.compare({"one": guess}, "one", answer, "bits")

    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("guess", "answer", "said"),
    [
        (None, 1.0, "You have not predicted anything."),
        (None, None, "You have not predicted anything."),
        ("two", 1.0, "A guess here is a number, such as `0.5`."),
        (1, (1.0, 2.0), "A guess here is a tuple of 2, such as `(0.5, 0.5)`."),
        ((1, 2, 3), (1.0, 2.0), "A guess here is a tuple of 2"),
        (3, "above", "A guess here is a text"),
        (math.nan, 1.0, "A guess here is a number"),
    ],
)
def test_what_is_no_prediction_is_asked_for_and_not_counted(
    predictions: ModuleType, capsys: pytest.CaptureFixture[str], guess: Any, answer: Any, said: str
) -> None:
    predictions.compare({"one": guess}, "one", answer)

    assert said in capsys.readouterr().out
    assert predictions.tally() == "0 predictions so far, 0 of them right or near."


def test_a_guess_whose_cell_was_not_run_is_asked_for_by_its_name(
    predictions: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    predictions.compare({"guess_two": 1.0}, "guess_one", 1.0)

    assert "There is no `guess_one` yet." in capsys.readouterr().out
    assert predictions.tally().startswith("0 ")


def test_the_first_guess_counts(predictions: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    predictions.compare({"one": 5}, "one", 1.0)
    predictions.compare({"two": 1}, "two", 1.0)
    predictions.compare({"one": 1}, "one", 1.0)

    assert "right. Your first guess counts. 2 predictions so far, 1 of them" in capsys.readouterr().out


def test_of_a_few_answers_none_is_near_another(predictions: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    predictions.compare({"one": 0.93}, "one", 0.9, exact=True)

    assert "not near." in capsys.readouterr().out


def test_an_open_prediction_is_shown_and_not_counted(
    predictions: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    predictions.compare({"one": "twice as much"}, "one")

    assert "You predicted: twice as much" in capsys.readouterr().out
    assert predictions.tally().startswith("0 ")


def test_the_zip_holds_what_is_handed_in_and_nothing_of_the_release(
    pack: ModuleType, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = work / "1_entropy"
    for name in ("mine.py", "data.csv", ".hidden", "old.zip", "copy.ipynb"):
        (folder / name).touch()

    zipped = pack.pack(folder)
    assert pack.pack(folder) == zipped == folder / "1_entropy.zip"

    with zipfile.ZipFile(zipped) as archive:
        assert sorted(archive.namelist()) == ["1_entropy.ipynb", "data.csv", "entropy.py", "mine.py"]
        assert archive.read("entropy.py") == (folder / "entropy.py").read_bytes()
    assert "Hand in this one file." in capsys.readouterr().out


def test_what_is_missing_is_said_for_every_section(
    pack: ModuleType, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = (work / section.id for section in SECTIONS[:2])
    for name in SECTIONS[0].expected_files:
        shutil.copy(ROOT / "solutions" / "1_entropy" / name, first)
    (second / "divergence.py").unlink()

    pack.pack(first)

    lines = capsys.readouterr().out.splitlines()
    assert lines[-2].split() == ["✓", "1_entropy", "complete"]
    assert "divergence.py is missing" in lines[-1]
    assert "not answered: exercise-2" in lines[-1]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.id)
def test_all_of_a_release_is_still_to_do_and_nothing_of_a_solution(pack: ModuleType, section: course.Section) -> None:
    released = pack.progress(ROOT / "assignments" / section.id)
    solved = pack.progress(ROOT / "solutions" / section.id)

    exercises = {item.id for item in section.items if item.kind != "module"}
    assert set(released.exercises) == exercises
    assert len(released.functions) >= len(section.modules)
    assert (solved.missing, solved.functions, solved.exercises) == ((), (), ())


def test_a_module_that_is_not_python_and_a_notebook_that_is_cut_are_said(pack: ModuleType, work: Path) -> None:
    (work / "1_entropy" / "entropy.py").write_text("x = 1\ndef f(:\n", encoding="utf-8")
    (work / "1_entropy" / "1_entropy.ipynb").write_text("{", encoding="utf-8")

    said = str(pack.progress(work / "1_entropy"))

    assert "entropy.py (line 2 is not Python)" in said
    assert "1_entropy.ipynb can't be read" in said


def test_what_is_packed_is_what_the_course_expects() -> None:
    for section in SECTIONS:
        names: dict[str, Any] = {}
        exec((ROOT / "source" / section.id / "support" / "section.py").read_text(encoding="utf-8"), names)
        assert (*names["MODULES"], names["NOTEBOOK"]) == section.expected_files
