"""Kills a class run, or one of its processes, at random moments; adds the results to `docs/quality.md`.

    make soak                          # 50 kills
    make soak ARGS="--kills 10 --seed 3"

The run and the comparison are those of `tests/crash_harness.py`. Of every four kills, one ends all processes at once,
like a machine that dies, and one only the command; then the run is started again. One ends a judge and one a worker,
and the run must go on by itself. Figures are kept in `docs/measured/soak.json`, by what the run was doing, and written
after every kill.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import figures, quality
from tests.crash_harness import PARTS, STUDENTS, ClassRun, difference

KILLED = ("machine", "worker", "command", "judge")
STAGES = ("starting", "judging and storing", "writing the gradebook", "writing notebooks and feedback", "ended")


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill a class run at random moments and start it again.")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32, help="of the moments (default: the clock)")
    options = parser.parse_args()
    rng = random.Random(options.seed)  # noqa: S311  moments, no secrets
    sys.stdout.write(f"{options.kills} kills, seed {options.seed}\n")
    unlike = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        undisturbed = ClassRun(folder / "undisturbed")
        start = time.monotonic()
        code, said = undisturbed.run()
        seconds = time.monotonic() - start
        if code:
            raise SystemExit(f"the undisturbed run ended with {code}:\n{said}")
        wanted = undisturbed.state()
        for number in range(options.kills):
            run = ClassRun(folder / str(number))
            killed = KILLED[number % len(KILLED)]
            # The first seconds are imports; what writes is near the end, and gets every third kill.
            moment = rng.uniform(0.75 if number % 3 == 0 else 0.0, 1.0) * seconds
            if killed in PARTS:
                code, said, lost = run.run_losing(killed, moment * rng.random(), rng.choice)
                stage = STAGES[1] if lost else STAGES[4]
            else:
                run.kill_when(lambda passed, moment=moment: passed >= moment, whole_tree=killed == "machine")
                stage = reached(run)
                code, said = run.run()
            found = difference(run.state(), wanted)
            unlike += bool(code or found)
            add(killed, stage, bool(code or found))
            outcome = f"unlike in {found}; {said.strip()}" if code or found else "the same"
            sys.stdout.write(f"{number + 1:>3} {killed} after {moment:5.2f} s, {stage}: {outcome}\n")
            sys.stdout.flush()
    return int(unlike > 0)


def reached(run: ClassRun) -> str:
    """Return what a run was doing when it was killed, from what it has left."""
    if (run.folder / "grades.csv").exists():
        return STAGES[4]
    if (run.folder / "autograded").exists():
        return STAGES[3]
    records = len(list(run.store.rglob("*.json")))
    if records == len(STUDENTS) - 1:
        return STAGES[2]
    return STAGES[1] if records or (run.folder / "gradebook.db").exists() else STAGES[0]


def add(killed: str, stage: str, unlike: bool) -> None:
    """Count one kill, and write the document anew."""
    rows = figures.measured("soak") or []
    row = next((row for row in rows if (row["killed"], row["while"]) == (killed, stage)), None)
    if row is None:
        row = {"killed": killed, "while": stage, "kills": 0, "unlike": 0}
        rows.append(row)
    row["kills"] += 1
    row["unlike"] += unlike
    rows.sort(key=lambda row: (row["killed"], STAGES.index(row["while"])))
    quality.keep("soak", rows)


if __name__ == "__main__":
    sys.exit(main())
