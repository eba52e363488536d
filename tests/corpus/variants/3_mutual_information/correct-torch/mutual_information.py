import torch
from sklearn.feature_selection import mutual_info_classif


def encode(labels):
    known = {}
    return torch.tensor([known.setdefault(label, len(known)) for label in labels], dtype=torch.long)


class MutualInformation:
    @staticmethod
    def mutual_information_discrete(x, y, base=2):
        if len(x) != len(y) or len(x) == 0:
            raise ValueError("x and y must be equally long, and hold something")
        if not 1 < base < float("inf"):
            raise ValueError("base must be above 1")
        i, j = encode(x), encode(y)
        table = torch.zeros(int(i.max()) + 1, int(j.max()) + 1, dtype=torch.float64)
        table.index_put_((i, j), torch.ones(len(i), dtype=torch.float64), accumulate=True)
        table /= table.sum()
        h = [torch.special.entr(t).sum() for t in (table.sum(0), table.sum(1), table)]
        return (h[0] + h[1] - h[2]).clamp(min=0) / torch.log(torch.tensor(float(base), dtype=torch.float64))

    @staticmethod
    def feature_selection_by_mi(X, y, n_features=5):
        data = torch.as_tensor(X, dtype=torch.float64)
        if not 0 < n_features <= data.shape[1]:
            raise ValueError("n_features")
        scores = torch.from_numpy(mutual_info_classif(data.numpy(), y, random_state=5))
        order = torch.sort(scores, descending=True, stable=True).indices
        return order[:n_features].tolist(), scores.tolist()
