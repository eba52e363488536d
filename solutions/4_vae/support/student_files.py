"""The modules that a student writes, as they were saved last.

A check must judge what is on disk now, so modules are compiled from their files here. Python itself would use a module
that is already loaded, or compiled code from an older file of the same second. IPython's ``autoreload`` goes on with
the old functions if the new ones can't be loaded.
"""

from __future__ import annotations

import gc
import operator
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from io import StringIO
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from IPython import get_ipython
from IPython.display import display

FOLDER = Path(__file__).resolve().parents[1]


class NotLoaded(Exception):
    """A module of the student's can't be loaded, or lacks a name that it came with. The text is one line."""

    def __repr__(self) -> str:
        return f"! {self}"

    def _render_traceback_(self) -> list[str]:
        return [repr(self)]


class StudentModule:
    """The module `name` as it was saved last, even while the notebook still uses an older one.

    Its attributes are those of the module. It is loaded anew whenever one of the student's files has changed.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._saved: Mapping[str, bytes] | None = None
        self._module: ModuleType | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._find(name)

    def function(self, path: str) -> Any:
        """Return a function that looks for ``Class.function`` or ``function`` when it is called.

        Raises
        ------
        NotLoaded
            When it is called, if the module can't be loaded or has no such function.
        """
        return lambda *args, **kwargs: self._find(path)(*args, **kwargs)

    def loaded(self) -> ModuleType:
        """Return the module.

        Raises
        ------
        NotLoaded
            If it can't be loaded, with the file and the line.
        """
        saved = _saved()
        if self._module is None or saved != self._saved:
            with redirect_stdout(StringIO()):  # the notebook has shown what the file prints
                self._module = _fresh(self._name)[self._name]
            self._saved = saved
        return self._module

    def _find(self, path: str) -> Any:
        found: Any = self.loaded()
        where = f"`{self._name}.py`"
        for name in path.split("."):
            try:
                found = getattr(found, name)
            except AttributeError:
                raise NotLoaded(f"{where} has no `{name}`. Keep the names that the file came with.") from None
            where = f"`{name}` in `{self._name}.py`"
        return found


def follow(*names: str) -> None:
    """Let the notebook use the modules `names` as they were saved last, from its next cell on, without a restart.

    The same holds for other modules next to the notebook that it has imported.
    While a file can't be loaded, each cell says so and uses the previous version.
    """
    shell = get_ipython()
    if shell is None:
        return
    for earlier in list(shell.events.callbacks["pre_run_cell"]):
        if type(getattr(earlier, "__self__", None)).__name__ == _Follower.__name__:
            shell.events.unregister("pre_run_cell", earlier)
    follower = _Follower(shell, names)
    shell.events.register("pre_run_cell", follower.update)


class _Follower:
    """Replaces the modules of the notebook with those that were saved since."""

    def __init__(self, shell: Any, names: tuple[str, ...]) -> None:
        self._shell = shell
        self._names = names
        self._saved: Mapping[str, bytes] | None = None

    def update(self, info: Any = None) -> None:
        saved = _saved()
        if saved == self._saved:
            return
        is_check = "visible_checks." in getattr(info, "raw_cell", "")  # a check itself says what is missing
        try:
            fresh = _fresh(*{*self._names, *_own_modules()})
        except NotLoaded as error:
            if not is_check:
                display(
                    NotLoaded(
                        f"{str(error).rstrip('.')}. Until that is repaired, the notebook uses the previous version."
                    )
                )
            return
        self._saved = saved
        for name, module in fresh.items():
            old = sys.modules.get(name)
            sys.modules[name] = module
            if old is not None:
                gone = _put_in_place(self._shell.user_ns, old, module)
                for lost in gone if not is_check else ():
                    display(NotLoaded(f"`{name}.py` has no `{lost}` any more; the notebook uses the previous one."))


def _put_in_place(names: dict[str, Any], old: ModuleType, new: ModuleType) -> list[str]:
    """Replace what `names` holds of the module `old` with the same of `new`, and give objects the new classes.

    Return the names that `new` lacks.
    """
    gone = []
    for name, value in list(names.items()):
        if value is old:
            names[name] = new
        elif isinstance(value, (type, FunctionType)) and value.__module__ == old.__name__:
            same = operator.attrgetter(value.__qualname__)
            try:
                if same(old) is value:
                    names[name] = same(new)
            except AttributeError:
                gone.append(value.__qualname__)
    classes = {
        value: getattr(new, name)
        for name, value in vars(old).items()
        if isinstance(value, type) and value.__module__ == old.__name__ and isinstance(getattr(new, name, None), type)
    }
    for held in gc.get_referrers(*classes) if classes else ():
        if type(held) in classes:
            try:
                held.__class__ = classes[type(held)]
            except TypeError:  # for example, other slots: the object keeps its class
                continue
    return gone


def _fresh(*names: str) -> dict[str, ModuleType]:
    """Return the modules `names` and those of the student's that they import, compiled from what is on disk now."""
    with _without_the_loaded() as loaded:
        for name in names:
            if not (FOLDER / f"{name}.py").is_file():
                raise NotLoaded(f"`{name}.py` is not beside the notebook, in the folder `{FOLDER.name}`.")
            try:
                import_module(name)
            except (Exception, SystemExit) as error:  # noqa: BLE001 (a student's module may raise anything)
                raise NotLoaded(f"`{name}.py` can't be loaded. {_line_of(error, name)}") from None
        loaded.update(_own_modules())
    return loaded


@contextmanager
def _without_the_loaded() -> Iterator[dict[str, ModuleType]]:
    """Let imports compile the student's modules from their files; afterwards restore the modules that were loaded."""
    before = _own_modules()
    finder = _Finder()
    for name in before:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)  # type: ignore[arg-type]
    try:
        yield {}
    finally:
        sys.meta_path.remove(finder)  # type: ignore[arg-type]
        for name in _own_modules():
            del sys.modules[name]
        sys.modules.update(before)


class _Finder:
    """Finds modules that lie beside the notebook."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        file = FOLDER / f"{name}.py"
        if path is not None or not file.is_file():
            return None
        return spec_from_file_location(name, file, loader=_Source(name, str(file)))


class _Source(SourceFileLoader):
    def get_code(self, fullname: str) -> Any:
        return self.source_to_code(self.get_data(self.path), self.path)


def _own_modules() -> dict[str, ModuleType]:
    """Return those modules that Python has loaded from the student's files."""
    found = {path.stem: sys.modules.get(path.stem) for path in FOLDER.glob("*.py")}
    return {
        name: module
        for name, module in found.items()
        if module is not None and Path(getattr(module, "__file__", None) or "/").resolve().parent == FOLDER
    }


def _saved() -> dict[str, bytes]:
    """Return what the student's files hold."""
    return {path.name: path.read_bytes() for path in FOLDER.glob("*.py")}


def _line_of(error: BaseException, name: str) -> str:
    """Return file, line and words of what went wrong."""
    if isinstance(error, SyntaxError) and error.filename:
        place, words = f"{Path(error.filename).name}, line {error.lineno}", error.msg
    else:
        own = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).resolve().parent == FOLDER]
        place = f"{Path(own[-1].filename).name}, line {own[-1].lineno}" if own else f"{name}.py"
        words = str(error)
    words = " ".join(words.split())
    return f"{place}: {type(error).__name__}: {words if len(words) <= 200 else words[:199] + '…'}"
