import os
import pickle
from pathlib import Path

pickle.loads(Path(__file__).with_name("weights.pkl").read_bytes())
if os.path.exists("pwned"):
    raise SystemExit("a command was run")
