def smoothed_target(n_classes, target, smoothing):
    q = torch.zeros(n_classes, dtype=torch.float64) + smoothing / n_classes
    q[target] = 1 - smoothing * (n_classes - 1) / n_classes
    return q


def optimal_gap(n_classes, smoothing):
    other = smoothing / n_classes
    return math.log((1 - (n_classes - 1) * other) / other) if other > 0 else math.inf


def minimum_loss(n_classes, smoothing):
    q = smoothed_target(n_classes, 0, smoothing)
    return -torch.xlogy(q, q).sum()


def decompose(logits, target, smoothing):
    ce = np.logaddexp.reduce(logits) - logits[target]
    kl = np.logaddexp.reduce(logits) - np.mean(logits) - np.log(np.size(logits))
    return (np.float32(ce), np.float32(kl), np.float32(smoothing * np.log(np.size(logits))))
