"""Writes grades and feedback pages as files that learning platforms and spreadsheets read.

Everything comes from what is stored; nothing here judges. What a platform wrote is changed cell by cell and left as it
was otherwise; what others wrote (names, cells, comments) is bounded and never becomes a formula, a path or markup.
"""

VISIBILITY = ("visible", "after_due_date", "after_published", "hidden")
"""When students see results in Gradescope, in its own words."""


class ExportError(Exception):
    """What was asked for can't be exported like this; the message names the file and the next step."""
