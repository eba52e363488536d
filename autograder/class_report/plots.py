"""The plots of the class report, drawn by Matplotlib as SVG that is a part of the page.

Text stays text, and colours are the page's own, so that a plot follows the page into the dark and onto paper. The same
report gives the same bytes. Nothing that a student wrote is in a plot.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from autograder.class_report.arrivals import Arrivals
from autograder.class_report.contents import BINS, CheckRow, ClassReport, MisconceptionRow, Points
from autograder.text import count, number, visible

MOST_BARS = 15
"""Misconceptions in the plot; the table has all."""

_WIDTH = 4.6  # inches, so that letters keep their size on a phone
_FIRST, _LAST = -10.0, 3.0  # days around the due date that the plot of arrivals shows

# What Matplotlib draws with, and the page's colour that it becomes.
_INK, _QUIET, _LINE, _BLUE, _RED, _GREEN, _AMBER = (
    "#010101", "#020202", "#030303", "#040404", "#050505", "#060606", "#070707",
)  # fmt: skip
_COLOURS = {
    _INK: "var(--ink)", _QUIET: "var(--quiet)", _LINE: "var(--line)", _BLUE: "var(--blue)", _RED: "var(--red)",
    _GREEN: "var(--green)", _AMBER: "var(--amber)",
}  # fmt: skip
_LINES = ((_BLUE, "-"), (_RED, "--"), (_GREEN, "-."), (_AMBER, ":"), (_INK, (0, (6, 1, 1, 1, 1, 1))))

_STYLE: Any = {  # matplotlib types each key by itself
    "axes.axisbelow": True,
    "axes.edgecolor": _QUIET,
    "axes.grid": True,
    "axes.labelcolor": _INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.family": "DejaVu Sans",  # comes with Matplotlib, so that every machine measures the same
    "font.size": 10,
    "grid.color": _LINE,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "class report",
    "text.color": _INK,
    "text.parse_math": False,
    "xtick.color": _QUIET,
    "xtick.labelcolor": _INK,
    "ytick.color": _QUIET,
    "ytick.labelcolor": _INK,
}
_FONT = re.compile(r"font: (.*?)'DejaVu Sans'[^;]*")
_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True)
class Plot:
    """One plot: what it shows, and its SVG."""

    caption: str
    svg: Markup


@dataclass(frozen=True)
class Plots:
    """The plots of a report, and the rules of style that they share: the page's policy forbids styles of elements."""

    points: Sequence[Plot]
    checks: Plot | None
    misconceptions: Plot | None
    arrivals: Plot | None
    css: str


def plots(report: ClassReport) -> Plots:
    """Draw the plots of a report; there is none where there is nothing to draw."""
    pen = _Pen()
    with matplotlib.rc_context(_STYLE):
        return Plots(
            points=[pen.points(row) for row in report.points if row.counted],
            checks=pen.checks(report.checks),
            misconceptions=pen.misconceptions(report.misconceptions),
            arrivals=pen.arrivals(report.arrivals),
            css=pen.css,
        )


class _Pen:
    """Draws, and keeps a class for each style."""

    def __init__(self) -> None:
        self._classes: dict[str, str] = {}

    @property
    def css(self) -> str:
        """The rules for everything drawn so far."""
        return "".join(f".{name}{{{style}}}\n" for style, name in self._classes.items())

    def points(self, row: Points) -> Plot:
        """Draw a histogram of points."""
        figure, axes = _axes(2.0, 3.6)
        edges = [row.max * place / BINS for place in range(BINS + 1)]
        bars = axes.bar(edges[:-1], row.histogram, width=0.92 * row.max / BINS, align="edge", color=_BLUE)
        axes.bar_label(bars, [str(height) if height else "" for height in row.histogram], padding=1, fontsize=8)
        axes.set(xlim=(0, row.max), xticks=edges[::2], xlabel="points", ylabel="students")
        axes.set_xticks(edges[::2], [number(edge) for edge in edges[::2]])
        _counts(axes, max(row.histogram))
        median = row.median or 0.0
        axes.plot(median, 1, "v", color=_RED, transform=axes.get_xaxis_transform(), clip_on=False)
        caption = f"{row.title}: {count(row.counted, 'student')}, median (▼) {number(median)} of {number(row.max)}"
        told = ", ".join(
            f"{number(edges[place])} to {number(edges[place + 1])}: {height}"
            for place, height in enumerate(row.histogram)
            if height
        )
        return self._plot(f"points-{row.section}", caption, f"Students by points. {told}.", figure)

    def checks(self, rows: Sequence[CheckRow]) -> Plot | None:
        """Draw difficulty against discrimination of the checks that have both; None if no check does."""
        both = [(row.difficulty, row.discrimination.r, row.backwards) for row in rows if row.discrimination]
        if not both:
            return None
        figure, axes = _axes(3.4)
        axes.axhline(0, color=_QUIET, linewidth=1)
        for backwards, marker, colour, size, label in (
            (False, "o", _BLUE, 5, "checks"),
            (True, "X", _RED, 8, "work backwards"),
        ):
            some = [(x, y) for x, y, which in both if which is backwards]
            if some:
                x, y = zip(*some, strict=True)
                axes.plot(x, y, marker, color=colour, markersize=size, fillstyle="none" if not backwards else "full",
                          label=label, clip_on=False)  # fmt: skip
        axes.set(xlim=(0, 1), ylim=(min(-0.3, *(y for _, y, _ in both)) - 0.05, 1.05))
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.set(xlabel="share of points won", ylabel="discrimination")
        suspects = sum(which for *_, which in both)
        if suspects:
            axes.legend(loc="lower left", fontsize=9)
        caption = f"{count(len(both), 'check')} by difficulty and discrimination"
        told = f"{suspects} of them work backwards." if suspects else "None of them works backwards."
        low, high = min(y for _, y, _ in both), max(y for _, y, _ in both)
        text = f"Discrimination is from {low:.2f} to {high:.2f}. {told}"
        return self._plot("checks", caption, text, figure)

    def misconceptions(self, rows: Sequence[MisconceptionRow]) -> Plot | None:
        """Draw the most frequent misconceptions as bars; None if there are none."""
        shown = rows[:MOST_BARS]
        if not shown:
            return None
        figure, axes = _axes(0.6 + 0.25 * len(shown))
        places = range(len(shown))
        bars = axes.barh(places, [100 * row.share for row in shown], color=_BLUE, height=0.7)
        axes.bar_label(bars, [str(row.students) for row in shown], padding=3, fontsize=8)
        axes.set_yticks(places, [_shortened(f"{_number_of(row.section)} {row.misconception}") for row in shown])
        axes.tick_params(axis="y", labelsize=8.5, length=0)
        axes.grid(visible=False, axis="y")
        axes.invert_yaxis()
        axes.set_xlabel("% of the section’s students")
        which = f"The {len(shown)} most frequent misconceptions" if len(rows) > len(shown) else "Misconceptions"
        caption = f"{which}, with the number of students at the bar"
        told = "; ".join(f"{row.section} {row.misconception}: {row.students} of {row.of}" for row in shown)
        return self._plot("misconceptions", caption, told, figure)

    def arrivals(self, rows: Sequence[Arrivals]) -> Plot | None:
        """Draw which share of each section's attempts had come by when; None if no section has a due date."""
        due = [row for row in rows if row.hours]
        if not due:
            return None
        figure, axes = _axes(2.8)
        for place, row in enumerate(due):
            colour, line = _LINES[place % len(_LINES)]
            days = [min(_LAST, max(_FIRST, hour / 24)) for hour in row.hours]
            share = [100 * (1 + rank) / len(days) for rank in range(len(days))]
            axes.step([_FIRST, *days, _LAST], [0, *share, share[-1]], where="post", color=colour, linestyle=line,
                      label=row.section)  # fmt: skip
        axes.axvline(0, color=_QUIET, linewidth=1)
        axes.set(xlim=(_FIRST, _LAST), ylim=(0, 102), xlabel="days after the due date", ylabel="% handed in")
        axes.set_xticks([-10, -7, -3, -1, 0, 1, 3], ["−10", "−7", "−3", "−1", "0", "1", "3"])
        axes.legend(loc="upper left", fontsize=9)
        told = "; ".join(f"{row.section}: {count(row.known, 'attempt')}, {row.late} late" for row in due)
        return self._plot("arrivals", "When work came, relative to its due date", told, figure)

    def _plot(self, name: str, caption: str, description: str, figure: Figure) -> Plot:
        return Plot(caption, self._embedded(f"plot-{name}", caption, description, _svg(figure)))

    def _embedded(self, name: str, title: str, description: str, svg: str) -> Markup:
        """Return Matplotlib's SVG as a part of a page: described in words, with classes instead of styles."""
        root = ET.fromstring(svg)  # noqa: S314  Matplotlib has just written it
        for unwanted in (f"{_SVG}metadata", f"{_SVG}defs/{_SVG}style/.."):
            for element in root.findall(unwanted):
                root.remove(element)
        named = {each.attrib[_LINK].removeprefix("#") for each in root.iter() if _LINK in each.attrib}
        named |= set(re.findall(r"url\(#([^)]*)\)", svg))
        for element in root.iter():
            element.tag = element.tag.removeprefix(_SVG)
            if (own := element.attrib.pop("id", "")) in named:
                element.set("id", f"{name}-{own}")
            if link := element.attrib.pop(_LINK, ""):
                element.set("href", f"#{name}-{link.removeprefix('#')}")
            if clip := element.get("clip-path"):
                element.set("clip-path", clip.replace("(#", f"(#{name}-"))
            if style := element.attrib.pop("style", ""):
                element.set("class", self._class_of(style))
        about = {"viewBox": root.get("viewBox", ""), "class": "plot", "role": "img"}
        about["aria-labelledby"] = f"{name}-title {name}-text"
        root.attrib = about
        inside = "".join(ET.tostring(child, encoding="unicode") for child in root)
        attributes = "".join(f' {key}="{escape(value)}"' for key, value in about.items())
        heading = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-text">{escape(description)}</desc>'
        return Markup(f"<svg{attributes}>{heading}{inside}</svg>")  # noqa: S704  all text in it is escaped

    def _class_of(self, style: str) -> str:
        """Return the class of a style, with the page's colours and letters."""
        for drawn, shown in _COLOURS.items():
            style = style.replace(drawn, shown)
        style = _FONT.sub(r"font: \1var(--letters)", style)
        return self._classes.setdefault(style, f"p{len(self._classes)}")


def _axes(height: float, width: float = _WIDTH) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _svg(figure: Figure) -> str:
    metadata: Mapping[str, Any] = {"Date": None, "Creator": None, "Format": None, "Type": None}
    written = io.StringIO()
    figure.savefig(written, format="svg", transparent=True, metadata=metadata)
    return written.getvalue()


def _counts(axes: Axes, most: int) -> None:
    """Scale the axis of counts: whole numbers, with room for labels on the bars and a mark above them."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, most) if most / step <= 5)
    axes.set_yticks(range(0, most + step, step))
    axes.set_ylim(0, 1.25 * max(most, 1))


def _number_of(section: str) -> str:
    """Return what tells sections apart in little space: the number that an id begins with, else the id."""
    found = re.match(r"\d+", section)
    return found[0] if found else section


def _shortened(name: str) -> str:
    name = visible(name, limit=200)
    return name if len(name) <= 34 else f"{name[:33]}…"
