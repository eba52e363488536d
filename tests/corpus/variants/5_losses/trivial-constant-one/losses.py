import math

import torch


class LossFunctions:
    @staticmethod
    def cross_entropy_loss(logits, targets):
        return 1.0

    @staticmethod
    def kl_div_loss(logits, target_dist):
        return 1.0

    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        return 1.0
