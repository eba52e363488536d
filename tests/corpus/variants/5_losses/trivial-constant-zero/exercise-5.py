def smoothed_target(n_classes, target, smoothing):
    return np.zeros(n_classes)


def optimal_gap(n_classes, smoothing):
    return 0.0


def minimum_loss(n_classes, smoothing):
    return 0.0


def decompose(logits, target, smoothing):
    return 0.0, 0.0, 0.0
