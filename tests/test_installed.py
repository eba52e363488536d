"""The package as others have it: installed from a wheel, for a course in a folder of its own."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from . import environments, mini_course
from .mini_course import ROOT

OWN_COURSE = ROOT / "docs" / "own-course"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environments.build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that the wheel was installed in."""
    found = environments.linked(tmp_path_factory.mktemp("installed") / "venv")
    environments.install(wheel, found)
    return found


@pytest.fixture
def own_course(tmp_path: Path) -> Path:
    """A copy of the course that the documentation shows."""
    folder = tmp_path / "course"
    shutil.copytree(OWN_COURSE, folder)
    return folder


def test_the_wheel_holds_the_package_and_nothing_of_the_course(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"autograder"}
    assert [name for name in names if "suites" in name] == []
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "autograder").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == {m for m in modules if "/suites/" not in m}
    assert {
        "autograder/report/templates/" + path.name for path in (ROOT / "autograder/report/templates").iterdir()
    } <= {*names}


READER = """
import json, sys
from pathlib import Path
import autograder
from autograder.sandbox.walls import WALLS
from autograder.course import Limits
from autograder.remote.link import Link
from autograder.grading.workers import Pool
from autograder.remote.session import Session

package = Path(autograder.__file__).parent
(package / "suites").mkdir(exist_ok=True)  # as a course could put them
(package / "suites" / "test_hidden.py").write_text("secret = 1")
files = sorted(str(path) for path in package.rglob("*") if path.is_file())
module = b'''
import os
def opened(path):
    try:
        return bool(open(path, "rb").read())
    except OSError:
        return False
'''
limits = Limits(5, 10, 10, 10, 60, 60, 512, 16, 4)
with Pool(WALLS, "numpy") as pool:
    pool.ensure()
    link = Link(pool.folder)
    session = Session(link, {"work.py": module}, [], limits, seed=0)
    work = session.module("work.py")
    beside = str(package.parent / "msgpack" / "__init__.py")
    print(json.dumps({
        "package": str(package), "files": files, "library": work.opened(beside),
        "opened": [path for path in files if work.opened(path)],
    }))
    session.close()
    link.close()
"""


def test_a_child_reads_no_file_of_an_installed_package(python: Path, tmp_path: Path) -> None:
    done = environments.run(python, "-c", READER, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["package"].startswith(str(python.parents[1])), "the one that was installed"
    assert any(path.endswith("test_hidden.py") for path in found["files"])
    assert found["library"], "what lies beside it is a library like any other"
    assert found["opened"] == []


@pytest.fixture(scope="module")
def once_built(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "course"
    shutil.copytree(OWN_COURSE, folder)
    built = environments.run(python, "-m", "autograder.cli", "build", cwd=folder)
    assert (built.returncode, built.stderr) == (0, "")
    return folder


@pytest.fixture
def built(once_built: Path, tmp_path: Path) -> Path:
    """A copy of the course, built."""
    return Path(shutil.copytree(once_built, tmp_path / "course"))


@pytest.fixture
def handed_in(built: Path) -> Path:
    """The course, built, with the work of a student who is right and of one who is not."""
    right, wrong = (built / "submitted" / student / "1_surprise" for student in ("ada", "ben"))
    for place in (right, wrong):
        shutil.copytree(built / "solutions" / "1_surprise", place)
    module = wrong / "surprise.py"
    module.write_text(module.read_text().replace("math.log2(", "math.log("))
    return built


def test_a_course_in_a_folder_of_its_own_is_built_and_graded(python: Path, handed_in: Path, tmp_path: Path) -> None:
    done = environments.run(
        python, "-m", "autograder.cli", "grade", "--course", handed_in, "--format", "json", cwd=tmp_path
    )

    assert done.returncode == 0, done.stderr
    attempts = json.loads(done.stdout)["attempts"]
    points = {a["student"]: [item["points"] for item in a["items"].values()] for a in attempts}
    assert points == {"ada": [4, 2], "ben": [1, 2]}
    named = {c["misconception"] for a in attempts for item in a["items"].values() for c in item["checks"]}
    assert named == {None, "nats"}
    assert (handed_in / "gradebook.db").is_file()
    assert len(list((handed_in / "feedback").rglob("*.html"))) == 2
    again = environments.run(python, "-m", "autograder.cli", "grade", cwd=handed_in / "source")
    assert "2 attempts, 0 to judge" in again.stderr


def test_nbgrader_releases_and_grades_it(python: Path, handed_in: Path) -> None:
    for command in ("generate_assignment", "autograde"):
        done = environments.run(python, "-m", "nbgrader", command, "1_surprise", cwd=handed_in)
        assert done.returncode == 0, done.stderr
    assert "ada 1_surprise: 6 of 6 points" in done.stderr


def test_a_course_without_submissions_and_sample_class_says_so(python: Path, built: Path) -> None:
    done = environments.run(python, "-m", "autograder.cli", "grade", cwd=built)

    assert done.returncode == 2
    assert f"no submissions in {built / 'submitted'}" in done.stderr


def test_a_course_among_the_libraries_is_refused(python: Path, handed_in: Path) -> None:
    """Student code reads what is installed; a course that lies there would show its hidden checks."""
    place = environments.libraries(python.parents[1]) / "courses"
    shutil.copytree(handed_in, place)
    try:
        done = environments.run(python, "-m", "autograder.cli", "grade", "--course", place, cwd=handed_in)
    finally:
        shutil.rmtree(place)

    assert done.returncode == 2
    assert f"{place} lies in" in done.stderr
    assert not (place / ".autograder").exists()


@pytest.mark.parametrize("place", ["source/hidden", "assignments", "./solutions/../source"])
def test_suites_in_a_folder_that_is_given_out_are_refused(own_course: Path, place: str) -> None:
    from autograder.course import CourseError, load

    table = own_course / "source" / "course.toml"
    table.write_text(f'suites = "{place}"\n' + table.read_text())

    with pytest.raises(CourseError, match="where hidden checks would be found"):
        load(own_course)


BROKEN = 'raise OSError("libtorch_cpu.so: cannot open shared object file")'


@pytest.fixture(scope="module", params=["missing", "broken"])
def without_torch(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """An environment in which torch is missing or broken, and what is said of it."""
    folder = tmp_path_factory.mktemp(request.param) / "venv"
    python = environments.linked(folder, without={"torch", "functorch", "torchgen"})
    environments.install(wheel, python)
    if request.param == "broken":
        (environments.libraries(folder) / "torch").mkdir()
        (environments.libraries(folder) / "torch" / "__init__.py").write_text(BROKEN)
        return python, "torch can't be imported (OSError: libtorch_cpu.so: cannot open shared object file)"
    return python, "torch can't be imported (ModuleNotFoundError: No module named 'torch')"


@pytest.mark.parametrize("without_torch", ["broken"], indirect=True)
def test_the_doctor_says_what_can_be_graded_without_torch(without_torch: tuple[Path, str], tmp_path: Path) -> None:
    python, reason = without_torch

    done = environments.run(python, "-m", "autograder.cli", "doctor", "--course", ROOT, cwd=tmp_path)

    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stdout.count("can be graded") == 3
    assert f"4_vae                   {reason}" in done.stdout
    assert f"5_losses                {reason}" in done.stdout
    assert "make torch" in done.stdout
    assert "landlock: proved" in done.stdout


def test_without_torch_the_other_sections_are_graded(without_torch: tuple[Path, str], tmp_path: Path) -> None:
    python, reason = without_torch
    mini_course.link_course(tmp_path / "course")
    for student, section in (("ada", "1_entropy"), ("ada", "4_vae"), ("ben", "4_vae"), ("mia", "1_entropy")):
        shutil.copytree(ROOT / "solutions" / section, tmp_path / "in" / student / section)
    with (tmp_path / "in" / "mia" / "1_entropy" / "entropy.py").open("a") as module:
        module.write("\nimport torch\n")
    output = tmp_path / "out"

    done = environments.run(
        python, "-m", "autograder.cli", "grade", "--course", tmp_path / "course", "--submitted", tmp_path / "in", "--output", output,
        "--format", "json", cwd=tmp_path,
    )  # fmt: skip

    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    printed = json.loads(done.stdout)
    points = {
        (a["student"], a["section"]): [item["points"] for item in a["items"].values()] for a in printed["attempts"]
    }
    assert points == {
        ("ada", "1_entropy"): [10, 6], ("ada", "4_vae"): [None, None], ("ben", "4_vae"): [None, None],
        ("mia", "1_entropy"): [None, None],
    }  # fmt: skip
    assert [
        (entry["student"], entry["section"]) for entry in printed["attention"]
        if entry["kind"] == "not judged" and entry["what"].startswith(reason)
    ] == [("ada", "4_vae"), ("ben", "4_vae"), ("mia", "1_entropy")]  # fmt: skip
    assert "Not judged, by a fault of the grader; nobody got points or a zero for that (3)" in done.stderr
    if "ModuleNotFound" in reason:
        assert "torch is not installed, so these can't be graded: 4_vae" in done.stderr
