"""Drives each place where hostile bytes are read outside the child with input that grows, and measures what it costs.

    make growth                                             # all places (ten minutes)
    make growth ARGS=--full                                 # up to the sizes that they admit (an hour)
    make growth ARGS='--place "zips" --place "frames"'

The places, the seeds of their input and the bounds are in `tests/growth_places.py`. Each input doubles up to the size
that its place admits, or in the dearest places up to a part of it. Time is a processor's, the best of three where that
is short; memory is how far the process grows beyond what it held. Each seed has a process of its own, which the kernel
ends at ten times the bound: what hangs is a finding.

A finding is cost beyond the place's bound, or cost that grows by more than `STEEPEST` over each of the last three
doublings, unless the place says why it may. Figures are kept in `docs/measured/growth.json` and written to
`docs/quality.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
DOUBLINGS = 6
LOOKED_AT = 3
FINDING = 1


def main() -> int:
    """Measure, write, and return whether anything was found."""
    from tests import growth_places

    parser = argparse.ArgumentParser(description="Does the cost of hostile bytes grow with their number only?")
    names = [place.name for place in growth_places.PLACES]
    parser.add_argument("--place", action="append", choices=names, help="this one only (can be repeated)")
    parser.add_argument("--full", action="store_true", help="up to the sizes that are admitted, however long it takes")
    options = parser.parse_args()
    chosen = options.place or names
    found = 0
    for place in growth_places.PLACES:
        if place.name in chosen:
            row = measured(place, place.size if options.full else place.measured)
            add(row, names)
            found += row["findings"]
            sys.stdout.write(f"{row['place']:<32}{row['seconds']:>8.2f} s{row['megabytes']:>6} MB  {row['worst']}\n")
            sys.stdout.flush()
    return FINDING if found else 0


def measured(place: Any, most: int) -> dict[str, Any]:
    """Return the figures of one place: what its dearest seed costs, and how many of its seeds are findings."""
    place.run(place.made(place.seeds[0], 8))  # what is imported and remembered once
    row = {
        "place": place.name, "size": most, "unit": place.unit, "seeds": len(place.seeds), "seconds": 0.0,
        "worst": "", "megabytes": 0, "steepest": 0.0, "findings": 0,
    }  # fmt: skip
    for seed in place.seeds:
        costs = in_a_process(place, seed, most)
        seconds, megabytes = costs[-1][1], max(cost[2] for cost in costs)
        growth = steepness([cost[1] for cost in costs])
        if growth > limit():  # once more: on a busy machine single measurements are too long, and rarely the same ones
            growth = min(growth, steepness([cost[1] for cost in in_a_process(place, seed, most)]))
        complete = costs[-1][0] == most
        bad = [
            what
            for what, wrong in (
                ("did not end", not complete),
                (f"takes {seconds:.1f} s of {place.seconds:g}", seconds > place.seconds),
                (f"takes {megabytes} MB of {place.megabytes}", megabytes > place.megabytes),
                (f"grows by {growth:.2f} to the doubling", growth > limit() and not place.steep),
            )
            if wrong
        ]
        if bad:
            row["findings"] += 1
            sys.stdout.write(f"FOUND: {place.name}: {seed!r} {', '.join(bad)}\n")
        if seconds >= row["seconds"]:
            row |= {"seconds": round(seconds, 2), "worst": seed}
        row["megabytes"] = max(row["megabytes"], megabytes)
        row["steepest"] = max(row["steepest"], round(growth, 2))
    return row


def limit() -> float:
    """Return how many times as much a doubling may cost."""
    from tests.growth_places import STEEPEST

    return STEEPEST


def steepness(seconds: list[float]) -> float:
    """Return the factor of the last doublings; 0 where they are too short to tell."""
    from tests.growth_places import LEAST_SECONDS

    if len(seconds) <= LOOKED_AT or seconds[-1] < LEAST_SECONDS * 2**LOOKED_AT:
        return 0.0
    return float((seconds[-1] / max(seconds[-1 - LOOKED_AT], LEAST_SECONDS / 2)) ** (1 / LOOKED_AT))


def in_a_process(place: Any, seed: str, largest: int) -> list[tuple[int, float, int]]:
    """Return size, seconds and megabytes of each doubling that came to its end."""
    reading, writing = os.pipe()
    if (pid := os.fork()) == 0:
        os.close(reading)
        most = int(10 * place.seconds) + 10
        resource.setrlimit(resource.RLIMIT_CPU, (most, most))
        with os.fdopen(writing, "w", encoding="utf-8") as out:
            for doubling in range(DOUBLINGS, -1, -1):
                size = max(1, largest >> doubling)
                out.write(json.dumps([size, *cost(place, seed, size)]) + "\n")
                out.flush()
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as lines:
        costs = [tuple(json.loads(line)) for line in lines]
    os.waitpid(pid, 0)
    return costs or [(0, 0.0, 0)]


def cost(place: Any, seed: str, size: int) -> tuple[float, int]:
    """Return the processor seconds that one input takes, and the megabytes by which the process grows."""
    from tests.growth_places import processor_seconds

    made = place.made(seed, size)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forgets the peak so far, see proc(5)
    before = peak()
    seconds = processor_seconds(place.run, made)
    grown = peak() - before
    if isinstance(made, Path):
        shutil.rmtree(made)
    return seconds, grown


def peak() -> int:
    """Return the most memory that this process held, in megabytes."""
    said = Path("/proc/self/status").read_text(encoding="ascii")
    held = re.search(r"VmHWM:\s+(\d+)", said)
    assert held is not None
    return int(held[1]) >> 10


def add(row: dict[str, Any], order: list[str]) -> None:
    """Keep the figures of one place, and write the document anew."""
    from benchmarks import figures, quality

    rows = {known["place"]: known for known in figures.measured("growth") or [] if known["place"] in order}
    rows[row["place"]] = row
    quality.keep("growth", sorted(rows.values(), key=lambda known: order.index(known["place"])))


if __name__ == "__main__":
    sys.exit(main())
