"""The judge's end of the wire: what a check sees of an attempt, which runs in a child that is not trusted."""
