torch.set_num_threads(64)
torch.set_default_dtype(torch.float16)


class LossFunctions(LossFunctions):
    @staticmethod
    def cross_entropy_loss(logits, targets):
        torch.set_num_threads(64)
        return super(LossFunctions, LossFunctions).cross_entropy_loss(logits, targets)
