"""Tests whether every sentence of the contract has a check, and every check a sentence.

    make contract                                  # write docs/contract.md, from the tables alone
    make contract ARGS=--judge                     # judge all wrong programs and show what they fail
    make contract ARGS="--section 4_vae --about VAE.encode"    # those of a section, or of one function

The contract of a section is what its students read: the docstrings of its modules and the text of its exercise. The
table `autograder/suites/<section>/contract.toml` takes it apart::

    [[promise]]
    of = ["InformationMeasures.entropy"]           # functions that promise it
    says = ["in bits for ``base=2``"]              # the words, exactly as there
    checks = ["entropy_in_other_bases"]            # hidden checks that enforce it, without `test_`
    [promise.wrong]                                # programs that break this promise and no other
    "the base has no influence" = '''
    def wrong(right, p, base=2):
        return right(p)
    '''

    [[remark]]                                     # words that promise nothing that a check could enforce
    of = ["InformationMeasures.entropy"]
    says = ["where 0 log 0 = 0"]
    why = "a convention of the notation"

Together the words of promises and remarks are the whole contract, and the checks of promises the whole suite; a test
asserts both. A wrong program is the reference with its function replaced by ``wrong``, which gets the right one first;
without a ``wrong`` it is code at the end of the module or of the cell. It must fail checks of its promise only, and
together the wrong programs of a promise must fail all of its checks.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder import atomic, course
from autograder.course import Course, Item, Section
from autograder.grading.workers import Pool
from autograder.judge.results import Check, CheckResult
from autograder.judge.suite import Suite
from autograder.judge.trial import judge
from autograder.remote.link import Link
from autograder.sandbox.walls import WALLS
from autograder.submissions.attempts import make_attempt
from autograder.tables import Table
from autograder.verdict import Verdict

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "contract.md"


# Where a formula comes from is no promise, and examples are run as doctests.
_LEFT_OUT = re.compile(r"(References|Examples)\n\s*-{3,}\n.*?(?=\n\s*\w+\n\s*-{3,}\n|\Z)", re.DOTALL)
_HEADINGS = re.compile(r"^\s*(Parameters|Returns|Raises|Notes)\n\s*-{3,}\n", re.MULTILINE)

_HEAD = """# The contract, sentence by sentence

Written by `make contract` from the tables beside the hidden suites, `autograder/suites/*/contract.toml`; tests assert
that it is up to date, that every word that students read about what they write is in it, and that every
hidden check is. Each wrong program is the reference with one promise broken; it is judged, and fails the checks of
this promise and no others.
"""

_COLUMNS = "| It says | Checks | Wrong programs that break only this |"

_END = """


import math
import numpy as np
{torch}

def _instead_of(right, wrong):
    plain = right.__func__ if isinstance(right, staticmethod) else right
    if not callable(plain):
        return wrong(plain)

    def answer(*args, **kwargs):
        return wrong(plain, *args, **kwargs)

    return staticmethod(answer) if isinstance(right, staticmethod) else answer


{code}
{put_in_place}
"""
"""The end of a wrong program. What a student wrote before it stays as it is, so nothing else is broken."""


class ContractError(Exception):
    """A table that can't be read. The message says where."""


@dataclass(frozen=True)
class Text:
    """A piece of what students read, and the names of the functions that it is about."""

    name: str
    words: str
    about: frozenset[str]


@dataclass(frozen=True)
class Promise:
    """One row of a table: what promises what, which checks enforce it, and programs that break it."""

    of: tuple[str, ...]
    says: tuple[str, ...]
    checks: tuple[str, ...]
    wrong: Mapping[str, str]


@dataclass(frozen=True)
class Remark:
    """Words of the contract that promise nothing which a check could enforce, and why that is so."""

    of: tuple[str, ...]
    says: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Contract:
    """The table of one section, and the texts that it takes apart."""

    section: Section
    texts: tuple[Text, ...]
    promises: tuple[Promise, ...]
    remarks: tuple[Remark, ...]

    def homes(self, name: str) -> list[Text]:
        """Return the texts that speak of `name`, which is a function or a text."""
        return [text for text in self.texts if _speaks_of(text, name)]

    def left_out(self) -> dict[str, str]:
        """Return the words of each text that are in no row."""
        rows: list[Promise | Remark] = [*self.promises, *self.remarks]
        left = {
            text.name: without(text.words, [q for row in rows if _names(row, text) for q in row.says])
            for text in self.texts
        }
        return {name: words for name, words in left.items() if re.search(r"\w", words)}

    def misquoted(self) -> list[tuple[str, str]]:
        """Return the words of rows that are in none of the texts about their function."""
        rows: list[Promise | Remark] = [*self.promises, *self.remarks]
        return [
            (name, quote)
            for row in rows
            for name in row.of
            for quote in row.says
            if not any(_plain(quote) in text.words for text in self.homes(name))
        ]


def _speaks_of(text: Text, name: str) -> bool:
    return name == text.name or name in text.about


def _names(row: Promise | Remark, text: Text) -> bool:
    return any(_speaks_of(text, name) for name in row.of)


def _plain(words: str) -> str:
    return " ".join(words.split())


def without(words: str, quotes: Sequence[str]) -> str:
    """Return `words` with `…` instead of everything that is quoted."""
    taken = [False] * len(words)
    for quote in map(_plain, quotes):
        for match in re.finditer(re.escape(quote), words):
            taken[match.start() : match.end()] = [True] * len(quote)
    left = "".join("…" if gone else letter for letter, gone in zip(words, taken, strict=True))
    return _plain(re.sub(r"[\s…]*…[\s…]*", " … ", left))


def load(the_course: Course, section: Section) -> Contract:
    """Read the table of a section, and what its students read.

    Raises
    ------
    ContractError
        If the table can't be read, or a row has other keys than it should.
    """
    table = Table.read(the_course.suites / section.id / "contract.toml", ContractError)
    table.only({"promise", "remark"})
    promises, remarks = [], []
    for row in table.tables("promise", default=()):
        row.only({"of", "says", "checks", "wrong"})
        wrong = row.value("wrong", dict)
        promises.append(Promise(row.strings("of"), row.strings("says"), row.strings("checks"), wrong))
    for row in table.tables("remark", default=()):
        row.only({"of", "says", "why"})
        remarks.append(Remark(row.strings("of"), row.strings("says"), row.value("why", str)))
    return Contract(section, tuple(texts(the_course, section)), tuple(promises), tuple(remarks))


def texts(the_course: Course, section: Section) -> Iterator[Text]:
    """Yield what students read: the docstring of each module, class and function, and the text of each exercise."""
    folder = the_course.root / "source" / section.id
    written_in: dict[str, frozenset[str]] = {}
    for name in section.modules:
        found = list(_docstrings(ast.parse((folder / name).read_text(encoding="utf-8")), name, ""))
        for own, words in found:
            about = {other for other, _ in found if own == name or other.startswith(f"{own}.")}
            yield Text(own, words, frozenset(about))
        written_in[name] = frozenset(own for own, _ in found)
    notebook = json.loads((folder / section.notebook).read_text(encoding="utf-8"))
    items = {f"{item.id}-text": item for item in section.items if item.kind != "prose"}
    for cell in notebook["cells"]:
        if item := items.get(cell.get("id")):
            yield Text(
                item.id,
                _plain("".join(cell["source"])),
                frozenset(item.defines) | written_in.get(item.module or "", frozenset()),
            )


def _docstrings(node: ast.Module | ast.ClassDef | ast.FunctionDef, name: str, prefix: str) -> Iterator[tuple[str, str]]:
    if text := ast.get_docstring(node):
        yield name, _plain(_HEADINGS.sub(" ", _LEFT_OUT.sub("", text)))
    for inner in node.body:
        if isinstance(inner, ast.ClassDef | ast.FunctionDef) and not inner.name.startswith("_"):
            yield from _docstrings(inner, f"{prefix}{inner.name}", f"{prefix}{inner.name}.")


class Trial:
    """Judges wrong programs of one section by the real grader."""

    def __init__(self, the_course: Course, section: Section, link: Link) -> None:
        self.section = section
        self._seed = the_course.seed
        self._suite = Suite(the_course, section)
        self._link = link
        self._right = reference(the_course, section)
        self.checks = {check.name: check for check in self._suite.checks}

    def failed(self, function: str, code: str) -> list[str]:
        """Return the checks that the reference fails with `code` in it, except those that only follow."""
        return [result.check.name for result in self.results(function, code) if is_lost(result)]

    def results(self, function: str, code: str) -> list[CheckResult]:
        """Return the outcome of the checks of the item of `function` for the reference with `code` in it."""
        item = self._item(function)
        files = self._broken(function, item, code)
        wrong = make_attempt(self.section, "wrong", Path(), files)
        judgement = judge(self._suite, wrong, self._link, self._seed)
        if judgement.fault_of_ours:
            raise ContractError(judgement.fault_of_ours)
        return [result for result in judgement.results if result.check.item == item.id]

    def _item(self, function: str) -> Item:
        """Return the item that a function belongs to: that of its checks, or of the module that it helps in."""
        for check in self.checks.values():
            if check.function == function:
                return self.section.item(check.item)
        *owner, name = function.split(".")
        heads = [f"class {owner[0]}".encode(), f"def {name}(".encode()] if owner else [f"def {name}(".encode()]
        for item in self.section.items:
            if item.module and all(head in self._right[item.module] for head in heads):
                return item
        raise ContractError(f"nothing in section `{self.section.id}` is called `{function}`")

    def _broken(self, function: str, item: Item, code: str) -> dict[str, bytes]:
        owner, _, name = function.rpartition(".")
        held = f'{owner}.__dict__["{name}"]' if owner else name
        put_in_place = f"{function} = _instead_of({held}, wrong)" if "def wrong(" in code else ""
        files = self._right.copy()
        torch = "import torch" if b"import torch" in files[item.module or self.section.notebook] else ""
        end = _END.format(torch=torch, code=code, put_in_place=put_in_place)
        if item.module:  # the exercises are not asked, so they cost no time
            files[item.module] += end.encode()
            return {name: content for name, content in files.items() if name in self.section.modules}
        notebook = json.loads(files[self.section.notebook])
        (cell,) = (c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == item.id)
        cell["source"] = "".join(cell["source"]) + end
        return files | {self.section.notebook: json.dumps(notebook).encode()}


def is_lost(result: CheckResult) -> bool:
    """Whether a check failed by a fault of its own function."""
    return result.verdict is not Verdict.PASSED and not result.follows_from


def reference(the_course: Course, section: Section) -> dict[str, bytes]:
    """Return the reference solution as it would be handed in."""
    folder = the_course.root / "solutions" / section.id
    return {name: (folder / name).read_bytes() for name in section.expected_files}


def document(contracts: Sequence[Contract], checks: Mapping[str, Mapping[str, Check]]) -> str:
    """Return the tables as a page to read, function by function."""
    lines = [_HEAD]
    for contract in contracts:
        lines.append(f"\n## {contract.section.id}: {contract.section.title}\n")
        for function in dict.fromkeys(name for promise in contract.promises for name in promise.of):
            lines += [f"\n### `{function}`\n", _COLUMNS, "|---|---|---|"]
            for promise in contract.promises:
                if function in promise.of:
                    held = [c for c in promise.checks if checks[contract.section.id][c].function == function]
                    names = ", ".join(f"`{check}`" for check in held)
                    lines.append(f"| {_quoted(promise)} | {names} | {_cell('; '.join(promise.wrong))} |")
        lines += ["\n### Said, and not checked\n", "| Where | Words | Why no check |", "|---|---|---|"]
        for remark in contract.remarks:
            where = ", ".join(f"`{name}`" for name in remark.of)
            lines.append(f"| {where} | {_quoted(remark)} | {_cell(remark.why)} |")
    return "\n".join(lines) + "\n"


def _quoted(row: Promise | Remark) -> str:
    return "<br>".join(f"“{_cell(quote)}”" for quote in row.says)


def _cell(words: str) -> str:
    return _plain(words).replace("|", "\\|")


def main() -> int:
    """Write the document, or judge the wrong programs of a section and show what each fails."""
    the_course = course.load(ROOT)
    known = [section.id for section in the_course.sections]
    parser = argparse.ArgumentParser(description="Write docs/contract.md, or judge wrong programs of the contract.")
    parser.add_argument("--judge", action="store_true", help="judge the wrong programs of all sections")
    parser.add_argument("--section", choices=known, help="judge those of this section")
    parser.add_argument("--about", help="only those of this function")
    options = parser.parse_args()
    try:
        if options.judge or options.section:
            asked = [options.section] if options.section else known
            return max(show(the_course, the_course.section(section), options.about) for section in asked)
        atomic.write(DOCUMENT, current(the_course).encode())
        sys.stdout.write(f"{DOCUMENT}\n")
        return 0
    except ContractError as error:
        sys.exit(str(error))


def current(the_course: Course) -> str:
    """Return the document that the tables make now."""
    suites = {section.id: Suite(the_course, section) for section in the_course.sections}
    checks = {name: {check.name: check for check in suite.checks} for name, suite in suites.items()}
    return document([load(the_course, section) for section in the_course.sections], checks)


def show(the_course: Course, section: Section, about: str | None) -> int:
    """Print what is missing in the table of a section; return 1 if anything is."""
    contract = load(the_course, section)
    wrong = [f"{name}: no row holds “{words}”" for name, words in contract.left_out().items()]
    wrong += [f"{name} does not say “{quote}”" for name, quote in contract.misquoted()]
    with Pool(WALLS) as pool:
        pool.ensure()
        link = Link(pool.folder)
        trial = Trial(the_course, section, link)
        held = {check for promise in contract.promises for check in promise.checks}
        wrong += [f"no promise is held by `{check}`" for check in trial.checks if check not in held]
        for promise in contract.promises:
            for function in promise.of:
                if about in (None, function):
                    wrong += disagreements(trial, promise, function, sys.stdout.write)
        link.close()
    sys.stdout.write("".join(f"! {line}\n" for line in wrong))
    return int(bool(wrong))


def disagreements(
    trial: Trial, promise: Promise, function: str, say: Callable[[str], object] = lambda _: None
) -> list[str]:
    """Judge the wrong programs of a promise for `function`; return what is not as the row says."""
    promised = [name for name in promise.checks if name in trial.checks and trial.checks[name].function == function]
    wrong = [f"there is no check `{name}`" for name in promise.checks if name not in trial.checks]
    if not promise.wrong or not promised:
        wrong.append(f"{function}: “{promise.says[0]}” has no wrong program or no check")
    seen: set[str] = set()
    for name, code in promise.wrong.items():
        failed = trial.failed(function, code)
        say(f"{function} | {_plain(promise.says[0])[:50]} | {name}: {', '.join(failed) or '-'}\n")
        seen.update(failed)
        if not failed:
            wrong.append(f"{function}: “{name}” keeps all points")
        if others := set(failed) - set(promised):
            wrong.append(f"{function}: “{name}” fails {', '.join(sorted(others))} too")
    if idle := set(promised) - seen:
        wrong.append(f"{function}: no wrong program of “{_plain(promise.says[0])}” fails {', '.join(sorted(idle))}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
