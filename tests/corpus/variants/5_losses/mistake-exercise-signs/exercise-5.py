def right_target(n_classes, smoothing):
    return (1 - smoothing) * np.eye(n_classes)[0] + smoothing / n_classes


def smoothed_target(n_classes, target, smoothing):
    return np.eye(n_classes)[target] + smoothing / n_classes


def optimal_gap(n_classes, smoothing):
    return -math.log1p(n_classes * (1 - smoothing) / smoothing) if smoothing else -math.inf


def minimum_loss(n_classes, smoothing):
    return -entr(right_target(n_classes, smoothing)).sum()


def decompose(logits, target, smoothing):
    log_p = log_softmax(logits)
    k = len(log_p)
    ce, kl, constant = -log_p[target], -log_p.mean() - math.log(k), smoothing * math.log(k)
    return ce, kl + math.log(k), constant
