from collections import namedtuple

Parts = namedtuple("Parts", ["ce", "kl_uniform", "constant"])


def smoothed_target(n_classes, target, smoothing):
    hard, uniform = np.eye(n_classes)[target], np.full(n_classes, 1 / n_classes)
    return np.einsum("i,ij->j", [1 - smoothing, smoothing], [hard, uniform])


def optimal_gap(n_classes, smoothing):
    with np.errstate(divide="ignore"):
        q = smoothed_target(n_classes, 0, smoothing)
        return np.log(q[0]) - np.log(q[-1])


def minimum_loss(n_classes, smoothing):
    q = smoothed_target(n_classes, 0, smoothing)
    q = q[q > 0]
    return -np.einsum("i,i->", q, np.log(q))


def decompose(logits, target, smoothing):
    log_p = logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max()
    u = np.full(len(logits), 1 / len(logits))
    return Parts(-log_p[target], np.einsum("i,i->", u, np.log(u) - log_p), -smoothing * np.log(u[0]))
