"""What long runs have found, kept as data in `docs/measured/`, and the machine that they ran on."""

from __future__ import annotations

import json
import os
import platform
import time
from pathlib import Path
from typing import Any

from autograder import atomic

FIGURES = Path(__file__).resolve().parents[1] / "docs" / "measured"


def measured(name: str) -> Any:
    """Return what a run has left in `docs/measured`, or None if there was none yet."""
    path = FIGURES / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def keep(name: str, found: Any) -> None:
    """Keep what a run has found, for `measured`."""
    atomic.write(FIGURES / f"{name}.json", (json.dumps(found, indent=1) + "\n").encode())


def machine() -> dict[str, Any]:
    """Return what figures are measured on, and when."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": model or platform.machine(),
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
        "loop_ms": min(_loop_ms() for _ in range(5)),
    }


def _loop_ms() -> float:
    """Return the milliseconds that a loop of a million steps takes: by it, figures of two machines can be compared."""
    began, step = time.process_time(), 0
    while step < 1_000_000:
        step += 1
    return 1000 * (time.process_time() - began)
