"""The course as data: reads `source/course.toml` and refuses one that contradicts itself.

Trusted input: the file is written by staff. Every mistake in it still gets a message of one line that names the file
and the remedy.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from autograder.near import did_you_mean
from autograder.tables import Table, listed

FollowOn = Literal["waived", "lost", "off"]
FOLLOW_ON: tuple[FollowOn, ...] = ("waived", "lost", "off")
ItemKind = Literal["module", "notebook", "prose"]
ITEM_KINDS: tuple[ItemKind, ...] = ("module", "notebook", "prose")
LatePolicy = Literal["none", "zero", "per_day"]
LATE_POLICIES: tuple[LatePolicy, ...] = ("none", "zero", "per_day")
Attempts = Literal["last", "best"]
ATTEMPTS: tuple[Attempts, ...] = ("last", "best")
BeforeDue = Literal["all", "functions", "counts"]
BEFORE_DUE: tuple[BeforeDue, ...] = ("all", "functions", "counts")
SHARED = "shared"
"""The folder of ``source/`` that holds what is released with every section."""
_PER = re.compile(r"([1-9]\d{0,4}) ?([mhd])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
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
    """What a submission loses if it comes more than `grace_days` after it was due.

    "zero" leaves nothing of its points; "per_day" takes the share `per_day` of them for each day that has begun, and
    leaves the share `floor` at least. Days are 24 hours of elapsed time, also where clocks change.
    """

    policy: LatePolicy = "none"
    per_day: float = 0.0
    floor: float = 0.0
    grace_days: float = 0.0


@dataclass(frozen=True)
class Allowance:
    """How many different attempts of one student at a section `autograder watch` judges within any time `per`."""

    attempts: int
    per: dt.timedelta


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
    "off" nobody checks whether they are. `due` and `late` decide nothing about a check, so they are no part of what
    records are filed under (`repr`); without a table ``[late]``, `late` is None and nbgrader's settings decide. The
    same holds for `before_due`, which says what students are told about hidden checks until it is due, and for
    `watch`, which is None if `autograder watch` judges everything at once.
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
    before_due: BeforeDue = field(default="all", repr=False)
    watch: Allowance | None = field(default=None, repr=False)

    @property
    def points(self) -> float:
        """Points of the section."""
        return sum(item.points for item in self.items)

    def item(self, item_id: str) -> Item:
        """Return the item `item_id`; refuse one that the section lacks."""
        for item in self.items:
            if item.id == item_id:
                return item
        known = [item.id for item in self.items]
        remedy = did_you_mean(item_id, known, f"it has {listed(known)}")
        raise CourseError(f"section `{self.id}` has no item `{item_id}`; {remedy}")

    @property
    def expected_files(self) -> tuple[str, ...]:
        """The files that a complete submission holds."""
        return (*self.modules, self.notebook)

    @functools.cached_property
    def released_names(self) -> frozenset[str]:
        """The names of the `files`, whatever folder they are in: none of them is ever meant to be handed in."""
        return frozenset(PurePosixPath(file).name for file in self.files)


@dataclass(frozen=True)
class Course:
    """All sections, the cohort seed, and the course's folder; `suites` is where the hidden checks are.

    `shared` are the files of ``source/shared`` that are released with every section. `packages` are the libraries that
    students need, for their ``requirements.txt``.
    Times without an offset are in `timezone`; `attempts` says which of several attempts counts.
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
        known = [section.id for section in self.sections]
        remedy = did_you_mean(section_id, known, f"it has {listed(known)}")
        raise CourseError(f"no section `{section_id}` in the course; {remedy}")

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
        f"no `source/course.toml` at or above {start}; run this in a course's folder, or name one with --course"
    )


def load(root: Path) -> Course:
    """Read ``root/source/course.toml``.

    Raises
    ------
    CourseError
        If the file is missing, is not TOML, lacks a key, has an unknown one, or contradicts itself.
    """
    path = root / "source" / "course.toml"
    try:
        table = Table.read(path, CourseError)
    except CourseError as error:
        if path.is_file() and _WITHOUT_SECONDS.search(path.read_text(encoding="utf-8", errors="replace")):
            raise CourseError(f"{error}; times need seconds, as in `due = 2026-11-30T23:59:00`") from error
        raise
    known = {"id", "title", "seed", "suites", "follow_on", "timezone", "attempts", "late", "limits", "section"}
    table.only(known | {"shared", "packages", "before_due", "watch"})
    timezone = _timezone(table)
    limits = table.table("limits")
    of_course = _Defaults(
        limits=limits.values,
        follow_on=table.choice("follow_on", FOLLOW_ON, default="waived"),
        timezone=timezone,
        late=_late(table, None),
        shared=tuple(table.strings("shared", default=())),
        before_due=table.choice("before_due", BEFORE_DUE, default="all"),
        watch=_watch(table, None),
    )
    sections = tuple(_section(entry, of_course) for entry in table.tables("section"))
    table.once((section.id for section in sections), "section id")
    table.once((item.id for section in sections for item in section.items), "item id")
    seed = table.value("seed", int)
    if seed < 0:
        table.fail(f"`seed` must not be negative; got {seed}")
    return Course(
        root=root,
        suites=_suites(table, root),
        id=table.value("id", str),
        title=table.value("title", str),
        seed=seed,
        sections=sections,
        timezone=timezone,
        attempts=table.choice("attempts", ATTEMPTS, default="last"),
        shared=of_course.shared,
        packages=table.strings("packages", default=()),
    )


def moment(time: dt.datetime, timezone: dt.tzinfo) -> dt.datetime:
    """Return `time` with its offset; one without an offset is in `timezone`.

    Of a time that clocks show twice, the later one is meant, so that a change of clocks makes nobody late.

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
                raise CourseError(f"{path} grades the cell `{grade_id}`, but section `{section.id}` has no such item")


def _graded_points(path: Path) -> dict[str, float]:
    """Return the points of every graded cell of a notebook, by ``grade_id``."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        metadata = [cell["metadata"].get("nbgrader", {}) for cell in cells]
        return {each["grade_id"]: float(each["points"]) for each in metadata if each.get("grade")}
    except FileNotFoundError as error:
        raise CourseError(f"{path} is missing; course.toml names it as its section's notebook") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(f"{path} is not an nbgrader notebook: {type(error).__name__}: {error}") from error


def _suites(table: Table, root: Path) -> Path:
    name: str = table.value("suites", str, default="suites")
    suites = root / name
    for given_out in ("source", "assignments", "solutions"):
        if suites.resolve().is_relative_to((root / given_out).resolve()):
            table.fail(f"`suites` names a folder in `{given_out}`, where hidden checks would be found; got `{name}`")
    return suites


def _timezone(table: Table) -> dt.tzinfo:
    name = table.value("timezone", str, default="UTC")
    if name == "UTC":
        return dt.UTC  # also where the machine has no list of zones
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        table.fail(
            f"`timezone` must be a name such as `Europe/Berlin` or `America/New_York`; got `{name}`. If the name is "
            "right, this machine has no list of time zones: `pip install tzdata`"
        )


def _late(within: Table, default: Late | None) -> Late | None:
    """Return the table ``late`` of the course or a section; what a section leaves out is the course's."""
    if "late" not in within:
        return default
    table = within.table("late")
    table.only(field.name for field in fields(Late))
    policy = table.choice("policy", LATE_POLICIES, **({"default": default.policy} if default else {}))
    numbers = {
        name: table.number(name, getattr(default or Late(), name)) for name in ("per_day", "floor", "grace_days")
    }
    for name in ("per_day", "floor"):
        if policy != "per_day" and name in table:
            table.fail(f'`{name}` only applies with `policy = "per_day"`; got `{policy}`')
        if not 0 <= numbers[name] <= 1:
            table.fail(f"`{name}` must be a share from 0 to 1, as 0.1 for a tenth; got {numbers[name]:g}")
    if policy == "per_day" and not numbers["per_day"]:
        table.fail("`per_day` must say which share of the points each day costs, as 0.1 for a tenth")
    if not 0 <= numbers["grace_days"] <= 1000:
        table.fail(f"`grace_days` must be from 0 to 1000; got {numbers['grace_days']:g}")
    return Late(policy, **numbers)


def _watch(within: Table, default: Allowance | None) -> Allowance | None:
    """Return the table ``watch`` of the course or a section; what a section leaves out is the course's."""
    if "watch" not in within:
        return default
    table = within.table("watch")
    table.only(("attempts", "per"))
    attempts = table.value("attempts", int, **({"default": default.attempts} if default else {}))
    if attempts < 1:
        table.fail(f"`attempts` must be at least 1, or nothing would ever be judged; got {attempts}")
    if default and "per" not in table:
        return Allowance(attempts, default.per)
    text = table.value("per", str)
    found = _PER.fullmatch(text)
    if found is None:
        table.fail(f'`per` must be a time such as "90m", "24h" or "7d"; got `{text}`')
    per = dt.timedelta(**{_UNITS[found[2]]: int(found[1])})
    if per > dt.timedelta(days=366):
        table.fail(f"`per` must be at most a year, 366d; got `{text}`")
    return Allowance(attempts, per)


def _due(table: Table, timezone: dt.tzinfo) -> dt.datetime | None:
    time = table.value("due", dt.datetime, default=None)
    try:
        return None if time is None else moment(time, timezone)
    except ValueError as error:
        table.fail(f"`due`: {error}")


@dataclass(frozen=True)
class _Defaults:
    """What the course says for sections that don't say it themselves."""

    limits: Mapping[str, Any]
    follow_on: FollowOn
    timezone: dt.tzinfo
    late: Late | None
    shared: tuple[str, ...]
    before_due: BeforeDue
    watch: Allowance | None


def _section(table: Table, of_course: _Defaults) -> Section:
    known = {"id", "title", "notebook", "modules", "files", "item", "limits", "follow_on", "due", "late"}
    table.only(known | {"before_due", "watch"})
    modules = table.strings("modules")
    limits = table.table("limits", default={})
    section = Section(
        id=table.value("id", str),
        title=table.value("title", str),
        notebook=table.value("notebook", str),
        modules=modules,
        files=(*table.strings("files", default=()), *of_course.shared),
        items=tuple(_item(entry, modules) for entry in table.tables("item")),
        limits=_limits(Table({**of_course.limits, **limits.values}, table.path, limits.where, CourseError)),
        follow_on=table.choice("follow_on", FOLLOW_ON, default=of_course.follow_on),
        due=_due(table, of_course.timezone),
        late=_late(table, of_course.late),
        before_due=table.choice("before_due", BEFORE_DUE, default=of_course.before_due),
        watch=_watch(table, of_course.watch),
    )
    if section.before_due != "all" and section.due is None:
        table.fail(
            f'`before_due = "{section.before_due}"` needs a due date, or students would never see the rest: give the '
            'section `due`, or `before_due = "all"`'
        )
    if section.id == SHARED:
        table.fail(f"a section can't be called `{SHARED}`: that folder of `source` holds what all sections share")
    for name in (section.id, *section.expected_files):
        if name != Path(name).name or name.startswith("."):
            table.fail(f"`{name}` must be a plain name, without folders or a leading dot")
    for file in section.files:
        parts = file.split("/")
        if "\\" in file or any(not part or part.startswith(".") for part in parts):
            table.fail(f"`{file}` must be a path in the section's folder, such as `support/figures.py`")
    table.once((*section.expected_files, *section.files), "file")
    return section


def _item(table: Table, modules: Sequence[str]) -> Item:
    table.only({"id", "title", "kind", "points", "module", "defines"})
    kind = table.choice("kind", ITEM_KINDS)
    points = table.number("points")
    if not 0 < points < float("inf"):
        table.fail(f"`points` must be positive and finite; got {points:g}")
    module = table.value("module", str, default=None)
    if kind == "module" and module not in modules:
        table.fail(f"`module` must be one of the section's modules {listed(modules)}; got {module!r}")
    return Item(
        id=table.value("id", str),
        title=table.value("title", str),
        kind=kind,
        points=points,
        module=module,
        defines=table.strings("defines", default=()),
    )


def _limits(table: Table) -> Limits:
    names = {field.name for field in fields(Limits)}
    table.only(names)
    slow_calls = table.table("slow_calls", default={})
    for source, limits in ((table, names - {"slow_calls"}), (slow_calls, slow_calls.values)):
        for name in sorted(limits):
            if not source.number(name) > 0:
                source.fail(f"the limit `{name}` must be positive; got {source.values[name]}")
    return Limits(**{**table.values, "slow_calls": dict(slow_calls.values)})
