"""The rules of an item in prose, and its graded answers.

The rules are ``suites/<section>/<item>.toml``: the ideas that a good answer contains, claims that are known to be
wrong, and ways to say each. The graded answers are ``<item>.answers.toml`` beside it. A way to say something is a row
of terms in the one spelling of :mod:`autograder.prose.sentences`::

    knowing ... <nothing> .. about       # `...` skips up to eight tokens, `..` up to three
    factor* & product/marginals          # `&`: both, in any order, in one sentence; `*` any ending; `/` either
    <nothing>                            # a list under [words], each entry a row of terms itself

How a way counts depends on the negations in its sentence: a negation that is not part of the way itself turns it round
if it comes before one of its terms and in the same clause (a wide one, "it is not true that", reaches to the end of the
sentence). An idea that is turned round is *denied*, except in a sentence that refutes a wrong claim ("it does not mean
that …"); a wrong claim that is turned round is refuted and not counted. Lists of terms, questions, copies of the
question and words to the grader state nothing and are not counted either.

Besides ``say``, an idea can have ``opposite`` (ways to deny it), ``unless`` (a match is ignored if one of these ways
comes just before it), ``excuse`` (a denial in the same sentence as one of these is ignored) and ``deniable = false``.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from autograder.course import CourseError, Item
from autograder.prose import sentences
from autograder.prose.patterns import Choice, Gap, Row, Way, Word
from autograder.prose.sentences import FUNCTION_WORDS, VERBS
from autograder.tables import Table

_GAPS = {"..": 3, "...": 8}


@dataclass(frozen=True)
class Idea:
    """A concept that a good answer contains, or a claim that is known to be wrong (then ``points`` are its cost)."""

    id: str
    title: str
    points: float
    say: tuple[Way, ...]
    opposite: tuple[Way, ...] = ()
    unless: tuple[Way, ...] = ()
    excuse: tuple[Way, ...] = ()
    deniable: bool = True


@dataclass(frozen=True)
class Graded:
    """An answer of the bank with a careful grader's points, and the part of the bank that it belongs to."""

    id: str
    part: str
    points: float
    why: str
    text: str


@dataclass(frozen=True)
class Rules:
    """The rules of one item, and its graded answers; ``vectors`` is where those of the answers are kept."""

    item: str
    points: float
    step: float
    question: str
    spelling: tuple[str, ...]
    concepts: tuple[Idea, ...]
    wrong_claims: tuple[Idea, ...]
    known: Word
    answers: tuple[Graded, ...] = ()
    vectors: Path = Path()


def load_rules(path: Path, item: Item) -> Rules:
    """Read the rules of `item`, and its graded answers if there are any.

    Raises
    ------
    CourseError
        If the file is not valid TOML or contradicts itself or the course; the message names file, place and remedy.
    """
    answers = path.with_suffix(".answers.toml")
    rules = _RulesReader(path).rules(item)
    if not answers.is_file():
        return rules
    graded = _RulesReader(answers).answers(item)
    return dataclasses.replace(rules, answers=graded, vectors=path.parent / "__pycache__" / path.stem)


def rows(texts: Iterable[str]) -> tuple[Row, ...]:
    """Return rows of terms that are written in the code itself."""
    reader = _RulesReader(Path(__file__))
    return tuple(reader.row(text, "rows", ()) for text in texts)


class _RulesReader:
    """Reads one rules file; every complaint names it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.words: Mapping[str, Any] = {}
        self.choices: dict[str, Choice] = {}
        self.terms: dict[tuple[frozenset[str], tuple[str, ...]], Word] = {}
        self.literals: set[str] = set()
        self.stems: set[str] = set()

    def answers(self, item: Item) -> tuple[Graded, ...]:
        table = Table.read(self.path, CourseError)
        table.only({"answer"})
        found = []
        for entry in table.tables("answer"):
            entry.only({"id", "part", "points", "why", "text"})
            said = {key: entry.value(key, str) for key in ("id", "part", "why", "text")}
            points = entry.number("points")
            if not 0 <= points <= item.points:
                entry.fail(f"`points` must be from 0 to {item.points:g}; got {points:g}")
            found.append(Graded(points=points, **said))
        table.once((answer.id for answer in found), "id")
        if not any(answer.points == item.points for answer in found):
            table.fail(f"at least one [[answer]] must be worth all {item.points:g} points")
        return tuple(found)

    def rules(self, item: Item) -> Rules:
        table = Table.read(self.path, CourseError)
        table.only({"item", "points", "step", "question", "spelling", "words", "concept", "wrong"})
        if table.value("item", str) != item.id or table.number("points") != item.points:
            table.fail(f"`item` and `points` must be {item.id!r} and {item.points:g}, as in course.toml")
        self.words = table.value("words", dict, default={})
        concepts = tuple(self.idea(entry, "points") for entry in table.tables("concept"))
        wrong = tuple(self.idea(entry, "cost") for entry in table.tables("wrong", default=()))
        spelling = table.strings("spelling", default=())
        if round(sum(concept.points for concept in concepts), 9) < item.points:
            table.fail(f"the concepts give fewer than the item's {item.points:g} points")
        table.once((idea.id for idea in (*concepts, *wrong)), "id")
        return Rules(
            item=item.id,
            points=item.points,
            step=table.number("step", default=0.5),
            question=table.value("question", str),
            spelling=spelling,
            concepts=concepts,
            wrong_claims=wrong,
            known=Word(frozenset(self.literals | set(spelling) | FUNCTION_WORDS | VERBS), tuple(sorted(self.stems))),
        )

    def idea(self, table: Table, worth: str) -> Idea:
        table.only({"id", "title", worth, "say", "opposite", "unless", "excuse", "deniable"})
        points = table.number(worth)
        if not 0 < points < math.inf:
            table.fail(f"`{worth}` must be positive; got {points:g}")
        ways = {
            key: tuple(self.way(text, table.where) for text in table.strings(key, default=()))
            for key in ("say", "opposite", "unless", "excuse")
        }
        if not ways["say"]:
            table.fail("needs at least one way to `say` it")
        deniable = table.value("deniable", bool, default=True)
        return Idea(table.value("id", str), table.value("title", str), points, **ways, deniable=deniable)

    def way(self, text: str, where: str) -> Way:
        return Way(text, tuple(self.row(row, where, ()) for row in text.split(" & ")))

    def row(self, text: str, where: str, within: tuple[str, ...]) -> Row:
        terms = tuple(self.term(term, where, within) for term in text.split())
        if not terms or isinstance(terms[0], Gap) or isinstance(terms[-1], Gap):
            self.fail(f"{where}: {text!r} must begin and end with a term, and so must each side of a `&`")
        return Row(terms)

    def term(self, term: str, where: str, within: tuple[str, ...]) -> Word | Gap | Choice:
        if term in _GAPS:
            return Gap(_GAPS[term])
        if name := re.fullmatch(r"<([a-z-]+)>", term):
            return self.choice(name[1], where, within)
        exact: set[str] = set()
        prefixes: set[str] = set()
        for word in term.split("/") if len(term) > 1 else [term]:
            stem = word.removesuffix("*")
            if term not in sentences.SIGNS and sentences.tokens_of(stem) != (stem,):
                self.fail(
                    f"{where}: {word!r} never appears in a text in this spelling; it is read as "
                    f"{' '.join(sentences.tokens_of(stem)) or 'nothing'}"
                )
            (prefixes if word.endswith("*") else exact).add(stem)
        self.literals |= exact
        self.stems |= prefixes
        key = (frozenset(exact), tuple(sorted(prefixes)))
        return self.terms.setdefault(key, Word(*key))

    def choice(self, name: str, where: str, within: tuple[str, ...]) -> Choice:
        if name not in self.choices:
            if name not in self.words or name in within:
                self.fail(f"{where}: <{name}> is not a list under [words], or contains itself")
            rows = tuple(self.row(entry, f"<{name}>", (*within, name)) for entry in self.words[name])
            self.choices[name] = Choice(rows)
        return self.choices[name]

    def fail(self, message: str) -> NoReturn:
        raise CourseError(f"{self.path}: {message}")
