"""Measures how fast a class is graded: ``make bench`` (options: ``make bench ARGS="--attempts 200 --jobs 2"``).

For each section the class is its sample class, repeated under other names, each attempt with a small change so that
nothing comes from the store; of programs that loop forever every class has the same share, so that sections can be
compared. One process grades it from start to end (collect, judge, gradebook, feedback); this one watches that process
and all its children from outside. Sections in which students train a network get a tenth of the attempts. At the end
the reference solution of the whole course is graded on one core, and what it uses is compared with the limits.

Printed per attempt: processor time of the student's code, of the checks, and of everything else, which is whatever
all processes together used beyond those two: warming the workers, forking, confining, the wire, records, the
gradebook, feedback. Peak memory is the sum of proportional set sizes, so that shared pages count once.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import gc
import io
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import NamedTuple

from autograder import course, gradebook
from autograder.corpus.reader import load_samples
from autograder.corpus.samples import Sample, write_sample
from autograder.grading.batch import Batch
from autograder.grading.deliver import deliver
from autograder.grading.workers import Pool
from autograder.records.record import Status
from autograder.records.store import Store
from autograder.remote.link import Link
from autograder.sandbox import levels, walls
from autograder.submissions.collect import collect
from benchmarks import limits

CPU_TICK, MEMORY_TICK = 0.2, 2.0
# One such program costs as much as five others. The classes have one each and are of different sizes, up to 36.
ENDLESS, ENDLESS_EVERY = "broken-endless-loop", 36
HEADER = (
    f"{'section':<24}{'attempts':>9}{'per second':>12}{'judging':>9}{'student':>9}{'checks':>9}{'else':>9}{'MiB':>9}\n"
    f"{'':<45}{'':>9}" + f"{'ms of processor time':>27}"
)


def main() -> None:
    the_course = course.load(course.find_root())
    known = [section.id for section in the_course.sections]
    parser = argparse.ArgumentParser(description="Measure how fast a class is graded.")
    parser.add_argument("--attempts", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--section", action="append", choices=known, help="only this section (can be repeated)")
    parser.add_argument("--inner", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inner:
        grade(options.inner, options.jobs)
        return
    sys.stdout.write(f"{options.jobs} jobs; at most {1024 + 150 * options.jobs} MiB of memory allowed\n{HEADER}\n")
    for section in options.section or known:
        slow = bool(the_course.section(section).limits.slow_calls)
        with tempfile.TemporaryDirectory() as name:
            write_class(Path(name) / "submitted", section, options.attempts // 10 if slow else options.attempts)
            report(section, *watch(Path(name), options.jobs))
    if not options.section:
        with tempfile.TemporaryDirectory() as name:
            write_reference(Path(name) / "submitted")
            whole(*watch(Path(name), 1))
    sys.stdout.write(f"\nLimits of processor time, each to be at least {limits.LEAST} times what the reference uses\n")
    with Pool(walls.WALLS) as pool:
        pool.ensure()
        link = Link(pool.folder)
        measured = [limits.uses(the_course, the_course.section(section), link) for section in options.section or known]
        sys.stdout.write(limits.table(list(itertools.chain.from_iterable(measured))))
        link.close()


def write_reference(folder: Path) -> None:
    """Write the reference solution of every section as the work of one student."""
    for sample in load_samples(course.load(course.find_root())):
        if sample.name == "reference":
            write_sample(sample, folder, student="reference")


def write_class(folder: Path, section: str, attempts: int) -> None:
    """Write the sample class of `section` again and again, until there are `attempts` different ones."""
    the_course = course.load(course.find_root())
    known = [sample for sample in load_samples(the_course) if sample.section == section]
    endless = itertools.cycle([sample for sample in known if sample.name == ENDLESS])
    others = itertools.cycle([sample for sample in known if sample.name != ENDLESS])
    for number in range(attempts):
        sample = next(others if number % ENDLESS_EVERY else endless)
        write_sample(variant(sample, number), folder, student=f"student-{number:04}")


def variant(sample: Sample, number: int) -> Sample:
    """Return `sample` with one more file in it, so that it is an attempt of its own."""
    if sample.archive is None:
        return dataclasses.replace(sample, files={**sample.files, "variant.txt": str(number).encode()})
    buffer = io.BytesIO(sample.archive)
    with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("variant.txt", str(number))
    return dataclasses.replace(sample, archive=buffer.getvalue())


def grade(folder: Path, jobs: int) -> None:
    """Grade the class in `folder` as `autograder grade` does, and print what the judges measured."""
    the_course = course.load(course.find_root())
    attempts = collect(the_course, folder / "submitted").attempts
    batch = Batch(the_course, Store(folder / "store"), seed=the_course.seed, jobs=jobs, walls=walls.WALLS)
    start = time.monotonic()
    with gradebook.prepared(the_course, {attempt.section for attempt in attempts}, folder / "output"):
        outcomes = batch.run(attempts)
    judged = time.monotonic() - start
    deliver(the_course, outcomes, outcomes, folder / "output", processes=jobs)
    times = [outcome.times for outcome in outcomes if outcome.times]
    measured = {name: sum(entry[name] for entry in times) for name in ("student", "checks")}
    measured |= {"attempts": len(attempts), "judged": len(times), "judging_seconds": judged}
    measured["not_judged"] = sum(outcome.record.status is Status.NOT_JUDGED for outcome in outcomes)
    sys.stdout.write(json.dumps(measured))
    gc.freeze()  # as the command does


def watch(folder: Path, jobs: int) -> tuple[dict[str, float], float, float, float]:
    """Run the grading process; return what it printed, its seconds, the processor seconds of all, and peak bytes."""
    command = [sys.executable, "-m", "benchmarks.grading", "--inner", str(folder), "--jobs", str(jobs)]
    start = time.monotonic()
    running = subprocess.Popen(command, stdout=subprocess.PIPE)
    cpu: dict[int, float] = {}
    peak, measured_at = 0.0, 0.0
    while running.poll() is None:
        table = processes()
        found = family(running.pid, table)
        for pid in found:
            # Only workers wait for many short-lived children; all others are seen for themselves.
            used = table[pid].own + (table[pid].reaped if table[pid].is_worker else 0.0)
            cpu[pid] = max(cpu.get(pid, 0.0), used)
        if time.monotonic() - measured_at > MEMORY_TICK:
            attempts = [pid for pid, process in table.items() if process.parent in found]
            peak = max(peak, sum(map(_pss, {*found, *attempts})))
            measured_at = time.monotonic()
        time.sleep(CPU_TICK)
    seconds = time.monotonic() - start
    assert running.stdout is not None
    if running.returncode:
        raise SystemExit(f"grading failed with exit code {running.returncode}")
    return json.loads(running.stdout.read()), seconds, sum(cpu.values()), peak


class Process(NamedTuple):
    """What the kernel says of a process: its parent, its processor seconds, and those of children it waited for."""

    is_worker: bool
    parent: int
    own: float
    reaped: float


def processes() -> dict[int, Process]:
    """Return all processes of this machine in one look, so that looking costs those that are watched little."""
    table = {}
    tick = os.sysconf("SC_CLK_TCK")
    for name in (entry.name for entry in os.scandir("/proc") if entry.name.isdigit()):
        with contextlib.suppress(OSError):  # it has ended
            said, _, rest = Path(f"/proc/{name}/stat").read_bytes().rpartition(b")")
            fields = rest.split()  # from the third on, see proc(5)
            user, system, waited_user, waited_system = map(int, fields[11:15])
            is_worker = said.partition(b"(")[2].startswith(levels.NAME.encode())
            used, reaped = (user + system) / tick, (waited_user + waited_system) / tick
            table[int(name)] = Process(is_worker, int(fields[1]), used, reaped)
    return table


def family(top: int, table: dict[int, Process]) -> list[int]:
    """Return `top` and its descendants, but not the attempts: the worker accounts for those."""
    found, unseen = [], [top] if top in table else []
    while unseen:
        pid = unseen.pop()
        found.append(pid)
        unseen += [
            child
            for child, process in table.items()
            if process.parent == pid and (process.is_worker or not table[pid].is_worker)
        ]
    return found


def _pss(pid: int) -> float:
    """Return the proportional set size of one process; the kernel's own sum, so as not to hold up what is measured."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return 1024.0 * int(line.split()[1])
    return 0.0


def report(section: str, measured: dict[str, float], seconds: float, cpu: float, peak: float) -> None:
    """Print a row: milliseconds of processor time per attempt, and mebibytes."""
    attempts = measured["attempts"]
    parts = (measured["student"], measured["checks"], cpu - measured["student"] - measured["checks"])
    rates = (attempts / seconds, attempts / measured["judging_seconds"])
    row = f"{section:<24}{attempts:>9.0f}{rates[0]:>12.1f}{rates[1]:>9.1f}"
    row += "".join(f"{1000 * part / attempts:>9.0f}" for part in parts) + f"{peak / 2**20:>9.0f}"
    if measured["judged"] < attempts or measured["not_judged"]:
        row += f"   only {measured['judged']:.0f} judged, {measured['not_judged']:.0f} of them not"
    sys.stdout.write(row + "\n")
    sys.stdout.flush()


def whole(measured: dict[str, float], seconds: float, cpu: float, _peak: float) -> None:
    """Print what the whole course of one student costs."""
    student, checks = measured["student"], measured["checks"]
    sys.stdout.write(
        f"A complete submission: {student + checks:.1f} s of one core in judging ({student:.1f} s the student's code, "
        f"{checks:.1f} s the checks); with start-up {cpu:.1f} s of processor time, {seconds:.1f} s from start to end.\n"
    )


if __name__ == "__main__":
    main()
