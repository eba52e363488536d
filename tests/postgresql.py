"""A PostgreSQL server for tests: in a folder of its own, reached through a socket there, and gone at the end."""

import contextlib
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from autograder.nbgrader_seam import open_gradebook

_ACCOUNTS = ("postgres", "nobody")
_FAST = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=16MB"


class NotHereError(Exception):
    """The server can't run on this machine; the message is the reason."""


class Server:
    """Empty gradebooks of the course ``mini``, as many as are asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        open_gradebook(self._made("mini", None), "mini").close()

    def empty_gradebook(self) -> str:
        """Return the URL of a gradebook without students."""
        return self._made(f"gradebook_{next(self._numbers)}", "mini")

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://grader@/{database}?host={self._folder}"

    @contextlib.contextmanager
    def lets_in(self, *lines: str) -> Iterator[None]:
        """Let in whom `lines` of ``pg_hba.conf`` name, `grader` among them, for the length of the block."""
        file = self._folder / "data" / "pg_hba.conf"
        before = file.read_bytes()
        try:
            self._obey(file, "\n".join([*lines, ""]).encode())
            yield
        finally:
            self._obey(file, before)

    def _obey(self, file: Path, content: bytes) -> None:
        def loaded() -> tuple[Any, ...] | None:
            with self._connected() as connection:
                return connection.execute("SELECT pg_conf_load_time()").fetchone()

        before = loaded()
        file.write_bytes(content)
        with self._connected() as connection:
            connection.execute("SELECT pg_reload_conf()")
        while loaded() == before:
            time.sleep(0.01)

    def _connected(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self._folder), user="grader", dbname="postgres", autocommit=True)

    def _made(self, database: str, template: str | None) -> str:
        with self._connected() as connection:
            likeness = sql.Identifier(template or "template1")
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(database), likeness))
        return self.url(database)


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """Start a server for the length of the block; as another account where this one is root, whom it refuses.

    Raises
    ------
    NotHereError
        If there is no PostgreSQL, or no account that it could run as.
    """
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    found = shutil.which("pg_ctl") or (str(programs[-1]) if programs else None)
    if found is None:
        raise NotHereError("no PostgreSQL on this machine; on Debian and Ubuntu: apt-get install postgresql")
    account: dict[str, Any] = {}
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short: the path of a socket has 107 characters at most
    try:
        if os.getuid() == 0:
            user = _account()
            account = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(folder, user.pw_uid, user.pw_gid)
        folder.chmod(0o755)
        control = [found, "-D", str(folder / "data"), "-s", "-w"]

        def run(*command: str) -> None:
            done = subprocess.run(
                command, cwd=folder, env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"}, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, check=False, timeout=120, **account,
            )  # fmt: skip
            if done.returncode:
                raise NotHereError(f"{Path(command[0]).name} fails: {done.stderr.strip()[-500:]}")

        run(*control, "initdb", "-o", "--auth=trust --username=grader --encoding=UTF8 --no-sync")
        run(*control, "start", "-l", str(folder / "log"), "-o", f"{_FAST} -k {folder}")
        try:
            yield Server(folder)
        finally:
            run(*control, "stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> pwd.struct_passwd:
    for name in _ACCOUNTS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NotHereError("PostgreSQL does not run as root, and there is neither `postgres` nor `nobody` here")
