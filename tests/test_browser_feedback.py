"""The feedback page in a real browser: on a phone, without a script, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from autograder import course as courses
from autograder.records.record import CellRecord, Hint, Record
from autograder.report.feedback import page as feedback
from autograder.verdict import Verdict
from tests.browser import ROOT, chromium, chromium_started, page_of
from tests.records import FUNCTION, check, item, record

pytestmark = pytest.mark.skipif(chromium() is None, reason="needs Chromium or Chrome: apt-get install chromium")

SCREENS = 2 * 844
FUNCTIONS = (FUNCTION, "InformationMeasures.joint_entropy", "InformationMeasures.conditional_entropy")
NATS = Hint(
    "nats-for-bits",
    "The entropy is measured in nats, with the natural logarithm, whatever `base` says.",
    "The natural logarithm measures in nats. To measure in another unit, divide by the natural logarithm of its base.",
)


def of_many_faults(long: str = "") -> Record:
    """Return the record of work with one mistake in three functions, two others, and a fault in the exercise."""
    nats = [
        check(
            f"nats_{n}", "wrong", function=FUNCTIONS[n % 3], max=0.5, hints=(NATS,), message=f"The answer was 0.{n}.{long}",
            reason=f"A fair coin has an entropy of exactly 1 bit.{long}", call=f"entropy([0.5, 0.5]){long}",
            expected="1 bit", got=f"0.{n}",
        )
        for n in range(12)
    ]  # fmt: skip
    slow = check("slow", "time limit", function=FUNCTIONS[1], message=f"`{FUNCTIONS[1]}` was stopped.{long}")
    die = check("die", "missing", function="die_entropy", message="No cell of the notebook defines `die_entropy`.")
    cells = (CellRecord("cell 3", Verdict.ERROR, f"The cell raised NameError.{long}"),) if long else ()
    return record(item(*nats, slow, full=10), item(die, full=6), cells=cells)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with pages of a student with many faults, and of one whose every text is far too long."""
    folder = tmp_path_factory.mktemp("feedback")
    course = courses.load(ROOT)
    for name, made in {"many": of_many_faults(), "long": of_many_faults("x" * 500)}.items():
        (folder / f"{name}.html").write_text(feedback(course, "ada", made), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def phone() -> Iterator[Page]:
    with chromium_started() as browser, page_of(browser, 390, 844) as page:
        yield page


def width_and_height(page: Page) -> tuple[int, int]:
    size: list[int] = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    return size[0], size[1]


def test_a_page_with_many_faults_is_under_two_screens_of_a_phone(phone: Page, pages: Path) -> None:
    phone.goto((pages / "many.html").as_uri())

    width, height = width_and_height(phone)
    assert width == 390
    assert height < SCREENS


def test_nothing_is_wider_than_a_phone_when_all_is_open(phone: Page, pages: Path) -> None:
    phone.goto((pages / "long.html").as_uri())
    phone.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")

    assert width_and_height(phone)[0] == 390


def test_a_finding_opens_by_keyboard_without_a_script_of_the_page(phone: Page, pages: Path) -> None:
    phone.goto((pages / "many.html").as_uri())
    finding = phone.locator("details.finding").nth(1)
    advice = finding.get_by_text("Try next:")
    expect(advice).to_be_hidden()

    finding.locator("> summary").focus()
    phone.keyboard.press("Enter")

    expect(advice).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_findings_are_told_apart_by_words_in_both_schemes(phone: Page, pages: Path, scheme: str) -> None:
    phone.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    phone.goto((pages / "many.html").as_uri())

    assert [line.split(":")[0].split()[-1] for line in phone.locator(".finding > summary .cost").all_inner_texts()] == [
        "wrong", "limit", "missing",
    ]  # fmt: skip
    paper, ink = phone.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
        ".map(colour => Math.max(...colour.match(/\\d+/g).map(Number)))"
    )
    assert (paper > ink) == (scheme == "light")
    phone.emulate_media(color_scheme="light")


def test_on_paper_everything_is_open(phone: Page, pages: Path) -> None:
    phone.goto((pages / "many.html").as_uri())
    folded = phone.locator(".finding .others li, .finding .part .place, .passed li, footer li")
    on_screen = [each.is_visible() for each in folded.all()]

    phone.emulate_media(media="print")

    hidden = (
        "[...document.querySelectorAll('li, .place, .message, .next')].filter(each => !each.checkVisibility({"
        "contentVisibilityAuto: true}) || each.getBoundingClientRect().height === 0).length"
    )
    assert not all(on_screen)
    phone.wait_for_function(f"{hidden} === 0")  # the page is laid out anew, which takes a moment on a busy machine
    phone.emulate_media(media="screen")
