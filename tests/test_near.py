"""What a name that is not known was probably meant to be."""

import pytest

from autograder.near import did_you_mean, nearest

SECTIONS = ["1_entropy", "2_divergence", "3_mutual_information"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("1_entrpy", "1_entropy"),
        ("entropy", "1_entropy"),
        ("2_Divergence", "2_divergence"),
        ("3", "3_mutual_information"),
        ("9_chaos", None),
        ("", None),
    ],
)
def test_a_name_with_a_slip_is_recognised(name, meant):
    assert nearest(name, SECTIONS) == meant


def test_a_beginning_that_two_names_share_means_neither():
    assert nearest("hom", ["homework-of-ada", "homework-of-bob"]) is None


def test_names_keep_their_case():
    assert nearest("ADA", ["Ada", "Bob"]) == "Ada"


def test_without_a_near_name_the_message_says_something_else():
    assert did_you_mean("1_entrpy", SECTIONS, "look") == "did you mean `1_entropy`?"
    assert did_you_mean("9_chaos", SECTIONS, "look") == "look"
