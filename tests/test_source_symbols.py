"""A reader with basic probability never meets a symbol before its meaning.

A symbol has its meaning where a table of symbols lists it, which belongs to the formulas of its cell, or where one of
the phrases below says it. Sections are read in their order; what one has explained, the next may use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from autograder import course
from tests.conftest import ROOT

SECTIONS = [section.id for section in course.load(ROOT).sections]

FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)
WORD = re.compile(r"\\(?:text|mathrm|operatorname|mathtt)\{([^{}]*)\}")
SYMBOL = re.compile(r"\\(?:hat|bar|mathcal|mathbb) ?\\?[A-Za-z]+|\\[A-Za-z]+|[A-Za-z]'?")

# What a reader brings along, and how formulas are set.
KNOWN = set(
    re.findall(
        r"\\[a-z]+",
        r"\cdot\log\frac\tfrac\le\ge\ne\to\infty\ln\exp\sqrt\sum\prod\int\pm\min\approx\pi\partial"
        r"\dots\ldots\quad\qquad\left\right\big\underbrace",
    )
)

# Section, symbol, and the words that give its meaning.
MEANINGS = [
    ("1", "P", "an outcome of probability $P$"),
    ("1", "p", "What never happens adds nothing: $p "),
    ("1", "e", r"where $e = 2.718\ldots$"),
    ("1", "a", "An entropy $H_a$ in base $a$"),
    ("1", "b", r"in base $b$"),
    ("1", "k", r"\text{for } k \text{ outcomes}"),
    ("1", r"\ell", r"A word of $\ell$ digits"),
    ("1", "s", "a share $s(x)$ of the strip"),
    ("1", r"\delta", r"a little of the strip, $\delta$"),
    ("1", r"\bar L", r"has a smaller mean length $\bar L$"),
    ("1", "n", "a group of $n$ tosses"),
    ("1", "Y", "did you pass ($Y$)"),
    ("1", r"\mid", r"so divide by that: $P(x \mid \text{failed})"),
    ("1", "d", "bins of width $dx$"),
    ("1", "h", "*differential entropy* $h(X)"),
    ("1", "f", "of the density $f$"),
    ("1", r"\sigma", r"of standard deviation $\sigma$"),
    ("1", "N", "Draw $N$ numbers"),
    ("1", "K", "for $K$ outcomes"),
    ("2", "Q", "the believed ones $Q$"),
    ("2", "p", "two probabilities of one outcome $p$ and $q$"),
    ("2", "q", "two probabilities of one outcome $p$ and $q$"),
    ("2", r"\mathcal N", r"two normal distributions $\mathcal N(\mu, \sigma^2)$"),
    ("2", "t", "Put $t = Q(x)/P(x)$"),
    ("2", "A", "from $A$ to $C$ a detour over any $B$"),
    ("2", "B", "from $A$ to $C$ a detour over any $B$"),
    ("2", "C", "from $A$ to $C$ a detour over any $B$"),
    ("2", "N", r"For observations $x_1, \dots, x_N$"),
    ("2", "i", r"For observations $x_1, \dots, x_N$"),
    ("2", "n", "$n(x)$ is how often $x$ came"),
    ("2", r"\hat P", r"$\hat P(x) = n(x)/N$ its share"),
    ("2", "K", "for $K$ equal probabilities"),
    ("2", "z", "a *logit* $z_k$"),
    ("2", "k", "for each class $k$"),
    ("2", "j", r"The *softmax* makes probabilities of them:"),
    ("2", r"\hat y", r"The *softmax* makes probabilities of them:"),
    ("2", "c", "the true class $c$"),
    ("2", "W", "all weights 0 at the start"),
    ("2", "Z", "a fair coin $Z$"),
    ("3", r"\varepsilon", r"flipped with probability $\varepsilon$"),
    ("3", "r", "with $r$ of 300 shuffles"),
    ("3", "K", "with $K_x$ and $K_y$ labels in the columns"),
    ("3", "i", "For each observation $i$"),
    ("3", "m", "how many observations $m_i$"),
    ("4", "z", "which one, $z$"),
    ("4", "x", "heads, $x = 1$"),
    ("4", "p", r"How probable was that? Sum over what was hidden: $p(x)"),
    ("4", "q", "write down a distribution $q(z|x)$"),
    ("4", r"\|", r"$D(q(z|x) \,\|\, p(z))$: how far it is"),
    ("4", r"\mathbb E", "is the average over $z$ with the weights"),
    ("4", r"\hat x", r"one Bernoulli mean $\hat x_i$"),
    ("4", r"\beta", "(β = 1 for now)"),
    ("4", r"\varepsilon", r"Draw noise $\varepsilon$"),
    ("4", r"\sim", r"($\sim$ means: drawn from)"),
    ("4", r"\propto", r"The sign $\propto$ means"),
    ("5", "a", r"*logits* $a_1, \dots, a_K$"),
    ("5", "j", r"The softmax turns them into probabilities"),
    ("5", "m", "by a *margin* $m$"),
    ("5", "q", "with $q$ the target distribution"),
    ("5", "y", "the decoder $y(z)"),
    ("5", "J", "the $J$ latent dimensions"),
    ("5", "n", "by $n$ draws $z_s$"),
    ("5", "s", "by $n$ draws $z_s$"),
    ("5", r"\odot", r"($\odot$ multiplies number by number)"),
    ("5", r"\epsilon", "by $n$ draws $z_s$"),
    ("5", "W", "with weights $W$ and $b$"),
    ("5", "b", "with weights $W$ and $b$"),
    ("5", "T", "multiplied by $1/T$"),
]


Place = tuple[int, int, int]  # section, cell, paragraph; later ones are larger


def symbols(text: str) -> set[str]:
    """Return the symbols in the formulas of a text."""
    found = set()
    for formula in FORMULA.findall(text):
        plain = re.sub(r"\\(?:begin|end)\{\w+\}", " ", WORD.sub(" ", formula)).replace(r"\|", r"\Vert ")
        found |= {re.sub(r"^(\\(?:hat|bar|mathcal|mathbb)) ?", r"\1 ", symbol) for symbol in SYMBOL.findall(plain)}
    return found - KNOWN


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text; a formula in a line of its own belongs to what is before and after it."""
    return re.split(r"\n\n", re.sub(r"\n\n(?=\$\$)|(?<=\$\$)\n\n(?!\|)", "\n", text))


def listed(text: str) -> set[str]:
    """Return the symbols that a table of symbols explains."""
    tables = re.findall(r"(?m)^\| Symbol \|.*\n\|[-|]+\n((?:\|.*\n?)+)", text)
    return symbols("\n".join(row.split(" | ")[0] for table in tables for row in table.split("\n")))


def texts(section: str) -> list[str]:
    """Return the texts of a section, cell by cell, without what is set as code."""
    path = ROOT / "source" / section / f"{section}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [re.sub("`[^`]*`", "`…`", "".join(cell["source"])) for cell in cells if cell["cell_type"] == "markdown"]


def too_early(chapter: Mapping[str, Sequence[str]], meanings: Sequence[tuple[str, str, str]]) -> list[str]:
    """Return what is used before its meaning, or has none: section, symbol, and the paragraph of its first use."""
    told: dict[str, list[Place]] = {}  # in tables, and in earlier sections
    found = []
    for number, (section, cells) in enumerate(chapter.items()):
        places = [
            ((number, cell, at), paragraph)
            for cell, text in enumerate(cells)
            for at, paragraph in enumerate(paragraphs(text))
        ]
        said: dict[str, list[Place]] = {}  # in phrases of this section, which give a symbol another meaning
        for _, symbol, phrase in (entry for entry in meanings if section.startswith(entry[0])):
            (place, *_) = [place for place, paragraph in places if phrase in paragraph] or [(len(chapter), 0, 0)]
            said.setdefault(symbol, []).append(place)
        for cell, text in enumerate(cells):
            for symbol in listed(text):
                told.setdefault(symbol, []).append((number, cell, 0))
        first: dict[str, tuple[Place, str]] = {}
        for place, paragraph in places:
            for symbol in symbols(paragraph):
                first.setdefault(symbol, (place, paragraph))
        for symbol, (place, paragraph) in first.items():
            if place < min(said.get(symbol) or told.get(symbol) or [(len(chapter), 0, 0)]):
                found.append(f"{section}: {symbol} in {paragraph[:300]}")
        for symbol, places_of in said.items():
            told.setdefault(symbol, []).extend(places_of)
    return found


def test_no_symbol_is_used_before_its_meaning() -> None:
    chapter = {section: texts(section) for section in SECTIONS}

    assert too_early(chapter, MEANINGS) == []


def test_every_phrase_that_gives_a_meaning_is_in_the_chapter() -> None:
    everything = {section[0]: "\n".join(texts(section)) for section in SECTIONS}

    assert [(number, phrase) for number, _, phrase in MEANINGS if phrase not in everything[number]] == []


def test_a_symbol_that_comes_too_early_is_found() -> None:
    table = "$$H(X)$$\n\n| Symbol | Meaning |\n|---|---|\n| $H(X)$ | the entropy of $X$ |\n"
    phrase = ("1", "n", "a group of $n$ tosses")

    assert too_early({"1": [table, "Take a group of $n$ tosses."], "2": ["$H(X) = n$"]}, [phrase]) == []
    assert [line[:4] for line in too_early({"1": ["$H$ is much.", table]}, [])] == ["1: H"]
    assert [line[:4] for line in too_early({"1": ["$n$\n\na group of $n$ tosses"]}, [phrase])] == ["1: n"]
    assert [line[:6] for line in too_early({"1": [table], "2": [r"$\psi$ of $X$"]}, [])] == ["2: \\psi"[:6]]
