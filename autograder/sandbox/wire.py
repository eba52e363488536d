"""The data-only wire between judge and worker: versioned, size-capped msgpack frames.

A frame is a four-byte big-endian length and a msgpack array ``[version, token, kind, body]``. Plain values keep their
type: NumPy arrays and scalars, torch tensors, tuples, sets, complex and large integers have their own extension codes.
There is no pickle and nothing that names code, so the worst that bytes from the other side can do is to fail to
decode.

Trust: `decode` trusts nothing. Whatever bytes it gets, it returns plain values or raises `WireError`.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgpack
import numpy as np

VERSION = 1
HEADER = struct.Struct(">I")
MAX_FRAME_BYTES = 16 * 2**20  # the largest frame that a suite asks for, a network's parameters, is a sixth of that
MAX_DEPTH = 64
MAX_DIMENSIONS = 32
# Items, keys and copied bytes are counted because one byte can become a list of sixty bytes, keys that share a hash
# take quadratic time, and each extension inside another one is one more copy of its content.
MAX_ITEMS = 2**18
MAX_KEYS = 2**12
MAX_KEY_BYTES = 2**18
MAX_COPIED_BYTES = 4 * MAX_FRAME_BYTES
_ITEM_BYTES = 200
_SLOW_KEY_BYTES = 256  # what a key that is compared by Python code counts for
# msgpack allocates as many elements as a list announces before it has seen one. For so few bytes even the square is
# small; longer bodies are read to their end first. Most replies are this short. What they hold is not counted, unless
# so many of their bytes can begin a list, a map or an extension that they might be nested too deeply.
_SHORT_BYTES = 256
_BYTES_PER_BYTE = 32  # that a short body's numbers and text take in memory
_NOT_OPENING = bytes({*range(256)} - {*range(0x80, 0xA0), *range(0xC7, 0xCA), *range(0xD4, 0xD9), *range(0xDC, 0xE0)})
_MAX_NAME = 200

_TUPLE, _ARRAY, _SCALAR, _TENSOR, _INTEGER, _COMPLEX, _SET, _FROZENSET, _HANDLE, _OBJECTS, _DOUBLE = range(1, 12)

PLAIN = frozenset({bool, int, float, complex, str, bytes, type(None), np.ndarray, np.float64})
"""Types that arrive as they were sent and hold nothing else; most arguments and answers have no others."""

_Container = TypeVar("_Container")

_DTYPE = re.compile(r"[<>|=]?(?:b1|[iu](?:1|2|4|8)|f(?:2|4|8|16)|c(?:8|16|32)|[US][0-9]{1,6})")
_TENSOR_DTYPES = (
    "bool", "uint8", "int8", "int16", "int32", "int64",
    "float16", "bfloat16", "float32", "float64", "complex64", "complex128",
)  # fmt: skip


class WireError(Exception):
    """Bytes that are not a valid frame, or a value that can't be sent."""


@dataclass(frozen=True)
class Handle:
    """An object that stays in the child; only its number and the name of its type are sent."""

    number: int
    type_name: str


@dataclass(frozen=True, eq=False)
class Tensor:
    """A torch tensor as it arrives: the name of its dtype, and its numbers (float32 ones for ``bfloat16``).

    So reading frames does not need torch, which takes seconds and a quarter of a gigabyte to import.
    """

    dtype: str
    array: np.ndarray[Any, Any]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self.array, dtype=dtype) if copy else np.asarray(self.array, dtype=dtype)


@dataclass(slots=True)  # frozen, it takes three times as long to make, and each call is one
class Frame:
    """One message: the `token` of a reply repeats the one of its request.

    `weight` is set by `decode`: an upper estimate of the bytes that the body holds in memory.
    """

    token: int
    kind: str
    body: Any
    weight: int = field(default=0, compare=False)


def encode(frame: Frame, keep: Callable[[Any], Handle] | None = None) -> bytes:
    """Return the bytes of `frame`, header included.

    Parameters
    ----------
    frame
        The message.
    keep
        Called with every object that can't be sent by value; returns the handle that stands for it.

    Raises
    ------
    WireError
        If a value can't be encoded (and there is no `keep`), is nested too deeply, or the frame is too large.
    """
    try:
        body = _pack([VERSION, frame.token, frame.kind, frame.body], keep, 0)
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise WireError(f"the value cannot be sent: {error}") from error
    _refuse_if_large(len(body))
    return HEADER.pack(len(body)) + body


def _refuse_if_large(size: int) -> None:
    if size > MAX_FRAME_BYTES:
        raise WireError(f"the value is too large to send: {size} bytes, at most {MAX_FRAME_BYTES}")


def decode(body: bytes, trusted: bool = False) -> Frame:
    """Return the frame in `body` (without its header); what it holds is not counted if its sender is `trusted`.

    Raises
    ------
    WireError
        If `body` is not exactly one well-formed frame of this version.
    """
    openings = len(body.translate(None, _NOT_OPENING)) if len(body) <= _SHORT_BYTES else len(body)
    decoder = _Decoder(counts=openings > MAX_DEPTH and not trusted)
    message = decoder.unpack(body)
    if not (isinstance(message, list) and len(message) == 4):
        raise WireError("the frame is not a list of four")
    version, token, kind, payload = message
    if type(version) is not int or version != VERSION:
        raise WireError(f"the frame is not of version {VERSION}")
    if type(token) is not int or type(kind) is not str:
        raise WireError("the frame's token and kind must be an integer and a string")
    if openings > MAX_DEPTH:
        weight = len(body) + _ITEM_BYTES * decoder.items
    else:
        weight = _BYTES_PER_BYTE * len(body) + _ITEM_BYTES * openings
    return Frame(token, kind, payload, weight)


def body_length(header: bytes | bytearray) -> int:
    """Return the length of the body that a four-byte `header` announces; refuse one above the cap."""
    (length,) = HEADER.unpack(header)
    if length > MAX_FRAME_BYTES:
        raise WireError(f"a frame of {length} bytes was announced; at most {MAX_FRAME_BYTES} are read")
    return int(length)


def receive(connection: socket.socket) -> Frame:
    """Read one frame between judge and worker, who trust each other."""
    header = _exactly(connection, HEADER.size)
    return decode(_exactly(connection, body_length(header)), trusted=True)


def _exactly(connection: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(count - len(parts))
        if not part:
            raise EOFError("the other side closed the connection")
        parts += part
    return bytes(parts)


def _pack(value: Any, keep: Callable[[Any], Handle] | None, depth: int) -> bytes:
    if depth > MAX_DEPTH:
        raise WireError(f"the value is nested more than {MAX_DEPTH} levels deep")

    def default(item: Any) -> Any:
        return _reduce(item, keep, depth)

    packed = msgpack.packb(value, default=default, strict_types=True, use_bin_type=True, unicode_errors="surrogatepass")
    assert isinstance(packed, bytes)
    return packed


def _reduce(item: Any, keep: Callable[[Any], Handle] | None, depth: int) -> Any:
    """Return what stands for `item` in msgpack's own types; subclasses of builtins are sent as their base class."""

    def nested(code: int, value: Any) -> msgpack.ExtType:
        return msgpack.ExtType(code, _pack(value, keep, depth + 1))

    torch = sys.modules.get("torch")
    match item:
        case np.ndarray() if item.dtype.kind == "O":
            return nested(_OBJECTS, [list(item.shape), item.reshape(-1).tolist()])
        case np.ndarray() if _DTYPE.fullmatch(item.dtype.str):
            _refuse_if_large(item.nbytes)  # before it is copied
            return nested(_ARRAY, [item.dtype.str, list(item.shape), np.ascontiguousarray(item).tobytes()])
        case np.float64():  # what most functions answer
            return msgpack.ExtType(_DOUBLE, item.tobytes())
        case np.generic() if _DTYPE.fullmatch(item.dtype.str):
            return nested(_SCALAR, [item.dtype.str, item.tobytes()])
        case _ if torch is not None and isinstance(item, torch.Tensor):
            return nested(_TENSOR, _tensor_parts(torch, item))
        case Tensor():
            return nested(_TENSOR, _stand_in_parts(item))
        case tuple():
            return nested(_TUPLE, list(tuple.__iter__(item)))
        case set():
            return nested(_SET, list(set.__iter__(item)))
        case frozenset():
            return nested(_FROZENSET, list(frozenset.__iter__(item)))
        case Handle():
            return nested(_HANDLE, [item.number, item.type_name])
        case bool():
            return bool.__bool__(item)
        case int():
            number = int.__index__(item)
            if -(2**63) <= number < 2**64:
                return number
            return msgpack.ExtType(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))
        case float():
            return float.__float__(item)
        case complex():
            return msgpack.ExtType(_COMPLEX, struct.pack(">dd", item.real, item.imag))
        case str():
            return str.__str__(item)
        case list():
            return list(list.__iter__(item))
        case dict():
            return dict(dict.items(item))
    if keep is None:
        raise WireError(f"a value of type {type(item).__name__} cannot be sent")
    return _reduce(keep(item), None, depth)


def _stand_in_parts(tensor: Tensor) -> list[Any]:
    numbers = np.asarray(tensor.array, order="C")
    if tensor.dtype == "bfloat16":
        numbers = (numbers.astype(np.float32).view(np.uint32) >> 16).astype("<u2")
    return [tensor.dtype, list(numbers.shape), numbers.tobytes()]


def _tensor_parts(torch: Any, tensor: Any) -> list[Any]:
    name = str(tensor.dtype).removeprefix("torch.")
    if name not in _TENSOR_DTYPES:
        raise WireError(f"a tensor of dtype {name} cannot be sent")
    _refuse_if_large(tensor.numel() * tensor.element_size())
    plain = tensor.detach().resolve_conj().resolve_neg().to("cpu").contiguous()
    if name == "bfloat16":
        plain = plain.view(torch.int16)
    return [name, list(plain.shape), plain.numpy().tobytes()]


class _Decoder:
    """Unpacks one frame, and counts over all its nested parts if `counts`."""

    def __init__(self, counts: bool) -> None:
        self._hooks = {"list_hook": self._list, "object_pairs_hook": self._dict} if counts else {}
        self.items = 0
        self._keys = 0
        self._key_bytes = 0
        self._copied = 0
        self._depths: dict[int, int] = {}  # of containers by identity; each one lives at least until its parent exists
        self._level = 0  # of extensions inside extensions

    def unpack(self, body: bytes) -> Any:
        """Return the value in `body`."""
        if self._level > MAX_DEPTH:
            raise WireError(f"the frame is nested more than {MAX_DEPTH} levels deep")
        self._copied += len(body)
        if self._copied > MAX_COPIED_BYTES:
            raise WireError(f"the frame holds more than {MAX_COPIED_BYTES} bytes in extensions inside extensions")
        try:
            if len(body) > _SHORT_BYTES:
                _read_to_the_end(body)
            return msgpack.unpackb(
                body,
                ext_hook=self._restore,
                max_array_len=min(MAX_ITEMS, len(body)),
                max_map_len=min(MAX_KEYS, len(body)),
                raw=False,
                strict_map_key=False,
                timestamp=1,  # msgpack's own extension does not reach the hook; this makes it a plain float
                unicode_errors="surrogatepass",
                **self._hooks,
            )
        except WireError:
            raise
        except Exception as error:  # whatever the libraries raise for hostile bytes
            raise WireError(f"the frame cannot be decoded: {type(error).__name__}") from error

    def _list(self, items: list[Any]) -> list[Any]:
        return self._counted(items, items)

    def _dict(self, pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
        self._hashed([key for key, _ in pairs])
        return self._counted(dict(pairs), list(itertools.chain.from_iterable(pairs)))

    def _hashed(self, keys: Sequence[Any]) -> None:
        """Count `keys` before they are hashed, because keys that share a hash are all compared with each other."""
        self._keys += len(keys)
        if self._keys > MAX_KEYS:
            raise WireError(f"the frame holds more than {MAX_KEYS} keys")
        self._key_bytes += sum(map(_key_bytes, keys))
        if self._key_bytes > MAX_KEY_BYTES:
            raise WireError(f"the frame holds keys of more than {MAX_KEY_BYTES} bytes")

    def _counted(self, container: _Container, parts: Sequence[Any]) -> _Container:
        """Count `parts`, and return the `container` of them; refuse one that is nested too deeply."""
        self.items += 1 + len(parts)
        if self.items > MAX_ITEMS:
            raise WireError(f"the frame holds more than {MAX_ITEMS} items")
        depth = 1
        if not _NESTING.isdisjoint(map(type, parts)):  # most containers hold only numbers and text
            depth += max(self._depths.get(id(part), 0) for part in parts if type(part) in _NESTING)
        if depth > MAX_DEPTH:
            raise WireError(f"the frame is nested more than {MAX_DEPTH} levels deep")
        self._depths[id(container)] = depth
        return container

    def _restore(self, code: int, data: bytes) -> Any:
        self.items += 1
        if code == _DOUBLE and len(data) == 8:
            return np.frombuffer(data, np.float64)[0]
        if code == _INTEGER:
            return int.from_bytes(data, "big", signed=True)
        if code == _COMPLEX and len(data) == 16:
            return complex(*struct.unpack(">dd", data))
        self._level += 1
        content = self.unpack(data)
        self._level -= 1
        if type(content) is list:
            if code == _ARRAY and _are(content, str, list, bytes):
                return _array(*content)
            if code == _SCALAR and _are(content, str, bytes):
                return _array(content[0], [], content[1])[()]
            if code == _TUPLE:
                return self._counted(tuple(content), content)
            if code == _TENSOR and _are(content, str, list, bytes):
                return _tensor(*content)
            if code == _HANDLE and _are(content, int, str):
                return Handle(content[0], content[1][:_MAX_NAME])
            if code == _OBJECTS and _are(content, list, list):
                return self._counted(_object_array(*content), content[1])
            if code in (_SET, _FROZENSET):
                self._hashed(content)
                return self._counted(set(content) if code == _SET else frozenset(content), content)
        raise WireError(f"the frame holds an extension {code} that does not fit its content")


def _read_to_the_end(body: bytes) -> None:
    """Walk through `body` without building its values; msgpack raises an exception if it is not well formed."""
    walker = msgpack.Unpacker(max_buffer_size=len(body), read_size=len(body))
    walker.feed(body)
    walker.skip()


def _key_bytes(key: Any) -> int:
    """Return how many bytes it takes to compare `key` with an equal one; 0 for what can't be a key."""
    if type(key) in (str, bytes):
        return len(key)
    if type(key) is int:
        return key.bit_length() // 8
    if type(key) in (tuple, frozenset):
        return sum(map(_key_bytes, key))
    return _SLOW_KEY_BYTES if isinstance(key, Handle | np.generic) else 0


_NESTING = frozenset({list, tuple, dict, set, frozenset, np.ndarray})


def _are(content: list[Any], *kinds: type) -> bool:
    """Whether `content` holds one value of each of `kinds`, in that order and exactly."""
    return [type(part) for part in content] == list(kinds)


def _size(shape: list[Any]) -> int:
    """Return the number of elements; axes of empty arrays are bounded too, because lists would spell them out."""
    if len(shape) > MAX_DIMENSIONS or not all(type(n) is int and n >= 0 for n in shape):
        raise WireError("the frame holds an array with an impossible shape")
    if math.prod(n or 1 for n in shape) > MAX_FRAME_BYTES:
        raise WireError("the frame holds an array with an impossible shape")
    return math.prod(shape)


@functools.lru_cache(64)
def _dtype(name: str) -> np.dtype[Any]:
    if not _DTYPE.fullmatch(name):
        raise WireError("the frame holds an array of a dtype that is not carried")
    return np.dtype(name)


def _array(dtype_name: str, shape: list[Any], raw: bytes) -> np.ndarray[Any, Any]:
    dtype = _dtype(dtype_name)
    size = _size(shape)
    if size * dtype.itemsize != len(raw) or (dtype.itemsize == 0 and size > 2**20):
        raise WireError("the frame holds an array whose shape and bytes disagree")
    if dtype.itemsize == 0:
        return np.zeros(shape, dtype)
    if dtype.kind == "U" and np.any(np.frombuffer(raw, dtype.str[0] + "u4") > sys.maxunicode):
        raise WireError("the frame holds text with characters that do not exist")
    return np.frombuffer(raw, dtype).reshape(shape).copy()


def _object_array(shape: list[Any], items: list[Any]) -> np.ndarray[Any, Any]:
    if _size(shape) != len(items):
        raise WireError("the frame holds an array whose shape and items disagree")
    array = np.empty(len(items), dtype=object)
    for index, item in enumerate(items):
        array[index] = item
    return array.reshape(shape)


def _tensor(dtype_name: str, shape: list[Any], raw: bytes) -> Tensor:
    if dtype_name not in _TENSOR_DTYPES:
        raise WireError("the frame holds a tensor of a dtype that is not carried")
    if dtype_name != "bfloat16":
        return Tensor(dtype_name, _array(np.dtype(dtype_name).str, shape, raw))
    halves = _array("<u2", shape, raw)  # the upper halves of float32 numbers
    return Tensor(dtype_name, (halves.astype(np.uint32) << 16).view(np.float32))
