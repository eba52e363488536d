"""The judge's end of the wire: what a check sees of an attempt, over a child that nobody trusts."""
