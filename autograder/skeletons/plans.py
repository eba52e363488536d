"""What `autograder new` writes: plans of new files and of additions, made whole before anything is written."""

from __future__ import annotations

import keyword
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2

from autograder import atomic
from autograder.course import SHARED, Course, Item, Section
from autograder.near import did_you_mean
from autograder.skeletons import notebook
from autograder.skeletons.errors import SkeletonError
from autograder.skeletons.shelves import KINDS

_HELPERS = "support/notebook_helpers.py"
_ID = re.compile(r"[a-z0-9][a-z0-9_]*")
_WORDS = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_EXPECTED = {
    "correct": ("Right in another way than the reference: say in which.", "full"),
    "mistake": ("Say here what is wrong.", "none"),
    "broken": ("Say here why it does not run.", "none"),
    "hostile": ("Say here what is attacked.", "none"),
    "trivial": ("Say here what is answered to everything.", "none"),
}


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
        whole = f'"{names["example"]}" = 10, "{names["exercise"]}" = 6'
        nothing = f'"{names["example"]}" = 0, "{names["exercise"]}" = 0'
        for sample, student, about, expected in (
            ("reference", "ada", "The reference solution.", whole),
            ("stub", "bela", "The assignment as it was handed out.", nothing),
        ):
            values = {"student": student, "about": about, "base": sample, "expected": expected.replace('"', "")}
            plan.made[shelf / sample / "sample.toml"] = _made("sample.toml", values)
    plan.todo = [
        "Write these files; docs/recipes/section.md of the grader goes through them.",
        f"Then `autograder build --section {name}`, and `autograder grade --section {name}`.",
    ]
    return plan


def item(
    course: Course, of: Section, name: str, kind: str, points: float, title: str, module: str | None, number: str | None
) -> Plan:
    """Plan an item of a section that is there."""
    if not _WORDS.fullmatch(name):
        raise SkeletonError(f"`{name}` can't be an item's id; use small letters, digits and hyphens")
    if name in {each.id for one in course.sections for each in one.items}:
        raise SkeletonError(f"the item `{name}` is there already; choose another id")
    if not 0 < points < float("inf"):
        raise SkeletonError(f"an item has more than 0 points; got {points:g}")
    underscored = name.replace("-", "_")
    if kind == "module":
        module = module or of.modules[0]
        if module not in of.modules:
            raise SkeletonError(
                f"`{of.id}` has no module `{module}`; {did_you_mean(module, of.modules, f'it has {of.modules[0]}')}"
            )
    number = _check_name(number or f"{underscored}_answer", "a Python name")
    names = {
        "section": of.id, "item": name, "title": _one_line(title), "kind": kind, "points": points, "module": module,
        "stem": Path(module or of.modules[0]).stem, "function": underscored, "number": number,
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
            plan.todo.append(f"Write `{underscored}` in {module}, or rename it in the check.")
    plan.todo.append(f"Then write its cells in {master.relative_to(course.root)}, and `autograder build`.")
    return plan


def check(course: Course, of: Section, about: Item, name: str, points: float, function: str | None) -> Plan:
    """Plan another hidden check of an item."""
    _check_name(name, "the name of a check; use small letters, digits and underscores")
    if about.kind == "prose":
        raise SkeletonError(f"`{about.id}` is in prose, which a person reads; it has no hidden checks")
    if not 0 < points <= about.points:
        raise SkeletonError(f"a check of `{about.id}` has more than 0 and at most {about.points:g} points")
    path = course.suites / of.id / f"test_{about.id.replace('-', '_')}.py"
    before = _text(path)
    if re.search(rf"^def test_{name}\(", before, re.MULTILINE):
        raise SkeletonError(f"{path} has a check `{name}` already; choose another name")
    known = re.findall(r'function="([^"]+)"', before)
    names = {
        "name": name, "points": points, "function": function or (known[-1] if known else name),
        "fixture": Path(about.module).stem if about.module else "notebook",
    }  # fmt: skip
    content = _with_imports(before, "autograder.checks.answers", ("fail", "points"))
    content = _with_imports(content, "typing", ("Any",))
    return Plan(
        changed={path: f"{content.rstrip()}\n{_made('check.py', names).decode()}".encode()},
        todo=[
            f"Write it. The checks of `{about.id}` must add up to {about.points:g} points; take {points:g} from others."
        ],
    )


def misconception(course: Course, of: Section, name: str, function: str) -> Plan:
    """Plan another misconception of a section."""
    if not _WORDS.fullmatch(name):
        raise SkeletonError(f"`{name}` can't be a misconception's id; use small letters, digits and hyphens")
    _check_name(name.replace("-", "_"), "a misconception's id; begin with a letter")
    if not all(part.isidentifier() for part in function.split(".")):
        raise SkeletonError(f"`{function}` can't be the name of a function or a number")
    path = course.suites / of.id / "misconceptions.py"
    before = _text(path)
    if f'misconception("{name}"' in before:
        raise SkeletonError(f"{path} has a misconception `{name}` already; choose another id")
    content = _with_imports(before, "autograder.checks.beliefs", ("misconception",))
    content = f"{content.rstrip()}\n{_made('misconception.py', {'name': name, 'function': function}).decode()}"
    return Plan(
        changed={path: content.encode()},
        todo=[f"Write the wrong rule, and what students read; `{function}` needs a line in ITEMS and a truth."],
    )


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
    about, expected = _EXPECTED[kind]
    judged = [each for each in of.items if each.kind != "prose"]
    points = ", ".join(f"{each.id} = {each.points if expected == 'full' else 0:g}" for each in judged)
    values = {"student": _one_line(student), "about": about, "base": base, "expected": points}
    path = corpus / shelf / of.id / name / "sample.toml"
    run = f".venv/bin/python -m pytest tests/test_corpus.py -k {of.id}/{name}"
    return Plan(made={path: _made("sample.toml", values)}, todo=[f"Write it, then `{run}`."])


def _check_base(corpus: Path, of: Section, base: str) -> None:
    known = {f"{path.parents[2].name}/{path.parent.name}" for path in corpus.glob(f"*/{of.id}/*/sample.toml")}
    if base not in known:
        remedy = did_you_mean(base, known, 'use "reference", "stub", "empty" or <shelf>/<sample>')
        raise SkeletonError(f"no sample `{base}` in section `{of.id}` to start from; {remedy}")


def _check_name(name: str, what: str) -> str:
    if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
        raise SkeletonError(f"`{name}` can't be {what}")
    return name


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
