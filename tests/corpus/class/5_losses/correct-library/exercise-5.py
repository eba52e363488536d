from scipy.special import rel_entr, softmax
from scipy.stats import entropy


def smoothed_target(n_classes, target, smoothing):
    return (1 - smoothing) * np.eye(n_classes)[target] + smoothing / n_classes


def optimal_gap(n_classes, smoothing):
    with np.errstate(divide="ignore"):
        logs = np.log(smoothed_target(n_classes, 0, smoothing))
    return logs[0] - logs[1]


def minimum_loss(n_classes, smoothing):
    return entropy(smoothed_target(n_classes, 0, smoothing))


def decompose(logits, target, smoothing):
    p = softmax(logits)
    uniform = np.full(len(p), 1 / len(p))
    return -np.log(p[target]), rel_entr(uniform, p).sum(), smoothing * entropy(uniform)
