"""Markdown and code of students become HTML as nbconvert makes it, in time that grows with their length."""

import html
import json
import re
from types import SimpleNamespace

import pytest
from nbconvert.filters.markdown_mistune import MathBlockParser, MathInlineParser, markdown2html_mistune

from autograder.gradebook import rendering
from tests import growth_places


@pytest.fixture
def page():
    """What a template hands to a filter: the resources of one page."""
    return SimpleNamespace(get={"resources": {}}.get)


def released_markdown():
    for path in sorted((growth_places.ROOT / "assignments").rglob("*.ipynb")):
        for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
            if cell["cell_type"] == "markdown":
                yield pytest.param("".join(cell["source"]), id=f"{path.stem}-{number}")


@pytest.mark.parametrize("source", list(released_markdown()))
def test_released_text_is_rendered_as_nbconvert_renders_it(source):
    assert rendering.rendered(source) == markdown2html_mistune(source)


@pytest.mark.parametrize(
    "source",
    [
        "$H(X)$ and $$H(X) = -\\sum_x p(x) \\log p(x)$$",
        "\\begin{align*}\na &= b \\\\\n\nc &= d\n\\end{align*}",
        "\\\\[ a * b * c \\\\] and \\\\( a_b \\\\)",
        "| a | b |\n|---|---|\n| 1 | $x|y$ |",
        "- a\n  - b\n\n1. c\n\n> d\n\n# e",
        "$$" + "a + " * 400 + "b$$",
    ],
)
def test_honest_latex_is_rendered_as_nbconvert_renders_it(source):
    assert rendering.rendered(source) == markdown2html_mistune(source)


def test_every_pattern_of_a_formula_is_bounded():
    """If nbconvert writes them in another way, this says so."""
    patterns = [rendering._Blocks.SPECIFICATION["multiline_math"]]
    patterns += [rendering._Inlines.SPECIFICATION[name] for name in rendering._MATHS]

    assert not [pattern for pattern in patterns if re.search(r"\.[*+]", pattern)]
    assert sum(pattern.count(f",{rendering.MAX_FORMULA}}}?") for pattern in patterns) == 8
    others = MathInlineParser.SPECIFICATION.keys() | MathBlockParser.SPECIFICATION.keys()
    assert not {name for name in others if "math" in name or "latex" in name} - {"multiline_math", *rendering._MATHS}


@pytest.mark.parametrize("seed", ["\\begin{a}", "\\\\[", "\\\\(", "$a ", "$$a "])
def test_marks_of_formulas_without_an_end_take_time_with_their_number(seed):
    growth_places.assert_no_steeper_than_linear(
        rendering.rendered, lambda size: growth_places.repeated(seed, size), 5000
    )


def test_what_is_too_long_for_markdown_is_shown_as_it_was_typed(page):
    text = "*a* <b> & " * 3000

    assert rendering.markdown2html(page, text) == f"<pre>{html.escape(text, quote=False)}</pre>"


def test_a_page_renders_so_much_markdown_and_shows_the_rest_as_it_was_typed(page):
    cells = [rendering.markdown2html(page, "*a* " * 4500) for _ in range(8)]

    assert ["<em>" in cell for cell in cells] == [True] * 5 + [False] * 3
    assert all("a" in cell for cell in cells)


def test_only_python_is_coloured_whatever_a_student_calls_it():
    assert '<span class="k">def</span>' in rendering.rendered("```python\ndef f(): ...\n```")
    for name in ("perl", "html+jinja", "mermaid", "python2.7 "):
        assert rendering.rendered(f"```{name}\ndef f(): <b>\n```") == "<pre><code>def f(): &lt;b&gt;\n</code></pre>\n"


@pytest.mark.parametrize(
    "source",
    ["def f(x):\n    return 'a' + 1.5e3  # <b>", "'''", '"""\\', "'a\n'b'", "f'{x!r}' & 0x1F", "€ ﷺ %%perl\n\0", ""],
)
def test_colours_change_no_character(source):
    shown = re.sub(r"<[^>]*>", "", rendering.coloured(source))

    assert html.unescape(shown) == f"{source}\n\n"


def test_very_much_code_is_shown_plain(page):
    cells = [rendering.highlight_code(page, "if x:\n" * 10_000, metadata={}) for _ in range(5)]

    assert ['class="k"' in cell for cell in cells] == [True] * 3 + [False] * 2
    assert all(cell.count("x:") == 10_000 for cell in cells)


def test_nbgraders_pages_use_these_filters():
    page = growth_places.rendered(growth_places.page_of("\\begin{a}", 3000))[0]

    assert "\\begin{a}\\begin{a}" in page
    assert growth_places._exporter().environment.filters["markdown2html"] is rendering.markdown2html
    assert growth_places._exporter().environment.filters["strip_files_prefix"] is rendering.unchanged


def test_raw_cells_are_shown_as_they_were_typed():
    page = growth_places.rendered(growth_places.packed(growth_places.cell("1 < 2 & 3 <4> <<", "raw")))[0]

    assert "<pre>1 &lt; 2 &amp; 3 &lt;4&gt; &lt;&lt;</pre>" in page
