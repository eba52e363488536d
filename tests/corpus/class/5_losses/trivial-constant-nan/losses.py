import math

import torch


class LossFunctions:
    @staticmethod
    def cross_entropy_loss(logits, targets):
        return math.nan

    @staticmethod
    def kl_div_loss(logits, target_dist):
        return math.nan

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        return math.nan
