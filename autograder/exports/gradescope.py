"""Gradescope's ``results.json``: what an autograder writes for one attempt.

After Gradescope's *Autograder Specifications*: a score, and under ``tests`` an entry for each item with score, maximum,
name, output and who may see it. The output is plain text, and says what the student's feedback page says and no more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograder.course import Course
from autograder.exports import VISIBILITY
from autograder.exports.grades import Grade
from autograder.report.feedback import feedback_object
from autograder.report.technical import Technical
from autograder.text import number, visible


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
    results = {
        "score": round(grade.points, 5),
        "output": "\n".join(lines),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "tests": [_test(item) for item in said["items"].values()],
    }
    return json.dumps(results, ensure_ascii=False, allow_nan=False, indent=1).encode("utf-8", "backslashreplace")


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
