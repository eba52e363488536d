def smoothed_target(n_classes, target, smoothing):
    shares = np.full(n_classes, smoothing)
    shares[target] += 1 - smoothing
    return shares


def optimal_gap(n_classes, smoothing):
    shares = smoothed_target(n_classes, 0, smoothing)
    return math.log(shares[0] / shares[1]) if smoothing else math.inf


def minimum_loss(n_classes, smoothing):
    return float(entr(smoothed_target(n_classes, 0, smoothing)).sum())


def decompose(logits, target, smoothing):
    log_p = log_softmax(logits)
    log_k = math.log(len(log_p))
    return -log_p[target], -log_p.mean() - log_k, smoothing * log_k
