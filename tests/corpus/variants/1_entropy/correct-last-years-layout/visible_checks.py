"""Checks that answer at once."""

import entropy as student
from notebook_helpers import show


def check_entropy():
    """Show the entropy of a fair coin."""
    show(student.InformationMeasures.entropy([0.5, 0.5]))
