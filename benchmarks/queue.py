"""Says how long a large class takes: measures small runs, checks a model against them, and writes `docs/scale.md`.

    make scale                                # measure for some minutes, and write
    make scale ARGS="--part runs"             # measure a part again: the runs that the model is compared with
    make scale ARGS="--as-measured"           # measure nothing; write what was measured last
    make scale ARGS="--check"                 # change nothing; exit 1 if the page is not what was measured

The model is a queue. Attempts arrive; one client sends and stores them; each keeps one of `cores` busy for as long as a
measured one did. Then one writer fills the gradebook, and the client's cores write pages. All of its times are
processor time, which other programs on the machine change less than time by the clock. The runs that it is compared
with are timed by the clock, so these mean something on a quiet machine only. Figures are kept in
`docs/measured/queue.json`.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import heapq
import itertools
import json
import math
import os
import pickle
import random
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from autograder import atomic, course, gradebook
from autograder.grading import cluster
from autograder.grading.batch import Batch, Outcome
from autograder.grading.deliver import deliver
from autograder.records.store import Store, decode, encode
from autograder.report import files
from autograder.sandbox.walls import WALLS
from autograder.submissions.collect import collect
from benchmarks import grading
from benchmarks.figures import machine

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "docs" / "measured" / "queue.json"
PAGE = ROOT / "docs" / "scale.md"
BEGIN, END = "<!-- measured: make scale -->\n", "<!-- end of what was measured -->\n"
ATTEMPTS = {"1_entropy": 60, "2_divergence": 24, "3_mutual_information": 24, "4_vae": 8, "5_losses": 8}
CHECKED = ("1_entropy", 100, (1, 2))  # section, attempts and jobs of the runs that the model is compared with
STUDENTS = 20_000  # with five sections each: 100,000 submissions
BUSY = 2.5  # load, of two cores
CORES = (2, 8, 32, 128, 512)
HALF_LIFE_HOURS, DAYS = 12.0, 14.0
SEED = 5


def simulate(
    arrivals: Iterable[float], services: Iterable[float], cores: int, client: float = 0.0
) -> tuple[list[float], float]:
    """Return how long each attempt waits for its record, in seconds, and when the last record is there.

    Parameters
    ----------
    arrivals
        When attempts come, in seconds, in order.
    services
        Seconds that each keeps a core busy.
    cores
        How many attempts are judged at a time; each starts in the order of its arrival.
    client
        Seconds of the one client for each attempt, which nothing else overlaps.
    """
    free = [0.0] * cores  # when each core is free again; a heap
    client_free, waits, last = 0.0, [], 0.0
    for arrival, service in zip(arrivals, services, strict=True):
        client_free = max(arrival, client_free) + client
        end = max(client_free, free[0]) + service
        heapq.heapreplace(free, end)
        waits.append(end - arrival)
        last = max(last, end)
    return waits, last


def before_deadline(number: int, rng: random.Random) -> list[float]:
    """Return times of arrival, in seconds: half of what is still to come comes in the last `HALF_LIFE_HOURS`."""
    rate, end = math.log(2) / (HALF_LIFE_HOURS * 3600), DAYS * 86400
    return sorted(max(0.0, end - rng.expovariate(rate)) for _ in range(number))


# Measuring


def run_inner(section: str, attempts: int, jobs: int) -> dict[str, Any]:
    """Grade `attempts` of a section in a process of its own; return what it measured, and its seconds by the clock."""
    with tempfile.TemporaryDirectory() as name:
        grading.write_class(Path(name) / "submitted", section, attempts)
        command = [sys.executable, "-m", "benchmarks.queue", "--inner", name, "--jobs", str(jobs)]
        start = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        seconds = time.monotonic() - start
        return {**json.loads(done.stdout), "seconds": seconds}


def inner(folder: Path, jobs: int) -> None:
    """Grade the class in `folder` as `autograder grade` does, and print what it took."""
    the_course = course.load(ROOT)
    attempts = collect(the_course, folder / "submitted").attempts
    batch = Batch(the_course, Store(folder / "store"), seed=the_course.seed, jobs=jobs, walls=WALLS)
    with gradebook.prepared(the_course, {attempt.section for attempt in attempts}, folder / "output"):
        outcomes = batch.run(attempts)
    judging = cpu_of_all()
    deliver(the_course, outcomes, outcomes, folder / "output", processes=jobs)
    times = [sum(outcome.times.values()) for outcome in outcomes if outcome.times]
    json.dump({"times": times, "judging_cpu": judging}, sys.stdout)


def cpu_of_all() -> float:
    """Return the processor seconds of this process and of all that it started, as far as these have ended or remain."""
    here = psutil.Process()
    waited = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = resource.getrusage(resource.RUSAGE_SELF)
    total = own.ru_utime + own.ru_stime + waited.ru_utime + waited.ru_stime
    for child in here.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += sum(child.cpu_times()[:4])
    return total


def measure(parts: Sequence[str]) -> None:
    """Measure the `parts` that are asked for, and keep each as soon as it is there."""
    found: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.is_file() else {}
    for part in parts:
        say(f"measuring: {part}")
        before = round(os.getloadavg()[0], 1)
        found |= PARTS[part]()
        found.setdefault("machine", {}).update(machine())
        # Processes that wait for a core or run, on average of the last minute, before and after.
        found.setdefault("load", {})[part] = [before, round(os.getloadavg()[0], 1)]
        atomic.write(FIGURES, (json.dumps(found, indent=1) + "\n").encode())


def measure_services() -> dict[str, Any]:
    """Return processor seconds of attempts, by section."""
    found: dict[str, Any] = {}
    for section, attempts in ATTEMPTS.items():
        few, many = run_inner(section, 1, 2), run_inner(section, attempts, 2)
        # What judges do not see of an attempt: forks, the client. The start of all processes is not in it.
        rest = (many["judging_cpu"] - sum(many["times"])) - (few["judging_cpu"] - sum(few["times"]))
        found[section] = [round(each + rest / len(many["times"]), 4) for each in many["times"]]
    return {"service": found}


def measure_runs() -> dict[str, Any]:
    """Return the seconds by the clock of whole runs, to compare the model with."""
    section, attempts, several = CHECKED
    few = run_inner(section, 1, 2)
    runs = [
        {
            "section": section,
            "attempts": attempts,
            "jobs": jobs,
            "seconds": round(run_inner(section, attempts, jobs)["seconds"], 2),
        }
        for jobs in several
    ]
    return {"start_seconds": round(few["seconds"] - sum(few["times"]), 2), "runs": runs}


def measure_writing(section: str) -> dict[str, float]:
    """Return seconds of one processor for each attempt in the gradebook and in pages, and bytes for each attempt."""
    the_course = course.load(ROOT)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        grading.write_class(folder / "submitted", section, 36)
        some = collect(the_course, folder / "submitted").attempts
        judged = Batch(the_course, Store(folder / "store"), seed=the_course.seed, jobs=2, walls=WALLS).run(some)
        used = {}
        for number in (200, 1000):
            outcomes = [renamed(outcome, student) for student, outcome in zip(range(number), itertools.cycle(judged))]
            start = time.process_time()
            book = folder / f"book-{number}"
            book.mkdir()
            gradebook.write(the_course, [(each.attempt, each.record) for each in outcomes], book)
            wrote = time.process_time()
            results = [(each.attempt.student, each.record) for each in outcomes]
            files.write_feedback(the_course, results, folder / f"pages-{number}", processes=1)
            used[number] = (wrote - start, time.process_time() - wrote)
        before = psutil.Process().memory_info().rss
        kept = [
            (pickle.loads(pickle.dumps(outcome.attempt)), decode(encode(outcome.record)))  # noqa: S301  our own bytes
            for outcome in judged
            for _ in range(20)
        ]
        memory = (psutil.Process().memory_info().rss - before) / len(kept)
    gradebook_seconds, page_seconds = ((used[1000][part] - used[200][part]) / 800 for part in (0, 1))
    return {
        "gradebook_seconds": round(gradebook_seconds, 5),
        "page_seconds": round(page_seconds, 5),
        "client_bytes": round(memory),
        "attempt_bytes": round(statistics.mean(len(pickle.dumps(outcome.attempt)) for outcome in judged)),
        "record_bytes": round(statistics.mean(len(encode(outcome.record)) for outcome in judged)),
    }


def renamed(outcome: Outcome, student: int) -> Outcome:
    """Return the outcome as another student's."""
    return dataclasses.replace(outcome, attempt=dataclasses.replace(outcome.attempt, student=f"student-{student:05}"))


def measure_client(section: str) -> dict[str, float]:
    """Return processor seconds of the client and of the scheduler for each attempt that a Dask worker judges."""
    the_course = course.load(ROOT)
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"tcp://127.0.0.1:{free.getsockname()[1]}"

        def start(program: str, *options: str) -> psutil.Process:
            command = [sys.executable, "-m", f"distributed.cli.{program}", "--host", "127.0.0.1", "--no-dashboard"]
            process = subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL, cwd=ROOT)
            stack.callback(process.wait, 60)
            stack.callback(process.terminate)
            return psutil.Process(process.pid)

        scheduler = start("dask_scheduler", "--port", address.rpartition(":")[2])
        options = ("--no-nanny", "--nthreads", "4", "--memory-limit", "0", "--local-directory", name)
        start("dask_worker", address, *options, "--preload", "autograder.grading.node")
        used = []
        for number in (4, 64):
            grading.write_class(folder / f"class-{number}", section, number)
            attempts = collect(the_course, folder / f"class-{number}").attempts
            judging = partial(cluster.Cluster, address, the_course, WALLS, lambda line: None)
            store = Store(folder / f"store-{number}")
            batch = Batch(the_course, store, seed=the_course.seed, jobs=1, walls=WALLS, judging=judging)
            before = (time.process_time(), sum(scheduler.cpu_times()[:2]))
            batch.run(attempts)
            used.append((time.process_time() - before[0], sum(scheduler.cpu_times()[:2]) - before[1]))
    client, of_scheduler = ((used[1][part] - used[0][part]) / 60 for part in (0, 1))
    return {"client_seconds": round(client, 5), "scheduler_seconds": round(of_scheduler, 5)}


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


PARTS = {
    "services": measure_services,
    "writing": partial(measure_writing, CHECKED[0]),
    "client": partial(measure_client, CHECKED[0]),
    "runs": measure_runs,
}

# What follows from it


def predicted(figures: dict[str, Any], section: str, attempts: int, jobs: int) -> float:
    """Return the seconds from start to end that the model gives a run on one machine."""
    services = drawn(figures["service"][section], attempts)
    _, judged = simulate([0.0] * attempts, services, jobs)
    written = attempts * (figures["gradebook_seconds"] + figures["page_seconds"] / jobs)
    return figures["start_seconds"] + judged + written


def drawn(measured: Sequence[float], number: int) -> list[float]:
    """Return `number` service times: each measured one equally often, in random order."""
    chosen = list(itertools.islice(itertools.cycle(measured), number))
    random.Random(SEED).shuffle(chosen)  # noqa: S311  an order, no secret
    return chosen


def page(figures: dict[str, Any]) -> str:
    """Return the part of `docs/scale.md` that is measured and computed."""
    return "\n".join(itertools.chain(_measured(figures), _checked(figures), _plan(figures), _breaks(figures))) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a table whose first column is text and whose others are figures."""
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'--:|' * (len(head) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _measured(figures: dict[str, Any]) -> Iterator[str]:
    on = figures["machine"]
    loads = [load for both in figures["load"].values() for load in both]
    yield from ("### Measured", "")
    yield (
        f"On {on['cores']} cores ({on['processor']}) with a load of {min(loads)} to {max(loads)}. Processor seconds "
        "for each attempt, with everything but the start of processes, the gradebook and the pages:"
    )
    yield ""
    yield from _table(
        ("Section", "Attempts", "Mean", "Median", "Longest"),
        (
            (section, str(len(times)), *(f"{of(times):.3f}" for of in (statistics.mean, statistics.median, max)))
            for section, times in figures["service"].items()
        ),
    )
    sizes = f"{figures['attempt_bytes'] / 1000:.0f} and {figures['record_bytes'] / 1000:.0f} kB"
    yield from _table(
        ("Besides, for each attempt of section 1", "Mean"),
        (
            ("gradebook (SQLite), one writer", f"{1000 * figures['gradebook_seconds']:.1f} ms"),
            ("pages of feedback", f"{1000 * figures['page_seconds']:.1f} ms"),
            ("the command: send, fetch, store", f"{1000 * figures['client_seconds']:.1f} ms"),
            ("Dask's scheduler", f"{1000 * figures['scheduler_seconds']:.1f} ms"),
            ("memory of the command", f"{figures['client_bytes'] / 1000:.0f} kB"),
            ("sent to a worker, and back", sizes),
        ),
    )


def _checked(figures: dict[str, Any]) -> Iterator[str]:
    yield from ("### The model against real runs", "")
    rows = []
    for run in figures["runs"]:
        model = predicted(figures, run["section"], run["attempts"], run["jobs"])
        name = f"{run['attempts']} of {run['section']}, `--jobs {run['jobs']}`"
        rows.append((name, f"{model:.1f} s", f"{run['seconds']:.1f} s", f"{model / run['seconds']:.2f}"))
    yield from _table(("Run", "Model", "By the clock", "Model ÷ clock"), rows)
    if max(figures["load"]["runs"]) > BUSY:
        yield (
            f"Other programs kept the machine busy meanwhile (load {max(figures['load']['runs'])}), so the runs took "
            'longer than the model says. On a quiet machine, `make scale ARGS="--part runs"` measures them again.'
        )
        yield ""


def _plan(figures: dict[str, Any]) -> Iterator[str]:
    number, services = _all(figures)
    arrivals = before_deadline(number, random.Random(SEED))  # noqa: S311  times, no secret
    yield from (f"### {number:,} submissions", "")
    yield (
        f"{STUDENTS:,} students with five sections need {sum(services) / 3600:.1f} core hours. “At once” judges "
        "all of them after the deadline. “As they come” would judge each on arrival, with all sections due at the same "
        f"moment and half of all work handed in during the last {HALF_LIFE_HOURS:.0f} hours; these columns give "
        "the time from a submission to its record. Gradebook and pages come after that."
    )
    yield ""
    rows = []
    for cores in CORES:
        _, end = simulate([0.0] * number, services, cores, figures["client_seconds"])
        waits = sorted(simulate(arrivals, services, cores, figures["client_seconds"])[0])
        busy = sum(services) / (cores * end)
        quantiles = (waits[number // 2], waits[int(0.99 * number)], waits[-1])
        rows.append((str(cores), span(end), f"{100 * busy:.0f} %", *map(span, quantiles)))
    yield from _table(("Cores", "At once", "Cores busy", "As they come: median", "99 %", "longest"), rows)


def _breaks(figures: dict[str, Any]) -> Iterator[str]:
    number, services = _all(figures)
    mean, first = sum(services) / number, statistics.mean(figures["service"][CHECKED[0]])
    client, scheduler = figures["client_seconds"], figures["scheduler_seconds"]
    sent = number * (figures["attempt_bytes"] + figures["record_bytes"]) / 1e9
    yield from ("Where it breaks, the first one first:", "")
    yield "| Part | At 100,000 submissions | What helps |"
    yield "|---|---|---|"
    for row in (
        (
            "memory of the command, which holds all attempts and records",
            f"{figures['client_bytes'] * number / 1e9:.1f} GB",
            "parts of the class, one after another",
        ),
        (
            "the command, one process",
            f"feeds {1 / client:.0f} attempts a second: {mean / client:.0f} cores of this mix, {first / client:.0f} of "
            f"section 1 alone; {span(number * client)} in all",
            "parts of the class on clusters of their own",
        ),
        (
            "Dask's scheduler, one process",
            f"{1 / scheduler:.0f} attempts a second",
            "the same",
        ),
        (
            "gradebook, one writer",
            f"{span(number * figures['gradebook_seconds'])} after judging, if it goes on as with 1,000",
            "nothing; PostgreSQL lets others read meanwhile",
        ),
        ("pages", f"{span(number * figures['page_seconds'])} of one core", "more cores for the command"),
        ("network", f"{sent:.1f} GB in all", "nothing needed"),
    ):
        yield f"| {' | '.join(row)} |"


def _all(figures: dict[str, Any]) -> tuple[int, list[float]]:
    """Return how many submissions there are in the plan, and their service times in random order."""
    services = list(itertools.chain.from_iterable(drawn(times, STUDENTS) for times in figures["service"].values()))
    random.Random(SEED).shuffle(services)  # noqa: S311  an order, no secret
    return len(services), services


def span(seconds: float) -> str:
    """Return a time as people say it."""
    if seconds < 99.5:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5940 else f"{seconds / 3600:.1f} h"


def page_with(figures: dict[str, Any]) -> str:
    """Return `docs/scale.md` with the figures."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    return before + BEGIN + "\n" + page(figures) + "\n" + END + rest.partition(END)[2]


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure small runs and say what a large class takes.")
    parser.add_argument("--as-measured", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--part", action="append", choices=PARTS, help="measure only this (can be repeated)")
    parser.add_argument("--inner", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--jobs", type=int, default=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inner:
        inner(options.inner, options.jobs)
        return 0
    if not options.as_measured and not options.check:
        measure(options.part or list(PARTS))
    written = page_with(json.loads(FIGURES.read_text(encoding="utf-8")))
    if options.check:
        return int(written != PAGE.read_text(encoding="utf-8"))
    atomic.write(PAGE, written.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
