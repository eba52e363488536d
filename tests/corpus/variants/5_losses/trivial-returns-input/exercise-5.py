def smoothed_target(n_classes, target, smoothing):
    return n_classes


def optimal_gap(n_classes, smoothing):
    return n_classes


def minimum_loss(n_classes, smoothing):
    return n_classes


def decompose(logits, target, smoothing):
    return logits
