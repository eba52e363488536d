"""Takes what is judged out of a submission: the chosen files, each at its place, and the files beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import IO

from autograder.course import Section
from autograder.submissions import limits
from autograder.submissions.attempts import EMPTY, NO_FILES, RELEASED, without_work
from autograder.submissions.choosing import look_further, note_choice, note_near_misses
from autograder.submissions.files import TooLargeError, megabytes
from autograder.submissions.found import Entry, Found, Notes, UnreadableError
from autograder.submissions.near_names import Choice, meaning
from autograder.submissions.paths import EXCHANGE_FILES, by_depth, folded_path
from autograder.submissions.unpacking import open_archive, strip_section
from autograder.text import printable, quoted


def take(found: Found, released: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, str]]:
    """Find and read what is asked for and what else may be read; what the exchange added is returned separately."""
    choices = look_further(found, released)
    placed = _without_collisions(_at_their_places(found, choices), found.section, found.notes)
    zipped = f"{found.section.id}.zip"
    if zipped in found.others and f"{zipped}/" not in found.used:
        found.notes.add(f"There are both `{found.section.id}` and `{zipped}`; the folder was judged.")
    files, exchanged = _read_all(found, placed)
    note_near_misses(files, choices, found.section, found.notes)
    for name, choice in choices.items():
        if name in files and not choice.is_work:
            is_empty = meaning(name, files[name]) == meaning(name, b"")
            found.notes.add(without_work(name, EMPTY if is_empty else RELEASED))
    return files, exchanged


def unpack(file: IO[bytes], name: str, section: Section) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return the files of an open zip, as they are taken from a submission, and notes on what was left out.

    `name` is what notes call the zip. One that can't be read gives no files.
    """
    found = Found(section)
    with found.resources:
        open_archive(file, name, found)
        strip_section(found, 0)
        for entry in found.entries:
            if entry.complaint:
                found.notes.add(f"{quoted(entry.path)} in the zip was left out: its name {entry.complaint}.")
        # Names that are almost right are kept here: `collect` takes them later, with a note for the student.
        entries = [entry for entry in found.entries if not entry.complaint]
        files, _ = _read_all(found, _without_collisions(entries, section, found.notes))
    return files, found.notes.all()


def _at_their_places(found: Found, choices: Mapping[str, Choice]) -> list[Entry]:
    """Put what was chosen at the top under the right name, and the files beside it at the same relative place."""
    notes, section_id = found.notes, found.section.id
    chosen = {choice.path: expected for expected, choice in choices.items() if choice.path is not None}
    roots = list(dict.fromkeys(path.rpartition("/")[0] for path in chosen)) or [""]
    if roots != [""] and len(roots) == 1:
        notes.add(
            f"The files were found in {quoted(f'{roots[0]}/')}; they belong directly in `{section_id}`.", taken=True
        )
    for name, choice in choices.items():
        note_choice(name, choice, section_id, roots, notes)
    placed: dict[str, Entry] = {}
    kept = set()
    by_path = {entry.path: entry for entry in found.entries}
    for path, expected in chosen.items():
        placed[expected] = replace(by_path[path], path=expected, source=path)
        kept.add(path)
    # The top comes first: files there keep their place, whatever else is moved there.
    for root in sorted(roots):
        prefix = f"{root}/" if root else ""
        for entry in found.entries:
            if not entry.path.startswith(prefix) or (not root and entry.level):
                continue
            target = entry.path.removeprefix(prefix)
            if root and target in EXCHANGE_FILES:  # only the exchange writes them, and only at the top
                kept.add(entry.path)
                continue
            if entry.complaint or (root and target in choices):
                continue
            if target in placed and target in choices:
                continue
            if entry.path in chosen and entry.path.rpartition("/")[0] == root:
                continue
            kept.add(entry.path)
            if target not in placed:
                placed[target] = replace(entry, path=target, source=entry.path)
            elif target not in found.section.files:
                notes.add(f"{quoted(entry.path)} was left out: another file has its place.")
    released = {*found.section.files, *found.section.released_names}
    for entry in found.entries if roots != [""] else ():
        if entry.path in EXCHANGE_FILES:
            placed[entry.path] = entry
        elif entry.path in released:  # it came with the assignment, so no note is needed
            placed.setdefault(entry.path, entry)
            kept.add(entry.path)
    found.used = {f"{root.partition('/')[0]}/" for root in roots}
    mentioned = {path for choice in choices.values() for path in (*choice.others, choice.instead_of)}
    opened = {root[:at] for root in roots for at in range(len(root) + 1)}
    silent = {*kept, *mentioned, *opened, *EXCHANGE_FILES}
    for entry in found.entries:
        if entry.complaint and entry.path not in chosen:
            notes.add(f"{quoted(entry.path)} was left out: its name {entry.complaint}.")
        elif not (entry.level or entry.meant or entry.path in silent):
            where = "that folder" if len(roots) == 1 else "those folders"
            notes.add(f"{quoted(entry.path)} is outside {where} and was left out.")
    return list(placed.values())


def _read_all(found: Found, entries: list[Entry]) -> tuple[dict[str, bytes], dict[str, str]]:
    """Read what may be read, starting with the files asked for, and note the rest; then read the exchange's files."""
    notes, section = found.notes, found.section
    if not found.entries and not notes.all():
        notes.add(NO_FILES)
    files: dict[str, bytes] = {}
    exchanged: dict[str, str] = {}
    total = 0
    first = {*EXCHANGE_FILES, *section.expected_files}
    for entry in sorted(entries, key=lambda e: (e.path not in first, by_depth(e.path))):
        shown = quoted(entry.path)
        if len(files) >= limits.MAX_FILES:
            notes.add(f"Only the first {limits.MAX_FILES} files were read; {shown} and others were left out.")
            break
        if entry.path.count("/") >= limits.MAX_DEPTH:
            notes.add(f"{shown} was left out: folders are nested more than {limits.MAX_DEPTH} deep.")
            continue
        try:
            content = found.content(entry)
        except TooLargeError as error:
            notes.add(f"{shown} was left out: it {error}.")
            continue
        except UnreadableError as error:
            notes.add(f"{shown} {error} and was left out.")
            continue
        except OSError as error:
            notes.add(f"{shown} was left out: it could not be read ({error.strerror}).")
            continue
        if entry.path in EXCHANGE_FILES:
            most = EXCHANGE_FILES[entry.path]
            if text := printable(content[: 2 * most].decode("utf-8", "replace").strip(), most):
                exchanged[entry.path] = text
        elif total + len(content) > limits.MAX_TOTAL_BYTES:
            notes.add(f"{shown} was left out: all files together are larger than {megabytes(limits.MAX_TOTAL_BYTES)}.")
        else:
            files[entry.path] = content
            total += len(content)
    return files, exchanged


def _without_collisions(entries: list[Entry], section: Section, notes: Notes) -> list[Entry]:
    """Leave out what some disks can't hold beside the rest: names that differ in case only, and files below files."""
    kept: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda e: (e.path not in section.expected_files, e.path)):
        key = folded_path(entry.path)
        if key in kept:
            notes.add(f"{quoted(entry.path)} was left out: {quoted(kept[key].path)} has the same name except for case.")
        else:
            kept[key] = entry
    for key, entry in sorted(kept.items()):
        parents = PurePosixPath(key).parents
        if any(str(parent) in kept for parent in parents):
            notes.add(f"{quoted(entry.path)} was left out: the folder it lies in is also a file.")
            del kept[key]
    return list(kept.values())
