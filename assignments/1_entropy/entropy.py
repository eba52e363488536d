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
            Probabilities of the k outcomes: finite, not negative, summing to 1 within 1e-6.
            It is not modified.
        base : float, default 2
            Base b of the logarithm, a real number greater than 1. It sets the unit of the result.

        Returns
        -------
        float
            H(X) with 0 <= H(X) <= log_b k; in bits for ``base=2``, in nats for ``base=math.e``.

        Raises
        ------
        ValueError
            If `p` is no one-dimensional distribution or `base` is no real number greater than 1.

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
            One joint distribution with an axis for each variable, any number of them; all entries together
            are finite, not negative and sum to 1 within 1e-6. It is not modified.
        base : float, default 2
            Base b of the logarithm, a real number greater than 1. It sets the unit of the result.

        Returns
        -------
        float
            The entropy of all variables together; in bits for ``base=2``, in nats for ``base=math.e``.

        Raises
        ------
        ValueError
            If `joint_p` is no distribution or `base` is no real number greater than 1.

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
            Joint distribution ``joint_p[x, y]``: finite, not negative, summing to 1 within 1e-6.
            It is not modified. Conditions of probability zero (empty rows or columns) contribute nothing.
        axis : {0, 1}, default 1
            Axis of the variable that is conditioned on, that is, of the one you know:
            1 gives H(X|Y), 0 gives H(Y|X).
        base : float, default 2
            Base b of the logarithm, a real number greater than 1. It sets the unit of the result.

        Returns
        -------
        float
            The average uncertainty about one variable that is left when the other is known;
            in bits for ``base=2``, in nats for ``base=math.e``.

        Raises
        ------
        ValueError
            If `joint_p` is no two-dimensional distribution, `axis` is neither 0 nor 1, or `base` is no
            real number greater than 1.

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
    """Return `p` as a new array of floats, or refuse it because it is no probability distribution.

    Nothing is repaired: a clipped or rescaled input would give a number that answers another question.

    Parameters
    ----------
    p : array_like
        What the caller was given: a list, tuple or array of int, bool or float; any number of dimensions.
    name : str
        Name of the argument, for the message.

    Returns
    -------
    numpy.ndarray of float64
        The same values in the same shape, safe to change.

    Raises
    ------
    ValueError
        If `p` is empty, holds something that is no finite number, a negative one, or does not sum to 1
        within ``SUM_TOLERANCE``. The message names the argument, the rule and the offending value.
    """
    raise NotImplementedError(
        "checked_distribution: convert to floats; raise ValueError if empty, not finite, negative or not summing to 1"
    )


def checked_base(base: float) -> float:
    """Return `base`, or refuse it because no logarithm to that base measures information.

    Parameters
    ----------
    base : float
        What the caller was given.

    Returns
    -------
    float
        The same number.

    Raises
    ------
    ValueError
        If `base` is not a finite real number greater than 1. The message names the argument, the rule and
        the offending value.
    """
    raise NotImplementedError("checked_base: raise ValueError unless `base` is a finite real number greater than 1")
