import os

os.mkdir("closed", 0)
for number in range(100):
    open(f"litter-{number}", "w").close()
for _ in range(2000):
    os.mkdir("deeper")
    os.chdir("deeper")
os.umask(0o777)
os.mkdir("closed")
