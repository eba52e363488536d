"""The course as data: reads `source/course.toml` and refuses one that contradicts itself.

Trusted input: the file is written by staff. Mistakes in it are still answered with one line that
names the file and the remedy, because they are made at eleven at night before a deadline.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Any, Literal, NoReturn, TypeVar

FollowOn = Literal["waived", "lost", "off"]
FOLLOW_ON: tuple[FollowOn, ...] = ("waived", "lost", "off")
ItemKind = Literal["module", "notebook", "prose"]
ITEM_KINDS: tuple[ItemKind, ...] = ("module", "notebook", "prose")
LatePolicy = Literal["none", "zero", "per_day"]
LATE_POLICIES: tuple[LatePolicy, ...] = ("none", "zero", "per_day")
Attempts = Literal["last", "best"]
ATTEMPTS: tuple[Attempts, ...] = ("last", "best")
SHARED = "shared"
"""The folder of ``source/`` that holds what is released with every section."""
_Choice = TypeVar("_Choice", bound=str)
_WITHOUT_SECONDS = re.compile(r"=\s*\d{4}-\d\d-\d\d[T ]\d\d:\d\d\s*(?:#|$)", re.MULTILINE)


class CourseError(Exception):
    """The course contradicts itself; the message names the place and the remedy."""


@dataclass(frozen=True)
class Limits:
    """What one attempt may use: seconds, and mebibytes.

    `slow_calls` maps functions that need longer than `call_cpu_seconds` to processor seconds of their own. Sleep is
    counted by the clock, whatever sleeps: a call, an import or a cell.
    """

    call_cpu_seconds: float
    import_cpu_seconds: float
    cell_cpu_seconds: float
    sleep_seconds: float
    attempt_cpu_seconds: float
    attempt_sleep_seconds: float
    memory_mb: int
    file_mb: int
    replacements: int
    slow_calls: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Late:
    """What a submission loses that comes after it was due and `grace_days` more.

    "zero" leaves nothing of its points; "per_day" takes the share `per_day` of them for each day that has begun, and
    leaves the share `floor` at least. Days are 24 hours of elapsed time, also where clocks change.
    """

    policy: LatePolicy = "none"
    per_day: float = 0.0
    floor: float = 0.0
    grace_days: float = 0.0


@dataclass(frozen=True)
class Item:
    """What points are given for: ``example-1`` … ``exercise-5``."""

    id: str
    title: str
    kind: ItemKind
    points: float
    module: str | None = None
    defines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """One section of the chapter; also nbgrader's assignment of the same name.

    `files` are released as they are, paths in the section's folder; those that all sections share come last.
    `follow_on` says what becomes of points that are lost only because another function of the student's is broken; with
    "off" nobody tries whether they are. `due` and `late` decide nothing about a check, so they are no part of what
    records are filed under (`repr`); without a table ``[late]``, `late` is None and nbgrader's settings decide.
    """

    id: str
    title: str
    notebook: str
    modules: tuple[str, ...]
    files: tuple[str, ...]
    items: tuple[Item, ...]
    limits: Limits
    follow_on: FollowOn = "waived"
    due: dt.datetime | None = field(default=None, repr=False)
    late: Late | None = field(default=None, repr=False)

    @property
    def points(self) -> float:
        """Points of the section."""
        return sum(item.points for item in self.items)

    def item(self, item_id: str) -> Item:
        """Return the item `item_id`; refuse one that the section lacks."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise CourseError(f"section `{self.id}` has no item `{item_id}`; it has {_names(i.id for i in self.items)}")

    @property
    def expected_files(self) -> tuple[str, ...]:
        """The files that a complete submission holds."""
        return (*self.modules, self.notebook)

    @property
    def released_names(self) -> frozenset[str]:
        """The names of the `files`, whatever folder they are in: none of them is ever meant to be handed in."""
        return frozenset(PurePosixPath(file).name for file in self.files)


@dataclass(frozen=True)
class Course:
    """All sections, the cohort seed, and the course's folder; `suites` is where the hidden checks lie.

    `shared` are the files of ``source/shared`` that are released with every section. `packages` are the libraries that
    students need, for their ``requirements.txt``.
    Times without an offset are meant in `timezone`; `attempts` says which of several attempts counts.
    """

    root: Path
    suites: Path
    id: str
    title: str
    seed: int
    sections: tuple[Section, ...]
    timezone: dt.tzinfo = dt.UTC
    attempts: Attempts = "last"
    shared: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()

    def section(self, section_id: str) -> Section:
        """Return the section `section_id`; refuse one that the course lacks."""
        for section in self.sections:
            if section.id == section_id:
                return section
        raise CourseError(f"no section `{section_id}` in the course; it has {_names(s.id for s in self.sections)}")

    @property
    def points(self) -> float:
        """Points of the whole course."""
        return sum(section.points for section in self.sections)


def find_root(start: Path | None = None) -> Path:
    """Return the course's folder: the nearest one at or above `start` that holds ``source/course.toml``."""
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "source" / "course.toml").is_file():
            return folder
    raise CourseError(
        f"no `source/course.toml` at or above {start}; run this in a course's folder, or name one by --course"
    )


def load(root: Path) -> Course:
    """Read ``root/source/course.toml``.

    Raises
    ------
    CourseError
        If the file is missing, is no TOML, lacks a key, has an unknown one, or contradicts itself.
    """
    path = root / "source" / "course.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CourseError(f"{path} is missing; restore it from version control") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        seconds = _WITHOUT_SECONDS.search(path.read_text(encoding="utf-8", errors="replace"))
        hint = "; times need seconds, as in `due = 2026-11-30T23:59:00`" if seconds else ""
        raise CourseError(f"{path} is not valid TOML: {error}{hint}") from error
    reader = _Reader(path)
    known = {
        "id", "title", "seed", "suites", "follow_on", "timezone", "attempts", "late", "limits", "section", "shared",
        "packages",
    }  # fmt: skip
    reader.keys(table, known, "the top level")
    timezone = _timezone(reader, table)
    late = _late(reader, table, None, "the top level")
    limits = reader.table(table, "limits", "the top level")
    follow_on = reader.choice(table, "follow_on", FOLLOW_ON, "the top level", default="waived")
    shared = reader.strings(table, "shared", "the top level", optional=True)
    sections = tuple(
        _section(reader, entry, limits, follow_on, timezone, late, shared)
        for entry in reader.tables(table, "section", "the top level")
    )
    reader.unique((s.id for s in sections), "section id")
    reader.unique((i.id for s in sections for i in s.items), "item id")
    seed = reader.value(table, "seed", int, "the top level")
    if seed < 0:
        reader.fail(f"`seed` must not be negative; got {seed}")
    return Course(
        root=root,
        suites=_suites(reader, root, reader.value(table, "suites", str, "the top level", default="suites")),
        id=reader.value(table, "id", str, "the top level"),
        title=reader.value(table, "title", str, "the top level"),
        seed=seed,
        sections=sections,
        timezone=timezone,
        attempts=reader.choice(table, "attempts", ATTEMPTS, "the top level", default="last"),
        shared=shared,
        packages=reader.strings(table, "packages", "the top level", optional=True),
    )


def moment(time: dt.datetime, timezone: dt.tzinfo) -> dt.datetime:
    """Return `time` with its offset; one without an offset is meant in `timezone`.

    A time that clocks show twice is the later one, so that nobody is late by a change of clocks.

    Raises
    ------
    ValueError
        If clocks of `timezone` skip that time.
    """
    if time.tzinfo is not None:
        return time
    later = time.replace(tzinfo=timezone, fold=1)
    if later.astimezone(dt.UTC).astimezone(timezone).replace(tzinfo=None) != time:
        raise ValueError(f"clocks in {timezone} skip the time {time}; write one before or after it")
    return later


def check_notebooks(course: Course, folder: Path | None = None) -> None:
    """Refuse a course whose items and master notebooks disagree.

    Every item must be a graded cell of its section's notebook with the same points, and every graded cell
    must be an item.

    Raises
    ------
    CourseError
        With the notebook, the ``grade_id`` and the remedy.
    """
    folder = folder or course.root / "source"
    for section in course.sections:
        path = folder / section.id / section.notebook
        graded = _graded_points(path)
        for item in section.items:
            if item.id not in graded:
                raise CourseError(
                    f"{path} has no graded cell with the grade_id `{item.id}`; "
                    "add it or remove the item from course.toml"
                )
            if graded[item.id] != item.points:
                raise CourseError(
                    f"{path} gives `{item.id}` {graded[item.id]:g} points, course.toml {item.points:g}; make them equal"
                )
        for grade_id in graded:
            if grade_id not in {item.id for item in section.items}:
                raise CourseError(f"{path} grades the cell `{grade_id}`, which is no item of section `{section.id}`")


def _graded_points(path: Path) -> dict[str, float]:
    """Return the points of every graded cell of a notebook, by ``grade_id``."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        marks = [cell["metadata"].get("nbgrader", {}) for cell in cells]
        return {mark["grade_id"]: float(mark["points"]) for mark in marks if mark.get("grade")}
    except FileNotFoundError as error:
        raise CourseError(f"{path} is missing; course.toml names it as its section's notebook") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(f"{path} is no nbgrader notebook: {type(error).__name__}: {error}") from error


def _suites(reader: _Reader, root: Path, name: str) -> Path:
    suites = root / name
    for given_out in ("source", "assignments", "solutions"):
        if suites.resolve().is_relative_to((root / given_out).resolve()):
            reader.fail(f"`suites` names a folder in `{given_out}`, where hidden checks would be found; got `{name}`")
    return suites


def _timezone(reader: _Reader, table: Mapping[str, Any]) -> dt.tzinfo:
    name = reader.value(table, "timezone", str, "the top level", default="UTC")
    if name == "UTC":
        return dt.UTC  # also where the machine has no list of zones
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        reader.fail(
            f"`timezone` must be a name such as `Europe/Berlin` or `America/New_York`; got `{name}`. If the name is "
            "right, this machine has no list of time zones: `pip install tzdata`"
        )


def _late(reader: _Reader, table: Mapping[str, Any], default: Late | None, where: str) -> Late | None:
    """Return the table ``late`` within `table`; in a section, what it does not say is as in the whole course."""
    if "late" not in table:
        return default
    entry, where = reader.table(table, "late", where), f"{where}, late"
    reader.keys(entry, {field.name for field in fields(Late)}, where)
    policy = reader.choice(entry, "policy", LATE_POLICIES, where, default=default.policy if default else None)
    numbers = {
        name: float(reader.value(entry, name, (int, float), where, default=getattr(default or Late(), name)))
        for name in ("per_day", "floor", "grace_days")
    }
    for name in ("per_day", "floor"):
        if policy != "per_day" and name in entry:
            reader.fail(f'{where}: `{name}` means something with `policy = "per_day"` only; got `{policy}`')
        if not 0 <= numbers[name] <= 1:
            reader.fail(f"{where}: `{name}` must be a share from 0 to 1, as 0.1 for a tenth; got {numbers[name]:g}")
    if policy == "per_day" and not numbers["per_day"]:
        reader.fail(f"{where}: `per_day` must say which share of the points each day costs, as 0.1 for a tenth")
    if not 0 <= numbers["grace_days"] <= 1000:
        reader.fail(f"{where}: `grace_days` must be from 0 to 1000; got {numbers['grace_days']:g}")
    return Late(policy, **numbers)


def _due(reader: _Reader, table: Mapping[str, Any], timezone: dt.tzinfo, where: str) -> dt.datetime | None:
    if "due" not in table:
        return None
    time = table["due"]
    if not isinstance(time, dt.datetime):
        reader.fail(f"{where}: `due` must be a day and a time without quotes, as 2026-11-30T23:59:00; got {time!s}")
    try:
        return moment(time, timezone)
    except ValueError as error:
        reader.fail(f"{where}: `due`: {error}")


def _section(
    reader: _Reader,
    table: Mapping[str, Any],
    defaults: Mapping[str, Any],
    follow_on: FollowOn,
    timezone: dt.tzinfo,
    late: Late | None,
    shared: tuple[str, ...],
) -> Section:
    where = f"section `{table.get('id', '?')}`"
    known = {"id", "title", "notebook", "modules", "files", "item", "limits", "follow_on", "due", "late"}
    reader.keys(table, known, where)
    section_id = reader.value(table, "id", str, where)
    modules = reader.strings(table, "modules", where)
    items = tuple(_item(reader, entry, modules, where) for entry in reader.tables(table, "item", where))
    limits = {**defaults, **reader.table(table, "limits", where, optional=True)}
    section = Section(
        id=section_id,
        title=reader.value(table, "title", str, where),
        notebook=reader.value(table, "notebook", str, where),
        modules=modules,
        files=(*reader.strings(table, "files", where, optional=True), *shared),
        items=items,
        limits=_limits(reader, limits, where),
        follow_on=reader.choice(table, "follow_on", FOLLOW_ON, where, default=follow_on),
        due=_due(reader, table, timezone, where),
        late=_late(reader, table, late, where),
    )
    if section.id == SHARED:
        reader.fail(f"a section can't be called `{SHARED}`: that folder of `source` holds what all sections share")
    for name in (section.id, section.notebook, *section.modules):
        if name != Path(name).name or name.startswith("."):
            reader.fail(f"{where}: `{name}` must be a plain name, without folders or a leading dot")
    for file in section.files:
        parts = file.split("/")
        if "\\" in file or any(not part or part.startswith(".") for part in parts):
            reader.fail(f"{where}: `{file}` must be a path in the section's folder, such as `support/figures.py`")
    reader.unique((*section.expected_files, *section.files), "file")
    return section


def _item(reader: _Reader, table: Mapping[str, Any], modules: Sequence[str], where: str) -> Item:
    where = f"{where}, item `{table.get('id', '?')}`"
    reader.keys(table, {"id", "title", "kind", "points", "module", "defines"}, where)
    kind = reader.value(table, "kind", str, where)
    if kind not in ITEM_KINDS:
        reader.fail(f"{where}: `kind` must be one of {_names(ITEM_KINDS)}; got `{kind}`")
    points = reader.value(table, "points", (int, float), where)
    if not 0 < points < float("inf"):
        reader.fail(f"{where}: `points` must be positive and finite; got {points}")
    module = table.get("module")
    if kind == "module" and module not in modules:
        reader.fail(f"{where}: `module` must be one of the section's modules {_names(modules)}; got {module!r}")
    return Item(
        id=reader.value(table, "id", str, where),
        title=reader.value(table, "title", str, where),
        kind=kind,
        points=float(points),
        module=module,
        defines=reader.strings(table, "defines", where, optional=True),
    )


def _limits(reader: _Reader, table: Mapping[str, Any], where: str) -> Limits:
    where = f"{where}, limits"
    names = {field.name for field in fields(Limits)}
    reader.keys(table, names, where)
    slow_calls = reader.table(table, "slow_calls", where, optional=True)
    for source, limits in ((table, names - {"slow_calls"}), (slow_calls, slow_calls)):
        for name in sorted(limits):
            if not reader.value(source, name, (int, float), where) > 0:
                reader.fail(f"{where}: the limit `{name}` must be positive; got {source[name]}")
    return Limits(**{**table, "slow_calls": dict(slow_calls)})


class _Reader:
    """Typed access to the tables of one TOML file; every complaint names the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fail(self, message: str) -> NoReturn:
        raise CourseError(f"{self.path}: {message}")

    def keys(self, table: Mapping[str, Any], known: set[str], where: str) -> None:
        if unknown := sorted(set(table) - known):
            self.fail(f"{where} has the unknown key `{unknown[0]}`; known are {_names(sorted(known))}")

    def value(
        self, table: Mapping[str, Any], key: str, kind: type | tuple[type, ...], where: str, default: Any = None
    ) -> Any:
        if key not in table:
            if default is not None:
                return default
            self.fail(f"{where} lacks the key `{key}`")
        value = table[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            self.fail(f"{where}: `{key}` has the wrong type; got {value!r}")
        return value

    def table(self, table: Mapping[str, Any], key: str, where: str, optional: bool = False) -> Mapping[str, Any]:
        if optional and key not in table:
            return {}
        value: Mapping[str, Any] = self.value(table, key, dict, where)
        return value

    def tables(self, table: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
        value = self.value(table, key, list, where)
        if not value or not all(isinstance(entry, dict) for entry in value):
            self.fail(f"{where} needs at least one [[{key}]] table")
        return list(value)

    def choice(
        self, table: Mapping[str, Any], key: str, known: Sequence[_Choice], where: str, default: _Choice | None
    ) -> _Choice:
        chosen = self.value(table, key, str, where, default)
        if chosen not in known:
            self.fail(f"{where}: `{key}` must be one of {_names(known)}; got `{chosen}`")
        return known[known.index(chosen)]

    def strings(self, table: Mapping[str, Any], key: str, where: str, optional: bool = False) -> tuple[str, ...]:
        if optional and key not in table:
            return ()
        value = self.value(table, key, list, where)
        if not all(isinstance(entry, str) for entry in value):
            self.fail(f"{where}: `{key}` must be a list of strings; got {value!r}")
        return tuple(value)

    def unique(self, names: Any, what: str) -> None:
        seen: set[str] = set()
        for name in names:
            if name in seen:
                self.fail(f"the {what} `{name}` appears twice")
            seen.add(name)


def _names(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)
