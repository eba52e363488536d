"""What an instructor learns about a class: one page, and the same as CSV and JSON, from what is stored.

Nothing here judges or decides. Names of students enter only if they are asked for; texts that come from students are
not trusted as markup or as spreadsheet formulas.
"""
