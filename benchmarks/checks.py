"""Measures how fast the visible checks answer in a student's JupyterLab: ``make checks``, in a real Chromium.

For each section the notebook is opened with everything solved, and its setup is run. Then the module is saved anew
before each check cell, without a restart of the kernel, and the time is taken from running the cell to reading what it
says. Nothing else should run at the same time.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from autograder import course
from autograder.corpus.reader import load_samples
from autograder.course import Section
from tests.browser import (
    ROOT,
    Lab,
    answer,
    chromium,
    chromium_started,
    code_cells,
    jupyter_lab,
    open_notebook,
    page_of,
)

LIMIT = 2.0  # seconds
_CHECK = re.compile(r"^visible_checks\.(check_\w+)\(.*\)$")


def main() -> int:
    """Measure every section; return 1 if a check is too slow."""
    if chromium() is None:
        sys.stderr.write("checks: needs Chromium; on Debian: apt-get install chromium\n")
        return 2
    slowest = 0.0
    the_course = course.load(ROOT)
    references = {s.section: s for s in load_samples(the_course) if s.name == "reference"}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work"
        for section in the_course.sections:
            (work / section.id).mkdir(parents=True)
            for name, content in references[section.id].files.items():
                (work / section.id / name).parent.mkdir(exist_ok=True)
                (work / section.id / name).write_bytes(content)
        with jupyter_lab(work, Path(folder) / "home") as lab, chromium_started() as browser, page_of(browser) as page:
            for section in the_course.sections:
                seconds = measured(page, lab, section, work / section.id)
                slowest = max(slowest, *seconds.values())
                listed = ", ".join(f"{name} {time:.2f}" for name, time in seconds.items())
                sys.stdout.write(f"{section.id}: {listed}\n")
    sys.stdout.write(f"slowest: {slowest:.2f} s of {LIMIT:g}\n")
    return int(slowest >= LIMIT)


def measured(page: Page, lab: Lab, section: Section, folder: Path) -> dict[str, float]:
    """Return the seconds that each check cell of a section takes after its module was saved anew."""
    exercises = {item.id for item in section.items if item.kind == "notebook"}
    cells = open_notebook(page, lab, section)
    seconds: dict[str, float] = {}
    for number, (cell_id, source) in enumerate(code_cells(folder / section.notebook)):
        if cell_id in exercises:
            answer(page, cells.nth(number), "")
        found = _CHECK.match(source)
        if found is None:
            continue
        for name in section.modules:
            with (folder / name).open("a", encoding="utf-8") as module:
                module.write("\n")
        seconds[found[1]] = answer(page, cells.nth(number), r"\S")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
