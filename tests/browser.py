"""A real Chromium and real Jupyter servers, for tests that see pages as people do and for the pictures of the README.

Chromium is the one that the system has; Playwright drives it and downloads none. Pages reach this machine only, so that
nothing depends on what a server elsewhere hands out.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from autograder import course
from autograder.corpus.reader import load_samples
from autograder.corpus.samples import write_sample
from autograder.course import Section
from tests import mini_course

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 120.0
"""Seconds that a condition may take on a busy machine; nobody waits longer than it takes."""

expect.set_options(timeout=PATIENCE * 1000)


def chromium() -> str | None:
    """Return the path of Chromium or Chrome, or None if there is neither."""
    return next(filter(None, map(shutil.which, NAMES)), None)


needs_chromium = pytest.mark.skipif(chromium() is None, reason="needs Chromium; on Debian: apt-get install chromium")


@contextlib.contextmanager
def chromium_started() -> Iterator[Browser]:
    """Start Chromium without a window; it ends with the block.

    Playwright leaves Chromium's own sandbox off, which refuses root and many containers; the pages are ours.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def page_of(browser: Browser, width: int = 1280, height: int = 900, scale: float = 1) -> Iterator[Page]:
    """Open a page in a profile of its own."""
    context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=scale)
    context.set_default_timeout(PATIENCE * 1000)
    try:
        yield context.new_page()
    finally:
        context.close()


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    url: str
    token: str

    def log_in(self, page: Page) -> None:
        """Log in without waiting for JupyterLab."""
        assert page.goto(f"{self.url}login?token={self.token}", wait_until="commit")

    def open(self, page: Page, path: str = "") -> None:
        """Log in and show the file at `path` and nothing that was open before, or the launcher."""
        page.goto(f"{self.url}lab{f'/tree/{path}' if path else ''}?reset&token={self.token}")
        page.locator("#jp-MainLogo").wait_for()


@contextlib.contextmanager
def jupyter_lab(folder: Path, home: Path, **environment: str) -> Iterator[Lab]:
    """Run JupyterLab in `folder` for a user whose home is `home`; server and kernels end with the block."""
    settings = home / "config" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}  # no question about news in the corner
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet), encoding="utf-8")
    settled = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")} | {
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "MPLCONFIGDIR": str(home / "matplotlib"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
               "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"]  # fmt: skip
    with (home / "jupyter.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=settled | environment, stdout=log, stderr=log)
    try:
        yield _started(server, home)
    finally:
        _end(server)


def _started(server: subprocess.Popen[bytes], home: Path) -> Lab:
    """Wait for the file in which the server says where it is."""
    place = home / "runtime" / f"jpserver-{server.pid}.json"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):  # not yet, or not whole yet
            said = json.loads(place.read_text(encoding="utf-8"))
            return Lab(said["url"], said["token"])
        time.sleep(0.05)
    log = (home / "jupyter.log").read_text(encoding="utf-8", errors="replace")
    raise AssertionError(f"JupyterLab did not start (exit code {server.poll()}):\n{log}")


def _end(server: subprocess.Popen[bytes]) -> None:
    family = psutil.Process(server.pid).children(recursive=True) if server.poll() is None else []
    server.terminate()
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    _, alive = psutil.wait_procs(family, timeout=10)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def course_folder(folder: Path) -> Path:
    """Make a copy of the course in which grading and nbgrader can write, and return it."""
    mini_course.copy_course(folder)
    (folder / "solutions").symlink_to(ROOT / "solutions")
    return folder


def hand_in(folder: Path, section: str, names: Collection[str]) -> None:
    """Hand in samples of the sample class, by their names, in the course at `folder`."""
    for sample in load_samples(course.load(ROOT)):
        if sample.section == section and sample.name in names:
            write_sample(sample, folder / "submitted")


def grade(folder: Path, *arguments: str, **environment: str) -> str:
    """Run `autograder grade` in the course at `folder`; return what it prints."""
    command = [sys.executable, "-m", "autograder.cli", "grade", "--jobs", "1", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def open_notebook(page: Page, lab: Lab, section: Section) -> Locator:
    """Open the notebook of a section and run its cells up to the setup; return its code cells."""
    sources = [source for _, source in code_cells(ROOT / "assignments" / section.id / section.notebook)]
    lab.open(page, f"{section.id}/{section.notebook}")
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    expect(cells).to_have_count(len(sources))
    page.get_by_text("| Idle").wait_for()  # the kernel is there
    for number in range(next(n for n, source in enumerate(sources) if "follow(" in source) + 1):
        cells.nth(number).locator(".jp-InputArea-editor").click()
        page.keyboard.press("Control+Enter")
        expect(cells.nth(number).locator(".jp-InputPrompt")).to_have_text(f"[{number + 1}]:")
    return cells


def answer(page: Page, check: Locator, text: str) -> float:
    """Run a check; return the seconds until it has run anew and says `text`, a regular expression."""
    check.locator(".jp-InputArea-editor").click()
    before = check.locator(".jp-InputPrompt").inner_text()
    start = time.monotonic()
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        """([cell, before, text]) => {
            const prompt = cell.querySelector(".jp-InputPrompt").textContent;
            const said = cell.querySelector(".jp-OutputArea")?.textContent ?? "";
            return /[0-9]/.test(prompt) && prompt !== before && new RegExp(text).test(said);
        }""",
        arg=[check.element_handle(), before, text],
    )
    return time.monotonic() - start


def code_cells(notebook: Path) -> list[tuple[str, str]]:
    """Return id and source of the code cells of a notebook."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [(cell["id"], "".join(cell["source"])) for cell in cells if cell["cell_type"] == "code"]
