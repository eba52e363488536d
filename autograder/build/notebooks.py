"""Makes the two notebooks of a section from its master: the one that students get, and the executed solution.

The first comes from nbgrader's own preprocessors, in nbgrader's order and without its database, so that it is the file
that ``nbgrader generate_assignment`` writes. The second runs in a Jupyter kernel of its own, in a folder of its own,
with settings of its own: what differs from run to run or from machine to machine is taken out or fixed.

Trusted code: only the course's own notebooks are run here, never a student's.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder import digests, nbgrader_seam
from autograder.build import modules
from autograder.build.leaks import Code
from autograder.build.modules import BuildError

CODE_STUB = "# Write your code here, then run this cell."
TEXT_STUB = "*Write your answer here.*"
CELL_TIMEOUT = 600

_MADE = "autograder"  # the entry of the metadata that says from what a notebook was made
_HIDDEN_TESTS = re.compile(r"BEGIN HIDDEN TESTS|BEGIN MARK SCHEME|### AUTOTEST|### HASHED")
_WIDGET = "application/vnd.jupyter.widget"
_CELL_FILE = re.compile(re.escape(tempfile.gettempdir()) + r"[/\\]ipykernel_\d+[/\\]\d+\.py")
_ADDRESS = re.compile(r"(?<= at )0x[0-9a-fA-F]{6,}\b")
_DATA = re.compile(r"(data:[\w/+.-]+;base64,[\w+/=]+)", re.ASCII)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_KERNEL_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    # The same rounding on every processor of the architecture: figures show what small networks learned.
    "ATEN_CPU_CAPABILITY": "default",
    "MKL_CBWR": "COMPATIBLE",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "OPENBLAS_CORETYPE": "Haswell",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "0",  # Matplotlib writes it instead of the date into SVG and PDF
    "TZ": "UTC",
}
_KERNEL_REMOVED = ("PYTHONPATH", "PYTHONSTARTUP", "PYTHONWARNINGS", "MPLBACKEND", "FORCE_COLOR", "NO_COLOR")


def release_settings(config: Any) -> None:
    """Set in `config` (traitlets) what nbgrader's preprocessors put in place of solutions."""
    config.ClearSolutions.code_stub = {"python": CODE_STUB}
    config.ClearSolutions.text_stub = TEXT_STUB


def check_master(path: Path, name: str) -> None:
    """Refuse a master notebook that the build can't use; `name` is its name in messages.

    Raises
    ------
    BuildError
        If a cell has outputs, an execution count, no id, hidden tests, or a malformed solution region, or has a
        region without being a solution cell.
    """
    for cell in _cells(path, name):
        where = _where(name, cell)
        if not cell.get("id"):
            raise BuildError(f"{name}: cell {cell['index'] + 1} has no id; give each cell a fixed, readable one")
        if cell.get("outputs") or cell.get("execution_count") is not None:
            raise BuildError(f"{where} has outputs; clear the outputs of all cells and save the notebook")
        if _HIDDEN_TESTS.search(cell["source"]):
            raise BuildError(f"{where} has hidden tests or a marking scheme; hidden checks belong to the suite")
        if cell["cell_type"] == "code" and modules.regions(cell["source"], where) and not _is_solution(cell):
            raise BuildError(f"{where} has a solution region but is not a solution cell; mark it as one for nbgrader")


def hidden_code(path: Path, name: str) -> list[Code]:
    """Return the solutions in the code cells of a master: each region, or the cell if it has none."""
    found = []
    for cell in _cells(path, name):
        if cell["cell_type"] == "code" and _is_solution(cell):
            where = _where(name, cell)
            regions = modules.regions(cell["source"], where)
            found += [Code(region.code, where, region.begin + 1) for region in regions] or [Code(cell["source"], where)]
    return found


def hidden_prose(path: Path, name: str) -> list[Code]:
    """Return the model answers: the solution cells of a master that are not code."""
    return [
        Code(cell["source"], _where(name, cell))
        for cell in _cells(path, name)
        if cell["cell_type"] != "code" and _is_solution(cell)
    ]


def shown_code(path: Path, name: str) -> list[Code]:
    """Return the code of a master that is outside of solutions."""
    return [
        Code(modules.without_regions(cell["source"], _where(name, cell)), _where(name, cell))
        for cell in _cells(path, name)
        if cell["cell_type"] == "code"
        and not (_is_solution(cell) and not modules.regions(cell["source"], _where(name, cell)))
    ]


def released(path: Path, name: str) -> bytes:
    """Return the notebook that students get, made from the master at `path`.

    Raises
    ------
    BuildError
        If nbgrader refuses the master.
    """
    nbgrader_seam.import_jsonschema()
    from nbconvert.exporters import NotebookExporter
    from traitlets.config import Config

    from autograder.nbgrader_seam import CourseDirectory, GenerateAssignment, SaveCells

    config = Config()
    release_settings(config)
    config.Exporter.default_preprocessors = []
    exporter = NotebookExporter(config=config)
    for preprocessor in GenerateAssignment(coursedir=CourseDirectory(root=str(path.parent))).preprocessors:
        if preprocessor is not SaveCells:
            exporter.register_preprocessor(preprocessor)
    try:
        text, _ = exporter.from_filename(str(path))
    except Exception as error:
        raise BuildError(f"{name}: nbgrader refuses the notebook: {error}") from error
    return bytes(text, "utf-8")


def executed(path: Path, name: str, files: Mapping[str, bytes], locked: bytes, kept: bytes | None = None) -> bytes:
    """Return the master at `path` without solution markers, run from top to bottom next to `files`.

    Its metadata say by a hash from what it was made, and with what outputs; `locked` (the versions of the libraries)
    and this module count. If `kept` is what an earlier run from the same gave, it is returned, and nothing is run.

    Raises
    ------
    BuildError
        If a cell fails, with the cell and the end of its traceback.
    """
    nbgrader_seam.import_jsonschema()
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = nbformat.read(path, as_version=4)
    language = notebook.metadata.get("language_info")
    for cell in notebook.cells:
        if cell.cell_type == "code" or "SOLUTION" in cell.source:
            cell.source = _without_markers(cell.source)
    of_source = {"notebook": nbformat.writes(notebook).encode(), "locked": locked, "code": Path(__file__).read_bytes()}
    made_from = digests.of_files(of_source | {f"files/{file}": data for file, data in files.items()})
    if kept is not None and _is_made_from(kept, made_from):
        return kept
    with tempfile.TemporaryDirectory(prefix="autograder-build-") as temporary:
        folder = Path(temporary).resolve() / "section"
        settings = Path(temporary).resolve() / "settings"
        folder.mkdir()
        settings.mkdir()
        for file, data in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(data)
        client = NotebookClient(
            notebook,
            timeout=CELL_TIMEOUT,
            coalesce_streams=True,
            record_timing=False,
            store_widget_state=False,
            extra_arguments=["--HistoryManager.enabled=False", "--log-level=ERROR"],
            resources={"metadata": {"path": str(folder)}},
        )
        try:
            asyncio.run(client.async_execute(env=_kernel_environment(settings)))
        except CellExecutionError as error:
            raise BuildError(_failure(notebook, name, f"{error.ename}: {error.evalue}")) from error
        except CellTimeoutError as error:
            raise BuildError(_failure(notebook, name, f"no answer within {CELL_TIMEOUT} s")) from error
        except DeadKernelError as error:
            raise BuildError(_failure(notebook, name, "the kernel died")) from error
        scrub = _Scrub(folder)
    if language is None:
        notebook.metadata.pop("language_info", None)
    else:
        notebook.metadata.language_info = language  # the kernel's own names the patch release of Python
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [scrub.output(output) for output in cell.outputs if not _is_widget(output)]
    notebook.metadata[_MADE] = {"from": made_from}
    notebook.metadata[_MADE]["digest"] = digests.of_files({"": _written(notebook)})
    return _written(notebook)


def _is_made_from(kept: bytes, made_from: str) -> bool:
    """Whether `kept` is a notebook that was run from what `made_from` is the hash of, and is as it was written."""
    import nbformat

    with contextlib.suppress(ValueError, KeyError, AttributeError, nbformat.ValidationError):
        notebook = nbformat.reads(kept.decode(), as_version=4)
        made = notebook.metadata[_MADE]
        if made["from"] == made_from and kept == _written(notebook):
            digest = made.pop("digest")
            return bool(digest == digests.of_files({"": _written(notebook)}))
    return False


def _written(notebook: Any) -> bytes:
    import nbformat

    text: str = nbformat.writes(notebook) + "\n"
    return text.encode()


class _Scrub:
    """Takes out of outputs what names this machine or this run."""

    def __init__(self, folder: Path) -> None:
        self._paths = {str(folder): ".", sys.prefix: "<python>", sys.base_prefix: "<python>", str(Path.home()): "~"}

    def output(self, output: Any) -> Any:
        if "text" in output:
            output["text"] = self._text(output["text"])
        for kind, value in output.get("data", {}).items():
            if isinstance(value, str) and (kind.startswith("text/") or kind == "image/svg+xml"):
                output["data"][kind] = self._text(value)
        if "traceback" in output:
            output["traceback"] = [self._text(line) for line in output["traceback"]]
        return output

    def _text(self, text: str) -> str:
        parts = _DATA.split(text)  # every second one is an embedded file, which may look like anything
        return "".join(part if index % 2 else self._words(part) for index, part in enumerate(parts))

    def _words(self, text: str) -> str:
        text = _CELL_FILE.sub("<cell>", text)
        for path, name in self._paths.items():
            if len(path) > 1:
                text = text.replace(path, name)
        return _ADDRESS.sub("0x…", text)


def _cells(path: Path, name: str) -> list[dict[str, Any]]:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for index, cell in enumerate(cells):
            cell["index"] = index
            cell["source"] = "".join(cell["source"])
            cell["metadata"].setdefault("nbgrader", {})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BuildError(f"{name} can't be read as a notebook: {error!r}; restore it from version control") from error
    return list(cells)


def _where(name: str, cell: Mapping[str, Any]) -> str:
    return f"{name}, cell `{cell.get('id') or cell['index'] + 1}`"


def _is_solution(cell: Mapping[str, Any]) -> bool:
    return bool(cell["metadata"]["nbgrader"].get("solution"))


def _without_markers(source: str) -> str:
    return modules.complete(source, "cell")[:-1] if modules.regions(source, "cell") else source


def _is_widget(output: Any) -> bool:
    return any(kind.startswith(_WIDGET) for kind in output.get("data", {}))


def _kernel_environment(settings: Path) -> dict[str, str]:
    """Return the environment of the kernel; `settings` replaces the user's settings of IPython and Matplotlib."""
    rc = settings / "matplotlibrc"
    rc.write_text("svg.hashsalt: autograder\n", encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if key not in _KERNEL_REMOVED}
    return environment | _KERNEL_ENVIRONMENT | {"IPYTHONDIR": str(settings / "ipython"), "MATPLOTLIBRC": str(rc)}


def _failure(notebook: Any, name: str, what: str) -> str:
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                lines = _ANSI.sub("", "\n".join(output.traceback)).splitlines()
                tail = "\n".join(f"    {line}" for line in lines[-8:])
                return f"{name}, cell `{cell.get('id', index + 1)}` fails with the reference solution:\n{tail}"
    return f"{name} fails with the reference solution: {_ANSI.sub('', what)}"
