import mpmath


def smoothed_target(n_classes, target, smoothing):
    return tuple(float(smoothing) / n_classes + (k == target) * (1 - smoothing) for k in range(n_classes))


def optimal_gap(n_classes, smoothing):
    return float(mpmath.log(1 + n_classes * (1 - smoothing) / mpmath.mpf(smoothing))) if smoothing else float("inf")


def minimum_loss(n_classes, smoothing):
    q = smoothed_target(n_classes, 0, smoothing)
    return float(-sum(mpmath.mpf(entry) * mpmath.log(entry) for entry in q if entry))


def decompose(logits, target, smoothing):
    log_z = mpmath.log(sum(mpmath.exp(score) for score in logits))
    ce = log_z - logits[target]
    kl = sum(log_z - score for score in logits) / len(logits) - mpmath.log(len(logits))
    return float(ce), float(kl), float(smoothing * mpmath.log(len(logits)))
