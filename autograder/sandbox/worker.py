"""The warm worker: imports the libraries once and forks a confined child per attempt.

It listens on a Unix socket in a folder that only the grader's user can enter. Every connection is one judge with one
slot: a folder for the attempt, a scratch folder, and at most one child at a time. The worker itself never runs student
code, and it is told nothing that a student must not know.

Requests on that socket are wire frames. ``fork`` is answered with the child's process number and one end of the socket
pair that leads to it; ``kill`` ends the child and is answered with how it ended.
"""

from __future__ import annotations

import os

if __name__ == "__main__":
    # Children put their socket at this descriptor, so it must not be in use. Newer releases of libffi would use it:
    # they open a file as soon as ctypes is imported, and keep it open.
    _RESERVED = os.open(os.devnull, os.O_RDONLY)

import argparse
import contextlib
import gc
import importlib
import itertools
import json
import selectors
import shutil
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from autograder.sandbox import runner, shell, surroundings, walls, wire
from autograder.sandbox.levels import LEVELS, MAX_SLOTS, NAME, READY, Place, leash_path, socket_path

CHILD_DESCRIPTOR = 3
_BLOCK_BYTES = 512  # of ru_oublock, getrusage(2), whatever the disk


@dataclass
class Slot:
    """What one judge has in the worker: its folders, its walls, and the child that runs there."""

    number: int
    connection: socket.socket
    folder: Path
    confinement: walls.Confinement
    child: int | None = field(default=None)

    @property
    def submission(self) -> Path:
        """Folder that the child may read."""
        return self.folder / "submission"


class Worker:
    """Serves forks to the judges that connect; ends when its standard input is closed.

    A line on its standard input, a `Place` as JSON, asks for another worker that has imported more. That one is a fork
    of this worker too, so that what both need is imported once. Its standard input and output are the socket in its
    folder.
    """

    def __init__(self, folder: Path, walls: tuple[str, ...], first_slot: int) -> None:
        self.folder = folder
        self.walls = walls
        self.first_slot = first_slot
        self.slots: dict[int, Slot] = {}
        self.selector = selectors.DefaultSelector()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(socket_path(folder)))
        self.listener.listen(64)

    def serve(self) -> Place | None:
        """Answer judges until the grader that started this worker is gone.

        In a fork that is to be another worker, return its place; nothing of this worker is open there.
        """
        self.selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        self.selector.register(self.listener, selectors.EVENT_READ)
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.listener:
                    self._welcome()
                elif key.fileobj == sys.stdin.fileno():
                    line = os.read(sys.stdin.fileno(), 4096)
                    if not line:
                        for slot in list(self.slots.values()):
                            self._end(slot)
                        return None
                    asked = json.loads(line)
                    place = Place(Path(asked["folder"]), asked["level"])
                    if self._grow(place):
                        return place
                else:
                    self._serve_slot(self.slots[key.fd])

    def _grow(self, place: Place) -> bool:
        """Fork a worker for `place`; return whether this is the fork."""
        if os.fork():
            return False
        self.selector.close()
        self.listener.close()
        for slot in self.slots.values():
            slot.connection.close()
        with socket.socket(socket.AF_UNIX) as leash:
            leash.connect(str(leash_path(place.folder)))
            for descriptor in (sys.stdin.fileno(), sys.stdout.fileno()):
                os.dup2(leash.fileno(), descriptor)
        os.chdir(place.folder)
        return True

    def _welcome(self) -> None:
        connection, _ = self.listener.accept()
        try:
            slot = self._slot(connection)
        except (OSError, walls.ConfinementError):  # for example a full disk: only this judge is turned away
            connection.close()
            return
        self.slots[connection.fileno()] = slot
        self.selector.register(connection, selectors.EVENT_READ)
        self._send(slot, "slot", {"folder": str(slot.folder)})

    def _slot(self, connection: socket.socket) -> Slot:
        taken = {slot.number for slot in self.slots.values()}
        number = next(n for n in itertools.count(self.first_slot) if n not in taken)
        folder = self.folder / f"slot-{number}"
        submission, scratch, home = folders = [folder / name for name in ("submission", "scratch", "home")]
        for each in folders:
            each.mkdir(parents=True, exist_ok=True)
        confinement = walls.Confinement(submission, scratch, home, self.walls, number)
        if confinement.uid is not None:
            os.chown(folder, -1, confinement.uid)
        folder.chmod(0o710)  # no other user may read submissions
        return Slot(number, connection, folder, confinement)

    def _serve_slot(self, slot: Slot) -> None:
        try:
            request = wire.receive(slot.connection)
        except (EOFError, OSError, wire.WireError):
            self._end(slot)
            return
        if request.kind == "fork":
            self._fork(slot, **request.body)
        elif request.kind == "kill":
            self._send(slot, "ended", self._kill(slot))
        else:
            self._end(slot)

    def _fork(self, slot: Slot, bounds: dict[str, int], seed: int, cores: list[int]) -> None:
        self._kill(slot)
        judge_end, child_end = socket.socketpair()
        with judge_end, child_end:
            try:
                slot.child = os.fork()
            except OSError as error:  # no memory or no process left: only this judge is told, others may still succeed
                self._send(slot, "not forked", str(error))
                return
            if slot.child == 0:
                with contextlib.suppress(OSError):  # they are no longer this process's to use
                    os.sched_setaffinity(0, cores)
                _become_child(slot, child_end, walls.Bounds(**bounds), seed)
            frame = wire.encode(wire.Frame(0, "forked", {"pid": slot.child}))
            with contextlib.suppress(OSError):  # a judge that is gone is noticed when its socket is read
                socket.send_fds(slot.connection, [frame], [judge_end.fileno()])

    def _kill(self, slot: Slot) -> dict[str, object]:
        """End the slot's child; return its wait status, the processor time that it used, and what it wrote to disks."""
        if slot.child is None:
            return {"status": 0, "cpu_seconds": 0.0, "written_bytes": 0}
        with contextlib.suppress(ProcessLookupError):
            os.kill(slot.child, signal.SIGKILL)
        _, status, usage = os.wait4(slot.child, 0)
        slot.child = None
        return {
            "status": status,
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "written_bytes": usage.ru_oublock * _BLOCK_BYTES,
        }

    def _end(self, slot: Slot) -> None:
        self._kill(slot)
        self.selector.unregister(slot.connection)
        del self.slots[slot.connection.fileno()]
        slot.connection.close()

    @staticmethod
    def _send(slot: Slot, kind: str, body: object) -> None:
        with contextlib.suppress(OSError):  # a judge that is gone is noticed when its socket is read
            slot.connection.sendall(wire.encode(wire.Frame(0, kind, body)))


def _become_child(slot: Slot, link: socket.socket, bounds: walls.Bounds, seed: int) -> NoReturn:
    """Turn a fresh fork into the confined child of `slot` and serve the judge; never returns."""
    try:
        walls.name_process("attempt")
        output = os.open(slot.folder / "output", os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        (slot.folder / "output").unlink()
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (output, 1), (output, 2), (link.fileno(), CHILD_DESCRIPTOR)):
            os.dup2(source, target)
        slot.confinement.enter(bounds, CHILD_DESCRIPTOR + 1)
        gc.enable()
        runner.serve(CHILD_DESCRIPTOR, str(slot.submission), seed)
    except walls.ConfinementError as error:
        _last_words(CHILD_DESCRIPTOR, str(error))
    except BaseException:  # noqa: BLE001  a child must not fall back into the worker's loop
        _last_words(CHILD_DESCRIPTOR, traceback.format_exc(limit=3))
    finally:
        os._exit(70)
    raise AssertionError("unreachable")


def _last_words(descriptor: int, message: str) -> None:
    with contextlib.suppress(OSError):
        os.write(descriptor, wire.encode(wire.Frame(0, "unconfined", message)))


def _rehearse() -> None:
    """Do what libraries do at their first call, so that no child has to."""
    surroundings.prepare()
    shell.shell().run_cell("None", silent=True)
    if "sklearn" in sys.modules:  # it looks through all installed packages once, which takes 20 ms
        selection = sys.modules["sklearn.feature_selection"]
        selection.mutual_info_classif([[float(n)] for n in range(20)], [0, 1] * 10, random_state=0)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


def _not_imported(names: Iterable[str]) -> str | None:
    """Import `names`; return what is wrong with the first that fails, or None."""
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001  a broken library may raise anything
            return f"{name} can't be imported ({type(error).__name__}: {' '.join(str(error).split()):.300})"
    return None


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(reserved: int, arguments: list[str] | None = None) -> None:
    """Warm up, listen, serve; `reserved` is the first descriptor that was free at the start."""
    parser = argparse.ArgumentParser(prog="python -m autograder.sandbox.worker")
    parser.add_argument("folder", type=Path, help="folder for the socket and the slots")
    parser.add_argument("--wall", action="append", default=[], choices=walls.WALLS, help="a wall that must stand")
    parser.add_argument("--level", default="torch", choices=LEVELS, help="how much to import before forking")
    options = parser.parse_args(arguments)
    if reserved != CHILD_DESCRIPTOR:
        raise SystemExit(f"the worker must be started with three open descriptors; the next one was {reserved}")
    walls.allow_open_files()
    place: Place | None = Place(options.folder, options.level)
    while place is not None:
        served, level = place, list(LEVELS).index(place.level)
        walls.name_process(f"{NAME}{place.level}")
        shell.shell()  # before the libraries that integrate themselves with it
        if reason := _not_imported(itertools.chain.from_iterable(list(LEVELS.values())[: level + 1])):
            _say(reason)
            break
        _rehearse()
        tempfile.tempdir = str(place.folder)
        worker = Worker(place.folder, tuple(options.wall), level * MAX_SLOTS)
        gc.collect()
        gc.disable()
        gc.freeze()
        _say(READY)
        place = worker.serve()
    shutil.rmtree(served.folder, ignore_errors=True)  # if the grader was killed, no other process does it


if __name__ == "__main__":
    main(_RESERVED)
    os._exit(0)  # the grader waits for this, and unloading the libraries would take long
