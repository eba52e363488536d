"""Turns errors of a database into messages that say what to do."""

from __future__ import annotations

_DAMAGED = (
    "is damaged; put a backup in its place, or move it away to have it rewritten (manual grades are in the old one "
    "only)"
)
_OTHER_VERSION = "was made by another version of nbgrader; back it up, then run `nbgrader db upgrade`"
_AGAIN = "run the same command again, nothing was lost"
_FULL = f"can't be written, the disk is full; free some space and {_AGAIN}"
_NO_LEAVE = "gives this user too few rights; grant the role all rights on the database and its schema"
_SILENT = "does not answer; start the server, or correct the URL"
_NO_USER = "has no such user; create the role on the server, or correct the URL"
_WRONG_LOGIN = "refuses the password; correct the URL"

# PostgreSQL's messages are in the language of its server but have a code, https://www.postgresql.org/docs/current/
# errcodes-appendix.html; the longest prefix that is listed here counts.
_BY_SQLSTATE = {
    "25006": "is read-only, like a standby; use the server that accepts writes",
    "28": "does not let this user in; correct the URL, or the server's pg_hba.conf",
    "3D000": "does not exist; create the database, or correct the URL",
    "3F000": _OTHER_VERSION,
    "40": f"is being written by another program; {_AGAIN}",
    "42501": _NO_LEAVE,
    "42703": _OTHER_VERSION,
    "42P01": _OTHER_VERSION,
    "53100": _FULL,
    "53300": f"has no connection left; close other programs that use it and {_AGAIN}",
    "55P03": f"is locked by another program; close that and {_AGAIN}",
    "57": f"was stopped by its server; {_AGAIN}",
}
# A failed connection has no code, and SQLite's codes don't help. More specific texts come first.
_BY_TEXT = {
    "is locked": f"is locked by another program; close that (the formgrader, another `autograder grade`) and {_AGAIN}",
    "not a database": _DAMAGED,
    "malformed": _DAMAGED,
    "disk is full": _FULL,
    "disk I/O error": f"can't be read or written; free some space or check the disk, then {_AGAIN}",
    "readonly": "can't be written; make it and its folder writable",
    "unable to open": "can't be opened; create its folder and make it writable",
    "no such column": _OTHER_VERSION,
    "no such table": _OTHER_VERSION,
    "No module named": "needs a driver that is not installed; for PostgreSQL, pip install 'psycopg[binary]'",
    "no pg_hba.conf entry": "does not let this user in from here; add a line to the server's pg_hba.conf, or correct "
    "the URL",
    "password authentication failed": _WRONG_LOGIN,
    "no password supplied": "asks for a password; write it into the URL, or into ~/.pgpass",
    'role "': _NO_USER,
    'database "': "does not exist; create the database, or correct the URL",
    "starting up": f"is not ready yet; wait a moment, then {_AGAIN}",
    "connection slots": f"has no connection left; close other programs that use it and {_AGAIN}",
    "too many clients": f"has no connection left; close other programs that use it and {_AGAIN}",
    "failed to resolve host": "is on a machine whose name is not known here; correct the URL",
    "onnection refused": _SILENT,
    "Is the server running": _SILENT,
    "timeout": _SILENT,
    "onnection failed": "can't be reached; correct the URL, or ask the server's administrator",
}


def complaint(error: Exception) -> str:
    """Return what is wrong with a gradebook and what to do; completes "the gradebook … "."""
    seen: BaseException | None = error  # nbgrader wraps what the driver raised
    while seen is not None and getattr(seen, "orig", None) is None:
        seen = seen.__cause__ or seen.__context__
    cause = getattr(seen, "orig", error)
    text = " ".join(str(cause).split())
    state = getattr(cause, "sqlstate", None) or ""
    by_state = max((code for code in _BY_SQLSTATE if state.startswith(code)), key=len, default=None)
    if by_state is not None:
        return f"{_BY_SQLSTATE[by_state]} ({text})"
    remedy = next((remedy for sign, remedy in _BY_TEXT.items() if sign in text and not state), None)
    return f"{remedy} ({text})" if remedy else f"refused the grades: {text or type(error).__name__}"
