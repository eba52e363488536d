"""The figures of section 1. Each function draws one figure with the numbers that your own functions return."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import ArrayLike

from .figure_style import BLUE, FILLS, GREEN, ORANGE, PURPLE, SKY, VERMILLION, panels, show_drawing, show_figure

Entropy = Callable[[ArrayLike], float]
"""A function of a distribution that returns bits, such as ``InformationMeasures.entropy``."""


def self_information_curve() -> None:
    """Draw −log2 P against P and mark the probabilities 1, 1/2, 1/4, 1/8, 1/16."""
    figure, (axes,) = panels(1, 3.3)
    p = np.linspace(0.004, 1, 500)
    axes.plot(p, -np.log2(p), color=BLUE, linewidth=2)
    for k, name in enumerate(("1", "1/2", "1/4", "1/8", "1/16")):
        axes.plot([0.5**k], [k], "o", color=VERMILLION, markersize=7, clip_on=False, zorder=3)
        axes.annotate(
            f"P = {name}: {k} bit{'' if k == 1 else 's'}",
            (0.5**k, k),
            (8, 6) if k else (-4, 12),
            textcoords="offset points",
            ha="left" if k else "right",
        )
    axes.set(xlabel="probability P(x)", ylabel="self-information I(x) in bits", xlim=(0, 1.0), ylim=(0, 6.5))
    axes.set_xticks(np.linspace(0, 1, 5))
    show_figure(
        figure,
        "Figure 1. Self-information. Each halving of the probability costs one more yes/no question; what is certain "
        "costs none, and the curve has no upper end.",
        "Falling curve of minus log base 2 of P. Marked points: probability 1 has 0 bits, one half 1 bit, one quarter "
        "2 bits, one eighth 3 bits, one sixteenth 4 bits. Towards probability 0 the curve rises without limit.",
    )


def code_length_boxes(p: ArrayLike, labels: Sequence[str], entropy: Entropy) -> None:
    """Draw a box for each outcome, as wide as its probability and as high as its self-information."""
    probabilities = np.asarray(p, dtype=float)
    area = entropy(probabilities)
    figure, (axes,) = panels(1, 3.4)
    heights = -np.log2(probabilities)
    _boxes(axes, probabilities, heights, labels)
    axes.set_ylabel("self-information I(x) in bits")
    axes.set_title(f"area of all boxes: H(X) = {area:.4g} bits", loc="left")
    show_figure(
        figure,
        "Figure 2. Code-length boxes. An outcome is a box: its width is how often it comes, its height how much it "
        f"tells. A rare outcome is high and narrow. The total area is the entropy, {area:.4g} bits.",
        f"Boxes side by side from 0 to 1. {_list_boxes(probabilities, heights, labels)} Total area {area:.4g} bits.",
    )


def huffman_boxes(p: ArrayLike, lengths: ArrayLike, labels: Sequence[str], entropy: Entropy) -> None:
    """Draw the boxes of the bound above those of a code with whole code words."""
    probabilities = np.asarray(p, dtype=float)
    bits = np.asarray(lengths, dtype=float)
    bound = entropy(probabilities)
    mean = float(probabilities @ bits)
    figure, (top, bottom) = panels(2, 5.6)
    ideal = -np.log2(probabilities)
    _boxes(top, probabilities, ideal, labels)
    _boxes(bottom, probabilities, bits, labels)
    top.set_xlabel("")
    top.set_title(f"bound: area = entropy {bound:.4f} bits", loc="left")
    top.set_ylabel("I(x) in bits")
    bottom.set_title(f"Huffman code: area = mean length {mean:.4f} bits", loc="left")
    bottom.set_ylabel("code word in bits")
    left = np.concatenate(([0.0], np.cumsum(probabilities)))
    bottom.stairs(ideal, left, color="black", linestyle="--", linewidth=1.4, baseline=None, label="the bound")
    bottom.legend(loc="upper left")
    for axes in (top, bottom):
        axes.set_ylim(0, 1.12 * max(ideal.max(), bits.max()))
    show_figure(
        figure,
        f"Figure 5. The bound and a real code. Code words have whole lengths, so some boxes stand above the dashed "
        f"line and some below. Averaged, the code pays {mean - bound:.4f} bits a letter more than the entropy.",
        f"Two rows of boxes. Above, heights are the self-information: {_list_boxes(probabilities, ideal, labels)} "
        f"Below, heights are Huffman code lengths: {_list_boxes(probabilities, bits, labels)}",
    )


def binary_entropy_curve(entropy: Entropy, maximum: tuple[float, float]) -> None:
    """Draw H of a coin against P(heads), with the computed `maximum` (probability, bits)."""
    p = np.linspace(0, 1, 201)
    bits = [entropy([value, 1 - value]) for value in p]
    figure, (axes,) = panels(1, 3.4)
    axes.plot(p, bits, color=BLUE, linewidth=2)
    axes.plot(*maximum, "o", color=VERMILLION, markersize=8, clip_on=False, zorder=3)
    axes.annotate(
        f"maximum, computed:\n{maximum[1]:.4f} bits at P = {maximum[0]:.4f}",
        maximum,
        (0, -36),
        textcoords="offset points",
        ha="center",
        va="top",
    )
    axes.set(xlabel="probability of heads", ylabel="entropy H(X) in bits", xlim=(0, 1), ylim=(0, 1.02))
    show_figure(
        figure,
        f"Figure 3. Entropy of a coin. It is highest, {maximum[1]:.4f} bits, where the probability of heads is "
        f"{maximum[0]:.2f}, and {abs(bits[0]):.4g} where one side is certain. Near the ends it is steep: at a "
        f"probability of 5 % it is {entropy([0.05, 0.95]):.2f} bits already.",
        f"Symmetric arch from 0 bits at probability 0 to a maximum of {maximum[1]:.4f} bits at {maximum[0]:.4f} and "
        "back to 0 bits at probability 1.",
    )


def coin_boxes(p_heads: float, entropy: Entropy) -> None:
    """Draw the boxes of a coin with 0 < `p_heads` < 1 above its place on the entropy curve."""
    coin = np.array([p_heads, 1 - p_heads])
    area = entropy(coin)
    figure, (top, bottom) = panels(2, 5.6)
    heights = -np.log2(coin)
    _boxes(top, coin, heights, ("heads", "tails"))
    top.set(ylabel="I(x) in bits", ylim=(0, 7), xlabel="probability (width of a box)")
    top.set_title(f"P(heads) = {p_heads:.2f}: area = {area:.4f} bits", loc="left")
    p = np.linspace(0, 1, 101)
    bottom.plot(p, [entropy([value, 1 - value]) for value in p], color=BLUE, linewidth=2)
    bottom.plot([p_heads], [area], "o", color=VERMILLION, markersize=8, clip_on=False, zorder=3)
    bottom.set(xlabel="probability of heads", ylabel="entropy in bits", xlim=(0, 1), ylim=(0, 1.05))
    show_figure(
        figure,
        f"Figure 4. A coin with P(heads) = {p_heads:.2f}. As a side becomes rare, its box grows higher and narrower. "
        "The area of both boxes together, the entropy, sinks from 1 bit at P = 0.5 towards 0 at either end.",
        f"Above, two boxes: heads {coin[0]:.2f} wide and {heights[0]:.2f} bits high, tails {coin[1]:.2f} wide and "
        f"{heights[1]:.2f} bits high. Below, the arch of the entropy of a coin with a point at {area:.4f} bits.",
    )


def joint_table(joint_p: ArrayLike, rows: Sequence[str], columns: Sequence[str]) -> None:
    """Draw a joint distribution as a heat map with its marginals beside and below."""
    joint = np.asarray(joint_p, dtype=float)
    p_x, p_y = joint.sum(axis=1), joint.sum(axis=0)
    figure, (axes,) = panels(1, 3.4)
    shades = LinearSegmentedColormap.from_list("probability", ["white", SKY])
    image = axes.imshow(joint, cmap=shades, vmin=0, vmax=joint.max(), aspect="auto")
    axes.grid(visible=False)
    for (row, column), value in np.ndenumerate(joint):
        axes.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=13)
    axes.set_yticks(range(len(rows)), [f"{name}\nP = {p:.2f}" for name, p in zip(rows, p_x, strict=True)])
    axes.set_xticks(range(len(columns)), [f"{name}\nP = {p:.2f}" for name, p in zip(columns, p_y, strict=True)])
    axes.set(xlabel="result Y", ylabel="revision X")
    axes.tick_params(length=0)
    figure.colorbar(image, ax=axes, label="probability P(x, y)")
    cells = ", ".join(f"{rows[i]} and {columns[j]} {value:.2f}" for (i, j), value in np.ndenumerate(joint))
    show_figure(
        figure,
        "Figure 6. The joint table. Each cell is one outcome of the pair. Adding along a row gives P(x), adding along "
        "a column gives P(y); both stand beside the names.",
        f"Heat map of a table with {len(rows)} rows and {len(columns)} columns: {cells}.",
    )


def before_and_after(joint_p: ArrayLike, rows: Sequence[str], columns: Sequence[str], entropy: Entropy) -> None:
    """Draw P(X) and, below it, P(X | Y = y) for each y, each with its entropy."""
    joint = np.asarray(joint_p, dtype=float)
    p_y = joint.sum(axis=0)
    cases = [("nothing known", joint.sum(axis=1))]
    cases += [(f"Y = {name}  (P = {p_y[j]:.2f})", joint[:, j] / p_y[j]) for j, name in enumerate(columns)]
    figure, (axes,) = panels(1, 3.9)
    hatches = ("", "///")
    for height, (name, p) in enumerate(cases):
        starts = np.concatenate(([0.0], np.cumsum(p)[:-1]))
        for i, (start, width) in enumerate(zip(starts, p, strict=True)):
            axes.barh(height, width, 0.5, start, color=FILLS[i], edgecolor="black", hatch=hatches[i % 2], alpha=0.85)
            axes.text(
                start + width / 2,
                height,
                f"{rows[i].replace(' ', chr(10))}\n{width:.3f}",
                ha="center",
                va="center",
                fontsize=10,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
            )
        axes.text(0, height - 0.33, f"{name}: {entropy(p):.4f} bits", va="bottom", fontweight="bold")
    changes = []
    for name, p in cases[1:]:
        more = entropy(p) - entropy(cases[0][1])
        word = "as uncertain as before" if abs(more) < 5e-5 else f"{'more' if more > 0 else 'less'} uncertain"
        changes.append(f"{word} with {name.split('  ')[0]} ({entropy(p):.4f} bits)")
    axes.set(xlabel="probability of X", xlim=(0, 1), ylim=(len(cases) - 0.6, -0.65), ylabel="what is known of Y")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False)
    show_figure(
        figure,
        "Figure 7. The distribution of X before and after a look at Y, with its entropy. Compared with "
        f"{entropy(cases[0][1]):.4f} bits before, X is {'; '.join(changes)}.",
        " ".join(f"{name}: {_list_shares(p, rows)}, entropy {entropy(p):.4f} bits." for name, p in cases),
    )


def entropy_bars(bits: Mapping[str, float]) -> None:
    """Draw H(X,Y), H(X), H(Y), H(X|Y), H(Y|X) and I(X;Y) of one table as bars on one scale.

    Parameters
    ----------
    bits : mapping of str to float
        The six quantities in bits, under the keys ``H(X,Y)``, ``H(X)``, ``H(Y)``, ``H(X|Y)``, ``I(X;Y)``, ``H(Y|X)``.
    """
    total = bits["H(X,Y)"]
    bars = [
        ("H(X,Y)", 0.0, 0, SKY, ""),
        ("H(X)", 0.0, 1, ORANGE, ""),
        ("H(Y)", total - bits["H(Y)"], 2, GREEN, ""),
        ("H(X|Y)", 0.0, 3, ORANGE, "///"),
        ("I(X;Y)", bits["H(X|Y)"], 3, PURPLE, ""),
        ("H(Y|X)", bits["H(X)"], 3, GREEN, "///"),
    ]
    figure, (axes,) = panels(1, 4.0)
    for name, start, row, colour, hatch in bars:
        axes.barh(row, bits[name], 0.62, start, color=colour, edgecolor="black", hatch=hatch, alpha=0.85)
        inside = bits[name] > 0.3
        axes.text(
            start + bits[name] / 2,
            row if inside else row + 0.36,
            f"{name}\n{bits[name]:.4f}" if inside else f"{name} {bits[name]:.4f}",
            ha="center",
            va="center" if inside else "top",
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
        )
    for place in (bits["H(X|Y)"], bits["H(X)"]):
        axes.axvline(place, color="black", linestyle=":", linewidth=1)
    axes.set(xlabel="information in bits", xlim=(0, total * 1.001), ylim=(3.75, -0.5))
    axes.set_yticks(range(4), ["pair", "X", "Y", "split"])
    axes.set_ylabel("what the bar measures")
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    show_figure(
        figure,
        "Figure 8. One table, six quantities. H(X) starts at the left, H(Y) ends at the right; together they are "
        f"longer than H(X,Y), and what overlaps is counted twice: the mutual information I(X;Y), {bits['I(X;Y)']:.4f} "
        "bits. The last row splits H(X,Y) into what only X holds, what both share, and what only Y holds.",
        "Horizontal bars on a scale of bits: " + ", ".join(f"{name} {value:.4f}" for name, value in bits.items()),
    )


def questions_per_roll(rolls: Sequence[int], questions: Sequence[float], bound: float) -> None:
    """Draw the mean number of questions per roll against the number of rolls asked about at once."""
    figure, (axes,) = panels(1, 3.4)
    axes.plot(rolls, questions, "o-", color=BLUE, markersize=8, zorder=3, label="best questions (Huffman)")
    axes.axhline(bound, color=VERMILLION, linewidth=2, linestyle="--", label="entropy of a roll")
    for n, value in zip(rolls, questions, strict=True):
        axes.annotate(f"{value:.4f}", (n, value), (4, 8), textcoords="offset points")
    axes.set(xlabel="rolls asked about at once", ylabel="questions per roll (bits)")
    axes.set(xlim=(0.7, max(rolls) + 0.6), ylim=(bound - 0.02, max(questions) + 0.025))
    axes.set_xticks(list(rolls))
    axes.legend(loc="upper right")
    values = ", ".join(f"{n} at once {value:.4f}" for n, value in zip(rolls, questions, strict=True))
    above = [value - bound for value in questions]
    show_figure(
        figure,
        f"Figure 9. What a die costs. No way of asking gets below the entropy, {bound:.4f} bits. Asking about one roll "
        f"at a time loses {above[0]:.4f} bits a roll, asking about {rolls[-1]} at once {above[-1]:.4f}. Not every step "
        "helps, but the best questions about n rolls lose less than 1/n bit a roll, and that limit falls to 0.",
        f"Points of questions per roll: {values}. Dashed line at the entropy, {bound:.4f} bits, below all points.",
    )


def mass_and_density(edges: Sequence[np.ndarray[Any, Any]], masses: Sequence[np.ndarray[Any, Any]]) -> None:
    """Draw histograms of one density with bins of different width: as probabilities, and divided by the width."""
    figure, (top, bottom) = panels(2, 5.4)
    styles = ((VERMILLION, "-"), (BLUE, "--"), (GREEN, ":"))
    widths = [float(edge[1] - edge[0]) for edge in edges]
    for edge, mass, width, (colour, line) in zip(edges, masses, widths, styles, strict=False):
        label = f"dx = {width:g}"
        top.stairs(mass, edge, color=colour, linestyle=line, linewidth=1.8, label=label, baseline=None)
        bottom.stairs(mass / width, edge, color=colour, linestyle=line, linewidth=1.8, label=label, baseline=None)
    top.set(ylabel="probability per bin", xlim=(-4, 4), ylim=(0, None))
    bottom.set(ylabel="density per unit of x", xlim=(-4, 4), ylim=(0, None))
    bottom.set_xlabel("x (units of the standard deviation)")
    top.legend(loc="upper right")
    bottom.legend(loc="upper right")
    peaks = ", ".join(f"width {width:g} peak {mass.max():.4f}" for mass, width in zip(masses, widths, strict=True))
    show_figure(
        figure,
        "Figure 10. The same distribution, cut into bins of the widths "
        f"{', '.join(f'{width:g}' for width in widths)}. The highest probabilities of a bin are "
        f"{', '.join(f'{mass.max():.3f}' for mass in masses)}; divided by the width dx (below) they are "
        f"{', '.join(f'{m.max() / w:.3f}' for m, w in zip(masses, widths, strict=True))}: one curve, the density.",
        f"Two panels of three step curves. Probabilities per bin: {peaks}. Divided by the width the three coincide.",
    )


def _boxes(axes: Axes, widths: ArrayLike, heights: ArrayLike, labels: Sequence[str]) -> None:
    """Draw boxes side by side, with the area of each where there is room."""
    w, h = np.asarray(widths, dtype=float), np.asarray(heights, dtype=float)
    left = np.cumsum(w) - w
    axes.bar(left, h, w, align="edge", color=FILLS[: len(w)], edgecolor="black", alpha=0.85)
    for start, width, height, label in zip(left, w, h, labels, strict=True):
        if width > 0:
            axes.text(start + width / 2, height, label, ha="center", va="bottom")
        if width >= 0.1 and height > 0.25:
            axes.text(start + width / 2, height / 2, f"{width * height:.3g}", ha="center", va="center")
    axes.set(xlim=(0, 1), ylim=(0, 1.15 * h.max()), xlabel="probability (width of a box)")
    axes.grid(visible=False, axis="x")


def _list_boxes(widths: ArrayLike, heights: ArrayLike, labels: Sequence[str]) -> str:
    rows = zip(labels, np.asarray(widths, dtype=float), np.asarray(heights, dtype=float), strict=True)
    return "; ".join(f"{label}: {width:g} wide, {height:.3g} bits high" for label, width, height in rows) + "."


def _list_shares(p: ArrayLike, labels: Sequence[str]) -> str:
    return ", ".join(f"{label} {value:.3f}" for label, value in zip(labels, np.asarray(p, dtype=float), strict=True))


def code_budget(p: ArrayLike, labels: Sequence[str], lengths: Sequence[int]) -> None:
    """Draw the budget of a prefix code with a slider for the length of each word; at first those in `lengths`."""
    show_drawing(
        "budget",
        [(f"word of {label}, in bits", 1, 6, 1, length) for label, length in zip(labels, lengths, strict=True)],
        f"const names = {list(labels)}, p = {[float(x) for x in np.asarray(p)]}, fills = {list(FILLS[: len(labels)])};"
        + _BUDGET,
        "Try it. Above, each word takes its piece of the budget; below, the same strip cut by the probabilities. Keep "
        "the words within the budget (the frame) and make their mean length small. How close to the entropy do you "
        "come, and how similar do the two strips become?",
    )


_BUDGET = """
  const unit = 232;
  const strip = (widths, y) => {
    let left = 4;
    widths.forEach((width, k) => {
      add("rect", {x: left, y: y, width: width * unit, height: 70, fill: fills[k], stroke: "black"});
      add("text", {x: left + width * unit / 2, y: y + 43, "text-anchor": "middle"}, width > 0.06 ? names[k] : "");
      left += width * unit;
    });
    add("rect", {x: 4, y: y - 4, width: unit, height: 78, fill: "none", stroke: "black", "stroke-width": 4});
  };
  add("text", {x: 4, y: 28}, "pieces of the words");
  strip(v.map((length) => 2 ** -length), 42);
  add("text", {x: 4, y: 178}, "pieces as large as the probabilities");
  strip(p, 192);
  const used = v.reduce((sum, length) => sum + 2 ** -length, 0);
  const mean = v.reduce((sum, length, k) => sum + p[k] * length, 0);
  const entropy = -p.reduce((sum, x) => sum + x * Math.log2(x), 0);
  return "Budget used: " + used.toFixed(4) + (used > 1 ? ", too much: there is no prefix code. " : ". ")
    + "Mean length " + mean.toFixed(4) + " bits, entropy " + entropy.toFixed(4) + " bits.";
"""
