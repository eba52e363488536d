"""Hidden check of the exercise."""

from autograder.checks.answers import approx, item, points

pytestmark = item("exercise-1")


@points(2, function="card_surprise")
def test_one_card_of_52(notebook):
    """The ace of spades is one of 52 cards."""
    assert notebook.card_surprise == approx(5.700439718141093, unit="bits")
