import os

kept = []
for _ in range(30):
    kept.append(os.open(".", os.O_TMPFILE | os.O_RDWR))
    os.write(kept[-1], bytes(15 * 2**20))
