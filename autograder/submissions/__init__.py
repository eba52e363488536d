"""What was handed in: finds the attempts in ``submitted/``, whatever they are called and packed in, and reads them."""
