"""What is handed in of this section."""

MODULES = ("divergence.py",)
NOTEBOOK = "2_divergence.ipynb"
