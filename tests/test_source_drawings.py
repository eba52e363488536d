"""The drawings of the chapter that move without a kernel, in a real browser that reaches nothing but the page."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from autograder import course
from tests.browser import ROOT, chromium_started, needs_chromium, page_of


def drawings(section: str) -> list[str]:
    """Return the drawings in the executed notebook of a section."""
    cells = json.loads((ROOT / "solutions" / section / f"{section}.ipynb").read_text(encoding="utf-8"))["cells"]
    outputs = (output for cell in cells for output in cell.get("outputs", ()))
    pages = ["".join(output.get("data", {}).get("text/html", "")) for output in outputs]
    return [page for page in pages if 'class="drawing"' in page]


def markup(section: str) -> str:
    """Return the one drawing of a section."""
    (drawing,) = drawings(section)
    return drawing


# A new section needs none; those of the course have one each, which the last test asks for.
SECTIONS = [section.id for section in course.load(ROOT).sections if drawings(section.id)]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium_started() as browser, page_of(browser, 360) as opened:
        yield opened


def numbers(page: Page) -> list[float]:
    """Return the numbers that are written below the drawing."""
    return [float(text) for text in re.findall(r"\d+(?:\.\d+)?", page.locator("output").inner_text())]


def move(page: Page, slider: int, value: float) -> None:
    page.locator("input").nth(slider).evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", value
    )


@needs_chromium
@pytest.mark.parametrize("section", SECTIONS)
def test_every_slider_moves_the_drawing_and_nothing_comes_from_elsewhere(page: Page, section: str) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.set_content(markup(section))

    for slider in range(page.locator("input").count()):
        before = page.locator("svg").inner_html()
        move(page, slider, float(page.locator("input").nth(slider).get_attribute("max") or "nan"))
        assert page.locator("svg").inner_html() != before
        assert numbers(page)
        assert "NaN" not in page.locator("output").inner_text()

    assert faults == []
    assert re.findall(r"(?:src|href)=", markup(section)) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@needs_chromium
def test_where_scripts_do_not_run_the_drawing_says_so(page: Page) -> None:
    """Jupyter strips them from a notebook that came from elsewhere."""
    drawing = markup(SECTIONS[0])
    page.set_content(re.sub("<script>.*</script>", "", drawing, flags=re.DOTALL))
    assert "Trust Notebook" in page.locator(".still").inner_text()

    page.set_content(drawing)
    assert page.locator(".still").count() == 0


@needs_chromium
def test_the_numbers_below_the_drawings_are_those_of_the_course(page: Page) -> None:
    page.set_content(markup("1_entropy"))
    assert numbers(page) == [1.75, 1.35, 2.0939]
    for slider, length in enumerate((1, 2, 3, 4, 4)):
        move(page, slider, length)
    assert numbers(page) == [1.0, 2.15, 2.0939]

    page.set_content(markup("2_divergence"))
    assert numbers(page)[-3:] == [2.25, 1.75, 0.5]

    page.set_content(markup("3_mutual_information"))
    assert numbers(page)[0] == pytest.approx(0.1339, abs=5e-4)  # its sliders have steps of 0.001
    move(page, 2, 0.333)
    assert numbers(page)[0] == 0

    page.set_content(markup("4_vae"))
    move(page, 0, 2)
    move(page, 1, 1)
    assert [numbers(page)[k] for k in (0, 1, 3)] == [2.0, 2.0, 0.0]  # the third is that of μ²/2

    page.set_content(markup("5_losses"))
    move(page, 2, 10)
    move(page, 0, 4.5)
    loss, divergence, least, slope = numbers(page)
    assert (loss, least) == (pytest.approx(0.5003, abs=2e-4), 0.5003)
    assert divergence == pytest.approx(0, abs=1e-4)
    assert slope == pytest.approx(0, abs=1e-3)
    move(page, 1, 0)
    assert numbers(page)[0] == pytest.approx(math.log(1 + 9 * math.exp(-4.5)), abs=1e-4)
