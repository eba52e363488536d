"""Names that read like the student's code, and calls of it as the judge saw them.

`RemotePath` makes ``entropy.InformationMeasures.entropy(p)`` one round trip.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, cast

from autograder.remote.faults import RemoteFault

if TYPE_CHECKING:
    from autograder.remote.session import Session


@dataclass(slots=True)
class Call:
    """One call of the student's code as the judge saw it. `fault` is set where there is no `result`."""

    function: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    result: Any = None
    fault: RemoteFault | None = None


class Given:
    """Arguments for one of several calls: ``entropy.each(Given(p), Given(p, base=3))``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args = args
        self.kwargs = kwargs


@dataclass(frozen=True)
class RemotePath:
    """A name in the student's code. Attributes only extend the name; calls, elements and `fetch` cross the wire.

    The root is a module, the notebook, or the number of an object in the child. For an object, `_origin_home` and
    `_origin` are the module and the call that it came from.
    """

    _session: Session = field(repr=False)
    _root: str | int
    _path: tuple[str, ...] = ()
    _type_name: str | None = None
    _origin_home: str = ""
    _origin: str = ""

    @property
    def _home(self) -> str:
        return self._root if isinstance(self._root, str) else self._origin_home

    @property
    def _name(self) -> str:
        """The name as a student knows it: ``VAE.encode`` for a method of what ``VAE(…)`` returned."""
        return ".".join((self._origin, *self._path) if self._origin else self._path)

    def __getattr__(self, name: str) -> RemotePath:
        if name.startswith("__"):
            raise AttributeError(name)
        path = (*self._path, name)
        return RemotePath(self._session, self._root, path, self._type_name, self._origin_home, self._origin)

    def __getitem__(self, key: int | str) -> RemotePath:
        """Return the element `key` of the object, which stays in the child."""
        return cast(RemotePath, self._session.item(self, key))

    def __iter__(self) -> NoReturn:
        raise TypeError(f"{self!r} can't be iterated; name its elements")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function that the name stands for, and return its value."""
        return self._session.call(self, args, kwargs)

    def each(self, *given: Given) -> list[Any]:
        """Call the function once for each of `given`, in one round trip; return the values or raise the first fault."""
        return _values(self.outcomes(*given))

    def each_with_arguments(self, *given: Given) -> list[Any]:
        """Do as `each` does, and return ``(value, arguments)`` of each call, as `call_and_return_arguments` does."""
        return _values(self._session.call_each(self, given, back=True))

    def outcomes(self, *given: Given) -> list[Any | RemoteFault]:
        """Call the function once for each of `given`, in one round trip; return the value or the fault of each call."""
        return self._session.call_each(self, given)

    def call_and_return_arguments(self, *args: Any, **kwargs: Any) -> Any:
        """Return ``(result, arguments)``, with the arguments as they are after the call."""
        return self._session.call(self, args, kwargs, back=True)

    def call_live(self, *args: Any, **kwargs: Any) -> RemotePath:
        """Call the function and leave its value, with its graph, in the child; return a path that stands for it."""
        return cast(RemotePath, self._session.call(self, args, kwargs, hold=True))

    def fetch(self) -> Any:
        """Return the value that the name stands for; what can't be sent by value stays a `RemotePath`."""
        return self._session.get(self)

    def __str__(self) -> str:
        if self._path or self._type_name is None:
            return self._name or str(self._root)
        return f"an object of type {self._type_name}"

    def __repr__(self) -> str:
        return f"<{self}>"


def _values(outcomes: list[Any]) -> list[Any]:
    for outcome in outcomes:
        if isinstance(outcome, RemoteFault):
            raise outcome
    return outcomes
