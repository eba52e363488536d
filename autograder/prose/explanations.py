"""Reads an explanation in prose and suggests points; a person decides.

Two readers that know nothing of each other read it, and points are suggested where they agree: the mean of both, in
steps. One follows rules and gives the evidence, the sentences that it rests on. The other compares the answer with
graded ones by what sentences mean (:mod:`autograder.prose.embeddings`), and is there if the extra ``prose`` is
installed. Without it there is evidence and no suggestion.

The rules of an item are ``suites/<section>/<item>.toml``: the ideas that a good answer holds, claims that are known to
be wrong, and ways to say each. The graded answers are ``<item>.answers.toml`` beside it. A way to say something is a
row of terms in the one spelling of :mod:`autograder.prose.sentences`::

    knowing ... <nothing> .. about       # `...` skips up to eight tokens, `..` up to three
    factor* & product/marginals          # `&`: both, in any order, in one sentence; `*` any ending; `/` either
    <nothing>                            # a list under [words], each entry a row of terms itself

A way counts in the sentence that holds it, by the sentence's negations: a negation that is not part of the way itself
turns it round if it comes before a term of it and within the same clause (a wide one, "it is not true that", reaches
to the end of the sentence). An idea that is turned round is *denied*, except in a sentence that refutes a wrong claim
("it does not mean that …"); a wrong claim that is turned round is refuted and counts for nothing. Lists of terms,
questions, copies of the question and words to the grader state nothing and count for nothing either.

Beside ``say``, an idea can have ``opposite`` (ways to deny it), ``unless`` (ways that make a match count for nothing if
they come just before it), ``excuse`` (ways that make a denial in the same sentence none) and ``deniable = false``.

Where the text can't be read with confidence, or part of the answer may be in another cell, nothing is suggested, and
the remarks say why. No part of this runs anything of the student's, and every step is bounded by the length of the
text, which is bounded itself.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from autograder.course import CourseError, Item, Section
from autograder.prose import embeddings, sentences
from autograder.prose.patterns import Choice, Finder, Gap, Match, Row, Way, Word
from autograder.prose.sentences import FUNCTION_WORDS, VERBS, Sentence
from autograder.submissions import notebook
from autograder.submissions.notebook import Cell, NotebookError
from autograder.verdict import UNANSWERED

_GAPS = {"..": 3, "...": 8}
_NEGATIONS = frozenset({"not", "no", "never", "neither", "nor", "without", "nothing", "none", "nobody"})
_CONTRASTS = frozenset({"unlike", "contrary", "contrast", "opposed", "rather", "instead"})
_BEYOND_NOT = sentences.words("true correct right case what mean imply follow say guarantee prove show conclude")
_REFUTED = sentences.words("false incorrect misconception myth fallacy untrue wrong mistake")
_TURNS = sentences.words(
    ", ; : but because since so therefore hence thus whereas while although though which if when whenever unless iff "
    "implies and it they"
)
_HARD_TURNS = frozenset({";", ":", "but", "whereas", "however"})
_SIGNS_OF_FORMULAS = frozenset({"=", "<", ">", "iff"})
_NO_WORDS = frozenset({"iff", "implies", "infinity", "epsilon", "onehot", "kl", "log", "ln", "const"})
_APPEALS = (
    "full/maximum/max/good/extra .. points/marks/mark/credit/grade",
    "give/award/grant/deserve* .. points/marks/mark/credit/grade/2/full",
    "ignore/disregard/forget ... instructions/rules/rubric/prompt",
    "dear/please/system/grader/assistant/ai .. grader/award/grade/give/generous/accept/kind/consider",
    "you are .. teacher/grader/assistant",
    "need .. points/marks",
)
_ELSEWHERE = (
    "see/read/look below/above/next/comment*/code/docstring",
    "see/read/look/continue*/answer* .. at/in/to/from .. below/above/next/previous/other/last/new/extra/comment*/code",
    "cell below/above",
    "next/previous/other/another/last/following/extra/separate/new .. cell",
    "continue* .. below/above/elsewhere",
)
_APART = 1.5  # steps
_COPIED = 0.6
_TO_THE_GRADER = "Sentences that speak to the grader were set aside."

ONE_READER = "No points are suggested, because the second reader, the extra `prose`, is not installed."
TOO_LONG = "The text is very long; it was not read."
REFERS = "It refers to text outside of this cell."


@dataclass(frozen=True)
class Reading:
    """What was made of one explanation.

    ``answer`` identifies the text (the first digits of its hash). ``suggestion`` is the JSON object for staff, points
    with the readers' ``confidence`` (1 where they agree exactly) and the evidence, or None; then ``evidence`` has what
    was found all the same. ``remarks`` are sentences for the reviewer: why nothing is suggested, or what is odd.
    ``elsewhere`` is text of the student's in other cells that may be part of the answer.
    """

    answer: str
    suggestion: Mapping[str, Any] | None
    remarks: tuple[str, ...] = ()
    evidence: Mapping[str, Any] | None = None
    elsewhere: tuple[str, ...] = ()


# Rules


@dataclass(frozen=True)
class Idea:
    """A concept that a good answer holds, or a claim that is known to be wrong (then ``points`` are its cost)."""

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
    """An answer of the bank with the points of a careful grader, and the part of the bank that it belongs to."""

    id: str
    part: str
    points: float
    why: str
    text: str


@dataclass(frozen=True)
class Rules:
    """The rules of one item, and its graded answers.

    ``vectors`` is where those of the answers are kept, ``left_out`` the numbers of answers that the second reader does
    not learn from, so that it can be measured on them.
    """

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
    left_out: frozenset[int] = frozenset()

    @functools.cached_property
    def second(self) -> embeddings.Reader | None:
        """The reader that compares with graded answers; None if there are none, or the extra is not installed."""
        if not self.answers or embeddings.version() is None:
            return None
        read = [(_Suggestion(self, answer.text, "", "").own_sentences(), answer.points) for answer in self.answers]
        return embeddings.Reader(read, self.points, self.vectors, self.left_out)

    def suggest(self, source: str, handed_out: str = "", shown_before: str = "") -> Reading:
        """Return the suggestion for an answer.

        Parameters
        ----------
        source : str
            Markdown of the student's cell, whatever it holds.
        handed_out : str
            The cell as students got it; its lines are no answer.
        shown_before : str
            What stands before the cell in the released notebook: the question as students read it.
        """
        return _Suggestion(self, source, handed_out, shown_before).reading()

    def finds(self, text: str) -> bool:
        """Return whether `text` says anything that the rules know, or is too long to be read."""
        reading = dataclasses.replace(self, answers=()).suggest(text)
        return TOO_LONG in reading.remarks or bool(reading.evidence and reading.evidence["sentences"])


def load_rules(path: Path, item: Item) -> Rules:
    """Read the rules of `item`, and its graded answers if there are any beside them.

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


class _RulesReader:
    """Reads one rules file; every complaint names it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.words: Mapping[str, Any] = {}
        self.choices: dict[str, Choice] = {}
        self.terms: dict[tuple[frozenset[str], tuple[str, ...]], Word] = {}
        self.literals: set[str] = set()
        self.stems: set[str] = set()

    def table(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CourseError(f"{self.path} can't be read: {error}") from error

    def answers(self, item: Item) -> tuple[Graded, ...]:
        table = self.table()
        self.known(table, {"answer"}, "the top level")
        found = []
        for entry in self.value(table, "answer", list):
            self.known(entry, {"id", "part", "points", "why", "text"}, f"[[answer]] {entry.get('id', '?')!r}")
            said = {key: self.value(entry, key, str) for key in ("id", "part", "why", "text")}
            points = float(self.value(entry, "points", (int, float)))
            if not 0 <= points <= item.points:
                self.fail(f"[[answer]] {said['id']!r}: `points` must be from 0 to {item.points:g}; got {points:g}")
            found.append(Graded(points=points, **said))
        self.once([answer.id for answer in found])
        if not any(answer.points == item.points for answer in found):
            self.fail(f"at least one [[answer]] must be worth all {item.points:g} points")
        return tuple(found)

    def rules(self, item: Item) -> Rules:
        table = self.table()
        known = {"item", "points", "step", "question", "spelling", "words", "concept", "wrong"}
        self.known(table, known, "the top level")
        if table.get("item") != item.id or table.get("points") != item.points:
            self.fail(f"`item` and `points` must be {item.id!r} and {item.points:g}, as in course.toml")
        self.words = self.value(table, "words", dict, {})
        concepts = tuple(self.idea(entry, "points", "concept") for entry in self.value(table, "concept", list))
        question = self.value(table, "question", str)
        wrong = tuple(self.idea(entry, "cost", "wrong") for entry in self.value(table, "wrong", list, []))
        spelling = tuple(self.value(table, "spelling", list, []))
        if round(sum(concept.points for concept in concepts), 9) < item.points:
            self.fail(f"the concepts give fewer than the item's {item.points:g} points")
        self.once([idea.id for idea in (*concepts, *wrong)])
        return Rules(
            item=item.id,
            points=item.points,
            step=float(self.value(table, "step", (int, float), 0.5)),
            question=question,
            spelling=spelling,
            concepts=concepts,
            wrong_claims=wrong,
            known=Word(frozenset(self.literals | set(spelling) | FUNCTION_WORDS | VERBS), tuple(sorted(self.stems))),
        )

    def idea(self, table: Mapping[str, Any], worth: str, kind: str) -> Idea:
        where = f"[[{kind}]] {table.get('id', '?')!r}"
        self.known(table, {"id", "title", worth, "say", "opposite", "unless", "excuse", "deniable"}, where)
        points = float(self.value(table, worth, (int, float)))
        if not 0 < points < math.inf:
            self.fail(f"{where}: `{worth}` must be positive; got {points:g}")
        ways = {
            key: tuple(self.way(text, where) for text in self.value(table, key, list, []))
            for key in ("say", "opposite", "unless", "excuse")
        }
        if not ways["say"]:
            self.fail(f"{where} needs at least one way to `say` it")
        deniable = table.get("deniable", True) is True
        return Idea(self.value(table, "id", str), self.value(table, "title", str), points, **ways, deniable=deniable)

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
                    f"{where}: {word!r} never stands in a text in this spelling, but as "
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
                self.fail(f"{where}: <{name}> is no list under [words], or holds itself")
            rows = tuple(self.row(entry, f"<{name}>", (*within, name)) for entry in self.words[name])
            self.choices[name] = Choice(rows)
        return self.choices[name]

    def once(self, ids: Sequence[str]) -> None:
        for name in ids:
            if ids.count(name) > 1:
                self.fail(f"the id {name!r} appears twice")

    def value(self, table: Mapping[str, Any], key: str, kind: Any, default: Any = None) -> Any:
        value = table.get(key, default)
        if not isinstance(value, kind) or isinstance(value, bool):
            self.fail(f"`{key}` is missing or of the wrong type; got {value!r}")
        return value

    def known(self, table: Mapping[str, Any], keys: set[str], where: str) -> None:
        if unknown := sorted(set(table) - keys):
            self.fail(f"{where} has the unknown key `{unknown[0]}`; known are {', '.join(sorted(keys))}")

    def fail(self, message: str) -> NoReturn:
        raise CourseError(f"{self.path}: {message}")


# Statements


class _Statement:
    """A sentence that states something, with its negations."""

    def __init__(self, sentence: Sentence, tokens: tuple[str, ...]) -> None:
        self.sentence = sentence
        self.tokens = tokens
        self.finder = Finder(tokens)
        self.wide = {place for place, word in enumerate(tokens) if self._is_wide(place, word)}
        self.narrow = {
            place
            for place, token in enumerate(tokens)
            if token in _NEGATIONS
            and place not in self.wide
            and not (token in ("nor",) and "neither" in tokens[:place])
        }
        self.backward = {place for place in self.wide if self._is_backward(place)}
        self.contrasts = {place for place, token in enumerate(tokens) if token in _CONTRASTS}

    def says(self, way: Way, unless: Sequence[Way] = (), anywhere: bool = False) -> Iterator[tuple[bool, bool]]:
        """Yield for each place where `way` stands whether it is turned round, and whether anything speaks against it.

        The first is a matter of an odd number of negations, the second of any negation or contrast. A place counts
        for nothing if a way of `unless` stands just before it, or `anywhere` in the sentence.
        """
        rows = [self.finder.matches(row) for row in way.rows]
        if not all(rows):
            return
        anchor, *others = rows
        chosen = [min(matches, key=lambda match: len(self._against(match, self.narrow | self.wide)))
                  for matches in others]  # fmt: skip
        for match in anchor:
            matches = [match, *chosen]
            held = frozenset().union(*(part.held for part in matches))
            if any(self._voids(other, match, anywhere) for other in unless):
                continue
            negations = {place for part in matches for place in self._against(part, (self.narrow | self.wide) - held)}
            contrasts = {place for part in matches for place in self._against(part, self.contrasts - held)}
            yield len(negations) % 2 == 1, bool(negations or contrasts)

    def holds(self, way: Way) -> bool:
        """Return whether `way` stands anywhere in the sentence, turned round or not."""
        return all(self.finder.matches(row) for row in way.rows)

    def _against(self, match: Match, negations: Iterable[int]) -> set[int]:
        """Return the negations that reach `match`."""
        found = set()
        for place in negations:
            if place in match.held:
                continue
            after = min((held for held in match.held if held > place), default=None)
            if after is None:
                if place in self.backward and self._ends_on(place, match):
                    found.add(place)
                continue
            between = self.tokens[place + 1 : after]
            turns = _HARD_TURNS if place in self.wide else _TURNS
            if not turns.intersection(between):
                found.add(place)
        return found

    def _ends_on(self, place: int, match: Match) -> bool:
        """Return whether the sentence says of `match`, which stands before, that it is false."""
        named = self.tokens[max(place - 2, 0)] in ("this", "that")
        return match.end <= place and (named or not _HARD_TURNS.intersection(self.tokens[match.end : place]))

    def _is_backward(self, place: int) -> bool:
        """Return whether the negation at `place` speaks of what stands before it: "… is wrong", "… is not true"."""
        before, after = self.tokens[max(place - 1, 0)], self.tokens[place + 1 : place + 2]
        return self.tokens[place] in _REFUTED or (
            before in ("is", "are", "was") and bool(after) and after[0] in ("true", "correct", "right", "what", "case")
        )

    def _is_wide(self, place: int, word: str) -> bool:
        before = self.tokens[place - 1] if place else ""
        after = self.tokens[place + 1 : place + 4]
        if word in ("misconception", "myth", "fallacy", "untrue"):
            return True
        if word in _REFUTED:
            said = before in ("is", "be", "was", "are", "common") or (bool(after) and after[0] in ("to", "that", ":"))
            return said and not (after and after[0].startswith(("class", "label", "one", "categor")))
        if word == "no":
            return bool(after) and after[0] in ("way", "case", "chance", "situation", "sense")
        if word != "not":
            return False
        return any(beyond in _BEYOND_NOT for beyond in after)

    def _voids(self, way: Way, match: Match, anywhere: bool) -> bool:
        if anywhere:
            return self.holds(way)
        first = max(match.start - 10, 0)
        for place in range(match.start - 1, first - 1, -1):
            ends_contrast = self.tokens[place] == "," and _CONTRASTS.intersection(
                self.tokens[max(place - 6, 0) : place]
            )
            if self.tokens[place] in _HARD_TURNS or ends_contrast:
                first = place + 1
                break
        window = range(first, match.end)
        return all(
            any(found.start in window and found.end - 1 in window for found in self.finder.matches(row))
            for row in way.rows
        )


# Suggesting


class _Suggestion:
    """Makes the suggestion for one answer."""

    def __init__(self, rules: Rules, source: str, handed_out: str, shown_before: str) -> None:
        self.rules = rules
        self.answer = digest(source)
        self.remarks: list[str] = []
        self.own = _own_lines(source[: 20 * sentences.MAX_CHARACTERS], handed_out)
        self.questions = _shingles_of_question(rules.question) | _shingles_of_question(shown_before)
        self.affirmed: dict[str, list[int]] = {}
        self.denied: dict[str, list[int]] = {}
        self.made: dict[str, list[int]] = {}
        self.refuted: dict[str, list[int]] = {}
        self.quoted: list[Sentence] = []

    def reading(self) -> Reading:
        text = sentences.read(self.own)
        if text.too_long:
            return self.nothing(TOO_LONG)
        if text.code > 0.5:
            return self.nothing("Most of the answer is code.")
        if not any(sentence.tokens for sentence in text.sentences):
            return self.zero(UNANSWERED)
        rest = self.set_aside(text.sentences)
        if not rest:
            return self.zero("Nothing is left but words of the question, or words to the grader.")
        if unread := self.unreadable(rest, [word for sentence in rest for word in sentence.words]):
            return self.nothing(unread)
        for sentence in rest:
            if sentence.asserts:
                self.recognise(self.statement(sentence))
        if _TO_THE_GRADER in self.remarks and not self.quoted:
            return self.nothing("Nothing was recognised in the rest.")
        if any(_holds(sentence, _ELSEWHERE_ROWS) for sentence in rest):
            return self.nothing(REFERS)
        if both := self.contradictions():
            return self.nothing(f"The answer contradicts itself: {both}")
        return self.points([sentence.text for sentence in rest])

    def own_sentences(self) -> list[str]:
        """Return the sentences that the second reader gets."""
        return [sentence.text for sentence in self.set_aside(sentences.read(self.own).sentences)]

    def set_aside(self, found: Sequence[Sentence]) -> list[Sentence]:
        """Return the sentences that are the student's own answer."""
        rest = []
        copied = appeals = 0
        for sentence in found:
            if _is_copy(sentence, self.questions):
                copied += 1
                continue
            if _holds(sentence, _APPEAL_ROWS):
                appeals += 1
            elif sentence.tokens:
                rest.append(sentence)
        if copied:
            self.remarks.append("Sentences that repeat the question were set aside.")
        if appeals:
            self.remarks.append(_TO_THE_GRADER)
        return rest

    def unreadable(self, rest: Sequence[Sentence], words: Sequence[str]) -> str | None:
        letters = "".join(words)
        if sum(c > "\u024f" for c in letters) > 0.3 * max(len(letters), 1):
            return "It is written in letters of another language."
        plain = [word for word in words if word not in _NO_WORDS]
        if len(plain) < 3 and any(_SIGNS_OF_FORMULAS.intersection(sentence.tokens) for sentence in rest):
            return "It is formulas, without words."
        english = sum(word in FUNCTION_WORDS for word in words)
        known = sum(self.rules.known.fits(word) for word in words)
        if len(words) >= 5 and english < 0.12 * len(words) and known < 0.4 * len(words):
            return "It seems to be written in another language than English."
        return None

    def statement(self, sentence: Sentence) -> _Statement:
        return _Statement(sentence, tuple(self.spelled(token) for token in sentence.tokens))

    def spelled(self, token: str) -> str:
        if not token.isalpha() or self.rules.known.fits(token):
            return token
        return sentences.near(token, self.rules.spelling) or token

    def recognise(self, statement: _Statement) -> None:
        number = len(self.quoted)
        if _takes_back(statement.tokens) and number:
            for name in [name for name, numbers in self.made.items() if numbers == [number - 1]]:
                self.refuted.setdefault(name, []).extend(self.made.pop(name))
        seen = refutes = False
        for claim in self.rules.wrong_claims:
            against = {against for way in claim.say for _, against in statement.says(way, claim.unless)}
            against |= {True for way in claim.opposite for _ in statement.says(way)}
            if against == {False}:
                self.made.setdefault(claim.id, []).append(number)
            elif against:
                self.refuted.setdefault(claim.id, []).append(number)
                refutes = True
            seen = seen or bool(against)
        for concept in self.rules.concepts:
            turned = {turned for way in concept.say for turned, _ in statement.says(way, concept.unless)}
            turned |= {
                not turned for way in concept.opposite for turned, _ in statement.says(way, concept.unless, True)
            }
            if False in turned:
                self.affirmed.setdefault(concept.id, []).append(number)
            elif turned and not (refutes or self.excused(concept, statement)):
                self.denied.setdefault(concept.id, []).append(number)
            seen = seen or bool(turned)
        if seen:
            self.quoted.append(statement.sentence)

    def excused(self, concept: Idea, statement: _Statement) -> bool:
        """Return whether turning `concept` round in `statement` is no denial of it."""
        return not concept.deniable or any(statement.holds(way) for way in concept.excuse)

    def contradictions(self) -> str:
        titles = [c.title for c in self.rules.concepts if c.id in self.affirmed and c.id in self.denied]
        titles += [c.title for c in self.rules.wrong_claims if c.id in self.made and c.id in self.refuted]
        return "; ".join(f"“{title}” is said and denied" for title in titles)

    def points(self, own: Sequence[str]) -> Reading:
        if not self.rules.answers:
            return self.nothing("There are no graded answers to compare it with.")
        if self.rules.second is None:
            return self.nothing(ONE_READER)
        evidence = self.evidence()
        raw = sum(entry["points"] for entry in (*evidence["concepts"], *evidence["wrong_claims"]))
        both = [min(max(points, 0.0), self.rules.points) for points in (raw, self.rules.second.points(own))]
        apart = abs(both[0] - both[1])
        if apart >= _APART * self.rules.step:
            return self.nothing(f"Two readers differ: {both[0]:.1f} points by rules, {both[1]:.1f} by comparison.")
        # The small number keeps a sum like 0.4 + 0.35 from falling just short of half a step.
        points = self.rules.step * math.floor(sum(both) / 2 / self.rules.step + 0.5 + 1e-9)
        return self.suggestion(min(points, self.rules.points), 1 - apart / self.rules.points)

    def evidence(self) -> dict[str, Any]:
        concepts = [self.found(c, self.affirmed[c.id], c.points) for c in self.rules.concepts if c.id in self.affirmed]
        wrong = [self.found(c, self.made[c.id], -c.points) for c in self.rules.wrong_claims if c.id in self.made]
        for concept in self.rules.concepts:
            if concept.id in self.denied:
                denial = self.found(concept, self.denied[concept.id], -self.rules.step)
                wrong.append(denial | {"id": f"not-{concept.id}", "title": f"The opposite of: {concept.title}"})
        return {"concepts": concepts, "wrong_claims": wrong, "sentences": [sentence.text for sentence in self.quoted]}

    def found(self, idea: Idea, numbers: Sequence[int], points: float) -> dict[str, Any]:
        return {"id": idea.id, "title": idea.title, "points": points, "sentences": list(numbers)}

    def zero(self, why: str) -> Reading:
        if self.rules.second is None:
            return self.nothing(why)
        self.remarks.append(why)
        return self.suggestion(0.0, 1.0)

    def suggestion(self, points: float, confidence: float) -> Reading:
        suggestion = {"points": points, "confidence": round(confidence, 2), **self.evidence()}
        return Reading(self.answer, suggestion, tuple(self.remarks))

    def nothing(self, why: str) -> Reading:
        return Reading(self.answer, None, (*self.remarks, why), self.evidence())


def _takes_back(tokens: Sequence[str]) -> bool:
    """Return whether a sentence says that the one before it is wrong: "But this is not true."."""
    start = tokens[1:] if tokens[:1] in (("but",), ("however",)) else tokens
    start = start[1:] if start[:1] == (",",) else start
    if not (start[:1] in (("this",), ("that",)) and start[1:2] in (("is",), ("was",), ("would",))):
        return False
    said = start[2:5]
    return bool(_REFUTED.intersection(said)) or ("not" in said and bool({"true", "correct", "right"} & set(start[2:6])))


def digest(source: str) -> str:
    """Return what an answer is known by: the first digits of a hash of its text, without blanks at its ends."""
    return hashlib.sha256(source.strip().encode("utf-8", "replace")).hexdigest()[:12]


def _own_lines(source: str, handed_out: str) -> str:
    given = {line.strip() for line in handed_out.splitlines() if line.strip()}
    return "\n".join(line for line in source.split("\n") if line.strip() not in given)


def _shingles(text: str) -> set[tuple[str, ...]]:
    """Return all rows of three tokens."""
    tokens = sentences.tokens_of(text[: sentences.MAX_CHARACTERS])
    return {tokens[at : at + 3] for at in range(len(tokens) - 2)}


_shingles_of_question = functools.lru_cache(maxsize=16)(_shingles)  # the same for the whole class


def _is_copy(sentence: Sentence, of: set[tuple[str, ...]]) -> bool:
    rows = [sentence.tokens[at : at + 3] for at in range(len(sentence.tokens) - 2)]
    return len(rows) > 1 and sum(row in of for row in rows) >= _COPIED * len(rows)


def _rows(texts: Iterable[str]) -> tuple[Row, ...]:
    reader = _RulesReader(Path(__file__))
    return tuple(reader.row(text, "rows", ()) for text in texts)


_APPEAL_ROWS, _ELSEWHERE_ROWS = _rows(_APPEALS), _rows(_ELSEWHERE)


def _holds(sentence: Sentence, rows: tuple[Row, ...]) -> bool:
    finder = Finder(sentence.tokens)
    return any(finder.matches(row) for row in rows)


# Reading submissions


_MORE_THAN_A_HEADING = 8  # words
# No line of code has so many words in a row. A word is tried from its first letter only, and once (`{2,}+`).
_SENTENCE = re.compile(r"(?<![A-Za-z])(?:[A-Za-z]{2,}+[,;:]? ){4}")
_TEXTS_SHOWN = 10


class Explanations:
    """The items in prose of one section: finds each one's cell in a submitted notebook and reads it.

    Parameters
    ----------
    section
        The section.
    folder
        The folder of its hidden suite, where the rules lie.
    released
        Cells of the notebook that students got; which cell is which is read from them.

    Raises
    ------
    CourseError
        If a rules file contradicts itself or the course.
    """

    def __init__(self, section: Section, folder: Path, released: Sequence[Cell]) -> None:
        self._released = released
        self._rules: dict[str, Rules | None] = {}
        for item in section.items:
            if item.kind == "prose":
                path = folder / f"{item.id}.toml"
                rules = self._rules[item.id] = load_rules(path, item) if path.is_file() else None
                if rules is not None:
                    _ = rules.second  # made once for all processes that are forked from this one

    def read(self, submitted: bytes | None) -> dict[str, Reading]:
        """Return what is made of each explanation in a submitted notebook, whatever bytes it is made of."""
        if not self._rules:
            return {}
        if submitted is None:
            return {item: _unanswered(rules, "No notebook was handed in.") for item, rules in self._rules.items()}
        try:
            cells = notebook.notebook_cells(submitted)
        except NotebookError as error:
            return self.unread(str(error))
        return {item: self._one(item, rules, cells) for item, rules in self._rules.items()}

    def unread(self, reason: str) -> dict[str, Reading]:
        """Return, for each explanation, that a person must look for it, and why."""
        return {item: Reading(digest(""), None, (reason,)) for item in self._rules}

    def _one(self, item: str, rules: Rules | None, cells: Sequence[Cell]) -> Reading:
        place = next((number for number, cell in enumerate(self._released) if cell.grade_id == item), None)
        if place is None:
            return Reading(digest(""), None, (f"The released notebook has no cell `{item}`.",))
        master = self._released[place]
        places = [
            number
            for number, cell in enumerate(cells)
            if cell.grade_id == item or (cell.cell_id is not None and cell.cell_id == master.cell_id)
        ]
        found = [cells[number] for number in places]
        remarks = []
        if len(found) > 1:
            remarks.append(f"The cell `{item}` appears more than once in the notebook; the first was read.")
        source = found[0].source if found else ""
        if found and found[0].cell_type != "markdown":
            remarks.append(f"The cell `{item}` is not a Markdown cell any more; its text was read.")
        before = [cell.source for cell in self._released[:place] if cell.cell_type == "markdown"]
        if rules is None:
            return Reading(digest(source), None, (*remarks, f"There are no rules for `{item}`."))
        reading = rules.suggest(source, master.source, before[-1] if before else "")
        if not found:
            remarks.append(f"The cell `{item}` was removed.")
        own = self._own(cells)
        copies = {number: cells[number].source for number in places[1:] if cells[number].source.strip()}
        copies = {
            number: text
            for number, text in copies.items()
            if text.strip() not in (source.strip(), master.source.strip())
        }
        if not {UNANSWERED, REFERS}.intersection(reading.remarks):
            own = self._near(cells, own, places[0]) | self._on_the_matter(rules, cells, own)
        elsewhere = tuple(_cut(text) for number, text in sorted((own | copies).items()) if number not in places[:1])
        remarks += reading.remarks
        if not elsewhere:
            return dataclasses.replace(reading, remarks=tuple(remarks))
        remarks.append("Other text of the student's may be part of the answer.")
        return Reading(
            answer=digest("\n\n".join((source, *elsewhere))),
            suggestion=None,
            remarks=tuple(remarks),
            evidence=reading.evidence or _evidence(reading.suggestion),
            elsewhere=elsewhere[:_TEXTS_SHOWN],
        )

    def _own(self, cells: Sequence[Cell]) -> dict[int, str]:
        """Return the number of each cell with more text than a heading that was not released, and that text.

        In code these are lines with sentences, which comments and strings have.
        """
        released = {line.strip() for cell in self._released for line in cell.source.splitlines()}
        found = {}
        for number, cell in enumerate(cells):
            lines = [line for line in cell.source.splitlines() if line.strip() and line.strip() not in released]
            if cell.cell_type == "code":
                lines = [line for line in lines if _SENTENCE.search(line)]
            if len(" ".join(lines).split(maxsplit=_MORE_THAN_A_HEADING)) > _MORE_THAN_A_HEADING:
                found[number] = "\n".join(lines)
        return found

    def _near(self, cells: Sequence[Cell], own: Mapping[int, str], place: int) -> dict[int, str]:
        """Return those of `own` that no released cell separates from the one at `place`, and the released one's."""
        known = {name for cell in self._released for name in (cell.grade_id, cell.cell_id) if name}
        near = {}
        for step in (-1, 1):
            number = place + step
            while 0 <= number < len(cells):
                if number in own:
                    near[number] = own[number]
                if not known.isdisjoint((cells[number].grade_id, cells[number].cell_id)):
                    break
                number += step
        return near

    def _on_the_matter(self, rules: Rules, cells: Sequence[Cell], own: Mapping[int, str]) -> dict[int, str]:
        """Return the Markdown among `own` if the rules find anything in it."""
        text = {number: words for number, words in own.items() if cells[number].cell_type != "code"}
        others = {number for number in text if cells[number].grade_id in self._rules}
        text = {number: words for number, words in text.items() if number not in others}
        return text if text and rules.finds("\n\n".join(text.values())) else {}


def _cut(text: str) -> str:
    return text if len(text) <= sentences.MAX_CHARACTERS else f"{text[: sentences.MAX_CHARACTERS]}…"


def _evidence(suggestion: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if suggestion is None:
        return None
    return {key: suggestion[key] for key in ("concepts", "wrong_claims", "sentences")}


def _unanswered(rules: Rules | None, why: str) -> Reading:
    if rules is None:
        return Reading(digest(""), None, (why,))
    reading = rules.suggest("")
    return dataclasses.replace(reading, remarks=(why, *reading.remarks))
