import os

kept = []
for number in range(30):
    kept.append(open(f"{number}", "wb"))
    os.remove(f"{number}")
    kept[-1].write(bytes(15 * 2**20))
