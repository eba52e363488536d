import math


def log_normaliser(row):
    top = row.max()
    return top + sum((score - top).exp() for score in row).log()


def average(losses):
    losses = list(losses)
    return sum(losses) / len(losses)


class LossFunctions:
    @staticmethod
    def cross_entropy_loss(logits, targets):
        return average(log_normaliser(row) - row[c] for row, c in zip(logits, targets.tolist()))

    @staticmethod
    def kl_div_loss(logits, target_dist):
        def one(row, target):
            z = log_normaliser(row)
            return sum(q * (math.log(q) - row[k] + z) for k, q in enumerate(target) if q > 0)

        return average(one(row, target) for row, target in zip(logits, target_dist.tolist()))

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        if not 0 <= smoothing <= 1:
            raise ValueError("`smoothing` is a share")
        hard = LossFunctions.cross_entropy_loss(logits, targets)
        uniform = average(log_normaliser(row) - row.mean() for row in logits)
        return (1 - smoothing) * hard + smoothing * uniform
