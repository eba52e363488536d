"""Nothing that a student handed in is lost without a word: what an instructor is told after a run, and by what name."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from autograder import cli, course, gradebook
from autograder.course import Course, Item, Section
from autograder.grading.deliver import absent, gather
from autograder.records.record import DecisionRecord, ItemRecord, Record, TimeRecord
from autograder.report import attention, table
from autograder.report.attention import Entry, Kind
from autograder.report.feedback import feedback_object, page
from autograder.report.technical import Technical, technical_zero
from autograder.submissions.attempts import Attempt, Problem
from autograder.submissions.collect import collect
from tests import mini_course
from tests.records import check, explanation, item, record
from tests.test_report import NAMES

ROOT = Path(__file__).resolve().parents[1]
ENTROPY = "1_entropy"
EVIL = "\x1b[2J\u202e=1+1"
ABSENT = "The file `entropy.py` is not in the submission."
SYNTAX = "Importing `entropy.py` raised SyntaxError: expected ':' (entropy.py, line 6)."


@pytest.fixture(scope="module")
def whole() -> Course:
    return course.load(ROOT)


def all_of(verdict: str, message: str, full: float = 10) -> ItemRecord:
    """Return an item all of whose checks end in the same way."""
    return item(*(check(f"c{n}", verdict, message=message) for n in range(int(full))), full=full)


def kinds(entries: list[Entry]) -> list[tuple[str, str | None, str | None]]:
    return [(entry.kind.value, entry.student, entry.section) for entry in entries]


class TestTechnicalZeros:
    @pytest.mark.parametrize(
        ("verdict", "message", "reason"),
        [
            ("missing", ABSENT, Technical.NOTHING),
            ("missing", "Not written yet: `InformationMeasures.entropy` (line 66).", Technical.NOTHING),
            ("missing", "There is no `entropy` in `entropy.py`.", Technical.NOTHING),
            ("error", SYNTAX, Technical.NOT_IMPORTED),
            ("error", "Importing `entropy.py` raised ZeroDivisionError (line 3).", Technical.NOT_IMPORTED),
            ("time limit", "Importing `entropy.py` was stopped after 10 seconds.", Technical.LIMIT),
            ("memory limit", "`entropy` ran out of memory.", Technical.LIMIT),
            ("crashed", "`entropy` ended the Python process.", Technical.LIMIT),
            ("refused", "`entropy` uses a file outside of its own folder.", Technical.REFUSED),
            ("error", "`entropy` raised ValueError: x (entropy.py, line 3).", None),
            ("error", "`entropy` raised SyntaxError: x (line 3).", None),
            ("wrong", "The answer was 3.", None),
        ],
    )
    def test_a_zero_is_technical_where_no_answer_could_be_compared(
        self, whole: Course, verdict: str, message: str, reason: Technical | None
    ) -> None:
        judged = record(all_of(verdict, message))

        assert technical_zero(whole.section(ENTROPY), judged, "example-1") is reason
        assert technical_zero(whole.section(ENTROPY), judged, "exercise-1") is None

    @pytest.mark.parametrize(
        ("message", "reason"),
        [
            ("The notebook `1_entropy.ipynb` cannot be read: The notebook is empty.", Technical.UNREADABLE),
            (
                "`x` is not defined, because the cell `module` stopped. The cell raised NameError: y.",
                Technical.NOT_IMPORTED,
            ),
            (
                "`x` is not defined, because the cell `exercise-1` stopped. The cell raised IndentationError: y.",
                Technical.NOT_IMPORTED,
            ),
            ("`x` is not defined, because the cell `exercise-1` stopped. The cell raised NameError: y.", None),
        ],
    )
    def test_of_a_notebook_a_mistake_in_the_own_cell_is_none(
        self, whole: Course, message: str, reason: Technical | None
    ) -> None:
        judged = record(item(full=10), all_of("error", message, 6))

        assert technical_zero(whole.section(ENTROPY), judged, "exercise-1") is reason

    def test_a_wrong_answer_among_the_checks_makes_it_an_ordinary_zero(self, whole: Course) -> None:
        mixed = [check("a", "wrong"), *(check(f"c{n}", "time limit") for n in range(9))]

        assert technical_zero(whole.section(ENTROPY), record(item(*mixed, full=10)), "example-1") is None

    def test_what_says_more_is_the_reason(self, whole: Course) -> None:
        mixed = [check("a", "missing"), *(check(f"c{n}", "time limit") for n in range(9))]

        assert technical_zero(whole.section(ENTROPY), record(item(*mixed, full=10)), "example-1") is Technical.LIMIT

    def test_points_of_a_person_and_faults_of_the_grader_are_none(self, whole: Course) -> None:
        by_person = replace(all_of("missing", ABSENT), decision=DecisionRecord(0.0, "", current=True, judge=0.0))
        lost = item(full=10, status="not judged")

        for example in (by_person, lost):
            assert technical_zero(whole.section(ENTROPY), record(example), "example-1") is None

    def test_a_file_as_it_was_released_is_one_whatever_the_checks_say(self, whole: Course) -> None:
        notes = ("`entropy.py` is as it was released; hand in the one with your work.",)

        judged = record(all_of("wrong", "Nothing is claimed."), notes=notes)

        assert technical_zero(whole.section(ENTROPY), judged, "example-1") is Technical.NOTHING

    @pytest.mark.parametrize(("verdict", "message", "told"), [("missing", ABSENT, True), ("wrong", "It was 3.", False)])
    def test_they_are_told_apart_everywhere(self, whole: Course, verdict: str, message: str, told: bool) -> None:
        judged = record(all_of(verdict, message))
        results = [("ada", judged)]
        entries = attention.of_results(whole, results)

        text = table.table_text(whole, results)
        cells = text.splitlines()[2].split()
        assert cells[1] == ("0*" if told else "0")
        assert ("0 points for a technical reason" in text) is told
        (row,) = csv.DictReader(io.StringIO(table.render(whole, results, "csv", entries=entries)))
        assert row["notes"] == ("`entropy.py` is missing." if told else "")
        data = json.loads(table.render(whole, results, "json", entries=entries))
        assert data["attempts"][0]["items"]["example-1"].get("technical") == ("nothing to judge" if told else None)
        assert [entry["kind"] for entry in data["attention"]] == ["incomplete"] * told
        assert ("No answer of yours was wrong here" in page(whole, "ada", judged)) is told
        feedback = feedback_object(whole, "ada", judged)["items"]["example-1"]
        assert feedback["technical"] == ("nothing to judge" if told else None)


class TestEntries:
    def test_a_class_where_all_is_well_gets_no_line(self, whole: Course) -> None:
        entries = attention.of_results(whole, [("ada", record(item(full=10))), ("bob", record(item(full=10)))])

        assert (entries, attention.lines(entries)) == ([], [])

    def test_each_names_the_student_the_section_and_the_next_step(self, whole: Course) -> None:
        lost = record(item(full=10, status="not judged"), status="not judged", reason="worker lost\x1b[2J")
        broken = record(all_of("error", SYNTAX))
        slow = record(item(check("a", "time limit"), full=10))

        entries = attention.of_results(whole, [("ada", lost), ("bob", broken), ("cem", slow)])

        assert kinds(entries) == [
            ("not judged", "ada", ENTROPY), ("can't be imported", "bob", ENTROPY), ("limit met", "cem", ENTROPY),
        ]  # fmt: skip
        assert [entry.what for entry in entries] == [
            "worker lost␛[2J.", SYNTAX, "Time limit in `InformationMeasures.entropy`.",
        ]  # fmt: skip
        assert all(entry.next for entry in entries)

    def test_json_has_the_same_keys_always(self, whole: Course) -> None:
        problem = Problem(None, None, "`x` is not a folder.", "Move it.")

        (data,) = attention.objects(attention.of_problems([problem]))

        assert data == {
            "kind": "no submission", "student": None, "section": None, "what": "`x` is not a folder.", "next": "Move it.",
        }  # fmt: skip

    def test_the_most_urgent_come_first(self, whole: Course) -> None:
        items = {"example-3": item(full=10), "exercise-3": item(full=6), "exercise-3-explanation": explanation()}
        waits = record(item(full=10), section="3_mutual_information", items=items)
        entries = attention.of_results(whole, [("ada", record(all_of("missing", ABSENT))), ("bob", waits)])
        entries += attention.of_problems([Problem("x", None, "What.", "Next.")])
        found = [entry.kind for entry in attention.in_urgency(entries)]

        assert found == [Kind.NO_SUBMISSION, Kind.INCOMPLETE, Kind.WAITS]
        assert "1 explanation to read. To decide: `autograder review --section" in " ".join(attention.lines(entries))

    def test_what_follows_from_another_fault_is_not_said_again(self, whole: Course) -> None:
        judged = record(item(check("a", "time limit", follows_from=("InformationMeasures.entropy",)), full=10))

        assert attention.of_results(whole, [("ada", judged)]) == []

    def test_nothing_in_it_acts(self, whole: Course) -> None:
        for name in NAMES:
            judged = record(all_of("error", f"Importing `entropy.py` raised {EVIL} (line 1)."), reason=EVIL)
            entries = attention.of_results(whole, [(name, judged)])
            absent = attention.of_absent((), {name: [ENTROPY]}, [f"{name}x"])
            lines = attention.lines([*entries, *absent])

            assert len(lines) > 2
            assert all(line.isprintable() for line in lines)
            (row,) = csv.DictReader(io.StringIO(table.render(whole, [(name, judged)], "csv", entries=entries)))
            assert row["notes"].isprintable()
            assert row["notes"][:1] not in "=+-@"


def attempt(whole: Course, student: str, files: Mapping[str, bytes], section: str = ENTROPY) -> Attempt:
    return Attempt(student, section, files, (), student, Path(student))


class TestIdenticalWork:
    def entries(self, whole: Course, *attempts: Attempt, asked: tuple[str, ...] | None = None) -> list[Entry]:
        students = asked or tuple(one.student for one in attempts)
        results = [(student, record(item(full=10))) for student in students]
        return [e for e in attention.of_results(whole, results, attempts) if e.kind is Kind.IDENTICAL]

    def test_two_students_with_the_same_module_are_named(self, whole: Course) -> None:
        same = {"entropy.py": b"import numpy\nx = 1\n"}
        blanks = {"entropy.py": b"import numpy  \r\n\r\nx = 1", "1_entropy.ipynb": b"other"}
        other = {"entropy.py": b"import numpy\nx = 2\n"}

        entries = self.entries(
            whole, attempt(whole, "ada", same), attempt(whole, "bob", blanks), attempt(whole, "cem", other)
        )

        assert [(entry.student, entry.what) for entry in entries] == [
            ("ada", "`entropy.py` is the same as bob handed in."),
            ("bob", "`entropy.py` is the same as ada handed in."),
        ]
        told = "ada and bob 1_entropy: `entropy.py` is the same. Look at them before you conclude anything:"
        assert f"{told} `autograder similar` shows them side by side." in " ".join(
            " ".join(attention.lines(entries)).split()
        )
        assert "copied" not in " ".join(attention.lines(entries))

    def test_stubs_and_empty_files_are_nobodys_work(self, whole: Course) -> None:
        released = ROOT / "assignments" / ENTROPY
        stub = {name: (released / name).read_bytes() for name in ("entropy.py", "1_entropy.ipynb")}

        for files in (stub, {"entropy.py": b" \n"}, {}, stub | {"entropy.py": stub["entropy.py"] + b"\n\n"}):
            assert self.entries(whole, attempt(whole, "ada", files), attempt(whole, "bob", files)) == []

    def test_notebooks_count_where_there_is_no_work_in_modules(self, whole: Course) -> None:
        files = {"1_entropy.ipynb": b'{"cells": [{"cell_type": "code", "source": "x = 1", "outputs": []}]}'}
        ran = {"1_entropy.ipynb": b'{"cells": [{"cell_type": "code", "source": ["x = 1"], "outputs": [1]}]}'}

        entries = self.entries(whole, attempt(whole, "ada", files), attempt(whole, "bob", ran))

        assert [entry.what for entry in entries][:1] == ["`1_entropy.ipynb` is the same as bob handed in."]

    def test_two_groups_stay_apart_and_a_large_one_is_bounded(self, whole: Course) -> None:
        attempts = [attempt(whole, f"a{n:03}", {"entropy.py": b"x = 1"}) for n in range(200)]
        attempts += [attempt(whole, f"b{n}", {"entropy.py": b"x = 2"}) for n in range(2)]

        entries = self.entries(whole, *attempts)
        lines = attention.lines(entries)

        assert len(entries) == 202
        assert [line.split(" 1_entropy")[0] for line in lines if line.startswith(("  a", "  b"))] == [
            "  a000, a001, a002, a003, a004 and 195 more", "  b0 and b1",
        ]  # fmt: skip
        assert max(len(entry.what) for entry in entries) < 100

    def test_who_was_not_asked_for_is_only_compared_with(self, whole: Course) -> None:
        same = {"entropy.py": b"x = 1"}

        (entry,) = self.entries(whole, attempt(whole, "ada", same), attempt(whole, "bob", same), asked=("ada",))

        assert entry.student == "ada"


class TestAbsent:
    def test_who_is_known_and_not_there_is_named(self) -> None:
        graded = {"ada": [ENTROPY], "bob": [ENTROPY, "4_vae"], "cem": []}

        entries = attention.of_absent({"ada"}, graded, ["ada", "bob", "cem", "dan"])

        assert kinds(entries) == [
            ("no longer submitted", "bob", None), ("nothing submitted", "cem", None), ("nothing submitted", "dan", None),
        ]  # fmt: skip
        assert "`1_entropy` and `4_vae`" in entries[0].what
        assert "autograder roster rename" in entries[0].next

    def test_without_roster_and_gradebook_there_is_nothing_to_say(self) -> None:
        assert attention.of_absent({"ada"}, {}) == []

    def test_gradebook_roster_and_folder_are_held_against_each_other(self, tmp_path: Path) -> None:
        mini = mini_course.write(tmp_path)
        (tmp_path / "roster.csv").write_text("student\nada\ncem\ndan\n", encoding="utf-8")
        (tmp_path / "aliases.csv").write_text("alias,student\nold,ada\n", encoding="utf-8")
        (tmp_path / "submitted" / "ada" / "1_mini").mkdir(parents=True)
        (tmp_path / "submitted" / "dan").mkdir()
        with gradebook.opened(mini, tmp_path) as book:
            for student in ("old", "bob"):
                book.add_student(student)

        gathered = gather(mini, tmp_path / "submitted", tmp_path)

        assert kinds(absent(mini, gathered, tmp_path)) == [
            ("nothing submitted", "cem", None), ("nothing submitted", "bob", None),
        ]  # fmt: skip


class TestTheBlock:
    def test_a_long_class_is_grouped_counted_and_bounded(self, whole: Course) -> None:
        results = []
        problems = [Problem(f"x{n}", None, f"The folder of `x{n}` is empty.", "Ask.") for n in range(50)]
        for number in range(300):
            name = f"student{number:03}"
            broken = all_of("error", f"Importing `divergence.py` raised E: {number}.")
            items = {"example-2": broken, "exercise-2": item(full=8)}
            results.append((name, record(all_of("missing", ABSENT))))
            results.append((name, record(broken, section="2_divergence", items=items)))

        entries = [*attention.of_problems(problems), *attention.of_results(whole, results)]
        lines = attention.lines(entries)

        assert len(lines) <= attention.MAX_LINES
        assert max(map(cell_len, lines)) <= attention.WIDTH
        assert lines[0] == "Needs your attention:"
        assert "Not a submission, or not a clear one (50)" in lines
        everybody = "  student000, student001, student002, student003, student004 and 295 more 1_entropy: `entropy.py`"
        assert any(line.startswith(everybody) for line in lines)
        assert sum(line.startswith("  and ") for line in lines) == 2
        assert "--format json" in lines[-1]
        assert "column `notes`" in lines[-1]

    @pytest.mark.parametrize("sizes", [(1,) * 13, (300,) * 13, (300, 1, 1), (1, 1, 300), (7,)])
    def test_each_kind_has_its_share(self, sizes: tuple[int, ...]) -> None:
        entries = [
            Entry(kind, f"student{n}", ENTROPY, f"What {n}, which is a rather long sentence about {'x' * 40}.", "Next.")
            for kind, size in zip(Kind, sizes, strict=False)
            for n in range(size)
        ]
        lines = attention.lines(entries)

        assert len(lines) <= attention.MAX_LINES + 2 * len(sizes) * (len(sizes) > 10)
        assert all(any(kind.heading in line for line in lines) for kind, _ in zip(Kind, sizes, strict=False))
        shown = sum("What" in line for line in lines)
        hidden = sum(int(line.split()[1]) for line in lines if line.startswith("  and "))
        assert shown + hidden == len(entries)

    def test_nothing_is_said_twice(self, whole: Course) -> None:
        results = [(f"student{n}", record(all_of("missing", ABSENT))) for n in range(3)]

        lines = attention.lines(attention.of_results(whole, results))

        assert " ".join(lines).count("is missing") == 1


def test_the_page_lists_every_kind_the_most_urgent_first() -> None:
    rows = (ROOT / "docs" / "attention.md").read_text(encoding="utf-8").splitlines()

    assert [row.split("`")[1] for row in rows if row.startswith("| `")][1:] == [kind.value for kind in Kind]


def fake(section: Section, found: Attempt) -> Record:
    """Return what the judge would say of an attempt, as far as files decide it."""
    absent = [name for name in section.expected_files if name not in found.files]
    items = {}
    for one in section.items:
        name = one.module or section.notebook
        kind = "file" if one.module else "notebook"
        message = f"The {kind} `{name}` is not in the submission."
        items[one.id] = all_of("missing", message, one.points) if name in absent else item(full=one.points)
    return record(item(full=10), section=section.id, items=items, notes=found.notes)


def zip_of(files: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def tar_of(files: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


STUB = (ROOT / "assignments" / ENTROPY / "entropy.py").read_bytes()
STUB_NOTEBOOK = (ROOT / "assignments" / ENTROPY / "1_entropy.ipynb").read_bytes()
WORK, OTHER = STUB + b"# my work\n", STUB + b"# other work\n"
NOTEBOOK = b'{"cells": [{"cell_type": "code", "source": "x = 1"}], "nbformat": 4}'
JUNK = {f".venv/lib/{n}.py": b"" for n in range(6000)}
HERE = f"{ENTROPY}/"
CLASSES: dict[str, tuple[dict[str, bytes], list[str], list[str]]] = {
    # What was handed in below the student's folder; the kinds of entries; what they say.
    "whole": ({f"{HERE}entropy.py": WORK, f"{HERE}1_entropy.ipynb": NOTEBOOK}, [], []),
    "a folder of junk beside": (
        {f"{HERE}entropy.py": WORK, f"{HERE}1_entropy.ipynb": NOTEBOOK, f"{HERE}.git/config": b""}, [], [],
    ),
    "zip with .venv": ({"1_entropy.zip": zip_of({"entropy.py": WORK, "1_entropy.ipynb": NOTEBOOK} | JUNK)}, [], []),
    "browser's copy": (
        {f"{HERE}entropy (1).py": WORK, f"{HERE}1_entropy.ipynb": NOTEBOOK},
        ["taken under another name"], ["`entropy (1).py` was taken for `entropy.py`."],
    ),
    "second extension": (
        {f"{HERE}entropy.py.txt": WORK, f"{HERE}1_entropy.ipynb.json": NOTEBOOK},
        ["taken under another name"], ["`entropy.py.txt` was taken", "`1_entropy.ipynb.json` was taken"],
    ),
    "stub beside the work": (
        {f"{HERE}entropy.py": STUB, f"{HERE}entropy (1).py": WORK, f"{HERE}1_entropy.ipynb": NOTEBOOK},
        ["taken under another name"], ["`entropy (1).py` was taken", "as it was released"],
    ),
    "two that differ": (
        {f"{HERE}entropy (1).py": WORK, f"{HERE}entropy (2).py": OTHER, f"{HERE}1_entropy.ipynb": NOTEBOOK},
        ["incomplete"], ["`entropy.py` is missing.", "`entropy (1).py` and `entropy (2).py` differ"],
    ),
    "only released": (
        {f"{HERE}entropy.py": STUB, f"{HERE}1_entropy.ipynb": STUB_NOTEBOOK},
        ["nothing to judge"], ["`entropy.py` and `1_entropy.ipynb` are as they were released."],
    ),
    "nothing in the folder": ({HERE: b""}, ["nothing to judge"], ["no files"]),
    "nothing at all": ({"": b""}, ["no submission"], ["is empty"]),
    "only a document": (
        {f"{HERE}essay.docx": b"PK"}, ["nothing to judge"],
        ["`entropy.py` and `1_entropy.ipynb` are missing.", "Instead there is `essay.docx`."],
    ),
    "module only": (
        {f"{HERE}entropy.py": WORK}, ["incomplete"], ["`1_entropy.ipynb` is missing."],
    ),
    "misspelt module": (
        {f"{HERE}entropie.py": WORK, f"{HERE}1_entropy.ipynb": NOTEBOOK}, ["incomplete"],
        ["`entropy.py` is missing.", "Found `entropie.py`"],
    ),
    "damaged zip": ({"1_entropy.zip": b"PK\x03\x04broken"}, ["nothing to judge"], ["`1_entropy.zip`"]),
    "closed archive": ({f"{HERE}work.rar": b"Rar!"}, ["nothing to judge"], ["`work.rar` can't be opened here"]),
    "tar in a zip": (
        {"1_entropy.zip": zip_of({"work.tar.gz": tar_of({"entropy.py": WORK, "1_entropy.ipynb": NOTEBOOK})})},
        ["taken under another name"], ["work.tar.gz"],
    ),
    "other section's name": ({"1_entropi/entropy.py": WORK}, ["no submission"], ["not a section of the course"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CLASSES)
def test_nothing_is_lost_without_a_word(whole: Course, tmp_path: Path, name: str) -> None:
    files, expected, says = CLASSES[name]
    home = tmp_path / "ada"
    home.mkdir()
    for path, content in files.items():
        if path.endswith("/"):
            (home / path).mkdir()
        elif path:
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_bytes(content)
    collection = collect(whole, tmp_path)
    section = whole.section(ENTROPY)
    results = [(one.student, fake(section, one)) for one in collection.attempts]

    entries = attention.of_problems(collection.problems) + attention.of_results(whole, results, collection.attempts)

    assert [entry.kind.value for entry in entries] == expected
    assert all(entry.student == "ada" and entry.next for entry in entries)
    told = " ".join(entry.what for entry in entries)
    assert all(words in told for words in says), told
    assert "hand in" not in told, "that is for the student"


class TestTheTable:
    @pytest.fixture
    def results(self, whole: Course) -> list[tuple[str, Any]]:
        """Return a class of 40 with five sections, everything that a cell can hold, and names of every kind."""
        names = [*NAMES, "名" * 40, "Zoë-Maximiliane von und zu Hohenstein-Wolfenbüttel", *(f"s{n}" for n in range(20))]
        found = []
        for number, name in enumerate(names):
            for place, section in enumerate(whole.sections):
                shape = (number + place) % 5
                items = {one.id: item(full=one.points) for one in section.items}
                for one in section.items:
                    if one.kind == "prose":
                        items[one.id] = explanation(one.points)
                    elif shape == 1:
                        items[one.id] = all_of("missing", ABSENT, one.points)
                    elif shape == 2:
                        items[one.id] = item(full=one.points, status="not judged")
                    elif shape == 3:
                        items[one.id] = replace(items[one.id], points=one.points - 0.25)
                status = "not judged" if shape == 2 else "judged"
                late = TimeRecord(None, None, None, late=False, penalty=1.15, policy="nbgrader") if shape == 3 else None
                if shape != 4:
                    judged = record(item(full=10), section=section.id, items=items, status=status, time=late)
                    found.append((name, judged))
        return found

    @pytest.mark.parametrize("late", [True, False])
    @pytest.mark.parametrize("width", [80, 90, 100, 120, 250])
    def test_five_sections_fit_the_terminal_and_only_names_are_cut(
        self, whole: Course, results: list[tuple[str, Any]], width: int, late: bool
    ) -> None:
        if not late:
            results = [(name, replace(found, time=None)) for name, found in results]
        text = table.table_text(whole, results, width)
        lines = text.splitlines()
        rows = lines[2 : lines.index("")]

        assert max(map(cell_len, lines)) <= width
        assert len(rows) == len({name for name, _ in results})
        assert len({cell_len(line) for line in lines[: len(rows) + 2]}) == 1
        assert {line.count("…") for line in rows} <= {0, 1}
        if "1_entropy" not in lines[0]:
            assert lines[0].split() == ["student", "1", "2", "3", "4", "5", *["late"] * late, "total", "of"]
            assert "1 is 1_entropy, 2 is 2_divergence" in text
        for words in ("technical reason", "waits for a person", "not judged", "nothing handed in"):
            assert words in text[text.index("\n\n") :]

    @pytest.mark.parametrize("section", [section.id for section in course.load(ROOT).sections])
    def test_a_section_alone_shows_its_items(self, whole: Course, results: list[tuple[str, Any]], section: str) -> None:
        own = [(name, replace(found, time=None)) for name, found in results if found.section == section]

        lines = table.table_text(whole, own).splitlines()
        narrow = table.table_text(whole, own, 80).splitlines()

        items = [one.id for one in whole.section(section).items]
        assert lines[0].split()[1:-2] == items
        assert max(map(cell_len, lines)) <= 100
        assert max(map(cell_len, narrow)) <= 80
        assert narrow[0].split()[1:-2] in (items, [str(number + 1) for number in range(len(items))])

    def test_wide_shows_all_items_and_cuts_nothing_but_names(
        self, whole: Course, results: list[tuple[str, Any]]
    ) -> None:
        lines = table.table_text(whole, results, 80, wide=True).splitlines()

        assert lines[0].split()[1:-3] == [one.id for section in whole.sections for one in section.items]

    def test_more_columns_than_fit_come_in_blocks(self, whole: Course, results: list[tuple[str, Any]]) -> None:
        section = replace(
            whole.sections[0],
            items=tuple(Item(f"exercise-with-a-long-name-{n}", "…", "notebook", 1.0, None, ()) for n in range(9)),
        )
        many = replace(whole, sections=(section,))
        items = {one.id: item(full=1) for one in section.items}

        text = table.table_text(many, [("ada", record(item(full=10), items=items))], 40)

        assert max(map(cell_len, text.splitlines())) <= 60  # the key names one long item on a line
        assert text.count("student") == text.count("\nada") > 1
        assert text.count("total") == 1

    def test_names_that_begin_alike_are_cut_in_the_middle(self, whole: Course) -> None:
        names = [f"participant-of-the-course-in-the-year-2026-{n}" for n in (1, 2)]

        text = table.table_text(whole, [(name, record(item(full=10))) for name in names], 80)

        assert {line.split()[0][-2:] for line in text.splitlines()[2:4]} == {"-1", "-2"}


class TestTheCommand:
    @pytest.fixture
    def grade(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
        """Return what runs `autograder grade` on `tmp_path`/submitted with a judge that looks at files only."""
        whole = course.load(ROOT)

        def run(_: Any, attempts: Any, *__: Any) -> list[Any]:
            from autograder.grading.batch import Outcome

            return [Outcome(one, fake(whole.section(one.section), one)) for one in attempts]

        monkeypatch.setattr("autograder.grading.batch.Batch.run", run)
        monkeypatch.setattr("autograder.grading.batch.Batch.stored", run)
        monkeypatch.chdir(ROOT)

        def graded(*arguments: str) -> int:
            return cli.main([
                "grade", "--submitted", str(tmp_path / "submitted"), "--output", str(tmp_path / "out"),
                "--no-gradebook", *arguments,
            ])  # fmt: skip

        return graded

    def hand_in(self, tmp_path: Path, student: str, files: Mapping[str, bytes]) -> None:
        folder = tmp_path / "submitted" / student / ENTROPY
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)

    def test_all_is_well(self, grade: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.hand_in(tmp_path, "ada", {"entropy.py": WORK, "1_entropy.ipynb": NOTEBOOK})

        assert grade() == cli.DONE
        assert "attention" not in capsys.readouterr().err

    @pytest.mark.parametrize(
        "files",
        [
            {},
            {"entropy.py": STUB},
            {"entropy.py": WORK},
            {"entropy (1).py": WORK, "1_entropy.ipynb": NOTEBOOK},
        ],
    )
    def test_stderr_json_and_csv_say_the_same(
        self,
        grade: Callable[..., int],
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        files: dict[str, bytes],
    ) -> None:
        self.hand_in(tmp_path, "ada", files)
        self.hand_in(tmp_path, "bob", {"entropy.py": OTHER, "1_entropy.ipynb": NOTEBOOK})

        assert grade("--format", "json") == cli.DONE

        shown = capsys.readouterr()
        (entry,) = json.loads(shown.out)["attention"]
        assert entry["student"] == "ada"
        assert "Needs your attention:" in shown.err
        told = " ".join(shown.err.split())
        assert f"ada 1_entropy: {entry['what']} {entry['next']}" in told
        rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "grades.csv").read_text(encoding="utf-8"))))
        assert [row["notes"] for row in rows] == [entry["what"], ""]

    def test_identical_work_and_absent_students_are_no_fault(
        self, grade: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for student in ("ada", "bob"):
            self.hand_in(tmp_path, student, {"entropy.py": WORK, "1_entropy.ipynb": NOTEBOOK})
        whole = course.load(ROOT)
        (tmp_path / "out").mkdir()
        with gradebook.opened(whole, tmp_path / "out") as book:
            book.add_student("zoe")

        assert grade() == cli.DONE
        shown = capsys.readouterr().err
        assert "ada and bob 1_entropy: `entropy.py` is the same." in shown
        assert "zoe: The name is in the gradebook, but there is no work." in shown

        assert grade("--student", "ada") == cli.DONE
        shown = capsys.readouterr().err
        assert "ada and bob 1_entropy: `entropy.py` is the same." in shown
        assert "zoe" not in shown

    def test_a_filtered_run_keeps_the_notes_of_the_others(self, grade: Callable[..., int], tmp_path: Path) -> None:
        self.hand_in(tmp_path, "ada", {"entropy.py": WORK, "1_entropy.ipynb": NOTEBOOK})
        self.hand_in(tmp_path, "bob", {"entropy (1).py": OTHER, "1_entropy.ipynb": NOTEBOOK})
        (tmp_path / "submitted" / "bob" / "1_entropi").mkdir()
        assert grade() == cli.FOUND
        whole = (tmp_path / "out" / "grades.csv").read_bytes()
        assert b"1_entropi" in whole

        assert grade("--student", "ada") == cli.DONE
        assert (tmp_path / "out" / "grades.csv").read_bytes() == whole

    def test_wide_is_an_option(
        self, grade: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        files = {"entropy.py": WORK, "1_entropy.ipynb": NOTEBOOK}
        self.hand_in(tmp_path, "ada", files)
        shutil.copytree(ROOT / "solutions" / "4_vae", tmp_path / "submitted" / "ada" / "4_vae")

        grade()
        assert capsys.readouterr().out.split()[:4] == ["student", "1_entropy", "4_vae", "total"]
        grade("--wide")
        assert "exercise-4" in capsys.readouterr().out.splitlines()[0]
