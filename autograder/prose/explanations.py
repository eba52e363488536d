"""Finds the explanations in a submitted notebook, and reads them.

Which cell is which is read from the released notebook. If part of an answer may be in another cell, nothing is
suggested, and the remarks say why.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.course import Section
from autograder.prose import sentences
from autograder.prose.rules import load_rules
from autograder.prose.suggestion import REFERS, Reader, Reading, digest
from autograder.submissions import notebook
from autograder.submissions.notebook import Cell, NotebookError, Released
from autograder.verdict import UNANSWERED

_MORE_THAN_A_HEADING = 8  # words
# No line of code has so many words in a row. A word is tried only from its first letter, and only once (`{2,}+`).
_SENTENCE = re.compile(r"(?<![A-Za-z])(?:[A-Za-z]{2,}+[,;:]? ){4}")
_TEXTS_SHOWN = 10


class Explanations:
    """The items in prose of one section: finds each one's cell in a submitted notebook and reads it.

    Parameters
    ----------
    section
        The section.
    folder
        The folder of its hidden suite, where the rules lie.
    released
        Cells of the notebook that students got; which cell is which is read from them.

    Raises
    ------
    CourseError
        If a rules file contradicts itself or the course.
    """

    def __init__(self, section: Section, folder: Path, released: Sequence[Cell]) -> None:
        self._released = Released(released)
        self._readers: dict[str, Reader | None] = {}
        for item in section.items:
            if item.kind == "prose":
                path = folder / f"{item.id}.toml"
                reader = self._readers[item.id] = Reader(load_rules(path, item)) if path.is_file() else None
                if reader is not None:
                    _ = reader.second  # made once for all processes that are forked from this one

    def read(self, submitted: bytes | None) -> dict[str, Reading]:
        """Return the reading of each explanation in a submitted notebook, which may be any bytes."""
        if not self._readers:
            return {}
        if submitted is None:
            return {item: _unanswered(reader, "No notebook was handed in.") for item, reader in self._readers.items()}
        try:
            cells = notebook.notebook_cells(submitted)
        except NotebookError as error:
            return self.unread(str(error))
        return {item: self._one(item, reader, cells) for item, reader in self._readers.items()}

    def unread(self, reason: str) -> dict[str, Reading]:
        """Return, for each explanation, a reading that tells a person to look for it, and why."""
        return {item: Reading(digest(""), None, (reason,)) for item in self._readers}

    def _one(self, item: str, reader: Reader | None, cells: Sequence[Cell]) -> Reading:
        place = next((number for number, cell in enumerate(self._released.cells) if cell.grade_id == item), None)
        if place is None:
            return Reading(digest(""), None, (f"The released notebook has no cell `{item}`.",))
        master = self._released.cells[place]
        places = [number for number, cell in enumerate(cells) if self._released.of(cell) is master]
        found = [cells[number] for number in places]
        remarks = []
        if len(found) > 1:
            remarks.append(f"The cell `{item}` appears more than once in the notebook; the first was read.")
        source = found[0].source if found else ""
        if found and found[0].cell_type != "markdown":
            remarks.append(f"The cell `{item}` is no longer a Markdown cell; its text was read.")
        before = [cell.source for cell in self._released.cells[:place] if cell.cell_type == "markdown"]
        if reader is None:
            return Reading(digest(source), None, (*remarks, f"There are no rules for `{item}`."))
        reading = reader.suggest(source, master.source, before[-1] if before else "")
        if not found:
            remarks.append(f"The cell `{item}` was removed.")
        own = self._own(cells)
        copies = {number: cells[number].source for number in places[1:] if cells[number].source.strip()}
        copies = {
            number: text
            for number, text in copies.items()
            if text.strip() not in (source.strip(), master.source.strip())
        }
        if not {UNANSWERED, REFERS}.intersection(reading.remarks):
            own = self._near(cells, own, places[0]) | self._on_the_matter(reader, cells, own)
        others = (text for number, text in sorted((own | copies).items()) if number not in places[:1])
        elsewhere = tuple(sentences.cut(text, sentences.MAX_CHARACTERS) for text in others)
        remarks += reading.remarks
        if not elsewhere:
            return dataclasses.replace(reading, remarks=tuple(remarks))
        remarks.append("Other text of the student's may be part of the answer.")
        return Reading(
            answer=digest("\n\n".join((source, *elsewhere))),
            suggestion=None,
            remarks=tuple(remarks),
            evidence=reading.evidence or _evidence(reading.suggestion),
            elsewhere=elsewhere[:_TEXTS_SHOWN],
        )

    def _own(self, cells: Sequence[Cell]) -> dict[int, str]:
        """Return the number of each unreleased cell with more text than a heading, and that text.

        In code this is the text of lines with sentences, as in comments and strings.
        """
        released = {line.strip() for cell in self._released.cells for line in cell.source.splitlines()}
        found = {}
        for number, cell in enumerate(cells):
            lines = [line for line in cell.source.splitlines() if line.strip() and line.strip() not in released]
            if cell.cell_type == "code":
                lines = [line for line in lines if _SENTENCE.search(line)]
            if len(" ".join(lines).split(maxsplit=_MORE_THAN_A_HEADING)) > _MORE_THAN_A_HEADING:
                found[number] = "\n".join(lines)
        return found

    def _near(self, cells: Sequence[Cell], own: Mapping[int, str], place: int) -> dict[int, str]:
        """Return those of `own` with no released cell between them and the one at `place`, and the released one's."""
        near = {}
        for step in (-1, 1):
            number = place + step
            while 0 <= number < len(cells):
                if number in own:
                    near[number] = own[number]
                if self._released.of(cells[number]) is not None:
                    break
                number += step
        return near

    def _on_the_matter(self, reader: Reader, cells: Sequence[Cell], own: Mapping[int, str]) -> dict[int, str]:
        """Return the Markdown among `own` if the rules find anything in it."""
        text = {number: words for number, words in own.items() if cells[number].cell_type != "code"}
        others = {number for number in text if cells[number].grade_id in self._readers}
        text = {number: words for number, words in text.items() if number not in others}
        return text if text and reader.finds("\n\n".join(text.values())) else {}


def _evidence(suggestion: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if suggestion is None:
        return None
    return {key: suggestion[key] for key in ("concepts", "wrong_claims", "sentences")}


def _unanswered(reader: Reader | None, why: str) -> Reading:
    if reader is None:
        return Reading(digest(""), None, (why,))
    reading = reader.suggest("")
    return dataclasses.replace(reading, remarks=(why, *reading.remarks))
