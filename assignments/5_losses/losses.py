"""Loss functions of a classifier, from logits: cross-entropy, KL divergence to a target, label smoothing.

Write the bodies in this order; the notebook `5_losses.ipynb` explains each one and checks it at once:

1. ``LossFunctions.cross_entropy_loss``
2. ``LossFunctions.kl_div_loss``
3. ``LossFunctions.label_smoothing_loss``

Each unfinished body raises ``NotImplementedError`` and says what to do. Replace that line by your code.

All three measure in nats, return the mean over the batch as a tensor without axes (one of shape (1,) will do), let
gradients through to the logits, and leave their inputs as they are. For logits of any size between -1e6 and 1e6, loss
and gradients are finite, and the loss is right to 1e-5 (times the loss or the largest logit, where that is above 1).
"""

from __future__ import annotations

import torch
from torch import Tensor


class LossFunctions:
    """Losses of a classifier with K classes; p = softmax(logits) is its predictive distribution, in nats."""

    @staticmethod
    def cross_entropy_loss(logits: Tensor, targets: Tensor) -> Tensor:
        """Return the cross-entropy loss L = -(1/B) sum_i log p_i[c_i], where p_i = softmax(logits_i).

        Parameters
        ----------
        logits : torch.Tensor of float32, shape (B, K)
            One row of K scores for each of the B examples: any numbers between -1e6 and 1e6.
        targets : torch.Tensor of int64, shape (B,)
            Index c_i of the true class of each example, 0 <= c_i < K.

        Returns
        -------
        torch.Tensor, shape ()
            Mean loss of an example in nats, L >= 0. Its gradient with respect to `logits` is (p - onehot) / B.

        References
        ----------
        Bishop, Pattern Recognition and Machine Learning (2006), equations 4.108 and 4.109.

        Examples
        --------
        >>> LossFunctions.cross_entropy_loss(torch.zeros(1, 2), torch.tensor([0]))
        tensor(0.6931)
        """
        raise NotImplementedError(
            "cross_entropy_loss: take log-probabilities in one step, pick that of each true class, average over the "
            "batch"
        )

    @staticmethod
    def kl_div_loss(logits: Tensor, target_dist: Tensor) -> Tensor:
        """Return (1/B) sum_i D(q_i || p_i) = (1/B) sum_i sum_k q_i[k] log(q_i[k] / p_i[k]), where 0 log 0 = 0.

        Parameters
        ----------
        logits : torch.Tensor of float32, shape (B, K)
            One row of scores for each example, p_i = softmax(logits_i): any numbers between -1e6 and 1e6.
        target_dist : torch.Tensor of float32, shape (B, K)
            One target distribution q_i for each example; each row sums to 1, and entries may be 0.

        Returns
        -------
        torch.Tensor, shape ()
            Mean divergence from the targets to the predictions in nats, >= 0 up to rounding, and 0 where p = q.
            Its gradient with respect to `logits` is (p - q) / B.

        References
        ----------
        S. Kullback and R. A. Leibler, "On Information and Sufficiency", Annals of Mathematical Statistics 22 (1951),
        equation 2.4.

        Examples
        --------
        >>> LossFunctions.kl_div_loss(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]))
        tensor(0.6931)
        """
        raise NotImplementedError(
            "kl_div_loss: sum q (log q - log p) over the classes with 0 log 0 = 0, then average over the batch"
        )

    @staticmethod
    def label_smoothing_loss(logits: Tensor, targets: Tensor, smoothing: float = 0.1) -> Tensor:
        """Return the cross-entropy (1/B) sum_i H(q'_i, p_i) against smoothed targets q' = (1-eps) onehot + eps/K.

        The true class gets 1 - eps + eps/K and every other class eps/K: the mass eps is spread over all K classes,
        the true one included, as in ``torch.nn.functional.cross_entropy(..., label_smoothing=eps)``.

        Parameters
        ----------
        logits : torch.Tensor of float32, shape (B, K)
            One row of scores for each example, p_i = softmax(logits_i): any numbers between -1e6 and 1e6.
        targets : torch.Tensor of int64, shape (B,)
            Index c_i of the true class of each example, 0 <= c_i < K.
        smoothing : float, default 0.1
            eps, from 0 (hard targets) to 1 (every target is uniform). Negative ones are not specified.

        Returns
        -------
        torch.Tensor, shape ()
            Mean loss of an example in nats, at least H(q'). Its gradient with respect to `logits` is (p - q') / B.

        Raises
        ------
        ValueError
            If `smoothing` is greater than 1, infinity included. (Another exception will do; torch raises a
            RuntimeError.)

        References
        ----------
        C. Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", CVPR (2016), section 7.

        Examples
        --------
        >>> LossFunctions.label_smoothing_loss(torch.zeros(1, 4), torch.tensor([0]), smoothing=0.2)
        tensor(1.3863)
        """
        raise NotImplementedError(
            "label_smoothing_loss: refuse eps above 1; mix the loss of the true class with the mean over all classes"
        )
