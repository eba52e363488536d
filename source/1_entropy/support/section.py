"""What is handed in of this section."""

MODULES = ("entropy.py",)
NOTEBOOK = "1_entropy.ipynb"
