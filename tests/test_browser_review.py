"""The page of `autograder review` in a real Chromium: what a tutor clicks is what the file of decisions holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from autograder.course import Course
from autograder.review import decisions_file
from autograder.review.likeness import grouped
from autograder.review.page import page as page_for
from autograder.review.sharing import Share
from tests.browser import chromium_started, needs_chromium, page_of
from tests.test_likeness import INDEPENDENT, NEARLY, explanation

pytestmark = needs_chromium

HOSTILE = "</div><script>document.title = 'pwned'</script><img src=x onerror=\"document.title = 'pwned'\">"


def test_a_group_is_decided_without_a_text_taken_back_kept_and_downloaded(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.prose.embeddings.version", lambda: None)
    entries = [
        explanation(INDEPENDENT, "ada"),
        explanation(INDEPENDENT, "bob"),
        explanation(NEARLY, "cy"),
        explanation(HOSTILE, "eve", ideas=(), points=None),
    ]
    entries = [replace(entry, section="3_mutual_information", item="exercise-3-explanation") for entry in entries]
    file = tmp_path / "review.html"
    file.write_text(page_for(course, grouped(entries), "anna", Share(1, 2, 0.1)), encoding="utf-8")

    with chromium_started() as browser, page_of(browser, width=360) as page:
        page.goto(file.as_uri())
        status, group = page.locator("#status"), page.locator(".group").filter(has_text=INDEPENDENT)
        nearly = group.locator("li").filter(has=page.get_by_text(NEARLY, exact=True))
        expect(page.get_by_text(HOSTILE)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 360

        nearly.locator(".out input").check()
        nearly.locator(".alone .points").fill("0.5")
        nearly.locator(".alone .comment").fill("Say why.")
        nearly.locator(".alone button").click()
        group.locator(".suggested").click()
        expect(status).to_have_text("3 of 4 decided, not downloaded yet")
        page.locator("#undo").click()
        expect(status).to_have_text("1 of 4 decided, not downloaded yet")
        group.locator(".whole .points").fill("2.5")
        group.locator(".whole .main").click()
        expect(status).to_have_text("1 of 4 decided, not downloaded yet")
        group.locator(".suggested").click()
        page.reload()
        expect(status).to_have_text("3 of 4 decided, not downloaded yet")
        with page.expect_download() as download:
            page.locator("#download").click()
        download.value.save_as(tmp_path / "decisions.json")
        assert page.title() != "pwned"

    read = decisions_file.read(tmp_path / "decisions.json", course.id)
    taken, problems = decisions_file.checked(read, entries)
    assert (read.by, read.share, problems) == ("anna", Share(1, 2, 0.1), [])
    assert sorted((entry.student, points, comment) for entry, points, comment in taken) == [
        ("ada", 1.0, ""),
        ("bob", 1.0, ""),
        ("cy", 0.5, "Say why."),
    ]
