"""What the judge and the child call the same things: the roots of names, and statements of a cell."""

from __future__ import annotations

NOTEBOOK = "notebook"
LIVE = "live"

# Instead of the number of a statement in its cell: nothing has begun; what deferred cells define for it; a magic over
# the whole cell; all that takes long.
NOTHING_YET, DEFERRED, CELL_MAGIC, SLOW = -4, -3, -2, -1
