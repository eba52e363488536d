from scipy.optimize import minimize_scalar


def smoothed_target(n_classes, target, smoothing):
    return np.where(np.arange(n_classes) == target, 1 - smoothing + smoothing / n_classes, smoothing / n_classes)


def smoothed_loss(margin, n_classes, smoothing):
    row = np.zeros(n_classes)
    row[0] = margin
    return -(smoothed_target(n_classes, 0, smoothing) * log_softmax(row)).sum()


def optimal_gap(n_classes, smoothing):
    if smoothing <= 0:
        return np.inf
    return np.log(1 + n_classes * (1 - smoothing) / smoothing)


def minimum_loss(n_classes, smoothing):
    if smoothing == 0:
        return 0
    found = minimize_scalar(
        lambda margin: smoothed_loss(margin, n_classes, smoothing), bounds=(-1, 20), options={"xatol": 1e-9}
    )
    return found.fun


def decompose(logits, target, smoothing):
    k = len(logits)
    ce = -log_softmax(logits)[target]
    cross = -log_softmax(logits).mean()
    return np.array([ce, cross - np.log(k), smoothing * np.log(k)]).tolist()
