"""The released notebooks, run from top to bottom in a real kernel as a student finds them: nothing is written yet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder import course
from autograder.build import notebooks
from autograder.course import Section

from .conftest import ROOT

SECTIONS = course.load(ROOT).sections
SECONDS = 60  # that a notebook may take from the stubs, for the slowest of its cells too


@pytest.fixture(scope="module", params=SECTIONS, ids=lambda section: section.id)
def run(request: pytest.FixtureRequest) -> tuple[Section, list[dict]]:  # type: ignore[type-arg]
    """Return a section and the cells of its released notebook after a run; a cell that fails fails the test."""
    section: Section = request.param
    folder = ROOT / "assignments" / section.id
    files = {name: (folder / name).read_bytes() for name in (*section.modules, *section.files)}
    path = folder / section.notebook
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notebooks, "CELL_TIMEOUT", SECONDS)
        cells = json.loads(notebooks.executed(path, str(path), files))["cells"]
    return section, [cell for cell in cells if cell["cell_type"] == "code"]


def text_of(cell: dict) -> str:  # type: ignore[type-arg]
    return json.dumps(cell["outputs"], ensure_ascii=False)


def test_no_cell_shows_a_wall_of_traceback(run: tuple[Section, list[dict]]) -> None:  # type: ignore[type-arg]
    """A check of a whole example may fail, in one line; nothing else does."""
    section, cells = run
    graded = {item.id for item in section.items}

    failed = [cell for cell in cells if any(output["output_type"] == "error" for output in cell["outputs"])]

    assert {cell["id"] for cell in failed} <= graded
    for cell in failed:
        for output in cell["outputs"]:
            assert len(output.get("traceback", [])) <= 1, cell["id"]


def test_nothing_is_printed_to_stderr(run: tuple[Section, list[dict]]) -> None:  # type: ignore[type-arg]
    """Warnings would tell a student that something is broken, and nothing is."""
    _, cells = run

    noisy = [cell["id"] for cell in cells if any(output.get("name") == "stderr" for output in cell["outputs"])]

    assert noisy == []


def test_what_is_not_written_yet_is_said_in_a_note(run: tuple[Section, list[dict]]) -> None:  # type: ignore[type-arg]
    _, cells = run

    assert sum("Not written yet" in text_of(cell) for cell in cells) >= 3


def test_every_figure_of_the_solution_has_a_text_for_those_who_cannot_see_it() -> None:
    for section in SECTIONS:
        cells = json.loads((ROOT / "solutions" / section.id / section.notebook).read_text())["cells"]
        pages = "".join(text_of(cell) for cell in cells if cell["cell_type"] == "code")

        assert pages.count("<img ") == pages.count("<figcaption") > 2, section.id
        assert 'alt=\\"\\"' not in pages, section.id
        assert "image/png" not in pages.replace("data:image/png", ""), f"{section.id}: a figure without caption"


def test_solutions_hold_no_cell_that_failed() -> None:
    for section in SECTIONS:
        path: Path = ROOT / "solutions" / section.id / section.notebook
        outputs = [output for cell in json.loads(path.read_text())["cells"] for output in cell.get("outputs", ())]

        assert [output for output in outputs if output["output_type"] == "error"] == [], section.id
        assert [output for output in outputs if output.get("name") == "stderr"] == [], section.id
