"""Writes docs/commands.md, the reference of all commands, from the parser.

    make commands

Nothing of it comes from argparse's own formatting, which differs between versions of Python and between terminals.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder import atomic, cli
from autograder.commands.parser import EXIT_CODES, Parser, all_parsers, arguments_of, commands_within

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "commands.md"
_OPENING = """\
# Commands

`make commands` writes this page from the parser; `autograder COMMAND --help` shows the same. By itself, `autograder` \
prints its help and exits with 2, because nothing was done; so do `autograder roster` and `autograder export`.

Data goes to stdout and messages go to stderr. Every command can be run twice. A name that is not known gets a “did \
you mean”. Exit codes have one meaning everywhere; a command that says it more exactly has a table of its own.
"""


def document() -> str:
    """Return the whole page."""
    chapters = [line for parser in all_parsers(cli._parser()) for line in _chapter(parser)]
    return "\n".join([_OPENING, *_exits(EXIT_CODES), *chapters]).rstrip() + "\n"


def _chapter(parser: Parser) -> Iterator[str]:
    yield from (f"## `{parser.prog}`", "", parser.description or "", "", "```text", _usage(parser), "```", "")
    if within := commands_within(parser):
        yield from ("| Command | What it does |", "|---|---|")
        for name, each in within.items():
            yield f"| [`{name}`](#{each.prog.replace(' ', '-')}) | {_cell(each.description or '')} |"
        yield ""
    if arguments := arguments_of(parser):
        yield from ("| Argument | What it is |", "|---|---|")
        yield from (f"| `{_cell(_name(action))}` | {_cell(_help(action, parser))} |" for action in arguments)
        yield ""
    width = max(map(len, parser.examples), default=0)
    calls = [f"{call:<{width}}    # {does}" for call, does in parser.examples.items()]
    yield from ("```", *calls, "```", "")
    if own := {code: text for code, text in parser.exits.items() if text != EXIT_CODES[code]}:
        yield from _exits(own)


def _exits(codes: Mapping[int, str]) -> list[str]:
    rows = [f"| {code} | {_cell(text)} |" for code, text in codes.items()]
    return ["| Exit code | Meaning |", "|---:|---|", *rows, ""]


def _usage(parser: Parser) -> str:
    positionals = [_name(action) for action in arguments_of(parser) if not action.option_strings]
    required = [_name(action) for action in arguments_of(parser) if action.option_strings and action.required]
    end = ["COMMAND"] if commands_within(parser) else positionals
    return " ".join([parser.prog, *required, "[OPTIONS]", *end])


def _name(action: argparse.Action) -> str:
    value = action.metavar or "|".join(map(str, action.choices or ())) or action.dest.upper()
    if action.option_strings:
        return ", ".join(option if action.nargs == 0 else f"{option} {value}" for option in action.option_strings)
    return {"?": f"[{value}]", "*": f"[{value} ...]", "+": f"{value} [{value} ...]"}.get(str(action.nargs), str(value))


def _help(action: argparse.Action, parser: Parser) -> str:
    text = (action.help or "") % {**vars(action), "prog": parser.prog}
    return f"{text} (required)" if action.option_strings and action.required else text


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    atomic.write(DOCUMENT, document().encode())
    sys.stdout.write(f"{DOCUMENT}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
