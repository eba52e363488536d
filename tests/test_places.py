"""Where feedback sends students: headings and visible checks that the release really has."""

from __future__ import annotations

import json
import re

import pytest
from bs4 import BeautifulSoup
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from autograder import course as courses
from autograder.course import Section
from autograder.records.places import Place, places
from tests.mini_course import ROOT
from tests.records import COURSE

THE_COURSE = courses.load(ROOT)


@pytest.mark.parametrize("section", THE_COURSE.sections, ids=lambda section: section.id)
def test_every_item_has_a_heading_and_a_check_that_the_release_has(section: Section) -> None:
    notebook = json.loads((ROOT / "assignments" / section.id / section.notebook).read_text("utf-8"))
    cells = [("".join(cell["source"]), cell["cell_type"]) for cell in notebook["cells"]]
    found = places(THE_COURSE, section)

    for item in section.items:
        place = found.of(item, None)
        assert place is not None
        assert any(f"# {place.heading}\n" in f"{source}\n" for source, kind in cells if kind == "markdown")
        assert bool(place.checks) == (item.kind != "prose")
        assert all(any(check in source for source, kind in cells if kind == "code") for check in place.checks)


@pytest.mark.parametrize(
    ("section", "function", "heading", "checks"),
    [
        ("1_entropy", "InformationMeasures.entropy", "Your turn: `entropy`", ["check_entropy", "check_refusals"]),
        ("1_entropy", "InformationMeasures.joint_entropy", "Your turn: `joint_entropy`", ["check_joint_entropy"]),
        ("1_entropy", "die_entropy", "Exercise 1 (6 points): a die and a biased coin", ["check_exercise_1"]),
        ("4_vae", "VAE.forward", "Your turn: `VAE.decode` and `VAE.forward`", ["check_forward"]),
        ("4_vae", "VAE", "Example 4 (10 points): the module `vae.py`", ["check_example_4"]),
    ],
)
def test_a_function_is_sent_to_its_own_task(section: str, function: str, heading: str, checks: list[str]) -> None:
    of = THE_COURSE.section(section)
    item = next((one for one in of.items if function in one.defines), of.items[0])

    place = places(THE_COURSE, of).of(item, function)

    assert place is not None
    assert place.heading == heading
    assert [re.findall(r"check_\w+", check)[0] for check in place.checks] == checks


def test_kinds_are_told_apart() -> None:
    section = THE_COURSE.section("4_vae")
    kind = places(THE_COURSE, section).kind

    assert [kind(name) for name in ("VAE", "VAE.encode", "vae_loss", "train_beta_vae", "claims")] == [
        "class", "method", "function", "function", "",
    ]  # fmt: skip


@pytest.mark.parametrize("section", THE_COURSE.sections, ids=lambda section: section.id)
def test_anchor_is_the_one_that_nbconvert_makes(section: Section) -> None:
    found = places(THE_COURSE, section)

    for place in {*found.of_functions.values(), *found.of_items.values()}:
        heading = BeautifulSoup(markdown2html_mistune(f"### {place.heading}"), "html.parser").h3
        assert heading is not None
        assert heading["id"] == place.anchor


def test_a_heading_with_a_formula_is_cut_before_it() -> None:
    assert Place("Exercise 3 (6 points): what $I(X;Y) = 0$ means").title == "Exercise 3 (6 points)"


def test_without_a_release_there_are_no_places() -> None:
    section = COURSE.sections[0]

    assert places(COURSE, section).of(section.items[0], "InformationMeasures.entropy") is None
