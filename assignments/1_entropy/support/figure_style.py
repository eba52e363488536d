"""How figures of the course look, and how a notebook shows them.

Colours are those of Okabe and Ito (2008), which readers with any common colour blindness can tell apart; nothing is
said by colour alone. Figures fit the screen of a phone and use no state of pyplot.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from typing import Any

import matplotlib
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .notebook_helpers import inline_code

BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7"
FILLS = (SKY, ORANGE, GREEN, PURPLE, VERMILLION, BLUE, "#999999", "#F0E442")

STYLE: Any = {  # matplotlib types each key by itself
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "legend.frameon": False,
}


def panels(n: int, height: float) -> tuple[Figure, list[Axes]]:
    """Return a figure with `n` panels one below the other, narrow enough for a phone; `height` in inches."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(4.6, height), dpi=170, layout="constrained")
        axes = figure.subplots(n, 1, squeeze=False)[:, 0]
    return figure, list(axes)


def show_figure(figure: Figure, caption: str, alt: str) -> None:
    """Display `figure` with a caption below it and a text for those who cannot see it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to show. It is drawn once and scaled to the width of the page.
    caption : str
        What to see in it.
    alt : str
        What is drawn, in words.
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    image = base64.b64encode(buffer.getvalue()).decode("ascii")
    width = round(figure.get_figwidth() * 125)
    markup = (
        f'<figure style="margin:.5em 0;max-width:{width}px;break-inside:avoid">'
        f'<img src="data:image/png;base64,{image}" alt="{html.escape(alt)}" '
        'style="width:100%;height:auto;background:white">'
        f'<figcaption style="margin:.4em 0 0">{inline_code(caption)}</figcaption></figure>'
    )
    display({"text/html": markup, "text/plain": f"[{alt}]\n{caption}"}, raw=True)


def show_drawing(name: str, sliders: Sequence[tuple[str, float, float, float, float]], draw: str, caption: str) -> None:
    """Display a drawing that moves with its sliders in any browser, without a kernel.

    Parameters
    ----------
    name : str
        What it is called on this page.
    sliders : sequence of tuple
        For each slider its label, lowest and highest value, step, and value at the start.
    draw : str
        Body of a function in JavaScript. It gets `v`, the list of values; `add(element, attributes, text)` puts an
        element of SVG into the drawing, which is 600 wide and 300 high; what it returns is written below.
    caption : str
        What to do and what to see.
    """
    labels = "".join(
        f'<label style="display:flex;gap:.6em;align-items:center">'
        f'<span style="min-width:9em">{html.escape(label)}</span>'
        f'<input type="range" min="{low:g}" max="{high:g}" step="{step:g}" value="{value:g}" style="flex:1">'
        f'<b style="min-width:3em">{value:g}</b></label>'
        for label, low, high, step, value in sliders
    )
    markup = (
        f'<div class="drawing" id="drawing-{name}" style="margin:.5em 0;max-width:575px">{labels}'
        f'<svg viewBox="0 0 600 300" style="width:100%;height:auto;background:white" role="img" '
        f'aria-label="{html.escape(caption)}" font-family="sans-serif" font-size="20"></svg>'
        f'<p class="still">{_STILL}</p>'
        f'<p style="margin:0"><output></output></p><p style="margin:.4em 0 0">{inline_code(caption)}</p>'
        f"<script>{_SCRIPT.replace('NAME', name).replace('DRAW', draw)}</script></div>"
    )
    display({"text/html": markup, "text/plain": f"[a drawing with sliders, for a browser]\n{caption}"}, raw=True)


# The script removes it. Jupyter strips scripts from what a notebook brought along, until it is run or trusted here.
_STILL = (
    "<b>The drawing is not shown here</b>, because this page does not run its script. In Jupyter run this cell, or "
    "choose <i>Trust Notebook</i> in the command palette (<i>View → Activate Command Palette</i>)."
)

_SCRIPT = """
(function () {
  const script = document.currentScript;
  const root = (script && script.closest(".drawing")) || document.getElementById("drawing-NAME");
  root.querySelector(".still").remove();
  const inputs = [...root.querySelectorAll("input")], svg = root.querySelector("svg");
  const add = (element, attributes, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", element);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    svg.appendChild(made);
  };
  const draw = (v) => {DRAW};
  const update = () => {
    svg.replaceChildren();
    for (const input of inputs) input.nextElementSibling.textContent = input.value;
    root.querySelector("output").textContent = draw(inputs.map((input) => Number(input.value)));
  };
  for (const input of inputs) input.addEventListener("input", update);
  update();
})();
"""
