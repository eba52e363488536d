"""What is handed in of this section."""

MODULES = ("losses.py", "elbo.py")
NOTEBOOK = "5_losses.ipynb"
