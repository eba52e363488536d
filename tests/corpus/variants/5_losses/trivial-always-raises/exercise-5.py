def smoothed_target(n_classes, target, smoothing):
    raise ValueError("no")


def optimal_gap(n_classes, smoothing):
    raise ValueError("no")


def minimum_loss(n_classes, smoothing):
    raise ValueError("no")


def decompose(logits, target, smoothing):
    raise ValueError("no")
