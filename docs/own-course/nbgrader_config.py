"""Settings of nbgrader for this course; nbgrader reads them when it is started in this folder."""

import sys
from pathlib import Path

try:
    from autograder.nbgrader_hooks import configure

    configure(get_config(), Path(__file__).resolve().parent)  # noqa: F821 # nbgrader defines it
except Exception as error:  # noqa: BLE001 # nbgrader would go on without these settings and release the solutions
    sys.exit(f"nbgrader_config.py: {error}; install requirements.txt, or repair what is named, before using nbgrader")
