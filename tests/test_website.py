"""The documentation site has every document, leads nowhere wrong, needs no network, and gives no answer away."""

from __future__ import annotations

import ast
import functools
import html
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

from autograder import course
from benchmarks import website

from .browser import chromium_started, needs_chromium
from .mini_course import ROOT
from .test_layers import LAYERS, PACKAGE

COURSE = course.load(ROOT)
CHAPTERS = [f"assignments/{section.id}/{Path(section.notebook).stem}.html" for section in COURSE.sections]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, made once; a document that leads nowhere, or that Sphinx warns of, fails here."""
    folder = tmp_path_factory.mktemp("docs") / "site"
    website.build(ROOT, folder)
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, BeautifulSoup]:
    return {
        path.relative_to(site).as_posix(): BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in sorted(site.rglob("*.html"))
    }


class TestNavigation:
    def test_every_document_has_one_place(self) -> None:
        in_docs = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("**/*.md")}

        placed = [name for group in website.navigation(website.documents(ROOT)).values() for name in group]

        assert sorted(placed) == sorted({*placed})
        assert in_docs <= {*placed}
        assert {"CONTRIBUTING.md", "CHANGELOG.md"} <= {*placed}

    def test_a_new_document_is_taken_by_itself(self) -> None:
        found = [*website.documents(ROOT), "docs/new.md", "docs/recipes/new.md"]

        groups = website.navigation(found)

        assert groups["Running a class"][-1] == "docs/new.md"
        assert "docs/recipes/new.md" in groups["Changing the course"]

    def test_a_document_that_is_gone_or_has_no_place_is_named(self) -> None:
        found = website.documents(ROOT)

        with pytest.raises(website.WebsiteError, match=r"no group of NAVIGATION .* takes docs/deep/er\.md"):
            website.navigation([*found, "docs/deep/er.md"])
        with pytest.raises(website.WebsiteError, match=r"names what is not there: docs/time\.md"):
            website.navigation([name for name in found if name != "docs/time.md"])

    def test_every_page_is_in_the_navigation_of_the_front_page(self, pages: dict[str, BeautifulSoup]) -> None:
        linked = {link["href"] for link in pages["index.html"].select("nav.bd-links a[href]")}

        documents = {name.removesuffix(".md") + ".html" for name in website.documents(ROOT)}
        assert documents | {*CHAPTERS} <= linked


class TestLinks:
    def test_every_link_and_every_part_of_a_page_is_in_the_site(
        self, site: Path, pages: dict[str, BeautifulSoup]
    ) -> None:
        anchors = {name: {tag["id"] for tag in page.select("[id]")} for name, page in pages.items()}
        broken, checked = [], 0
        for name, page in pages.items():
            for tag, attribute in (("a", "href"), ("img", "src"), ("script", "src"), ("link", "href")):
                for found in page.select(f"{tag}[{attribute}]"):
                    link = str(found[attribute])
                    if tag == "a" and re.match(r"(https?|mailto):", link):
                        continue  # a person follows it, or not
                    if link.startswith("data:"):
                        continue
                    path, _, anchor = unquote(link).partition("#")
                    path = path.partition("?")[0]
                    target = (site / name).parent / path if path else site / name
                    checked += 1
                    inside = target.resolve().is_relative_to(site.resolve()) and target.is_file()
                    known = anchors.get(target.resolve().relative_to(site.resolve()).as_posix()) if inside else None
                    if not inside or (anchor and known is not None and anchor not in known):
                        broken.append(f"{name}: {link}")

        assert checked > 1000
        assert broken == []


def squeezed(text: str) -> str:
    """Return `text` without blanks and quotes, so that neither indentation nor typesetting hides a line of code."""
    return re.sub(r"[\s'\"“”‘’`]+", "", text)


def regions(text: str) -> Iterator[str]:
    for region in re.findall(r"### BEGIN SOLUTION[^\n]*\n(.*?)### END SOLUTION", text, re.DOTALL):
        yield from region.splitlines()


@functools.cache
def secret_lines() -> set[str]:
    """Return the lines of all answers, model answers and hidden suites that students don't have anyway."""
    found: list[str] = []
    given: list[str] = []
    for section in COURSE.sections:
        source = ROOT / "source" / section.id
        for module in section.modules:
            found += regions((source / module).read_text(encoding="utf-8"))
        for cell in json.loads((source / section.notebook).read_text(encoding="utf-8"))["cells"]:
            text = "".join(cell["source"])
            found += regions(text)
            if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "markdown":
                found += text.splitlines()
        for suite in (ROOT / "autograder" / "suites" / section.id).glob("test_*.py"):
            module = ast.parse(suite.read_text(encoding="utf-8"))
            tests = [node for node in module.body if isinstance(node, ast.FunctionDef)]
            found += [line for test in tests for line in "\n".join(map(ast.unparse, test.body)).splitlines()]
        for path in (ROOT / "assignments" / section.id).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                text = path.read_text(encoding="utf-8")
                given.append(squeezed(text.replace('\\"', '"')))
    public = "\0".join(given)
    lines = {squeezed(line) for line in found}
    return {line for line in lines if len(line) >= 30 and line not in public}


@pytest.fixture(scope="module")
def texts(site: Path, pages: dict[str, BeautifulSoup]) -> dict[str, str]:
    """What is in the site: the text of its pages, and the markup and every other text as it is."""
    texts = {name: squeezed(page.get_text()) for name, page in pages.items()}
    for path in site.rglob("*"):
        if path.suffix in {".html", ".js", ".json", ".txt", ".ipynb", ".py"} and path.name != "tex-svg.js":
            raw = re.sub(r"base64,[\w+/=]+", "", path.read_text(encoding="utf-8"))
            texts[f"{path.relative_to(site)} (raw)"] = squeezed(html.unescape(raw))
    return texts


class TestSecrets:
    def test_no_answer_and_no_hidden_test_is_in_the_site(self, texts: dict[str, str]) -> None:
        secrets = secret_lines()

        assert len(secrets) > 1000
        whole = "\0".join(texts.values())
        found = [line for line in secrets if line in whole]
        assert [(line, [name for name, text in texts.items() if line in text]) for line in found] == []

    def test_an_answer_in_a_page_would_be_found(self, pages: dict[str, BeautifulSoup]) -> None:
        """Highlighted as code is on these pages."""
        line = next(line for line in regions((ROOT / "source/4_vae/vae.py").read_text()) if len(line) > 60)
        markup = "".join(f'<span class="n">{html.escape(part)}</span>' for part in re.split(r"(\W)", line))

        assert squeezed(BeautifulSoup(markup, "html.parser").get_text()) in secret_lines()

    def test_no_number_that_an_exercise_asks_for_is_in_its_section(self, texts: dict[str, str]) -> None:
        coin = -(0.8 * math.log2(0.8) + 0.2 * math.log2(0.2))
        die = math.log2(6)
        asked = {
            CHAPTERS[0]: [die - coin, die / coin],
            CHAPTERS[1]: [(math.log(2) + 1.5) / 2, (5 - math.log(2)) / 2, math.log(2) + 1 / 8],
        }

        shown = [f"{name}: {value:.3f}" for name, of in asked.items() for value in of if f"{value:.3f}" in texts[name]]

        assert shown == []

    def test_no_source_and_no_solution_is_a_file_of_the_site(self, site: Path) -> None:
        names = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}

        assert [name for name in names if name.endswith((".ipynb", ".py", ".md")) or "solutions" in name] == []


class TestChapters:
    def test_every_figure_and_drawing_of_the_course_is_shown(self, pages: dict[str, BeautifulSoup]) -> None:
        for section, name in zip(COURSE.sections, CHAPTERS, strict=True):
            solved = (ROOT / "solutions" / section.id / section.notebook).read_text(encoding="utf-8")

            assert len(pages[name].select("figure")) == solved.count("<figure ") >= 7
            assert len(pages[name].select(".drawing")) == solved.count('class=\\"drawing\\"') == 1
            assert all(image.get("alt") for image in pages[name].select("figure img"))

    def test_no_verdict_on_an_answer_is_shown(self, pages: dict[str, BeautifulSoup]) -> None:
        for name in CHAPTERS:
            text = pages[name].get_text()

            assert "checks pass" not in text
            assert "You have not predicted anything" not in text
            assert "Write your code here" in text

    @needs_chromium
    def test_formulas_figures_and_drawings_are_seen_without_network(self, site: Path) -> None:
        """On a phone, in the dark, from a folder: every formula is drawn, and no page is wider than the screen."""
        with chromium_started() as browser:
            context = browser.new_context(
                viewport={"width": 390, "height": 844}, color_scheme="dark", offline=True, reduced_motion="reduce"
            )
            page = context.new_page()
            asked: list[str] = []
            page.on("request", lambda request: asked.append(request.url))
            for name in CHAPTERS:
                page.goto((site / name).as_uri())
                page.wait_for_function("window.MathJax && MathJax.startup && MathJax.startup.promise")
                seen = page.evaluate(
                    """async () => {
                        await MathJax.startup.promise;
                        const all = (selector) => [...document.querySelectorAll(selector)];
                        all("details").forEach((fold) => { fold.open = true; });
                        const drawn = (element) => element.getBoundingClientRect();
                        return {
                            formulas: all("article .math").length,
                            drawn: all("article .math mjx-container > svg").filter((svg) => drawn(svg).width * drawn(svg).height > 0).length,
                            spoken: all("article .math mjx-assistive-mml math").length,
                            errors: all("mjx-merror, [data-mml-node=merror]").map((at) => at.textContent),
                            hollow: all("figure img").filter((image) => !image.complete || !image.naturalWidth).length,
                            drawing: all(".drawing svg *").length,
                            excess: document.documentElement.scrollWidth - innerWidth,
                        };
                    }"""
                )

                assert seen["formulas"] > 80, name
                assert seen["drawn"] == seen["spoken"] == seen["formulas"], name
                assert (seen["errors"], seen["hollow"], seen["excess"]) == ([], 0, 0), name
                assert seen["drawing"] > 5, name
            assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
            context.close()


def test_the_picture_of_the_architecture_names_every_package() -> None:
    picture = (ROOT / "docs" / "architecture.svg").read_text(encoding="utf-8")
    named = {word for text in re.findall(r'class="name"[^>]*>([^<]+)<', picture) for word in re.findall(r"\w+", text)}

    packages = {layer for layer in LAYERS if (PACKAGE / layer).is_dir()}

    assert packages <= named, "draw it into docs/architecture.svg"
