"""Suggests points for an explanation in prose; a person decides.

Two independent readers read it, and points are suggested if they agree: the mean of both, rounded to steps. One follows
the rules of :mod:`autograder.prose.rules` and gives the evidence, which are the sentences that it relies on. The other
compares the meaning of its sentences with graded answers (:mod:`autograder.prose.embeddings`); it needs the extra
``prose``. Without it there is evidence but no suggestion.

If the text can't be read with confidence, nothing is suggested, and the remarks say why. Nothing of the student's is
run here, and the time for every step is bounded by the length of the text, which is itself bounded.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.prose import embeddings, sentences
from autograder.prose.patterns import Finder, Row
from autograder.prose.rules import Idea, Rules, rows
from autograder.prose.sentences import FUNCTION_WORDS, Sentence
from autograder.prose.statements import Statement, takes_back
from autograder.verdict import UNANSWERED

_SIGNS_OF_FORMULAS = frozenset({"=", "<", ">", "iff"})
_NO_WORDS = frozenset({"iff", "implies", "infinity", "epsilon", "onehot", "kl", "log", "ln", "const"})
_APPEALS = rows(
    (
        "full/maximum/max/good/extra .. points/marks/mark/credit/grade",
        "give/award/grant/deserve* .. points/marks/mark/credit/grade/2/full",
        "ignore/disregard/forget ... instructions/rules/rubric/prompt",
        "dear/please/system/grader/assistant/ai .. grader/award/grade/give/generous/accept/kind/consider",
        "you are .. teacher/grader/assistant",
        "need .. points/marks",
    )
)
_ELSEWHERE = rows(
    (
        "see/read/look below/above/next/comment*/code/docstring",
        "see/read/look/continue*/answer* .. at/in/to/from .. "
        "below/above/next/previous/other/last/new/extra/comment*/code",
        "cell below/above",
        "next/previous/other/another/last/following/extra/separate/new .. cell",
        "continue* .. below/above/elsewhere",
    )
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
    with the readers' ``confidence`` (1 if they agree exactly) and the evidence, or None; in that case ``evidence``
    holds what was found. ``remarks`` are sentences for the reviewer: why nothing is suggested, or what is odd.
    ``elsewhere`` is text of the student's in other cells that may be part of the answer.
    """

    answer: str
    suggestion: Mapping[str, Any] | None
    remarks: tuple[str, ...] = ()
    evidence: Mapping[str, Any] | None = None
    elsewhere: tuple[str, ...] = ()


class Reader:
    """Both readers of one item's explanations.

    ``left_out`` are the numbers of graded answers that the second does not learn from, so that it can be tested on
    them.
    """

    def __init__(self, rules: Rules, left_out: frozenset[int] = frozenset()) -> None:
        self.rules = rules
        self._left_out = left_out
        # One that was handed in again with other code is not read again: ten sentences take a quarter of a second.
        self._remembered = functools.lru_cache(maxsize=256)(self._suggest)

    @functools.cached_property
    def second(self) -> embeddings.Reader | None:
        """The reader that compares with graded answers; None if there are none, or the extra is not installed."""
        answers = self.rules.answers
        if not answers or embeddings.version() is None:
            return None
        read = [(_Suggestion(self.rules, None, answer.text).own_sentences(), answer.points) for answer in answers]
        return embeddings.Reader(read, self.rules.points, self.rules.vectors, self._left_out)

    def suggest(self, source: str, handed_out: str = "", shown_before: str = "") -> Reading:
        """Return the suggestion for an answer.

        Parameters
        ----------
        source : str
            Markdown of the student's cell, not trusted.
        handed_out : str
            The cell as students got it; its lines don't count as an answer.
        shown_before : str
            What comes before the cell in the released notebook: the question as students read it.
        """
        if len(source) > sentences.MAX_CHARACTERS:  # not read, so there is nothing to remember
            return self._suggest(source, handed_out, shown_before)
        return self._remembered(source, handed_out, shown_before)

    def _suggest(self, source: str, handed_out: str, shown_before: str) -> Reading:
        return _Suggestion(self.rules, self.second, source, handed_out, shown_before).reading()

    def finds(self, text: str) -> bool:
        """Return whether `text` says anything that the rules recognise, or is too long to be read."""
        reading = _Suggestion(self.rules, None, text).reading()
        return TOO_LONG in reading.remarks or bool(reading.evidence and reading.evidence["sentences"])


def digest(source: str) -> str:
    """Return the identifier of an answer: the first digits of a hash of its text, without blanks at its ends."""
    return hashlib.sha256(source.strip().encode("utf-8", "replace")).hexdigest()[:12]


class _Suggestion:
    """Makes the suggestion for one answer."""

    def __init__(
        self, rules: Rules, second: embeddings.Reader | None, source: str, handed_out: str = "", shown_before: str = ""
    ) -> None:
        self.rules = rules
        self.second = second
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
            return self.zero("What is left only repeats the question or speaks to the grader.")
        if unread := self.unreadable(rest, [word for sentence in rest for word in sentence.words]):
            return self.nothing(unread)
        for sentence in rest:
            if sentence.asserts:
                self.recognise(self.statement(sentence))
        if _TO_THE_GRADER in self.remarks and not self.quoted:
            return self.nothing("Nothing was recognised in the rest.")
        if any(_holds(sentence, _ELSEWHERE) for sentence in rest):
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
            if _holds(sentence, _APPEALS):
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
            return "It has formulas and no words."
        english = sum(word in FUNCTION_WORDS for word in words)
        known = sum(self.rules.known.fits(word) for word in words)
        if len(words) >= 5 and english < 0.12 * len(words) and known < 0.4 * len(words):
            return "It seems to be written in a language other than English."
        return None

    def statement(self, sentence: Sentence) -> Statement:
        return Statement(sentence, tuple(self.spelled(token) for token in sentence.tokens))

    def spelled(self, token: str) -> str:
        if not token.isalpha() or self.rules.known.fits(token):
            return token
        return sentences.near(token, self.rules.spelling) or token

    def recognise(self, statement: Statement) -> None:
        number = len(self.quoted)
        if takes_back(statement.tokens) and number:
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

    def excused(self, concept: Idea, statement: Statement) -> bool:
        """Return whether turning `concept` round in `statement` does not deny it."""
        return not concept.deniable or any(statement.holds(way) for way in concept.excuse)

    def contradictions(self) -> str:
        titles = [c.title for c in self.rules.concepts if c.id in self.affirmed and c.id in self.denied]
        titles += [c.title for c in self.rules.wrong_claims if c.id in self.made and c.id in self.refuted]
        return "; ".join(f"“{title}” is said and denied" for title in titles)

    def points(self, own: Sequence[str]) -> Reading:
        if not self.rules.answers:
            return self.nothing("There are no graded answers to compare it with.")
        if self.second is None:
            return self.nothing(ONE_READER)
        evidence = self.evidence()
        raw = sum(entry["points"] for entry in (*evidence["concepts"], *evidence["wrong_claims"]))
        both = [min(max(points, 0.0), self.rules.points) for points in (raw, self.second.points(own))]
        apart = abs(both[0] - both[1])
        if apart >= _APART * self.rules.step:
            return self.nothing(f"Two readers differ: {both[0]:.1f} points by rules, {both[1]:.1f} by comparison.")
        # The small number keeps a sum like 0.4 + 0.35 from being rounded down just below half a step.
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
        if self.second is None:
            return self.nothing(why)
        self.remarks.append(why)
        return self.suggestion(0.0, 1.0)

    def suggestion(self, points: float, confidence: float) -> Reading:
        suggestion = {"points": points, "confidence": round(confidence, 2), **self.evidence()}
        return Reading(self.answer, suggestion, tuple(self.remarks))

    def nothing(self, why: str) -> Reading:
        return Reading(self.answer, None, (*self.remarks, why), self.evidence())


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


def _holds(sentence: Sentence, rows: tuple[Row, ...]) -> bool:
    finder = Finder(sentence.tokens)
    return any(finder.matches(row) for row in rows)
