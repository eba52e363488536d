"""Every supported Python gives the sample class the same marks."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from . import environments, mini_course
from .mini_course import ROOT

OTHERS = [name for name in ("3.11", "3.12", "3.13", "3.14") if name != f"3.{sys.version_info.minor}"]
WITHOUT_TORCH = ("1_entropy", "2_divergence", "3_mutual_information")


def marks(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV of grades, with the columns that they fill, but for notes."""
    rows = csv.DictReader(io.StringIO(text))
    return [{name: value for name, value in row.items() if value and name != "notes"} for row in rows]


# Of the whole sample class; `test_corpus.py` holds those of this Python against it.
MARKS = marks((ROOT / "tests" / "corpus" / "marks.csv").read_text(encoding="utf-8"))
UV = Path(sys.executable).parent / "uv"


@pytest.fixture(params=OTHERS)
def python(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Another Python of this machine, with what grading needs but torch: other builds of that are gigabytes.

    The newest stands for all; CI grades the sample class with each, and so does `--every-case` here.
    """
    interpreter = interpreter_of(request.param)
    if interpreter is None:
        pytest.skip(f"this machine has no Python {request.param}")
    newer = OTHERS[OTHERS.index(request.param) + 1 :]
    if any(map(interpreter_of, newer)) and not request.config.getoption("--every-case"):
        pytest.skip("a newer Python stands for all; --every-case takes each")
    quietly = [UV, "--quiet", "--no-progress"]
    subprocess.run([*quietly, "venv", "--python", interpreter, tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = [*quietly, "pip", "install", "--python", python]
    subprocess.run([*install, "--require-hashes", "--requirement", ROOT / "requirements.lock"], check=True)
    subprocess.run([*install, "--no-deps", "--offline", environments.build_wheel(tmp_path)], check=True)
    return python


def interpreter_of(version: str) -> str | None:
    """Return a Python of that version: on the path, of the system, or one of those that pyenv keeps."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    places = [shutil.which(f"python{version}"), f"/usr/bin/python{version}"]
    for place in (*places, *sorted(map(str, pyenv.glob(f"versions/{version}.*/bin/python{version}")))):
        if place and Path(place).exists() and subprocess.run([place, "-c", ""], capture_output=True).returncode == 0:
            return place
    return None


def test_marks_are_the_same_on_every_python(python: Path, tmp_path: Path) -> None:
    course = tmp_path / "course"
    mini_course.link_course(course)
    (course / "tests").symlink_to(ROOT / "tests")
    chosen = [argument for section in WITHOUT_TORCH for argument in ("--section", section)]

    done = environments.run(
        python, "-m", "autograder.cli", "grade", *chosen, "--no-gradebook", "--format", "csv", cwd=course
    )

    assert done.returncode == 0, done.stderr
    assert marks(done.stdout) == [row for row in MARKS if row["section"] in WITHOUT_TORCH]


def test_the_locks_are_what_the_project_asks_for(tmp_path: Path) -> None:
    """`make lock` changes nothing: neither versions nor markers nor hashes."""
    names = ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock")
    for name in names:
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())

    subprocess.run(["make", "lock", f"BIN={UV.parent}", "DEVELOPMENT=", "ARGS="], cwd=tmp_path, check=True, timeout=120)

    for name in names:
        assert (tmp_path / name).read_bytes() == (ROOT / name).read_bytes(), f"{name}: run `make lock`"


@pytest.mark.parametrize(
    ("path", "arguments", "complaint"),
    [
        ("/nowhere", [], "No Python 3.11 to 3.14 was found"),
        ("/usr/bin:/bin", ["PYTHON="], "No Python 3.11 to 3.14 was found"),
        ("/usr/bin:/bin", ["PYTHON=/bin/false"], "Python 3.11 to 3.14 is needed, not this one: /bin/false"),
    ],
)
def test_without_a_python_the_makefile_says_where_to_get_one(
    tmp_path: Path, path: str, arguments: list[str], complaint: str
) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())

    done = subprocess.run(
        [shutil.which("make"), "grade", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PATH": path},
    )  # fmt: skip

    assert done.returncode == 2
    assert complaint in done.stderr
    assert not (tmp_path / ".venv").exists()
