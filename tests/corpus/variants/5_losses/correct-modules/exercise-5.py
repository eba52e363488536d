def smoothed_target(n_classes, target, smoothing):
    return np.where(np.arange(n_classes) == target, 1 - smoothing + smoothing / n_classes, smoothing / n_classes)


def optimal_gap(n_classes, smoothing):
    return np.float64(np.inf) if smoothing == 0 else np.log1p(n_classes * (1 - smoothing) / smoothing)


def minimum_loss(n_classes, smoothing):
    q = smoothed_target(n_classes, 0, smoothing)
    return np.asarray(-np.sum(q * np.log(np.where(q > 0, q, 1))))


def decompose(logits, target, smoothing):
    log_p = log_softmax(logits)
    log_k = np.log(logits.size)
    return np.array([-log_p[target], -np.mean(log_p) - log_k, smoothing * log_k])
