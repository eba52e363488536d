"""Hidden checks of `surprise`."""

from scipy.special import rel_entr

from autograder.checks.answers import approx, item, points, raises

pytestmark = item("example-1")


@points(1, function="surprise", reveal=True)
def test_heads_of_a_fair_coin_is_one_bit(surprise):
    """Heads of a fair coin has a surprise of 1 bit."""
    assert surprise.surprise(0.5) == approx(1.0, unit="bits")


@points(2, function="surprise")
def test_any_probability(surprise, rng):
    """The surprise of an event with probability p is log 1/p, in bits."""
    p = float(rng.uniform(0.01, 0.99))
    assert surprise.surprise(p) == approx(float(rel_entr(1, p)) / 0.6931471805599453, unit="bits")


@points(1, function="surprise")
def test_what_is_no_probability_is_refused(surprise):
    """Numbers that cannot be the probability of a possible event are refused with a ValueError."""
    for number in (0.0, -0.5, 1.5):
        with raises(ValueError, f"surprise({number})"):
            surprise.surprise(number)
    assert surprise.surprise(1.0) == approx(0.0, unit="bits")
