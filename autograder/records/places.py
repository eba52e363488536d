"""Where a student finds what an item asks for: the heading in the released notebook, and the visible checks there.

All of it is read from the release, which is ours: the notebook's headings and check cells, and the stubs.
"""

from __future__ import annotations

import ast
import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from autograder.course import Course, Item, Section

_HEADING = re.compile(r"(?m)^#{1,6} (.+)$")
_CHECK = re.compile(r"^(visible_checks\.check_\w+\(.*\))$", re.MULTILINE)
_CODE = re.compile(r"`([\w.]+)`")
_CALLED = re.compile(r"`([A-Za-z_]\w*)\(")
_TASK = "Your turn"


@dataclass(frozen=True)
class Place:
    """A heading of the released notebook, and the cells below it that run visible checks."""

    heading: str
    checks: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """The id of the heading in pages that nbconvert makes, as those of nbgrader."""
        return quote(self.heading.replace("`", "").replace(" ", "-"), safe="?/:@!$&'()*+,;=")

    @property
    def title(self) -> str:
        """The heading as text; what follows a colon is left out if it holds a formula."""
        return self.heading.partition(":")[0] if "$" in self.heading else self.heading


@dataclass(frozen=True)
class Places:
    """The places of one section, and what kind of thing each name is that students write."""

    of_functions: Mapping[str, Place]
    of_items: Mapping[str, Place]
    kinds: Mapping[str, str]

    def of(self, item: Item, function: str | None) -> Place | None:
        """Return where a function is asked for, else where its item is; None if the release does not say."""
        last = (function or "").rpartition(".")[2]
        return self.of_functions.get(function or "") or self.of_functions.get(last) or self.of_items.get(item.id)

    def kind(self, name: str) -> str:
        """Return ``function``, ``class`` or ``method``; an empty text for a value, and for what is not known."""
        return self.kinds.get(name, "")


def places(course: Course, section: Section) -> Places:
    """Return the places of `section`; without a release there are none."""
    folder = course.root / "assignments" / section.id
    paths = (folder / section.notebook, *(folder / name for name in section.modules))
    return _read(*((path, path.stat().st_mtime_ns) for path in paths if path.is_file()))


@functools.lru_cache(maxsize=64)
def _read(*files: tuple[Path, int]) -> Places:
    """Return the places in `files`; the time of each makes a rebuilt release be read again."""
    of_functions: dict[str, Place] = {}
    of_items: dict[str, Place] = {}
    kinds: dict[str, str] = {}
    for path, _ in files:
        if path.suffix == ".py":
            kinds |= dict(_kinds(ast.parse(path.read_bytes())))
            continue
        names: tuple[str, ...] = ()
        for heading, items, checks, called in _parts(path):
            kinds |= dict.fromkeys(called, "function")
            place = Place(heading, checks)
            if heading.startswith(_TASK):
                # A task without a name of its own goes on with the function before it.
                names = tuple(_CODE.findall(heading)) or names
                for name in names:
                    known = of_functions.get(name)
                    of_functions[name] = Place(known.heading, (*known.checks, *checks)) if known else place
            of_items |= dict.fromkeys(items, place)
    for name, place in of_functions.items():
        of_functions[name] = _own(name, place)
    return Places(of_functions, of_items, kinds)


def _parts(path: Path) -> Iterator[tuple[str, list[str], tuple[str, ...], list[str]]]:
    """Yield each heading with the ids of the cells below it, their visible checks, and functions that are named."""
    heading = ""
    items: list[str] = []
    checks: list[str] = []
    called: list[str] = []
    for cell in json.loads(path.read_bytes())["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            called += _CALLED.findall(source)
            for found in _HEADING.findall(source):
                yield heading, items, tuple(checks), called
                heading, items, checks, called = found.strip(), [], [], []
        items.append(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", ""))
        if cell["cell_type"] == "code":
            checks += _CHECK.findall(source)
    yield heading, items, tuple(checks), called


def _own(name: str, place: Place) -> Place:
    """Return `place` with the checks that are named after `name`, if there are several functions under one heading."""
    if len(_CODE.findall(place.heading)) < 2:
        return place
    last = name.rpartition(".")[2]
    return Place(place.heading, tuple(check for check in place.checks if f"check_{last}(" in check) or place.checks)


def _kinds(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, "function"
        elif isinstance(node, ast.ClassDef):
            yield node.name, "class"
            for part in node.body:
                if isinstance(part, ast.FunctionDef):
                    is_static = any(getattr(mark, "id", "") == "staticmethod" for mark in part.decorator_list)
                    yield f"{node.name}.{part.name}", "function" if is_static else "method"
