def cross_entropy(logits, targets)
    return -logits.log_softmax(1)[range(len(targets)), targets].mean()
