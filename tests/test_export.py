"""`autograder export`: what the command writes where, what it says, and the formats that nobody but it makes."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from autograder import cli
from autograder.cli import DONE, FOUND, USAGE
from autograder.exports import tables
from autograder.exports.gradescope import results_json
from autograder.intake import collected
from autograder.intake.collected import HandedIn
from autograder.people.roster import Entry, Roster
from autograder.records.record import Record
from autograder.text import path_component

from . import nbgrader_harness as harness
from .export_harness import (
    ENGLISH,
    canvas_import,
    canvas_page,
    entropy,
    explained,
    given,
    late,
    moodle_import,
    moodle_page,
    stopped,
    unzipped,
)
from .records import COURSE, check, explanation, item, record
from .test_report import NAMES, NASTY

CANVAS = (
    "Student,ID,SIS Login ID,Section,Entropy (11),Losses (12)\n    Points Possible,,,,16,28\n"
    '"Lovelace, Ada",101,ada,One,,\n"B, Bob",102,bob,One,,\n'
)
MOODLE = (
    "Identifier,Full name,Status,Grade,Maximum grade,Grade can be changed,Last modified (grade),Feedback comments\n"
    "Participant4711,Ada Lovelace,Submitted,,16.00,Yes,-,\nParticipant4712,Bob B,Submitted,,16.00,Yes,-,\n"
)


@pytest.fixture
def course_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course in which ada and bob have been graded, and ada's work came from both platforms."""
    root = harness.course_copy(tmp_path / "course")
    monkeypatch.chdir(root)
    results = [("ada", entropy(15.25)), ("bob", entropy(16)), ("bob", losses())]
    monkeypatch.setattr("autograder.grading.deliver.stored", lambda *_, **__: results)
    (root / "canvas.csv").write_text(CANVAS)
    (root / "worksheet.csv").write_text(MOODLE)
    return root


def losses() -> Record:
    """Return a record of the real section 5, whose explanation waits."""
    items = {name: item(full=full) for name, full in {"example-5": 10, "example-6": 10, "exercise-5": 6}.items()}
    items["exercise-5-explanation"] = explanation()
    return record(item(full=10), section="5_losses", status="needs review", items=items)


def came_from(root: Path, platform: str, **files: str) -> None:
    numbers = {"canvas": {"ada": "101", "bob": "102"}, "moodle": {"ada": "4711", "bob": "4712"}}[platform]
    found = {who: HandedIn(who, platform, numbers[who], who, file=file) for who, file in files.items()}
    collected.save(root, "1_entropy", found)


def test_canvas_is_written_to_a_new_file_each_time_something_changed(
    course_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["export", "canvas", "--gradebook-csv", "canvas.csv", "--section", "1_entropy"]

    assert [cli.main(command), cli.main(command)] == [DONE, DONE]
    (course_folder / "exports" / "canvas.csv").write_text("edited")
    assert cli.main(command) == DONE

    exports = course_folder / "exports"
    assert sorted(path.name for path in exports.iterdir()) == ["canvas-2.csv", "canvas.csv"]
    assert (exports / "canvas.csv").read_text() == "edited"
    assert canvas_import((exports / "canvas-2.csv").read_bytes())["101", "11"] == "15.25"
    assert (course_folder / "canvas.csv").read_text() == CANVAS
    assert "written to " in capsys.readouterr().err


def test_what_needs_a_look_is_said_with_exit_code_1(course_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["export", "canvas", "--gradebook-csv", "canvas.csv", "--assignment", "5_losses=12"]

    assert cli.main(command) == FOUND

    shown = capsys.readouterr()
    assert shown.out == ""
    assert "autograder: 5_losses: no grade here, so the cell stays as it is: `Lovelace, Ada` (line 3)" in shown.err
    assert "autograder: 5_losses: waits for a person, so no points: `B, Bob` (line 4)" in shown.err
    assert cli.main([*command, "--partial", "--output", "partial.csv"]) == FOUND
    assert canvas_import((course_folder / "partial.csv").read_bytes())["102", "12"] == "26"


def test_nothing_is_overwritten_unless_that_is_asked_for(
    course_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["export", "canvas", "--gradebook-csv", "canvas.csv", "--section", "1_entropy"]
    (course_folder / "mine.csv").write_text("edited")

    assert cli.main([*command, "--output", "mine.csv"]) == USAGE
    assert cli.main([*command, "--output", "canvas.csv", "--force"]) == USAGE
    assert cli.main([*command, "--output", "exports", "--force"]) == DONE  # a file of that name, as there is none
    assert cli.main([*command, "--output", "source"]) == USAGE

    assert (course_folder / "mine.csv").read_text() == "edited"
    assert (course_folder / "canvas.csv").read_text() == CANVAS
    assert cli.main([*command, "--output", "new.csv", "--feedback", "mine.csv"]) in (DONE, FOUND), "no page, no zip"
    came_from(course_folder, "canvas", ada="lovelaceada_101_555_entropy.py")
    assert cli.main([*command, "--output", "newer.csv", "--feedback", "mine.csv"]) == USAGE
    assert not (course_folder / "newer.csv").exists(), "both files or none"
    assert (course_folder / "mine.csv").read_text() == "edited"
    told = capsys.readouterr().err
    assert "mine.csv is there already; choose another name, or pass --force to replace it" in told
    assert "canvas.csv is the file that the platform wrote; choose another --output" in told
    assert cli.main([*command, "--output", "mine.csv", "--force"]) == DONE
    assert canvas_import((course_folder / "mine.csv").read_bytes())["102", "11"] == "16"


def test_pages_go_to_canvas_under_the_names_of_what_was_handed_in(
    course_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    came_from(course_folder, "canvas", ada="lovelaceada_101_555_entropy.py")
    command = ["export", "canvas", "--gradebook-csv", "canvas.csv", "--feedback", "pages.zip"]

    assert cli.main([*command, "--assignment", "5_losses=12"]) == USAGE
    assert "one assignment at a time; pass --section with one of 1_entropy, 5_losses" in capsys.readouterr().err
    assert cli.main([*command, "--section", "1_entropy"]) == FOUND

    assert [canvas_page(name) for name in unzipped((course_folder / "pages.zip").read_bytes())] == [("101", "555")]
    assert "1_entropy: no page in the zip" in (told := capsys.readouterr().err)
    assert "`bob`" in told


def test_pages_go_to_moodle_into_the_folders_that_work_came_in(course_folder: Path) -> None:
    came_from(course_folder, "moodle", ada="Ada Lovelace_4711_assignsubmission_file_", bob="")

    assert (
        cli.main(["export", "moodle", "1_entropy", "--worksheet", "worksheet.csv", "--feedback", "pages.zip"]) == DONE
    )

    pages = unzipped((course_folder / "pages.zip").read_bytes())
    assert list(pages) == [
        "Ada Lovelace_4711_assignsubmission_file_/1_entropy.html",
        "Bob B_4712_assignsubmission_file_/1_entropy.html",
    ]
    assert [moodle_page(path) for path in pages] == [(4711, "1_entropy.html"), (4712, "1_entropy.html")]
    assert b"ada" in pages[next(iter(pages))]


@pytest.mark.parametrize("platform", ["moodle", "canvas"])
def test_from_a_platforms_download_to_its_upload(
    course_folder: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    """Nobody is on a roster: what the download says of each person brings grade and page back to them."""
    names = {
        "moodle": ("Ada Lovelace_4711_assignsubmission_file", "Bob B_4712_assignsubmission_file_"),
        "canvas": ("lovelaceada_101_555_entropy.py", "bbob_LATE_102_556_entropy.py"),
    }[platform]
    with zipfile.ZipFile(course_folder / "download.zip", "w") as download:
        for name in names:
            download.writestr(name if platform == "canvas" else f"{name}/entropy.py", f"# {name}")
    assert cli.main(["collect", "1_entropy", "download.zip"]) == DONE
    students = sorted(path.name for path in (course_folder / "submitted").iterdir())
    ada, bob = sorted(students, key=lambda name: "lovelace" not in name)
    monkeypatch.setattr(
        "autograder.grading.deliver.stored", lambda *_, **__: [(ada, entropy(15.25)), (bob, entropy(16))]
    )
    how = ["--feedback", "pages.zip", "--output", "filled.csv"]
    what = {"moodle": ["1_entropy", "--worksheet", "worksheet.csv"], "canvas": ["--gradebook-csv", "canvas.csv"]}

    assert cli.main(["export", platform, *what[platform], *how]) == DONE

    filled, pages = (course_folder / "filled.csv").read_bytes(), unzipped((course_folder / "pages.zip").read_bytes())
    if platform == "moodle":
        read = moodle_import(filled, ENGLISH, most=16)
        assert {number: grade for number, (grade, *_) in read.items()} == {4711: 15.25, 4712: 16.0}
        assert sorted(path.rpartition("/")[0] for path in pages) == sorted(names)
    else:
        read_by_canvas = canvas_import(filled)
        assert (read_by_canvas["101", "11"], read_by_canvas["102", "11"]) == ("15.25", "16")
        assert sorted(canvas_page(name) or () for name in pages) == [("101", "555"), ("102", "556")]
        assert sorted(name.removesuffix(".html") for name in pages) == sorted(names)


def test_somebody_who_was_renamed_is_known_by_what_came_under_the_old_name(course_folder: Path) -> None:
    collected.save(
        course_folder, "1_entropy", {"al": HandedIn("al", "moodle", "4711", "Al", file="Al_4711_assignsubmission_file")}
    )
    (course_folder / "aliases.csv").write_text("alias,student\nal,ada\n")

    assert cli.main(["export", "moodle", "1_entropy", "--worksheet", "worksheet.csv", "--feedback", "p.zip"]) == FOUND

    assert list(unzipped((course_folder / "p.zip").read_bytes())) == ["Al_4711_assignsubmission_file/1_entropy.html"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["canvas", "--gradebook-csv", "canvas.csv", "--section", "9_chaos"], "no section `9_chaos`"),
        (["canvas", "--gradebook-csv", "canvas.csv", "--assignment", "9_chaos=1"], "no section `9_chaos`"),
        (["canvas", "--gradebook-csv", "canvas.csv", "--section", "2_divergence"], "nothing has been graded for 2_div"),
        (["canvas", "--gradebook-csv", "nowhere.csv"], "nowhere.csv can't be read"),
        (["canvas", "--gradebook-csv", "worksheet.csv"], "is not a gradebook that Canvas exported"),
        (["moodle", "1_entropy", "--worksheet", "canvas.csv"], "is not a grading worksheet"),
        (["gradescope", "1_entropy", "--student", "zoe"], "no grade of `zoe`"),
        (["gradescope", "1_entropy", "--student", "adaa"], "no grade of `adaa` for 1_entropy; did you mean `ada`?"),
        (["csv", "--course", "/nowhere"], "/nowhere has no file source/course.toml"),
    ],
)
def test_a_mistake_gets_one_line_and_exit_code_2(
    course_folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert cli.main(["export", *arguments]) == USAGE

    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1
    assert not (course_folder / "exports").exists()


@pytest.mark.parametrize("arguments", [["canvas"], ["moodle"], ["excel"], ["canvas", "--gradebook-csv", "x", "--assignment", "1_entropy"]])  # fmt: skip
def test_a_wrong_flag_is_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["export", *arguments])

    assert stop.value.code == USAGE
    assert "`autograder export" in capsys.readouterr().err


def test_gradescope_gets_a_file_for_each_student(course_folder: Path) -> None:
    assert cli.main(["export", "gradescope", "1_entropy"]) == DONE
    assert cli.main(["export", "gradescope", "1_entropy", "--student", "ada", "--output", "results.json"]) == DONE

    folder = course_folder / "exports" / "gradescope" / "1_entropy"
    assert sorted(path.parent.name for path in folder.rglob("results.json")) == ["ada", "bob"]
    assert (folder / "ada" / "results.json").read_bytes() == (course_folder / "results.json").read_bytes()
    assert cli.main(["export", "gradescope", "5_losses", "--partial"]) == DONE
    assert len(list((folder.parent / "5_losses").rglob("results.json"))) == 1
    assert cli.main(["export", "gradescope", "5_losses"]) == FOUND, "what is not final has no file, an old one neither"
    assert list((folder.parent / "5_losses").rglob("results.json")) == []


def check_results(content: bytes) -> dict[str, Any]:
    """Return a results.json, held against Gradescope's *Autograder Specifications*."""
    results: dict[str, Any] = json.loads(content)
    allowed = {
        "score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility",
        "stdout_visibility", "extra_data", "tests", "leaderboard",
    }  # fmt: skip
    assert results.keys() <= allowed
    assert isinstance(results["score"], int | float)
    visibilities, formats = {"hidden", "after_due_date", "after_published", "visible"}, {"text", "html", "md"}
    assert {results["visibility"], results["stdout_visibility"]} <= visibilities
    assert {results["output_format"], results["test_output_format"]} <= formats
    of_test = {
        "score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags",
        "visibility", "extra_data",
    }  # fmt: skip
    for test in results["tests"]:
        assert test.keys() <= of_test
        assert test.get("status", "passed") in ("passed", "failed")
        assert isinstance(test["output"], str)
        assert isinstance(test["max_score"], int | float)
    return results


def test_results_say_what_the_page_says() -> None:
    grade = given(("ada", late(entropy(15.5, notes=("`x` was left out.",)), 1.5)))["1_entropy"]["ada"]

    results = check_results(results_json(COURSE, grade, "after_published"))

    assert results["score"] == 14
    assert results["output"] == "15.5 points, less 1.5 because it came late.\n`x` was left out."
    example, exercise = results["tests"]
    assert (example["score"], example["max_score"], example["status"]) == (9.5, 10.0, "failed")
    assert "wrong. Required: A fair coin has 1 bit." in example["output"]
    assert "9 of 10 checks passed." in example["output"]
    assert (exercise["score"], exercise["status"]) == (6, "passed")


def test_an_explanation_that_waits_has_no_score() -> None:
    grade = given(("ada", explained()), partial=True)["3_explained"]["ada"]

    results = check_results(results_json(COURSE, grade))

    assert results["score"] == 6
    assert "score" not in results["tests"][1]
    assert "status" not in results["tests"][1]
    assert "A person reads this" in results["tests"][1]["output"]
    assert "SECRET" not in json.dumps(results)


def test_results_tell_a_technical_reason_from_wrong_answers() -> None:
    grades = given(("ada", stopped()), ("bob", entropy(15)))["1_entropy"]

    ada, bob = (check_results(results_json(COURSE, grades[student]))["tests"][0]["output"] for student in grades)

    assert "No answer was wrong: the code was stopped before it answered." in ada
    assert "No answer was wrong" not in bob


@pytest.mark.parametrize("nasty", NASTY)
def test_hostile_text_is_text_in_results(nasty: str) -> None:
    judged = record(item(check("c", "wrong", message=nasty, got=nasty), full=10), notes=(nasty,))

    results = check_results(results_json(COURSE, given(("ada", judged))["1_entropy"]["ada"]))

    output = results["tests"][0]["output"] + results["output"]
    assert all(line.isprintable() for line in output.split("\n"))
    assert len(output) < 10_000


def test_csv_has_a_row_for_each_student_of_class_and_roster(course_folder: Path) -> None:
    (course_folder / "roster.csv").write_text(
        "student,first_name,last_name,email\nada,Ada,Lovelace,ada@x\nzoe,Zoe,=1+1,z@x\n"
    )

    assert cli.main(["export", "csv"]) == FOUND

    rows = list(csv.DictReader(io.StringIO((course_folder / "exports" / "class.csv").read_text())))
    assert [row["student"] for row in rows] == ["ada", "bob", "zoe"]
    ada, bob, zoe = rows
    assert (ada["last name"], ada["1_entropy raw"], ada["1_entropy"], ada["5_losses"]) == (
        "Lovelace",
        "15.25",
        "15.25",
        "",
    )
    assert (ada["total"], ada["of"], ada["notes"]) == ("15.25", "16", "5_losses: no grade")
    assert (bob["1_entropy"], bob["5_losses"], bob["total"]) == ("16", "", "")
    assert bob["notes"] == "not on the roster; 5_losses: 1 explanation to be read"
    assert (zoe["last name"], zoe["total"], zoe["of"]) == ("'=1+1", "", "")


def test_points_before_and_after_the_penalty_stand_side_by_side() -> None:
    titles, rows = tables.class_table(COURSE, given(("ada", late(entropy(16), 1.6))), Roster())

    row = dict(zip(titles, rows[0], strict=True))
    assert (row["1_entropy raw"], row["1_entropy penalty"], row["1_entropy"], row["total"]) == (16, 1.6, 14.4, 14.4)


def sheets(content: bytes) -> dict[str, list[list[tuple[str, Any]]]]:
    """Return the cells of a workbook as (type, value), as ECMA-376 says, and that nothing in it is a formula."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    parts = {name: ElementTree.fromstring(text) for name, text in unzipped(content).items() if name.endswith(".xml")}
    shared = parts.get("xl/sharedStrings.xml")
    strings = ["".join(entry.itertext()) for entry in shared] if shared is not None else []
    names = [sheet.attrib["name"] for sheet in parts["xl/workbook.xml"].iter(f"{main}sheet")]
    found = {}
    for number, name in enumerate(names, 1):
        sheet = parts[f"xl/worksheets/sheet{number}.xml"]
        assert sheet.find(f".//{main}pane[@state='frozen'][@ySplit='1']") is not None
        assert list(sheet.iter(f"{main}f")) == []
        assert list(sheet.iter(f"{main}hyperlink")) == []
        found[name] = [
            [
                ("s", strings[int(cell.findtext(f"{main}v") or "")])
                if cell.get("t") == "s"
                else (cell.get("t", "n"), float(cell.findtext(f"{main}v") or "nan"))
                for cell in row.iter(f"{main}c")
            ]
            for row in sheet.iter(f"{main}row")
        ]
    return found


def test_workbook_has_class_and_items_with_numbers_as_numbers(course_folder: Path) -> None:
    assert cli.main(["export", "xlsx", "--section", "1_entropy"]) == DONE
    first = (course_folder / "exports" / "class.xlsx").read_bytes()
    assert cli.main(["export", "xlsx", "--section", "1_entropy"]) == DONE

    assert [path.name for path in (course_folder / "exports").iterdir()] == ["class.xlsx"], "the same bytes again"
    book = sheets(first)
    assert list(book) == ["class", "items"]
    ada = book["class"][1]
    assert ada[0] == ("s", "ada")
    assert ("n", 15.25) in ada
    assert len(book["items"]) == 1 + 4
    assert book["items"][1][-3:] == [("n", 9.25), ("n", 10.0), ("s", "judged")]


@pytest.mark.parametrize(
    "name", [*NAMES, '=HYPERLINK("http://x","y")', "http://evil", "+1", "@x", "{=1}", "0012", "\x00"]
)
def test_names_are_text_in_every_table(name: str) -> None:
    table = tables.class_table(COURSE, given((name, entropy(16))), Roster((Entry(name, name, name, name),)))

    text = tables.csv_bytes(*table).decode()
    book = sheets(tables.xlsx_bytes({"class": table}))

    row = next(csv.reader(io.StringIO(text.partition("\n")[2])))
    assert row[-3:] == ["16", "16", ""]
    assert row[0].lstrip()[:1] not in "=+-@" or not row[0]
    assert ("n", 16.0) in book["class"][1]
    assert {kind for kind, value in book["class"][1] if isinstance(value, str)} == {"s"}


def test_the_bundled_sample_class_is_exported_while_there_is_no_other(
    course_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root, sample = course_folder, course_folder / "sample-class" / "gradebook.db"
    sample.parent.mkdir()
    shutil.move(root / "gradebook.db", sample)
    asked: list[Any] = []

    def stored(*arguments: Any) -> list[Any]:
        asked.append(arguments[1:4])
        return [("ada", entropy(16))]

    monkeypatch.setattr("autograder.grading.deliver.stored", stored)

    assert cli.main(["export", "csv"]) == DONE
    (root / "gradebook.db").touch()
    assert cli.main(["export", "csv"]) == DONE, "a class that is no longer in submitted/ has its history"
    assert cli.main(["export", "csv", "--submitted", "s", "--results", "r", "--gradebook", "sqlite:////x"]) == DONE

    assert asked == [
        (root / ".autograder" / "sample-class", sample.parent, f"sqlite:///{sample}"),
        (root / "submitted", root, None),
        (Path("s"), root / "r", "sqlite:////x"),
    ]
    assert capsys.readouterr().err.count("exporting the bundled sample class instead") == 1


def test_what_was_really_graded_is_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From handing in to the table: nothing is judged again, and nothing that was not judged is exported."""
    root = harness.course_copy(tmp_path / "course")
    monkeypatch.chdir(root)
    name = "Ünal <b>"
    for student in ("ada", name):
        shutil.copytree(root / "assignments" / "1_entropy", root / "submitted" / student / "1_entropy")
    shutil.copy(harness.ROOT / "solutions" / "1_entropy" / "entropy.py", root / "submitted" / "ada" / "1_entropy")
    assert cli.main(["grade"]) == DONE
    shutil.rmtree(root / "submitted" / name)  # what was graded stays graded
    shutil.copytree(root / "submitted" / "ada" / "1_entropy", root / "submitted" / "later" / "1_entropy")
    (root / "submitted" / "later" / "1_entropy" / "entropy.py").write_text("# not graded yet")
    monkeypatch.setattr("autograder.grading.batch.Batch.run", None)

    assert cli.main(["export", "csv"]) == FOUND
    assert (
        f"1_entropy: 0 points though no answer was wrong, because nothing could be judged: `{name}`"
        in capsys.readouterr().err
    )
    assert cli.main(["export", "gradescope", "1_entropy"]) == FOUND

    rows = list(csv.DictReader(io.StringIO((root / "exports" / "class.csv").read_text())))
    assert [(row["student"], row["1_entropy"]) for row in rows] == [("ada", "10"), (name, "0")]
    assert "as they were released" in rows[1]["notes"]
    files = root / "exports" / "gradescope" / "1_entropy"
    assert sorted(path.name for path in files.iterdir()) == sorted(["ada", path_component(name)])
    assert check_results((files / "ada" / "results.json").read_bytes())["score"] == 10
