"""Feedback pages in one zip, under the names that tell a learning platform whose each page is.

Names come from downloads and worksheets, so students can influence them: here each is made one component of a path.

Moodle (``mod/assign/feedback/file/importziplib.php``) takes a folder ``<name>_<number>_assignsubmission_file_``, of
which the number alone counts: the second of the parts between underscores. Canvas (in ``abstract_assignment.rb``,
``infer_comment_context_from_filename``) takes the name of a file that was downloaded, with the user's number and the
attachment's; what follows them is free.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from autograder.course import Course
from autograder.exports.grades import Grade
from autograder.intake.collected import HandedIn
from autograder.report.feedback import page
from autograder.text import visible

_MOODLE = re.compile(r"([^_/]*)_(\d+)_assign(?:submission|feedback)_file(_?)")


def moodle_name(course: Course, grade: Grade, number: str, name: str, handed_in: HandedIn | None) -> str:
    """Return the page's path for the participant `number`, in the folder that their work came in, if it is known."""
    came = (handed_in.file if handed_in else "").split("/")
    folder = next((match for part in came if (match := _MOODLE.match(part)) and match[2] == number), None)
    name, end = (folder[1], folder[3]) if folder else (name, "_")
    of_person = f"{_component(name, 150).replace('_', ' ')}_{number}_assignsubmission_file{end}"
    return f"{of_person}/{Path(course.section(grade.section.id).notebook).stem}.html"


def canvas_name(handed_in: HandedIn | None) -> str | None:
    """Return the page's name: that of a file which came from Canvas, and an ending of its own. None without a file."""
    name = (handed_in.file if handed_in else "").rpartition("/")[2]
    parts = [part for part in name.split("_")[:-1] if part != "LATE"]
    numbers = [at for at, part in enumerate(parts) if re.fullmatch(r"[0-9]+", part)]
    if handed_in is None or len(parts) < 2:
        return None
    if parts[0] == "anon" and parts[1] == handed_in.number:
        return f"{_component(name, 240)}.html" if len(parts) > 2 else None
    at = next((at for at in numbers if parts[at] == handed_in.number and at + 1 in numbers), None)
    if at is None:
        return None
    if at != numbers[0]:  # Canvas would take a number in the person's name for theirs
        name = "_".join(["-".join(["student", *parts[:at]]), *parts[at:], name.rpartition("_")[2]])
    return f"{_component(name, 240)}.html"


def zipped(course: Course, grades: Mapping[str, Grade]) -> bytes:
    """Return a zip of the pages of `grades`, each under its name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pages:
        for name, grade in sorted(grades.items(), key=lambda entry: entry[0]):
            entry = zipfile.ZipInfo(name)  # of 1980, so that the same pages are the same bytes
            entry.external_attr = 0o644 << 16
            text = page(course, grade.student, grade.record)
            pages.writestr(entry, text.encode("utf-8", "backslashreplace"), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _component(name: str, size: int) -> str:
    """Return `name` as one component of a path, on every disk: at most `size` bytes of it."""
    shown = re.sub(r'[/\\:*?"<>|]', " ", visible(name, limit=1000)).lstrip(" .~")
    return shown.encode()[:size].decode(errors="ignore")
