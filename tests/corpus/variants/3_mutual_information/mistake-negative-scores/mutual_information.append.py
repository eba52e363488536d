from scipy.special import digamma


def _ross(column, classes, k=3):
    in_company = np.bincount(classes)[classes] > 1
    column, classes = column[in_company], classes[in_company]
    distances = np.abs(column[:, np.newaxis] - column)
    parts = []
    for i in range(len(column)):
        own = np.flatnonzero(classes == classes[i])
        own = own[own != i]
        k_i = min(k, own.size)
        radius = np.nextafter(np.sort(distances[i, own])[k_i - 1], 0)
        m = np.count_nonzero(distances[i] <= radius)
        parts.append((digamma(k_i), digamma(own.size + 1), digamma(m)))
    psi_k, psi_class, psi_m = np.mean(parts, axis=0)
    return digamma(len(parts)) + psi_k - psi_class - psi_m


def _select(X, y, n_features=5):
    X = np.array(X, dtype=float)
    classes = np.unique(np.asarray(y), return_inverse=True)[1]
    if not 1 <= n_features <= X.shape[1]:
        raise ValueError(f"`n_features` must be from 1 to {X.shape[1]}; got {n_features}")
    scale = X.std(axis=0)
    X = X / np.where(scale > 0, scale, 1)
    size = np.maximum(1, np.abs(X).mean(axis=0))
    X = X + 1e-10 * size * np.random.default_rng(RANDOM_STATE).standard_normal(X.shape)
    scores = np.array([_ross(column, classes) for column in X.T])
    return np.argsort(-scores.round(9), kind="stable")[:n_features], scores


MutualInformation.feature_selection_by_mi = staticmethod(_select)
