"""Where samples are, and what their names begin with."""

SHELVES = ("class", "variants", "hostile")
KINDS = ("correct", "mistake", "broken", "hostile", "trivial")
