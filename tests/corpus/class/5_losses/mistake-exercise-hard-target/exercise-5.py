def right_target(n_classes, smoothing):
    return (1 - smoothing) * np.eye(n_classes)[0] + smoothing / n_classes


def smoothed_target(n_classes, target, smoothing):
    return np.eye(n_classes)[target]


def optimal_gap(n_classes, smoothing):
    return math.log((1 - smoothing) / smoothing) if 0 < smoothing < 1 else math.inf


def minimum_loss(n_classes, smoothing):
    return 0.0


def decompose(logits, target, smoothing):
    log_p = log_softmax(logits)
    k = len(log_p)
    ce, kl, constant = -log_p[target], -log_p.mean() - math.log(k), smoothing * math.log(k)
    return (1 - smoothing) * ce, smoothing * kl, constant
