"""Measures how fast a class is graded: ``make bench`` (options: ``make bench ARGS="--attempts 200 --jobs 2"``).

For each section the class is its sample class, repeated under other names, each attempt with a small change so that
nothing comes from the store; of programs that loop forever every class has the same share, so that sections can be
compared. One process grades it from start to end (collect, judge, gradebook, feedback); this one watches that process
and all its children from outside. Sections in which students train a network get a tenth of the attempts. At the end
the reference solution of the whole course is graded on one core, and what it uses is compared with the limits.

Printed per attempt: processor time of the student's code, of the checks, and of everything else, which is whatever
all processes together used beyond those two: warming the workers, forking, confining, the wire, records, the
gradebook, feedback. Peak memory is the sum of proportional set sizes, so that shared pages count once. A run of all
sections also keeps what each kind of process used, for ``docs/performance.md``.
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
from benchmarks import figures, limits, performance

CPU_TICK, MEMORY_TICK = 0.2, 2.0
# One such program costs as much as five others. The classes have one each and are of different sizes, up to 36.
ENDLESS, ENDLESS_EVERY = "broken-endless-loop", 36
KINDS = ("command", "judges", "workers", "children", "pages")
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
    rows = []
    for section in options.section or known:
        slow = bool(the_course.section(section).limits.slow_calls)
        with tempfile.TemporaryDirectory() as name:
            write_class(Path(name) / "submitted", section, options.attempts // 10 if slow else options.attempts)
            watched = watch(Path(name), options.jobs)
            report(section, watched)
            rows.append({"section": section, **dataclasses.asdict(watched)})
    if not options.section:
        performance.keep("grading", {"machine": figures.machine(), "jobs": options.jobs, "rows": rows})
        with tempfile.TemporaryDirectory() as name:
            write_reference(Path(name) / "submitted")
            whole(watch(Path(name), 1))
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


def variant(sample: Sample, number: int | str) -> Sample:
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
    spent = {"start": time.process_time()}
    attempts = collect(the_course, folder / "submitted").attempts
    spent["collecting"] = time.process_time()
    batch = Batch(the_course, Store(folder / "store"), seed=the_course.seed, jobs=jobs, walls=walls.WALLS)
    start = time.monotonic()
    with gradebook.prepared(the_course, {attempt.section for attempt in attempts}, folder / "output"):
        outcomes = batch.run(attempts)
    judged, spent["judging"] = time.monotonic(), time.process_time()
    deliver(the_course, outcomes, outcomes, folder / "output", processes=jobs)
    delivered, spent["delivering"] = time.monotonic(), time.process_time()
    times = [outcome.times for outcome in outcomes if outcome.times]
    measured = {name: sum(entry[name] for entry in times) for name in ("student", "checks")}
    measured |= {"attempts": len(attempts), "judged": len(times)}
    measured |= {"judging_seconds": judged - start, "delivering_seconds": delivered - judged}
    measured["not_judged"] = sum(outcome.record.status is Status.NOT_JUDGED for outcome in outcomes)
    until = 0.0
    for part, now in spent.items():
        measured[f"command_{part}"], until = now - until, now
    sys.stdout.write(json.dumps(measured))
    gc.freeze()  # as the command does


@dataclasses.dataclass(frozen=True)
class Watched:
    """What grading a class took.

    `measured` is what the command printed; `cpu` has processor seconds by kind of process: the command, the judges
    with their fork server, the warm workers, the children in which students' code runs, and those that write pages.
    """

    measured: dict[str, float]
    seconds: float
    cpu: dict[str, float]
    peak_mib: float


def watch(folder: Path, jobs: int) -> Watched:
    """Run the grading process and watch it."""
    command = [sys.executable, "-m", "benchmarks.grading", "--inner", str(folder), "--jobs", str(jobs)]
    start = time.monotonic()
    running = subprocess.Popen(command, stdout=subprocess.PIPE)
    kinds = {running.pid: "command"}
    own: dict[int, float] = {}
    children: dict[int, float] = {}
    peak, measured_at = 0.0, 0.0
    while running.poll() is None:
        table = processes()
        found = family(running.pid, table)
        for pid in found:
            process = table[pid]
            own[pid] = process.own
            if process.is_worker:  # only workers wait for many short-lived children; all others are seen themselves
                kinds[pid], children[pid] = "workers", process.reaped  # it had no name when it was seen first
            elif pid not in kinds:
                kinds[pid] = _kind(pid, kinds.get(process.parent, "command"))
        if time.monotonic() - measured_at > MEMORY_TICK:
            attempts = [pid for pid, process in table.items() if process.parent in found]
            peak = max(peak, sum(map(_pss, {*found, *attempts})))
            measured_at = time.monotonic()
        time.sleep(CPU_TICK)
    seconds = time.monotonic() - start
    assert running.stdout is not None
    if running.returncode:
        raise SystemExit(f"grading failed with exit code {running.returncode}")
    used = {kind: sum(own[pid] for pid in own if kinds[pid] == kind) for kind in KINDS}
    used["children"] = sum(children.values())
    return Watched(json.loads(running.stdout.read()), seconds, used, peak / 2**20)


def _kind(pid: int, parent: str) -> str:
    """Return the kind of a process that is seen for the first time; forks of a judges' server are judges too."""
    with contextlib.suppress(OSError):
        if parent == "judges" or b"forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return "judges"
    return "pages"


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


def report(section: str, watched: Watched) -> None:
    """Print a row: milliseconds of processor time per attempt, and mebibytes."""
    measured, attempts = watched.measured, watched.measured["attempts"]
    parts = (measured["student"], measured["checks"], everything_else(watched))
    rates = (attempts / watched.seconds, attempts / measured["judging_seconds"])
    row = f"{section:<24}{attempts:>9.0f}{rates[0]:>12.1f}{rates[1]:>9.1f}"
    row += "".join(f"{1000 * part / attempts:>9.0f}" for part in parts) + f"{watched.peak_mib:>9.0f}"
    if measured["judged"] < attempts or measured["not_judged"]:
        row += f"   only {measured['judged']:.0f} judged, {measured['not_judged']:.0f} of them not"
    sys.stdout.write(row + "\n")
    sys.stdout.flush()


def everything_else(watched: Watched) -> float:
    """Return the processor seconds that neither the student's code nor the checks used."""
    return sum(watched.cpu.values()) - watched.measured["student"] - watched.measured["checks"]


def whole(watched: Watched) -> None:
    """Print what the whole course of one student costs."""
    student, checks = watched.measured["student"], watched.measured["checks"]
    sys.stdout.write(
        f"A complete submission: {student + checks:.1f} s of one core in judging ({student:.1f} s the student's code, "
        f"{checks:.1f} s the checks); with start-up {sum(watched.cpu.values()):.1f} s of processor time, "
        f"{watched.seconds:.1f} s from start to end.\n"
    )


if __name__ == "__main__":
    main()
