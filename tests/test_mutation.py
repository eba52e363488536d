"""Mutants of the reference modules: made as said, and what was measured fits what is there. Nothing is judged here."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import Course
from autograder.judge.suite import Suite
from benchmarks import mutants, mutation
from tests.conftest import ROOT

SOURCE = '''"""A module."""
LIMIT = 3


class Measures:
    def half(x: int, base: float = 2) -> float:
        """Return x / 2."""
        if x < 0:
            raise ValueError(f"too small: {x + 1}")
        return round(x / base, LIMIT)
'''


@pytest.fixture(scope="module")
def made(course: Course) -> dict[str, list[mutants.Mutant]]:
    return {
        name: mutants.mutants(name, (ROOT / "source" / name).read_text(encoding="utf-8"))
        for name in mutants.modules(course)
    }


def test_a_mutant_is_the_module_with_one_change() -> None:
    found = {(mutant.function, mutant.line, mutant.becomes) for mutant in mutants.mutants("m.py", SOURCE)}

    assert found >= {
        ("", "LIMIT = 3", "LIMIT = 4"),
        ("Measures.half", "if x < 0:", "if x <= 0:"),
        ("Measures.half", "return round(x / base, LIMIT)", "return round(x * base, LIMIT)"),
        ("Measures.half", "return round(x / base, LIMIT)", "return round(None, LIMIT)"),
        ("Measures.half", "def half(x: int, base: float = 2) -> float:", "def half(x: int, base: float = 3) -> float:"),
    }
    for mutant in mutants.mutants("m.py", SOURCE):
        changed = [
            pair for pair in zip(SOURCE.splitlines(), mutant.source.splitlines(), strict=True) if len({*pair}) > 1
        ]
        assert [(old.strip(), new.strip()) for old, new in changed] == [(mutant.line, mutant.becomes)]


def test_a_refusal_is_let_through_and_its_words_are_left_alone() -> None:
    found = [mutant for mutant in mutants.mutants("m.py", SOURCE) if mutant.line.startswith("raise")]

    assert [mutant.becomes for mutant in found] == ["pass"]


def test_every_mutant_is_another_module_that_can_be_read(made: dict[str, list[mutants.Mutant]]) -> None:
    for name, found in made.items():
        source = (ROOT / "source" / name).read_text(encoding="utf-8")
        sources = {mutant.source for mutant in found}

        assert len(sources) == len(found) > 0
        assert source not in sources
        for mutant in found[::9]:
            compile(mutant.source, name, "exec")


def test_every_equivalent_is_a_mutant_that_is_there(made: dict[str, list[mutants.Mutant]]) -> None:
    keys = {mutant.key for found in made.values() for mutant in found}

    assert [entry.key for entry in mutants.equivalents() if entry.key not in keys] == []


def test_what_was_measured_fits_the_modules_and_the_equivalents(made: dict[str, list[mutants.Mutant]]) -> None:
    measured = {name: module for section in mutation.stored().values() for name, module in section["modules"].items()}
    listed = {entry.key for entry in mutants.equivalents()}

    assert {name: module["mutants"] for name, module in measured.items()} == {
        name: len(found) for name, found in made.items()
    }, "run `make mutation`"
    assert {(name, *key) for name, module in measured.items() for key in module["equivalent"]} == listed
    for module in measured.values():
        assert module["survivors"] == []
        assert module["killed"] + len(module["equivalent"]) == module["mutants"]


def test_what_was_measured_fits_the_checks_and_every_check_finds_something(course: Course) -> None:
    results = mutation.stored()

    assert mutation.idle_checks(results) == []
    for section in course.sections:
        there = {check.name: check.points for check in Suite(course, section).checks}
        assert there == {name: check["points"] for name, check in results[section.id]["checks"].items()}, (
            "run `make mutation`"
        )


def test_the_table_of_checks_is_what_the_command_makes() -> None:
    assert mutation.MATRIX.read_text(encoding="utf-8") == mutation.matrix(mutation.stored()), "run `make mutation`"


def test_a_listed_equivalent_needs_a_reason_and_stands_there_once(tmp_path: Path) -> None:
    entry = '{ module = "m.py", function = "f", line = "a", becomes = "b" }'
    for group in (f'reason = " "\nmutants = [{entry}]', f'reason = "so"\nmutants = [{entry}, {entry}]'):
        path = tmp_path / "equivalent.toml"
        path.write_text(f"[[equivalent]]\n{group}\n")

        with pytest.raises(ValueError, match="one entry with a reason"):
            mutants.equivalents(path)


def test_score_and_survivors_are_reported() -> None:
    module = {"mutants": 10, "killed": 7, "equivalent": [["f", "a", "b"]], "survivors": [["f", "a - b", "a + b"]] * 2}
    check = {"item": "example-1", "points": 1, "mutants": 0, "alone": 0, "samples": 0}
    results = {"1": {"modules": {"1/m.py": module}, "samples": 3, "checks": {"idle": check}}}

    text = mutation.report(results)

    assert "77.8%" in text
    assert text.count("  + a + b") == 2
    assert "example-1: idle" in text
