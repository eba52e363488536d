"""Mutual information of two columns of data, and features chosen by it.

Write the bodies in this order; the notebook `3_mutual_information.ipynb` explains each one and checks it at once:

1. ``MutualInformation.mutual_information_discrete``
2. ``checked_base`` at the end of this file (yours of section 1 does)
3. ``MutualInformation.feature_selection_by_mi``

Each unfinished body raises ``NotImplementedError`` and says what to do. Replace that line by your code.

Sources: C. E. Shannon, "A Mathematical Theory of Communication", Bell System Technical Journal 27 (1948), section 12,
where the mutual information is the rate of transmission; B. C. Ross, "Mutual Information between Discrete and
Continuous Data Sets", PLoS ONE 9(2) (2014), e87357, for the estimate of features that are not discrete.
"""

from __future__ import annotations

import math

### BEGIN SOLUTION
from collections import Counter

### END SOLUTION
from collections.abc import Hashable, Sequence

### BEGIN SOLUTION
from numbers import Real

### END SOLUTION
import numpy as np
from numpy.typing import ArrayLike, NDArray

### BEGIN SOLUTION
from sklearn.feature_selection import mutual_info_classif

### END SOLUTION

RANDOM_STATE = 0
"""Seed of the noise that ``mutual_info_classif`` adds to break ties; with a fixed one a result can be repeated."""


class MutualInformation:
    """Mutual information estimated from data, and what it is used for."""

    @staticmethod
    def mutual_information_discrete(x: Sequence[Hashable], y: Sequence[Hashable], base: float = 2) -> float:
        """Return the plug-in estimate of I(X;Y) = sum_{x,y} P(x, y) log_b [P(x, y) / (P(x) P(y))].

        The probabilities are the shares in the data: P(x, y) = n(x, y) / N, P(x) = n(x) / N, P(y) = n(y) / N, where
        n counts observations and N is their number. Pairs that do not occur contribute nothing.

        Parameters
        ----------
        x, y : sequence of length N >= 1
            Observation i is the pair of labels ``(x[i], y[i])``: lists, tuples or one-dimensional arrays. A label is
            anything hashable: an int of any size, a string, a bool, None, a tuple of labels. Labels of one sequence
            may be of several types; two labels are the same if and only if ``==`` says so: 1, 1.0 and True are one
            label, 1 and "1" are two. (NaN does not equal itself; how it counts is up to you.) Neither sequence is
            modified.
        base : int or float, default 2
            Base b of the logarithm, a finite real number greater than 1. It sets the unit of the result.

        Returns
        -------
        float
            The estimate, never below 0, not even by a rounding error; in bits for ``base=2``, in nats for
            ``base=math.e``. But for rounding it is the same for ``(y, x)``, for other names of the labels, and for the
            observations in another order.

        Raises
        ------
        ValueError
            If `x` and `y` are of different length or empty, or `base` is not a finite real number greater than 1
            (TypeError will do where it is no number at all).

        References
        ----------
        Shannon (1948), section 12; Cover and Thomas (2006), equation 2.28.

        Examples
        --------
        >>> MutualInformation.mutual_information_discrete([0, 1, 0, 1], ["a", "b", "a", "b"])
        1.0
        >>> MutualInformation.mutual_information_discrete([0, 0, 1, 1], [0, 1, 0, 1])
        0.0
        """
        ### BEGIN SOLUTION: count labels and pairs, add up P(x,y) log [P(x,y) / (P(x) P(y))] over the pairs that occur
        x_labels, y_labels = list(x), list(y)
        n = len(x_labels)
        if n != len(y_labels):
            raise ValueError(f"`x` and `y` must be equally long; got {n} and {len(y_labels)} labels")
        if n == 0:
            raise ValueError("`x` and `y` must hold at least one observation; got none")
        n_x, n_y = Counter(x_labels), Counter(y_labels)
        n_xy = Counter(zip(x_labels, y_labels, strict=True))
        # A ratio of whole numbers: for independent counts it is exactly 1, and its logarithm exactly 0.
        terms = [count / n * math.log(count * n / (n_x[a] * n_y[b])) for (a, b), count in n_xy.items()]
        return max(0.0, math.fsum(terms)) / math.log(checked_base(base))
        ### END SOLUTION

    @staticmethod
    def feature_selection_by_mi(
        X: ArrayLike, y: ArrayLike, n_features: int = 5
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the columns of `X` that say most about `y`, and the estimated I(X_j;Y) of every column j, in nats.

        The estimate is that of ``sklearn.feature_selection.mutual_info_classif`` with its defaults (features are
        continuous, three neighbours) and a fixed ``random_state``, any one, so that the same call gives the same
        answer.

        Parameters
        ----------
        X : array_like, shape (n_samples, d)
            A row for each observation, a column for each feature: real numbers, which may be whole. It is not modified.
        y : array_like, shape (n_samples,)
            Class of each observation: an int or a string. It is not modified.
        n_features : int, default 5
            How many columns to select, ``1 <= n_features <= d``.

        Returns
        -------
        selected_indices : numpy.ndarray of int, shape (n_features,), or a list or tuple of ints
            The columns with the largest scores, best first; of equal scores the one with the lower index first.
        mi_scores : numpy.ndarray of float, shape (d,), or a list or tuple of floats
            The scores of all columns, in the order of the columns, in nats. A negative estimate is replaced by 0.

        Raises
        ------
        ValueError
            If `n_features` is less than 1 or greater than d.

        References
        ----------
        Ross (2014).

        Examples
        --------
        >>> X = [[0.1, 1.2], [0.5, 5.1], [0.2, 1.9], [0.6, 5.5], [0.4, 1.0], [0.3, 5.8]]
        >>> MutualInformation.feature_selection_by_mi(X, [0, 1, 0, 1, 0, 1], n_features=1)[0].tolist()
        [1]
        """
        ### BEGIN SOLUTION: check `n_features`, score all columns with a fixed seed, sort so that ties keep their order
        features = np.asarray(X)
        if features.ndim != 2:
            raise ValueError(f"`X` must have a row for each observation; got shape {features.shape}")
        if not 1 <= n_features <= features.shape[1]:
            raise ValueError(f"`n_features` must be between 1 and {features.shape[1]}; got {n_features!r}")
        scores = np.asarray(mutual_info_classif(features, y, random_state=RANDOM_STATE), dtype=float)  # (d,)
        best_first = np.argsort(-scores, kind="stable")
        return best_first[:n_features], scores
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
        If `base` is not a finite real number greater than 1 (TypeError will do where it is not a number at all).
    """
    ### BEGIN SOLUTION: raise ValueError unless `base` is a finite real number greater than 1
    if not isinstance(base, Real) or not 1 < base < math.inf:
        raise ValueError(f"`base` must be a finite real number greater than 1; got {base!r}")
    return base
    ### END SOLUTION
