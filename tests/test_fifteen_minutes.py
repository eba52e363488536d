"""The page for a new instructor is true: each of its commands is run, and prints what the page shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from .export_harness import ENGLISH, moodle_import, moodle_page
from .mini_course import ROOT

PAGE = ROOT / "docs" / "fifteen-minutes.md"
BLOCK = re.compile(r"(?ms)^```(\w*)\n(.*?)^```$")
# What a clone of the repository holds and the page uses.
CLONE = ("Makefile", "assignments", "autograder", "nbgrader_config.py", "pyproject.toml", "requirements-dev.lock",
         "requirements.lock", "solutions", "source", "tests")  # fmt: skip


@dataclass(frozen=True)
class Step:
    """A block of commands, what the page says that it prints, and what it printed."""

    commands: str
    promised: str
    printed: str


@dataclass(frozen=True)
class Followed:
    """What somebody has who did what the page says, up to tidying up."""

    steps: tuple[Step, ...]
    worksheet: bytes
    pages: dict[str, str]
    left: frozenset[str]


def blocks() -> list[tuple[str, str]]:
    """Return each block of commands with the block of output below it, or nothing."""
    found: list[tuple[str, str]] = []
    for language, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if language == "text":
            found[-1] = (found[-1][0], text)
        else:
            assert language == "", f"a block of the page is neither commands nor ```text: {language}"
            found.append((text, ""))
    return found


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    """Follow the page from top to bottom, and type what it says wherever something is asked.

    The environment is the one of these tests, marked as what `make setup` would have made of the same lock file.
    """
    folder = tmp_path_factory.mktemp("clone")
    for name in CLONE:
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv").mkdir()
    (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    (folder / ".venv" / ".grading").write_text(f"{folder}\n")
    typed = re.findall(r"type `([\d.]+)`", PAGE.read_text(encoding="utf-8"))
    before = {path.name for path in folder.iterdir()}
    # What `make test` was given is not for the commands of the page.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "ARGS"))}
    steps, worksheet, pages = [], b"", {}
    for commands, promised in blocks():
        if commands.startswith("rm "):
            worksheet = (folder / "exports" / "worksheet.csv").read_bytes()
            with zipfile.ZipFile(folder / "exports" / "pages.zip") as packed:
                pages = {name: packed.read(name).decode() for name in packed.namelist()}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=folder, env=environment, input="\n".join([*typed, ""]), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{commands}{done.stdout}"
        steps.append(Step(commands, promised, done.stdout))
    left = {path.name for path in folder.iterdir()} - before
    return Followed(tuple(steps), worksheet, pages, frozenset(left))


def test_commands_print_what_the_page_shows(followed: Followed) -> None:
    shown = [step for step in followed.steps if step.promised]

    assert len(shown) >= 3
    for step in shown:
        printed = step.printed.splitlines()
        assert [line for line in step.promised.splitlines() if line not in printed] == [], step.printed


def test_moodle_gets_the_points_and_a_page_for_each_student(followed: Followed) -> None:
    points = {number: of for number, (of, _, _) in moodle_import(followed.worksheet, ENGLISH, most=18).items()}
    folders = {name.replace("_file/", "_file_/"): text for name, text in followed.pages.items()}  # as before Moodle 4.1
    pages = {found[0]: text for name, text in folders.items() if (found := moodle_page(name))}

    assert points == {4711: 18.0, 4712: 15.5}
    assert pages.keys() == points.keys()
    assert "should be in nats" in pages[4712]
    assert "should be in nats" not in pages[4711]


def test_tidying_up_leaves_nothing_of_the_practice_class(followed: Followed) -> None:
    assert followed.left == frozenset()
