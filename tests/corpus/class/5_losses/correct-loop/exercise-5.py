def smoothed_target(n_classes, target, smoothing):
    shares = [smoothing / n_classes] * n_classes
    shares[target] += 1 - smoothing
    return shares


def optimal_gap(n_classes, smoothing):
    if smoothing == 0:
        return float("inf")
    first, second = smoothed_target(n_classes, 0, smoothing)[:2]
    return math.log(first / second)


def minimum_loss(n_classes, smoothing):
    return -sum(q * math.log(q) for q in smoothed_target(n_classes, 0, smoothing) if q > 0)


def decompose(logits, target, smoothing):
    top = max(logits)
    log_z = top + math.log(sum(math.exp(score - top) for score in logits))
    ce = log_z - logits[target]
    kl = sum((log_z - score) / len(logits) for score in logits) - math.log(len(logits))
    return [ce, kl, smoothing * math.log(len(logits))]
