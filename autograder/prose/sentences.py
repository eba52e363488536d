r"""Reads an answer in prose as sentences of tokens: Markdown, LaTeX and Unicode become one plain spelling.

The input is written by a student and may be anything; it is never run, and never shown from here unescaped. Every step
takes time in proportion to the length of the text, and the length is limited first. What is right is not decided here,
but in `autograder.prose.suggestion` with the rules of an item.

One spelling means: lower case; ``p(x,y)``, ``P_{XY}`` and ``$P(X=x, Y=y)$`` are the token ``p(x,y)``; ``\iff`` and
``⟺`` are ``iff``; ``zero`` is ``0``; ``doesn't`` is ``does not``; articles are gone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MAX_CHARACTERS = 6000
MAX_WORDS = 600
MAX_SENTENCES = 200
MAX_TOKENS_OF_A_SENTENCE = 150
SHOWN_CHARACTERS = 400


def words(text: str) -> frozenset[str]:
    """Return the words of `text` as a set."""
    return frozenset(text.split())


FUNCTION_WORDS = words(
    "the of is and to that it for with are if then not be by this we you they one when because about from which there "
    "can does or between but than these both other has have had do did will would my i what how why its their "
    "our your at into only"
)
VERBS = words(
    "is are was were be been being am has have had do does did can could will would may might must should "
    "mean means meant imply implies implied follow follows say says said tell tells told telling give gives gave "
    "get gets become becomes equal equals know knows knowing learn learns learning see sees seen observe observes "
    "observing change changes changed reduce reduces help helps helped hold holds holding happen happens depend "
    "depends factor factors factorise factorises factorize factorizes split splits make makes made need needs use uses "
    "used share shares measure measures vanish vanishes contain contains carry carries cause causes predict predicts "
    "determine determines want wants wanted push pushes go goes going run runs keep keeps stay stays reach reaches "
    "replace replaces replaced punish punishes penalise penalises penalize penalizes add adds pay pays take takes put "
    "puts lie lies lead leads show shows think settle settles stop stops prevent prevents leave leaves "
    "minimise minimises minimize minimizes maximise maximises maximize maximizes grow grows exist exists "
    "remain remains require requires pull pulls blow blows force forces approach approaches flip flips "
    "read reads let lets allow allows correspond corresponds exceed exceeds drive drives driven decrease decreases "
    "increase increases rise rises fall falls output outputs produce produces match matches encourage encourages "
    "discourage discourages assign assigns "
    "diverge diverges converge converges avoid avoids ensure ensures limit limits "
    "look looks work works come comes call called compare compares matter matters believe stand stands"
)
SIGNS = frozenset("=<>|+/^,;:-")
RELATIONS = frozenset({"=", "<", ">", "iff", "implies"})

_SUPERSCRIPTS = str.maketrans({"²": "^2", "³": "^3", "⁰": "^0", "¹": "^1"})
_TYPOGRAPHY = str.maketrans({"’": "'", "‘": "'", "′": "'", "“": '"', "”": '"', "–": "-", "—": " - ", "−": "-"})
_FENCE = re.compile(r"^ {0,3}(```|~~~)", re.MULTILINE)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,2}[.)]|[a-h]\))[ \t]+")
_HEADING = re.compile(r"[ \t]*#{1,6}[ \t]+")
_ABBREVIATIONS = re.compile(r"\b(e\.g|i\.e|resp|vs|cf|etc|w\.r\.t|approx|eq|fig|r\.v|i\.i\.d)\.", re.IGNORECASE)
_END = re.compile(r"(?<=[.!?])[\"')\]*_]{0,3}\s+|(?<=;)\s+(?=[A-Za-z]{2})")
_SPACES = re.compile(r"[ \t\n\r\f\v]+")

# LaTeX and signs, in this order; each is a fixed text or a bounded pattern.
_SPELLINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\\(?:left|right|big|bigg|Big|Bigg|displaystyle|limits|boxed)(?![A-Za-z])", " "),
        (r"\\(?:mathrm|mathbf|mathbb|mathcal|mathit|text|textbf|textit|operatorname|hat|bar|tilde|vec|emph|ensuremath)"
         r"\*? ?(?=\{|[A-Za-z])", " "),
        (r"\\[,;:!> ]|\\q?quad(?![A-Za-z])|~", " "),
        (r"\\(?:iff|Leftrightarrow|Longleftrightarrow|leftrightarrow)(?![A-Za-z])|[⟺⇔↔]|<=>|<->|\bif and only if\b",
         " iff "),
        (r"\\(?:implies|Rightarrow|Longrightarrow)(?![A-Za-z])|[⟹⇒]|=>", " implies "),
        (r"\\(?:to|rightarrow|longrightarrow)(?![A-Za-z])|[→⟶]|->", " to "),
        (r"\\(?:neq|ne)(?![A-Za-z])|≠|!=|\\not ?=", " not = "),
        (r"\\perp[\\! ]{0,6}\\perp|\\(?:perp|indep|bot|Perp)(?![A-Za-z])|⫫|⊥", " independent "),
        (r"\\(?:infty)(?![A-Za-z])|∞|\binf\b", " infinity "),
        (r"\\(?:var)?epsilon(?![A-Za-z])|[εϵɛ]|\beps\b", " epsilon "),
        (r"\\(?:geq?|geqslant)(?![A-Za-z])|≥|>=", " at least "),
        (r"\\(?:leq?|leqslant)(?![A-Za-z])|≤|<=", " at most "),
        (r"\\(?:gt)(?![A-Za-z])", " > "),
        (r"\\(?:lt)(?![A-Za-z])", " < "),
        (r"\\(?:equiv|approx|sim|simeq)(?![A-Za-z])|[≡≈]", " = "),
        (r"\\(?:mid|vert|Vert|parallel|\|)(?![A-Za-z])|\\\||[‖∥]|\|\|", "|"),
        (r"\\(?:cdot|times|ast)(?![A-Za-z])|[·×⋅∙]|(?<=[)\w])\*(?=\w)", " "),
        (r"\\(?:frac|dfrac|tfrac|sum|int|prod|forall|exists|in)(?![A-Za-z])", " "),
        (r"\\(?=(?:log|ln|exp|min|max)(?![A-Za-z]))", " "),
        (r"\\[A-Za-z]{1,20}|[\\${}]", " "),
    )
)  # fmt: skip
_JOINED = re.compile(r"\bnon[- ](?=[a-z])")
_HYPHEN = re.compile(r"(?<=[a-z])-(?=[a-z])")
_SUBSCRIPTED = re.compile(r"\b([pqh]) ?_ ?([xyz])(?: ?([,|]) ?([xyz])|([xyz]))?(?![a-z])(?: ?\([^()]{1,12}\))?")
_DKL = re.compile(r"\b(?:d ?_ ?kl|dkl|d ?_ ?\( ?kl ?\))\b")
_VALUE = re.compile(r"\b([xyz]) ?= ?\1\b")
_FUNCTION = re.compile(r"\b(cov|corr|var|[ihp])'? ?\( ?([a-z])(?: ?([,;|]) ?([a-z]))? ?\)")
_CONTRACTIONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\b(?:cannot|can't|cant)\b", "can not"),
        (r"\b(?:won't|wont)\b", "will not"),
        (r"\b(do|does|did|is|are|was|were|has|have|had|could|would|should)n'?t\b", r"\1 not"),
        (r"\b(it|that|there|what|he|she|who|here)'s\b", r"\1 is"),
        (r"\b(they|we|you)'re\b", r"\1 are"),
        (r"'(?:ve|ll|d|s)\b", ""),
        (r"\bnot (?:only|just|merely|necessarily only)\b", "only"),
        (r"\b(?:whether or not|no matter|no doubt|of course not only)\b", "whether"),
        (r"\bzero\b", "0"),
        (r"\baswell\b", "as well"),
    )
)
_TOKEN = re.compile(r"(?:cov|corr|var|[ihp])\([a-z](?:[,;|][a-z])?\)|[^\W\d_]+'?|\d+(?:\.\d+)?%?|[=<>|+/^,;:-]")
_ARTICLES = frozenset({"a", "an", "the", "just", "very", "really", "simply", "basically", "actually", "also", "'"})
_SYMMETRIC = {"i(y;x)": "i(x;y)", "i(x,y)": "i(x;y)", "i(y,x)": "i(x;y)", "p(y,x)": "p(x,y)", "h(y,x)": "h(x,y)"}


@dataclass(frozen=True)
class Sentence:
    """One sentence: ``text`` as it can be shown, on one line and bounded, and its tokens."""

    text: str
    tokens: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """The tokens that are words, not formulas, numbers or signs."""
        return [token for token in self.tokens if len(token) > 1 and token.isalpha()]

    @property
    def asserts(self) -> bool:
        """Whether something is stated: there is a verb or a relation, and it is not a list of terms."""
        connected = len(self.words) >= 7 and sum(word in FUNCTION_WORDS for word in self.words) >= 3
        if self.text.endswith("?"):
            return False
        verbs = any(token in VERBS and not token.endswith("ing") for token in self.tokens)
        if not connected and not any(token in VERBS or token in RELATIONS for token in self.tokens):
            return False
        if not verbs and len(self.words) >= 4 and not FUNCTION_WORDS.intersection(self.words):
            return False  # terms in a row, with a formula among them
        pieces = _pieces(self.tokens)
        bare = [piece for piece in pieces if len(piece) <= 4 and _is_bare(piece)]
        return not (len(bare) >= 3 and len(bare) >= 0.7 * len(pieces))


@dataclass(frozen=True)
class Text:
    """An answer as it was read.

    ``too_long`` answers have no sentences. ``code`` is the share of characters that are in fenced code.
    """

    sentences: tuple[Sentence, ...] = ()
    code: float = 0.0
    too_long: bool = False

    @property
    def words(self) -> list[str]:
        """The words of all sentences."""
        return [word for sentence in self.sentences for word in sentence.words]


def read(source: str) -> Text:
    """Return the sentences of an untrusted Markdown text."""
    if len(source) > MAX_CHARACTERS:
        return Text(too_long=True)
    text = clean(source)
    if len(text) > 2 * MAX_CHARACTERS:  # some characters become several when they are normalised
        return Text(too_long=True)
    prose, code = _without_code(text)
    prose = _TAG.sub(" ", _without_comments(prose))
    found = []
    for block in _blocks(prose):
        for piece in _END.split(_ABBREVIATIONS.sub(lambda match: match[0].replace(".", ""), block)):
            tokens = tokens_of(piece)
            shown = _SPACES.sub(" ", piece).strip()
            for start in range(0, len(tokens), MAX_TOKENS_OF_A_SENTENCE):
                part = tokens[start : start + MAX_TOKENS_OF_A_SENTENCE]
                found.append(Sentence(cut(shown, SHOWN_CHARACTERS), part))
    result = Text(tuple(found), len(code) / max(len(text.strip()), 1))
    return Text(too_long=True) if len(found) > MAX_SENTENCES or len(result.words) > MAX_WORDS else result


def clean(source: str) -> str:
    """Return `source` with one form for each character and without invisible or direction-changing ones."""
    text = unicodedata.normalize("NFKC", source.translate(_SUPERSCRIPTS)).translate(_TYPOGRAPHY)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.replace("\n", "").replace("\t", "").isprintable():  # as nearly always; printable characters are not in C
        return text
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C")


def tokens_of(text: str) -> tuple[str, ...]:
    """Return the tokens of a piece of text, in the one spelling."""
    text = clean(text)
    for pattern, replacement in _SPELLINGS:
        text = pattern.sub(replacement, text)
    text = _HYPHEN.sub(" ", _JOINED.sub("non", text.lower()))
    text = _SPACES.sub(" ", text)
    text = _DKL.sub("kl", _VALUE.sub(r"\1", text))
    text = _SUBSCRIPTED.sub(_as_function, text)
    text = _FUNCTION.sub(_as_token, text)
    for pattern, replacement in _CONTRACTIONS:
        text = pattern.sub(replacement, text)
    found: list[str] = []
    for one in _TOKEN.findall(text):
        if one in _ARTICLES or (not found and one in ",;:-"):
            continue
        found.append(_SYMMETRIC.get(one, one))
        if found[-3:] in (["x", "and", "y"], ["y", "and", "x"]):
            found[-3:] = ["xy"]  # an `and` that doesn't join two statements
    return tuple(found)


def near(word: str, vocabulary: Iterable[str]) -> str | None:
    """Return the word of `vocabulary` that `word` is a misspelling of, or None.

    One wrong letter in words of five and more, two in words of nine and more; the first two letters must be right,
    which keeps `dependent` apart from `independent`.
    """
    if len(word) < 5:
        return None
    allowed = 1 if len(word) < 9 else 2
    for known in vocabulary:
        if known[:2] == word[:2] and abs(len(known) - len(word)) <= allowed and _distance(word, known) <= allowed:
            return known
    return None


def _distance(a: str, b: str) -> int:
    """Return how many letters to add, remove, change or swap with a neighbour to get from `a` to `b`."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _without_code(text: str) -> tuple[str, str]:
    """Return the text outside of fenced code, and the code."""
    marks = [match.start() for match in _FENCE.finditer(text)]
    prose, code, at = [], [], 0
    for opening, closing in zip(marks[::2], [*marks[1::2], len(text)], strict=False):
        prose.append(text[at:opening])
        at = text.find("\n", closing) if closing < len(text) else len(text)
        at = len(text) if at < 0 else at
        code.append(text[opening:at])
    prose.append(text[at:])
    return "\n".join(prose), "".join(code)


def _without_comments(text: str) -> str:
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        kept.append(text[at:start])
        end = text.find("-->", start)
        at = len(text) if end < 0 else end + 3
    kept.append(text[at:])
    return "".join(kept)


def _blocks(text: str) -> list[str]:
    """Return paragraphs, items of lists and headings, each on one line."""
    blocks: list[list[str]] = [[]]
    for line in text.split("\n"):
        item = _ITEM.match(line) or _HEADING.match(line)
        if item or not line.strip() or line.lstrip().startswith(">"):
            blocks.append([])
        blocks[-1].append(line[item.end() :] if item else line.strip().lstrip(">"))
    return [" ".join(lines) for lines in blocks if any(line.strip() for line in lines)]


def _pieces(tokens: tuple[str, ...]) -> list[list[str]]:
    pieces: list[list[str]] = [[]]
    for token in tokens:
        if token in (",", ";", "and"):
            pieces.append([])
        else:
            pieces[-1].append(token)
    return [piece for piece in pieces if piece]


def _is_bare(piece: list[str]) -> bool:
    """Return whether a piece of a sentence is only a term, without a statement."""
    return any(token.isalpha() and len(token) > 2 for token in piece) and not any(
        (token in VERBS and not token.endswith("ing")) or token in RELATIONS for token in piece
    )


def _as_function(match: re.Match[str]) -> str:
    name, first, separator, second, joined = match.groups()
    if joined:
        return f"{name}({first},{joined}) "
    return f"{name}({first}{separator}{second}) " if separator else f"{name}({first}) "


def _as_token(match: re.Match[str]) -> str:
    name, first, separator, second = match.groups()
    return f"{name}({first}{separator}{second})" if separator else f"{name}({first})"


def cut(text: str, limit: int) -> str:
    """Return `text` with at most `limit` characters, and an ellipsis if that is not all of it."""
    return text if len(text) <= limit else f"{text[:limit]}…"
