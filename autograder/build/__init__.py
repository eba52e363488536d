"""Makes ``assignments/`` (what students get) and ``solutions/`` from ``source/``, the same bytes every time.

Only what ``course.toml`` lists is released: a section's modules as stubs, its notebook without solutions,
and its `files` as they are, those of ``source/shared`` among them. Next to the sections are pages for students (see
:mod:`autograder.build.pages`). Before anything is written, every file is searched for solutions (see
:mod:`autograder.build.leaks`); a failed build leaves the old trees as they were.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autograder.build import modules, notebooks, pages
from autograder.build.leaks import Code, Solutions
from autograder.build.modules import BuildError
from autograder.course import SHARED, Course, Section, check_notebooks

__all__ = ["ASSIGNMENTS", "SOLUTIONS", "BuildError", "build", "release", "solution", "stale", "unlisted"]

ASSIGNMENTS = "assignments"
SOLUTIONS = "solutions"

_log = logging.getLogger(__name__)


def build(course: Course, destination_root: Path, sections: Collection[str] | None = None) -> list[Path]:
    """Write ``assignments/<section>`` and ``solutions/<section>`` below `destination_root` for every section.

    Parameters
    ----------
    sections
        Only these; None means all. The pages beside them are always written.

    Returns
    -------
    list of Path
        The folders that were written, and the pages beside them.

    Raises
    ------
    BuildError
        If the source contradicts itself, a notebook fails, or a solution would be released. Nothing is written then.
    """
    return _replace({**_trees(course, _chosen(course, sections)), **_pages(course)}, destination_root)


def stale(course: Course, sections: Collection[str] | None = None) -> list[str]:
    """Return what differs between the generated trees of the project and a fresh build, one line for each file.

    A notebook that says that it was run from what its source and ``requirements.lock`` are now is not run again.

    Parameters
    ----------
    sections
        Only look at these, and at the pages beside them; None means all.

    Raises
    ------
    BuildError
        If the course can't be built.
    """
    trees, beside = _trees(course, _chosen(course, sections), run_all=False), _pages(course)
    found = []
    for tree, files in trees.items():
        folder = course.root / tree
        there = {path.relative_to(folder).as_posix() for path in _files(folder)}
        for file in sorted(there | files.keys()):
            if file not in files:
                found.append(f"{tree}/{file} is not made by the build; remove it")
            elif file not in there:
                found.append(f"{tree}/{file} is missing")
            elif (folder / file).read_bytes() != files[file]:
                found.append(f"{tree}/{file} is not what its source makes")
    for file, data in sorted(beside.items()):
        if not (course.root / file).is_file():
            found.append(f"{file} is missing")
        elif (course.root / file).read_bytes() != data:
            found.append(f"{file} is not what its source makes")
    known = {section.id for section in course.sections}
    for top in (ASSIGNMENTS, SOLUTIONS):
        if (course.root / top).is_dir():
            found.extend(
                f"{top}/{path.name} belongs to no section of the course; remove it"
                for path in sorted((course.root / top).iterdir())
                if path.name not in known and f"{top}/{path.name}" not in beside and not _is_clutter(path)
            )
    return found


def release(course: Course, section: Section) -> dict[str, bytes]:
    """Return what students get of `section`: file name -> contents. Runs no notebook.

    Raises
    ------
    BuildError
        If the section's source is not as it should be, or a solution would be released.
    """
    _refuse_unlisted_notebooks(course, section)
    path, name = _master(course, section)
    notebooks.check_master(path, name)
    files = {module: modules.stub(*_text(course, section, module)).encode() for module in section.modules}
    files |= {file: _bytes(course, section, file) for file in section.files}
    files[section.notebook] = notebooks.released(path, name)
    for file, data in files.items():
        if b"### BEGIN SOLUTION" in data or b"### END SOLUTION" in data:
            raise BuildError(
                f"{ASSIGNMENTS}/{section.id}/{file} would hold a solution region; only modules and "
                "solution cells of the notebook may have them"
            )
        if file.endswith((".pyc", ".pyo")):
            raise BuildError(f"`{file}` is compiled code, which can't be searched for solutions; don't release it")
    _solutions(course, section).check({f"{ASSIGNMENTS}/{section.id}/{file}": data for file, data in files.items()})
    return dict(sorted(files.items()))


def solution(course: Course, section: Section, run_all: bool = True) -> dict[str, bytes]:
    """Return the solution of `section`: file name -> contents, with the notebook executed.

    Without `run_all`, the notebook of the last build is taken if it was made from the same.

    Raises
    ------
    BuildError
        If the section's source is not as it should be, or a cell fails.
    """
    path, name = _master(course, section)
    notebooks.check_master(path, name)
    files = {module: modules.complete(*_text(course, section, module)).encode() for module in section.modules}
    files |= {file: _bytes(course, section, file) for file in section.files}
    locked, last = course.root / "requirements.lock", course.root / SOLUTIONS / section.id / section.notebook
    files[section.notebook] = notebooks.executed(
        path,
        name,
        files,
        locked.read_bytes() if locked.is_file() else b"",
        last.read_bytes() if not run_all and last.is_file() else None,
    )
    return dict(sorted(files.items()))


def unlisted(course: Course, section: Section) -> list[Path]:
    """Return what is in the section's source folder but not listed in ``course.toml``."""
    folder = course.root / "source" / section.id
    if not folder.is_dir():
        raise BuildError(f"{folder} is missing; `course.toml` has a section `{section.id}`")
    listed = {*section.expected_files, *section.files} - {*course.shared}
    return [path for path in _files(folder) if path.relative_to(folder).as_posix() not in listed]


def _chosen(course: Course, sections: Collection[str] | None) -> Sequence[Section]:
    wanted = None if sections is None else {course.section(name).id for name in sections}
    return [section for section in course.sections if wanted is None or section.id in wanted]


def _trees(course: Course, sections: Sequence[Section], run_all: bool = True) -> dict[str, dict[str, bytes]]:
    check_notebooks(course)
    shared = course.root / "source" / SHARED
    for path in _files(shared):
        if path.relative_to(shared).as_posix() not in course.shared:
            _log.warning("%s is not released: `shared` in course.toml doesn't list it", path.relative_to(course.root))
    for section in sections:
        for path in unlisted(course, section):
            _log.warning(
                "%s is not released: course.toml doesn't list it among the `files` of section `%s`",
                path.relative_to(course.root),
                section.id,
            )
    released = {f"{ASSIGNMENTS}/{section.id}": release(course, section) for section in sections}
    with ThreadPoolExecutor(os.cpu_count()) as executor:  # each notebook runs in a process of its own
        solved = list(executor.map(lambda section: solution(course, section, run_all), sections))
    return released | {f"{SOLUTIONS}/{section.id}": files for section, files in zip(sections, solved, strict=True)}


def _pages(course: Course) -> dict[str, bytes]:
    """Return what is next to the sections: path in the course's folder -> contents."""
    made = {
        f"{ASSIGNMENTS}/README.md": pages.readme(course).encode(),
        f"{SOLUTIONS}/README.md": pages.of_solutions().encode(),
    }
    if overview := pages.overview(course):
        made |= {f"{tree}/overview.html": overview.encode() for tree in (ASSIGNMENTS, SOLUTIONS)}
    if course.packages:
        made[f"{ASSIGNMENTS}/requirements.txt"] = pages.requirements(course).encode()
    return made


def _solutions(course: Course, section: Section) -> Solutions:
    path, name = _master(course, section)
    hidden = notebooks.hidden_code(path, name)
    shown = notebooks.shown_code(path, name)
    for module in section.modules:
        source, where = _text(course, section, module)
        hidden += [Code(region.code, where, region.begin + 1) for region in modules.regions(source, where)]
        shown.append(Code(modules.without_regions(source, where), where))
    return Solutions(hidden, shown, notebooks.hidden_prose(path, name))


def _refuse_unlisted_notebooks(course: Course, section: Section) -> None:
    for path in unlisted(course, section):
        if path.suffix == ".ipynb":
            raise BuildError(
                f"{path.relative_to(course.root)} is a second notebook, which nbgrader would release and grade; "
                "move it out of the section's folder"
            )


def _source(course: Course, section: Section, file: str) -> str:
    return f"source/{SHARED if file in course.shared else section.id}/{file}"


def _master(course: Course, section: Section) -> tuple[Path, str]:
    name = _source(course, section, section.notebook)
    return course.root / name, name


def _text(course: Course, section: Section, file: str) -> tuple[str, str]:
    name = _source(course, section, file)
    try:
        return _bytes(course, section, file).decode("utf-8"), name
    except UnicodeDecodeError as error:
        raise BuildError(f"{name} is not UTF-8 (byte {error.start}); save it as UTF-8") from error


def _bytes(course: Course, section: Section, file: str) -> bytes:
    name = _source(course, section, file)
    try:
        return (course.root / name).read_bytes()
    except OSError as error:
        raise BuildError(
            f"{name} can't be read ({error.strerror}); write it, or take it out of course.toml (section `{section.id}`)"
        ) from error


def _is_clutter(path: Path) -> bool:
    return path.name == "__pycache__" or path.name.startswith(".") or path.suffix == ".pyc"


def _files(folder: Path) -> list[Path]:
    """Return the files below `folder`, without clutter."""
    found: list[Path] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not _is_clutter(path):
            found += _files(path) if path.is_dir() and not path.is_symlink() else [path]
    return found


def _replace(trees: Mapping[str, Mapping[str, bytes] | bytes], root: Path) -> list[Path]:
    """Put all trees in place of the old ones; restore the old ones if that fails halfway."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        workshop = Path(tempfile.mkdtemp(prefix=".build-", dir=root))
    except OSError as error:
        raise BuildError(f"{root} can't be written ({error.strerror}); make it writable") from error
    moved: list[tuple[Path, Path]] = []
    try:
        for tree, content in trees.items():
            for file, data in ({"": content} if isinstance(content, bytes) else content).items():
                fresh = workshop / "new" / tree / file
                fresh.parent.mkdir(parents=True, exist_ok=True)
                fresh.write_bytes(data)
                fresh.chmod(0o644)
        for tree in trees:
            old, place = workshop / "old" / tree, root / tree
            place.parent.mkdir(exist_ok=True)
            old.parent.mkdir(parents=True, exist_ok=True)
            if place.exists():
                place.rename(old)
                moved.append((place, old))
            (workshop / "new" / tree).rename(place)
    except OSError as error:
        for place, old in reversed(moved):
            if place.is_dir():
                shutil.rmtree(place)
            old.replace(place)
        raise BuildError(
            f"{error.filename} can't be written ({error.strerror}); the old trees are as they were"
        ) from error
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return [root / tree for tree in trees]
