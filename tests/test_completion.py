"""Tab completes commands, options, choices, files and ids, in real shells and at a terminal."""

import os
import pty
import re
import shutil
import subprocess
import sys

import pytest

from autograder import cli
from autograder.commands.common import DONE, USAGE
from autograder.commands.parser import all_parsers

from . import mini_course

LINES = {
    "autograder gr": "autograder grade",
    "autograder grade --sub": "autograder grade --submitted",
    "autograder grade --format j": "autograder grade --format json",
    "autograder grade --section 1": "autograder grade --section 1_mini",
    "autograder grade --student ad": "autograder grade --student ada",
    "autograder collect 1": "autograder collect 1_mini",
    "autograder collect 1_mini down": "autograder collect 1_mini downloaded.zip",
    "autograder export can": "autograder export canvas",
    "autograder export canvas --part": "autograder export canvas --partial",
    "autograder completion z": "autograder completion zsh",
}
SCRIPTS = {"bash": "autograder.bash", "zsh": "_autograder", "fish": "autograder.fish"}
# Names of folders that would do something if a shell took them as its own text.
HOSTILE = ("$(touch pwned)", "`touch pwned`", "a;touch pwned", "$PWD", "-rf", "two words", "über", "line\nbreak")


@pytest.fixture(scope="module")
def class_folder(tmp_path_factory):
    """A course with a class whose students have odd names."""
    root = tmp_path_factory.mktemp("completion") / "course"
    mini_course.write(root)
    for name in ("ada", "bob", *HOSTILE):
        (root / "submitted" / name).mkdir(parents=True)
    (root / "downloaded.zip").touch()
    return root


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    """What `autograder completion` prints for each shell, in files."""
    folder = tmp_path_factory.mktemp("scripts")
    for shell, name in SCRIPTS.items():
        printed = subprocess.run(
            [sys.executable, "-m", "autograder", "completion", shell], capture_output=True, text=True, check=True
        )
        (folder / name).write_text(printed.stdout)
    return folder


def typed(arguments, first, cwd):
    """Type the beginning of each line and Tab at a shell's terminal, and return what was completed by it."""
    at_start = "\x01echo '<<' "  # what stands there is printed instead of being run
    keys = [f"{first}\n", *(f"{line}\t{at_start}\n" for line in LINES), "exit\n"]
    shell, terminal = pty.fork()
    if shell == 0:
        os.chdir(cwd)
        os.execvpe(arguments[0], arguments, os.environ | {"TERM": "dumb", "HOME": str(cwd.parent)})
    os.write(terminal, "".join(keys).encode())
    shown = b""
    while True:
        try:
            shown += os.read(terminal, 65536)
        except OSError:  # the shell has ended
            break
    os.close(terminal)
    os.waitpid(shell, 0)
    return re.findall(r"^<< (.*?)\s*$", shown.decode(), re.MULTILINE)


def needed(shell):
    if not shutil.which(shell):
        pytest.skip(f"this machine has no {shell}")


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_at_a_terminal_tab_completes(shell, scripts, class_folder):
    needed(shell)
    arguments, first = {
        "bash": (["bash", "--norc", "--noprofile", "-i"], f"source {scripts}/autograder.bash"),
        "zsh": (["zsh", "-f", "-i"], f"fpath=({scripts} $fpath); autoload -Uz compinit; compinit -D -u; bindkey -e"),
    }[shell]

    assert typed(arguments, first, class_folder) == list(LINES.values())
    assert not (class_folder / "pwned").exists()


def test_fish_completes(scripts, class_folder):
    needed("fish")
    asked = [f"source {scripts}/autograder.fish", *(f"complete -C {line!r} | head -1" for line in LINES)]

    done = subprocess.run(
        ["fish", "--no-config", "-c", "; ".join(asked)], capture_output=True, text=True, check=True, cwd=class_folder,
        env=os.environ | {"HOME": str(class_folder.parent)},
    )  # fmt: skip

    offered = [line.partition("\t")[0] for line in done.stdout.splitlines()]
    assert offered == [line.split()[-1] for line in LINES.values()]
    assert not (class_folder / "pwned").exists()


def test_students_are_offered_whose_names_a_shell_takes_as_they_are(class_folder, monkeypatch, capsys):
    monkeypatch.chdir(class_folder)

    assert cli.main(["completion", "--ids", "student"]) == DONE
    assert capsys.readouterr().out == "ada\nbob\nüber\n"


@pytest.mark.parametrize(("kind", "ids"), [("section", "1_mini\n"), ("item", "example-1\nexercise-1\n")])
def test_ids_of_the_course_are_offered(kind, ids, class_folder, capsys):
    assert cli.main(["completion", "--ids", kind, "--course", str(class_folder)]) == DONE
    assert capsys.readouterr().out == ids


def test_outside_of_a_course_there_is_nothing_to_offer(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    assert cli.main(["completion", "--ids", "section"]) == USAGE
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("shell", SCRIPTS)
def test_every_option_is_in_the_script_of_every_shell(shell, scripts):
    script = (scripts / SCRIPTS[shell]).read_text()
    options = {name for parser in all_parsers(cli._parser()) for name in parser._option_string_actions}

    assert {name for name in options if name.lstrip("-") not in script} == set()
