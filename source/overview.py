"""The page ``overview.html``: the five quantities of the course, computed from one table and drawn on one scale.

`autograder build` puts what `page` returns next to the sections.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

TABLE = {
    ("not revised", "failed"): 0.20,
    ("not revised", "passed"): 0.10,
    ("revised", "failed"): 0.15,
    ("revised", "passed"): 0.55,
}
"""P(x, y), the table of sections 1 and 3: did a student revise, and did they pass?"""

GUESS = {
    ("not revised", "failed"): 0.75,
    ("revised", "failed"): 0.25,
    ("not revised", "passed"): 0.40,
    ("revised", "passed"): 0.60,
}
"""q(x | y): what somebody who sees only the result believes about the revision."""

# Okabe and Ito (2008), as in the figures of the notebooks.
SKY, ORANGE, GREEN, PURPLE, VERMILLION, GREY = "#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#BBBBBB"


def marginal(table: Mapping[tuple[str, str], float], axis: int) -> dict[str, float]:
    """Return the marginal of the variable that stands at place `axis` of the pairs."""
    sums: dict[str, float] = {}
    for pair, p in table.items():
        sums[pair[axis]] = sums.get(pair[axis], 0.0) + p
    return sums


def entropy(p: Iterable[float]) -> float:
    """Return H = −Σ p log2 p in bits."""
    return -sum(x * math.log2(x) for x in p if x > 0)


def quantities() -> dict[str, float]:
    """Return all numbers of the page in bits, by their names."""
    p_x, p_y = marginal(TABLE, 0), marginal(TABLE, 1)
    h_x, h_y, h_xy = entropy(p_x.values()), entropy(p_y.values()), entropy(TABLE.values())
    bits = {"H(X)": h_x, "H(Y)": h_y, "H(X,Y)": h_xy, "H(X|Y)": h_xy - h_y, "H(Y|X)": h_xy - h_x}
    bits["D(P‖Q)"] = sum(p * math.log2(p / (p_x[x] * p_y[y])) for (x, y), p in TABLE.items())
    bits["H(P,Q)"] = -sum(p * math.log2(p_x[x] * p_y[y]) for (x, y), p in TABLE.items())
    bits["I(X;Y)"] = bits["D(P‖Q)"]
    seen = {pair: p_y[pair[1]] * q for pair, q in GUESS.items()}  # how often a guess of this x meets this y
    bits["reconstruction"] = -sum(p * math.log2(TABLE[x, y] / p_x[x]) for (x, y), p in seen.items())
    bits["price"] = sum(p * math.log2(GUESS[x, y] / p_x[x]) for (x, y), p in seen.items())
    bits["gap"] = sum(p * math.log2(GUESS[x, y] * p_y[y] / TABLE[x, y]) for (x, y), p in seen.items())
    bits["−ELBO"] = bits["reconstruction"] + bits["price"]
    return bits


def page() -> str:
    """Return the page."""
    bits = quantities()
    scale = bits["H(P,Q)"]

    def bar(title: str, parts: Sequence[tuple[str, str, str]], words: str) -> str:
        drawn = "".join(
            f'<i style="width:{100 * bits[key] / scale:.3f}%;background:{colour}"></i>' for key, _, colour in parts
        )
        listed = "".join(
            f'<li><b style="background:{colour}"></b>{name} <span>{bits[key]:.4f}</span></li>'
            for key, name, colour in parts
        )
        return (
            f'<figure><figcaption>{title}</figcaption><div class="bar" aria-hidden="true">{drawn}</div>'
            f"<ol>{listed}</ol><p>{words}</p></figure>"
        )

    ways_of_the_pair = (
        bar(
            f"Cross-entropy of the pair: {bits['H(P,Q)']:.4f} bits",
            [("H(X)", f"{H}({X})", ORANGE), ("H(Y)", f"{H}({Y})", GREEN)],
            f"What you pay for both answers if you ask about {X} and {Y} as if they had nothing to do with each other: "
            f"you believe {Q}({x},{y}) = {P}({x}) {P}({y}) where {P}({x},{y}) is true.",
        ),
        bar(
            "The same, as entropy and divergence",
            [("H(X,Y)", f"{H}({X},{Y})", SKY), ("D(P‖Q)", f"{D}({P}‖{Q})", PURPLE)],
            "The entropy is what nobody can save. The divergence is what the wrong belief costs in addition.",
        ),
        bar(
            f"Mutual information: the entropy {H}({X},{Y}) in three parts",
            [
                ("H(X|Y)", f"{H}({X}|{Y})", ORANGE),
                ("I(X;Y)", f"{I}({X};{Y})", PURPLE),
                ("H(Y|X)", f"{H}({Y}|{X})", GREEN),
            ],
            f"What only {X} holds, what both share, what only {Y} holds. What they share is the divergence of the bar "
            f"above. That is why the first bar is longer than {H}({X},{Y}): it counts the shared part twice.",
        ),
    )
    ways_of_the_bound = (
        bar(
            f"The bound: −ELBO is {bits['−ELBO']:.4f} bits on average",
            [("reconstruction", "reconstruction", VERMILLION), ("price", "price of the guess", GREY)],
            f"A guess {q}({x}|{y}) is scored like this. It is drawn, and you pay for how badly the drawn {x} explains "
            f"{y}: −log₂ {P}({y}|{x}). And you pay for how far the guess is from what was known before: "
            f"{D}({q}({x}|{y})‖{P}({x})).",
        ),
        bar(
            "The same, as entropy and gap",
            [("H(Y)", f"{H}({Y})", GREEN), ("gap", "gap", PURPLE)],
            f"It is never less than the surprise at {y} itself, on average {H}({Y}). The gap is a divergence "
            f"again, from the guess to the right answer: {D}({q}({x}|{y})‖{P}({x}|{y})). A better guess makes only the "
            "gap smaller.",
        ),
    )
    numbers = {name: f"{value:.4f}" for name, value in bits.items()}
    rows = "".join(f"<tr><th>{name}</th><td>{formula}</td><td>{here}</td><td>{where}</td></tr>" for
                   name, formula, here, where in _five(numbers))  # fmt: skip
    return _PAGE.format(
        table=_table(), guess=_guess(), pair="".join(ways_of_the_pair), bound="".join(ways_of_the_bound), five=rows,
        H=H, X=X, Y=Y, P=P, q=q, x=x, y=y,
    )  # fmt: skip


def _five(bits: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    total = f"{H}({P},{Q}) = −Σ {P} log₂ {Q}"
    return [
        ("Entropy", f"{H}({X}) = −Σ {P}({x}) log₂ {P}({x})", f"{H}({X},{Y}) = {bits['H(X,Y)']}", "1.1"),
        ("Cross-entropy", f"{total} = {H}({P}) + {D}({P}‖{Q})", bits["H(P,Q)"], "2.2, 5.1"),
        ("KL divergence", f"{D}({P}‖{Q}) = Σ {P} log₂ ({P}/{Q})", bits["D(P‖Q)"], "2.1"),
        ("Mutual information", f"{I}({X};{Y}) = {H}({X}) − {H}({X}|{Y})", bits["I(X;Y)"], "3.1"),
        ("Variational bound", f"−ELBO = reconstruction + price ≥ −log₂ {P}({y})", bits["−ELBO"], "4.1, 5.3"),
    ]


def _table() -> str:
    p_x, p_y = marginal(TABLE, 0), marginal(TABLE, 1)
    head = "".join(f"<th>{name}</th>" for name in p_y)
    body = "".join(
        f"<tr><th>{name}</th>{''.join(f'<td>{TABLE[name, result]:.2f}</td>' for result in p_y)}<td>{p:.2f}</td></tr>"
        for name, p in p_x.items()
    )
    foot = "".join(f"<td>{p:.2f}</td>" for p in p_y.values())
    return (
        f"<table><tr><th></th>{head}<th>{P}({x})</th></tr>{body}<tr><th>{P}({y})</th>{foot}<td>1.00</td></tr></table>"
    )


def _guess() -> str:
    names = marginal(TABLE, 0)
    head = "".join(f"<th>{name}</th>" for name in names)
    body = "".join(
        f"<tr><th>{result}</th>{''.join(f'<td>{GUESS[name, result]:.2f}</td>' for name in names)}</tr>"
        for result in marginal(TABLE, 1)
    )
    return f"<table><tr><th>{q}({x}|{y})</th>{head}</tr>{body}</table>"


H, D, I, X, Y, P, Q, q, x, y = (f"<var>{letter}</var>" for letter in "HDIXYPQqxy")  # noqa: E741 (names of the field)

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Five quantities, one picture</title>
<style>
:root {{ color-scheme: light dark; --paper: #fff; --ink: #222; --line: #999; }}
@media (prefers-color-scheme: dark) {{ :root {{ --paper: #16181c; --ink: #e4e4e4; --line: #777; }} }}
body {{ background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; margin: 0 auto;
  padding: 16px; max-width: 44rem; }}
h1 {{ font-size: 1.6rem; line-height: 1.2; }}
h2 {{ font-size: 1.2rem; margin: 2rem 0 0; }}
table {{ border-collapse: collapse; margin: .8rem 0; }}
th, td {{ border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; }}
td {{ font-variant-numeric: tabular-nums; }}
figure {{ margin: 1.2rem 0; break-inside: avoid; }}
figcaption {{ font-weight: 600; }}
figure p {{ margin: .2rem 0 0; }}
.bar {{ display: flex; height: 34px; margin: .3rem 0; }}
.bar i {{ box-sizing: border-box; border: 1px solid #222; print-color-adjust: exact; }}
ol {{ display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; list-style: none; margin: 0; padding: 0; }}
li b {{ display: inline-block; width: .8em; height: .8em; border: 1px solid #222; margin-right: .4em;
  print-color-adjust: exact; }}
li span {{ font-variant-numeric: tabular-nums; font-weight: 600; }}
@media (max-width: 540px) {{
  .five tr {{ display: block; margin-bottom: .8rem; }}
  .five th, .five td {{ display: block; border: 0; padding: 0; }}
  .five .head {{ display: none; }}
  .five td:last-child::before {{ content: "Section "; }}
  .five td:nth-child(3)::after {{ content: " bits here"; }}
}}
</style>
</head>
<body>
<h1>Five quantities, one picture</h1>
<p>Entropy, cross-entropy, KL divergence, mutual information and the variational bound are one idea, seen from five
sides. Here are all five for one small table: did a student revise ({X}), and did they pass ({Y})?</p>
{table}
<p>All bars have the same scale, in bits, and the parts of each bar are listed below it from left to right.</p>
<h2>Both answers together</h2>
{pair}
<h2>The hidden answer, guessed</h2>
<p>Now only the result {y} is seen, and whether the student revised is hidden. Somebody guesses:</p>
{guess}
{bound}
<p>In section 4 the guess is the encoder, {P}({y}|{x}) the decoder and {P}({x}) the prior. There the image that is seen
is called <var>x</var>, and the hidden code <var>z</var>.</p>
<h2>The five</h2>
<table class="five">
<tr class="head"><th>Quantity</th><th>Formula</th><th>Here, in bits</th><th>Section</th></tr>
{five}
</table>
</body>
</html>
"""
