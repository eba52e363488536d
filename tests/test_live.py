"""Real work is judged on arrival, by one command in four places: here, in a unit, on Gradescope, in GitHub Classroom.

Gradescope is a folder, GitHub is two bare repositories.
"""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from autograder import cli
from autograder.cli import DONE
from autograder.commands import common
from tests.mini_course import ROOT
from tests.test_gradescope_autograder import metadata
from tests.test_watch import PATIENCE, until

LIVE = ROOT / "docs" / "watch"
COURSE, ADA = "staff/course", "class/surprise-ada"
PUSHED = "2026-11-29T10:00:00Z"

GH = f"""#!/bin/sh
case "$*" in
  "auth setup-git") ;;
  *accepted_assignments*) printf '{ADA}\\tmain\\tada bob\\n' ;;
  *activity*) echo '{PUSHED}' ;;
  *) echo "what is gh $*?" >&2; exit 1 ;;
esac
"""


class GitHub:
    """Two bare repositories in a folder, to which git goes instead of to github.com, and a `gh` that knows a class."""

    def __init__(self, root: Path) -> None:
        self.root, self.home = root / "github", root / "home"
        (self.home / "bin").mkdir(parents=True)
        (self.home / "bin" / "gh").write_text(GH)
        (self.home / "bin" / "gh").chmod(0o755)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
            "HOME": str(self.home),
            "PATH": os.pathsep.join([str(self.home / "bin"), os.environ["PATH"]]),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{self.root}/.insteadOf",
            "GIT_CONFIG_VALUE_0": "https://github.com/",
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GITHUB_REPOSITORY": COURSE,
        }
        for repository in (COURSE, ADA):
            self.git(root, "init", "--quiet", "--bare", "--initial-branch", "main", self.root / repository)

    def git(self, cwd: Path, *arguments: object) -> str:
        who = ("-c", "user.name=ada", "-c", "user.email=ada@example.org")
        return self.run(cwd, "git", *who, *map(str, arguments))

    def run(self, cwd: Path, *command: str) -> str:
        done = subprocess.run(
            command, cwd=cwd, env=self.environment, capture_output=True, text=True, timeout=PATIENCE * 4, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def shell(self, cwd: Path, script: str) -> str:
        """Run a step as GitHub does."""
        return self.run(cwd, "bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script)

    def push(self, repository: str, files: Path, scratch: Path) -> None:
        shutil.copytree(files, scratch)
        self.git(scratch, "init", "--quiet", "--initial-branch", "main")
        self.git(scratch, "add", "--all")
        self.git(scratch, "commit", "--quiet", "--message", "Work", "--date", "2020-01-01T00:00:00Z")
        self.git(scratch, "push", "--quiet", self.root / repository, "main")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = tmp_path_factory.mktemp("live") / "course"
    shutil.copytree(ROOT / "docs" / "own-course", course, ignore=shutil.ignore_patterns(".autograder", "submitted"))
    assert cli.main(["build", "--course", str(course)]) == 0
    return course


def test_real_work_is_judged_by_the_command_until_a_signal_ends_it(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, built: Path
) -> None:
    """Ctrl-C, which reaches all processes, and then SIGTERM: nothing is left behind, and nothing is judged twice."""
    course = tmp_path / "course"
    temporary = tmp_path_factory.mktemp("t")  # a short name: sockets are made in it
    shutil.copytree(built, course)
    for number, student, points, lines in (
        (signal.SIGINT, "ada", "6</strong> of 6 points", ["autograder: `ada` 1_surprise: 6 points of 6"]),
        (
            signal.SIGTERM,
            "bob",
            "0</strong> of 6 points",
            [
                "autograder: `bob` 1_surprise: 0 points of 6",
                "autograder: `bob` 1_surprise: Importing `surprise.py` raised SyntaxError: invalid syntax",
            ],
        ),
    ):
        process = subprocess.Popen(
            [sys.executable, "-m", "autograder.cli", "watch", "--no-gradebook", "--course", course],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"TMPDIR": str(temporary)},
            start_new_session=True,
        )
        assert process.stderr is not None
        try:
            assert "watching" in process.stderr.readline()
            work = shutil.copytree(course / "solutions" / "1_surprise", tmp_path / student / "1_surprise")
            if student == "bob":
                (work / "surprise.py").write_text("def (\n")
            shutil.move(tmp_path / student, course / "submitted" / student)
            page = course / "feedback" / student / "1_surprise" / "1_surprise.html"
            until(page.is_file)
        finally:
            send = os.killpg if number == signal.SIGINT else os.kill
            send(process.pid, number)
            said = process.communicate(timeout=PATIENCE)[1].splitlines()

        assert (process.returncode, said.pop()) == (0, "autograder: ended; start it again to go on")
        assert [re.sub(r" \(.*", "", line) for line in said][:2] == lines
        assert points in page.read_text()
        assert list(temporary.iterdir()) == []
    assert len(list((course / ".autograder" / "store").rglob("*.json"))) == 2, "each once"


def test_the_uploaded_zip_judges_a_submission_with_nothing_but_what_is_in_it(tmp_path: Path, built: Path) -> None:
    """As Gradescope does it, except that the environment is this one instead of what setup.sh installs."""
    course, place = tmp_path / "course", tmp_path / "autograder"
    shutil.copytree(built, course)
    (course / "submitted" / "bob").mkdir(parents=True)
    (course / "submitted" / "bob" / "secret.txt").write_text("another student's")
    assert cli.main(["export", "gradescope", "1_surprise", "--autograder", "--course", str(course)]) == DONE
    (uploaded,) = (course / "exports").iterdir()
    with zipfile.ZipFile(uploaded) as archive:
        for entry in archive.infolist():
            archive.extract(entry, place / "source")
            (place / "source" / entry.filename).chmod(stat.S_IMODE(entry.external_attr >> 16))
        names = archive.namelist()
    shutil.copy(place / "source" / "run_autograder", place)
    python = place / "source" / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{place / "source"}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (place / "results").mkdir()
    shutil.copytree(course / "solutions" / "1_surprise", place / "submission")
    metadata(place, [])
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    done = subprocess.run(
        [place / "run_autograder"], cwd=place, env=environment, capture_output=True, text=True, timeout=PATIENCE * 4,
        check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    results = json.loads((place / "results" / "results.json").read_text(encoding="utf-8"))
    assert results["score"] == 6
    assert [(test["name"], test["score"], test["max_score"]) for test in results["tests"]] == [
        ("The surprise of an event", 4, 4),
        ("A card", 2, 2),
    ]
    assert not [name for name in names if name.startswith(("submitted", "exports", "autograder/suites", "tests"))]
    assert {"run_autograder", "setup.sh", "suites/1_surprise/test_example_1.py", "requirements.lock"} <= set(names)
    subprocess.run(["bash", "-n", place / "source" / "setup.sh"], check=True)


def test_the_workflow_judges_what_is_pushed_once_and_pushes_the_page(tmp_path: Path, built: Path) -> None:
    github = GitHub(tmp_path)
    work = tmp_path / "work"
    shutil.copytree(built / "solutions" / "1_surprise", work)
    (work / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC")
    github.push(ADA, work, tmp_path / "ada")
    fetch, judge, hand_out = steps("1_surprise", github)
    first = machine(tmp_path / "first", built)
    github.shell(first, fetch)
    said = github.shell(first, judge)
    github.shell(first, hand_out)

    assert "`ada` 1_surprise: 6 points of 6" in said
    assert "`bob` 1_surprise: 6 points of 6" in said, "of the same group"
    came = (first / "submitted" / "ada" / "1_surprise" / "timestamp.txt").read_text()
    assert came.strip() == PUSHED, "neither what is in the repository nor the date of the commit"
    assert "6</strong> of 6 points" in github.git(github.root / ADA, "show", "feedback:1_surprise.html")
    assert github.git(github.root / ADA, "ls-tree", "--name-only", "feedback").split() == ["1_surprise.html"]

    second = machine(tmp_path / "second", built)
    github.shell(second, fetch)
    for kept in ("feedback", ".autograder/history", "grades.csv", "gradebook.db"):
        assert (second / "results" / kept).exists(), "the next one goes on from there"
    assert len(list((second / ".autograder" / "store").rglob("*.json"))) == 1, "equal work is judged once"
    github.shell(second, hand_out)
    assert github.git(github.root / COURSE, "rev-list", "--count", "results").strip() == "1", "nothing was new"
    (second / "results" / "feedback" / "ada" / "1_surprise" / "1_surprise.html").write_text("The next page")
    github.shell(second, hand_out)
    assert github.git(github.root / ADA, "show", "feedback:1_surprise.html") == "The next page"


def machine(checkout: Path, built: Path) -> Path:
    """Return what a run of the workflow starts with, once the grader is set up: the environment of these tests."""
    shutil.copytree(built, checkout)
    program = checkout / ".venv" / "bin" / "autograder"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m autograder "$@"\n')
    program.chmod(0o755)
    return checkout


def steps(section: str, github: GitHub) -> list[str]:
    """Return what the workflow runs after setting up, with its environment for `section` in `github`."""
    workflow = yaml.safe_load((LIVE / "classroom.yml").read_text(encoding="utf-8"))
    github.environment |= {name: str(value) for name, value in workflow["env"].items()} | {"SECTION": section}
    found = [step["run"] for step in workflow["jobs"]["judge"]["steps"] if "run" in step]
    assert found[0].startswith("make setup")
    return found[1:]


def test_the_unit_runs_a_command_that_there_is_and_lets_it_end_by_itself() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(LIVE / "autograder-watch.service", encoding="utf-8")
    service = unit["Service"]
    command = shlex.split(service["ExecStart"])

    assert cli._parser().parse_args(command[1:]).command.__name__ == "_watch"
    assert Path(command[0]).is_relative_to(service["WorkingDirectory"])
    assert service["ReadWritePaths"] == service["WorkingDirectory"]
    assert service["KillMode"] == "mixed", "a signal to all processes would end judges before their watch"
    assert service["RestartPreventExitStatus"] == str(common.USAGE)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_knows_every_line_of_the_unit(tmp_path: Path) -> None:
    text = (LIVE / "autograder-watch.service").read_text(encoding="utf-8")
    unit = tmp_path / "autograder-watch.service"
    unit.write_text(text.replace("/srv/course/.venv/bin/autograder", "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False, timeout=60)

    assert "autograder-watch.service" not in done.stderr, done.stderr
