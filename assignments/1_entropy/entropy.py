"""Entropy, joint entropy and conditional entropy of discrete distributions.

Write the bodies in this order; the notebook `1_entropy.ipynb` explains each one and checks it at once:

1. ``InformationMeasures.entropy``
2. ``checked_distribution`` and ``checked_base`` at the end of this file, which refuse bad input for all three
3. ``InformationMeasures.joint_entropy``
4. ``InformationMeasures.conditional_entropy``

Each unfinished body raises ``NotImplementedError`` and says what to do. Replace that line by your code.

Source of all three quantities: C. E. Shannon, "A Mathematical Theory of Communication",
Bell System Technical Journal 27 (1948), section 6, "Choice, uncertainty and entropy".
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

SUM_TOLERANCE = 1e-6
"""How far the sum of a distribution may be from 1."""


class InformationMeasures:
    """Entropies of discrete distributions, in bits unless another ``base`` is given."""

    @staticmethod
    def entropy(p: ArrayLike, base: float = 2) -> float:
        """Return the Shannon entropy H(X) = -sum_x P(x) log_b P(x), where 0 log 0 = 0.

        Parameters
        ----------
        p : array_like, shape (k,)
            Probabilities of the k outcomes, at least one: a list, tuple or array of float, float32, int or bool;
            finite, not negative, summing to 1 within 1e-6. It is not modified.
        base : int or float, default 2
            Base b of the logarithm, a finite real number greater than 1. It sets the unit of the result.

        Returns
        -------
        float
            One number, H(X) with 0 <= H(X) <= log_b k up to rounding; in bits for ``base=2``, in nats for
            ``base=math.e``.

        Raises
        ------
        ValueError
            If `p` is a single number or has more than one axis, if it is not a distribution (empty, negative,
            infinite or NaN entries, another sum), or if `base` is not a finite real number greater than 1
            (TypeError will do where `base` is not a number at all).

        References
        ----------
        Shannon (1948), section 6.

        Examples
        --------
        >>> InformationMeasures.entropy([0.5, 0.5])
        1.0
        >>> InformationMeasures.entropy([0.5, 0.25, 0.25])
        1.5
        """
        raise NotImplementedError(
            "entropy: check `p` and `base`, then add up P(x) log(1/P(x)) over the outcomes with P(x) > 0"
        )

    @staticmethod
    def joint_entropy(joint_p: ArrayLike, base: float = 2) -> float:
        """Return the joint entropy H(X, Y, ...) = -sum P(x, y, ...) log_b P(x, y, ...), where 0 log 0 = 0.

        Parameters
        ----------
        joint_p : array_like, shape (k_x, k_y, ...)
            One joint distribution with an axis for each variable, one or more of them: nested lists or tuples, or
            an array, of float, float32, int or bool. All entries are finite and not negative, and all together
            they sum to 1 within 1e-6. It is not modified.
        base : int or float, default 2
            Base b of the logarithm, a finite real number greater than 1. It sets the unit of the result.

        Returns
        -------
        float
            One number, the entropy of all variables together; in bits for ``base=2``, in nats for
            ``base=math.e``.

        Raises
        ------
        ValueError
            If `joint_p` is not a distribution (empty, negative, infinite or NaN entries, another sum), or if
            `base` is not a finite real number greater than 1 (TypeError will do where `base` is not a number
            at all).

        References
        ----------
        Shannon (1948), section 6, property 3.

        Examples
        --------
        >>> InformationMeasures.joint_entropy([[0.5, 0.25], [0.25, 0.0]])
        1.5
        """
        raise NotImplementedError("joint_entropy: check `joint_p` and `base`; every cell of the table is one outcome")

    @staticmethod
    def conditional_entropy(joint_p: ArrayLike, axis: int = 1, base: float = 2) -> float:
        """Return H(X|Y) = sum_y P(y) H(X|Y=y) = -sum_{x,y} P(x, y) log_b P(x|y), or H(Y|X) for ``axis=0``.

        Parameters
        ----------
        joint_p : array_like, shape (k_x, k_y)
            Joint distribution ``joint_p[x, y]``: nested lists or tuples, or an array, of float, float32, int or
            bool; finite, not negative, summing to 1 within 1e-6. It is not modified. Conditions of probability
            zero (empty rows or columns) contribute nothing.
        axis : {0, 1}, default 1
            Axis of the variable that is conditioned on, that is, of the one you know:
            1 gives H(X|Y), 0 gives H(Y|X). True and 1.0 may be taken for 1 or refused.
        base : int or float, default 2
            Base b of the logarithm, a finite real number greater than 1. It sets the unit of the result.

        Returns
        -------
        float
            One number, the average uncertainty about one variable that is left when the other is known;
            in bits for ``base=2``, in nats for ``base=math.e``.

        Raises
        ------
        ValueError
            If `joint_p` does not have two axes, if it is not a distribution (empty, negative, infinite or NaN
            entries, another sum), if `axis` is neither 0 nor 1, or if `base` is not a finite real number
            greater than 1 (TypeError will do where `axis` or `base` is not a number at all).

        References
        ----------
        Shannon (1948), section 6, property 5.

        Examples
        --------
        >>> InformationMeasures.conditional_entropy([[0.5, 0.0], [0.25, 0.25]], axis=0)
        0.5
        """
        raise NotImplementedError(
            "conditional_entropy: check the arguments, then average H(X|Y=y) with the weights P(y)"
        )


def checked_distribution(p: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return `p` as a new array of floats, or refuse it because it is not a probability distribution.

    Nothing is repaired: a clipped or rescaled input would give a number that answers another question.

    Parameters
    ----------
    p : array_like
        What the caller was given: a list, tuple or array of int, bool or float; any number of dimensions.
        Text and complex numbers may be taken or refused.
    name : str
        Name of the argument, for the message.

    Returns
    -------
    numpy.ndarray of float64
        The same values in the same shape, safe to change.

    Raises
    ------
    ValueError
        If `p` is empty, holds NaN, an infinite or a negative number, or does not sum to 1 within
        ``SUM_TOLERANCE``. The message names the argument, the rule and the offending value.
    """
    raise NotImplementedError(
        "checked_distribution: convert to floats; raise ValueError if empty, not finite, negative or not summing to 1"
    )


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
    raise NotImplementedError("checked_base: raise ValueError unless `base` is a finite real number greater than 1")
