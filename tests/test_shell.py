"""Cells run in IPython's own shell: what it offers works, but it shows nothing and starts nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograder.remote.session import Session
from autograder.verdict import Verdict

Open = Callable[..., Session]


def run(session_with: Open, *sources: str, module: str = "", **names: Any) -> Session:
    """Run cells; every one of them must end well, and names hold these values."""
    session = session_with(module, cells=[(f"cell-{number}", source) for number, source in enumerate(sources)])
    session.prepare(["work.py"])
    assert session.cell_faults == {}
    assert {name: getattr(session.notebook(), name).fetch() for name in names} == names
    return session


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("t = %timeit -n 1 -r 1 -o -q sum([1])\na = t.loops", {"a": 1}),
        ("%%time\na = 1", {"a": 1}),
        ("%%capture out\nprint('x')\na = 1", {"a": 1}),
        ("%prun -s cumulative sum([1])\na = 1", {"a": 1}),
        ("a = %pwd\na = a.rpartition('/')[2]", {"a": "scratch"}),
        ("x = 1\na = %who_ls\na = 'x' in a", {"a": True}),
        ("%precision 3\n%matplotlib inline\n%config InlineBackend.figure_format = 'retina'\na = 1", {"a": 1}),
        ("%load_ext autoreload\n%autoreload 2\na = 1", {"a": 1}),
        ("%run work.py\na = made", {"a": 3}),
        ("%cd ..\na = 1", {"a": 1}),
        ("%store -r\nsum?\na = 1", {"a": 1}),
        ("import asyncio\nawait asyncio.sleep(0)\na = await asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0, 2))", {"a": [1, 2]}),
        ("import asyncio\na = await asyncio.to_thread(sum, [1, 2])", {"a": 3}),
        ("async def f():\n    yield 1\na = [x async for x in f()]", {"a": [1]}),
        ("from IPython.display import display, clear_output\nh = display('a', display_id=True)\nh.update('b')\nclear_output()\na = 1", {"a": 1}),
        ("exit\na = 1", {"a": 1}),
    ],
)  # fmt: skip
def test_what_ipython_offers_works(session_with: Open, source: str, names: dict[str, Any]) -> None:
    run(session_with, source, module="made = 3\n", **names)


def test_timing_takes_no_time_and_says_as_many_loops(session_with: Open) -> None:
    """Otherwise `%timeit`, which always takes seconds, would use up the processor time of a cell."""
    source = (
        "t = %timeit -o -q sum(range(1000))\nu = %timeit -o -q -n 50 -r 2 x.append(1)\na = (t.loops >= 1000, len(x))"
    )

    session = run(session_with, "x = []", source, a=(True, 100))

    assert session.clock.most["cell_cpu_seconds"] < 1.0


def test_the_last_values_are_kept(session_with: Open) -> None:
    run(session_with, "1 + 1", "_ + 1", "a = (_, __, _1, Out[1], In[1], _i)", a=(3, 2, 2, 2, "1 + 1", "_ + 1"))


def test_a_file_that_a_cell_writes_can_be_imported(session_with: Open) -> None:
    run(session_with, "%%writefile helper.py\ndef f(x):\n    return x + 1", "from helper import f\na = f(1)", a=2)


@pytest.mark.parametrize(
    "source",
    ["a = !ls -l", "a = %sx ls", "get_ipython().system('ls')\na = []", "a = get_ipython().getoutput('ls')", "a = %system ls",
     "%pip install nothing\na = []", "%ls\na = []"],
)  # fmt: skip
def test_commands_of_the_shell_give_nothing_and_are_noted(session_with: Open, source: str) -> None:
    assert run(session_with, source, a=[]).wanted_commands


def test_what_a_command_would_have_printed_is_empty_in_every_line(session_with: Open) -> None:
    run(session_with, "x = !python --version\na = [x[0], x[3], len(x), list(x), x.s]", a=["", "", 0, [], ""])


def test_a_script_gives_nothing_and_is_noted(session_with: Open) -> None:
    session = run(session_with, "%%bash --out x\necho 1", "a = x", a="")

    assert session.wanted_commands


def test_without_a_command_nothing_is_noted(session_with: Open) -> None:
    assert not run(session_with, "%timeit -n 1 -r 1 sum([1])\na = 1", a=1).wanted_commands


@pytest.mark.parametrize(
    "source",
    [
        "get_ipython().input_transformers_post.append(lambda lines: ['pass'])",
        "get_ipython().input_transformer_manager.line_transforms.append(lambda lines: ['pass'])",
        "import ast\nclass Zero(ast.NodeTransformer):\n    def visit_Constant(self, node): return ast.Constant(0)\n"
        "get_ipython().ast_transformers.append(Zero())",
        "get_ipython().events.register('pre_run_cell', lambda *_: 1 / 0)",
        "get_ipython().set_custom_exc((Exception,), lambda *_: None)",
    ],
)
def test_what_a_cell_tells_ipython_about_cells_changes_no_other(session_with: Open, source: str) -> None:
    run(session_with, source, "a = 5", a=5)


@pytest.mark.parametrize(
    ("source", "verdict", "message"),
    [
        (
            "a = 1\nb = 1 / 0\nc = 2",
            Verdict.ERROR,
            "The cell raised ZeroDivisionError: division by zero (cell-0, line 2).",
        ),
        ("a = 1\ndef f(:\n", Verdict.ERROR, "The cell raised SyntaxError: invalid syntax (cell-0, line 2)."),
        ("return 3", Verdict.ERROR, "The cell raised SyntaxError: 'return' outside function (cell-0, line 1)."),
        ("%nothing_like_it", Verdict.ERROR, "The cell raised IPython.core.error.UsageError: "),
        ("import sys\nsys.exit(3)", Verdict.ERROR, "The cell raised SystemExit: 3 (cell-0, line 2)."),
        (
            "%run nothing.py",
            Verdict.ERROR,
            "The cell raised Exception: File `'nothing.py'` not found. (cell-0, line 1).",
        ),
    ],
)
def test_a_mistake_is_said_with_its_line_and_keeps_what_was_before(
    session_with: Open, source: str, verdict: Verdict, message: str
) -> None:
    session = session_with(cells=[("cell-0", source), ("after", "d = 4")])

    assert session.notebook().d.fetch() == 4
    assert session.cell_faults["cell-0"].verdict is verdict
    assert session.cell_faults["cell-0"].message.startswith(message)
    if source.startswith("a = 1\nb"):
        assert session.notebook().a.fetch() == 1


@pytest.mark.parametrize("loop", ["asyncio.run(f())", "asyncio.get_event_loop().run_until_complete(f())"])
def test_what_a_kernels_running_loop_refuses_is_refused_here(session_with: Open, loop: str) -> None:
    session = session_with(cells=[("cell-0", f"import asyncio\nasync def f(): pass\n{loop}")])
    session.prepare([])

    assert "RuntimeError" in session.cell_faults["cell-0"].message


def test_source_of_a_function_in_a_cell_can_be_asked_for(session_with: Open) -> None:
    run(
        session_with, "def f():\n    return 1", "import inspect\na = inspect.getsource(f)", a="def f():\n    return 1\n"
    )
