"""What every notebook of the course uses to show checks and notes."""

import contextlib

class unfinished(contextlib.suppress):
    """Context manager: where a function is not written yet, go on."""

    def __init__(self):
        super().__init__(NotImplementedError)


def show(value):
    """Print a value."""
    print(value)
