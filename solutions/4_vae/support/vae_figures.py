"""The figures of section 4. Each function draws one figure with the numbers that your own functions return."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from numpy.typing import ArrayLike, NDArray

from .figure_style import BLUE, GREEN, ORANGE, PURPLE, SKY, STYLE, VERMILLION, panels, show_drawing, show_figure

Array = NDArray[np.float64]

BETA_COLOURS = {0.5: BLUE, 1.0: GREEN, 2.0: VERMILLION}
DIGIT_COLOURS = (BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE, "#000000", "#7a5c00", "#666666", "#4b0082")


def grid(rows: int, columns: int, height: float) -> tuple[Figure, Any]:
    """Return a figure with a grid of axes, as wide as `panels` makes them; `height` in inches."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(4.6, height), dpi=170, layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False)
    return figure, axes


def as_images(x: Any) -> Array:
    """Return the rows of `x` as images of 8 x 8 pixels."""
    return np.asarray(x, dtype=float).reshape(-1, 8, 8)


def draw_image(axes: Axes, image: Array) -> None:
    """Draw one image, white for 0 and black for 1."""
    axes.imshow(image, cmap="Greys", vmin=0, vmax=1)
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color("#bbbbbb")


def image_rows(rows: Mapping[str, Any], below: Sequence[str] = ()) -> Figure:
    """Return a figure with a row of images for each name, and what is written `below` the columns."""
    images = [as_images(row) for row in rows.values()]
    figure, axes = grid(len(rows), len(images[0]), 3.9 / len(images[0]) * len(rows) + (0.3 if below else 0.0))
    for line, name, row in zip(axes, rows, images, strict=True):
        for place, image in zip(line, row, strict=True):
            draw_image(place, image)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=12)
    for place, text in zip(axes[-1], below, strict=False):
        place.set_xlabel(text, fontsize=12)
    return figure


def some_digits(x: Any, labels: ArrayLike) -> None:
    """Draw the first image of each digit."""
    names = np.asarray(labels)
    figure, axes = grid(2, 5, 2.1)
    for digit, place in enumerate(axes.flat):
        draw_image(place, as_images(x)[names == digit][0])
    show_figure(
        figure,
        "Figure 1. The data: handwritten digits of 8 × 8 pixels, each a number between 0 (white) and 1 (black) in "
        "steps of 1/16. To a network they are rows of 64 numbers.",
        "Ten small grey images in two rows, the handwritten digits 0 to 9, eight by eight pixels each.",
    )


def autoencoder(rows: Mapping[str, Any], distances: Mapping[str, float]) -> None:
    """Draw images, their reconstructions without noise, and what the decoder makes of random codes."""
    figure = image_rows({name: as_images(images)[:6] for name, images in rows.items()})
    listed = _listed(distances)
    show_figure(
        figure,
        "Figure 2. An autoencoder without noise. From above: test images; their reconstructions; what the decoder "
        "makes of standard normal random codes, and of random codes with the mean and spread of real ones. Distance "
        f"to the most similar training image, per pixel: {listed}.",
        f"Four rows of six small images. Distance to the most similar training image, per pixel: {listed}.",
    )


def bound_against_guess(share: Array, elbo: Array, log_p: float, posterior: float) -> None:
    """Draw the ELBO against q(z=1|x), with log p(x) above it."""
    figure, (axes,) = panels(1, 3.3)
    axes.axhline(log_p, color="black", linestyle="--", linewidth=1.4)
    axes.annotate("log p(x)", (0.03, log_p), (0, 5), textcoords="offset points")
    axes.plot(share, elbo, color=BLUE, linewidth=2)
    axes.fill_between(share, elbo, log_p, color=SKY, alpha=0.35, linewidth=0)
    axes.annotate("gap =\nD(q(z|x) ‖ p(z|x))", (0.2, log_p - 0.3), ha="center", va="center")
    axes.plot([posterior], [log_p], "o", color=VERMILLION, markersize=8, zorder=3)
    axes.annotate(f"q = p(z|x): {posterior:.3f}", (posterior, log_p), (0, 8), textcoords="offset points", ha="center")
    axes.set(xlabel="q(z=1|x): how sure the code is of z = 1", ylabel="nats", xlim=(0, 1), ylim=(None, log_p + 0.2))
    show_figure(
        figure,
        f"Figure 3. The bound of the coin. Whatever the guess, the ELBO stays below log p(x) = −{-log_p:.3f} nats. The "
        f"gap is how far the guess is from the true posterior, {posterior:.3f}, and closes exactly there. The best "
        f"guess that was tried, {share[np.argmax(elbo)]:.2f}, comes within {log_p - elbo.max():.5f} nats.",
        f"Curve of the ELBO over the guess q, below a dashed line at {log_p:.3f} nats. It touches the line at "
        f"q = {posterior:.3f} and falls on both sides; the gap between them is shaded.",
    )


def price_of_a_code(kl: Callable[[float, Array], Array]) -> None:
    """Draw the KL divergence of N(mu, sigma²) from N(0, 1) against sigma, for some mu; `kl(mu, sigma)` in nats."""
    figure, (axes,) = panels(1, 3.4)
    sigma = np.geomspace(0.02, 2.5, 200)
    for mu, colour, style in ((0.0, BLUE, "-"), (1.0, ORANGE, "--"), (2.0, VERMILLION, "-.")):
        axes.plot(sigma, kl(mu, sigma), color=colour, linestyle=style, linewidth=2, label=f"μ = {mu:g}")
    axes.plot([1], [0], "o", color="black", markersize=6, clip_on=False, zorder=3)
    axes.annotate("the prior itself costs nothing", (1, 0), (-75, 4), textcoords="offset points", ha="right")
    axes.set(xscale="log", xlabel="standard deviation σ of the code", ylabel="KL divergence in nats", ylim=(0, 6))
    axes.set_xticks([0.02, 0.1, 0.3, 1.0, 2.5], ["0.02", "0.1", "0.3", "1", "2.5"])
    axes.minorticks_off()
    axes.legend(loc="upper right")
    halved = kl(0.0, np.array([0.04, 0.02]))
    show_figure(
        figure,
        f"Figure 4. What a dimension of the code costs. A mean of 2 costs {kl(2.0, np.ones(1))[0]:.2f} nats at σ = 1. "
        f"A small spread costs too: {halved[0]:.2f} nats at σ = 0.04, and {halved[1] - halved[0]:.2f} nats more when "
        "it is halved.",
        "Three curves of the KL divergence over sigma on a logarithmic axis, for mean 0, 1 and 2. Each has its "
        "minimum at sigma 1, of 0, one half and 2 nats, and rises steadily to the left.",
    )


def network() -> None:
    """Draw how data flow through a variational autoencoder."""
    figure, (axes,) = panels(1, 3.5)
    axes.set(xlim=(0, 11.2), ylim=(0.6, 7.0))
    axes.axis("off")
    boxes = {
        "x": (0.1, 3.0, 1.0, 1.2, "x\n64", SKY),
        "encoder": (1.7, 2.6, 1.8, 2.0, "encoder", "#eeeeee"),
        "mu": (4.2, 4.4, 1.2, 1.0, "μ", ORANGE),
        "logvar": (4.2, 1.8, 1.2, 1.0, "log σ²", ORANGE),
        "z": (6.1, 3.0, 0.9, 1.2, "z", GREEN),
        "noise": (5.45, 5.8, 2.2, 0.9, "ε ~ N(0, I)", "#ffffff"),
        "decoder": (7.7, 2.6, 1.8, 2.0, "decoder", "#eeeeee"),
        "x_recon": (10.1, 3.0, 1.0, 1.2, "x̂\n64", SKY),
    }
    for left, bottom, width, height, text, colour in boxes.values():
        style = "round,pad=0.02,rounding_size=0.15"
        axes.add_patch(FancyBboxPatch((left, bottom), width, height, boxstyle=style, facecolor=colour, alpha=0.6))
        axes.text(left + width / 2, bottom + height / 2, text, ha="center", va="center", fontsize=10)

    def arrow(start: tuple[float, float], end: tuple[float, float]) -> None:
        axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=11, linewidth=1.1, color="black"))

    for start, end in (
        ((1.15, 3.6), (1.7, 3.6)),
        ((3.5, 4.0), (4.2, 4.8)),
        ((3.5, 3.2), (4.2, 2.4)),
        ((5.4, 4.8), (6.1, 4.0)),
        ((5.4, 2.4), (6.1, 3.2)),
        ((6.55, 5.8), (6.55, 4.25)),
        ((7.0, 3.6), (7.7, 3.6)),
        ((9.5, 3.6), (10.1, 3.6)),
    ):
        arrow(start, end)
    axes.text(4.0, 0.9, "price: D(q(z|x) ‖ p(z))", ha="center", fontsize=10, color=VERMILLION)
    axes.text(8.9, 1.7, "loss: −log p(x|z)", ha="center", fontsize=10, color=VERMILLION)
    axes.text(6.65, 2.4, "μ + σ ε", ha="center", fontsize=9)
    show_figure(
        figure,
        "Figure 5. From an image to its reconstruction. The encoder says where the code lies (μ) and how widely it is "
        "spread (σ); one sample z of it goes to the decoder. The noise ε enters from outside, so gradients pass from z "
        "to μ and log σ².",
        "Diagram from left to right: x with 64 numbers, encoder, two boxes mu and log sigma squared, a box z that "
        "also receives noise epsilon from above, decoder, reconstruction with 64 numbers. Below the codes stands the "
        "price, the KL divergence to the prior; below the decoder the loss, minus log p of x given z.",
    )


def reconstructions(x: Any, rows: Mapping[str, Any]) -> None:
    """Draw images above their reconstructions, one row for each model."""
    images = [as_images(x), *(as_images(row) for row in rows.values())]
    figure = image_rows(dict(zip(["data", *rows], images, strict=True)))
    off = [np.abs(row - images[0]).mean() for row in images[1:]]  # mean over images and pixels
    apart = [np.abs(row - row.mean(axis=0)).mean() for row in images]
    distances = "; ".join(f"{name}: {a:.3f} and {b:.3f}" for name, a, b in zip(rows, off, apart[1:], strict=True))
    show_figure(
        figure,
        "Figure 6. Reconstructions of digits that no model has seen, each from the mean of its code. Two numbers for "
        "each row, per pixel between 0 (white) and 1 (black): how far its images are from the data, and how far they "
        f"are from their own average. {distances}. The images of the data are {apart[0]:.3f} from their average. Where "
        "the second number is small, the model draws nearly the same image every time.",
        f"A row of {len(images[0])} test digits and below it their reconstructions by each of the models "
        f"{', '.join(rows)}. Distance per pixel from the data, and from the average of the row: {distances}.",
    )


def kl_of_dimensions(kl: Mapping[float, Sequence[float]]) -> None:
    """Draw the KL divergence of each latent dimension, in order and sorted, one row for each beta."""
    figure, axes = grid(len(kl), 2, 1.75 * len(kl) + 0.4)
    top = 1.15 * max(max(values) for values in kl.values())
    for row, (beta, values) in enumerate(kl.items()):
        for column, bars in enumerate((list(values), sorted(values, reverse=True))):
            place = axes[row, column]
            place.bar(np.arange(1, len(bars) + 1), bars, color=BETA_COLOURS.get(beta, SKY), width=0.75)
            place.set(ylim=(0, top))
            place.set_xticks(range(1, len(bars) + 1, 2))
            place.grid(visible=False, axis="x")
        axes[row, 0].set_ylabel("nats")
        axes[row, 0].set_title(f"β = {beta:g}: {sum(values):.1f} nats in all", loc="left", fontsize=10)
        axes[row, 1].set_title("sorted", loc="left", fontsize=10)
    axes[-1, 0].set_xlabel("latent dimension")
    axes[-1, 1].set_xlabel("rank")
    in_use = "; ".join(f"β = {beta:g}: {sum(v > 0.1 for v in values)} of {len(values)}" for beta, values in kl.items())
    listed = "; ".join(
        f"beta {beta:g}: {', '.join(f'{value:.1f}' for value in sorted(values, reverse=True))}"
        for beta, values in kl.items()
    )
    show_figure(
        figure,
        "Figure 7. What each latent dimension costs, in their order and sorted. Dimensions that cost more than 0.1 "
        f"nats: {in_use}. The others say next to nothing. Which ones these are is up to the seed.",
        f"Bars of the KL divergence of eight dimensions, by index and sorted, for each beta. Sorted: {listed} nats.",
    )


def latent_map(codes: Mapping[float, Any], kl: Mapping[float, Sequence[float]], labels: ArrayLike) -> None:
    """Draw the means of the two dimensions that cost most, each image as its digit, one panel for each beta."""
    figure, axes = panels(len(codes), 4.4 * len(codes))
    names = np.asarray(labels)
    spreads = []
    for place, (beta, mu) in zip(axes, codes.items(), strict=True):
        first, second = sorted(np.argsort(kl[beta])[::-1][:2])
        means = np.asarray(mu, dtype=float)
        for digit in range(10):
            own = means[names == digit]
            colour = DIGIT_COLOURS[digit]
            place.scatter(own[:, first], own[:, second], marker=f"${digit}$", s=52, color=colour, linewidths=0.2)
        spreads.append(f"β = {beta:g}: {means[:, first].std():.2f} and {means[:, second].std():.2f}")
        place.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), ylabel=f"μ of dimension {second + 1}")
        place.set_xlabel(f"μ of dimension {first + 1}")
        place.set_title(f"β = {beta:g}", loc="left")
        place.set_aspect("equal")
    show_figure(
        figure,
        "Figure 8. Where test images lie in the two dimensions with the largest KL: each is drawn as its digit at the "
        f"mean of its code. Standard deviations of these means: {'; '.join(spreads)}. Where they are near 0, images "
        "of different digits get nearly the same code; the prior has 1.",
        "Scatter plots, one for each beta, in which every image is drawn as its digit. Standard deviations of the two "
        f"coordinates: {'; '.join(spreads)}.",
    )


def traversal(rows: Mapping[str, Any], steps: Sequence[float]) -> None:
    """Draw what the decoder makes of codes along single dimensions, one row for each."""
    figure = image_rows(rows, [f"{step:g}" for step in steps])
    ends = {name.replace("\n", " "): as_images(images)[[0, -1]] for name, images in rows.items()}
    changes = "; ".join(f"{name}: {np.abs(last - first).mean():.2f}" for name, (first, last) in ends.items())
    if len(steps) > 1:
        seen = f"Mean change of a pixel from the left end of a row to the right end, where 1 is black: {changes}."
    else:
        seen = f"One image, for a code value of {steps[0]:g}."
    show_figure(
        figure,
        f"Figure 9. A walk along single dimensions of the code, all others at 0 (β = 1). {seen}",
        f"Rows of decoded images, from code value {steps[0]:g} to {steps[-1]:g} of one dimension. {seen}",
    )


def interpolation(rows: Mapping[str, Any], distances: Mapping[str, float]) -> None:
    """Draw what lies on straight lines between two images; `distances` are those of midpoints to the data."""
    figure = image_rows(rows)
    listed = _listed(distances)
    show_figure(
        figure,
        "Figure 10. From one image to another: pixels mixed, and decoded from mixed codes of the autoencoder without "
        f"noise and of the VAE. Distance of midpoints to the most similar training image, per pixel: {listed}.",
        f"Rows of images that turn from a 0 into a 4. Distance of midpoints to the data, per pixel: {listed}.",
    )


def prior_samples(rows: Mapping[float, Any], gaps: Mapping[float, float], distances: Mapping[float, float]) -> None:
    """Draw images decoded from the same random codes, one row for each beta, with what is known of each model."""
    figure = image_rows({f"β = {beta:g}": as_images(images)[:6] for beta, images in rows.items()})
    listed = "; ".join(f"β = {beta:g}: {gaps[beta]:.1f} nats, {distances[beta]:.3f}" for beta in rows)
    show_figure(
        figure,
        "Figure 14. New images: in each column the same random code from the prior, decoded by models of different β. "
        f"The gap D(q(z) ‖ p(z)), and the distance to the most similar training image, per pixel: {listed}.",
        f"Rows of six images, one row for each beta. Gap and distance to the data: {listed}.",
    )


def rate_distortion(points: Mapping[float, tuple[float, float]], constant: float) -> None:
    """Draw distortion against rate along beta, `points[beta]` = (rate, distortion), each with its slope −beta."""
    figure, (axes,) = panels(1, 3.9)
    rates, distortions = np.array([points[beta] for beta in sorted(points)]).T
    axes.plot(rates, distortions, color=BLUE, linewidth=1.6, zorder=2)
    for beta, (rate, distortion) in points.items():
        reach = 0.9 / np.hypot(1, beta)
        axes.plot(
            [rate - reach, rate + reach],
            [distortion + beta * reach, distortion - beta * reach],
            color=ORANGE,
            linewidth=2.2,
            zorder=1,
        )
        axes.plot([rate], [distortion], "o", color=VERMILLION, markersize=6, zorder=3)
        axes.annotate(f"β = {beta:g}", (rate, distortion), (8, 5), textcoords="offset points")
    axes.axhline(constant, color="black", linestyle="--", linewidth=1.2)
    axes.annotate("one image for all", (float(rates.max()), constant), (0, 4), textcoords="offset points", ha="right")
    axes.set(xlabel="rate, nats per image", ylabel="distortion, nats per image")
    axes.set_xlim(-0.4, float(rates.max()) * 1.25)
    betas, saved = sorted(points), []
    for k in range(len(betas) - 1):
        bought, fell = rates[k] - rates[k + 1], distortions[k + 1] - distortions[k]
        saved.append(
            f"β = {betas[k + 1]:g} to {betas[k]:g}: " + (f"{fell / bought:.2f}" if bought else "no nat was bought")
        )
    listed = ", ".join(f"beta {beta:g} ({rate:.1f}, {loss:.1f})" for beta, (rate, loss) in sorted(points.items()))
    show_figure(
        figure,
        "Figure 11. Rate (the KL divergence) against distortion (the reconstruction loss). Each point is a trained "
        "model. β is the exchange rate: at the point of β, one more nat of code would save β nats of reconstruction. "
        "The orange strokes have the slope −β; they are not fitted to the points. What a nat did save on the way "
        f"from one point to the next: {'; '.join(saved)}.",
        f"Falling convex curve of distortion over rate, points (rate, distortion) in nats: {listed}. Short strokes "
        f"of slope minus beta touch the curve at the points. A dashed line at {constant:.1f} nats marks one image.",
    )


def information_plane(points: Mapping[float, tuple[float, float]], h_x: float, i_xy: float) -> None:
    """Draw the bottleneck curve, `points[beta]` = (I(X;Z), I(Z;Y)) in bits, between its two limits."""
    figure, (axes,) = panels(1, 3.8)
    curve = np.array([*sorted(points.values()), (h_x, i_xy)])
    axes.fill_between(curve[:, 0], curve[:, 1], 1.12 * i_xy, color="#dddddd", alpha=0.6, linewidth=0)
    axes.plot(curve[:, 0], curve[:, 1], color=BLUE, linewidth=2)
    axes.axhline(i_xy, color="black", linestyle="--", linewidth=1.2)
    axes.annotate(f"I(X;Y) = {i_xy:.3f} bits", (h_x, i_xy), (0, 4), textcoords="offset points", ha="right")
    shown = [beta for beta in points if beta in (1.5, 2.0, 3.0, 10.0, 100.0)]
    for beta in shown:
        axes.plot(*points[beta], "o", color=VERMILLION, markersize=6, zorder=3)
        place = {"xytext": (0, -17), "ha": "right"} if beta == max(shown) else {"xytext": (7, -13)}
        axes.annotate(f"β = {beta:g}", points[beta], textcoords="offset points", **place)
    axes.annotate("out of reach", (0.19 * h_x, 0.75 * i_xy), ha="center", color="#444444")
    axes.set(xlabel="I(X;Z) in bits: what the code costs", ylabel="I(Z;Y) in bits: what it is good for")
    axes.set(xlim=(-0.03, h_x * 1.02), ylim=(-0.02, 1.12 * i_xy))
    listed = ", ".join(f"beta {beta:g} ({points[beta][0]:.2f}, {points[beta][1]:.2f})" for beta in shown)
    show_figure(
        figure,
        "Figure 12. The information bottleneck. Every code lies on the curve or below it. The code of β = 2 keeps "
        f"{points[2.0][1] / i_xy:.0%} of what X tells about Y for {points[2.0][0]:.2f} bits, that of β = 10 "
        f"{points[10.0][1] / i_xy:.0%} for {points[10.0][0]:.2f} bits; the rest, up to H(X) = {h_x:.2f} bits, adds "
        f"{1 - points[10.0][1] / i_xy:.0%}.",
        f"Rising concave curve in the plane of I(X;Z) and I(Z;Y) from (0, 0) to ({h_x:.2f}, {i_xy:.3f}) bits, with "
        f"the points {listed}. The area above it is grey and out of reach.",
    )


def bottleneck_codes(encoders: Mapping[float, Array], names: Sequence[str]) -> None:
    """Draw p(z|x) as heat maps, one panel for each beta."""
    figure, axes = grid(1, len(encoders), 2.6)
    for place, (beta, encoder) in zip(axes[0], encoders.items(), strict=True):
        used = encoder[:, encoder.sum(axis=0) > 1e-3]
        place.imshow(used, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        place.grid(visible=False)
        place.set_xticks(range(used.shape[1]), [str(z + 1) for z in range(used.shape[1])])
        place.set_yticks(range(len(names)), names if place is axes[0, 0] else [""] * len(names))
        place.set_xlabel("z")
        place.set_title(f"β = {beta:g}", loc="left")
    axes[0, 0].set_ylabel("x")
    in_use = "; ".join(f"β = {beta:g}: {np.sum(code.sum(axis=0) > 1e-3)}" for beta, code in encoders.items())
    show_figure(
        figure,
        "Figure 13. What the code keeps, p(z|x): dark is 1, white is 0. Number of different z that are in use for "
        f"the {len(names)} x: {in_use}. The x that say similar things about y share one.",
        "Heat maps of p(z|x), rows x, columns z, for several beta: from one shared column, over columns shared by "
        "groups of x with similar meaning, to a column for each x.",
    )


def _listed(distances: Mapping[str, float]) -> str:
    return "; ".join(f"{' '.join(name.split())}: {value:.3f}" for name, value in distances.items())


def code_and_prior() -> None:
    """Draw one dimension of a code beside its prior, with sliders for its mean and its standard deviation."""
    show_drawing(
        "code",
        [("mean μ", -3, 3, 0.1, 1.5), ("standard deviation σ", 0.1, 2, 0.05, 0.4)],
        f"const blue = '{BLUE}';" + _CODE,
        "Try it. Dashed: the prior N(0, 1). Blue: the code N(μ, σ²) of one image. What costs more nats, to move the "
        "code by 2 or to make it ten times as narrow? How do you make it cost nothing, and what does it tell then?",
    )


_CODE = """
  const [mu, sigma] = v, base = 262;
  const curve = (centre, width, extra) => {
    const points = [];
    for (let k = 0; k <= 300; k++) {
      const z = -4.5 + 9 * k / 300;
      const height = 62 * Math.exp(-(((z - centre) / width) ** 2) / 2) / width / 1.0027;
      points.push((2 * k).toFixed(1) + "," + (base - Math.min(height, 255)).toFixed(1));
    }
    add("polyline", Object.assign({points: points.join(" "), fill: "none", stroke: "black", "stroke-width": 3}, extra));
  };
  add("line", {x1: 0, x2: 600, y1: base, y2: base, stroke: "black"});
  for (let z = -4; z <= 4; z += 2)
    add("text", {x: 300 + z * 600 / 9, y: 288, "text-anchor": "middle"}, String(z));
  curve(0, 1, {"stroke-dasharray": "9 5"});
  curve(mu, sigma, {stroke: blue, "stroke-width": 5});
  const place = mu ** 2 / 2, width = (sigma ** 2 - 1 - 2 * Math.log(sigma)) / 2;
  return "D(q‖p) = " + (place + width).toFixed(3) + " nats: " + place.toFixed(3) + " for its place (μ²/2) and "
    + width.toFixed(3) + " for its width ((σ² − 1 − ln σ²)/2).";
"""
