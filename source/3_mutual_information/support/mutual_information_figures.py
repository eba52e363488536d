"""The figures of section 3. Each function draws one figure with the numbers that your own functions return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import ArrayLike, NDArray

from .figure_style import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION, panels, show_drawing, show_figure

Array = NDArray[np.float64]

SHADES = LinearSegmentedColormap.from_list("probability", ["white", SKY])
SIGNED = LinearSegmentedColormap.from_list("contribution", [ORANGE, "white", SKY])

KINDS = {
    "informative": (BLUE, "", "o"),
    "redundant": (ORANGE, "///", "s"),
    "noise": ("#999999", "...", "^"),
}
"""Colour, hatch and marker of what a column was made as."""


def joint_against_product(joint_p: ArrayLike, rows: Sequence[str], columns: Sequence[str]) -> None:
    """Draw a joint table, the product of its marginals, and what each cell contributes to I(X;Y)."""
    joint = np.asarray(joint_p, dtype=float)
    product = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    terms = np.zeros_like(joint)
    np.log2(joint / np.where(product > 0, product, 1), out=terms, where=joint > 0)
    terms *= joint
    figure, axes = panels(3, 8.4)
    top = max(joint.max(), product.max())
    _table(axes[0], joint, rows, columns, SHADES, (0, top), "{:.3f}")
    _table(axes[1], product, rows, columns, SHADES, (0, top), "{:.3f}")
    largest = np.abs(terms).max()
    _table(axes[2], terms, rows, columns, SIGNED, (-largest, largest), "{:+.3f}")
    axes[0].set_title("joint distribution P(x, y)", loc="left")
    axes[1].set_title("product of the marginals P(x) P(y)", loc="left")
    axes[2].set_title("contribution to I(X;Y) in bits", loc="left")
    show_figure(
        figure,
        "Figure 1. The table as it is, as it would be, and what the difference is worth. Above, the joint table; in "
        "the middle the table of two independent variables with the same marginals. Below, each cell's "
        f"part of the mutual information: some are negative, their sum never is. Here it is {terms.sum():.4f} bits.",
        f"Three heat maps. Joint: {_cells(joint, rows, columns)}. Product: {_cells(product, rows, columns)}. "
        f"Contributions in bits: {_cells(terms, rows, columns)}, sum {terms.sum():.4f}.",
    )


def noisy_copy(flip: float, information: float, curve: tuple[ArrayLike, ArrayLike]) -> None:
    """Draw the table of a bit and its noisy copy beside the product, and the information against the noise."""
    joint = np.array([[1 - flip, flip], [flip, 1 - flip]]) / 2
    figure, (top, bottom) = panels(2, 5.6)
    _side_by_side(top, joint, np.full((2, 2), 0.25), ("0", "1"), ("0", "1"), 0.5)
    top.set(ylabel="bit sent X")
    top.set_xlabel("bit received Y")
    flips, bits = curve
    bottom.plot(flips, bits, color=BLUE, linewidth=2)
    bottom.plot([flip], [information], "o", color=VERMILLION, markersize=8, clip_on=False, zorder=3)
    bottom.set(xlabel="probability that the bit is flipped", ylabel="I(X;Y) in bits", xlim=(0, 1), ylim=(0, 1.02))
    bottom.set_title(f"flip probability {flip:.2f}: {information:.4f} bits", loc="left")
    show_figure(
        figure,
        f"Figure 2. A bit and its noisy copy. Flipped with probability {flip:.2f}, the copy tells {information:.4f} "
        f"bits. It tells most without noise or if every bit is flipped ({max(bits):.2f} bits), and "
        "nothing at one half, where the joint table is the product.",
        f"Above, the joint table with {joint[0, 0]:.3f} on the diagonal and {joint[0, 1]:.3f} off it, beside the "
        f"product with 0.25 in each cell. Below, a curve from 1 bit at 0 down to 0 at one half and up to 1 bit at 1, "
        f"with a point at {flip:.2f} and {information:.4f} bits.",
    )


def number_and_square(x_values: Sequence[int], y_values: Sequence[int], joint_p: ArrayLike) -> None:
    """Draw the joint table of a number and its square beside the product of the marginals."""
    joint = np.asarray(joint_p, dtype=float)
    product = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    figure, (axes,) = panels(1, 3.6)
    rows, columns = [str(x) for x in x_values], [str(y) for y in y_values]
    _side_by_side(axes, joint, product, rows, columns, joint.max())
    axes.set(ylabel="X", xlabel="Y = X²")
    u, v = (np.asarray(values, dtype=float) for values in (x_values, y_values))
    u, v = u - u @ joint.sum(axis=1), v - v @ joint.sum(axis=0)
    correlation = u @ joint @ v / np.sqrt((u**2 @ joint.sum(axis=1)) * (v**2 @ joint.sum(axis=0)))
    divergence = float((joint[joint > 0] * np.log2(joint[joint > 0] / product[joint > 0])).sum())
    show_figure(
        figure,
        f"Figure 3. A number and its square. The best straight line through the left table explains "
        f"{correlation**2:.0%} of the variance of Y. But the left table differs from the right one, by a divergence of "
        f"{divergence:.4f} bits, and that is what mutual information measures.",
        f"Two heat maps. Joint: {_cells(joint, rows, columns)}. Product: {_cells(product, rows, columns)}.",
    )


def bias_against_sample_size(
    sizes: Sequence[int], estimates: Mapping[tuple[int, int], Array], lines: Mapping[tuple[int, int], Array]
) -> None:
    """Draw mean and spread of the estimate for independent columns against their length, with the formula's line.

    Parameters
    ----------
    sizes
        Numbers of observations.
    estimates
        For each pair of numbers of labels, estimates in bits of shape (len(sizes), repeats).
    lines
        For each of the pairs what the formula says, shape (len(sizes),).
    """
    figure, (axes,) = panels(1, 4.3)
    styles = ((BLUE, "o"), (VERMILLION, "s"), (GREEN, "^"))
    said = []
    for (pair, found), (colour, marker) in zip(estimates.items(), styles, strict=False):
        low, high = np.quantile(found, (0.05, 0.95), axis=1)
        axes.fill_between(sizes, low, high, color=colour, alpha=0.18, linewidth=0)
        axes.plot(sizes, lines[pair], color=colour, linestyle="--", linewidth=1.2)
        label = f"{pair[0]} × {pair[1]} labels"
        axes.plot(sizes, found.mean(axis=1), marker, color=colour, markersize=7, label=label)
        means = ", ".join(f"N = {n}: {mean:.4f}" for n, mean in zip(sizes, found.mean(axis=1), strict=True))
        said.append(f"{label}: {means}")
    axes.plot([], [], color="black", linestyle="--", linewidth=1.2, label="(Kx−1)(Ky−1) / (2N ln 2)")
    axes.set(xscale="log", yscale="log", xlabel="number of observations N", ylabel="estimate of I(X;Y) in bits")
    axes.set_xticks(list(sizes), [str(n) for n in sizes])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_minor_locator(LogLocator(subs=()))
    axes.set_ylim(5e-5, 6)
    axes.legend(loc="lower left", fontsize=9.5)
    first = next(iter(estimates))
    means = estimates[first].mean(axis=1)
    show_figure(
        figure,
        "Figure 4. The estimate for two columns that have nothing to do with each other. Points are its means, bands "
        f"hold nine of ten estimates. The truth is 0. The dashed lines are the formula. For {first[0]} × {first[1]} "
        f"labels mean and formula are {means[0]:.2f} and {lines[first][0]:.2f} bits at N = {sizes[0]}, where no "
        f"estimate exceeds log₂ N = {np.log2(sizes[0]):.2f}, and {means[-1]:.3f} and {lines[first][-1]:.3f} bits at N "
        f"= {sizes[-1]}.",
        "Falling points on axes that are both logarithmic, close to three dashed lines of slope minus one. "
        + "; ".join(said),
    )


def shuffled_estimates(cases: Mapping[str, tuple[float, Array]]) -> None:
    """Draw for each case the estimates after shuffling as a histogram, with the estimate of the data as a line."""
    figure, axes = panels(len(cases), 5.0)
    edge = 1.08 * max(max(observed, shuffled.max()) for observed, shuffled in cases.values())
    said, reached = [], []
    for panel, (name, (observed, shuffled)) in zip(axes, cases.items(), strict=True):
        reached.append(f"{np.count_nonzero(shuffled >= observed)} of {shuffled.size} shuffles ({name})")
        share = (1 + np.count_nonzero(shuffled >= observed)) / (1 + shuffled.size)
        panel.hist(shuffled, bins=np.linspace(0, edge, 41), color=SKY, edgecolor="white", label="shuffled")
        panel.axvline(observed, color=VERMILLION, linewidth=2.2, label="as measured")
        panel.set(ylabel="number of shuffles", xlim=(0, edge))
        panel.set_title(f"{name}: {observed:.3f} bits, p = {share:.3f}", loc="left")
        said.append(f"{name}: {observed:.3f} bits, shuffled mean {shuffled.mean():.3f}, p = {share:.3f}")
    axes[0].legend(loc="upper right")
    axes[-1].set_xlabel("estimate of I(X;Y) in bits")
    show_figure(
        figure,
        "Figure 5. Is it something? Shuffling one column leaves both marginals and destroys every dependence. The "
        f"estimate of the columns as measured is reached by {' and by '.join(reached)}. The fewer, the better the "
        "evidence of a dependence; p counts the measured order as one more.",
        "Two histograms of estimates from shuffled columns, with a line for the columns as measured. "
        + "; ".join(said),
    )


def neighbours(values: ArrayLike, classes: ArrayLike, chosen: int, k: int = 3) -> None:
    """Draw a feature with two classes, and how far the k-th neighbour of one observation in its own class is."""
    v, c = np.asarray(values, dtype=float), np.asarray(classes)
    distance = np.abs(v - v[chosen])
    radius = np.sort(distance[c == c[chosen]])[k]
    inside = int((distance < radius).sum())
    figure, (axes,) = panels(1, 2.9)
    axes.axvspan(v[chosen] - radius, v[chosen] + radius, color=SKY, alpha=0.35, linewidth=0)
    for label, (colour, marker) in enumerate(((BLUE, "o"), (VERMILLION, "s"))):
        axes.plot(v[c == label], np.full((c == label).sum(), label), marker, color=colour, markersize=8, alpha=0.8)
    axes.plot(v[chosen], c[chosen], "*", color="black", markersize=15, zorder=3)
    axes.annotate(
        f"radius {radius:.2f}: m = {inside}",
        (v[chosen], 0.5),
        ha="center",
        va="center",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
    )
    axes.set(xlabel="value of the feature (no unit)", ylabel="class", ylim=(-0.5, 1.5))
    axes.set_yticks([0, 1])
    axes.grid(visible=False)
    show_figure(
        figure,
        f"Figure 6. The estimate for a measured feature. From the star, go to its third neighbour of the same class; "
        f"that is the radius. Now count all points that are nearer, of any class, and the star: m = {inside}. If "
        "the feature tells the classes apart, few of the other class are among them.",
        f"Two rows of points on a number line, one for each class. Around the point at {v[chosen]:.2f} a band of "
        f"radius {radius:.2f} holds {inside} points of both classes.",
    )


def scores_by_feature(scores: ArrayLike, selected: Sequence[int], kinds: Sequence[str]) -> None:
    """Draw the score of every column as a bar, the selected ones marked, and what each column was made as."""
    nats = np.asarray(scores, dtype=float)
    figure, (axes,) = panels(1, 6.2)
    for j, (score, kind) in enumerate(zip(nats, kinds, strict=True)):
        colour, hatch, _ = KINDS[kind]
        axes.barh(j, score, 0.75, color=colour, hatch=hatch, edgecolor="black", linewidth=0.6, alpha=0.85)
    for rank, j in enumerate(selected, 1):
        axes.text(nats[j], j, f" ◀ no. {rank}", va="center", ha="left", fontweight="bold")
    axes.set(xlabel="score: estimate of I(column; class) in nats", ylabel="column", xlim=(0, 1.25 * nats.max()))
    axes.set_yticks(range(nats.size))
    axes.set_ylim(nats.size - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.legend(handles=_legend(kinds), loc="lower right")
    noise = np.array([kind == "noise" for kind in kinds])
    highest = nats[noise].max(initial=0.0)
    listed = ", ".join(f"{j}: {score:.3f} ({kind})" for j, (score, kind) in enumerate(zip(nats, kinds, strict=True)))
    show_figure(
        figure,
        f"Figure 7. Scores of the {nats.size} columns, the selected ones numbered. What a column was made as is known "
        f"here because the data is artificial. The highest score of noise is {highest:.3f} nats; no more than that "
        f"have {np.sum(nats[~noise] <= highest)} of the {np.sum(~noise)} columns that carry something. So a low score "
        "does not say that a column carries nothing.",
        f"Horizontal bars. Column and score in nats: {listed}. Selected, best first: {', '.join(map(str, selected))}.",
    )


def scores_by_rank(scores: ArrayLike, kinds: Sequence[str], n_selected: int) -> None:
    """Draw the scores from the largest to the smallest."""
    nats = np.asarray(scores, dtype=float)
    order = np.argsort(-nats, kind="stable")
    figure, (axes,) = panels(1, 3.6)
    axes.plot(np.arange(1, nats.size + 1), nats[order], color="#bbbbbb", linewidth=1.2, zorder=1)
    for kind, (colour, _, marker) in KINDS.items():
        ranks = [rank for rank, j in enumerate(order, 1) if kinds[j] == kind]
        axes.plot(ranks, [nats[order[r - 1]] for r in ranks], marker, color=colour, markersize=8, label=kind)
    axes.axvline(n_selected + 0.5, color="black", linestyle=":", linewidth=1.2)
    axes.text(n_selected + 0.7, nats.max(), f"first {n_selected} selected", va="top")
    axes.set(xlabel="rank", ylabel="score in nats", xlim=(0.3, nats.size + 0.7), ylim=(-0.01, 1.1 * nats.max()))
    axes.set_xticks([1, 5, 10, 15, 20])
    axes.legend(loc="center right")
    sorted_nats = nats[order]
    noise, others = (
        [rank for rank, j in enumerate(order, 1) if (kinds[j] == "noise") is is_noise] for is_noise in (True, False)
    )
    listed = ", ".join(f"{nats[j]:.3f} {kinds[j]}" for j in order)
    show_figure(
        figure,
        f"Figure 8. Score against rank. The line after {n_selected} columns is a decision: the last of them has "
        f"{sorted_nats[n_selected - 1]:.3f} nats and the next {sorted_nats[n_selected]:.3f}. The first noise has rank "
        f"{min(noise)}, the last column that carries something rank {max(others)}.",
        f"Falling points from rank 1 to {nats.size}: {listed}.",
    )


def exclusive_or(first: ArrayLike, second: ArrayLike, classes: ArrayLike, bits: Mapping[str, float]) -> None:
    """Draw two measured features whose signs decide the class together, and what each and both tell about it."""
    a, b, y = np.asarray(first, dtype=float), np.asarray(second, dtype=float), np.asarray(classes)
    figure, (top, bottom) = panels(2, 6.4)
    for label, (colour, marker) in enumerate(((BLUE, "o"), (VERMILLION, "s"))):
        mask = y == label
        top.plot(a[mask], b[mask], marker, color=colour, markersize=5, alpha=0.7, label=f"class {label}")
    top.axhline(0, color="black", linewidth=0.8)
    top.axvline(0, color="black", linewidth=0.8)
    top.set(xlabel="first feature (no unit)", ylabel="second feature (no unit)")
    top.legend(loc="upper center", ncols=2, bbox_to_anchor=(0.5, 1.17))
    names = list(bits)
    bottom.barh(range(len(names)), list(bits.values()), 0.6, color=(SKY, SKY, PURPLE), edgecolor="black")
    for row, value in enumerate(bits.values()):
        bottom.text(value, row, f" {value:.3f}", va="center")
    bottom.set_yticks(range(len(names)), names)
    bottom.set(xlabel="information on the class in bits", xlim=(0, 1.15), ylim=(len(names) - 0.5, -0.5))
    bottom.grid(visible=False, axis="y")
    told = ", ".join(f"{name.replace(chr(10), ' ')} {value:.3f}" for name, value in bits.items())
    show_figure(
        figure,
        "Figure 9. Exclusive or. For each value of one feature both classes are about equally frequent, left and "
        f"right, above and below. Information on the class in bits: {told}. Scores of single columns cannot see what "
        "both signs tell together.",
        "Above, four clouds of points, one in each quadrant; opposite quadrants have the same class. Below, bars: "
        + ", ".join(f"{name.replace(chr(10), ' ')} {value:.3f} bits" for name, value in bits.items()),
    )


def accuracy_by_columns(accuracies: Mapping[str, float], chance: float) -> None:
    """Draw the accuracy of a classifier for several choices of columns."""
    figure, (axes,) = panels(1, 2.9)
    names = list(accuracies)
    axes.barh(range(len(names)), list(accuracies.values()), 0.6, color=SKY, edgecolor="black")
    for row, value in enumerate(accuracies.values()):
        axes.text(value - 0.01, row, f"{value:.2f}", va="center", ha="right", fontweight="bold")
    axes.axvline(chance, color=VERMILLION, linestyle="--", linewidth=2)
    axes.text(chance, -0.62, "guessing", color=VERMILLION, ha="center", va="bottom")
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="share of held-out rows classified right", xlim=(0, 1), ylim=(len(names) - 0.5, -0.6))
    ranked = sorted(((value, name.replace("\n", " ")) for name, value in accuracies.items()), reverse=True)
    axes.grid(visible=False, axis="y")
    show_figure(
        figure,
        "Figure 10. What the choice is worth. Share of held-out rows that are classified right, from best to worst: "
        f"{'; '.join(f'{name} {accuracy:.2f}' for accuracy, name in ranked)}. Always guessing the more frequent class "
        f"is right in {chance:.2f}.",
        f"Bars of accuracy: {', '.join(f'{name} {accuracy:.2f}' for accuracy, name in ranked)}.",
    )


def _table(
    axes: Axes,
    numbers: Array,
    rows: Sequence[str],
    columns: Sequence[str],
    shades: LinearSegmentedColormap,
    limits: tuple[float, float],
    text: str,
) -> None:
    """Draw numbers as a heat map."""
    axes.imshow(numbers, cmap=shades, vmin=limits[0], vmax=limits[1], aspect="auto")
    axes.grid(visible=False)
    for (row, column), value in np.ndenumerate(numbers):
        axes.text(column, row, text.format(value), ha="center", va="center", fontsize=13)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xticks(range(len(columns)), columns)
    axes.tick_params(length=0)
    axes.set(ylabel="revision X", xlabel="result Y")


def _side_by_side(
    axes: Axes, left: Array, right: Array, rows: Sequence[str], columns: Sequence[str], top: float
) -> None:
    """Draw two tables of the same shape with a gap between them: the joint distribution and the product."""
    gap = np.full((left.shape[0], 1), np.nan)
    axes.imshow(np.hstack([left, gap, right]), cmap=SHADES, vmin=0, vmax=top, aspect="auto")
    axes.grid(visible=False)
    width = left.shape[1]
    for start, numbers in ((0, left), (width + 1, right)):
        for (row, column), value in np.ndenumerate(numbers):
            axes.text(start + column, row, f"{value:.3f}", ha="center", va="center", fontsize=10.5)
    places = [*range(width), *range(width + 1, 2 * width + 1)]
    axes.set_xticks(places, [*columns, *columns])
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    middle = (width - 1) / 2
    axes.text(middle, -0.6, "joint P(x, y)", ha="center", va="bottom")
    axes.text(middle + width + 1, -0.6, "product P(x) P(y)", ha="center", va="bottom")


def _legend(kinds: Sequence[str]) -> list[Any]:
    return [
        Patch(facecolor=colour, hatch=hatch, edgecolor="black", alpha=0.85, label=kind)
        for kind, (colour, hatch, _) in KINDS.items()
        if kind in kinds
    ]


def _cells(numbers: Array, rows: Sequence[str], columns: Sequence[str]) -> str:
    return ", ".join(f"{rows[i]} and {columns[j]} {value:.3f}" for (i, j), value in np.ndenumerate(numbers))


def dependence_square(table: ArrayLike) -> None:
    """Draw a table of revision and result as areas of a square, with sliders for its three free numbers."""
    joint = np.asarray(table, dtype=float)
    passed = joint[:, 1] / joint.sum(axis=1)
    show_drawing(
        "dependence",
        [
            ("P(revised)", 0.01, 0.99, 0.01, round(float(joint[1].sum()), 2)),
            ("P(passed | not revised)", 0, 1, 0.001, round(float(passed[0]), 3)),
            ("P(passed | revised)", 0, 1, 0.001, round(float(passed[1]), 3)),
        ],
        f"const blue = '{SKY}', orange = '{ORANGE}';" + _SQUARE,
        "Try it. The square is all students: columns are as wide as P(x), and the blue part of a column is the share "
        "that passed. The dashed line is the share of all who passed. When is the mutual information 0, and when is "
        "it as large as it can be?",
    )


_SQUARE = """
  const revised = v[0], widths = [1 - revised, revised], pass = [v[1], v[2]];
  const all = widths[0] * pass[0] + widths[1] * pass[1];
  const log2 = (x) => x > 0 ? Math.log2(x) : 0;
  let left = 4, shared = 0;
  widths.forEach((width, k) => {
    const blueHeight = 250 * pass[k];
    add("rect", {x: left, y: 8, width: 592 * width, height: 250 - blueHeight, fill: orange, stroke: "black"});
    add("rect", {x: left, y: 258 - blueHeight, width: 592 * width, height: blueHeight, fill: blue, stroke: "black"});
    add("text", {x: left + 296 * width, y: 285, "text-anchor": "middle"},
        width > 0.2 ? ["not revised", "revised"][k] : "");
    left += 592 * width;
    for (const [part, whole] of [[pass[k], all], [1 - pass[k], 1 - all]])
      shared += part > 0 ? width * part * log2(part / whole) : 0;
  });
  add("line", {x1: 4, x2: 596, y1: 258 - 250 * all, y2: 258 - 250 * all, stroke: "black", "stroke-width": 4,
               "stroke-dasharray": "9 5"});
  const entropy = (x) => -x * log2(x) - (1 - x) * log2(1 - x);
  return "I(X;Y) = " + Math.abs(shared).toFixed(4) + " bits; H(X) = " + entropy(revised).toFixed(4) + ", H(Y) = "
    + Math.abs(entropy(all)).toFixed(4) + " bits. " + (100 * all).toFixed(0) + " % passed.";
"""
