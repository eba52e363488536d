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

### BEGIN SOLUTION
from numbers import Real

### END SOLUTION
import numpy as np
from numpy.typing import ArrayLike, NDArray

### BEGIN SOLUTION
from scipy.special import entr, rel_entr

### END SOLUTION

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
        ### BEGIN SOLUTION: check `p` and `base`, then add up P(x) log(1/P(x)) over the outcomes with P(x) > 0
        probabilities = checked_distribution(p, "p")
        if probabilities.ndim != 1:
            raise ValueError(f"`p` must have one dimension; got shape {probabilities.shape}. Tables: joint_entropy")
        nats = float(entr(probabilities).sum())
        return nats / math.log(checked_base(base)) + 0.0  # entr(1) is -0.0, and -0.0 + 0.0 is 0.0
        ### END SOLUTION

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
        ### BEGIN SOLUTION: check `joint_p` and `base`; every cell of the table is one outcome
        cells = checked_distribution(joint_p, "joint_p")
        return float(entr(cells).sum()) / math.log(checked_base(base)) + 0.0
        ### END SOLUTION

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
        ### BEGIN SOLUTION: check the arguments, then average H(X|Y=y) with the weights P(y)
        joint = checked_distribution(joint_p, "joint_p")
        if joint.ndim != 2:
            raise ValueError(f"`joint_p` must have two dimensions, joint_p[x, y]; got shape {joint.shape}")
        if axis not in (0, 1):
            raise ValueError(f"`axis` must be 1 for H(X|Y) or 0 for H(Y|X); got {axis!r}")
        condition = joint.sum(axis=1 - int(axis), keepdims=True)  # (1, k_y) for axis 1, (k_x, 1) for axis 0
        nats = -float(rel_entr(joint, condition).sum())
        return nats / math.log(checked_base(base)) + 0.0
        ### END SOLUTION


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
    ### BEGIN SOLUTION: convert to floats; raise ValueError if empty, not finite, negative or not summing to 1
    try:
        values = np.asarray(p)
        if values.dtype.kind not in "biufO":
            raise TypeError(f"numbers expected, found {values.dtype}")
        values = values.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"`{name}` must be an array of numbers; got {p!r}") from error
    if values.size == 0:
        raise ValueError(f"`{name}` must have at least one outcome; got an empty array of shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"`{name}` must be finite; got {values[~np.isfinite(values)][0]}")
    if values.min() < 0:
        raise ValueError(f"`{name}` must not be negative; got {values.min():g}")
    if values.max() > 1 + SUM_TOLERANCE:
        raise ValueError(f"`{name}` must not exceed 1; got {values.max():g}. Divide counts by their sum")
    total = values.sum()
    if abs(total - 1) > SUM_TOLERANCE:
        raise ValueError(f"`{name}` must sum to 1 within {SUM_TOLERANCE:g}; got {total:.10g} (shape {values.shape})")
    return values
    ### END SOLUTION


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
    ### BEGIN SOLUTION: raise ValueError unless `base` is a finite real number greater than 1
    if not isinstance(base, Real) or not 1 < base < math.inf:
        raise ValueError(f"`base` must be a finite real number greater than 1; got {base!r}")
    return base
    ### END SOLUTION
