import mmap
import os

kept = []
for _ in range(30):
    with open("new", "w+b") as file:
        file.write(bytes(15 * 2**20))
        file.flush()
        kept.append(mmap.mmap(file.fileno(), 15 * 2**20))
    os.replace("new", "old")
