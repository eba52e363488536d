"""The visible checks outside of Jupyter: run ``python -m pytest`` in the section's folder."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from . import visible_checks

# Reports with parameters check what a notebook defines; they run in the notebook only.
REPORTS = [
    report
    for name, report in inspect.getmembers(visible_checks, inspect.isfunction)
    if name.endswith("_report") and not inspect.signature(report).parameters
]


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.__name__.removesuffix("_report"))
def test_visible_checks(report: Callable[[], Any]) -> None:
    """Fail with what the notebook would show."""
    found = report()
    if not found.passed:
        pytest.fail(repr(found), pytrace=False)
