import numpy as np
from scipy.sparse import coo_matrix
from scipy.special import rel_entr
from sklearn.feature_selection import mutual_info_classif


def index_of(labels):
    seen = []
    where = {}
    for label in labels:
        if label not in where:
            where[label] = len(seen)
            seen.append(label)
    return [where[label] for label in labels]


class MutualInformation:
    @classmethod
    def mutual_information_discrete(cls, x, y, base=2):
        try:
            sound = 1 < base < np.inf
        except TypeError as error:
            raise ValueError("base") from error
        if not sound:
            raise ValueError("base")
        rows, columns = index_of(x), index_of(y)
        if len(rows) != len(columns):
            raise ValueError("lengths differ")
        if not rows:
            raise ValueError("empty")
        table = coo_matrix((np.full(len(rows), 1 / len(rows)), (rows, columns))).toarray()
        product = np.outer(table.sum(1), table.sum(0))
        return np.array(max(rel_entr(table, product).sum(), 0.0) / np.log(base))

    @staticmethod
    def feature_selection_by_mi(X, y, n_features=5):
        X = np.array(X, dtype=np.float64, order="F")
        if n_features < 1 or X.shape[1] < n_features:
            raise ValueError("n_features out of range")
        scores = mutual_info_classif(X, np.array(y), random_state=np.random.RandomState(8))
        ranked = sorted(enumerate(scores), key=lambda pair: pair[1], reverse=True)
        return tuple(j for j, _ in ranked[:n_features]), np.asarray(scores, dtype=object).astype(float)
