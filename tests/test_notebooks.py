"""The released notebooks, run from top to bottom in a real kernel as a student finds them: nothing is written yet."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import course
from autograder.build import notebooks
from autograder.course import Section

from . import environments
from .conftest import ROOT

COURSE = course.load(ROOT)
SECTIONS = COURSE.sections
SECONDS = 60  # that a notebook may take from the stubs, for the slowest of its cells too


@pytest.fixture(scope="module", params=SECTIONS, ids=lambda section: section.id)
def run(request: pytest.FixtureRequest) -> tuple[Section, list[dict]]:  # type: ignore[type-arg]
    """Return a section and the cells of its released notebook after a run; a cell that fails fails the test."""
    section: Section = request.param
    folder = ROOT / "assignments" / section.id
    files = {name: (folder / name).read_bytes() for name in (*section.modules, *section.files)}
    path = folder / section.notebook
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notebooks, "CELL_TIMEOUT", SECONDS)
        cells = json.loads(notebooks.executed(path, str(path), files, b""))["cells"]
    return section, [cell for cell in cells if cell["cell_type"] == "code"]


def text_of(cell: dict) -> str:  # type: ignore[type-arg]
    return json.dumps(cell["outputs"], ensure_ascii=False)


def test_no_cell_shows_a_wall_of_traceback(run: tuple[Section, list[dict]]) -> None:  # type: ignore[type-arg]
    """A check of a whole example may fail, in one line; nothing else does."""
    section, cells = run
    graded = {item.id for item in section.items}

    failed = [cell for cell in cells if any(output["output_type"] == "error" for output in cell["outputs"])]

    assert {cell["id"] for cell in failed} <= graded
    for cell in failed:
        for output in cell["outputs"]:
            assert len(output.get("traceback", [])) <= 1, cell["id"]


def test_nothing_is_printed_to_stderr(run: tuple[Section, list[dict]]) -> None:  # type: ignore[type-arg]
    """Warnings would tell a student that something is broken, and nothing is."""
    _, cells = run

    noisy = [cell["id"] for cell in cells if any(output.get("name") == "stderr" for output in cell["outputs"])]

    assert noisy == []


def test_what_is_not_written_yet_is_said_in_a_note(run: tuple[Section, list[dict]]) -> None:  # type: ignore[type-arg]
    section, cells = run
    judged = [item for item in section.items if item.kind != "prose"]

    assert sum("Not written yet" in text_of(cell) for cell in cells) >= len(judged)


def test_every_figure_of_the_solution_has_a_text_for_those_who_cannot_see_it() -> None:
    for section in SECTIONS:
        cells = json.loads((ROOT / "solutions" / section.id / section.notebook).read_text())["cells"]
        pages = "".join(text_of(cell) for cell in cells if cell["cell_type"] == "code")

        assert pages.count("<img ") == pages.count("<figcaption") > 0, section.id
        assert 'alt=\\"\\"' not in pages, section.id
        assert "image/png" not in pages.replace("data:image/png", ""), f"{section.id}: a figure without caption"


def test_solutions_hold_no_cell_that_failed() -> None:
    for section in SECTIONS:
        path: Path = ROOT / "solutions" / section.id / section.notebook
        outputs = [output for cell in json.loads(path.read_text())["cells"] for output in cell.get("outputs", ())]

        assert [output for output in outputs if output["output_type"] == "error"] == [], section.id
        assert [output for output in outputs if output.get("name") == "stderr"] == [], section.id


# Newer than Python 3.10, or only on Linux.
NOT_EVERYWHERE = re.compile(
    r"\b(tomllib|ExceptionGroup|BaseExceptionGroup|StrEnum|assert_never|LiteralString|Self(?!-)|override|batched"
    r"|datetime\.UTC|file_digest|contextlib\.chdir|fcntl|resource|pwd|grp|SIGALRM|setitimer|os\.fork|/dev/|/tmp/)\b"
)
PROGRAM = """
import json, sys
import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=600, allow_errors=True).execute()
outputs = [(cell.id, output) for cell in notebook.cells for output in cell.get("outputs", ())]
print(json.dumps([(cell, output.evalue) for cell, output in outputs if output.output_type == "error"]))
"""


def students_code() -> dict[str, str]:
    """Return the Python that students get: path or cell -> source."""
    found = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for tree in ("assignments", "solutions")
        for path in sorted((ROOT / tree).rglob("*.py"))
    }
    for section in SECTIONS:
        for cell in json.loads((ROOT / "assignments" / section.id / section.notebook).read_text())["cells"]:
            if cell["cell_type"] == "code":
                found[f"{section.notebook}, {cell['id']}"] = "".join(cell["source"])
    return found


def test_what_students_get_works_in_python_3_10_and_not_only_on_linux(tmp_path: Path) -> None:
    code = students_code()
    for number, source in enumerate(code.values()):
        (tmp_path / f"m{number}.py").write_text(source, encoding="utf-8")

    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--target-version", "py310", "--select", "E902"]
    (tmp_path / "newer.py").write_text("try:\n    pass\nexcept* OSError:\n    pass\n", encoding="utf-8")
    assert subprocess.run([*command, tmp_path / "newer.py"], capture_output=True, check=False).returncode == 1
    (tmp_path / "newer.py").unlink()
    syntax = subprocess.run([*command, tmp_path], capture_output=True, text=True, check=False)

    assert syntax.returncode == 0, syntax.stdout
    assert {name: found[0] for name, source in code.items() if (found := NOT_EVERYWHERE.findall(source))} == {}


def test_the_first_cell_asks_for_all_that_a_section_imports() -> None:
    for section in SECTIONS:
        folder = ROOT / "assignments" / section.id
        first = ready_cell(section)
        sources = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py") if path.name != "test_module.py"]
        sources += [source for name, source in students_code().items() if name.startswith(f"{section.notebook}, ")]
        imported = set[str]()
        for source in sources:
            for node in ast.walk(ast.parse(re.sub(r"(?m)^[%!].*$", "", source))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                    imported.add(node.module.split(".")[0])
        own = {"support", "IPython", *(Path(module).stem for module in section.modules)}
        assert imported - sys.stdlib_module_names - own <= set(re.findall(r'"(\w+)"', first)), section.id
        assert all(f'"{module}"' in first for module in section.modules)


def ready_cell(section: Section) -> str:
    """Return the source of a notebook's first code cell."""
    cells = json.loads((ROOT / "assignments" / section.id / section.notebook).read_text(encoding="utf-8"))["cells"]
    (source,) = ("".join(cell["source"]) for cell in cells if cell["id"] == "ready")
    assert next(cell["id"] for cell in cells if cell["cell_type"] == "code") == "ready"
    return source


def test_what_is_missing_is_one_line_with_the_remedy(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from importlib import util\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "found = util.find_spec\n"
        "util.find_spec = lambda name: None if name in sys.argv[2:] else found(name)\n"
        "shell.set_next_input = lambda text, replace=False: print('offered:', text)\n"
        "shell.run_cell(sys.argv[1])\n"
    )

    def said(folder: Path, *lacking: str) -> list[str]:
        command = [sys.executable, "-c", program, ready_cell(SECTIONS[4]), *lacking]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.split("\n")

    complete = ROOT / "assignments" / "5_losses"
    assert [line for line in said(complete) if line.strip()] == []
    (files,) = (line for line in said(tmp_path) if line.strip())
    assert files.startswith("! Not beside this notebook: losses.py, elbo.py, support/visible_checks.py. Get the whole")
    offered, packages = (line for line in said(complete, "sklearn", "torch") if line.strip())
    assert offered == "offered: %pip install scikit-learn torch"
    assert packages.startswith("! Not installed: scikit-learn torch. Run the new cell below")


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.id)
def test_the_notebooks_run_with_nothing_but_what_requirements_txt_names(
    section: Section, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if section != SECTIONS[0] and not request.config.getoption("--every-case"):
        pytest.skip("one section stands for all; --every-case takes each")
    lines = (ROOT / "assignments" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = [re.split(r"[=;]", line)[0].strip() for line in lines if not line.startswith(("#", "--"))]
    python = environments.linked_only(tmp_path / "venv", names)
    folder = tmp_path / section.id
    shutil.copytree(ROOT / "assignments" / section.id, folder)
    for name in section.expected_files:
        shutil.copy(ROOT / "solutions" / section.id / name, folder)

    ran = environments.run(python, "-c", PROGRAM, section.notebook, cwd=folder)
    checked = environments.run(python, "-m", "pytest", "-q", cwd=folder)

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1]) == []
    assert checked.returncode == 0, checked.stdout
    assert environments.run(python, "-c", "import autograder", cwd=folder).returncode != 0


def test_requirements_name_the_torch_that_the_grader_has() -> None:
    (torch,) = (package for package in COURSE.packages if package.startswith("torch"))

    assert f'"{torch}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
