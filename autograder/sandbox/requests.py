"""What the judge and the child call the same things: the roots of names, and places in a cell."""

from __future__ import annotations

NOTEBOOK = "notebook"
LIVE = "live"

# What stands in the place of a statement's number in its cell, where it is none: nothing has begun; what deferred cells
# define for it; a magic over the whole cell; all that takes long.
NOTHING_YET, DEFERRED, CELL_MAGIC, SLOW = -4, -3, -2, -1
