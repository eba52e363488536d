"""Judges student work on the course *Information theory for machine learning*.

``source`` teaches, ``autograder`` judges, ``tests`` judges the judge.
"""

__version__ = "0.2.0"
