"""The figures of section 5. Each function draws one figure with the numbers that your own functions return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from .figure_style import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION, panels, show_drawing, show_figure

STYLES = ((BLUE, "-"), (VERMILLION, "--"), (GREEN, ":"))
"""Colour and line of up to three curves; either tells them apart."""


def loss_against_confidence(confidence: ArrayLike, loss: ArrayLike, marked: Mapping[str, tuple[float, float]]) -> None:
    """Draw the loss against the probability of the true class, with named points (probability, nats)."""
    figure, (axes,) = panels(1, 3.4)
    axes.plot(np.asarray(confidence), np.asarray(loss), color=BLUE, linewidth=2)
    for name, (c, nats) in marked.items():
        axes.plot([c], [nats], "o", color=VERMILLION, markersize=7, clip_on=False, zorder=3)
        axes.annotate(f"{name}: {nats:.3f} nats", (c, nats), (9, 5), textcoords="offset points")
    axes.set(xlabel="probability of the true class", ylabel="loss in nats", xlim=(0, 1), ylim=(0, 5.2))
    axes.set_xticks(np.linspace(0, 1, 6))

    def at(c: float) -> float:
        return float(np.interp(c, np.asarray(confidence), np.asarray(loss)))

    points = "; ".join(f"{name} costs {nats:.3f} nats" for name, (_, nats) in marked.items())
    show_figure(
        figure,
        f"Figure 1. The loss of one example. {points}. From probability 1/2 to 1/4 it grows by "
        f"{at(0.25) - at(0.5):.3f} nats, from 1/4 to 1/8 by {at(0.125) - at(0.25):.3f}, and so on without an upper "
        "end.",
        f"Falling convex curve of minus ln c from 5 nats near probability 0 to 0 nats at 1. Marked: {points}.",
    )


def loss_against_margin(margin: ArrayLike, curves: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> None:
    """Draw the loss against the logit margin and its slope below; `curves` maps names to (loss, slope)."""
    m = np.asarray(margin)
    figure, (top, bottom) = panels(2, 5.6)
    for (name, (loss, slope)), (colour, line) in zip(curves.items(), STYLES, strict=False):
        top.plot(m, np.asarray(loss), line, color=colour, linewidth=2, label=name)
        bottom.plot(m, np.asarray(slope), line, color=colour, linewidth=2, label=name)
    top.set(ylabel="loss in nats", xlim=(m.min(), m.max()), ylim=(0, None))
    bottom.set(ylabel="slope in nats per unit", xlim=(m.min(), m.max()), ylim=(-1.05, 0.05))
    bottom.set_xlabel("margin: true logit less each other logit")
    for axes in (top, bottom):
        axes.axvline(0, color="black", linewidth=1, linestyle=":")
    top.legend(loc="upper right")
    slopes = {name: np.round(np.asarray(slope)[[0, -1]], 3) + 0.0 for name, (_, slope) in curves.items()}
    ends = [f"{name}: {first:.3f} and {last:.3f}".replace("-", "−") for name, (first, last) in slopes.items()]
    show_figure(
        figure,
        "Figure 2. The same loss against what a network puts out. Slopes in nats per unit of the margin, far on the "
        f"wrong side (margin −{-m[0]:g}) and far on the right side ({m[-1]:g}): {'; '.join(ends)}.",
        "Two panels. Above, the loss: nearly a straight line of slope minus one at negative margins, bending near zero "
        "and approaching 0. Below, the slope of each curve rises from minus one to 0 in an S-shape.",
    )


def smoothed_loss_against_margin(
    margin: ArrayLike,
    curves: Mapping[float, tuple[ArrayLike, ArrayLike]],
    minima: Mapping[float, tuple[float, float]],
) -> None:
    """Draw smoothed losses against the margin with their minima marked, and their slopes below.

    `curves` maps eps to (loss, slope), `minima` maps eps to (margin, loss) where there is a minimum.
    """
    m = np.asarray(margin)
    figure, (top, bottom) = panels(2, 6.2)
    for (eps, (loss, slope)), (colour, line) in zip(curves.items(), STYLES, strict=False):
        place, least = minima.get(eps, (np.inf, 0.0))
        name = f"ε = {eps:g}: least {least:.3f} nats at margin " + (f"{place:.2f}" if eps in minima else "∞")
        top.plot(m, np.asarray(loss), line, color=colour, linewidth=2, label=name)
        bottom.plot(m, np.asarray(slope), line, color=colour, linewidth=2)
        if eps in minima:
            for axes, height in ((top, least), (bottom, 0.0)):
                axes.plot([place], [height], "o", color=colour, markersize=8, markeredgecolor="black", zorder=3)
    bottom.axhline(0, color="black", linewidth=1)
    top.set(ylabel="loss in nats", xlim=(m.min(), m.max()), ylim=(0, 2.6))
    bottom.set(ylabel="slope in nats per unit", xlim=(m.min(), m.max()))
    bottom.set_xlabel("margin: true logit less each other logit")
    top.legend(loc="lower left", bbox_to_anchor=(0, 1))
    listed = "; ".join(
        f"eps {eps:g}: least loss {least:.3f} nats at margin {at:.2f}" for eps, (at, least) in minima.items()
    )
    show_figure(
        figure,
        f"Figure 3. Smoothing gives the loss a lowest point (circles): {listed.replace('eps', 'ε =')}. To its right "
        "the loss rises again with a slope above 0: a still larger probability of the true class costs more. Without "
        "smoothing the slope stays below 0.",
        f"Two panels for ten classes. Above, losses against the margin; {listed}; the curve without smoothing falls "
        "towards 0. Below, their slopes; smoothed ones cross 0 at the minima.",
    )


def margins_during_training(steps: ArrayLike, margins: Mapping[str, ArrayLike], gap: float) -> None:
    """Draw how the margin grows during gradient descent, with the margin `gap` that smoothing aims at."""
    figure, (axes,) = panels(1, 3.4)
    for (name, values), (colour, line) in zip(margins.items(), STYLES, strict=False):
        axes.plot(np.asarray(steps), np.asarray(values), line, color=colour, linewidth=2, label=name)
    axes.axhline(gap, color="black", linewidth=1, linestyle=":")
    axes.annotate(f"{gap:.3f}", (1.2, gap), (0, 4), textcoords="offset points")
    axes.set(xlabel="steps of gradient descent", ylabel="logit margin", xscale="log", ylim=(0, None))
    axes.legend(loc="upper left", bbox_to_anchor=(0, 0.88))
    grown = []
    for name, values in margins.items():
        path = np.asarray(values)
        grown.append(f"{name}: {path[-1]:.2f}, {abs(round(path[-1] - path[len(path) // 2], 3)):.3f}")
    last = "; ".join(f"{name}: {np.asarray(values)[-1]:.2f}" for name, values in margins.items())
    show_figure(
        figure,
        "Figure 4. Free logits under gradient descent. Margin at the last step, and by how much it grew in the "
        f"second half of the steps: {'; '.join(grown)}. Dotted: the margin at which the prediction is the smoothed "
        f"target, {gap:.3f}.",
        f"Margins against steps on a logarithmic axis. At the last step: {last}. The dotted line is at {gap:.3f}.",
    )


def calibration(groups: Mapping[float, np.ndarray[Any, Any]]) -> None:
    """Draw accuracy against confidence; `groups[eps]` = (mean confidences, shares of right answers) of groups."""
    figure, (axes,) = panels(1, 4.2)
    axes.plot([0, 1], [0, 1], color="black", linewidth=1, linestyle=":", label="calibrated")
    lowest = 0.1 * np.floor(10 * min(np.min(group) for group in groups.values()))
    said = []
    for (eps, (confidence, share)), (colour, line), marker in zip(groups.items(), STYLES, "os^", strict=False):
        axes.plot(
            confidence, share, line, color=colour, marker=marker, linewidth=1.6, markersize=7, label=f"ε = {eps:g}"
        )
        said.append(f"ε = {eps:g}: {confidence.mean():.2f} against {share.mean():.2f}")
    axes.set(
        xlabel="mean confidence of a group", ylabel="share of right answers", xlim=(lowest, 1), ylim=(lowest, 1.02)
    )
    axes.legend(loc="upper left")
    show_figure(
        figure,
        "Figure 5. Confidence and accuracy on held-out tumours, each point a group of equal size. Points below the "
        f"dotted line mean a confidence that is too high, points above it one that is too low. Mean "
        f"confidence against accuracy: {'; '.join(said)}.",
        f"Lines of points against a diagonal. Mean confidence against accuracy: {'; '.join(said)}.",
    )


def estimates_against_samples(
    counts: ArrayLike, runs: Sequence[ArrayLike], truth: float, deviation: float, at_the_mean: float
) -> None:
    """Draw Monte Carlo estimates against the number of samples, between two standard errors around the `truth`."""
    n = np.asarray(counts, dtype=float)
    figure, (axes,) = panels(1, 3.9)
    band = 2 * deviation / np.sqrt(n)
    axes.fill_between(n, truth - band, truth + band, color=SKY, alpha=0.4, label="quadrature ± 2 standard errors")
    for k, run in enumerate(runs):
        axes.plot(
            n, np.asarray(run), "o-", color=BLUE, linewidth=1, markersize=4, label=None if k else "your estimates"
        )
    axes.axhline(truth, color="black", linewidth=1.5, label=f"quadrature: {truth:.4f}".replace("-", "−"))
    axes.axhline(
        at_the_mean,
        color=VERMILLION,
        linewidth=1.5,
        linestyle="--",
        label=f"decoder at μ: {at_the_mean:.4f}".replace("-", "−"),
    )
    axes.set(xlabel="samples n", ylabel="E[ln p(x|z)] in nats", xscale="log", xlim=(n.min(), n.max()))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), fontsize=10)
    off = np.abs(np.array([np.asarray(run, dtype=float) for run in runs]) - truth).max(axis=0)
    show_figure(
        figure,
        f"Figure 6. The reconstruction term by sampling. The largest error of an estimate is {off[0]:.3f} nats with "
        f"{n[0]:g} samples and {off[-1]:.3f} nats with {n[-1]:g}: the standard error halves for four times the "
        f"samples. The likelihood decoded at μ is another number, {at_the_mean - truth:.3f} nats too large.",
        f"Estimates of several runs against the number of samples, scattering inside a band that narrows around "
        f"{truth:.4f}. A dashed line at {at_the_mean:.4f} lies above all estimates of many samples.",
    )


def posterior_by_dimension(mu: ArrayLike, sigma: ArrayLike, kl: ArrayLike) -> None:
    """Draw, for each latent dimension, mu and sigma over the examples and the mean divergence; (B, J), (B, J), (J,)."""
    centre, width, nats = np.asarray(mu), np.asarray(sigma), np.asarray(kl)
    order = np.argsort(nats)[::-1]
    ticks = np.arange(len(order))
    figure, (top, middle, bottom) = panels(3, 6.8)
    _ranges(top, centre[:, order], BLUE)
    _ranges(middle, width[:, order], ORANGE)
    middle.axhline(1, color="black", linewidth=1, linestyle="--")
    bottom.bar(ticks, nats[order], color=PURPLE, edgecolor="black", alpha=0.85)
    top.set_ylabel("μ in prior widths")
    middle.set(ylabel="σ in prior widths", ylim=(0, 1.25))
    bottom.set(ylabel="KL in nats", xlabel="latent dimension, most informative first")
    for axes in (top, middle, bottom):
        axes.set_xticks(ticks, [str(k + 1) for k in order])
        axes.set_xlim(-0.6, len(order) - 0.4)
    unused = nats < 0.1
    said = ""
    if unused.any():
        said = (
            ": for nearly every image their μ is close to 0 (at most "
            f"{np.quantile(np.abs(centre[:, unused]), 0.95):.2f} for 95 % of all values) and their σ close to 1 (on "
            f"average {width[:, unused].mean():.2f}), so they carry nothing"
        )
    words = ", ".join(f"{k + 1}: {nats[k]:.1f}" for k in order)
    show_figure(
        figure,
        "Figure 7. A trained posterior, dimension by dimension: boxes from the lower to the upper quartile of all "
        f"images, whiskers over 90 % of them. {np.sum(unused)} of {nats.size} dimensions cost less than 0.1 "
        f"nats{said}.",
        f"Three panels over the latent dimensions. Divergence of each in nats: {words}. Where it is near 0, mu stays "
        "near 0 and sigma near 1; where it is large, mu spreads over several units and sigma is well below 1.",
    )


def _ranges(axes: Axes, values: np.ndarray[Any, Any], colour: str) -> None:
    """Draw a box with whiskers for each column."""
    axes.boxplot(
        values,
        positions=range(values.shape[1]),
        whis=(5, 95),
        showfliers=False,
        patch_artist=True,
        widths=0.6,
        boxprops={"facecolor": colour, "alpha": 0.6},
        medianprops={"color": "black"},
    )


def target_and_prediction() -> None:
    """Draw a smoothed target and a prediction, with sliders for margin, smoothing and number of classes."""
    show_drawing(
        "target",
        [("margin m", -3, 12, 0.1, 7), ("smoothing ε", 0, 0.5, 0.01, 0.1), ("classes K", 2, 10, 1, 4)],
        f"const blue = '{SKY}', red = '{VERMILLION}';" + _TARGET,
        "Try it. Blue bars are the prediction p, orange frames the target q′; class 0 is the true one. Move the margin "
        "until the loss is least: bars and frames agree. What is left then? And where is that margin for ε = 0?",
    )


_TARGET = """
  const [margin, smoothing, n] = v;
  const rest = 1 / (Math.exp(margin) + n - 1), p = [1 - (n - 1) * rest], q = [1 - smoothing + smoothing / n];
  for (let k = 1; k < n; k++) { p.push(rest); q.push(smoothing / n); }
  const step = 592 / n;
  add("line", {x1: 0, x2: 600, y1: 265, y2: 265, stroke: "black"});
  p.forEach((share, k) => {
    const x = 4 + k * step + 0.12 * step, width = 0.76 * step;
    add("rect", {x: x, y: 265 - 250 * share, width: width, height: 250 * share, fill: blue, stroke: "black"});
    add("rect", {x: x - 4, y: 265 - 250 * q[k], width: width + 8, height: 250 * q[k], fill: "none", stroke: red,
                 "stroke-width": 4});
    add("text", {x: x + width / 2, y: 290, "text-anchor": "middle"}, String(k));
  });
  const loss = -q.reduce((sum, share, k) => sum + share * Math.log(p[k]), 0);
  const least = -q.reduce((sum, share) => sum + (share > 0 ? share * Math.log(share) : 0), 0);
  return "Loss " + loss.toFixed(4) + " nats = D(q′‖p) " + Math.abs(loss - least).toFixed(4) + " + H(q′) "
    + Math.abs(least).toFixed(4) + ". Slope in the true logit: " + (p[0] - q[0]).toFixed(4) + ".";
"""
