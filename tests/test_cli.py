"""The command line: help, exit codes, and one clear line for every mistake."""

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import cli, gradebook
from autograder.__main__ import UNREAD
from autograder.cli import DONE, FAILED, FOUND, INTERRUPTED, USAGE
from autograder.sandbox import walls

from . import nbgrader_harness as harness
from .conftest import ROOT


@pytest.fixture
def submitted(tmp_path):
    """A class of one who handed in the reference."""
    folder = tmp_path / "submitted" / "ada" / "1_entropy"
    shutil.copytree(ROOT / "solutions" / "1_entropy", folder)
    return tmp_path / "submitted"


@pytest.fixture
def at_root(monkeypatch):
    monkeypatch.chdir(ROOT)


def run(*arguments, cwd=ROOT, **variables):
    command = [str(Path(sys.executable).parent / "autograder"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=os.environ | variables, check=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ["judge"],
        ["grade", "--jobs", "0"],
        ["grade", "--jobs", "many"],
        ["grade", "--seed", "-1"],
        ["grade", "--format", "pdf"],
        ["grade", "--no-such-flag"],
    ],
)
def test_a_wrong_flag_is_a_usage_error(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)

    assert stop.value.code == USAGE
    assert "autograder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--section", "9_chaos"], "no section `9_chaos` in the course"),
        (["--submitted", "/nowhere"], "/nowhere is not a folder"),
        (["--student", "nobody"], "no submissions to grade in"),
        (["--output", __file__], "test_cli.py is not a folder"),
    ],
)
def test_a_mistake_gets_one_line_and_exit_code_2(arguments, says, submitted, at_root, capsys):
    given = arguments if "--submitted" in arguments else ["--submitted", str(submitted), *arguments]

    assert cli.main(["grade", *given]) == USAGE

    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("autograder:")]
    assert says in line


def test_a_filtered_run_keeps_the_csv_of_the_class(submitted, tmp_path, at_root):
    shutil.copytree(submitted / "ada", submitted / "bob")
    arguments = ["grade", "--submitted", str(submitted), "--output", str(tmp_path / "out"), "--no-gradebook"]
    assert cli.main(arguments) == DONE
    whole = (tmp_path / "out" / "grades.csv").read_bytes()

    assert cli.main([*arguments, "--student", "ada"]) == DONE
    assert (tmp_path / "out" / "grades.csv").read_bytes() == whole
    assert b"bob" in whole


def test_who_is_no_longer_in_the_folder_keeps_the_grade_and_is_judged_again(submitted, tmp_path, at_root, capsys):
    shutil.copytree(ROOT / "solutions" / "1_entropy", submitted / "bob" / "1_entropy")
    with (submitted / "bob" / "1_entropy" / "entropy.py").open("a") as module:
        module.write("# bob\n")
    arguments = ["grade", "--submitted", str(submitted), "--output", str(tmp_path / "out"), "--no-gradebook"]
    assert cli.main(arguments) == DONE
    before = (tmp_path / "out" / "grades.csv").read_text().splitlines()
    shutil.rmtree(submitted / "bob")

    assert cli.main([*arguments, "--seed", "7"]) == DONE

    after = (tmp_path / "out" / "grades.csv").read_text().splitlines()
    assert after[:2] == before[:2]
    assert after[2] == f"{before[2]}It is not in {submitted} any more; what was handed in before counts."
    shown = capsys.readouterr()
    assert shown.err.count("2 attempts, ") == 2
    assert "bob 1_entropy: It is not in" in shown.err
    assert "bob" in shown.out


def test_something_that_is_no_submission_is_named_and_the_rest_graded(submitted, tmp_path, at_root, capsys):
    (submitted / "ada" / "1_entropi").mkdir()
    arguments = ["grade", "--submitted", str(submitted), "--output", str(tmp_path / "out"), "--no-gradebook"]

    assert cli.main(arguments) == FOUND

    shown = capsys.readouterr()
    assert "1_entropi" in shown.err
    assert "ada" in shown.out


@pytest.mark.parametrize("is_sample", [True, False])
def test_the_sample_class_never_goes_into_the_gradebook_of_the_environment(tmp_path, monkeypatch, is_sample):
    root = harness.course_copy(tmp_path / "course")
    stub = root / "assignments" / "1_entropy"
    if is_sample:
        (root / "tests" / "corpus" / "class").mkdir(parents=True)
    else:
        shutil.copytree(stub, root / "submitted" / "ada" / "1_entropy")
    monkeypatch.chdir(root)
    monkeypatch.setenv("AUTOGRADER_GRADEBOOK", "sqlite:////of/the/course")
    monkeypatch.setattr(
        "autograder.corpus.samples.write_class", lambda _, to: shutil.copytree(stub, to / "ada" / "1_entropy")
    )
    monkeypatch.setattr("autograder.grading.batch.Batch.run", lambda *_: [])
    monkeypatch.setattr("autograder.gradebook.prepared", lambda *_: contextlib.nullcontext())
    used = []
    monkeypatch.setattr(
        "autograder.gradebook.write", lambda _, __, output, url, **___: used.append(gradebook.name(output, url))
    )
    monkeypatch.setattr("autograder.gradebook.known", lambda *_: ({}, {}, {}))

    cli.main(["grade"])

    assert used == [str(root / "sample-class" / "gradebook.db") if is_sample else "/of/the/course"]


@pytest.mark.parametrize(
    ("graded", "looked_into"),
    [
        (["course"], "course"),
        (["sample"], "sample"),
        (["course", "sample"], "course"),
        (["sample", "environment"], "environment"),
        ([], None),
    ],
)
def test_review_looks_into_the_class_that_was_graded(tmp_path, monkeypatch, capsys, graded, looked_into):
    """With `grade --submitted ELSEWHERE` there is nothing in submitted/, and the sample class may have been tried too."""
    root = harness.course_copy(tmp_path / "course")
    (root / "gradebook.db").unlink(missing_ok=True)
    files = {"course": root / "gradebook.db", "sample": root / "sample-class" / "gradebook.db"}
    for place in graded:
        if place == "environment":
            monkeypatch.setenv("AUTOGRADER_GRADEBOOK", "sqlite:////of/the/environment")
        else:
            files[place].parent.mkdir(exist_ok=True)
            files[place].touch()
    monkeypatch.chdir(root)
    opened = []

    @contextlib.contextmanager
    def open_gradebook(_, output, url):
        opened.append(gradebook.name(output, url))
        yield None

    monkeypatch.setattr("autograder.gradebook.opened", open_gradebook)
    monkeypatch.setattr("autograder.review.explanations.explanations", lambda *_: ([], []))

    code = cli.main(["review", "--list"])

    names = {place: str(path) for place, path in files.items()} | {"environment": "/of/the/environment"}
    assert opened == [names[looked_into]] if looked_into else code == USAGE
    assert looked_into or "run `autograder grade` first" in capsys.readouterr().err


def test_a_run_that_is_stopped_delivers_what_was_judged(tmp_path, monkeypatch, capsys, course):
    """Who presses Ctrl-C, because one attempt takes long, has the feedback of all others."""
    stub = course.root / "assignments" / "1_entropy"
    submitted = tmp_path / "submitted"
    for number, student in enumerate(("ada", "bela", "chen")):
        shutil.copytree(stub, submitted / student / "1_entropy")
        with (submitted / student / "1_entropy" / "entropy.py").open("a") as module:
            module.write(f"# {number}\n")
    root = harness.course_copy(tmp_path / "course")
    monkeypatch.chdir(root)
    advanced = []

    def advance():
        advanced.append(1)
        if len(advanced) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("autograder.commands.grade._progress", lambda *_: contextlib.nullcontext(advance))

    code = cli.main(["grade", "--submitted", str(submitted), "--jobs", "1", "--format", "csv"])

    shown = capsys.readouterr()
    assert code == INTERRUPTED
    assert "stopped: 2 of 3 attempts are judged" in shown.err
    assert len(shown.out.splitlines()) == 3
    assert len(list((root / "feedback").rglob("*.html"))) == 2
    assert (root / "gradebook.db").is_file()


def test_an_empty_folder_of_submissions_says_what_belongs_there(tmp_path, at_root, capsys):
    assert cli.main(["grade", "--submitted", str(tmp_path)]) == USAGE
    assert "<student>/<section>/" in capsys.readouterr().err


def test_grading_refuses_without_a_wall_and_says_which(submitted, at_root, capsys, monkeypatch):
    monkeypatch.setattr("autograder.grading.run.missing_walls", lambda: {"landlock": "the kernel is too old"})

    assert cli.main(["grade", "--submitted", str(submitted)]) == USAGE

    shown = capsys.readouterr().err
    assert "the wall `landlock` is missing on this machine: the kernel is too old" in shown
    assert "--allow-weaker-isolation" in shown


def test_grading_prints_the_class_and_where_the_rest_is(submitted, tmp_path):
    done = run("grade", "--submitted", submitted, "--output", tmp_path / "out")

    assert done.returncode == DONE, done.stderr
    assert "ada" in done.stdout
    assert "16" in done.stdout
    for path in ("gradebook.db", "feedback", "grades.csv", "feedback/ada/1_entropy/1_entropy.html"):
        assert (tmp_path / "out" / path).exists()
    for path in ("gradebook.db", "feedback", "grades.csv"):
        assert str(tmp_path / "out" / path) in done.stderr


def test_json_holds_what_other_programs_need(submitted, tmp_path):
    done = run("grade", "--submitted", submitted, "--output", tmp_path / "out", "--format", "json", "--no-gradebook")

    assert done.returncode == DONE, done.stderr
    report = json.loads(done.stdout)
    (attempt,) = report["attempts"]
    assert report["walls"] == list(walls.WALLS)
    assert {"course", "seed", "suite", "walls", "attempts"} <= report.keys()
    assert (attempt["student"], attempt["section"], attempt["status"]) == ("ada", "1_entropy", "judged")
    assert attempt["items"]["example-1"]["points"] == attempt["items"]["example-1"]["max"] == 10
    assert {"name", "verdict", "points", "max", "message", "misconception"} <= attempt["items"]["example-1"]["checks"][
        0
    ].keys()
    assert not (tmp_path / "out" / "gradebook.db").exists()


def test_weaker_isolation_is_kept_in_the_record(submitted, tmp_path, at_root, capsys, monkeypatch):
    monkeypatch.setattr("autograder.grading.run.missing_walls", lambda: {"landlock": "the kernel is too old"})
    arguments = ["grade", "--submitted", str(submitted), "--output", str(tmp_path / "out"), "--no-gradebook"]

    assert cli.main([*arguments, "--allow-weaker-isolation", "--format", "json"]) == DONE
    assert json.loads(capsys.readouterr().out)["walls"] == ["seccomp", "rlimits"]


def test_the_doctor_proves_every_wall():
    done = run("doctor")

    assert done.returncode == DONE, done.stdout
    for wall in walls.WALLS:
        assert f"{wall}: proved" in done.stdout
    assert "ALLOWED" not in done.stdout
    assert "Grading can run." in done.stdout


def test_stale_trees_are_listed(course, at_root, capsys, monkeypatch):
    monkeypatch.setattr(
        "autograder.build.stale", lambda *_: ["assignments/1_entropy/entropy.py is not what its source makes"]
    )

    assert cli.main(["build", "--check"]) == FOUND
    assert capsys.readouterr().out == "assignments/1_entropy/entropy.py is not what its source makes\n"


def test_without_a_gradebook_none_is_looked_for_or_made(course, tmp_path):
    arguments = ["--section", "1_entropy", "--student", "mei", "--no-gradebook", "--output", str(tmp_path / "new")]

    done = run("grade", "--course", str(ROOT), *arguments, cwd=tmp_path)

    assert done.returncode == DONE, done.stderr
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["feedback", "grades.csv"]


def test_a_course_is_the_one_that_is_named_or_the_nearest_one_and_no_other(tmp_path):
    named = run("grade", "--course", str(ROOT), "--submitted", "/nowhere", cwd=tmp_path)
    nearest = run("grade", "--submitted", "/nowhere", cwd=ROOT / "source" / "1_entropy")
    none = run("grade", cwd=tmp_path)
    wrong = run("grade", "--course", str(tmp_path), cwd=ROOT)

    assert [done.returncode for done in (named, nearest, none, wrong)] == [USAGE] * 4
    assert "/nowhere is not a folder" in named.stderr
    assert "/nowhere is not a folder" in nearest.stderr
    assert f"no `source/course.toml` at or above {tmp_path}" in none.stderr
    assert f"{tmp_path} has no file source/course.toml" in wrong.stderr


# Whoever presses Ctrl-C while that module is imported.
PRESSED_EARLY = """
import sys
class Pressed:
    def find_spec(self, name, *_):
        if name == {module!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Pressed())
"""


@pytest.mark.parametrize(
    ("module", "code", "says"),
    [
        ("autograder.commands", -signal.SIGINT, ""),
        ("autograder.build", INTERRUPTED, "stopped; what was done is kept"),
        ("autograder.grading.run", INTERRUPTED, "stopped; what was done is kept"),
    ],
)
def test_ctrl_c_in_the_first_second_ends_quietly(module, code, says, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(PRESSED_EARLY.format(module=module))

    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grade", "--submitted", tmp_path], capture_output=True, text=True, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{tmp_path}:{ROOT}"}, check=False,
    )  # fmt: skip

    assert done.returncode == code
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == bool(says)


@pytest.mark.parametrize("arguments", ["--help", "completion bash", "completion --ids section"])
def test_a_reader_that_stops_reading_ends_the_command_quietly(arguments):
    """As `autograder … | head` does; here the reader has read nothing at all."""
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [sys.executable, "-m", "autograder", *arguments.split()], stdout=writing, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": ""}, check=False,
    )  # fmt: skip
    os.close(writing)

    assert (done.returncode, done.stderr) == (UNREAD, "")


def test_messages_that_nobody_reads_end_the_command_too(tmp_path):
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grade", "--submitted", tmp_path / "nowhere"], stderr=writing, cwd=ROOT, check=False
    )  # fmt: skip
    os.close(writing)

    assert done.returncode == UNREAD


def test_a_folder_for_temporary_files_with_a_long_name_is_named(tmp_path):
    (temporary := tmp_path / ("t" * 90)).mkdir()
    work = shutil.copytree(ROOT / "solutions" / "1_entropy", tmp_path / "class" / "ada" / "1_entropy")
    with (work / "entropy.py").open("a", encoding="utf-8") as file:
        file.write(f"# {tmp_path}: was never judged\n")
    arguments = ["--course", ROOT, "--submitted", tmp_path / "class", "--output", tmp_path / "out", "--no-gradebook"]

    done = run("grade", *arguments, cwd=tmp_path, TMPDIR=str(temporary))

    assert done.returncode == FAILED
    assert done.stderr.splitlines()[-1] == (
        f"autograder: {temporary} is too long a name for sockets; set TMPDIR to a shorter folder"
    )


def test_another_broken_pipe_is_a_fault_of_ours(at_root, capfd, monkeypatch):
    def stale(*_):
        raise BrokenPipeError(errno.EPIPE, "to a worker")

    monkeypatch.setattr("autograder.build.stale", stale)

    assert cli.main(["build", "--check"]) == FAILED
    assert capfd.readouterr().err == "autograder: [Errno 32] to a worker\n"
