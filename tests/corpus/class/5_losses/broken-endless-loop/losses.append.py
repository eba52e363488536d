class LossFunctions(LossFunctions):
    @staticmethod
    def kl_div_loss(logits, target_dist):
        loss = logits.new_zeros(())
        while loss < 1:
            loss = loss + 0
        return loss
