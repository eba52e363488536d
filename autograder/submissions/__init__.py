"""What was handed in: finds the attempts in ``submitted/``, however they are named or packed, and reads them."""
