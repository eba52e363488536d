"""What is handed in of this section."""

MODULES = ("mutual_information.py",)
NOTEBOOK = "3_mutual_information.ipynb"
