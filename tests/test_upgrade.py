"""What an earlier version left is read by this one: gradebook with decisions and journal, store, CSV.

`tests/upgrade/<version>` holds what that version wrote for two students of section 3: ada, to whom a person gave 5
points and half a point of extra credit for exercise 3, and wanda, whose explanation was decided on the terminal.
"""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.corpus.reader import load_samples
from autograder.corpus.samples import write_sample
from autograder.course import load

from . import environments, mini_course
from .mini_course import ROOT

VERSIONS = sorted(path.name for path in (ROOT / "tests" / "upgrade").iterdir())
SECTION = "3_mutual_information"


@pytest.fixture(params=VERSIONS)
def left_behind(request: pytest.FixtureRequest) -> Path:
    return ROOT / "tests" / "upgrade" / str(request.param)


@pytest.fixture
def folder(left_behind: Path, tmp_path: Path) -> Path:
    """A course's folder as the earlier version left it, with the same work handed in."""
    folder = tmp_path / "course"
    mini_course.link_course(folder)
    names = {"ada": "reference", "wanda": "mistake-explanation"}
    for sample in load_samples(load(ROOT)):
        if sample.section == SECTION and names.get(sample.student) == sample.name:
            write_sample(sample, folder / "submitted")
    assert sorted(path.name for path in (folder / "submitted").iterdir()) == sorted(names)
    with sqlite3.connect(folder / "gradebook.db") as database:
        database.executescript((left_behind / "gradebook.sql").read_text(encoding="utf-8"))
    database.close()
    shutil.copytree(left_behind / "store", folder / ".autograder" / "store")
    shutil.copy(left_behind / "grades.csv", folder)
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return environments.run(Path(sys.executable), "-m", "autograder.cli", *arguments, cwd=folder)


def extra_credit(folder: Path) -> list[tuple[float, float]]:
    database = sqlite3.connect(folder / "gradebook.db")
    found = database.execute("SELECT manual_score, extra_credit FROM grade WHERE extra_credit > 0").fetchall()
    database.close()
    return found


def test_what_persons_decided_is_kept(folder: Path, left_behind: Path) -> None:
    before = list(csv.DictReader((left_behind / "grades.csv").read_text(encoding="utf-8").splitlines()))
    journal = run(folder, "review", "--journal", "--format", "json")
    assert (journal.returncode, journal.stderr) == (0, "")

    done = run(folder, "grade", "--format", "json")

    assert done.returncode == 0, done.stderr
    after = list(csv.DictReader((folder / "grades.csv").read_text(encoding="utf-8").splitlines()))
    assert [{column: row[column] for column in before[0]} for row in after] == before
    items = {a["student"]: a["items"] for a in json.loads(done.stdout)["attempts"]}
    assert items["ada"]["exercise-3"]["points"] == 5
    assert items["wanda"]["exercise-3-explanation"]["points"] == 1.5
    assert "A good start." in next((folder / "feedback" / "wanda").rglob("*.html")).read_text(encoding="utf-8")
    assert extra_credit(folder) == [(5.0, 0.5)]
    after = json.loads(run(folder, "review", "--journal", "--format", "json").stdout)
    decided = json.loads(journal.stdout)
    assert [entry["after"] for entry in decided] == ["1.5", "A good start."]
    assert after[: len(decided)] == decided
    listed = run(folder, "review", "--list", "--names").stdout
    assert "ada" in listed
    assert "wanda" not in listed, "hers is decided"


def test_records_of_another_version_are_judged_anew_and_kept(folder: Path) -> None:
    """Another version may judge otherwise, so its records are not this one's; going back finds them again."""
    store = folder / ".autograder" / "store"
    old = {path: path.read_bytes() for path in store.rglob("*.json")}
    assert len(old) == 2

    done = run(folder, "grade")

    assert "2 attempts, 2 to judge" in done.stderr
    assert {path: path.read_bytes() for path in old} == old
    assert len(list(store.rglob("*.json"))) == 4
    assert "2 attempts, 0 to judge" in run(folder, "grade").stderr
