"""What is handed in of this section."""

MODULES = ("vae.py",)
NOTEBOOK = "4_vae.ipynb"
