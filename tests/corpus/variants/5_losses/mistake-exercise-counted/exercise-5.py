def right_target(n_classes, smoothing):
    return (1 - smoothing) * np.eye(n_classes)[0] + smoothing / n_classes


def smoothed_target(n_classes, target, smoothing):
    return right_target(n_classes, smoothing)[(np.arange(n_classes) - target + 1) % n_classes]


def optimal_gap(n_classes, smoothing):
    return (
        math.log(n_classes * (1 - smoothing) / smoothing)
        if 0 < smoothing < 1
        else (math.inf if smoothing == 0 else -math.inf)
    )


def minimum_loss(n_classes, smoothing):
    return smoothing * math.log(n_classes)


def decompose(logits, target, smoothing):
    log_p = log_softmax(logits)
    k = len(log_p)
    ce, kl, constant = -log_p[target], -log_p.mean() - math.log(k), smoothing * math.log(k)
    return ce, kl, 0.0
