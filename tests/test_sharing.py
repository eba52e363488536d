"""Tutors share a class without a server: each text has its reader, or two, whoever works it out."""

from dataclasses import replace

import pytest

from autograder.review.sharing import ALL, Share
from tests.test_likeness import explanation

TEXTS = [explanation(f"Text {number}.", f"student{number}") for number in range(2000)]


@pytest.mark.parametrize("of", [1, 2, 3, 7])
def test_every_text_has_one_reader_and_shares_are_about_equal(of: int) -> None:
    readers = [[place for place in range(1, of + 1) if Share(place, of).holds(text)] for text in TEXTS]

    assert {len(of_text) for of_text in readers} == {1}
    sizes = [sum(of_text == [place] for of_text in readers) for place in range(1, of + 1)]
    # Binomial(2000, 1/of): five standard errors.
    assert all(abs(size - 2000 / of) <= 5 * (2000 / of * (1 - 1 / of)) ** 0.5 for size in sizes)


def test_the_part_that_is_read_twice_has_two_readers() -> None:
    readers = [Share(1, 3, 0.1).readers(text) for text in TEXTS]

    assert {len(of_text) for of_text in readers} == {1, 2}
    twice = sum(len(of_text) == 2 for of_text in readers)
    assert abs(twice - 200) <= 5 * (2000 * 0.1 * 0.9) ** 0.5
    assert {frozenset(of_text) for of_text in readers if len(of_text) == 2} == {
        frozenset(pair) for pair in ((1, 2), (1, 3), (2, 3))
    }


def test_all_or_nothing_can_be_read_twice() -> None:
    assert all(Share(1, 2, 1.0).readers(text) == {1, 2} for text in TEXTS[:100])
    assert all(len(Share(1, 2, 0.0).readers(text)) == 1 for text in TEXTS[:100])
    assert all(ALL.holds(text) for text in TEXTS[:100])


def test_who_reads_a_text_depends_on_the_text_alone() -> None:
    share = Share(1, 3, 0.5)

    assert all(share.readers(replace(text, student="someone", decision=None)) == share.readers(text) for text in TEXTS)
    assert share.readers(explanation("Text 1.")) == {1, 2}, "the split must stay as it is: tutors have begun"
