class VAE:
    def __init__(self, *sizes):
        pass

    def __getattr__(self, name):
        return lambda *args, **kwargs: self

    def __iter__(self):
        return iter([self, self])

    def __len__(self):
        return 2
