import atexit
import signal
import threading
import time


def haunt():
    while True:
        time.sleep(0.01)


for _ in range(3):
    threading.Thread(target=haunt, daemon=True).start()
threading.Timer(3600, haunt).start()
atexit.register(haunt)
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGXCPU, signal.SIGALRM):
    signal.signal(number, lambda *args: None)
