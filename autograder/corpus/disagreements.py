"""Compares the record of a sample with what the sample must get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.corpus.samples import Expectation, Sample
from autograder.verdict import Verdict


def disagreements(sample: Sample, record: Mapping[str, Any]) -> list[str]:
    """Return where a record differs from what `sample` must get, one line for each; empty if it is as expected."""
    expect = sample.expect
    items: Mapping[str, Any] = record["items"]
    checks = [(item_id, check) for item_id, item in items.items() for check in item["checks"]]
    failed = {check["function"] for _, check in checks if check["verdict"] != Verdict.PASSED.value}
    hints = {hint["misconception"] for _, check in checks for hint in check.get("hints", ())}
    found = []
    if record["status"] != expect.status:
        found.append(f"status is {record['status']!r} ({record.get('reason')}), not {expect.status!r}")
    for item_id, check in checks:
        allowed = _allowed(expect, item_id, check)
        if check["verdict"] not in allowed:
            got = f"{check['verdict']} ({check['message']})"
            found.append(f"{item_id}, {check['name']}: {got}, not {' or '.join(allowed)}")
    run = {check["name"] for _, check in checks}
    found += [f"no check named {name} was run" for name in expect.checks if name not in run]
    found += [f"{name} passed every check" for name in expect.functions if name not in failed]
    for item_id, points in expect.points.items():
        got = items.get(item_id, {}).get("points")
        if got != points:
            found.append(f"{item_id}: {got} points, not {points:g}")
    for item_id, wanted in expect.suggestion.items():
        item = items.get(item_id, {})
        suggested = (item.get("suggestion") or {}).get("points")
        if suggested != wanted:
            remarks = " ".join(item.get("remarks", ()))
            found.append(f"{item_id}: {suggested} points are suggested, not {wanted} ({remarks})")
    found += [
        f"misconception {name} is not named, only {sorted(hints)}"
        for name in expect.misconceptions
        if name not in hints
    ]
    follows = {check["name"] for _, check in checks if check.get("follows_from")}
    found += [f"{name} does not follow from another function" for name in expect.follows if name not in follows]
    found += [f"{name} is said to follow from another function" for name in sorted(follows - set(expect.follows))]
    notes = "\n".join(record["notes"])
    found += [f"no note says {note!r}: {record['notes']}" for note in expect.notes if note not in notes]
    return found


def _allowed(expect: Expectation, item: str, check: Mapping[str, Any]) -> tuple[str, ...]:
    passed = Verdict.PASSED.value
    if check["name"] in expect.checks:
        return expect.checks[check["name"]]
    if item in expect.all_of:
        return expect.all_of[item]
    if check["function"] in expect.functions:
        return (*expect.functions[check["function"]], passed)
    return (passed,)
