"""Measures how fast a class is graded: ``make bench`` (options: ``make bench ARGS="--attempts 200 --jobs 2"``).

The class is the sample class, repeated under other names, each attempt with a small change so that nothing comes from
the store. One process grades it from start to end (collect, judge, gradebook, feedback); this one watches that
process and all its children from outside.

Printed per attempt: processor time of the student's code, of the checks, and of everything else, which is whatever
all processes together used beyond those two: warming the worker, forking, confining, the wire, records, the
gradebook, feedback. Peak memory is the sum of proportional set sizes, so that shared pages count once.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from autograder import confine, course, gradebook, samples
from autograder.batch import Batch
from autograder.collect import collect
from autograder.deliver import deliver
from autograder.store import Store

CPU_TICK, MEMORY_TICK = 0.2, 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how fast a class is graded.")
    parser.add_argument("--attempts", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--section", default="1_entropy")
    parser.add_argument("--inner", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inner:
        grade(options.inner, options.section, options.jobs)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_class(folder / "submitted", options.section, options.attempts)
        report(*watch(folder, options.section, options.jobs), options)


def write_class(folder: Path, section: str, attempts: int) -> None:
    """Write the sample class of `section` again and again, until there are `attempts` different ones."""
    the_course = course.load(course.find_root())
    known = [sample for sample in samples.load_samples(the_course) if sample.section == section]
    for number in range(attempts):
        sample = known[number % len(known)]
        samples.write_sample(variant(sample, number), folder, student=f"student-{number:04}")


def variant(sample: samples.Sample, number: int) -> samples.Sample:
    """Return `sample` with one more file in it, so that it is an attempt of its own."""
    if sample.archive is None:
        return dataclasses.replace(sample, files={**sample.files, "variant.txt": str(number).encode()})
    buffer = io.BytesIO(sample.archive)
    with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("variant.txt", str(number))
    return dataclasses.replace(sample, archive=buffer.getvalue())


def grade(folder: Path, section: str, jobs: int) -> None:
    """Grade the class in `folder` as `autograder grade` does, and print what the judges measured."""
    the_course = course.load(course.find_root())
    attempts = collect(the_course, folder / "submitted", [section], None).attempts
    batch = Batch(the_course, Store(folder / "store"), seed=the_course.seed, jobs=jobs, walls=confine.WALLS)
    start = time.monotonic()
    with gradebook.prepared(the_course, folder / "output"):
        outcomes = batch.run(attempts)
    judged = time.monotonic() - start
    deliver(the_course, outcomes, outcomes, folder / "output")
    times = [outcome.times for outcome in outcomes if outcome.times]
    measured = {name: sum(entry[name] for entry in times) for name in ("student", "checks")}
    measured |= {"attempts": len(attempts), "judged": len(times), "judging_seconds": judged}
    measured["not_judged"] = sum(outcome.record["status"] == "not judged" for outcome in outcomes)
    sys.stdout.write(json.dumps(measured))


def watch(folder: Path, section: str, jobs: int) -> tuple[dict[str, float], float, float, float]:
    """Run the grading process; return what it printed, its seconds, the processor seconds of all, and peak bytes."""
    command = [sys.executable, __file__, "--inner", str(folder), "--section", section, "--jobs", str(jobs)]
    start = time.monotonic()
    running = subprocess.Popen(command, stdout=subprocess.PIPE)
    top = psutil.Process(running.pid)
    cpu: dict[int, float] = {}
    peak, measured_at = 0.0, 0.0
    while running.poll() is None:
        processes = list(family(top))
        for process in processes:
            with contextlib.suppress(psutil.Error):
                used = process.cpu_times()
                own = used.user + used.system
                # Only the worker waits for many short-lived children; all others are seen for themselves.
                reaped = used.children_user + used.children_system if "autograder.worker" in process.cmdline() else 0.0
                cpu[process.pid] = max(cpu.get(process.pid, 0.0), own + reaped)
        if time.monotonic() - measured_at > MEMORY_TICK:
            peak = max(peak, sum(map(proportional_bytes, processes)))
            measured_at = time.monotonic()
        time.sleep(CPU_TICK)
    seconds = time.monotonic() - start
    assert running.stdout is not None
    if running.returncode:
        raise SystemExit(f"grading failed with exit code {running.returncode}")
    return json.loads(running.stdout.read()), seconds, sum(cpu.values()), peak


def family(top: psutil.Process) -> Iterator[psutil.Process]:
    """Yield the process and its descendants, but not the attempts: the worker accounts for those."""
    yield top
    with contextlib.suppress(psutil.Error):
        for process in top.children():
            if "autograder.worker" in process.cmdline():
                yield process
            else:
                yield from family(process)


def proportional_bytes(process: psutil.Process) -> float:
    """Return the proportional set size of a process, with the attempts that a worker runs at the moment."""
    total = 0.0
    with contextlib.suppress(psutil.Error):
        total = process.memory_full_info().pss
        if "autograder.worker" in process.cmdline():
            for child in process.children():
                with contextlib.suppress(psutil.Error):
                    total += child.memory_full_info().pss
    return total


def report(measured: dict[str, float], seconds: float, cpu: float, peak: float, options: argparse.Namespace) -> None:
    """Print the figures."""
    attempts = measured["attempts"]
    student, checks = measured["student"], measured["checks"]
    lines = {
        "attempts": f"{attempts:.0f} of {options.section}, {options.jobs} jobs ({measured['judged']:.0f} judged, "
        f"{measured['not_judged']:.0f} not judged)",
        "attempts per second": f"{attempts / seconds:.1f} from start to end, "
        f"{attempts / measured['judging_seconds']:.1f} while judging",
        "student's code": f"{1000 * student / attempts:.0f} ms of processor time per attempt",
        "checks": f"{1000 * checks / attempts:.0f} ms",
        "everything else": f"{1000 * (cpu - student - checks) / attempts:.0f} ms",
        "peak memory": f"{peak / 2**20:.0f} MiB, of at most {1024 + 150 * options.jobs} MiB",
    }
    for name, text in lines.items():
        sys.stdout.write(f"{name:<22}{text}\n")


if __name__ == "__main__":
    main()
