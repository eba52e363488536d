"""What runs on other people's machines: the workflow, `.ci/run`, the container's recipe."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from .mini_course import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def workflow(path: Path) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_only_read_and_takes_actions_by_their_hash(path: Path) -> None:
    written = workflow(path)

    assert written["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in written["jobs"].values())
    steps = [step for job in written["jobs"].values() for step in job["steps"]]
    actions = [step["uses"] for step in steps if "uses" in step]
    assert actions
    assert [action for action in actions if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action)] == []
    for step in steps:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
        assert "${{" not in step.get("run", ""), "what others write must not become a command"


def test_every_python_is_tried_every_week() -> None:
    written = workflow(ROOT / ".github" / "workflows" / "test.yml")

    assert written["jobs"]["grade"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert written[True]["schedule"], "`on` is what YAML reads as true"


@pytest.mark.parametrize("may_install", [False, True])
def test_ci_run_installs_what_it_may_and_says_what_goes_without(tmp_path: Path, may_install: bool) -> None:
    """An ordinary user on a machine that has nothing yet; every command that it could call is one of ours."""
    calls = tmp_path / "calls"
    commands = {
        "id": "echo 1000",
        "sudo": f'[ "$2" = true ] && exit {int(not may_install)}; echo "sudo $*" >> {calls}',
        "ldconfig": ":",
        "apt-get": f'echo "apt-get without rights" >> {calls}',
        "make": f'echo "make $*" >> {calls}',
        "dirname": '/usr/bin/dirname "$@"',
        "grep": '/usr/bin/grep "$@"',
    }
    for name, body in commands.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    script = (ROOT / ".ci" / "run").read_text().replace("/usr/lib/postgresql", str(tmp_path))
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci" / "run").write_text(script)

    done = subprocess.run(
        ["/bin/bash", tmp_path / "ci" / "run"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    said, called = done.stderr.splitlines(), calls.read_text().splitlines()
    assert called[-1] == "make test"
    assert not any("without rights" in call for call in called)
    for package in ("libseccomp2", "postgresql", "chromium", "zsh", "fish"):
        assert any(f"no right to install {package}" in line for line in said) is not may_install
        assert any(call.startswith("sudo") and call.endswith(package) for call in called) is may_install


def test_the_image_holds_no_suite_and_no_solution() -> None:
    """What a build may see is listed by name, and the last stage takes the installed package only."""
    ignored = (ROOT / ".dockerignore").read_text().split()
    recipe = (ROOT / "Containerfile").read_text()
    last = recipe.split("FROM ")[-1]

    assert ignored[0] == "*"
    assert "autograder/suites" in ignored[ignored.index("!autograder") :]
    assert [line for line in last.splitlines() if line.startswith(("COPY", "ADD"))] == [
        "COPY --from=build /opt/grader /opt/grader"
    ]
    assert "USER 1000:1000" in last
