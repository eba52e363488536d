"""Writes ``docs/performance.md`` and its picture from what was measured last.

    make bench              # where the time goes, by section
    make bench-peers        # the same class here, with nbgrader and with Otter
    make bench-scale        # from 10 attempts to 3,000; one student; floors
    python -m benchmarks.performance            # measure nothing; write
    python -m benchmarks.performance --check    # change nothing; exit 1 if the file is not what was measured

Each function in `PARTS` gives one part of the document, and says nothing if its figures were never measured.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder import atomic
from benchmarks import figures
from benchmarks.figures import measured

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "performance.svg"
TARGETS = {  # times of nbgrader's batch, and of Otter
    "1_entropy": (80, 140), "2_divergence": (60, 110), "3_mutual_information": (60, 110), "all five": (20, None),
}  # fmt: skip
ELSE_MS = {"1_entropy": 20, "2_divergence": 20, "3_mutual_information": 20, "4_vae": 60, "5_losses": 60}
CHECKS_MS = 12


def keep(name: str, found: Any) -> None:
    """Keep what a run has found, for `measured`, and write the document anew."""
    figures.keep(name, found)
    write()


def on(found: Mapping[str, Any]) -> str:
    """Return the sentence that says on what a run was measured."""
    told = found["machine"]
    return (
        f"Measured on {told['date']}: {told['cores']} cores ({told['processor']}), Python {told['python']}, in which "
        f"an empty loop of a million steps takes {told['loop_ms']:.0f} ms."
    )


def peers() -> list[str]:
    """Return the part on nbgrader and Otter."""
    found = measured("peers")
    if found is None:
        return []
    lines = [
        "## Beside nbgrader and Otter",
        "",
        "`make bench-peers`. All graders take turns in one run on the same class. The peers get the calls that the "
        "hidden checks make, with the reference's answers, as hidden tests: a cell for each item in nbgrader, a test "
        "file in Otter. In their favour they get no calls with live objects or large arrays, no programs that loop "
        "forever, not the cell with a slider (nbclient, which both use, now and then waits there until the cell's time "
        "is over), and need not write feedback; both run the students' code without confinement. They run all cells "
        "of a notebook, so they are also measured with bare notebooks, without demonstrations and figures. nbgrader "
        "grades one batch in one process (its best case) or two halves in two processes on one gradebook; Otter has "
        "only one submission at a time outside of Docker. Here everything is counted from the command to the last "
        f"page. Medians of {found['rounds']} rounds (of two the lower), and the least and most; "
        "a dash is what was not counted in that run.",
        "",
        on(found),
        "",
        "| Section | Grader | Attempts a round | Seconds each | Least – most | Processor seconds each | Times ours |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for row, times in with_ratios(found["rows"]):
        lines.append(
            f"| {row['section']} | {row['grader']} | {row['attempts']} | {row['seconds']:.3f} | "
            f"{row['least']:.3f} – {row['most']:.3f} | {_or_dash(row['cpu_seconds'])} | {times} |"
        )
    return [*lines, ""]


def _or_dash(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.3f}"


def with_ratios(rows: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], str]]:
    """Return each row with how many times ours it takes; complete submissions of a peer are the sum of its sections."""
    ours = {row["section"]: row["seconds"] for row in rows if row["grader"] == "autograder"}
    graders = list(dict.fromkeys(row["grader"] for row in rows if row["grader"] != "autograder"))
    summed = []
    if "all five" in ours:
        for grader in graders:
            theirs = [row for row in rows if row["grader"] == grader]
            parts = {name: sum(row[name] for row in theirs) for name in ("seconds", "least", "most", "cpu_seconds")}
            summed.append({"section": "all five", "grader": grader, "attempts": theirs[0]["attempts"], **parts})
    ratios = []
    for row in [*rows, *summed]:
        ratio = row["seconds"] / ours[row["section"]]
        ratios.append((row, "" if row["grader"] == "autograder" else f"{ratio:.1f}"))
    return ratios


def profile() -> list[str]:
    """Return the part on where the time goes."""
    found = measured("grading")
    if found is None:
        return []
    lines = [
        "## Where the time goes",
        "",
        f"`make bench`: each section's sample class, again and again, with {found['jobs']} jobs. Milliseconds of "
        "processor time for each attempt, by what used it. *Student's code* and *the rest of the child* are the "
        "process in which an attempt runs; *workers* fork and confine it; *judges* ask the questions, compare, and "
        "look for misconceptions (*checks* is the part in the suites and the wire, *the rest* is reading, records, "
        "sending); the *command* finds attempts, keeps records, and writes gradebook and pages, with the help of the "
        "*page writers*. Children are counted when their worker is looked at, five times a second, so those of the "
        "last attempts are not; in a small class of long attempts *the rest of the child* can so come out below 0.",
        "",
        on(found),
        "",
        "| | " + " | ".join(row["section"] for row in found["rows"]) + " |",
        "|---|" + "---:|" * len(found["rows"]),
    ]
    table = [parts(row) for row in found["rows"]]
    for name in table[0]:
        lines.append(f"| {name} | " + " | ".join(f"{column[name]:.1f}" for column in table) + " |")
    lines += [
        "| attempts a second | "
        + " | ".join(f"{row['measured']['attempts'] / row['seconds']:.1f}" for row in found["rows"])
        + " |",
        "| peak memory, MiB | " + " | ".join(f"{row['peak_mib']:.0f}" for row in found["rows"]) + " |",
        "",
    ]
    return lines


def parts(row: Mapping[str, Any]) -> dict[str, float]:
    """Return the milliseconds of processor time for each attempt of a class, by what used them."""
    known, cpu = row["measured"], row["cpu"]
    each = 1000 / known["attempts"]
    told = sum(known[f"command_{part}"] for part in ("start", "collecting", "judging", "delivering"))
    found = {
        "student's code": known["student"],
        "the rest of the child": cpu["children"] - known["student"],
        "workers: start, forks": cpu["workers"],
        "judges: checks": known["checks"],
        "judges: start, the rest": cpu["judges"] - known["checks"],
        "command: start": known["command_start"],
        "command: finding attempts": known["command_collecting"],
        "command: while judges work": known["command_judging"],
        "command: gradebook, pages": known["command_delivering"] + max(0.0, cpu["command"] - told),
        "page writers": cpu["pages"],
    }
    everything = sum(cpu.values())
    found["**everything else than student and checks**"] = everything - known["student"] - known["checks"]
    found["**all**"] = everything
    return {name: each * seconds for name, seconds in found.items()}


def floors() -> list[str]:
    """Return the part on what each piece of work must cost at least."""
    found = (measured("scale") or {}).get("floors")
    if found is None:
        return []
    return [
        "## What it must cost at least",
        "",
        "`make bench-scale` measures what the operating system and the libraries need for one attempt of section 1 "
        "when nothing else is done: one fork of a process that has imported what the worker has, as many messages as "
        "the checks exchange with the student's code, the gradebook's rows written to a new SQLite file, the pages "
        "written to a new folder. Below these no code of ours can go; the distance to the table above is ours.",
        "",
        "| | Milliseconds of processor time |",
        "|---|---:|",
        *(f"| {row['what']} | {row['ms']:.2f} |" for row in found),
        "",
    ]


def one_student() -> list[str]:
    """Return the part on how long one student waits."""
    found = measured("scale")
    if found is None:
        return []
    lines = [
        "## One student",
        "",
        "From `autograder grade` to the page, in a new process with an empty store, the reference solution. "
        "`make bench-scale`.",
        "",
        "| Sections | Median, s | Most, s |",
        "|---|---:|---:|",
    ]
    for row in found["one"]:
        name = row["sections"][0] if len(row["sections"]) == 1 else "all five"
        lines.append(f"| {name} | {row['seconds']:.2f} | {row['most']:.2f} |")
    return [*lines, ""]


def scale() -> list[str]:
    """Return the part on classes from small to large."""
    found = measured("scale")
    if found is None:
        return []
    sizes, first, last = found["sizes"], found["sizes"][-2], found["sizes"][-1]
    more = last["attempts"] - first["attempts"]
    slope = 1024 * (last["peak_mib"] - first["peak_mib"]) / more
    one, both = (row["seconds"] for row in found["jobs"])
    again = found["again"]
    lines = [
        "## A growing class",
        "",
        "`make bench-scale`: section 1, from start to end.",
        "",
        on(found),
        "",
        "| Attempts | Seconds | A second | Processor ms each | Cores busy | Peak MiB | Gradebook and pages, s |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in sizes:
        cpu = sum(row["cpu"].values())
        lines.append(
            f"| {row['attempts']:,} | {row['seconds']:.1f} | {row['attempts'] / row['seconds']:.1f} | "
            f"{1000 * cpu / row['attempts']:.1f} | {cpu / row['seconds']:.2f} | {row['peak_mib']:.0f} | "
            f"{row['measured']['delivering_seconds']:.1f} |"
        )
    marginal = (again[1]["attempts"] - again[0]["attempts"]) / (again[1]["seconds"] - again[0]["seconds"])
    return [
        *lines,
        "",
        "![Processor time and memory against the size of the class](performance.svg)",
        "",
        f"- Memory grows by {slope:.1f} KiB for each attempt between {first['attempts']:,} and {last['attempts']:,}: "
        "what is kept of each is its place and its points.",
        f"- {found['jobs'][1]['jobs']} jobs are {one / both:.2f} times as fast as one ({both:.1f} s and {one:.1f} s "
        f"for {found['jobs'][0]['attempts']} attempts).",
        f"- Grading an unchanged class again takes {again[1]['seconds']:.1f} s for {again[1]['attempts']:,} attempts; "
        f"each more costs {1000 / marginal:.2f} ms, which is {marginal:,.0f} a second.",
        "",
    ]


def picture() -> bytes:
    """Return processor time and memory against the size of the class, as SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    found = measured("scale")
    sizes = [row["attempts"] for row in found["sizes"]]
    with mpl.rc_context({"svg.hashsalt": "performance", "font.family": "DejaVu Sans", "svg.fonttype": "none"}):
        figure, (left, right) = pyplot.subplots(1, 2, figsize=(8.5, 3.2), layout="constrained")
        each = [1000 * sum(row["cpu"].values()) / row["attempts"] for row in found["sizes"]]
        left.plot(sizes, each, "o-", color="#0072b2")
        left.set(xscale="log", ylim=(0, None), xlabel="attempts", title="Processor time of an attempt, ms")
        right.plot(sizes, [row["peak_mib"] for row in found["sizes"]], "o-", color="#d55e00")
        right.set(xscale="log", ylim=(0, None), xlabel="attempts", title="Peak memory, MiB")
        for axes in (left, right):
            axes.grid(alpha=0.3)
            axes.spines[["top", "right"]].set_visible(False)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
        pyplot.close(figure)
    return buffer.getvalue()


def reached() -> list[str]:
    """Return the part on what was to be reached, and what was."""
    rows = [*_of_peers(), *_of_grading(), *_of_scale()]
    if not rows:
        return []
    lines = ["## What was to be reached", "", "| | To reach | Measured | |", "|---|---:|---:|---|"]
    for what, wanted, found, is_reached in rows:
        lines.append(f"| {what} | {wanted} | {found} | {'✓' if is_reached else '**not reached**'} |")
    note = (
        "Seconds and milliseconds depend on the machine, ratios hardly. How fast the machine was says the loop of a "
        "million steps that each part below names."
    )
    return [*lines, "", note, ""]


Row = tuple[str, str, str, bool]


def _of_peers() -> list[Row]:
    found = measured("peers")
    if found is None:
        return []
    seconds = {(row["section"], row["grader"]): row["seconds"] for row, _ in with_ratios(found["rows"])}
    rows: list[Row] = []
    for section, wanted in TARGETS.items():
        for peer, times in zip(("nbgrader", "otter"), wanted, strict=True):
            if times is not None:
                ratio = seconds[section, peer] / seconds[section, "autograder"]
                rows.append((f"{section}: times {peer}", f"≥ {times}", f"{ratio:.0f}", ratio >= times))
    return rows


def _of_grading() -> list[Row]:
    found = measured("grading")
    rows: list[Row] = []
    for row in [] if found is None else found["rows"]:
        table, section = parts(row), row["section"]
        rest, most = table["**everything else than student and checks**"], ELSE_MS[section]
        checks = table["judges: checks"]
        rows.append((f"{section}: everything else, ms", f"≤ {most}", f"{rest:.0f}", rest <= most))
        rows.append((f"{section}: checks, ms", f"≤ {CHECKS_MS}", f"{checks:.0f}", checks <= CHECKS_MS))
    return rows


def _of_scale() -> list[Row]:
    found = measured("scale")
    if found is None:
        return []
    rows: list[Row] = []
    for row in found["one"]:
        whole = len(row["sections"]) > 1
        if whole or row["sections"][0][0] in "123":
            name, most = ("all five", 6) if whole else (row["sections"][0], 3)
            rows.append((f"one student, {name}, s", f"≤ {most}", f"{row['seconds']:.1f}", row["seconds"] <= most))
    one, both = (row["seconds"] for row in found["jobs"])
    again = found["again"]
    marginal = (again[1]["attempts"] - again[0]["attempts"]) / (again[1]["seconds"] - again[0]["seconds"])
    thousand = next(row for row in found["sizes"] if row["attempts"] == 1000)["measured"]["delivering_seconds"]
    rows.append(("two jobs against one", "≥ 1.85", f"{one / both:.2f}", one / both >= 1.85))
    rows.append(("gradebook and pages of 1,000 attempts, s", "≤ 20", f"{thousand:.1f}", thousand <= 20))
    rows.append(("unchanged attempts a second", "≥ 2,000", f"{marginal:,.0f}", marginal >= 2000))
    return rows


PARTS = (reached, peers, profile, floors, one_student, scale)


def document() -> str:
    """Return the whole document."""
    head = [
        "# How fast it is",
        "",
        "Written by `make bench`, `make bench-peers` and `make bench-scale`; nothing in it is typed by hand, and a "
        "test makes it again from what was measured and compares. Speed is never asserted by a timed test, and no "
        "verdict depends on it: [security.md](security.md).",
        "",
    ]
    told = [line for part in PARTS for line in part()]
    return "\n".join([*head, *(told or ["No figures have been kept yet.", ""])])


def write() -> None:
    """Write the document and its picture."""
    atomic.write(DOCUMENT, document().encode())
    if measured("scale") is not None:
        atomic.write(PICTURE, picture())


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the document, or say that it is stale."""
    parser = argparse.ArgumentParser(description="Write docs/performance.md from what was measured last.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if the document is stale")
    if not parser.parse_args(arguments).check:
        write()
        return 0
    stale = not DOCUMENT.is_file() or DOCUMENT.read_bytes() != document().encode()
    sys.stderr.write("docs/performance.md is stale; run `python -m benchmarks.performance`\n" if stale else "")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
