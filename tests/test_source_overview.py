"""The page of overview: its numbers against sums of their own, and the page as a reader sees it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.browser import ROOT, chromium_started, needs_chromium

PAGE = ROOT / "assignments" / "overview.html"
TEXTS = (Path(__file__).parent / "page_texts.js").read_text(encoding="utf-8")


def plain(markup: str) -> str:
    return re.sub(r"<[^>]+>", "", markup)


def tables() -> list[np.ndarray]:  # type: ignore[type-arg]
    """Return the numbers of the tables on the page: the joint distribution with its marginals, and the guess."""
    found = re.findall(r"<table>(.*?)</table>", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [
        np.array([[float(cell) for cell in re.findall(r"<td>([\d.]+)</td>", row)] for row in rows if "<td>" in row])
        for rows in (table.split("<tr>") for table in found)
    ]


def bars() -> list[tuple[str, dict[str, float], list[float]]]:
    """Return of each bar its title, the numbers below it, and the widths of its parts in percent."""
    return [
        (
            plain(title),
            {plain(name).strip(): float(bits) for name, bits in re.findall(r"</b>(.*?)<span>([\d.]+)</span>", figure)},
            [float(width) for width in re.findall(r"width:([\d.]+)%", figure)],
        )
        for title, figure in re.findall(
            r"<figcaption>(.*?)</figcaption>(.*?)</figure>", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL
        )
    ]


def test_the_numbers_are_those_of_the_tables_on_the_page() -> None:
    whole, guess = tables()
    joint, q = whole[:2, :2], guess.T  # joint[x, y] and q[x, y] = q(x | y)
    p_x, p_y = joint.sum(axis=1), joint.sum(axis=0)
    assert np.allclose(whole[:2, 2], p_x)
    assert np.allclose(whole[2, :2], p_y)
    assert np.allclose(q.sum(axis=0), 1)
    draws = 1_000_000  # a sum of another kind: what the bars say must come out of pairs that are drawn
    rng = np.random.default_rng(1)
    pair = rng.choice(4, size=draws, p=joint.ravel())
    x, y = pair // 2, pair % 2
    guessed = (rng.random(draws) < q[1, y]).astype(int)
    independent, given_y, given_x = np.outer(p_x, p_y), joint / p_y, joint / p_x[:, None]
    scores = {
        "H(X)": -np.log2(p_x[x]),
        "H(Y)": -np.log2(p_y[y]),
        "H(X,Y)": -np.log2(joint[x, y]),
        "D(P‖Q)": np.log2(joint[x, y] / independent[x, y]),
        "H(X|Y)": -np.log2(given_y[x, y]),
        "I(X;Y)": np.log2(given_x[x, y] / p_y[y]),
        "H(Y|X)": -np.log2(given_x[x, y]),
        "reconstruction": -np.log2(given_x[guessed, y]),
        "price of the guess": np.log2(q[guessed, y] / p_x[guessed]),
        "gap": np.log2(q[guessed, y] / given_y[guessed, y]),
    }

    shown = {name: bits for _, parts, _ in bars() for name, bits in parts.items()}

    assert shown.keys() == scores.keys()
    for name, values in scores.items():
        assert shown[name] == pytest.approx(values.mean(), abs=5 * values.std() / np.sqrt(draws) + 5e-5), name


def test_bars_that_say_the_same_are_equally_long_and_all_have_one_scale() -> None:
    cross_entropy, split, three, bound, gap = bars()

    assert sum(cross_entropy[2]) == pytest.approx(100, abs=0.01)
    for _, numbers, widths in bars():
        assert [width / 100 * sum(cross_entropy[1].values()) for width in widths] == pytest.approx(
            list(numbers.values()), abs=2e-4
        )
    assert sum(split[2]) == pytest.approx(sum(cross_entropy[2]), abs=0.01)
    assert sum(three[2]) == pytest.approx(split[2][0], abs=0.01)
    assert sum(gap[2]) == pytest.approx(sum(bound[2]), abs=0.01)
    for title, numbers, _ in (cross_entropy, bound):
        assert float(re.findall(r"\d\.\d{4}", title)[0]) == pytest.approx(sum(numbers.values()), abs=2e-4)


def test_every_notebook_and_the_page_of_the_course_lead_to_it() -> None:
    for tree in ("assignments", "solutions"):
        for path in (ROOT / tree).glob("*/*.ipynb"):
            assert "](../overview.html)" in path.read_text(encoding="utf-8"), path
    assert "](overview.html)" in (ROOT / "assignments" / "README.md").read_text(encoding="utf-8")


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_on_a_phone_and_on_a_desk(scheme: str) -> None:
    with chromium_started() as browser:
        page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
        page.goto(PAGE.as_uri())
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            found = page.evaluate(TEXTS)

            assert found["texts"] > 100
            assert (found["faint"], found["small"], found["outside"]) == ([], [], [])
            narrowest = page.evaluate("Math.min(...[...document.querySelectorAll('.bar i')].map((i) => i.offsetWidth))")
            assert narrowest > 15  # a part that can still be seen
