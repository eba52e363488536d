import torch
import torch.nn.functional as F


class DivergenceMeasures(DivergenceMeasures):
    @staticmethod
    def kl_divergence(p, q, base=math.e):
        p, q = checked_pair(p, q)
        checked_base(base)
        return F.kl_div(torch.from_numpy(q).log(), torch.from_numpy(p), reduction="sum") / math.log(base)
