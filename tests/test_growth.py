"""What hostile bytes cost outside the child grows with their number and no faster; `make growth` takes more of them."""

import mmap
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import growth
from tests import growth_places
from tests.growth_places import PLACES, Place, assert_no_steeper_than_linear, processor_seconds

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

TEXT = {place.name: place for place in PLACES if place.is_text and not place.steep}
PIECES = st.sampled_from(growth_places.SEEDS)
SEEDS = st.lists(PIECES, min_size=1, max_size=3).map("".join)


def moderate(place: Place) -> int:
    """A sixteenth of what is driven here; quadratic work in C takes a quarter of a second for so much."""
    return min(2048, place.measured // 32)


@pytest.mark.parametrize("name", TEXT)
@given(seed=SEEDS)
@settings(
    max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)  # fmt: skip
def test_text_of_any_seed_costs_what_it_is_long(name, seed):
    place = TEXT[name]

    assert_no_steeper_than_linear(place.run, lambda size: place.made(seed, size), moderate(place))


@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("modules", " "),
        ("modules", "\\"),
        ("modules", "'"),
        ("text beside an explanation", "a"),
        ("text beside an explanation", "ab "),
        ("nbgrader's pages", " \n"),
        ("nbgrader's pages", "<"),
        ("nbgrader's pages", "["),
        ("outputs of notebooks", "["),
        ("notebooks that are damaged", "\\"),
        ("notebooks for staff", "\\begin{a}"),
    ],
)
def test_what_was_found_once_is_not_found_again(name, seed):
    place = TEXT[name]

    assert_no_steeper_than_linear(place.run, lambda size: place.made(seed, size), 4 * moderate(place))


@pytest.mark.parametrize("place", [p for p in PLACES if not p.is_text or p.steep], ids=lambda place: place.name)
def test_other_input_stays_below_the_bound(place):
    growth_places.stamped("2026-11-01 10:00:00 UTC")  # what is imported at the first call costs nothing of any input
    for seed in place.seeds[::4]:
        made = place.made(seed, min(place.size, 2**20) // 4)
        assert processor_seconds(place.run, made, 1) <= place.seconds
        if isinstance(made, Path):
            shutil.rmtree(made)


def test_work_that_grows_with_the_square_is_noticed():
    tries_again = re.compile(r"(?:[A-Za-z]{2,}[,;:]? ){4}")

    with pytest.raises(AssertionError, match="4096"):
        assert_no_steeper_than_linear(tries_again.search, lambda size: "a" * size, 256)


def pages_of_its_own(data):
    """Hold as much memory as `data` for a moment, and not what malloc has kept of other tests."""
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE
    return mmap.mmap(-1, len(data), flags=flags)


def test_the_benchmark_finds_what_is_steep_and_what_goes_beyond_its_bound(capsys):
    tries_again = re.compile(r"(?:[A-Za-z]{2,}[,;:]? ){4}")
    steep = Place("steep", 8000, "bytes", 60, 64, tries_again.search, growth_places.repeated, ("a", "1"))
    greedy = Place("greedy", 2**25, "bytes", 60, 16, pages_of_its_own, growth_places.encoded, ("a",))

    assert growth.measured(steep, steep.size)["findings"] == 1
    assert growth.measured(greedy, greedy.size)["findings"] == 1
    said = capsys.readouterr().out
    assert "FOUND: steep: 'a' grows by" in said
    assert "FOUND: greedy: 'a' takes" in said


def test_the_document_has_a_row_for_each_place():
    document = (growth_places.ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    table = document.partition("### Where hostile bytes are read outside the child")[2].partition("\n## ")[0]
    rows = {row.split("|")[1].strip() for row in table.splitlines() if row.startswith("|")}

    assert rows >= {place.name for place in PLACES}
