"""What the documents name is there: files, headings, commands, options, make targets and modules."""

import ast
import json
import re
import shlex

import pytest

from autograder import cli
from autograder.commands.parser import commands_within, words_of

from .conftest import ROOT

DOCUMENTS = sorted(
    [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "tests" / "corpus" / "README.md",
        *(ROOT / "docs").rglob("*.md"),
    ]
)
FENCE = re.compile(r"(?ms)^ *```(\w*)\n(.*?)^ *```$")
SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:^|[\s/])autograder ([a-z].*)")
# Options of other programs that stand without their program.
FOREIGN = {
    "--userns": "podman",
    "--user": "docker",
    "--update": "nbgrader collect",
    "--constraint": "pip",
    "--dist": "pytest",
    "--junitxml": "pytest",
    "--nthreads": "dask worker",
    "--no-nanny": "dask worker",
    "--preload": "dask worker",
}


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def headings(path):
    """Return the anchors of a document, as GitHub makes them."""
    seen, anchors = [], set()
    for line in FENCE.sub("", path.read_text(encoding="utf-8")).splitlines():
        if line.startswith("#"):
            words = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower()).replace(" ", "-")
            anchors.add(f"{words}-{seen.count(words)}" if words in seen else words)
            seen.append(words)
    return anchors


def code_in(text):
    return [code.strip() for _, code in SPAN.findall(text)]


def spans(path):
    """Return code within sentences."""
    return code_in(FENCE.sub("", path.read_text(encoding="utf-8")))


def lines(path):
    """Return the lines of blocks that are not in a language, without what is behind a #."""
    blocks = FENCE.findall(path.read_text(encoding="utf-8"))
    return [line.split(" #")[0].strip() for language, block in blocks if not language for line in block.splitlines()]


PARSER = cli._parser()
COMMANDS = commands_within(PARSER)
TARGETS = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))


def options_of(parser):
    options = set(parser._option_string_actions)
    return options.union(*(options_of(within) for within in commands_within(parser).values()))


def unknown_in_command(words):
    """Return the words of a call of `autograder` that its parser does not know."""
    parser, words = PARSER, list(words)
    while words and (within := commands_within(parser)):
        if words[0] not in within:
            return [words[0]]
        parser = within[words.pop(0)]
    return [word for word in words if word.startswith("--") and word not in options_of(parser)]


def unknown_in_span(span):
    """Return what a piece of code within a sentence names that the parser does not know."""
    words = span.split() or [""]
    if named := COMMAND.search(span):
        return unknown_in_command(named[1].split())
    if words[0] in COMMANDS and (len(words) == 1 or words[1].startswith("-") or commands_within(COMMANDS[words[0]])):
        return unknown_in_command(words)
    return [word for word in words[:1] if re.match("--.", word) and word not in options_of(PARSER) | FOREIGN.keys()]


def unknown_targets(codes):
    """Return what calls of `make` name that is not a target."""
    words = {word for code in codes if code.startswith("make ") for word in shlex.split(code)[1:]}
    return {word for word in words if not re.match(r"[A-Z]+=", word)} - TARGETS


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_link_leads_somewhere(path):
    text = SPAN.sub("", FENCE.sub("", path.read_text(encoding="utf-8")))
    broken = []
    for link in LINK.findall(text):
        file, _, anchor = link.partition("#")
        if re.match(r"\w+:", file):
            continue
        target = path.parent / file if file else path
        if not target.exists() or (anchor and anchor not in headings(target)):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_command_and_option_exists(path):
    unknown = {span: found for span in spans(path) if (found := unknown_in_span(span))}

    assert unknown == {}


def texts_of_notebook(path):
    """Return the text of a notebook, and the comments and messages in its code."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        yield from [cell["source"]] if isinstance(cell["source"], str) else ["".join(cell["source"])]


def texts_of_module(path):
    """Return every text in a module: messages, help and docstrings, with … for what is filled in."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    within = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            within |= {id(part) for part in ast.walk(node)}
            yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in within:
            yield node.value


@pytest.mark.parametrize("place", ["autograder", "source", "benchmarks", "docs", "assignments"])
def test_messages_and_notebooks_name_only_what_exists(place):
    """In texts of code, notebooks and templates: what is in backticks, and texts that are a command."""
    readers = {".py": texts_of_module, ".ipynb": texts_of_notebook, ".html": lambda p: [p.read_text(encoding="utf-8")]}
    unknown = {
        f"{name_of(path)}: {span}": found
        for path in sorted((ROOT / place).rglob("*"))
        if path.suffix in readers and path.is_file()
        for text in readers[path.suffix](path)
        for span in [*code_in(text), *re.findall(r"\Aautograder [a-z].*", text)]
        if (found := unknown_in_span(span) or unknown_targets([span]))
    }

    assert unknown == {}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_line_to_type_is_one_that_the_command_takes(path):
    """Calls through make too: `make grade ARGS="…"`."""
    for line in lines(path):
        through_make = re.match(r'make (grade|build) ARGS="(.*)"', line)
        if through_make or COMMAND.search(line):
            words = words_of(
                f"autograder {' '.join(through_make.groups()) if through_make else COMMAND.search(line)[1]}"
            )
            assert unknown_in_command(words) == []
            if "--help" not in words:
                PARSER.parse_args(words)  # ends the test where a value does not fit


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_make_target_exists(path):
    assert unknown_targets([*spans(path), *lines(path)]) == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_file_of_this_repository_exists(path):
    named = {
        span
        for span in spans(path)
        if re.fullmatch(r"(?:autograder|benchmarks|docs|tests)/[\w./*-]+", span) or re.fullmatch(r"test_\w+\.py", span)
    }
    named = {span for span in named if "/6_surprise" not in span}  # what the recipe of a section makes
    missing = {span for span in named if not list(ROOT.glob(f"tests/{span}" if span.startswith("test_") else span))}

    assert missing == set()


def test_every_reader_of_hostile_bytes_exists():
    """The table of docs/security.md names modules as `folder.module`, and functions in them."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    table = text.partition("### Where hostile bytes are read outside the child")[2].partition("\n## ")[0]
    readers = [row.split(" | ")[2] for row in table.splitlines() if row.startswith("| ")]
    named = {name for cell in readers for name in code_in(cell)}

    def exists(name):
        path = ROOT / "autograder" / name.replace(".", "/")
        if path.is_dir() or path.with_suffix(".py").is_file():
            return True
        module = path.parent.with_suffix(".py")
        return module.is_file() and f"\ndef {path.name}(" in module.read_text(encoding="utf-8")

    assert len(named) > 15
    assert {name for name in named if not exists(name)} == set()
