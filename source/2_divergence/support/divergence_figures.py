"""The figures of section 2. Each function draws one figure with the numbers that your own functions return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from numpy.typing import ArrayLike, NDArray

from .figure_style import BLUE, FILLS, GREEN, ORANGE, PURPLE, SKY, VERMILLION, panels, show_drawing, show_figure

Array = NDArray[np.float64]


def wrong_code_boxes(p: ArrayLike, q: ArrayLike, labels: Sequence[str], extra: float) -> None:
    """Draw the boxes of a code made for P above those of one made for Q, both as wide as P; `extra` is D(P||Q)."""
    widths, own, other = np.asarray(p, dtype=float), -np.log2(p), -np.log2(q)
    figure, (top, bottom) = panels(2, 6.0)
    _code(top, widths, own, own, labels)
    _code(bottom, widths, other, own, labels)
    top.set_title(f"code made for P: area {widths @ own:.4g} bits", loc="left")
    bottom.set_title(f"code made for Q: {widths @ other:.4g} = {widths @ own:.4g} + {extra:.4g} bits", loc="left")
    _same_height(top, bottom, max(own.max(), other.max()))
    _code_legend(bottom)
    paid, saved = (float(widths @ np.maximum(sign * (other - own), 0)) for sign in (1, -1))
    show_figure(
        figure,
        "Figure 1. A code made for the wrong spinner. A box is as wide as an outcome is frequent and as high as its "
        "code word is long. The dashed line is the code made for P. What stands above it is paid in addition, "
        f"{paid:.4g} bits; the gap below it is saved, {saved:.4g} bits. The difference is the divergence D(P‖Q), "
        f"{extra:.4g} bits.",
        f"Two rows of boxes. Code made for P: {_boxes_in_words(widths, own, labels)} Code made for Q: "
        f"{_boxes_in_words(widths, other, labels)} The second area is {extra:.4g} bits larger.",
    )


def letter_code_boxes(
    p: ArrayLike, own_lengths: ArrayLike, other_lengths: ArrayLike, labels: Sequence[str], extras: tuple[float, float]
) -> None:
    """Draw a Huffman code made for P above one made for another language; `extras` are what each pays beyond H(P)."""
    widths, own, other = (np.asarray(values, dtype=float) for values in (p, own_lengths, other_lengths))
    bound = -np.log2(widths)
    figure, (top, bottom) = panels(2, 6.0)
    for axes, heights, name, extra in ((top, own, "own code", extras[0]), (bottom, other, "other code", extras[1])):
        _code(axes, widths, heights, bound, labels)
        axes.set_title(f"{name}: {widths @ heights:.4f} bits, {extra:.4f} too many", loc="left")
    _same_height(top, bottom, max(own.max(), other.max(), bound.max()))
    _code_legend(bottom)
    shortest = int(np.argmin(other))
    show_figure(
        figure,
        "Figure 2. Two real codes for the same letters. The dashed line is the bound −log₂ P(x). The code made for "
        f"these letters pays {extras[0]:.4f} bits more than the entropy, the one made for the other language "
        f"{extras[1]:.4f}: its shortest word is for {labels[shortest]}, which makes {widths[shortest]:.0%} of the "
        "letters.",
        f"Two rows of boxes with widths P. Own Huffman code: {_boxes_in_words(widths, own, labels)} Code of the other "
        f"language: {_boxes_in_words(widths, other, labels)}",
    )


def gaussian_directions(x: Array, p: Array, q: Array, names: tuple[str, str], nats: tuple[float, float]) -> None:
    """Draw two densities above what each point contributes to D(P||Q) and to D(Q||P); `nats` are these two."""
    with np.errstate(divide="ignore", invalid="ignore"):
        forward = np.where(p > 0, p * np.log(p / q), 0.0)
        reverse = np.where(q > 0, q * np.log(q / p), 0.0)
    figure, (top, bottom) = panels(2, 6.2)
    _densities(top, x, p, q, names)
    bottom.plot(x, forward, color=BLUE, linewidth=2, label=f"p ln(p/q), area D(P‖Q) = {nats[0]:.4f}")
    bottom.plot(
        x, reverse, color=VERMILLION, linewidth=2, linestyle="--", label=f"q ln(q/p), area D(Q‖P) = {nats[1]:.4f}"
    )
    bottom.fill_between(x, forward, color=BLUE, alpha=0.2)
    bottom.fill_between(x, reverse, color=VERMILLION, alpha=0.15, hatch="///", linewidth=0)
    bottom.axhline(0, color="black", linewidth=0.8)
    highest = max(forward.max(), reverse.max())
    bottom.set(xlabel="x", ylabel="contribution\nin nats per unit of x", xlim=(x[0], x[-1]))
    bottom.set_ylim(min(forward.min(), reverse.min()) * 1.25, highest * 1.75)
    bottom.legend(loc="upper left", fontsize=10)
    dearer = "both directions cost the same"
    if abs(nats[0] - nats[1]) > 1e-4:
        believed, true = names[::-1] if nats[0] > nats[1] else names
        dearer = f"it costs more to believe {believed} where {true} is true"
    show_figure(
        figure,
        f"Figure 3. Two Gaussians, {names[0]} and {names[1]}, and what each x adds to the two divergences. Where the "
        "weighting density is the smaller one, the contribution is negative; the area of the whole never is. Here "
        f"{dearer}: D(P‖Q) is {nats[0]:.4f} nats and D(Q‖P) {nats[1]:.4f}.",
        f"Above, densities of {names[0]} and {names[1]}. Below, two curves over x; the area under the first is "
        f"{nats[0]:.4f} nats, that under the second {nats[1]:.4f} nats.",
    )


def directions_against_width(widths: Array, forward: ArrayLike, reverse: ArrayLike) -> None:
    """Draw D(P||Q) and D(Q||P) of two centred Gaussians against the width of Q, with P of width 1."""
    figure, (axes,) = panels(1, 3.6)
    axes.plot(widths, np.asarray(forward), color=BLUE, linewidth=2, label="D(P‖Q)")
    axes.plot(widths, np.asarray(reverse), color=VERMILLION, linewidth=2, linestyle="--", label="D(Q‖P)")
    axes.axvline(1, color="black", linewidth=0.8, linestyle=":")
    axes.set_xscale("log", base=2)
    ticks = [0.25, 0.5, 1, 2, 4]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set(xlabel="standard deviation of Q (P has 1)", ylabel="divergence in nats", ylim=(0, 5), xlim=(0.25, 4))
    axes.legend(loc="upper center")
    ends = [f"{np.asarray(values)[i]:.2f}" for i in (0, -1) for values in (forward, reverse)]
    show_figure(
        figure,
        "Figure 4. Both directions against the width of Q. They meet only where both Gaussians are equal. At width "
        f"{widths[0]:g} D(P‖Q) is {ends[0]} and D(Q‖P) {ends[1]} nats; at width {widths[-1]:g} they are {ends[2]} and "
        f"{ends[3]} nats.",
        f"Two curves that touch 0 at width 1. At width 0.25 D(P‖Q) is {ends[0]} and D(Q‖P) {ends[1]} nats, at width 4 "
        f"they are {ends[2]} and {ends[3]} nats.",
    )


def two_fits(x: Array, target: Array, fits: Sequence[tuple[str, Array, float]]) -> None:
    """Draw a density with two humps and below each other the Gaussians that come closest in either direction."""
    figure, axes_of = panels(len(fits), 5.8)
    for axes, (name, fit, nats), colour, style in zip(axes_of, fits, (BLUE, VERMILLION), ("-", "--"), strict=False):
        axes.fill_between(x, target, color="#bbbbbb", label="P, the target")
        axes.plot(x, fit, color=colour, linestyle=style, linewidth=2.2, label="Q, the best Gaussian")
        axes.set_title(f"smallest {name}: {nats:.3f} nats", loc="left")
        axes.set(xlim=(x[0], x[-1]), ylabel="density per unit of x", ylim=(0, 1.35 * max(target.max(), fit.max())))
        axes.legend(loc="upper right", fontsize=10)
    axes_of[-1].set_xlabel("x")
    covered = []
    for name, fit, _ in fits:
        middle = (x * fit).sum() / fit.sum()
        width = np.sqrt(((x - middle) ** 2 * fit).sum() / fit.sum())
        near = np.abs(x - middle) < 2 * width
        covered.append(f"{target[near].sum() / target.sum():.0%} for the smallest {name}")
    show_figure(
        figure,
        "Figure 5. One Gaussian for two humps. With P as the weight, Q must not miss any place where P is; with Q as "
        "the weight, it must not be where P is not. How much of P lies within two standard deviations of the middle "
        f"of Q: {'; '.join(covered)}.",
        "Two panels with the same two-humped grey density. Above, a wide Gaussian over both humps; below, a narrow "
        "one on the larger hump. " + "; ".join(f"smallest {name} {nats:.3f} nats" for name, _, nats in fits) + ".",
    )


def coin_divergences(p_heads: Array, q_heads: float, nats: Mapping[str, ArrayLike]) -> None:
    """Draw KL both ways, JS and its root for a coin against a fixed one.

    Parameters
    ----------
    p_heads : numpy.ndarray
        Probability of heads of the coin P.
    q_heads : float
        Probability of heads of the coin Q.
    nats : mapping of str to array_like
        What to draw, by name; one value for each of `p_heads`.
    """
    figure, (axes,) = panels(1, 3.9)
    styles = ((BLUE, "-"), (VERMILLION, "--"), (GREEN, "-."), (PURPLE, ":"))
    for (name, values), (colour, line) in zip(nats.items(), styles, strict=False):
        axes.plot(p_heads, np.asarray(values), color=colour, linestyle=line, linewidth=2.6, label=name)
    axes.axhline(np.log(2), color="black", linewidth=0.8)
    axes.text(0.02, np.log(2) + 0.04, "ln 2", va="bottom")
    axes.set(xlabel=f"P(heads) of the coin P (Q has {q_heads:g})", ylabel="nats (root of JS: root of nats)")
    axes.set(xlim=(0, 1), ylim=(0, 2.6))
    axes.legend(loc="upper right")
    show_figure(
        figure,
        f"Figure 6. Four ways to say how far a coin is from one with P(heads) = {q_heads:g}. All are 0 where the "
        "coins are equal. D(Q‖P) goes to infinity at both ends, where P rules a side out that Q has; D(P‖Q) and JS "
        f"stay finite, at most {_finite_maximum(nats['D(P‖Q)']):.2f} and {_finite_maximum(nats['JS']):.2f} nats. "
        "Where the coins are equal, the root of JS has a corner, as a distance has; the others do not.",
        f"Four curves over P(heads) that touch 0 at {q_heads:g}: "
        + "; ".join(f"{name} reaches {_finite_maximum(values):.2f}" for name, values in nats.items())
        + ". The curve of JS stays below ln 2.",
    )


def surprise_along_a_text(text: str, bits: Array, length: int) -> None:
    """Draw how surprising each of the first letters of a text was, in bits, in two rows of `length` letters."""
    figure, rows = panels(2, 4.4)
    for k, axes in enumerate(rows):
        part = slice(k * length, (k + 1) * length)
        axes.bar(range(length), bits[part], 0.8, color=SKY, edgecolor="black", linewidth=0.6)
        axes.set_xticks(range(length), ["␣" if letter == " " else letter for letter in text[part]], fontsize=11)
        axes.set(ylabel="surprise in bits", xlim=(-0.7, length - 0.3), ylim=(0, 1.05 * bits[: 2 * length].max()))
        axes.tick_params(axis="x", length=0)
        axes.grid(visible=False, axis="x")
    after_space = np.array([text[i - 1] == " " for i in range(1, len(text))])
    first, others = bits[1:][after_space].mean(), bits[1:][~after_space].mean()
    show_figure(
        figure,
        "Figure 7. The third writer reads the beginning of chapter 3 (␣ is a space). Tall bars are letters that were "
        f"not expected. Over the whole chapter the first letter of a word costs {first:.1f} bits, every other symbol "
        f"{others:.1f} bits: once a word has begun, it is {'easier' if first > others else 'not easier'} to go on.",
        f"Two rows of bars, one bar for each symbol of “{text[: 2 * length]}”, the tallest of "
        f"{bits[: 2 * length].max():.1f} bits.",
    )


def classifier_losses(cases: Sequence[tuple[str, ArrayLike, float]], true_class: int) -> None:
    """Draw the predicted probabilities of classifiers, with the true class marked and the loss of each."""
    figure, axes_of = panels(len(cases), 5.2)
    for axes, (name, q, loss) in zip(axes_of, cases, strict=True):
        probabilities = np.asarray(q, dtype=float)
        places = range(len(probabilities))
        colours = [ORANGE if place == true_class else SKY for place in places]
        hatches = ["///" if place == true_class else "" for place in places]
        axes.bar(places, probabilities, 0.7, color=colours, edgecolor="black", hatch=hatches)
        for place, value in zip(places, probabilities, strict=True):
            axes.text(place, value + 0.02, f"{value:.3f}", ha="center", va="bottom")
        axes.set(ylim=(0, 1.12), ylabel="predicted\nprobability")
        axes.set_xticks(list(places), [f"{place}" + (" (true)" if place == true_class else "") for place in places])
        axes.set_title(f"{name}: loss = −ln {probabilities[true_class]:.4f} = {loss:.4f} nats", loc="left")
    axes_of[-1].set_xlabel("class")
    show_figure(
        figure,
        f"Figure 8. One example of class {true_class}. Only the bar of the true class decides on the loss; how the "
        "rest is shared does not matter. "
        f"{', '.join(f'{name}: {loss:.4f} nats' for name, _, loss in cases)}.",
        " ".join(
            f"{name}: probabilities {', '.join(f'{value:.3f}' for value in np.asarray(q))}, loss {loss:.4f} nats."
            for name, q, loss in cases
        ),
    )


def loss_curves(curves: Mapping[str, tuple[Array, float]]) -> None:
    """Draw training losses against the step, each with the level of a prediction that knows nothing."""
    figure, (axes,) = panels(1, 4.0)
    styles = ((BLUE, "-"), (VERMILLION, "--"), (GREEN, "-."))
    for (name, (losses, start)), (colour, line) in zip(curves.items(), styles, strict=False):
        steps = np.arange(len(losses))
        axes.plot(steps, losses, color=colour, linestyle=line, linewidth=2.2, label=name)
        axes.plot([0], [losses[0]], "o", color=colour, markersize=8, clip_on=False, zorder=3)
        axes.annotate(f"{losses[0]:.3f}", (0, start), (7, 5), textcoords="offset points")
    axes.set(
        xlabel="step of gradient descent", ylabel="mean cross-entropy in nats", ylim=(0, 2.6), xlim=(0, len(steps) - 1)
    )
    axes.legend(loc="upper right")
    ends = [f"{name} {losses[0]:.3f} and {losses[-1]:.3f}" for name, (losses, _) in curves.items()]
    show_figure(
        figure,
        "Figure 9. Where training starts. Before the first step all classes are predicted alike, and the loss is ln K "
        f"for K classes, whatever the labels are. In nats before and after training: {'; '.join(ends)}.",
        "Falling curves of the loss. "
        + "; ".join(f"{name} starts at {v[0]:.3f}" for name, (v, _) in curves.items())
        + ".",
    )


def epsilon_line(epsilons: Array, values: Array) -> None:
    """Draw a divergence that is infinite, computed with an epsilon, against that epsilon."""
    figure, (axes,) = panels(1, 3.3)
    axes.plot(epsilons, values, "o-", color=VERMILLION, linewidth=2, markersize=7)
    axes.set_xscale("log")
    axes.invert_xaxis()
    axes.set(xlabel="epsilon that was added to Q", ylabel="“divergence” in nats", ylim=(0, 1.15 * values.max()))
    show_figure(
        figure,
        "Figure 10. A divergence that is infinite, made finite by an epsilon. The number is a straight line in the "
        f"logarithm of the epsilon: an epsilon of {epsilons[0]:g} makes it {values[0]:.2f} nats, one of "
        f"{epsilons[-1]:g} {values[-1]:.2f}. It measures what you typed, not how far P is from Q.",
        "Straight rising line over a logarithmic axis of epsilon: "
        + ", ".join(f"{e:.0e} gives {v:.2f} nats" for e, v in zip(epsilons, values, strict=True))
        + ".",
    )


def _code(axes: Axes, widths: Array, heights: Array, bound: Array, labels: Sequence[str]) -> None:
    """Draw boxes of code words with what is paid above, and saved below, the `bound`."""
    left = np.cumsum(widths) - widths
    axes.bar(left, heights, widths, align="edge", color=FILLS[: len(widths)], edgecolor="black", alpha=0.85)
    for start, width, height, lowest, label in zip(left, widths, heights, bound, labels, strict=True):
        if height > lowest + 1e-9:
            axes.bar(start, height - lowest, width, lowest, align="edge", color="white", edgecolor="black", alpha=0.55)
            axes.bar(start, height - lowest, width, lowest, align="edge", fill=False, hatch="xxx", edgecolor=VERMILLION)
        if height < lowest - 1e-9:
            axes.bar(start, lowest - height, width, height, align="edge", fill=False, hatch="...", edgecolor=GREEN)
        axes.text(start + width / 2, max(height, lowest) + 0.05, label, ha="center", va="bottom")
    axes.stairs(
        bound, np.append(left, left[-1] + widths[-1]), color="black", linestyle="--", linewidth=1.6, baseline=None
    )
    axes.set(xlim=(0, 1), ylabel="code word in bits", xlabel="probability P(x) (width of a box)")
    axes.grid(visible=False, axis="x")


def _same_height(top: Axes, bottom: Axes, highest: float) -> None:
    top.set_xlabel("")
    for axes in (top, bottom):
        axes.set_ylim(0, 1.5 * highest if axes is bottom else 1.2 * highest)


def _code_legend(axes: Axes) -> None:
    patches: list[Any] = [
        Patch(fill=False, hatch="xxx", edgecolor=VERMILLION, label="paid in addition"),
        Patch(fill=False, hatch="...", edgecolor=GREEN, label="saved"),
    ]
    axes.legend(handles=patches, loc="upper left", ncols=2, fontsize=10)


def _densities(axes: Axes, x: Array, p: Array, q: Array, names: tuple[str, str]) -> None:
    axes.plot(x, p, color=BLUE, linewidth=2, label=f"p: {names[0]}")
    axes.plot(x, q, color=VERMILLION, linewidth=2, linestyle="--", label=f"q: {names[1]}")
    axes.set(ylabel="density per unit of x", xlim=(x[0], x[-1]), ylim=(0, 1.3 * max(p.max(), q.max())))
    axes.legend(loc="upper left", fontsize=10)


def _boxes_in_words(widths: Array, heights: Array, labels: Sequence[str]) -> str:
    rows = zip(labels, widths, heights, strict=True)
    return "; ".join(f"{label}: {width:g} wide, {height:.3g} bits high" for label, width, height in rows) + "."


def _finite_maximum(values: ArrayLike) -> float:
    array = np.asarray(values, dtype=float)
    return float(array[np.isfinite(array)].max())


def belief_boxes(p: ArrayLike, labels: Sequence[str], parts: Sequence[int]) -> None:
    """Draw the code made for a belief Q over outcomes with probabilities `p`, with a slider for each part of Q."""
    show_drawing(
        "belief",
        [(f"parts of Q for {label}", 1, 20, 1, part) for label, part in zip(labels, parts, strict=True)],
        f"const names = {list(labels)}, p = {[float(x) for x in np.asarray(p)]}, fills = {list(FILLS[: len(labels)])};"
        + _BELIEF,
        "Try it. A box is as wide as its outcome is probable, P, and as high as its word in the code made for Q is "
        "long; the dashed line is the code made for P. Can you make a belief that costs less than the right one?",
    )


_BELIEF = """
  const sum = v.reduce((a, b) => a + b, 0), q = v.map((part) => part / sum);
  let left = 4, cross = 0, entropy = 0;
  q.forEach((belief, k) => {
    const width = 592 * p[k], height = -45 * Math.log2(belief), own = -45 * Math.log2(p[k]);
    add("rect", {x: left, y: 290 - height, width: width, height: height, fill: fills[k], stroke: "black"});
    add("line", {x1: left, x2: left + width, y1: 290 - own, y2: 290 - own, stroke: "black", "stroke-width": 4,
                 "stroke-dasharray": "9 5"});
    add("text", {x: left + width / 2, y: 280, "text-anchor": "middle"}, names[k]);
    left += width;
    cross -= p[k] * Math.log2(belief);
    entropy -= p[k] * Math.log2(p[k]);
  });
  return "Q = (" + q.map((belief) => belief.toFixed(2)).join(", ") + "). All boxes: " + cross.toFixed(4)
    + " bits = H(P) " + entropy.toFixed(4) + " + D(P‖Q) " + Math.abs(cross - entropy).toFixed(4) + " bits.";
"""
