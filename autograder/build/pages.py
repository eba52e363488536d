"""The pages next to the sections: what students read first, what they install, and the course's overview."""

from __future__ import annotations

import re
import runpy

from autograder.build.modules import BuildError
from autograder.course import Course

GENERATED = "Made by `autograder build` from `source/`. A change made here is lost with the next build."
CPU_TORCH = "https://download.pytorch.org/whl/cpu"

_OLDEST_LOCKED = "3.11"  # Python for which the lock has versions; older ones get the newest that pip finds for them
_PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)


def readme(course: Course) -> str:
    """Return the page that students read first: sections, how to start, and the words of ``source/README.md``."""
    rows = "\n".join(
        f"| [{section.title}]({section.id}/{section.notebook}) | `{section.id}/` | {_listed(section.modules)} "
        f"| {section.points:g} |"
        for section in course.sections
    )
    first = course.sections[0]
    start = _START.format(notebook=f"{first.id}/{first.notebook}") if course.packages else ""
    return _README.format(
        generated=GENERATED, title=course.title, rows=rows, points=f"{course.points:g}", start=start, due=_due(course),
        words=_words(course), overview=_OVERVIEW if overview(course) else "",
    )  # fmt: skip


def overview(course: Course) -> str | None:
    """Return what `page` in ``source/overview.py`` returns, the course's overview, or None if there is no such file.

    Raises
    ------
    BuildError
        If it fails.
    """
    path = course.root / "source" / "overview.py"
    if not path.is_file():
        return None
    try:
        return str(runpy.run_path(str(path))["page"]())
    except Exception as error:
        raise BuildError(f"source/overview.py has no `page` that returns the overview: {error!r}") from error


def of_solutions() -> str:
    """Return the page that says what ``solutions/`` is."""
    return (
        f"<!-- {GENERATED} -->\n# Solutions\n\n"
        "For instructors only: the complete modules, and each notebook as it looks after a run with them.\n\n"
        f"{GENERATED}\n"
    )


def requirements(course: Course) -> str:
    """Return what students install: the course's `packages`, in the versions that its lock file has.

    A package that names its own version keeps it; one that the lock does not have gets the newest.
    """
    lock = course.root / "requirements.lock"
    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    locked = {match["name"].lower(): match["version"] for match in _PINNED.finditer(text)}
    lines = [f"# {GENERATED}", "# python -m pip install --requirement requirements.txt"]
    for package in course.packages:
        name, given, version = package.partition("==")
        if name == "torch":
            lines.append(f"--extra-index-url {CPU_TORCH}")  # on Linux, PyPI's build of it brings gigabytes for GPUs
        if given or name.lower() in locked:
            lines.append(f'{name}=={version or locked[name.lower()]}; python_version >= "{_OLDEST_LOCKED}"')
            lines.append(f'{name}; python_version < "{_OLDEST_LOCKED}"')
        else:
            lines.append(name)
    return "\n".join(lines) + "\n"


def _words(course: Course) -> str:
    words = course.root / "source" / "README.md"
    return words.read_text(encoding="utf-8") if words.is_file() else ""


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _due(course: Course) -> str:
    lines = [f"- {each.title}: {each.due:%Y-%m-%d %H:%M} ({each.due:%Z})" for each in course.sections if each.due]
    return "\n".join(["\n## Due\n", *lines, ""]) if lines else ""


_README = """\
<!-- {generated} -->
# {title}

| Section | Folder | You write | Points |
|---|---|---|---|
{rows}
| | | | **{points}** |
{overview}{start}{due}
{words}"""
_OVERVIEW = "\n[Overview](overview.html): what the sections are about, in one picture.\n"
_START = """
## Start

You need Python 3.10 or newer, on Linux, macOS or Windows. In a terminal, in the folder of this page:

```
python -m venv .venv
.venv/bin/python -m pip install --requirement requirements.txt
.venv/bin/python -m jupyter lab
```

On Windows write `.venv\\Scripts\\python` for `.venv/bin/python`. Then open `{notebook}`.
Each folder is complete: move or copy it as a whole.
"""
