"""Every sample of the corpus, run through the real grader: each must get what its `sample.toml` says.

A hostile one must, beside that, leave the next attempt of the same worker and slot alone, and what is written about it
must be read and never act: in a browser, a spreadsheet, a terminal.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from autograder import score
from autograder.collect import attempt as make_attempt
from autograder.collect import collect
from autograder.confine import WALLS
from autograder.course import Course, load
from autograder.judge import Suite
from autograder.link import Link
from autograder.pool import Pool
from autograder.report import table
from autograder.report.feedback import page
from autograder.report.grades_csv import csv_text
from autograder.samples import Sample, disagreements, load_samples, write_sample
from autograder.store import encode
from tests.conftest import QUICK, ROOT

SHELVES = ("class", "variants", "hostile")
SAMPLES = [sample for shelf in SHELVES for sample in load_samples(load(ROOT), ROOT / "tests" / "corpus" / shelf)]


@pytest.fixture(scope="module")
def suites(course: Course) -> dict[str, Suite]:
    return {
        section.id: Suite(course, replace(section, limits=replace(QUICK, slow_calls=section.limits.slow_calls)))
        for section in course.sections
    }


@pytest.fixture(scope="module")
def victims_record(course: Course, suites: dict[str, Suite], link_of_victim: Link) -> dict[str, Any]:
    """Return the record of an honest attempt that was judged by a slot in which no hostile one ever ran."""
    return record_of(VICTIM, course, suites, link_of_victim)


@pytest.fixture(scope="module")
def link_of_victim(pool: Pool) -> Iterator[Link]:
    connection = Link(pool.folder)
    yield connection
    connection.close()


VICTIM = next(sample for sample in SAMPLES if (sample.section, sample.name) == ("1_entropy", "reference"))


def record_of(sample: Sample, course: Course, suites: dict[str, Suite], link: Link) -> dict[str, Any]:
    attempt = make_attempt(course.section(sample.section), sample.student, Path(), sample.files)
    header = score.Header(sample.section, attempt.digest, "suite", course.seed, "grader", WALLS)
    judgement = suites[sample.section].judge(attempt, link, course.seed)
    return score.record(course.section(sample.section), judgement, header, attempt.notes)


@pytest.mark.parametrize("sample", SAMPLES, ids=[f"{sample.section}/{sample.name}" for sample in SAMPLES])
def test_a_sample_gets_what_it_must(
    sample: Sample,
    course: Course,
    suites: dict[str, Suite],
    link: Link,
    victims_record: dict[str, Any],
    tmp_path: Path,
) -> None:
    write_sample(sample, tmp_path)
    collection = collect(course, tmp_path)
    (attempt,) = collection.attempts
    section = course.section(sample.section)
    header = score.Header(sample.section, attempt.digest, "suite", course.seed, "grader", WALLS)

    judgement = suites[sample.section].judge(attempt, link, course.seed)

    record = score.record(section, judgement, header, attempt.notes)
    assert collection.problems == ()
    assert disagreements(sample, record) == []
    if sample.name.startswith("hostile-"):
        assert encode(record_of(VICTIM, course, suites, link)) == encode(victims_record)
        assert_is_only_read(course, attempt.student, record)


def assert_is_only_read(course: Course, student: str, record: dict[str, Any]) -> None:
    """Assert that page, CSV and table about `record` hold nothing that acts."""
    shown = BeautifulSoup(page(course, student, record), "html.parser")
    assert {tag.name for tag in shown.find_all()} <= TAGS
    assert all(not name.startswith("on") for tag in shown.find_all() for name in tag.attrs)
    assert all(link["href"].startswith("#") for link in shown.find_all(href=True))
    assert shown.find_all(src=True) == []
    cells = [cell for row in csv.reader(io.StringIO(csv_text(course, [(student, record)]))) for cell in row]
    assert [cell for cell in cells if cell.lstrip()[:1] in ("=", "+", "-", "@") and not is_number(cell)] == []
    terminal = io.StringIO()
    table.show(course, [(student, record)], "table", terminal, course.seed)
    for text in (terminal.getvalue(), *table.problems(course, [(student, record)])):
        assert all(line.isprintable() for line in text.split("\n")), text


TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "article", "div", "span", "p",
    "h1", "h2", "h3", "h4", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td", "caption", "a",
    "bdi", "code", "pre", "strong", "em", "b", "wbr", "br", "details", "summary", "svg", "rect", "nav",
}  # fmt: skip


def is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9.]+", text) is not None


def test_attacks_are_many_and_each_says_what_it_tries() -> None:
    attacks = {sample.about: sample.name for sample in SAMPLES if sample.name.startswith("hostile-")}

    assert len(set(attacks.values())) >= 60
    assert len(attacks) >= 60


def test_the_class_covers_what_can_go_wrong() -> None:
    for section in {sample.section for sample in SAMPLES}:
        names = [sample.name for sample in SAMPLES if sample.section == section]
        for kind, least in (("correct-", 4), ("mistake-", 5), ("broken-", 5), ("hostile-", 5)):
            assert sum(name.startswith(kind) for name in names) >= least, (section, kind)
