"""What a grader and its warm workers have agreed on: how much each imports, where it serves, and how it reports.

This module imports nothing, because the grader's own process needs it and none of what a worker imports.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

# What a worker imports before it forks, level by level; each level includes those before it. The more its parent has
# mapped, the more a fork costs, so code that never mentions torch runs in a worker without it.
LEVELS = {
    "numpy": (
        "numpy", "numpy.random", "numpy.linalg", "scipy.special", "scipy.stats", "scipy.optimize", "scipy.integrate",
        "scipy.linalg", "scipy.interpolate", "scipy.spatial.distance", "IPython.display", "ipykernel",
        "collections", "decimal", "fractions", "functools", "itertools", "math", "operator", "random", "statistics",
        "heapq", "textwrap", "typing", "dataclasses", "warnings", "time",
    ),
    "matplotlib": ("matplotlib.pyplot", "matplotlib_inline.backend_inline", "ipywidgets"),
    "sklearn": (
        "sklearn.datasets", "sklearn.feature_selection", "sklearn.linear_model", "sklearn.metrics",
        "sklearn.model_selection", "sklearn.preprocessing",
    ),
    "torch": (
        "torch", "torch.nn.functional", "torch.optim", "torch.distributions", "torch.utils.data",
        "torch._dynamo",  # the first optimiser of a process imports it, for two seconds that students must not pay for
    ),
}  # fmt: skip
READY = "ready"  # the line that a worker prints once it serves; if it can't, it prints the reason instead
NAME = "worker-"  # of every worker's process, before its level
MAX_SLOTS = 1000  # of one worker; children of different workers run as different users


class Place(NamedTuple):
    """Where a worker serves, and how much it has imported."""

    folder: Path
    level: str


def socket_path(folder: Path) -> Path:
    """Return where a worker in `folder` listens."""
    return folder / "worker.sock"


def leash_path(folder: Path) -> Path:
    """Return where a grader waits for the worker that will serve in `folder`, if that is a fork of another one."""
    return folder / "leash.sock"
