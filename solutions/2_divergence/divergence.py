"""KL divergence, cross-entropy and Jensen-Shannon divergence of discrete distributions.

Write the bodies in this order; the notebook `2_divergence.ipynb` explains each one and checks it at once:

1. ``DivergenceMeasures.kl_divergence``
2. ``checked_pair`` and ``checked_base`` at the end of this file, which refuse bad input for all three
3. ``DivergenceMeasures.js_divergence``
4. ``DivergenceMeasures.cross_entropy``

Each unfinished body raises ``NotImplementedError`` and says what to do. Replace that line by your code.

Sources: S. Kullback and R. A. Leibler, "On Information and Sufficiency", Annals of Mathematical Statistics 22 (1951),
79-86; J. Lin, "Divergence Measures Based on the Shannon Entropy", IEEE Transactions on Information Theory 37 (1991),
145-151.
"""

from __future__ import annotations

import math
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import rel_entr, xlogy

SUM_TOLERANCE = 1e-6
"""How far the sum of a distribution may be from 1."""


class DivergenceMeasures:
    """How far one discrete distribution is from another, in nats unless another ``base`` is given."""

    @staticmethod
    def kl_divergence(p: ArrayLike, q: ArrayLike, base: float = math.e) -> float:
        """Return the Kullback-Leibler divergence D(P||Q) = sum_x P(x) log_b (P(x) / Q(x)), where 0 log (0/q) = 0.

        Parameters
        ----------
        p : array_like, shape (k,)
            Probabilities of the k outcomes under P, what really happens, as a list, tuple or array of int, bool or
            float: finite, not negative, summing to 1 within 1e-6. It is not modified.
        q : array_like, shape (k,)
            Probabilities of the same outcomes under Q, what was believed, with the same conditions.
        base : int or float, default e
            Base b of the logarithm, a finite real number greater than 1. It sets the unit of the result.

        Returns
        -------
        float
            In nats for ``base=math.e``, in bits for ``base=2``. D(P||Q) >= 0 up to rounding, and 0 only for P = Q;
            ``math.inf`` where an outcome can happen under P and cannot under Q.

        Raises
        ------
        ValueError
            If `p` or `q` is no one-dimensional distribution (a table or a single number is none), if they differ in
            length, or if `base` is no finite real number greater than 1. TypeError will do for a single number in
            the place of `p` or `q`, and for a `base` that is no number at all.

        References
        ----------
        Kullback and Leibler (1951), section 2.

        Examples
        --------
        >>> DivergenceMeasures.kl_divergence([0.5, 0.5, 0.0], [0.25, 0.25, 0.5], base=2)
        1.0
        >>> DivergenceMeasures.kl_divergence([0.25, 0.25, 0.5], [0.5, 0.5, 0.0], base=2)
        inf
        """
        truth, belief = checked_pair(p, q)
        return float(rel_entr(truth, belief).sum()) / math.log(checked_base(base)) + 0.0  # no -0.0

    @staticmethod
    def cross_entropy(p: ArrayLike, q: ArrayLike, base: float = math.e) -> float:
        """Return the cross-entropy H(P, Q) = -sum_x P(x) log_b Q(x) = H(P) + D(P||Q), where 0 log 0 = 0.

        Parameters
        ----------
        p : array_like, shape (k,)
            Probabilities of the k outcomes under P, what really happens, as a list, tuple or array of int, bool or
            float: finite, not negative, summing to 1 within 1e-6. It is not modified.
        q : array_like, shape (k,)
            Probabilities of the same outcomes under Q, what was predicted, with the same conditions. These are
            probabilities, no logits.
        base : int or float, default e
            Base b of the logarithm, a finite real number greater than 1. It sets the unit of the result.

        Returns
        -------
        float
            In nats for ``base=math.e``, in bits for ``base=2``. H(P, Q) >= H(P) up to rounding, with equality only
            for P = Q; ``math.inf`` where an outcome can happen under P and cannot under Q.

        Raises
        ------
        ValueError
            If `p` or `q` is no one-dimensional distribution (a table or a single number is none), if they differ in
            length, or if `base` is no finite real number greater than 1. TypeError will do for a single number in
            the place of `p` or `q`, and for a `base` that is no number at all.

        References
        ----------
        Cover and Thomas, Elements of Information Theory (2006), theorem 5.4.3.

        Examples
        --------
        >>> DivergenceMeasures.cross_entropy([0.5, 0.25, 0.25], [0.25, 0.25, 0.5], base=2)
        1.75
        >>> DivergenceMeasures.cross_entropy([1.0, 0.0], [0.25, 0.75], base=2)
        2.0
        """
        truth, belief = checked_pair(p, q)
        return -float(xlogy(truth, belief).sum()) / math.log(checked_base(base)) + 0.0

    @staticmethod
    def js_divergence(p: ArrayLike, q: ArrayLike, base: float = math.e) -> float:
        """Return the Jensen-Shannon divergence D(P||M)/2 + D(Q||M)/2 with the mixture M = (P + Q)/2.

        Parameters
        ----------
        p : array_like, shape (k,)
            Probabilities of the k outcomes under P, as a list, tuple or array of int, bool or float: finite, not
            negative, summing to 1 within 1e-6. It is not modified.
        q : array_like, shape (k,)
            Probabilities of the same outcomes under Q, with the same conditions.
        base : int or float, default e
            Base b of the logarithm, a finite real number greater than 1. It sets the unit of the result.

        Returns
        -------
        float
            In nats for ``base=math.e``, in bits for ``base=2``. JS(P, Q) = JS(Q, P) with 0 <= JS <= log_b 2, up to
            rounding. Always finite. (Entries above 0 are at least 1e-300.)

        Raises
        ------
        ValueError
            If `p` or `q` is no one-dimensional distribution (a table or a single number is none), if they differ in
            length, or if `base` is no finite real number greater than 1. TypeError will do for a single number in
            the place of `p` or `q`, and for a `base` that is no number at all.

        Notes
        -----
        The square root of this number is a metric (Endres and Schindelin 2003); SciPy's
        ``scipy.spatial.distance.jensenshannon`` returns that root.

        References
        ----------
        Lin (1991), section IV, with equal weights.

        Examples
        --------
        >>> DivergenceMeasures.js_divergence([1.0, 0.0], [0.0, 1.0], base=2)
        1.0
        """
        first, second = checked_pair(p, q)
        total = first + second  # 2 M: half of the smallest float would be 0, so the numerators are doubled instead
        nats = float((rel_entr(2 * first, total) + rel_entr(2 * second, total)).sum()) / 4
        return nats / math.log(checked_base(base)) + 0.0


def checked_pair(p: ArrayLike, q: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return `p` and `q` as new arrays of floats, or refuse them because they are no two distributions to compare.

    Parameters
    ----------
    p, q : array_like, shape (k,)
        What the caller was given: lists, tuples or arrays of int, bool or float. Text and complex numbers may be taken
        or refused.

    Returns
    -------
    tuple of two numpy.ndarray of float64, shape (k,)
        The same values, safe to change.

    Raises
    ------
    ValueError
        If one of them has not exactly one dimension, is empty, holds NaN, an infinite or a negative number, or
        does not sum to 1 within ``SUM_TOLERANCE``; or if they differ in length. The message names the argument, the
        rule and the offending value.
    """
    first, second = _checked_distribution(p, "p"), _checked_distribution(q, "q")
    if first.size != second.size:
        raise ValueError(f"`p` and `q` must have the same outcomes; got {first.size} and {second.size} of them")
    return first, second


def _checked_distribution(p: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return `p` as a new array of floats with one dimension, or raise ValueError because it is no distribution."""
    try:
        values = np.asarray(p)
        if values.dtype.kind not in "biufO":
            raise TypeError(f"numbers expected, found {values.dtype}")
        values = values.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"`{name}` must be an array of numbers; got {p!r}") from error
    if values.ndim != 1:
        raise ValueError(f"`{name}` must have one dimension; got shape {values.shape}. Flatten tables first")
    if values.size == 0:
        raise ValueError(f"`{name}` must have at least one outcome; got an empty array")
    if not np.isfinite(values).all():
        raise ValueError(f"`{name}` must be finite; got {values[~np.isfinite(values)][0]}")
    if values.min() < 0:
        raise ValueError(f"`{name}` must not be negative; got {values.min():g}. Logits need a softmax first")
    if values.max() > 1 + SUM_TOLERANCE:
        raise ValueError(f"`{name}` must not exceed 1; got {values.max():g}. Counts need a division, logits a softmax")
    total = values.sum()
    if abs(total - 1) > SUM_TOLERANCE:
        raise ValueError(f"`{name}` must sum to 1 within {SUM_TOLERANCE:g}; got {total:.10g} (shape {values.shape})")
    return values


def checked_base(base: float) -> float:
    """Return `base`, or refuse it because no logarithm to that base measures information.

    Parameters
    ----------
    base : int or float
        What the caller was given. Other kinds of numbers (Fraction, complex, NumPy's integers) and ints too large for a
        float may be taken or refused.

    Returns
    -------
    float
        The same number.

    Raises
    ------
    ValueError
        If `base` is not a finite real number greater than 1 (TypeError will do where it is not a number at all). The
        message names the argument, the rule and the offending value.
    """
    if not isinstance(base, Real) or not 1 < base < math.inf:
        raise ValueError(f"`base` must be a finite real number greater than 1; got {base!r}")
    return base
