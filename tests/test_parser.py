"""Every command shows how it is used, and a slip gets one line that says what was probably meant."""

import os
import subprocess

import pytest

from autograder import cli
from autograder.commands.common import DONE, USAGE
from autograder.commands.parser import EXIT_CODES, Parser, all_parsers, arguments_of, commands_within, words_of
from benchmarks import commands

from .conftest import ROOT
from .test_pythons import OTHERS, interpreter_of

PARSERS = {parser.prog: parser for parser in all_parsers(cli._parser())}
SINGLE = {name: parser for name, parser in PARSERS.items() if not commands_within(parser)}


def refused(arguments, capsys):
    """Return the one line that a wrong call gets."""
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)

    assert stop.value.code == USAGE
    shown = capsys.readouterr()
    (line,) = shown.err.splitlines()
    assert shown.out == ""
    return line.removeprefix("autograder: ")


@pytest.mark.parametrize("name", PARSERS)
def test_every_command_has_help_with_examples_and_exit_codes(name, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([*name.split()[1:], "--help"])

    assert stop.value.code == DONE
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: {name} ")
    assert PARSERS[name].description in " ".join(shown.split())
    examples, codes = shown.partition("\nexamples:\n")[2].split("\nexit codes:\n")
    assert f"  {name}" in examples
    assert [int(line.split()[0]) for line in codes.splitlines()] == sorted(PARSERS[name].exits)


@pytest.mark.parametrize(
    "example", [pytest.param(call, id=call) for parser in PARSERS.values() for call in parser.examples]
)
def test_every_example_is_one_that_the_command_takes(example):
    words = words_of(example.removeprefix('eval "$(').removesuffix(')"'))

    if words[-1] == "--help":
        assert f"autograder {' '.join(words[:-1])}" in PARSERS
    else:
        options = cli._parser().parse_args(words)  # ends the test where it does not
        assert options.command != PARSERS["autograder"].get_default("command")


@pytest.mark.parametrize("name", PARSERS)
def test_examples_show_the_command_itself(name):
    assert PARSERS[name].examples
    assert all(name in call for call in PARSERS[name].examples)
    assert all(PARSERS[name].examples.values())


@pytest.mark.parametrize("name", SINGLE)
def test_every_argument_has_a_help(name):
    assert [action.dest for action in arguments_of(SINGLE[name]) if not action.help] == []


def test_every_way_to_end_is_in_the_table_for_instructors():
    text = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
    table = text.partition("| Exit code | Meaning |\n|---:|---|\n")[2].partition("\n\n")[0]

    assert [int(row.split("|")[1]) for row in table.splitlines()] == list(EXIT_CODES)


@pytest.mark.parametrize("words", [[], ["roster"], ["export"]], ids=" ".join)
def test_without_a_command_the_help_is_shown_and_nothing_is_called_done(words, capsys):
    assert cli.main(words) == USAGE

    shown = capsys.readouterr()
    assert shown.out.startswith(f"usage: {' '.join(['autograder', *words])}")
    assert "exit codes:" in shown.out
    assert shown.err == ""


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["grde"], "`autograder` has no command `grde`; did you mean `grade`?"),
        (["export", "cavnas"], "`autograder export` has no command `cavnas`; did you mean `canvas`?"),
        (["frobnicate"], "`autograder` has no command `frobnicate`; `autograder --help` lists them"),
        (["--vresion"], "`autograder` has no option `--vresion`; did you mean `--version`?"),
        (["grade", "--sumbitted", "x"], "`autograder grade` has no option `--sumbitted`; did you mean `--submitted`?"),
        (["grade", "--sectoin=1"], "`autograder grade` has no option `--sectoin`; did you mean `--section`?"),
        (["collect", "--sumbitted", "x"], "`autograder collect` has no option `--sumbitted`; did you mean `--submitted`?"),
        (["grade", "-j", "4"], "`autograder grade` has no option `-j`; `autograder grade --help` lists them"),
        (["grade", "--format", "jsno"], "--format must be one of `table`, `csv`, `json`; got `jsno`. Did you mean `json`?"),
        (["grade", "--format", "pdf"], "--format must be one of `table`, `csv`, `json`; got `pdf`"),
        (["grade", "1_entropy"], "`1_entropy` is more than `autograder grade` takes; `autograder grade --help` shows how it is called"),
        (["grade", "--jobs", "0"], "argument --jobs: a whole number of at least 1 is needed; got `0`; `autograder grade --help` shows how it is called"),
        (["collect"], "the following arguments are required: SECTION; `autograder collect --help` shows how it is called"),
        (["grd\x1b[31m"], "`autograder` has no command `grd\\x1b[31m`; `autograder --help` lists them"),
    ],
)  # fmt: skip
def test_a_slip_gets_one_line_that_says_what_was_meant(arguments, line, capsys):
    assert refused(arguments, capsys) == line


def test_what_follows_two_dashes_is_not_an_option(capsys):
    assert "arguments are required: NEW" in refused(["roster", "rename", "--", "--odl"], capsys)


def test_a_new_command_has_everything_by_itself(capsys):
    root = Parser(prog="autograder")
    within = root.add_commands("commands", "COMMAND")
    new = within.add_parser("new", examples={"autograder new": "a new one"}, exits={1: "there is one"})
    new.add_argument("--kind", choices=("item", "section"))

    assert "autograder new\n      a new one" in new.format_help()
    assert "1    there is one" in new.format_help()
    with pytest.raises(SystemExit):
        root.parse_args(["new", "--kind", "itme"])
    assert "Did you mean `item`?" in capsys.readouterr().err


def test_the_reference_of_all_commands_is_up_to_date():
    assert commands.DOCUMENT.read_text(encoding="utf-8") == commands.document(), "run `make commands`"


@pytest.mark.parametrize("version", OTHERS)
def test_reference_and_slips_are_the_same_on_every_python(version):
    interpreter = interpreter_of(version)
    if interpreter is None:
        pytest.skip(f"this machine has no Python {version}")
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from autograder import cli\n"
        "from benchmarks import commands\n"
        "sys.stdout.write(commands.document())\n"
        "for words in (['grde'], ['grade', '--sumbitted', 'x'], ['grade', '--format', 'jsno'], ['collect']):\n"
        "    try:\n"
        "        cli.main(words)\n"
        "    except SystemExit: pass\n"
    )

    done = subprocess.run(
        [interpreter, "-I", "-c", program, ROOT], capture_output=True, text=True, check=True,
        env=os.environ | {"COLUMNS": "40", "FORCE_COLOR": "1"},
    )  # fmt: skip

    assert done.stdout == commands.document()
    first, second, third, fourth = done.stderr.splitlines()
    assert first.endswith("; did you mean `grade`?")
    assert second.endswith("; did you mean `--submitted`?")
    assert third.endswith("must be one of `table`, `csv`, `json`; got `jsno`. Did you mean `json`?")
    assert fourth.endswith("required: SECTION; `autograder collect --help` shows how it is called")
