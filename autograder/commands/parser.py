"""The parser of all commands: its help has examples and exit codes, and its errors say what was probably meant."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from autograder.near import did_you_mean, nearest

DONE, FOUND, USAGE, FAILED = range(4)
INTERRUPTED = 130
UNREAD = 141
EXIT_CODES = {
    DONE: "done",
    FOUND: "something was found wrong",
    USAGE: "the command, or a file that it reads, needs correcting",
    FAILED: "the grader itself failed",
    INTERRUPTED: "stopped with Ctrl-C",
    UNREAD: "whatever reads the output has ended, such as `head`",
}
"""What exit codes mean in every command; the last two are those of a shell for SIGINT and SIGPIPE."""
_CHOICE = re.compile(r"argument .+?: invalid choice: (['\"])(?P<value>.*)\1 \(choose from (?P<choices>.*)\)", re.DOTALL)


class Parser(argparse.ArgumentParser):
    """The parser of a command, or of a group of commands.

    Parameters
    ----------
    examples
        Calls of the command as one types them, each with what it does.
    exits
        Exit codes that mean something more exact here than in `EXIT_CODES`; without FOUND the command never gives it.
    """

    def __init__(
        self,
        *args: Any,
        examples: Mapping[str, str] | None = None,
        exits: Mapping[int, str] | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(*args, **keywords)
        self.examples = dict(examples or {})
        known = exits or {}
        self.exits = {
            code: known.get(code, text) for code, text in EXIT_CODES.items() if code != FOUND or code in known
        }
        self._given: Sequence[str] = ()

    def add_commands(self, title: str, metavar: str) -> Any:
        """Return what commands are added to; by itself the parser then prints its help."""
        self.set_defaults(command=self._without_command)
        return self.add_subparsers(title=title, metavar=metavar)

    def format_help(self) -> str:
        """Return the help, which ends with examples and exit codes."""
        examples = [line for call, does in self.examples.items() for line in (f"  {call}", f"      {does}")]
        codes = [f"  {code:<4} {text}" for code, text in self.exits.items()]
        lines = [*(["examples:", *examples, ""] if examples else []), "exit codes:", *codes]
        return "\n".join([super().format_help(), *lines, ""])

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse the arguments; whatever is left over is an error, of the command that it was given to."""
        self._given = sys.argv[1:] if args is None else list(args)
        found, rest = super().parse_known_args(args, namespace)
        if rest:
            self.error(f"`{rest[0]}` is more than `{self.prog}` takes")
        return found, rest

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and what to do, in one line, and exit."""
        from autograder.text import visible

        self.exit(USAGE, f"autograder: {visible(self._explained(message), limit=500)}\n")

    def _without_command(self, _: argparse.Namespace) -> int:
        self.print_help()
        return USAGE  # nothing was done

    def _explained(self, message: str) -> str:
        look = f"`{self.prog} --help`"
        within = commands_within(self)
        if match := _CHOICE.fullmatch(message):
            value, choices = match["value"], re.findall(r"[^\s,'\"]+", match["choices"])
            if within:
                return f"`{self.prog}` has no command `{value}`; {did_you_mean(value, within, f'{look} lists them')}"
            listed = ", ".join(f"`{choice}`" for choice in choices)
            return f"{message.partition(':')[0].removeprefix('argument ')} must be one of {listed}; got `{value}`" + (
                f". Did you mean `{near}`?" if (near := nearest(value, choices)) else ""
            )
        if unknown := next(self._unknown_options(), None):
            remedy = did_you_mean(unknown, self._option_string_actions, f"{look} lists them")
            return f"`{self.prog}` has no option `{unknown}`; {remedy}"
        return f"{message}; {look} shows how it is called"

    def _unknown_options(self) -> Iterator[str]:
        known = self._option_string_actions
        for word in self._given:
            is_option = re.match(r"-+[^\W\d]", word) and " " not in word
            if word == "--" or (commands_within(self) and not is_option):
                return  # what follows is for a command, or no option
            name = word.partition("=")[0]
            if (
                is_option
                and name not in known
                and not (word.startswith("--") and any(n.startswith(name) for n in known))
            ):
                yield name


def commands_within(parser: argparse.ArgumentParser) -> dict[str, Parser]:
    """Return the commands of a group by their names; a command by itself has none."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def arguments_of(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return what a command takes, without --help and the commands within."""
    left_out = (argparse._HelpAction, argparse._SubParsersAction)
    return [action for action in parser._actions if not isinstance(action, left_out)]


def all_parsers(parser: Parser) -> Iterator[Parser]:
    """Yield the parser and those of all commands within, in the order of the help."""
    yield parser
    for within in commands_within(parser).values():
        yield from all_parsers(within)


def words_of(example: str) -> list[str]:
    """Return the arguments of a call of `autograder` as one types it, without what a shell does with its output."""
    words = shlex.split(example)
    end = next((place for place, word in enumerate(words) if word in ("|", ">", "2>")), len(words))
    return words[1:end]
