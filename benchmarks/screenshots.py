"""Takes the pictures of the README in a real Chromium: ``make screenshots`` writes them into `docs/`.

A class of one section is graded, a person decides on an explanation in the formgrader, and a student works in
JupyterLab; the pictures show these programs as they are. Only the number of colours is reduced.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import (
    ROOT,
    Lab,
    chromium,
    chromium_started,
    course_folder,
    grade,
    hand_in,
    jupyter_lab,
    page_of,
)

DOCS = ROOT / "docs"
SECTION = "3_mutual_information"
CLASS = (
    "reference", "correct-loop", "correct-sklearn", "half-done", "mistake-best-last", "mistake-exercise-correlation",
    "mistake-explanation", "mistake-nats",
)  # fmt: skip
EXPLANATION = "exercise-3-explanation"
COMMENT = "“No linear relation” is what zero correlation says. What about Y = X²?"
STUDENT = "1_entropy"
COLOURS = 192  # enough for text and flat figures; a third of the bytes


def main() -> int:
    """Take all pictures."""
    if chromium() is None:
        sys.stderr.write("screenshots: needs Chromium; on Debian: apt-get install chromium\n")
        return 2
    with tempfile.TemporaryDirectory() as folder, chromium_started() as browser:
        for picture in (instructor, student):
            for name, image in picture(browser, Path(folder) / picture.__name__):
                _write(DOCS / f"{name}.png", image)
    return 0


def instructor(browser: Browser, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the pictures of the formgrader and of a student's feedback."""
    course = course_folder(folder / "course")
    hand_in(course, SECTION, CLASS)
    hand_in(course, STUDENT, ["mistake-axis"])
    grade(course)
    with jupyter_lab(course, folder / "home") as lab, page_of(browser, 1120, 720, scale=1.5) as page:
        lab.open(page)
        table = f"{lab.url}formgrader/gradebook/{SECTION}/{SECTION}"
        _open_submission(page, table, "wanda")
        with _answered(page, "/api/grade/"):
            page.locator(f"#{EXPLANATION}").fill("0.5")
            page.keyboard.press("Tab")
        with _answered(page, "/api/comment/"):
            page.locator(f"#{EXPLANATION}-comment").fill(COMMENT)
            page.keyboard.press("Tab")
        _open_submission(page, table, "wanda")
        answer = page.locator(".nbgrader_cell").filter(has=page.locator(f"#{EXPLANATION}"))
        expect(page.locator(f"#{EXPLANATION}")).to_have_value("0.5")
        yield "explanation", _between(page, answer, page.locator(".alert-info", has_text="A person decides."))

        _open_submission(page, table, "jonas")
        item = page.locator(".nbgrader_cell").filter(has=page.locator("#example-3"))
        rows = page.locator(".output", has_text="7.5 of 10").locator("tr")
        yield "formgrader-item", _between(page, item, rows.nth(8))

        _open_table(page, table)
        page.set_viewport_size({"width": 1120, "height": 640})
        yield "formgrader", page.screenshot()

    with page_of(browser, 800, 600, scale=2) as page:
        page.goto((course / "feedback" / "liam" / STUDENT / f"{STUDENT}.html").as_uri())
        yield "feedback", page.screenshot(full_page=True)


def student(browser: Browser, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the picture of a student's JupyterLab, module and notebook side by side."""
    work = folder / "work"
    shutil.copytree(ROOT / "assignments" / STUDENT, work)
    shutil.copy(ROOT / "solutions" / STUDENT / "entropy.py", work)
    with jupyter_lab(work, folder / "home") as lab, page_of(browser, 1440, 860, scale=1.25) as page:
        lab.open(page)
        _side_by_side(page, lab, f"{STUDENT}.ipynb", "entropy.py")
        cells = page.locator(".jp-Notebook .jp-CodeCell")
        cells.first.wait_for()
        page.get_by_text("| Idle").wait_for()
        check = cells.filter(has_text="check_entropy()").first
        figure = cells.filter(has_text="code_length_boxes(spinner").first
        for cell in (*(cells.nth(number) for number in range(4)), check, figure):
            cell.locator(".jp-InputArea-editor").click()
            page.keyboard.press("Control+Enter")
        figure.locator("img").wait_for()
        page.locator(".jp-FileEditor .cm-line", has_text="def entropy(").scroll_into_view_if_needed()
        check.evaluate("cell => cell.scrollIntoView()")
        page.mouse.move(0, 0)
        yield "notebook", page.screenshot()


def _side_by_side(page: Page, lab: Lab, notebook: str, module: str) -> None:
    """Let JupyterLab show a notebook and a module beside it, as after dragging a tab to the edge."""
    shown = (f"notebook:{notebook}", f"editor:{module}")
    areas = [{"type": "tab-area", "currentIndex": 0, "widgets": [name]} for name in shown]
    dock = {"type": "split-area", "orientation": "horizontal", "sizes": [0.6, 0.4], "children": areas}
    data = {
        "layout-restorer:data": {
            "main": {"dock": dock, "current": shown[0]},
            "left": {"collapsed": True, "visible": True, "current": None, "widgets": []},
            "right": {"collapsed": True, "visible": True, "current": None, "widgets": []},
        },
        shown[0]: {"data": {"path": notebook, "factory": "Notebook"}},
        shown[1]: {"data": {"path": module, "factory": "Editor"}},
    }
    workspace = {"data": data, "metadata": {"id": "side-by-side"}}
    saved = page.request.put(
        f"{lab.url}lab/api/workspaces/side-by-side?token={lab.token}",
        data=json.dumps(workspace),
        headers={"X-XSRFToken": _xsrf(page)},
    )
    assert saved.ok, saved.text()
    page.goto(f"{lab.url}lab/workspaces/side-by-side")


def _xsrf(page: Page) -> str:
    return next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "_xsrf")


def _open_table(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator("#main-table .glyphicon.name-hidden")).to_have_count(len(CLASS))
    page.get_by_role("button", name="Show All Names").click()


def _open_submission(page: Page, url: str, student: str) -> None:
    _open_table(page, url)
    page.get_by_text(student, exact=True).click()
    expect(page.locator("#example-3")).to_have_attribute("placeholder", "10" if student == "wanda" else "7.5")


@contextlib.contextmanager
def _answered(page: Page, part: str) -> Iterator[None]:
    with page.expect_response(lambda answer: part in answer.url and answer.request.method == "PUT"):
        yield


def _between(page: Page, first: Locator, last: Locator, margin: float = 4) -> bytes:
    """Take what lies between two elements, both included, without nbgrader's bars on top."""
    page.add_style_tag(content=".navbar-fixed-top, .help, .prompt { visibility: hidden; }")
    boxes = [element.bounding_box() for element in (first, last)]
    left, right = min(box["x"] for box in boxes), max(box["x"] + box["width"] for box in boxes)
    scrolled = page.evaluate("window.scrollY")
    top, bottom = boxes[0]["y"] + scrolled, boxes[1]["y"] + boxes[1]["height"] + scrolled
    clip = {
        "x": left - margin,
        "y": top - margin,
        "width": right - left + 2 * margin,
        "height": bottom - top + 2 * margin,
    }
    return page.screenshot(full_page=True, clip=clip)


def _write(path: Path, image: bytes) -> None:
    picture = Image.open(io.BytesIO(image)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)
    sys.stdout.write(
        f"{path.relative_to(ROOT)}  {picture.width} x {picture.height}, {path.stat().st_size // 1024} KB\n"
    )


if __name__ == "__main__":
    sys.exit(main())
