"""Makes the documentation site from the documents and the course, with every formula and figure, for use offline.

    make docs                                      # write site/; open site/index.html, or serve the folder

Nothing is written twice: a page is a document of the repository, at the same place below `site/`, so that links between
documents hold. A section of the course is the notebook that students get, with the printed lines and figures that the
build got by running the solution. Answers, checks of answers and compared predictions are not shown.

The site needs no server and nothing from elsewhere: MathJax comes from an installed package and lies beside the pages.
"""

from __future__ import annotations

import argparse
import html
import importlib.metadata
import json
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from autograder import course
from autograder.course import Course, Section

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "site"
COURSE = "The course"
# A pattern takes what no other group names; so a new document is in the site before anybody thinks of its place.
NAVIGATION: Mapping[str, tuple[str, ...]] = {
    COURSE: ("assignments/README.md", "docs/students.md"),
    "Running a class": (
        "docs/fifteen-minutes.md",
        "docs/instructors.md",
        "docs/collecting.md",
        "docs/watch.md",
        "docs/roster.md",
        "docs/time.md",
        "docs/attention.md",
        "docs/review.md",
        "docs/class-report.md",
        "docs/similar.md",
        "docs/follow-on.md",
        "docs/exports.md",
        "docs/nbgrader.md",
        "docs/commands.md",
        "docs/*.md",
    ),
    "Changing the course": (
        "docs/recipes/README.md",
        "docs/recipes/section.md",
        "docs/recipes/item.md",
        "docs/recipes/*.md",
        "docs/own-course.md",
        "tests/corpus/README.md",
        "CONTRIBUTING.md",
    ),
    "Why marks can be trusted": (
        "docs/architecture.md",
        "docs/security.md",
        "docs/quality.md",
        "docs/performance.md",
        "docs/contract.md",
        "docs/mutation.md",
        "CHANGELOG.md",
    ),
}
# What the navigation calls a page whose own title says too little beside others.
_SHORT = {"assignments/README.md": "Start here <{}>", "tests/corpus/README.md": "The corpus of samples <{}>"}
_STYLE = Path(__file__).with_name("website.css")
_MATHJAX = "tex-svg.js"
_LINK = re.compile(r"(\]\()([^)\s#:]+)(#[^)\s]*)?(\))")
_GUESS = "predictions.compare("
_LONG = 12  # lines of code that stay open
_NOTE = """\
> This page is the notebook `{notebook}`, to be read anywhere. To work on it, get the folder `{folder}` and open the
> notebook in JupyterLab, as [the course's first page](../README.md) says. What the cells print and draw here was made
> with functions that work; the answers are not shown, and neither are sliders that need Python.
"""


class WebsiteError(Exception):
    """The site can't be made; the message says why."""


def documents(root: Path) -> list[str]:
    """Return the documents of the repository that are pages, as paths in it: all of ``docs/``, and a few others."""
    others = ("assignments/README.md", "CHANGELOG.md", "CONTRIBUTING.md", "tests/corpus/README.md")
    return sorted([*others, *(path.relative_to(root).as_posix() for path in (root / "docs").rglob("*.md"))])


def navigation(found: list[str]) -> dict[str, list[str]]:
    """Return the groups of the navigation with their documents, each of `found` once.

    Raises
    ------
    WebsiteError
        If a document is named that is not there, or one has no place.
    """
    named = [name for names in NAVIGATION.values() for name in names if "*" not in name]
    groups: dict[str, list[str]] = {}
    left = [name for name in found if name not in named]
    for group, patterns in NAVIGATION.items():
        groups[group] = []
        for pattern in patterns:
            taken = [name for name in left if _matches(name, pattern)] if "*" in pattern else [pattern]
            groups[group] += taken
            left = [name for name in left if name not in taken]
    if missing := [name for name in named if name not in found]:
        raise WebsiteError(f"NAVIGATION in benchmarks/website.py names what is not there: {', '.join(missing)}")
    if left:
        raise WebsiteError(f"no group of NAVIGATION in benchmarks/website.py takes {', '.join(left)}; name it in one")
    return groups


def chapter(released: Mapping[str, Any], solved: Mapping[str, Any], section: Section) -> str:
    """Return a section as Markdown: the cells of the notebook that students get, with what those of the solution show.

    Parameters
    ----------
    released, solved
        The section's notebook from ``assignments/`` and from ``solutions/``, as JSON. Only outputs are taken from the
        second, and only what was printed or drawn: no verdict on an answer, and nothing below an exercise's own cells.
    section
        The section.
    """
    answers = tuple(item.id for item in section.items)
    shown = {cell["id"]: cell.get("outputs", []) for cell in solved["cells"]}
    parts: list[str] = []
    for cell in released["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            title, _, rest = source.partition("\n\n")
            note = _NOTE.format(notebook=section.notebook, folder=f"assignments/{section.id}")
            parts += [source] if parts else [title, note, rest]
        elif "skip-execution" not in cell["metadata"].get("tags", ()):
            outputs = [] if cell["id"].startswith(answers) else [*_outputs(shown[cell["id"]])]
            parts += [*_code(source), *_folded(outputs, "What comes out: guess first", _GUESS in source)]
    return "\n\n".join(parts) + "\n"


def build(root: Path, destination: Path) -> int:
    """Write the site of the course at `root` to `destination`, in place of what is there; return the number of pages.

    Raises
    ------
    WebsiteError
        If a document has no place in the navigation, or leads nowhere, or can't be read as Markdown.
    """
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError
    from sphinx.util.docutils import docutils_namespace

    loaded = course.load(root)
    with tempfile.TemporaryDirectory(prefix="autograder-docs-") as temporary:
        sources, pages = Path(temporary) / "sources", Path(temporary) / "site"
        _stage(loaded, sources)
        with (Path(temporary) / "warnings").open("w+", encoding="utf-8") as said:
            try:
                with docutils_namespace(), warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # of libraries about each other; ours are those that Sphinx says
                    sphinx = Sphinx(
                        str(sources), None, str(pages), str(Path(temporary) / "doctrees"), "html",
                        confoverrides=_settings(loaded, sources), status=None, warning=said,
                    )  # fmt: skip
                    sphinx.build(force_all=True)
            except SphinxError as error:
                raise WebsiteError(str(error)) from error
            said.seek(0)
            if found := re.sub(r"\x1b\[[0-9;]*m", "", said.read()).replace(f"{sources}/", "").strip():
                raise WebsiteError(f"a page is not as it should be:\n{found}")
        count = len(sphinx.env.found_docs)
        shutil.rmtree(destination, ignore_errors=True)
        shutil.copytree(
            pages,
            destination,
            ignore=shutil.ignore_patterns(".buildinfo", "objects.inv", "*webpack-macros.html", "*.map"),
        )
    return count


def _matches(name: str, pattern: str) -> bool:
    """Whether `name` fits `pattern` and lies in the very folder that it names."""
    return fnmatch(name, pattern) and name.count("/") == pattern.count("/")


def _stage(loaded: Course, folder: Path) -> None:
    """Put everything that becomes a page or is shown on one into `folder`, where it is in the repository."""
    root = loaded.root
    found = documents(root)
    groups = navigation(found)
    for section in loaded.sections:
        name = f"assignments/{section.id}/{section.notebook}"
        released, solved = (
            json.loads((root / top / section.id / section.notebook).read_text(encoding="utf-8"))
            for top in ("assignments", "solutions")
        )
        page = str(Path(name).with_suffix(".md"))
        groups[COURSE].append(page)
        _write(folder / page, chapter(released, solved, section))
    for name in found:
        text = (root / name).read_text(encoding="utf-8")
        _write(folder / name, _linked(text, root / name, folder, root))
    trees = "\n".join(_tree(group, names) for group, names in groups.items())
    front = (root / "README.md").read_text(encoding="utf-8")
    _write(folder / "index.md", f"{_linked(front, root / 'README.md', folder, root)}\n{trees}")
    static = folder / "_static"
    static.mkdir()
    shutil.copy(_STYLE, static)
    shutil.copy(_mathjax(), static)


def _linked(text: str, document: Path, folder: Path, root: Path) -> str:
    """Return `text` with what it leads to put into `folder`: a notebook is a page, a folder becomes a zip."""

    def staged(match: re.Match[str]) -> str:
        before, link, anchor, after = match.groups()
        target = (document.parent / link).resolve()
        if link.endswith(".ipynb"):
            link = link.removesuffix("ipynb") + "md"
        elif target == root / "README.md":
            link = link.removesuffix("README.md") + "index.md"
        elif target.is_dir():
            place = folder / target.relative_to(root)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.make_archive(str(place), "zip", target)
            link = f"{link.rstrip('/')}.zip"
        elif target.is_file() and target.suffix != ".md":
            place = folder / target.relative_to(root)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(target, place)
        return f"{before}{link}{anchor or ''}{after}"

    return _LINK.sub(staged, text)


def _tree(group: str, names: list[str]) -> str:
    pages = "\n".join(_SHORT.get(name, "{}").format(name.removesuffix(".md")) for name in names)
    return f"```{{toctree}}\n:caption: {group}\n:hidden:\n\n{pages}\n```\n"


def _code(source: str) -> Iterator[str]:
    lines = source.count("\n") + 1
    yield from _folded([_block("{code-block} ipython3", source)], f"Code, {lines} lines", lines > _LONG)


def _outputs(outputs: list[dict[str, Any]]) -> Iterator[str]:
    for output in outputs:
        markup = "".join(output.get("data", {}).get("text/html", ""))
        if output["output_type"] == "stream":
            yield _block("{code-block} none\n:class: printed", "".join(output["text"]).rstrip("\n"))
        elif "<figure" in markup or 'class="drawing"' in markup:
            yield _block("{raw} html", markup)


def _folded(parts: list[str], summary: str, fold: bool) -> list[str]:
    if not (fold and parts):
        return parts
    opening = f'<details class="fold"><summary>{html.escape(summary)}</summary>'
    return [_block("{raw} html", opening), *parts, _block("{raw} html", "</details>")]


def _block(directive: str, content: str) -> str:
    fence = "`" * max(3, *(len(ticks) + 1 for ticks in re.findall("`+", content) or [""]))
    name, _, options = directive.partition("\n")
    return f"{fence}{name}\n{options}{chr(10) if options else ''}\n{content}\n{fence}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _mathjax() -> Path:
    """Return where MathJax is: one file that draws formulas as SVG and so needs no fonts."""
    files = importlib.metadata.files("sphinx-mathjax-offline") or []
    return Path(str(next(file.locate() for file in files if file.name == _MATHJAX)))


def _settings(loaded: Course, sources: Path) -> dict[str, Any]:
    return {
        "project": loaded.title,
        "html_title": loaded.title,
        "extensions": ["myst_parser", "sphinx.ext.mathjax"],
        "exclude_patterns": ["_static"],
        "highlight_language": "none",
        "myst_enable_extensions": ["dollarmath"],
        "myst_heading_anchors": 6,
        # Notebooks and documents choose the levels of their headings for other readers too.
        "suppress_warnings": ["myst.header"],
        "mathjax_path": _MATHJAX,
        "mathjax3_config": {"svg": {"fontCache": "global"}, "options": {"enableMenu": False}},
        "html_theme": "sphinx_book_theme",
        "html_theme_options": {
            "show_navbar_depth": 1,
            "navbar_persistent": [],  # the search is beside the navigation already
            "logo": {"text": loaded.title},
            "use_download_button": False,
            "use_fullscreen_button": False,
        },
        "html_static_path": [str(sources / "_static")],
        "html_css_files": [_STYLE.name],
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_show_copyright": False,
        "html_use_index": False,
        "html_last_updated_fmt": None,
    }


def main() -> int:
    """Write the site; return 0, or 1 where a page is not as it should be."""
    parser = argparse.ArgumentParser(description="Makes the documentation site.")
    parser.add_argument("--output", type=Path, default=SITE, help="where to write it (default: site/)")
    arguments = parser.parse_args()
    try:
        count = build(ROOT, arguments.output)
    except WebsiteError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(f"{count} pages: {arguments.output / 'index.html'}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
