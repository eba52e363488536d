import math
from collections import Counter

import torch
from sklearn.feature_selection import mutual_info_classif


def entropy(labels):
    p = torch.tensor(list(Counter(labels).values()), dtype=torch.float64)
    p = (p / p.sum()).requires_grad_()
    return torch.distributions.Categorical(probs=p).entropy()


class MutualInformation:
    @staticmethod
    def mutual_information_discrete(x, y, base=2):
        try:
            assert len(x) == len(y), "lengths"
            assert len(x) > 0, "empty"
            assert 1 < base < math.inf, "base"
        except AssertionError as error:
            raise ValueError(str(error)) from None
        pairs = tuple(zip(x, y))
        nats = entropy(x) + entropy(y) - entropy(pairs)
        return torch.relu(nats).reshape(1) / math.log(base)

    @staticmethod
    def feature_selection_by_mi(X, y, n_features=5):
        scores = mutual_info_classif(X, y, random_state=77)
        if not (1 <= n_features <= scores.size):
            raise ValueError("n_features")
        scores = torch.tensor(scores, requires_grad=True)
        order = torch.argsort(scores, descending=True, stable=True)
        return [order[:n_features], scores]
