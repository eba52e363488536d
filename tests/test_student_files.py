"""A check loads the student's file itself: what it says is true of what was saved last, or it says nothing.

One process plays a student of section 1 in IPython, who saves `entropy.py` again and again and runs cells between.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import ROOT

SOLUTION = (ROOT / "solutions" / "1_entropy" / "entropy.py").read_text(encoding="utf-8")
LINES = SOLUTION.splitlines()
CHECK = "visible_checks.check_entropy()"
PLAYER = """
import json, os, sys
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

shell = InteractiveShell.instance()
sys.path.insert(0, "")
for step in json.load(sys.stdin):
    if step[0] == "save":
        stamp = os.stat("entropy.py") if os.path.exists("entropy.py") and step[2] else None
        with open("entropy.py", "w", encoding="utf-8") as file:
            file.write(step[1])
        if stamp is not None:
            os.utime("entropy.py", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    elif step[0] == "remove":
        os.remove("entropy.py")
    else:
        with capture_output() as said:
            shell.run_cell(step[1])
        shown = [output.data.get("text/plain", "") for output in said.outputs]
        sys.__stdout__.write(json.dumps("\\n".join([said.stdout, *shown])) + "\\n")
"""

Play = Callable[..., list[str]]


def save(text: str, in_the_same_second: bool = False) -> list[object]:
    return ["save", text, in_the_same_second]


def run(cell: str) -> list[object]:
    return ["run", cell]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Take the steps after the notebook's first cells; return what each cell showed."""
    folder = tmp_path / "1_entropy"
    shutil.copytree(ROOT / "assignments" / "1_entropy", folder)
    notebook = json.loads((folder / "1_entropy.ipynb").read_text(encoding="utf-8"))
    cells = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
    first = [save(SOLUTION), *(run(cells[name]) for name in ("ready", "imports", "module", "setup"))]

    def play(*steps: list[object]) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", PLAYER],
            cwd=folder,
            input=json.dumps([*first, *steps]),
            capture_output=True,
            text=True,
            check=True,
        )
        said = [json.loads(line) for line in done.stdout.splitlines()]
        assert [text.strip() for text in said[:4]] == [""] * 4
        return said[4:]

    return play


def at_line(number: int, text: str) -> str:
    """Return the solution with `text` as one more line, which is then the line `number`."""
    return "\n".join([*LINES[: number - 1], text, *LINES[number - 1 :], ""])


END = len(LINES) + 2
BROKEN = {  # what is saved, and what is said of it
    "syntax error": (
        at_line(END - 1, "def broken(:"),
        f"`entropy.py` can't be loaded. entropy.py, line {END - 1}: SyntaxError: ",
    ),
    "error on import": (
        f"{SOLUTION}\n1 / 0\n",
        f"`entropy.py` can't be loaded. entropy.py, line {END}: ZeroDivisionError: division by zero",
    ),
    "exit on import": (f"{SOLUTION}\nraise SystemExit('bye')\n", f"entropy.py, line {END}: SystemExit: bye"),
    "renamed class": (SOLUTION.replace("class InformationMeasures", "class Measures"), "has no `InformationMeasures`."),
    "deleted function": (SOLUTION.replace("def entropy(", "def entropie("), "has no `entropy`."),
    "empty file": ("", "has no `InformationMeasures`."),
}


def test_a_file_that_can_not_be_used_is_one_line_and_no_verdict(play: Play) -> None:
    steps = [step for text, _ in BROKEN.values() for step in (save(text), run(CHECK), save(SOLUTION), run(CHECK))]

    before, *said = play(run(CHECK), *steps, ["remove"], run(CHECK))

    assert "all 6 checks pass" in before
    expected = [line for _, line in BROKEN.values()]
    gone = "`entropy.py` is not beside the notebook, in the folder `1_entropy`."
    for text, line in zip([*said[:-1:2], said[-1]], [*expected, gone], strict=True):
        first, second = text.strip().splitlines()
        assert first == "entropy: not checked"
        assert line in second
        assert not set("✓✗○") & set(text)
    assert all("all 6 checks pass" in text for text in said[1:-1:2])


def test_two_saves_within_a_second_are_two_versions(play: Play) -> None:
    wrong = SOLUTION.replace("+ 0.0  # entr(1)", "+ 1.0  # entr(1)")
    assert len(wrong) == len(SOLUTION)
    assert wrong != SOLUTION

    said = play(run(CHECK), save(wrong, True), run(CHECK), save(SOLUTION, True), run(CHECK))

    assert ["all 6 checks pass" in text for text in said] == [True, False, True]


def test_lines_are_those_of_the_file_after_any_number_of_changes(play: Play) -> None:
    number = next(n for n, line in enumerate(LINES, 1) if "nats = float(entr(" in line)
    failing = at_line(number, "        raise RuntimeError('here')")

    *_, after, deeper = play(run(CHECK), save(failing), run(CHECK), save("# one more line\n" + failing), run(CHECK))

    assert f"entropy.py, line {number})" in after
    assert f"entropy.py, line {number + 1})" in deeper


def test_the_notebook_uses_what_was_saved_last_and_says_so_where_it_can_not(play: Play) -> None:
    nats = SOLUTION.replace("class InformationMeasures:", "ANSWER = 42\n\n\nclass InformationMeasures:")
    show = "print(measures.__module__, getattr(entropy, 'ANSWER', None), type(held) is measures)"

    begun, new, broken, later, right = play(
        run("held = measures()\nprint(type(held) is measures)"),
        save(nats),
        run(show),
        save("def broken(:\n"),
        run(show),
        run(show),
        save(SOLUTION),
        run(show),
    )

    assert begun.strip() == "True"
    assert new.strip() == "entropy 42 True"
    for text in (broken, later):
        assert "entropy 42 True" in text
        assert "entropy.py, line 1: SyntaxError" in text
        assert "the notebook uses the previous version" in text
    assert right.strip() == "entropy None True"


def test_what_a_cell_puts_in_the_place_of_a_function_is_not_what_is_checked(play: Play) -> None:
    stub = (ROOT / "assignments" / "1_entropy" / "entropy.py").read_text(encoding="utf-8")
    patch = "entropy.InformationMeasures.entropy = staticmethod(lambda p, base=2: 1.0)"

    _, said = play(save(stub), run(patch), run(CHECK))

    assert "Not written yet." in said


def test_a_module_that_the_student_added_is_loaded_anew_too(play: Play) -> None:
    first, second, third = play(
        run("from pathlib import Path\n_ = Path('mine.py').write_text('VALUE = 1\\n')"),
        save(f"{SOLUTION}\nimport mine\nassert mine.VALUE == 1\n"),
        run(f"import mine\n_ = Path('mine.py').write_text('VALUE = 2\\n')\n{CHECK}"),
        ["save", f"{SOLUTION}\nimport mine\n", False],
        run("print(mine.VALUE)"),
    )

    assert first.strip() == ""
    assert "AssertionError" in second
    assert third.strip() == "2"
