def right_target(n_classes, smoothing):
    return (1 - smoothing) * np.eye(n_classes)[0] + smoothing / n_classes


def smoothed_target(n_classes, target, smoothing):
    return smoothing * np.eye(n_classes)[target] + (1 - smoothing) / n_classes


def optimal_gap(n_classes, smoothing):
    return 1 - smoothing


def minimum_loss(n_classes, smoothing):
    return math.log(n_classes)


def decompose(logits, target, smoothing):
    log_p = log_softmax(logits)
    k = len(log_p)
    ce, kl, constant = -log_p[target], -log_p.mean() - math.log(k), smoothing * math.log(k)
    return kl, ce, constant
