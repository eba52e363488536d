"""The student's notebook in the child: IPython's own shell, which shows nothing and starts no other program.

A cell is run as Jupyter's kernel runs it: magics, ``_``, ``await``, history and hooks are IPython's own. Before each
statement the process puts its number into the process name, so that the judge can tell which statement it had to stop.
The process that replaces this one leaves that statement out, see :meth:`Notebook.run`.

Nothing here is trusted: the student's cells share this process and can change every line of it.
"""

from __future__ import annotations

import ast
import asyncio
import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import IPython.core.logger  # noqa: F401  the first cell of each child would read it
from IPython.core.compilerop import CachingCompiler
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.formatters import DisplayFormatter
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magics import execution
from IPython.utils.text import SList
from traitlets import Type
from traitlets.config import Config

from autograder.sandbox.deferred import Deferred
from autograder.sandbox.requests import CELL_MAGIC, DEFERRED, NOTHING_YET, SLOW

_ROUNDS = 100
_ENOUGH_SECONDS = 0.02
_ASYNC = re.compile(r"\b(async|await)")
_RUNS_ITS_BODY = re.compile(r"(\s*%%(time|capture|prun)\b[^\n]*)+")
_TAKES_LONG = (
    ast.Call, ast.Await, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.comprehension
)  # fmt: skip
_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


class _Nothing(DisplayFormatter):
    """Formats nothing, because nobody looks and drawing takes longer than anything else in a notebook.

    Output that a cell captures is formatted as text, because the cell may look at it.
    """

    def format(self, obj: Any, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        if not isinstance(self.parent.display_pub, CapturingDisplayPublisher):
            return {}, {}
        formatted: tuple[dict[str, Any], dict[str, Any]] = super().format(obj, include={"text/plain"})
        return formatted


class _Compiler(CachingCompiler):
    """Gives the code of a cell the name by which the judge knows the cell."""

    label = "cell"

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return f"<{self.label}>"


def _timed(timer: Any, number: int, run: Callable[..., float] = execution.Timer.timeit) -> float:
    """Return how long `number` runs take, estimated from a few if they take long, since nobody reads the result."""
    first = min(number, 100)
    seconds = run(timer, first)
    whole = seconds * number / first
    return whole if first == number or whole > _ENOUGH_SECONDS else run(timer, number)


execution.Timer.timeit = _timed


class _NoOutput(SList):
    """The output of a command that was not run: empty, and every line of it is empty too."""

    def __getitem__(self, key: Any) -> Any:
        try:
            return super().__getitem__(key)
        except IndexError:
            return ""


class Shell(InteractiveShell):
    """IPython's shell without a terminal, without a history on disk, and without other programs."""

    compiler_class = Type(_Compiler)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.wanted_commands = False
        self.skip: frozenset[int] = frozenset()
        self.at: Callable[[int, int], None] = lambda number, line: None
        self._inside = False
        self._kept: Any = None

    def init_ipython_dir(self, ipython_dir: str | None) -> None:
        """Do nothing: a worker must not read or write files of its user."""

    def init_profile_dir(self, profile_dir: Any) -> None:
        """Do nothing, for the same reason."""

    @property
    def db(self) -> Any:
        """The store of magics like ``%cd`` and ``%store``, in the home of the process that uses it first."""
        if self._kept is None:
            from IPython.external.pickleshare import PickleShareDB

            self._kept = PickleShareDB(str(Path.home() / "kept"))
        return self._kept

    def init_display_formatter(self) -> None:
        """Install the formatter that shows nothing."""
        self.display_formatter = _Nothing(parent=self)
        self.configurables.append(self.display_formatter)

    def init_magics(self) -> None:
        """Register IPython's magics; those that would run scripts don't run them."""
        super().init_magics()
        self.magics_manager.load_all_lazy_magics()  # before the worker forks
        names = ("script", *self.magics_manager.registry["ScriptMagics"].script_magics)
        self.magics_manager.magics["cell"] |= dict.fromkeys(names, self._script)

    def _script(self, line: str, cell: str) -> None:
        del cell
        self.wanted_commands = True
        for name in re.findall(r"--(?:out|err)[ =](\w+)", line):
            self.user_ns[name] = ""

    def system(self, cmd: str) -> None:
        """Run no command, but remember that the cell asked for one."""
        del cmd
        self.wanted_commands = True

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """Run no command; return an empty answer."""
        del cmd, depth
        self.wanted_commands = True
        return _NoOutput() if split else ""

    def enable_gui(self, gui: Any = None) -> None:
        """Do nothing: there is no window to wait for."""

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the error is in the result of the cell."""

    def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing, for the same reason."""

    def _format_exception_for_storage(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {}

    async def run_ast_nodes(
        self,
        nodelist: list[ast.stmt],
        cell_name: str,
        interactivity: str = "last_expr",
        compiler: Any = compile,
        result: Any = None,
    ) -> bool:
        """Run the statements of a cell, and report each before it runs.

        A statement that had to be stopped in an earlier process is left out, and failures after it are ignored.
        """
        if self._inside:  # a magic that runs a cell of its own
            return bool(await super().run_ast_nodes(nodelist, cell_name, interactivity, compiler, result))
        self._inside = True
        stopped = min((number for number in self.skip if number >= 0), default=None)
        try:
            for number, node in enumerate(nodelist):
                behind = stopped is not None and number > stopped
                if number in self.skip or (behind and SLOW in self.skip and _is_slow(node)):
                    continue
                self.at(number, node.lineno)
                mode = interactivity if node is nodelist[-1] or interactivity == "all" else "none"
                failed = await super().run_ast_nodes([node], cell_name, mode, compiler, result)
                if failed and stopped is None:
                    return True
            return False
        finally:
            self._inside = False


Shell.__name__ = Shell.__qualname__ = "ZMQInteractiveShell"  # programs know a notebook by this name


def _is_slow(node: ast.stmt) -> bool:
    """Whether a statement may take long; a definition takes no time, even of a slow function."""
    return not isinstance(node, _DEFINES) and any(isinstance(part, _TAKES_LONG) for part in ast.walk(node))


class Notebook:
    """Runs the cells of one notebook in one namespace.

    Parameters
    ----------
    at
        Called with the number and the line of each statement before it runs. Numbers below 0 are explained in
        :mod:`autograder.sandbox.requests`.
    """

    def __init__(self, at: Callable[[int, int], None]) -> None:
        self._shell = shell()
        self._shell.at = at
        self._shell.builtin_trap.__enter__()  # `get_ipython` and `display` are there in modules too
        self._shell.starting_dir = str(Path.cwd())
        self._shell.user_ns["_dh"][:] = [self._shell.starting_dir]
        self._at = at
        self._loop: asyncio.AbstractEventLoop | None = None
        self._deferred = Deferred()

    @property
    def namespace(self) -> dict[str, Any]:
        """What the cells have defined so far."""
        names: dict[str, Any] = self._shell.user_ns
        return names

    def defer(self, source: str, names: Iterable[str]) -> None:
        """Keep a released cell of plain Python; its statements are run when a later cell uses one of its `names`."""
        self._deferred.add(source, names)

    def run(
        self,
        source: str,
        label: str,
        skip: Collection[int] = (),
        rewrite: Callable[[ast.Module], ast.Module] | None = None,
    ) -> bool:
        """Run one cell and raise what it raises; return whether it asked to run a command.

        Parameters
        ----------
        skip
            Numbers of statements that had to be stopped in an earlier process. `DEFERRED` skips deferred cells.
            `CELL_MAGIC` skips a cell with a magic over the whole of it; if the magic only times or captures, the body
            is run statement by statement instead. `SLOW` skips all that may take long after the first statement that
            was stopped.
        rewrite
            Changes the cell's code before it is run.
        """
        shell = self._shell
        self._at(NOTHING_YET, 0)
        if CELL_MAGIC in skip:
            source = _RUNS_ITS_BODY.sub(lambda magics: "\n" * magics[0].count("\n"), source, count=1)
            if source.lstrip().startswith("%%"):
                return False
        shell.compile.label = label
        shell.skip = frozenset(skip)
        shell.wanted_commands = False
        # Transformers that one cell installs must not change later cells: cells are judged as they are written.
        shell.input_transformer_manager = TransformerManager()
        shell.input_transformers_post[:] = []
        shell.ast_transformers[:] = [_Visitor(rewrite)] if rewrite else []
        code = shell.transform_cell(source)
        if DEFERRED not in skip:
            self._at(DEFERRED, 0)
            self._deferred.run_for(code, shell.user_ns, source)
        self._at(CELL_MAGIC if source.lstrip().startswith("%%") else NOTHING_YET, 1)
        if source.lstrip().startswith("%%"):
            shell.at = lambda number, line: None
        try:
            self._run(code, source)
        finally:
            shell.at = self._at
        return shell.wanted_commands

    def _run(self, code: str, source: str) -> None:
        if self._loop is None and _ASYNC.search(source):
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        if self._loop is None:
            result = self._shell.run_cell(source, store_history=True)
        else:
            result = self._loop.run_until_complete(self._as_a_kernel_does(code, source))
        error = result.error_before_exec or result.error_in_exec
        if error and not self._shell.skip:
            raise error

    async def _as_a_kernel_does(self, code: str, source: str) -> Any:
        """Run the cell inside the running loop, as ipykernel does, so that it refuses what a kernel refuses."""
        shell = self._shell
        if shell.should_run_async(source, transformed_cell=code):
            result = await shell.run_cell_async(source, store_history=True, transformed_cell=code)
            shell.events.trigger("post_execute")
            shell.events.trigger("post_run_cell", result)
        else:
            result = shell.run_cell(source, store_history=True)
        for _ in range(_ROUNDS):  # tasks that were started go on between cells
            await asyncio.sleep(0)
        return result


class _Visitor:
    def __init__(self, visit: Callable[[ast.Module], ast.Module]) -> None:
        self.visit = visit


def shell() -> Shell:
    """Return the shell of this process, made on the first call."""
    if not Shell.initialized():
        config = Config()
        config.HistoryManager.enabled = False
        config.HistoryManager.hist_file = ":memory:"
        config.IPKernelApp.connection_file = ""
        config.InteractiveShell.colors = "nocolor"
        config.InteractiveShell.separate_in = config.InteractiveShell.separate_out = ""
        Shell.instance(config=config).extension_manager.load_extension("storemagic")  # as every kernel does
    the_shell: Shell = Shell.instance()
    return the_shell
