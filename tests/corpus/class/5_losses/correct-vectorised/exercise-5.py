def smoothed_target(n_classes, target, smoothing):
    onehot = torch.nn.functional.one_hot(torch.tensor(target), n_classes)
    return onehot * (1 - smoothing) + smoothing / n_classes


def optimal_gap(n_classes, smoothing):
    log_q = smoothed_target(n_classes, 0, smoothing).log()
    return log_q[0] - log_q[-1]


def minimum_loss(n_classes, smoothing):
    return torch.special.entr(smoothed_target(n_classes, 0, smoothing)).sum()


def decompose(logits, target, smoothing):
    log_p = torch.log_softmax(torch.tensor(logits), dim=0)
    log_k = np.log(len(log_p))
    return -log_p[target], -log_p.mean() - log_k, smoothing * log_k
