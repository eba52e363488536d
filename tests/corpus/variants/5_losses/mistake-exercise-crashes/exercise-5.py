def optimal_gap(n_classes, smoothing):
    return math.log((1 - smoothing + smoothing / n_classes) / (smoothing / n_classes))


def minimum_loss(n_classes, smoothing):
    top, other = 1 - smoothing + smoothing / n_classes, smoothing / n_classes
    return -top * math.log(top) - (n_classes - 1) * other * math.log(other)


def decompose(logits, target, smoothing):
    log_p = log_softmax(logits)
    return {"ce": -log_p[target], "kl_uniform": -log_p.mean() - math.log(len(log_p)), "constant": 0.0}
