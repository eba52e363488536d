"""Writes tests/corpus/marks.csv: the marks of the sample class, which tests hold every run and every Python against.

    make marks
    make marks ARGS="--section 6_surprise"    # those of one section again

Look at what changed before you commit it: a mark that changes without a reason is a fault of the grader.
"""

from __future__ import annotations

import argparse
import csv
import io
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from autograder import atomic, course
from autograder.corpus.reader import load_samples
from autograder.corpus.samples import write_class

ROOT = Path(__file__).resolve().parents[1]
MARKS = ROOT / "tests" / "corpus" / "marks.csv"
_END = ("total", "max", "status")


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade the sample class, or one section of it, and write the marks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--section", metavar="ID", help="only this section; the marks of the others stay")
    section = parser.parse_args(arguments).section
    the_course = course.load(ROOT)
    chosen = ["--section", the_course.section(section).id] if section else []
    with tempfile.TemporaryDirectory() as folder:
        write_class(load_samples(the_course), Path(folder) / "class")
        command = [
            sys.executable, "-m", "autograder", "grade", "--course", ROOT, "--submitted", Path(folder) / "class",
            "--output", Path(folder) / "out", "--no-gradebook", "--format", "csv", *chosen,
        ]  # fmt: skip
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    if section and MARKS.is_file():
        with MARKS.open(encoding="utf-8", newline="") as file:
            rows += [row for row in csv.DictReader(file) if row["section"] != section]
    places = {each.id: number for number, each in enumerate(the_course.sections)}
    rows.sort(key=lambda row: (row["student"], places[row["section"]]))
    items = [item.id for each in the_course.sections for item in each.items]
    text = io.StringIO()
    writer = csv.DictWriter(text, ("student", "section", *items, *_END), "", "ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    atomic.write(MARKS, text.getvalue().encode())
    sys.stdout.write(f"{MARKS}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
