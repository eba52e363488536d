"""The chapter's language: short sentences, and none of the phrases that readers stumbled over."""

from __future__ import annotations

import json
import re

import pytest

from autograder import course
from tests.conftest import ROOT

SECTIONS = [section.id for section in course.load(ROOT).sections]
NOT_RUNNING_TEXT = {"formula-sheet", "look-further", "exercise-3-explanation", "exercise-5-explanation"}
RIDDLES = ("another coat", "dearest", "nobody tells", "mean of nothing", "fell from the sky", "a hair", "in disguise",
           " is no ", " are no ")  # fmt: skip


def texts(section: str) -> list[str]:
    """Return the text of a notebook, cell by cell."""
    path = ROOT / "source" / section / f"{section}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [
        "".join(cell["source"])
        for cell in cells
        if cell["cell_type"] == "markdown" and cell["id"] not in NOT_RUNNING_TEXT
    ]


def sentences(text: str) -> list[str]:
    """Return the sentences of a cell, without tables, headings and displayed formulas; a formula is one word."""
    text = re.sub(r"\$\$.*?\$\$", " ", text, flags=re.DOTALL)
    text = re.sub(r"\$[^$]*\$", "x", text)
    lines = [line for line in text.split("\n") if not line.startswith(("|", "#", "<"))]
    return re.split(r"(?<=[.!?:])\s+|\n\n|\n- |\n\d\. ", "\n".join(lines))


@pytest.mark.parametrize("section", SECTIONS)
def test_sentences_are_short(section: str) -> None:
    lengths = [len(sentence.split()) for text in texts(section) for sentence in sentences(text)]
    lengths = [length for length in lengths if length > 2]

    assert sum(lengths) / len(lengths) < 15
    assert sum(length > 35 for length in lengths) / len(lengths) < 0.03


@pytest.mark.parametrize("section", SECTIONS)
def test_phrases_that_readers_stumbled_over_stay_away(section: str) -> None:
    text = re.sub("there (is|are) no ", "", " ".join(texts(section)), flags=re.IGNORECASE)

    assert [phrase for phrase in RIDDLES if phrase in text] == []


def test_every_section_opens_with_a_question_of_its_own() -> None:
    openings = [re.findall(r"(?m)^\*\*[^*]+\?\*\*.*$", texts(section)[0])[0] for section in SECTIONS]
    numbers = [set(re.findall(r"\d+\.\d+", opening)) for opening in openings]

    assert len({opening.split("?")[0] for opening in openings}) == len(SECTIONS)
    assert len(set.union(*numbers)) == sum(map(len, numbers)), "two sections open with the same number"
