import builtins
import ctypes
import math
import os
import sys
import tempfile
import threading
import time

os.environ["PYTHONSTARTUP"] = "/tmp/pwned.py"
os.environ["OMP_NUM_THREADS"] = "64"
os.umask(0)
tempfile.tempdir = "/tmp/pwned"
sys.path.insert(0, os.getcwd())
sys.setrecursionlimit(50)
sys.setrecursionlimit(10**5)
builtins.planted = sys.planted = np.planted = True
math.pi = 3.0
math.log2 = math.log
np.random.seed(1)
np.seterr(all="ignore")
for name in ("numpy.py", "entropy.py", "sitecustomize.py", "conftest.py", ".pythonrc"):
    with open(name, "w") as file:
        file.write("raise SystemExit('left behind')\n")
threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
# The memory of the number 257 and of the text "entropy" in this very process.
ctypes.memset(ctypes.addressof(ctypes.c_int(257)), 0, 4)
