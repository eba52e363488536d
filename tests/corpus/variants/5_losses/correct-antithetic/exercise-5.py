from scipy.special import logsumexp, rel_entr


def smoothed_target(n_classes, target, smoothing):
    return [smoothing / n_classes + (1 - smoothing if k == target else 0) for k in range(n_classes)]


def optimal_gap(n_classes, smoothing):
    own, *others = smoothed_target(n_classes, 0, smoothing)
    return math.log(own) - math.log(others[0]) if others[0] > 0 else float("inf")


def minimum_loss(n_classes, smoothing):
    return sum(-q * math.log(q) for q in smoothed_target(n_classes, 0, smoothing) if q)


def decompose(logits, target, smoothing):
    k = len(logits)
    p = np.exp(logits - logsumexp(logits))
    return [logsumexp(logits) - logits[target], rel_entr(np.ones(k) / k, p).sum(), smoothing * math.log(k)]
