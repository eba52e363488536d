"""The formgrader and the feedback pages in a real Chromium: what an instructor sees and decides, and what a student gets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser import (
    Lab,
    chromium_started,
    course_folder,
    grade,
    hand_in,
    jupyter_lab,
    needs_chromium,
    page_of,
)

pytestmark = needs_chromium

SECTION = "3_mutual_information"
FIRST = "1_entropy"
STUDENTS = {"ada": "reference", "jonas": "mistake-nats", "wanda": "mistake-explanation"}
EXPLANATION = "exercise-3-explanation"
COMMENT = "Which other relations? Think of Y = X² & try <b>again</b>."
TEXTS = (Path(__file__).parent / "page_texts.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def gradebook(request: pytest.FixtureRequest) -> dict[str, str]:
    """What the environment says of the gradebook: nothing; or a server, which test_nbgrader_cycle.py takes always."""
    if request.param == "sqlite":
        return {}
    if not request.config.getoption("--every-case"):
        pytest.skip("the gradebook in a file stands for both; --every-case takes each")
    return {"AUTOGRADER_GRADEBOOK": request.getfixturevalue("postgresql").empty_gradebook()}


@pytest.fixture(scope="module")
def graded(gradebook: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with three submissions, judged by the command."""
    folder = course_folder(tmp_path_factory.mktemp("course"))
    hand_in(folder, SECTION, STUDENTS.values())
    grade(folder, **gradebook)
    return folder


@pytest.fixture(scope="module")
def lab(graded: Path, gradebook: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with jupyter_lab(graded, tmp_path_factory.mktemp("home"), **gradebook) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_started() as running:
        yield running


@pytest.fixture(scope="module")
def page(browser: Browser, lab: Lab) -> Iterator[Page]:
    with page_of(browser) as opened:
        lab.log_in(opened)
        yield opened


def row(place: Page | FrameLocator, student: str) -> list[str]:
    """Return the cells of a student's row in the table of submissions, whose names are shown."""
    line = place.locator("#main-table tr").filter(has=place.get_by_text(student, exact=True))
    expect(line).to_have_count(1)
    return [cell.strip() for cell in line.locator("td").all_inner_texts()]


def submission(page: Page, lab: Lab, student: str) -> None:
    """Open a student's notebook from the table of submissions, and wait until its points are there."""
    table(page, lab)
    page.get_by_text(student, exact=True).click()
    expect(page.locator("#example-3")).to_have_attribute("placeholder", re.compile(r"\d"))


def table(page: Page, lab: Lab) -> None:
    """Open the table of submissions, with names."""
    page.goto(f"{lab.url}formgrader/gradebook/{SECTION}/{SECTION}")
    show_names(page)


def show_names(place: Page | FrameLocator) -> None:
    """Show the students' names, once their rows are there."""
    expect(place.locator("#main-table .glyphicon.name-hidden")).to_have_count(len(STUDENTS))
    place.get_by_role("button", name="Show All Names").click()


class TestFormgrader:
    def test_an_instructor_finds_the_class_from_the_menu_of_jupyterlab(self, lab: Lab, page: Page) -> None:
        lab.open(page)
        page.get_by_role("menuitem", name="Nbgrader").click()
        page.get_by_role("menuitem", name="Formgrader", exact=True).click()
        formgrader = page.frame_locator("iframe")
        formgrader.get_by_role("link", name="Manual Grading").click()
        formgrader.get_by_role("link", name=SECTION).click()
        formgrader.get_by_role("link", name=SECTION).last.click()
        show_names(formgrader)

        rows = {student: row(formgrader, student) for student in STUDENTS}

        # overall, code and written score; nobody has read the explanations yet
        assert {student: cells[2:5] for student, cells in rows.items()} == {
            "ada": ["16 / 18", "16 / 16", "0 / 2"],
            "jonas": ["13.5 / 18", "13.5 / 16", "0 / 2"],
            "wanda": ["16 / 18", "16 / 16", "0 / 2"],
        }

    def test_feedback_stands_in_the_outputs_of_a_submission(self, lab: Lab, page: Page) -> None:
        submission(page, lab, "jonas")

        feedback = page.locator(".output", has_text="7.5 of 10")

        expect(feedback).to_contain_text("The answer was 0.6931472.")
        expect(feedback).to_contain_text("This looks like the belief")
        assert page.locator("#example-3").get_attribute("placeholder") == "7.5"
        crowded = feedback.locator("table").evaluate(
            """table => [...table.rows].flatMap(row => [...row.cells]).filter(cell => {
                const text = document.createRange();
                text.selectNodeContents(cell);
                const [inner, outer] = [text.getBoundingClientRect(), cell.getBoundingClientRect()];
                return cell.textContent && (inner.left < outer.left + 4 || inner.right > outer.right - 4);
            }).map(cell => cell.textContent)"""
        )
        assert crowded == []
        verdicts = feedback.locator("td:first-child")
        assert verdicts.all_inner_texts() == sorted(verdicts.all_inner_texts(), key=lambda text: text == "passed")

    def test_a_persons_decision_on_an_explanation_counts_and_survives_grading_again(
        self, lab: Lab, page: Page, graded: Path, gradebook: dict[str, str]
    ) -> None:
        submission(page, lab, "wanda")
        suggestion = page.locator(".alert-info", has_text="Suggested: 0 of 2 points.")
        expect(suggestion).to_contain_text("there is no linear relation")
        points, comment = page.locator(f"#{EXPLANATION}"), page.locator(f"#{EXPLANATION}-comment")
        assert below(page, suggestion, points) < 600  # both on one screen

        with page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT"):
            points.fill("0.5")
            points.press("Tab")
        with page.expect_response(lambda answer: "/api/comment/" in answer.url and answer.request.method == "PUT"):
            comment.fill(COMMENT)
            comment.press("Tab")

        table(page, lab)
        decided = row(page, "wanda")
        assert decided[2:5] == ["16.5 / 18", "16 / 16", "0.5 / 2"]
        waits = page.locator("#main-table tr").filter(has_text="wanda").locator("td").nth(6)
        assert waits.locator(".glyphicon-ok").count() == 0

        # Another seed: nothing comes from the store, every attempt is judged anew.
        judged = json.loads(grade(graded, "--seed", "7", "--format", "json", **gradebook))["attempts"]

        (item,) = [attempt["items"][EXPLANATION] for attempt in judged if attempt["student"] == "wanda"]
        assert (item["status"], item["points"]) == ("judged", 0.5)
        assert item["decision"].items() >= {"points": 0.5, "comment": COMMENT, "current": True}.items()
        submission(page, lab, "wanda")
        expect(page.locator(f"#{EXPLANATION}")).to_have_value("0.5")
        expect(page.locator(f"#{EXPLANATION}-comment")).to_have_value(COMMENT)
        table(page, lab)
        assert row(page, "wanda") == decided
        page.goto((graded / "feedback" / "wanda" / SECTION / f"{SECTION}.html").as_uri())
        expect(page.locator("h2").first).to_have_text(re.compile(r"16\.5\s+of 18 points"))
        expect(page.locator(".message", has_text=COMMENT)).to_be_visible()

    def test_the_button_judges_what_has_come_in_since(self, lab: Lab, page: Page, graded: Path) -> None:
        hand_in(graded, FIRST, ["mistake-nats"])
        trap = graded / "trap"
        with (graded / "submitted" / "jonas" / FIRST / "entropy.py").open("a", encoding="utf-8") as module:
            module.write(f"\ntry:\n    open({str(trap)!r}, 'w').close()\nexcept OSError:\n    pass\n")
        page.goto(f"{lab.url}formgrader/manage_submissions/{FIRST}")
        line = page.locator("#main-table tr").filter(has_text="jonas")
        expect(line.locator(".status")).to_have_text("needs autograding")

        line.locator(".autograde a").click()

        expect(page.locator("#success-modal")).to_contain_text(
            "Successfully autograded '1_entropy' for student 'jonas'."
        )
        log = page.locator("#success-modal pre").inner_text().splitlines()
        assert log[-1] == "[INFO] jonas 1_entropy: 12 of 16 points"
        assert len(log) < 10  # all of it can be seen without scrolling
        page.locator("#success-modal").get_by_role("button", name="OK").click()
        expect(line.locator(".status")).to_have_text("graded")
        expect(line.locator(".score")).to_have_text("12 / 16")
        assert not trap.exists()
        page.goto((graded / "feedback" / "jonas" / FIRST / "1_entropy.html").as_uri())
        expect(page.locator("h2").first).to_have_text(re.compile(r"12\s+of 16 points"))


def below(page: Page, upper: object, lower: object) -> float:
    """Return how far apart two elements begin, in pixels."""
    tops = [element.bounding_box()["y"] for element in (upper, lower)]  # type: ignore[attr-defined]
    return abs(tops[0] - tops[1])


@pytest.mark.parametrize("gradebook", ["sqlite"], indirect=True)  # the pages are files
class TestFeedbackPage:
    @pytest.mark.parametrize("student", STUDENTS)
    def test_it_can_be_read_on_a_phone_and_on_a_desk_by_day_and_by_night(
        self, graded: Path, browser: Browser, student: str
    ) -> None:
        found = {}
        with page_of(browser) as page:
            page.goto((graded / "feedback" / student / SECTION / f"{SECTION}.html").as_uri())
            page.locator("details").evaluate_all("all => all.forEach(details => { details.open = true; })")
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                for width in (320, 390, 1280):
                    page.set_viewport_size({"width": width, "height": 800})
                    found[scheme, width] = page.evaluate(TEXTS)

        for (scheme, width), seen in found.items():
            assert seen["texts"] > 50
            # WCAG 2.2, 1.4.3: 4.5 to 1; nothing smaller than 12 pixels; nothing to scroll sideways for
            assert seen["faint"] == [], (scheme, width)
            assert seen["small"] == [], (scheme, width)
            assert seen["outside"] == [], (scheme, width)
        assert found["light", 1280]["background"] != found["dark", 1280]["background"]
