"""Where a section's work is in a student's folder: in its folder or zip, in something meant as one, or loose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath

from autograder.course import Section
from autograder.submissions import limits
from autograder.submissions.folders import add_file, add_folder, is_folder, opened_in
from autograder.submissions.found import Found
from autograder.submissions.near_names import Names, archive_stem
from autograder.submissions.unpacking import add_archive
from autograder.text import MAX_NAME_BYTES, printable, quoted


class Owners:
    """Says which section of the course an entry of a student's folder belongs to, by its name."""

    def __init__(self, sections: Iterable[Section]) -> None:
        self._files = {section.id: Names(section.expected_files, section.released_names) for section in sections}
        self._sections = Names(self._files)

    def packed(self, name: str) -> str | None:
        """Return the section whose folder or archive is, or was meant to be, called `name`."""
        return self._sections.meant(archive_stem(name)[0])

    def loose(self, name: str) -> str | None:
        """Return the one section that asks for a file that is, or was meant to be, called `name`."""
        owners = [section for section, files in self._files.items() if files.meant(name)]
        return owners[0] if len(owners) == 1 else None


@dataclass
class Sources:
    """Names in a student's folder for one section: exact ones (folder, then zip), near ones, and single files."""

    exact: list[str] = field(default_factory=list)
    near: list[str] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)

    @property
    def others(self) -> list[str]:
        """All but the exact ones."""
        return [*self.near, *self.loose]


def sorted_out(
    names: Iterable[str], owners: Owners, known: Mapping[str, Section]
) -> tuple[dict[str, Sources], list[str]]:
    """Return what `names` in a student's folder are, by section, and those that don't belong to the course."""
    found: dict[str, Sources] = {section: Sources() for section in known}
    strays = []
    for name in names:
        own = name.removesuffix(".zip")
        if name in known or own in known:
            found[name if name in known else own].exact.append(name)
        elif section := owners.packed(name):
            found[section].near.append(name)
        elif section := owners.loose(name):
            found[section].loose.append(name)
        else:
            strays.append(name)
    for section_id, sources in found.items():
        sources.exact.sort(key=lambda name: name != section_id)
    return found, strays


def add_sources(home: int, sources: Sources, found: Found) -> list[str]:
    """Add the files of what holds the section: its folder, else its zip, else what was meant to be one of them.

    If there is none of them, files that are asked for may lie where the folder should be. Returns what was taken.
    """
    section_id = found.section.id
    folder, packed = section_id in sources.exact, f"{section_id}.zip" in sources.exact
    near, loose = sources.near[: limits.MAX_ARCHIVES], sources.loose
    if folder:
        add_folder(home, section_id, "", found)
    if found.entries or not (packed or near or loose):
        # The others are read only if this one holds no work.
        found.others = {name: partial(_add_beside, home, name, found) for name in (*sources.exact[1:], *near)}
        return [section_id]
    if packed:
        if folder:
            found.notes.add(f"The folder `{section_id}` holds no files; `{section_id}.zip` was judged.", taken=True)
        add_archive(home, f"{section_id}.zip", "", found)
        if found.entries or not (near or loose):
            return [f"{section_id}.zip"]
    for name in near:
        if len(near) > 1:  # each becomes a folder: the choice is made file by file
            _add_beside(home, name, found)
            continue
        (add_folder if is_folder(home, name) else add_archive)(home, name, "", found)
        if found.entries:
            found.notes.add(
                f"{quoted(name)} was taken for `{section_id}`; hand in a folder or zip of that name.", taken=True
            )
    if found.entries or not loose:
        return near
    for name in loose:
        add_file(home, name, PurePosixPath(), found, partial(opened_in, home))
    found.notes.add(f"The files were not in a folder `{section_id}`; hand in that folder, or a zip of it.", taken=True)
    return loose


def _add_beside(home: int, name: str, found: Found) -> None:
    """Add the files of a folder or archive, below a folder of its name."""
    below = f"{printable(name, MAX_NAME_BYTES)}/"
    (add_folder if is_folder(home, name) else add_archive)(home, name, below, found)
