"""The class report as one HTML page: it loads nothing, prints, and can be read by machine and by ear.

Tables sort and filter by a script of ours, the only one that the page's policy allows; without it they are plain
tables. All text is escaped.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import shlex
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from autograder.class_report import item_analysis
from autograder.class_report.arrivals import PERIODS
from autograder.class_report.contents import TOTAL, ClassReport
from autograder.class_report.plots import plots
from autograder.text import count, number, visible, with_code

_EXAMPLE = 0.3  # a correlation that is usual for a good item


def page(report: ClassReport) -> str:
    """Return the page, with its style and its script in it."""
    drawn = plots(report)
    css = f"{_text('autograder.report', 'feedback.css')}{_text(__package__, 'class_report.css')}{drawn.css}"
    script = _text(__package__, "class_report.js")
    most = max((row.students for row in report.items), default=0)
    return _template().render(
        report=report,
        plots=drawn,
        css=Markup(css),  # noqa: S704  our own files, and what Matplotlib drew
        css_hash=_hash(css),
        script=Markup(script),  # noqa: S704  our own file
        script_hash=_hash(script),
        total=next(row for row in report.points if row.section == TOTAL),
        begun=[row for row in report.points if row.section != TOTAL and row.handed_in],
        not_begun=[row for row in report.points if row.section != TOTAL and not row.handed_in],
        suspects=[row for row in report.checks if row.backwards],
        waiting=sum(row.waiting for row in report.explanations),
        not_judged=sum(row.not_judged for row in report.points if row.section != TOTAL),
        periods=[(name, "number") for _, name in PERIODS],
        most=most,
        example=_EXAMPLE,
        example_interval=item_analysis.interval(_EXAMPLE, most),
        analysis=item_analysis,
    )


def _text(package: str | None, name: str) -> str:
    return (resources.files(package or "") / "templates" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _prose(text: object, limit: int = 2000) -> Markup:
    """Return `text` escaped, with ```name``` between backticks as code."""
    return Markup(with_code(visible(str(text), limit=limit)))  # noqa: S704  `with_code` escapes


def _name(text: object) -> Markup:
    """Return a name as code that a narrow screen breaks after dots, hyphens and underscores."""
    parts = re.split(r"(?<=[._-])(?=\w)", visible(str(text), limit=200))
    return Markup("<code>{}</code>").format(Markup("<wbr>").join(parts))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _signed(r: float) -> str:
    return f"{r:.2f}".replace("-0.00", "0.00").replace("-", "−")


@functools.cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("autograder.class_report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        prose=_prose, name=_name, visible=visible, number=number, count=count, percent=_percent, signed=_signed,
        quoted=shlex.quote,
    )  # fmt: skip
    return environment.get_template("class_report.html")
