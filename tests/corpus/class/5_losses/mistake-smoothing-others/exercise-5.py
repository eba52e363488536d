def smoothed_target(n_classes, target, smoothing):
    shares = np.full(n_classes, smoothing / (n_classes - 1))
    shares[target] = 1 - smoothing
    return shares


def optimal_gap(n_classes, smoothing):
    if smoothing == 0:
        return math.inf
    if smoothing == 1:
        return -math.inf
    return math.log((1 - smoothing) * (n_classes - 1) / smoothing)


def minimum_loss(n_classes, smoothing):
    return float(entr(smoothed_target(n_classes, 0, smoothing)).sum())


def decompose(logits, target, smoothing):
    log_p = log_softmax(logits)
    log_k = math.log(len(log_p))
    return -log_p[target], -log_p.mean() - log_k, minimum_loss(len(log_p), smoothing)
