"""Chooses, by :mod:`autograder.submissions.near_names`, which file is taken for each that is asked for."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping
from dataclasses import replace

from autograder.course import Section
from autograder.submissions import limits
from autograder.submissions.files import TooLargeError
from autograder.submissions.found import Found, Notes, UnreadableError
from autograder.submissions.near_names import Choice, choose, common_folder, meaning, names
from autograder.submissions.paths import EXCHANGE_FILES, archive_kind, base_name, by_depth, folded_path
from autograder.submissions.unpacking import open_inner
from autograder.text import quoted

_meaning_of_release = functools.lru_cache(maxsize=64)(meaning)  # the same for everybody


def look_further(found: Found, released: Mapping[str, bytes]) -> dict[str, Choice]:
    """Choose among the files found; if a file is missing, also among those in archives."""
    choices = _choices(found, released)
    for level in range(limits.MAX_ARCHIVE_LEVELS):
        if _is_complete(choices):
            break
        packed = [entry for entry in found.entries if entry.level == level and archive_kind(entry.path)]
        for entry in sorted(packed, key=lambda entry: by_depth(entry.path)):
            if found.archives == 0:
                found.notes.add(f"{quoted(entry.path)} and other archives were not opened: there are too many.")
                break
            found.archives -= 1
            open_inner(entry, found)
        if packed:
            choices = _choices(found, released)
    if found.others and not _is_complete(choices):
        before = len(found.entries)
        for add in found.others.values():
            add()
        # Like the content of an archive, it doesn't count as part of the folder unless it is taken.
        found.entries[before:] = [replace(entry, level=limits.MAX_ARCHIVE_LEVELS) for entry in found.entries[before:]]
        choices = _choices(found, released)
    return choices


def _is_complete(choices: Mapping[str, Choice]) -> bool:
    return all(choice.is_work and (choice.path or choice.others) for choice in choices.values())


def _choices(found: Found, released: Mapping[str, bytes]) -> dict[str, Choice]:
    """Return which file is taken for each that is asked for."""
    candidates: dict[str, list[str]] = {name: [] for name in found.section.expected_files}
    by_path = {entry.path: entry for entry in found.entries}
    for entry in found.entries:
        if entry.meant:
            candidates[entry.meant].append(entry.path)
    top = common_folder([path for path in by_path if path not in EXCHANGE_FILES and not archive_kind(path)])
    section = names((found.section.id,))
    choices = {}
    for expected, paths in candidates.items():
        left = limits.MAX_CANDIDATES

        def meaning_of(path: str, expected: str = expected) -> object:
            nonlocal left
            left -= 1
            try:
                return meaning(expected, found.content(by_path[path])) if left >= 0 else path
            except (TooLargeError, UnreadableError, OSError):
                return path  # unreadable, so it equals no other

        no_work = {_meaning_of_release(expected, content) for content in (b"", released.get(expected, b""))}
        choices[expected] = choose(paths, expected, top, section, meaning_of, no_work)
    return choices


def note_choice(expected: str, choice: Choice, section_id: str, roots: list[str], notes: Notes) -> None:
    """Note what was taken for a file that is asked for, unless it has the right name and place."""
    if choice.path is None:
        if choice.others:
            listed = " and ".join(quoted(path) for path in choice.others[:3])
            notes.add(
                f"{listed} differ, and each could be meant as `{expected}`; none was taken. Hand in one of them, "
                f"as `{expected}`, directly in `{section_id}`."
            )
        return
    folder, _, name = choice.path.rpartition("/")
    if name != expected:
        notes.add(f"{quoted(choice.path)} was taken for `{expected}`; hand it in under that name.", taken=True)
    elif folder and len(roots) > 1:
        notes.add(f"Found {quoted(choice.path)}; it belongs directly in `{section_id}`.", taken=True)
    if choice.instead_of:
        notes.add(
            f"{quoted(choice.instead_of)} is empty or as it was released, so {quoted(choice.path)} was judged.",
            taken=True,
        )
    # A name that differs in case only, which some disks can't hold beside it, gets a note elsewhere.
    differing = [path for path in choice.others if folded_path(path) != folded_path(choice.path)][:3]
    if differing:
        listed = ", ".join(quoted(path) for path in differing)
        notes.add(
            f"{quoted(choice.path)} was judged; {listed} {'is' if len(differing) == 1 else 'are'} different.",
            taken=True,
        )


def note_near_misses(files: Mapping[str, bytes], choices: Mapping[str, Choice], section: Section, notes: Notes) -> None:
    """Note which files may have been meant as a missing one, if no rule takes any of them."""
    for expected in section.expected_files:
        if expected in files or choices[expected].path or choices[expected].others:
            continue
        what = "notebook" if expected == section.notebook else "module"
        if near := [path for path in sorted(files, key=by_depth) if _is_near(path, expected, section)]:
            listed = ", ".join(quoted(path) for path in near[:3])
            notes.add(f"Found {listed}; the {what} must be called `{expected}`.")


def _is_near(path: str, expected: str, section: Section) -> bool:
    stem, dot, suffix = expected.lower().rpartition(".")
    name = base_name(path).lower().removesuffix(".txt")
    if base_name(path) in {*section.expected_files, *section.released_names} or not name.endswith(dot + suffix):
        return False
    name = name.removesuffix(dot + suffix)
    alike = difflib.SequenceMatcher(None, name, stem).ratio() >= 0.75
    return alike or name.startswith(stem) or expected == section.notebook
