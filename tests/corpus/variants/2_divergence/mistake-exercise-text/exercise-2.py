gaussian_kl = 1.096574
kl_forward = "1.096574"
kl_reverse = "2.153426 nats"
