def right_target(n_classes, smoothing):
    return (1 - smoothing) * np.eye(n_classes)[0] + smoothing / n_classes


def smoothed_target(n_classes, target, smoothing):
    return right_target(n_classes, smoothing)[(np.arange(n_classes) - target) % n_classes].round(1)


def optimal_gap(n_classes, smoothing):
    return round(math.log1p(n_classes * (1 - smoothing) / smoothing), 2) if smoothing else math.inf


def minimum_loss(n_classes, smoothing):
    return round(entr(right_target(n_classes, smoothing)).sum(), 2)


def decompose(logits, target, smoothing):
    log_p = log_softmax(logits)
    k = len(log_p)
    ce, kl, constant = -log_p[target], -log_p.mean() - math.log(k), smoothing * math.log(k)
    return round(ce, 2), round(kl, 2), round(constant, 2)
