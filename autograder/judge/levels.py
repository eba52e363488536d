"""Finds out from the names in an attempt's code how much a worker must have imported for it."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from autograder.course import Course, Section
from autograder.sandbox.levels import LEVELS
from autograder.submissions import notebook

_LIBRARIES = {name.split(".")[0].encode(): level for level, names in LEVELS.items() for name in names}
_LIBRARIES[b"pylab"] = _LIBRARIES[b"matplotlib"]  # a magic by that name imports it
# What begins a command, which the judge does not run.
_COMMAND = re.compile(rb"[ \t]*+(?:!|%pip\b|%conda\b)")


def level_of(code: Iterable[bytes], files: Mapping[str, bytes]) -> str:
    """Return the least level of worker that has imported whatever `code` may import.

    A library counts as imported if its name occurs in `code`, or in one of `files` (name to content, modules) that
    `code` mentions. If code hides the name, the time of the import counts for the attempt.
    """
    words: set[bytes] = set()
    modules: dict[bytes, list[bytes]] = {}  # by the module's own name, whatever package it is in
    for name, content in files.items():
        if name.endswith(".py"):
            modules.setdefault(PurePosixPath(name).stem.encode(), []).append(content)
    unread = list(code)
    while unread:
        text = unread.pop()
        found = {word for word in _LIBRARIES.keys() | modules.keys() if _mentions(text, word)}
        words |= found
        unread += [content for word in found & modules.keys() for content in modules.pop(word)]
    needed = {_LIBRARIES[word] for word in words & _LIBRARIES.keys()}
    return max(needed, key=list(LEVELS).index, default=next(iter(LEVELS)))


def _mentions(text: bytes, word: bytes) -> bool:
    """Whether `word` occurs in `text` as a word of its own, on a line that is no command.

    Most texts lack most words, which `in` sees at once. Nothing is copied, and no part is read more than twice.
    """
    if word not in text:
        return False
    name = re.escape(word)
    at, is_command = 0, _COMMAND.match(text)
    for match in re.finditer(rb"%b\b(?<!\w%b)" % (name, name), text):
        end = text.rfind(b"\n", at, match.start())
        if end >= 0:
            is_command = _COMMAND.match(text, end + 1)
        if not is_command:
            return True
        at = match.start()
    return False


def missing_libraries(level: str) -> list[str]:
    """Return the libraries that a worker of `level` imports and that are not installed."""
    levels = list(LEVELS)
    names = {name.split(".")[0] for each in levels[: levels.index(level) + 1] for name in LEVELS[each]}
    return sorted(name for name in names if importlib.util.find_spec(name) is None)


def usual_level(course: Course, section: Section) -> str:
    """Return the level of worker that the reference solution of `section` needs, as most attempts do.

    If the course is not built, return the lowest level.
    """
    released, solved = (course.root / tree / section.id for tree in ("assignments", "solutions"))
    try:
        cells = notebook.notebook_cells((released / section.notebook).read_bytes())
        files = {name: (solved / name).read_bytes() for name in (*section.modules, *section.files)}
    except OSError:
        return next(iter(LEVELS))
    code = notebook.written(notebook.execution_plan(cells, cells).cells)
    return level_of([*code, *(files[name] for name in section.modules)], files)
