"""The verdict on a call that returned no value, and the message about it for the student.

Trust: exceptions are described by the child, which may lie. Whatever it says becomes one of the verdicts, with a
message that is printable, short, and free of addresses and paths of the grader.
"""

from __future__ import annotations

import builtins
import errno
import functools
import os
import re
import signal
from collections.abc import Mapping, Sequence
from typing import Any

from autograder.text import on_one_line
from autograder.verdict import Verdict

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}\b")
_SLOT = re.compile(r"/[^\s'\"]*/slot-[0-9]+/(submission|scratch|home)")
_MAX_MESSAGE = 300
_MAX_TYPES = 16
_MAX_SEARCHED = 1000  # the pattern of paths takes quadratic time
_MISSING_PACKAGE = "ModuleNotFoundError"
_MAX_FILE = 40
_MAX_LINE = 100_000
# What is not available to student code: what the message says it tried to do, and what to do instead.
_CLOSED = {
    "network": ("asks for the network", " Hand in what it needs as a file, and read that."),
    "programs": ("starts another process", " Do it in Python, in one process."),
    "files": ("uses a file outside of its own folder", " Hand the file in, or write it there, by its name alone."),
    "other": ("asks the system for something", ""),
}
_BUILTIN_EXCEPTIONS = frozenset(
    name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException)
)


class RemoteFault(Exception):  # noqa: N818  it is not an error of the program that catches it
    """A call that returned no value; `verdict` is the reason, and `message` tells it to the student.

    The message of an exception is written by the student's code and may quote the input, which may be hidden.
    `guarded` is our message without that text.
    """

    def __init__(self, verdict: Verdict, message: str, types: Sequence[str] = (), guarded: str | None = None) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.message = message
        self.types = tuple(types)
        self.guarded = message if guarded is None else guarded

    def told(self, reveal: bool) -> str:
        """Return the message for a check that may or may not reveal its input."""
        return self.message if reveal else self.guarded


def no_answer(subject: str) -> RemoteFault:
    """Return the verdict on a reply that no honest child sends."""
    return RemoteFault(Verdict.REFUSED, f"{subject} sent something that is not an answer.")


def of_exception(body: Mapping[str, Any], subject: str, home: str) -> RemoteFault:
    """Return the verdict on an exception that the child described; `body` may hold anything."""
    if "missing" in body:
        return RemoteFault(Verdict.MISSING, f"There is no `{clean(body['missing'])}` in {home}.", ("missing",))
    types = [kind[:_MAX_MESSAGE] for kind in _sequence(body.get("types"))[:_MAX_TYPES] if isinstance(kind, str)]
    if not types:
        return no_answer(subject)
    message = clean(body.get("message"))
    file, line = _where(body.get("where"))
    at, guarded_at = (f" ({file}, line {line})", f" (line {line})") if line else ("", "")
    raised = f"{clean(types[0])}: {message}" if message else clean(types[0])
    known = next((kind for kind in types if kind in _BUILTIN_EXCEPTIONS), "an exception")

    def fault(verdict: Verdict, what: str, *, quoted: str = "") -> RemoteFault:
        said = f"{subject} {what}: {quoted}{at}." if quoted else f"{subject} {what}{at}."
        return RemoteFault(verdict, said, types, f"{subject} {what}{guarded_at}.")

    number = body.get("errno")
    if "NotImplementedError" in types:
        return RemoteFault(Verdict.MISSING, f"Not written yet: {subject}{guarded_at}.", types)
    if "MemoryError" in types or "DefaultCPUAllocator" in message:
        return fault(Verdict.MEMORY_LIMIT, "ran out of memory", quoted=raised)
    door = body.get("closed")
    if "PermissionError" in types or (isinstance(door, str) and door == "network"):
        what, instead = _CLOSED.get(door if isinstance(door, str) else "", _CLOSED["other"])
        verdict = Verdict.REFUSED if "PermissionError" in types else Verdict.ERROR  # a name lookup meets no wall
        said = fault(verdict, f"{what}, which is not available while your work is graded", quoted=raised)
        return RemoteFault(said.verdict, said.message + instead, types, said.guarded + instead)
    if type(number) is int and number == errno.EFBIG:
        return fault(Verdict.REFUSED, "printed or wrote too much")
    if type(number) is int and number == errno.EMFILE:
        return fault(Verdict.REFUSED, "held too many files open at a time")
    if types[0] == "RuntimeError" and "can't start new thread" in message:
        return fault(Verdict.REFUSED, "started more threads than it has room for")
    if _MISSING_PACKAGE in types and isinstance(body.get("name"), str):
        gone = "is neither handed in nor installed where grading runs"
        guarded = f"{subject} needs a module that {gone}{guarded_at}."
        message = f"{subject} needs `{clean(body['name'])}`, which {gone}{at}."
        return RemoteFault(Verdict.ERROR, message, types, guarded)
    return RemoteFault(
        Verdict.ERROR, f"{subject} raised {raised}{at}.", types, f"{subject} raised {known}{guarded_at}."
    )


def _where(where: Any) -> tuple[str, int]:
    """Return file and line of an exception if the child told them in a plausible form; else line 0."""
    parts = _sequence(where)
    if len(parts) != 3 or not _is_line(parts[1]):
        return "", 0
    return clean(parts[0])[:_MAX_FILE], parts[1]


def of_ending(status: int, subject: str) -> RemoteFault:
    """Return the verdict on a child that ended in the middle of a call."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return RemoteFault(Verdict.TIME_LIMIT, f"{subject} used up the processor time of the whole attempt.")
        if number == signal.SIGSYS:
            return RemoteFault(Verdict.REFUSED, f"{subject} made a system call that is not allowed.")
        name = next((known.name for known in signal.Signals if known == number), str(number))  # not all have names
        return RemoteFault(Verdict.CRASHED, f"{subject} ended the Python process (signal {name}).")
    return RemoteFault(Verdict.CRASHED, f"{subject} ended the Python process (exit code {os.WEXITSTATUS(status)}).")


def _is_line(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _MAX_LINE


def _sequence(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def clean(value: Any) -> str:
    """Return hostile text in a form that can be stored and compared: printable, short, without addresses."""
    return _cleaned(value[:_MAX_SEARCHED]) if isinstance(value, str) else ""


@functools.lru_cache(256)  # the same few exceptions are raised again and again
def _cleaned(text: str) -> str:
    text = on_one_line(_SLOT.sub(r"\1", _ADDRESS.sub("0x…", text)))
    return text if len(text) <= _MAX_MESSAGE else text[: _MAX_MESSAGE - 1] + "…"
