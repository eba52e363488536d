class VAE(VAE):
    def __init__(self, input_dim=784, hidden_dim=400, latent_dim=20):
        self.to_hidden = nn.Linear(input_dim, hidden_dim)
