def smoothed_target(n_classes, target, smoothing):
    return np.ones(n_classes)


def optimal_gap(n_classes, smoothing):
    return 1.0


def minimum_loss(n_classes, smoothing):
    return 1.0


def decompose(logits, target, smoothing):
    return 1.0, 1.0, 1.0
