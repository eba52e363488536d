def smoothed_target(n_classes, target, smoothing):
    return [math.nan] * n_classes


def optimal_gap(n_classes, smoothing):
    return math.nan


def minimum_loss(n_classes, smoothing):
    return math.nan


def decompose(logits, target, smoothing):
    return math.nan, math.nan, math.nan
