r"""HTML of what students wrote, for nbgrader's pages, in time that is linear in its length.

nbconvert's own filters search for the end of a formula from each possible start, and colour code in any of hundreds of
languages that the student may choose: 162 kB of ``\begin{a}`` take 87 seconds, a megabyte of blank lines takes an hour,
and the formgrader does not respond meanwhile. `FILTERS` replaces them, by a setting that nbconvert documents.

Nothing is lost: what is too long for Markdown is shown as it was typed.
"""

from __future__ import annotations

import builtins
import html
import keyword
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath, MathBlockParser, MathInlineParser

from autograder.submissions.notebook import end_of_string

FILTERS: Mapping[str, str] = {
    "markdown2html": f"{__name__}.markdown2html",
    "strip_files_prefix": f"{__name__}.unchanged",
    "highlight_code": f"{__name__}.highlight_code",
}
"""For ``HTMLExporter.filters``."""

MAX_MARKDOWN = 20_000
"""Characters of a cell that are read as Markdown; mistune's time can grow with their square."""
MAX_MARKDOWN_OF_A_PAGE = 100_000
MAX_COLOURED_OF_A_PAGE = 200_000
"""Characters of code that are coloured; each word may become a tag, and the finished page is read again."""
MAX_FORMULA = 2000
"""How many characters from the beginning of a formula its end is searched for."""

_MATHS = ("block_math_tex", "block_math_latex", "inline_math_tex", "inline_math_latex", "latex_environment")
_PYTHON = frozenset({"python", "python3", "py", "ipython", "ipython3"})
_KEYWORDS = frozenset(keyword.kwlist)
_BUILTINS = frozenset(name for name in vars(builtins) if not name.startswith("_"))

# What can begin in code: a comment, a string, a number, a word.
_BEGIN = re.compile(r"(?P<c1>#[^\n]*)|(?P<s2>\"\"\"|'''|\"|')|(?P<word>[^\W\d]\w*)|(?P<mi>\d[\w.]*)")


def _bounded(pattern: str) -> str:
    """Return nbconvert's pattern for a formula, changed so that it stops searching for the end."""
    return pattern.replace(".*?", f".{{0,{MAX_FORMULA}}}?").replace(".+?", f".{{1,{MAX_FORMULA}}}?")


class _Blocks(MathBlockParser):  # type: ignore[misc]
    SPECIFICATION: ClassVar[dict[str, str]] = {
        **MathBlockParser.SPECIFICATION,
        "multiline_math": _bounded(MathBlockParser.SPECIFICATION["multiline_math"]),
    }


class _Inlines(MathInlineParser):  # type: ignore[misc]
    SPECIFICATION: ClassVar[dict[str, str]] = {
        **MathInlineParser.SPECIFICATION,
        **{name: _bounded(MathInlineParser.SPECIFICATION[name]) for name in _MATHS},
    }


class _Renderer(IPythonRenderer):  # type: ignore[misc]
    """nbconvert's renderer, except for code: Python is coloured, code in any other language stays plain."""

    def block_code(self, code: str, info: str | None = None) -> str:
        """Return fenced or indented code."""
        words = (info or "").split(maxsplit=1)
        if words and words[0].lower() in _PYTHON:
            return coloured(code)
        return f"<pre><code>{html.escape(code, quote=False)}</code></pre>\n"


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """Return a cell's Markdown as HTML; as it was typed if the cell, or the page so far, is very long."""
    if len(source) <= MAX_MARKDOWN and _is_room(context, "markdown", len(source), MAX_MARKDOWN_OF_A_PAGE):
        return rendered(source)
    return f"<pre>{html.escape(source, quote=False)}</pre>"


def rendered(source: str) -> str:
    """Return Markdown with formulas as HTML, as nbconvert renders it; tags in it stay tags."""
    made: str = MarkdownWithMath(_Renderer(escape=False), _Blocks(), _Inlines(hard_wrap=False)).render(source)
    return made


def unchanged(text: str) -> str:
    """Return `text` unchanged: no address in our notebooks begins with ``files/``."""
    return text


@pass_context
def highlight_code(context: Context, source: str, language: str | None = None, metadata: Any = None) -> str:
    """Return a code cell as HTML; the language it claims is ignored, and very long code is left plain."""
    if _is_room(context, "code", len(source), MAX_COLOURED_OF_A_PAGE):
        return coloured(source)
    return _block(html.escape(source, quote=False))


def coloured(source: str) -> str:
    """Return Python as HTML, with Pygments' classes; anything else comes out uncoloured, but complete."""
    parts: list[str] = []
    done = at = 0
    while match := _BEGIN.search(source, at):
        start, at = match.span()
        kind = match.lastgroup
        if kind == "s2":
            at = end_of_string(source, at, match[0])
        if kind == "word":
            kind = "k" if match[0] in _KEYWORDS else "nb" if match[0] in _BUILTINS else ""
        if kind:
            parts += [
                html.escape(source[done:start], quote=False),
                f'<span class="{kind}">{html.escape(source[start:at], quote=False)}</span>',
            ]
            done = at
    parts.append(html.escape(source[done:], quote=False))
    return _block("".join(parts))


def _block(code: str) -> str:
    return f'<div class="highlight hl-ipython3"><pre><span></span>{code}\n</pre></div>\n'


def _is_room(context: Context, what: str, size: int, most: int) -> bool:
    """Whether the page has room for `size` more characters of a kind; if so, they are counted."""
    spent = context.get("resources", {}).setdefault("autograder_spent", {})
    if spent.get(what, 0) + size > most:
        return False
    spent[what] = spent.get(what, 0) + size
    return True
