"""Follows a recipe of the documentation: types its commands and writes the files, cells and functions that it shows.

What a block is for stands in the last line before it: a path in backticks is a file, "the cell `…`" is one of the
notebook that was named last, "the function `…`" one of the file that is named in the same line, and "add to `…`" a file
that gets the block at its end. A block without a language holds commands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"(?m)^(?P<before>[^\n]*)\n\n```(?P<language>\w*)\n(?P<body>.*?)^```$", re.DOTALL)
_PATH = re.compile(r"`((?:source|autograder|tests)/[\w./-]+)`")


@dataclass(frozen=True)
class Step:
    """A command to type, or what to write."""

    command: str = ""
    path: str = ""
    cell: str = ""
    function: str = ""
    is_added: bool = False
    body: str = ""

    def write(self, root: Path) -> None:
        """Write what the step shows."""
        path = root / self.path
        if self.cell:
            document = json.loads(path.read_text(encoding="utf-8"))
            (cell,) = (cell for cell in document["cells"] if cell["id"] == self.cell)
            cell["source"] = self.body.rstrip("\n").splitlines(keepends=True)
            path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        elif self.function:
            before = path.read_text(encoding="utf-8")
            pattern = rf"(?m)^def {self.function}\(.*?(?=^\S|\Z)(?<=\n)"
            after, n = re.subn(pattern, lambda _: self.body + "\n\n", before, count=1, flags=re.DOTALL)
            assert n == 1, f"{self.path} has no function {self.function}"
            path.write_text(after.rstrip("\n") + "\n", encoding="utf-8")
        elif self.is_added:
            with path.open("a", encoding="utf-8") as file:
                file.write(f"\n{self.body}")
        else:
            assert path.is_file(), f"{self.path} should be in the skeleton"
            path.write_text(self.body, encoding="utf-8")


def steps(document: Path) -> Iterator[Step]:
    """Yield the steps of a recipe in their order."""
    notebook = ""
    text = document.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        before, body = block["before"], block["body"]
        named = re.findall(r"`([\w./-]+\.ipynb)`", text[: block.start("language")])
        notebook = named[-1] if named else notebook
        if not block["language"]:
            yield from (Step(command=line.split(" #")[0].strip()) for line in body.splitlines() if line.strip())
        elif match := re.search(r"[Tt]he cell `([\w-]+)`:$", before):
            yield Step(path=notebook, cell=match[1], body=body)
        elif match := re.search(r"the function `(\w+)`:$", before):
            yield Step(path=_PATH.findall(before)[-1], function=match[1], body=body)
        else:
            yield Step(path=_PATH.findall(before)[-1], is_added="Add to" in before, body=body)
