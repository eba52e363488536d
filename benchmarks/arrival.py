"""How long it takes from the arrival of a submission to the student's page, in `autograder watch`.

    .venv/bin/python -m benchmarks.arrival [SECTION]

Hands in the section's solution again and again, each time by another student and with one comment more, and prints for
each the time by the clock and the processor time of all processes. Processor time is what a busy machine changes least.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
TIMES = 10
IDLE_SECONDS = 5.0


def main(section: str) -> None:
    """Measure and print."""
    solution = ROOT / "solutions" / section
    module = next(solution.glob("*.py")).name
    with tempfile.TemporaryDirectory() as folder:
        submitted, output, staged = Path(folder, "submitted"), Path(folder, "results"), Path(folder, "staged")
        submitted.mkdir()
        course = Path(folder, "course")
        for tree in ("source", "assignments", "solutions", "autograder/suites"):
            shutil.copytree(ROOT / tree, course / tree)
        command = [sys.executable, "-m", "autograder", "watch", "--submitted", submitted, "--output", output]
        watch = subprocess.Popen([*command, "--course", course], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        assert watch.stderr is not None
        try:
            while "watching" not in (line := watch.stderr.readline()):
                assert line, "the watch ended"
            say(f"warm after {used(watch.pid):.1f} s of processor time; load {os.getloadavg()[0]:.1f}")
            before = used(watch.pid)
            time.sleep(IDLE_SECONDS)
            idle = (used(watch.pid) - before) / IDLE_SECONDS
            say(f"while nothing arrives: {idle:.3f} of a core")
            measured = []
            for number in range(TIMES):
                shutil.copytree(solution, staged)
                with (staged / module).open("a", encoding="utf-8") as file:
                    file.write(f"# {number}\n")
                (submitted / f"student-{number}").mkdir()
                before, start = used(watch.pid), time.perf_counter()
                staged.rename(submitted / f"student-{number}" / section)
                page = output / "feedback" / f"student-{number}" / section / f"{section}.html"
                while not page.is_file():
                    time.sleep(0.005)
                clock = time.perf_counter() - start
                measured.append((clock, used(watch.pid) - before - idle * clock))
                say("{:.2f} s by the clock, {:.2f} s of processor time".format(*measured[-1]))
                watch.stderr.readline()
                time.sleep(0.5)
            clocks, processors = (statistics.median(column) for column in zip(*measured[1:], strict=True))
            say(f"median without the first: {clocks:.2f} s by the clock, {processors:.2f} s of processor time")
        finally:
            watch.terminate()
            watch.wait()


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def used(pid: int) -> float:
    """Return the processor time of a process, of those below it, and of those of them that have ended, in seconds."""
    total = 0.0
    process = psutil.Process(pid)
    for each in [process, *process.children(recursive=True)]:
        try:
            total += sum(each.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue  # its parent has its time now
    return total


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "1_entropy")
