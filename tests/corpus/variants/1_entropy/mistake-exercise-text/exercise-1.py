die_entropy = "2.584963"
coin_entropy = [0.721928]
difference = {"bits": 1.863034}
