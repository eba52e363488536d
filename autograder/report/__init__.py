"""What people read: a feedback page per student and section, the class as table, CSV and JSON.

Everything here shows records and decides nothing. Names of students, messages and values come from students and are
neither trusted as markup, nor as terminal output, nor as spreadsheet formulas, nor as paths.
"""
