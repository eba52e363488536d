"""Gradescope's ``results.json``: what an autograder writes for one attempt; and the zip of an autograder.

After Gradescope's *Autograder Specifications*: a score, and under ``tests`` an entry for each item with score, maximum,
name, output and who may see it. The output is plain text, and says what the student's feedback page says and no more.
"""

from __future__ import annotations

import json
import shlex
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from autograder.build import ASSIGNMENTS, SOLUTIONS
from autograder.course import Course, Section
from autograder.exports import VISIBILITY, ExportError
from autograder.exports.grades import Grade
from autograder.people.roster import ALIASES, ROSTER
from autograder.report import told, when
from autograder.report.feedback import feedback_object
from autograder.report.technical import Technical
from autograder.submissions.paths import is_junk
from autograder.submissions.times import EXTENSIONS
from autograder.text import count, number, visible


def results_json(course: Course, grade: Grade, visibility: str = VISIBILITY[0]) -> bytes:
    """Return the file for a grade whose points are known."""
    assert grade.points is not None, "what is not final is not handed on"
    said = feedback_object(course, grade.student, grade.record)
    lines = [visible(str(note)) for note in said["notes"]]
    for request in said.get("requests", ()):
        if request["answer"] is not None:
            lines.append(f"Your request: {_shown(request['text'])} Answer: {_shown(request['answer'])}")
    if grade.penalty:
        lines.insert(0, f"{number(grade.raw)} points, less {number(grade.penalty)} because it came late.")
    if grade.waiting or grade.failed:
        lines.insert(0, "Not everything is decided yet; the points will change.")
    tests = [_test(item) for item in said["items"].values()]
    return written(_results(grade.points, lines, visibility, tests))


def on_arrival(course: Course, grade: Grade) -> dict[str, Any]:
    """Return what an autograder on Gradescope tells about work that was just judged, which may not be final.

    Until the section is due, the student sees what `before_due` in ``course.toml`` allows. Points are there for
    Gradescope's own gradebook, which shows them to the student when the assignment is due.
    """
    section = grade.section
    points = grade.raw - grade.penalty
    until = told.kept_back_until(course, grade.record)
    if until is None:
        results: dict[str, Any] = json.loads(results_json(course, replace(grade, points=points)))
    else:
        lines = [
            f"Until {when.moment(course, until.isoformat())} you can hand in again, and are told how many hidden "
            "checks pass. After that you see your points.",
            *(visible(str(note)) for note in grade.record.notes),
        ]
        of_items = told.counts(section, grade.record)
        results = _results(points, lines, "after_due_date", [])
        for item in section.items:
            said, decided = of_items[item.id], grade.items[item.id].points
            results["tests"].append(
                {"name": visible(item.title), "visibility": "visible", "output": "\n".join(_counted(said))}
            )
            if decided is not None:
                results["tests"].append(
                    {"name": f"{visible(item.title)}: points", "score": round(decided, 5), "max_score": item.points}
                )
    return results | {"extra_data": {"attempt": grade.record.header.attempt}}


def written(results: Mapping[str, Any]) -> bytes:
    """Return the bytes of a ``results.json``."""
    return json.dumps(results, ensure_ascii=False, allow_nan=False, indent=1).encode("utf-8", "backslashreplace")


def autograder_zip(course: Course, section: Section) -> bytes:
    """Return an autograder for Gradescope, as it is uploaded there: it judges `section` with `autograder watch`.

    In it are the grader, from where it is installed, and of the course what judging needs, hidden checks included.
    Student code can read none of that while it is judged. The same files make the same bytes.

    Raises
    ------
    ExportError
        If the suites are outside the course's folder, or nothing says which versions to install.
    """
    package = Path(__file__).resolve().parents[1]
    root = course.root.resolve()
    if not course.suites.resolve().is_relative_to(root):
        raise ExportError(f"{course.suites} is outside {root}; an autograder can only be made if suites are inside")
    files = {
        "run_autograder": (_TEMPLATES / "run_autograder")
        .read_bytes()
        .replace(b"SECTION", shlex.quote(section.id).encode()),
        "setup.sh": (_TEMPLATES / "setup.sh").read_bytes(),
    }
    wanted = [root / "source", root / ASSIGNMENTS, root / SOLUTIONS, course.suites.resolve()]
    wanted += [root / name for name in ("requirements.txt", "nbgrader_config.py", ROSTER, ALIASES, EXTENSIONS)]
    files |= _below(wanted, root)
    if (package.parent / "requirements.lock").is_file():
        names = ("requirements.lock", "pyproject.toml", "README.md", "LICENSE")
        files |= _below([package.parent / name for name in names], package.parent)
        suites = package / "suites"  # of the course that the grader comes with
        files |= {
            name: data
            for name, data in _below([package], package.parent).items()
            if not (package.parent / name).is_relative_to(suites)
        }
    elif "requirements.txt" not in files:
        raise ExportError(f"{root / 'requirements.txt'} is missing, which says which grader to install")
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)  # a fixed date
            is_program = name in ("run_autograder", "setup.sh")
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, (0o755 if is_program else 0o644) << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


_TEMPLATES = Path(__file__).with_name("templates")


def _below(places: Sequence[Path], root: Path) -> dict[str, bytes]:
    """Return the files at and below `places`, by their names relative to `root`."""
    paths = [path for place in places for path in ([place] if place.is_file() else sorted(place.rglob("*")))]
    named = {path.relative_to(root): path for path in paths if path.is_file()}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in named.items()
        if not any(is_junk(part) or part.startswith(".") for part in name.parts)
    }


def _results(points: float, lines: Sequence[str], visibility: str, tests: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "score": round(points, 5),
        "output": "\n".join(lines),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "tests": tests,
    }


def _counted(said: Mapping[str, Any]) -> Iterator[str]:
    """Yield what may be told about an item before the section is due."""
    if "checks" not in said:
        yield "A person reads this; no points yet." if said["status"] == "needs review" else "Not judged yet."
        return
    yield f"{said['passed']} of {count(said['checks'], 'hidden check')} {'passes' if said['checks'] == 1 else 'pass'}."
    if said.get("technical"):
        yield f"No answer was wrong: {said['technical']}."
    if said.get("failing"):
        yield f"Checks fail for {', '.join(_shown(name) for name in said['failing'])}."


def _test(item: Mapping[str, Any]) -> dict[str, Any]:
    test: dict[str, Any] = {"name": visible(item["title"]), "max_score": item["max"]}
    if item["points"] is None:
        person = item["status"] == "needs review"
        test["output"] = "A person reads this and decides; no points yet." if person else "Not judged yet; no points."
        return test
    passed = item["points"] >= item["max"]
    test |= {"score": round(item["points"], 5), "status": "passed" if passed else "failed"}
    return test | {"output": "\n".join(_lines(item))}


def _lines(item: Mapping[str, Any]) -> Iterator[str]:
    checks: Sequence[Mapping[str, Any]] = item["checks"]
    passed = sum(check["verdict"] == "passed" for check in checks)
    if checks:
        yield f"{passed} of {len(checks)} checks passed."
    if item.get("technical"):
        yield f"No answer was wrong: {Technical(item['technical']).explanation}."
    if item.get("comment"):
        yield _shown(item["comment"])
    for check in checks:
        if check["verdict"] == "passed":
            continue
        yield ""
        yield f"{check['verdict']}. Required: {_shown(check['reason'] or check['name'])}"
        if check["message"]:
            yield f"  {_shown(check['message'])}"
        for title, key in (("call", "call"), ("expected", "expected"), ("got", "got")):
            if check[key]:
                yield f"  {title}: {_shown(check[key])}"
        for hint in check["hints"]:
            yield f"  looks like {_shown(hint['believed'])} {_shown(hint['hint'])}"
        if check["follows_from"]:
            yield f"  follows from {', '.join(_shown(name) for name in check['follows_from'])}"


def _shown(text: object) -> str:
    return visible(" ".join(str(text).split()), limit=1000)
