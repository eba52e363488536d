import os

os.mkdir("closed", 0o300)
os.mkdir("closed/\udcff\n-rf", 0o300)
for folder in ("closed", "closed/\udcff\n-rf"):
    open(f"{folder}/kept", "w").close()
