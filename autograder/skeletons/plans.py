"""What `autograder new` writes: plans of new files and of additions, made whole before anything is written."""

from __future__ import annotations

import keyword
import re
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2

from autograder import atomic
from autograder.checks.beliefs import load_bank
from autograder.course import SHARED, Course, CourseError, Item, Section
from autograder.near import did_you_mean
from autograder.skeletons import notebook
from autograder.skeletons.errors import SkeletonError
from autograder.skeletons.shelves import KINDS

_HELPERS = "support/notebook_helpers.py"
_ID = re.compile(r"[a-z0-9][a-z0-9_]*")
_WORDS = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_EXPECTED = {
    "correct": ("Right in another way than the reference: say in which.", 1),
    "mistake": ("Say here what is wrong.", 0),
    "broken": ("Say here why it does not run.", 0),
    "hostile": ("Say here what is attacked.", 0),
    "trivial": ("Say here what is answered to everything.", 0),
}
"""For each kind of sample what it is about, and the share of the points that it should get."""


@dataclass
class Plan:
    """Files that are made, files that get an addition, and what is left to do."""

    made: dict[Path, bytes] = field(default_factory=dict)
    changed: dict[Path, bytes] = field(default_factory=dict)
    todo: list[str] = field(default_factory=list)

    def carry_out(self) -> None:
        """Write everything; existing files are never overwritten.

        Raises
        ------
        SkeletonError
            If a file that is to be made is there already. Nothing is written then.
        OSError
            If something can't be written.
        """
        if there := [path for path in self.made if path.exists() or path.is_symlink()]:
            raise SkeletonError(f"{there[0]} is there already, and is not overwritten; choose another name")
        for path, content in {**self.made, **self.changed}.items():
            atomic.write(path, content)


def section(course: Course, name: str, title: str, function: str | None = None, number: str | None = None) -> Plan:
    """Plan a section with a module of one function, and an exercise that asks for a number."""
    if not _ID.fullmatch(name):
        raise SkeletonError(f"`{name}` can't be a section's id; use small letters, digits and underscores")
    stem = name.lstrip("0123456789_") or name
    function = function or stem
    number = number or f"{function}_number"
    for each in (stem, function, number):
        _check_name(each, "a Python name; begin with a letter, after the number and an underscore")
    if name == SHARED or name in {one.id for one in course.sections}:
        raise SkeletonError(f"the section `{name}` is there already; choose another id")
    names = {
        "section": name, "title": _one_line(title), "stem": stem, "function": function, "number": number,
        "example": _next(course, "example"), "exercise": _next(course, "exercise"), "points": 10, "exercise_points": 6,
        "rich": _HELPERS in course.shared, "is_new": True,
    }  # fmt: skip
    folder, suites, tests = course.root / "source" / name, course.suites / name, course.root / "tests"
    example, exercise = (str(names[each]).replace("-", "_") for each in ("example", "exercise"))
    plan = Plan(
        made={
            folder / f"{stem}.py": _made("module.py", names),
            folder / f"{name}.ipynb": notebook.whole(names),
            suites / f"test_{example}.py": _made("suite_example.py", {**names, "item": names["example"]}),
            suites / f"test_{exercise}.py": _made(
                "suite_exercise.py", {**names, "item": names["exercise"], "points": names["exercise_points"]}
            ),
            suites / "misconceptions.py": _made("misconceptions.py", names),
        },
        changed={course.root / "source" / "course.toml": _with_section(course, names)},
    )
    if names["rich"]:
        plan.made |= {
            folder / "support" / f"{stem}_figures.py": _made("figures.py", names),
            folder / "support" / "section.py": _made("section.py", names),
            folder / "support" / "visible_checks.py": _made("visible_checks.py", names),
        }
    if any(course.suites.glob("*/contract.toml")):
        plan.made[suites / "contract.toml"] = _made("contract.toml", names)
    if (tests / "visible").is_dir():
        plan.made[tests / "visible" / f"{name}.toml"] = _made("visible.toml", names)
    if (tests / "corpus" / "class").is_dir():
        shelf = tests / "corpus" / "class" / name
        whole = f"{names['example']} = {names['points']}, {names['exercise']} = {names['exercise_points']}"
        missing = f'{names["example"]} = "missing", {names["exercise"]} = "missing"'
        nothing = f"{names['example']} = 0, {names['exercise']} = 0"
        for sample, student, about, expected in (
            ("reference", "ada", "The reference solution.", whole),
            ("stub", "bela", "The assignment as it was handed out.", nothing),
        ):
            values = {
                "student": student,
                "about": about,
                "base": sample,
                "expected": expected,
                "missing": missing,
                "is_written": True,
            }
            plan.made[shelf / sample / "sample.toml"] = _made("sample.toml", values)
    plan.todo = [
        "Write these files; docs/recipes/section.md of the grader goes through them.",
        f"Then `autograder build --section {name}`, and `autograder grade --section {name}`.",
    ]
    return plan


def item(
    course: Course,
    of: Section,
    name: str,
    kind: str,
    points: float,
    title: str,
    module: str | None = None,
    function: str | None = None,
    number: str | None = None,
) -> Plan:
    """Plan an item of a section that is there; `module` and `function` are for modules, `number` for notebooks."""
    if not _WORDS.fullmatch(name):
        raise SkeletonError(f"`{name}` can't be an item's id; use small letters, digits and hyphens")
    if name in {each.id for one in course.sections for each in one.items}:
        raise SkeletonError(f"the item `{name}` is there already; choose another id")
    if not 0 < points < float("inf"):
        raise SkeletonError(f"an item has more than 0 points; got {points:g}")
    points = int(points) if points == int(points) else points
    underscored = name.replace("-", "_")
    if kind == "module":
        module = module or of.modules[0]
        if module not in of.modules:
            raise SkeletonError(
                f"`{of.id}` has no module `{module}`; {did_you_mean(module, of.modules, f'it has {of.modules[0]}')}"
            )
    number = _check_name(number or f"{underscored}_answer", "a Python name")
    function = _check_name(function or underscored, "a Python name")
    names = {
        "section": of.id, "item": name, "title": _one_line(title), "kind": kind, "points": points, "module": module,
        "stem": Path(module or of.modules[0]).stem, "function": function, "number": number,
        "rich": _HELPERS in course.shared, "is_new": False,
    }  # fmt: skip
    master = course.root / "source" / of.id / of.notebook
    plan = Plan(
        changed={
            course.root / "source" / "course.toml": _with_item(course, of, names),
            master: notebook.with_item(master, names),
        }
    )
    suites = course.suites / of.id
    if kind == "prose":
        plan.made[suites / f"{name}.toml"] = _made("prose.toml", names)
        plan.made[suites / f"{name}.answers.toml"] = _made("prose_answers.toml", names)
        plan.todo = [f"Write the rules and the graded answers in {suites.relative_to(course.root)}/{name}.*"]
    else:
        which = "suite_example.py" if kind == "module" else "suite_exercise.py"
        plan.made[suites / f"test_{underscored}.py"] = _made(which, names)
        plan.todo = [f"Name its functions and numbers in ITEMS of {suites.relative_to(course.root)}/misconceptions.py."]
        if kind == "module":
            path = course.root / "source" / of.id / str(module)
            plan.changed[path] = _with_function(path, names)
            plan.todo.append(f"Write `{function}` in {path.relative_to(course.root)}.")
    plan.todo.append(f"Then write its cells in {master.relative_to(course.root)}, and `autograder build`.")
    return plan


def check(
    course: Course,
    of: Section,
    about: Item,
    name: str,
    points: float,
    function: str | None = None,
    giver: str | None = None,
) -> Plan:
    """Plan another hidden check of an item; the check `giver` gives the points, or the one that has most."""
    _check_name(name, "the name of a check; use small letters, digits and underscores")
    if about.kind == "prose":
        raise SkeletonError(f"`{about.id}` is in prose, which a person reads; it has no hidden checks")
    if not 0 < points <= about.points:
        raise SkeletonError(f"a check of `{about.id}` has more than 0 and at most {about.points:g} points")
    _check_path(function or name)
    path = course.suites / of.id / f"test_{about.id.replace('-', '_')}.py"
    before = _text(path)
    if re.search(rf"^def test_{name}\(", before, re.MULTILINE):
        raise SkeletonError(f"{path} has a check `{name}` already; choose another name")
    before_it = re.findall(r'function=("[^"]+"|\w+)', before)
    asked = before_it[-1] if before_it and function is None else f'"{function or name}"'
    names = {
        "name": name, "points": f"{points:g}", "function": asked,
        "fixture": Path(about.module).stem if about.module else "notebook",
    }  # fmt: skip
    content, gave = _with_fewer_points(path, before, points, giver)
    content = _with_imports(content, "autograder.checks.answers", ("fail", "points"))
    content = _with_imports(content, "typing", ("Any",))
    return Plan(
        changed={path: f"{content.rstrip()}\n{_made('check.py', names).decode()}".encode()},
        todo=[
            f"Write it. Its points were those of `{gave}`: together the checks have the {about.points:g} of the item."
        ],
    )


def misconception(course: Course, of: Section, name: str, function: str) -> Plan:
    """Plan another misconception of a section."""
    if not _WORDS.fullmatch(name):
        raise SkeletonError(f"`{name}` can't be a misconception's id; use small letters, digits and hyphens")
    _check_name(name.replace("-", "_"), "a misconception's id; begin with a letter")
    _check_path(function)
    path = course.suites / of.id / "misconceptions.py"
    before = _text(path)
    if f'misconception("{name}"' in before:
        raise SkeletonError(f"{path} has a misconception `{name}` already; choose another id")
    bank = load_bank(path.parent)
    names = {"name": name, "function": function, "has_truth": bank is not None and function in bank.truths}
    content = _with_imports(before, "autograder.checks.beliefs", ("misconception",))
    content = f"{content.rstrip()}\n{_made('misconception.py', names).decode()}"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / path.name).write_text(content, encoding="utf-8")
        try:
            load_bank(Path(folder))
        except CourseError as error:
            raise SkeletonError(str(error).replace(folder, str(path.parent))) from error
    todo = "Write the wrong rule, and what students read."
    if not names["has_truth"]:
        todo = f"Write what students read. `{function}` has no truth, so only a check can prove it, by `fail`."
    return Plan(changed={path: content.encode()}, todo=[todo])


def sample(course: Course, of: Section, name: str, shelf: str, student: str, base: str) -> Plan:
    """Plan a sample of the corpus."""
    kind = name.partition("-")[0]
    if not _WORDS.fullmatch(name) or kind not in KINDS:
        raise SkeletonError(
            f"`{name}` can't be a sample's name; begin it with {', '.join(KINDS[:-1])} or {KINDS[-1]} and a hyphen"
        )
    corpus = course.root / "tests" / "corpus"
    if base not in ("reference", "stub", "empty"):
        _check_base(corpus, of, base)
    _check_student(corpus / shelf / of.id, student)
    about, share = _EXPECTED[kind]
    judged = [each for each in of.items if each.kind != "prose"]
    missing = ", ".join(f'{each.id} = "missing"' for each in judged)
    points = ", ".join(f"{each.id} = {share * each.points:g}" for each in judged)
    values = {
        "student": _one_line(student),
        "about": about,
        "base": base,
        "expected": points,
        "missing": missing,
        "is_written": False,
    }
    path = corpus / shelf / of.id / name / "sample.toml"
    todo = ["Write it, and remove the line that makes it fail."]
    if (course.root / "tests" / "test_corpus.py").is_file():
        todo.append(f"Then `.venv/bin/python -m pytest tests/test_corpus.py -k {of.id}/{name}`.")
    return Plan(made={path: _made("sample.toml", values)}, todo=todo)


def _check_base(corpus: Path, of: Section, base: str) -> None:
    known = {f"{path.parents[2].name}/{path.parent.name}" for path in corpus.glob(f"*/{of.id}/*/sample.toml")}
    if base not in known:
        remedy = did_you_mean(base, known, 'use "reference", "stub", "empty" or <shelf>/<sample>')
        raise SkeletonError(f"no sample `{base}` in section `{of.id}` to start from; {remedy}")


def _check_student(folder: Path, student: str) -> None:
    for path in folder.glob("*/sample.toml"):
        if tomllib.loads(_text(path)).get("student") == student:
            raise SkeletonError(f"`{student}` is the student of `{path.parent.name}`; each sample has another one")


def _check_name(name: str, what: str) -> str:
    if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
        raise SkeletonError(f"`{name}` can't be {what}")
    return name


def _check_path(name: str) -> None:
    if not all(part.isidentifier() for part in name.split(".")):
        raise SkeletonError(f"`{name}` can't be the name of a function or a number")


def _one_line(words: str) -> str:
    if not words.isprintable() or any(mark in words for mark in '"\\'):
        raise SkeletonError(f"{words!r} must be text on one line, without quotes and backslashes")
    return words


def _next(course: Course, kind: str) -> str:
    numbers = [int(m[1]) for one in course.sections for each in one.items if (m := re.match(rf"{kind}-(\d+)", each.id))]
    return f"{kind}-{max(numbers, default=0) + 1}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SkeletonError(f"{path} can't be read ({error.strerror}); write it first") from error


def _with_imports(content: str, module: str, names: tuple[str, ...]) -> str:
    """Return a Python file that imports `names`, in the order in which the linter wants them."""
    line = re.search(rf"^from {re.escape(module)} import (\([^)]*\)|.*)$", content, re.MULTILINE)
    if line is None:
        start = content.find("from __future__ import annotations\n")
        place = content.index("\n", start) + 1 if start >= 0 else 0
        return f"{content[:place]}\nfrom {module} import {', '.join(names)}\n{content[place:]}"
    there = re.findall(r"\w+", line[1])
    wanted = sorted({*there, *names}, key=lambda name: (name != name.lower(), name))
    if set(wanted) == set(there):
        return content
    return f"{content[: line.start()]}from {module} import {', '.join(wanted)}{content[line.end() :]}"


def _with_function(path: Path, names: Mapping[str, Any]) -> bytes:
    """Return a module with another function at its end, unless it has one of that name."""
    before = _text(path)
    if re.search(rf"^def {names['function']}\(", before, re.MULTILINE):
        return before.encode()
    return f"{before.rstrip()}\n\n\n{_made('function.py', names).decode()}".encode()


def _with_fewer_points(path: Path, content: str, points: float, giver: str | None) -> tuple[str, str]:
    """Return a suite in which the check `giver`, or the one that has most, has less by `points`, and its name."""
    checks = re.finditer(r"^@points\(\s*(\d+(?:\.\d+)?)(?:(?!^@points\().)*?^def test_(\w+)\(", content, re.M | re.S)
    found = {match[2]: match for match in checks}
    if giver and giver not in found:
        remedy = did_you_mean(giver, found, f"it has {', '.join(found)}")
        raise SkeletonError(f"{path} has no check `{giver}`; {remedy}")
    name = giver or max(found, key=lambda each: float(found[each][1]), default="")
    has = float(found[name][1]) if name else 0.0
    if not points < has:
        raise SkeletonError(
            f"`{name}` has {has:g} points and can't give {points:g}; name another one by --from, or ask for fewer"
        )
    start, end = found[name].span(1)
    return f"{content[:start]}{has - points:g}{content[end:]}", name


def _with_section(course: Course, names: Mapping[str, Any]) -> bytes:
    path = course.root / "source" / "course.toml"
    before = _text(path)
    after = f"{before.rstrip()}\n{_made('course_section.toml', names).decode()}"
    old, new = tomllib.loads(before), tomllib.loads(after)
    if new != {**old, "section": [*old["section"], new["section"][-1]]}:
        raise SkeletonError(f"{path}: a table [[section]] can't be added to its end; add it by hand")
    return after.encode()


def _with_item(course: Course, of: Section, names: Mapping[str, Any]) -> bytes:
    """Return the course's table with another item, behind the last one of its section; comments stay where they are."""
    path = course.root / "source" / "course.toml"
    before = _text(path)
    place = [one.id for one in course.sections].index(of.id)
    headers = [match.start() for match in re.finditer(r"^\[\[section\]\]", before, re.MULTILINE)]
    if place < len(headers):
        end = [*headers[1:], len(before)][place]
        own = before[headers[place] : end]
        own = re.sub(r"\s*(?:^#.*\n|\s)*\Z", "", own, flags=re.MULTILINE)  # what is said of the next stays with it
        rest = before[headers[place] + len(own) :]
        added = _made("course_item.toml", names).decode()
        after = f"{before[: headers[place]]}{own}\n\n{added}{rest.removeprefix(chr(10))}"
        old, new = tomllib.loads(before), tomllib.loads(after)
        items = old["section"][place]["item"]
        items.append(new["section"][place]["item"][-1])
        if new == old:
            return after.encode()
    raise SkeletonError(f"{path}: the place for the item can't be found; add a table [[section.item]] by hand")


def _made(template: str, names: Mapping[str, Any]) -> bytes:
    found = _TEMPLATES.get_template(f"{template}.jinja").render(names)
    return found.encode() if found.endswith("\n") else f"{found}\n".encode()


_TEMPLATES = jinja2.Environment(  # noqa: S701 # they are Python and TOML, whose names were checked, and no page
    loader=jinja2.PackageLoader("autograder.skeletons"), undefined=jinja2.StrictUndefined, keep_trailing_newline=True,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip
