import sys


def load_ipython_extension(shell):
    shell.run_cell = shell.run_cell_async = lambda *args, **kwargs: sys.exit("patched")
    shell.user_ns["die_entropy"] = 1
    type(shell).run_ast_nodes = None


def unload_ipython_extension(shell):
    sys.modules["entropy"].InformationMeasures = None
