"""The model of large classes, the page that is made with it, and what `make cluster` installs."""

import json
import math
import random
import re
import statistics
from importlib import metadata

import pytest

from benchmarks import queue

from .conftest import ROOT


def test_two_cores_by_hand():
    """Arrivals at 0, 0, 1 and 1 s: both cores are busy until 2 and 3 s, then one takes each of the others."""
    waits, last = queue.simulate([0, 0, 1, 1], [2, 3, 4, 1], cores=2)

    assert waits == [2, 3, 2 + 4 - 1, 3 + 1 - 1]
    assert last == 6


def test_a_client_that_is_slower_than_the_cores_decides():
    waits, last = queue.simulate([0.0] * 100, [0.1] * 100, cores=50, client=0.05)

    assert last == pytest.approx(100 * 0.05 + 0.1)
    assert waits[0] == pytest.approx(0.15)


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_waiting_agrees_with_erlangs_formula(cores):
    """M/M/c at 80 % load: the mean time in the system is 1/µ + C(c, a) / (cµ − λ), C by Erlang (1917)."""
    rng, number, load = random.Random(3), 60_000, 0.8 * cores
    arrivals, now = [], 0.0
    for _ in range(number):
        now += rng.expovariate(load)
        arrivals.append(now)
    waits, _ = queue.simulate(arrivals, [rng.expovariate(1.0) for _ in range(number)], cores)

    last = load**cores / math.factorial(cores) * cores / (cores - load)
    erlang = last / (sum(load**k / math.factorial(k) for k in range(cores)) + last)
    # Means of 60 blocks are nearly independent; five of their standard errors.
    blocks = [statistics.mean(waits[start : start + 1000]) for start in range(0, number, 1000)]
    error = statistics.stdev(blocks) / math.sqrt(len(blocks))
    assert statistics.mean(waits) == pytest.approx(1 + erlang / (cores - load), abs=5 * error)


def test_half_of_all_work_comes_in_the_last_hours():
    times = queue.before_deadline(20_000, random.Random(1))
    end = queue.DAYS * 86400
    late = sum(time > end - queue.HALF_LIFE_HOURS * 3600 for time in times)

    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] <= end
    assert late == pytest.approx(10_000, abs=5 * math.sqrt(20_000 / 4))


def test_the_page_says_what_was_measured():
    figures = json.loads(queue.FIGURES.read_text(encoding="utf-8"))

    assert queue.page_with(figures) == queue.PAGE.read_text(encoding="utf-8")


def test_make_cluster_installs_all_that_dask_needs_and_grading_lacks():
    def locked(name):
        return set(re.findall(r"(?m)^([\w.-]+)==", (ROOT / name).read_text(encoding="utf-8")))

    def normal(name):
        return re.sub(r"[-_.]+", "-", name).lower()

    found, unread = set(), ["distributed"]
    while unread:
        found.add(name := unread.pop())
        asked = [re.split(r"[^\w.-]", line)[0] for line in metadata.requires(name) or [] if "extra ==" not in line]
        unread += {normal(each) for each in asked} & locked("requirements-dev.lock") - found
    listed = re.search(r"(?m)^DASK := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"))[1].split()

    # On a newer Python some of these are not needed.
    assert found - locked("requirements.lock") <= set(listed) <= locked("requirements-dev.lock")
    assert {"distributed", "dask", "tblib"} <= found
