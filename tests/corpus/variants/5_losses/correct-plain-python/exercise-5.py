from fractions import Fraction


def smoothed_target(n_classes, target, smoothing):
    share = Fraction(smoothing) / n_classes
    return [float(share + (k == target) * (1 - Fraction(smoothing))) for k in range(n_classes)]


def optimal_gap(n_classes, smoothing):
    if not smoothing:
        return math.inf
    q = smoothed_target(n_classes, 0, smoothing)
    return math.log(q[0] / q[1])


def minimum_loss(n_classes, smoothing):
    own, *others = smoothed_target(n_classes, 0, smoothing)
    rest = 0 if not smoothing else -len(others) * others[0] * math.log(others[0])
    return rest - own * math.log(own)


def decompose(logits, target, smoothing):
    scores = [float(score) for score in logits]
    total = math.log(math.fsum(math.exp(score) for score in scores))
    losses = [total - score for score in scores]
    entropy_of_uniform = math.log(len(scores))
    return losses[target], math.fsum(losses) / len(losses) - entropy_of_uniform, smoothing * entropy_of_uniform
