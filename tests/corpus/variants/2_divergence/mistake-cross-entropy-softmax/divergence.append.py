import torch


class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def cross_entropy(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        q = torch.softmax(torch.from_numpy(q), dim=0).numpy()
        return -float(xlogy(p, q).sum()) / math.log(base)
