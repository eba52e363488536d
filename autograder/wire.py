"""The data-only wire between judge and worker: versioned, size-capped msgpack frames.

A frame is a four-byte big-endian length and a msgpack array ``[version, token, kind, body]``. Plain values keep their
type: NumPy arrays and scalars, torch tensors, tuples, sets, complex and large integers have extension codes of their
own. There is no pickle and nothing that names code, so the worst that bytes from the other side can do is to fail to
decode.

Trust: `decode` trusts nothing. Whatever bytes it gets, it returns plain values or raises `WireError`.
"""

from __future__ import annotations

import math
import re
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgpack
import numpy as np

VERSION = 1
HEADER = struct.Struct(">I")
MAX_FRAME_BYTES = 64 * 2**20
MAX_DEPTH = 64
MAX_DIMENSIONS = 32

_TUPLE, _ARRAY, _SCALAR, _TENSOR, _INTEGER, _COMPLEX, _SET, _FROZENSET, _HANDLE, _OBJECTS = range(1, 11)

_DTYPE = re.compile(r"[<>|=]?(?:b1|[iu](?:1|2|4|8)|f(?:2|4|8|16)|c(?:8|16|32)|[US][0-9]{1,6})")
_TENSOR_DTYPES = (
    "bool", "uint8", "int8", "int16", "int32", "int64",
    "float16", "bfloat16", "float32", "float64", "complex64", "complex128",
)  # fmt: skip


class WireError(Exception):
    """Bytes that are no valid frame, or a value that has no place on the wire."""


@dataclass(frozen=True)
class Handle:
    """A worker-side object that stays where it is; only its number and the name of its type travel."""

    number: int
    type_name: str


@dataclass(frozen=True)
class Frame:
    """One message: the `token` of a reply repeats the one of its request."""

    token: int
    kind: str
    body: Any


def encode(frame: Frame, keep: Callable[[Any], Handle] | None = None) -> bytes:
    """Return the bytes of `frame`, header included.

    Parameters
    ----------
    frame
        The message.
    keep
        Called with every object that can't travel by value; returns the handle that stands for it.

    Raises
    ------
    WireError
        If a value can't be encoded (and there is no `keep`), is nested too deeply, or the frame is too large.
    """
    try:
        body = _pack([VERSION, frame.token, frame.kind, frame.body], keep, 0)
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise WireError(f"the value cannot be sent: {error}") from error
    if len(body) > MAX_FRAME_BYTES:
        raise WireError(f"the value is too large to send: {len(body)} bytes, at most {MAX_FRAME_BYTES}")
    return HEADER.pack(len(body)) + body


def decode(body: bytes) -> Frame:
    """Return the frame in `body` (without its header).

    Raises
    ------
    WireError
        For whatever is not exactly one well-formed frame of this version.
    """
    message = _unpack(body, 0)
    if not (isinstance(message, list) and len(message) == 4):
        raise WireError("the frame is no list of four")
    version, token, kind, payload = message
    if version != VERSION or isinstance(version, bool):
        raise WireError(f"the frame has version {version!r:.20}; this side speaks {VERSION}")
    if type(token) is not int or type(kind) is not str:
        raise WireError("the frame's token and kind must be an integer and a string")
    return Frame(token, kind, payload)


def body_length(header: bytes) -> int:
    """Return the length of the body that a four-byte `header` announces; refuse one above the cap."""
    (length,) = HEADER.unpack(header)
    if length > MAX_FRAME_BYTES:
        raise WireError(f"a frame of {length} bytes was announced; at most {MAX_FRAME_BYTES} are read")
    return int(length)


def _pack(value: Any, keep: Callable[[Any], Handle] | None, depth: int) -> bytes:
    if depth > MAX_DEPTH:
        raise WireError(f"the value is nested more than {MAX_DEPTH} levels deep")

    def default(item: Any) -> Any:
        return _reduce(item, keep, depth)

    packed = msgpack.packb(
        value, default=default, strict_types=True, use_bin_type=True, unicode_errors="surrogatepass"
    )
    assert isinstance(packed, bytes)
    return packed


def _reduce(item: Any, keep: Callable[[Any], Handle] | None, depth: int) -> Any:
    """Return what stands for `item` in msgpack's own types; subclasses of builtins travel as their base."""

    def nested(code: int, value: Any) -> msgpack.ExtType:
        return msgpack.ExtType(code, _pack(value, keep, depth + 1))

    torch = sys.modules.get("torch")
    match item:
        case np.ndarray() if item.dtype.kind == "O":
            return nested(_OBJECTS, [list(item.shape), item.reshape(-1).tolist()])
        case np.ndarray() if _DTYPE.fullmatch(item.dtype.str):
            return nested(_ARRAY, [item.dtype.str, list(item.shape), np.ascontiguousarray(item).tobytes()])
        case np.generic() if _DTYPE.fullmatch(item.dtype.str):
            return nested(_SCALAR, [item.dtype.str, item.tobytes()])
        case _ if torch is not None and isinstance(item, torch.Tensor):
            return nested(_TENSOR, _tensor_parts(torch, item))
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


def _tensor_parts(torch: Any, tensor: Any) -> list[Any]:
    name = str(tensor.dtype).removeprefix("torch.")
    if name not in _TENSOR_DTYPES:
        raise WireError(f"a tensor of dtype {name} cannot be sent")
    plain = tensor.detach().resolve_conj().resolve_neg().to("cpu").contiguous()
    if name == "bfloat16":
        plain = plain.view(torch.int16)
    return [name, list(plain.shape), plain.numpy().tobytes()]


def _unpack(body: bytes, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError(f"the frame is nested more than {MAX_DEPTH} levels deep")

    def ext_hook(code: int, data: bytes) -> Any:
        return _restore(code, data, depth)

    try:
        return msgpack.unpackb(
            body, ext_hook=ext_hook, raw=False, strict_map_key=False, unicode_errors="surrogatepass"
        )
    except WireError:
        raise
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError, msgpack.UnpackException) as error:
        raise WireError(f"the frame cannot be decoded: {type(error).__name__}") from error


def _restore(code: int, data: bytes, depth: int) -> Any:
    if code == _INTEGER:
        return int.from_bytes(data, "big", signed=True)
    if code == _COMPLEX and len(data) == 16:
        return complex(*struct.unpack(">dd", data))
    content = _unpack(data, depth + 1)
    match code, content:
        case (c, list()) if c == _TUPLE:
            return tuple(content)
        case (c, list()) if c == _SET:
            return set(content)
        case (c, list()) if c == _FROZENSET:
            return frozenset(content)
        case (c, [int(number), str(name)]) if c == _HANDLE:
            return Handle(number, name)
        case (c, [str(dtype), list(shape), bytes(raw)]) if c == _ARRAY:
            return _array(dtype, shape, raw)
        case (c, [str(dtype), bytes(raw)]) if c == _SCALAR:
            return _array(dtype, [], raw)[()]
        case (c, [list(shape), list(items)]) if c == _OBJECTS:
            return _object_array(shape, items)
        case (c, [str(dtype), list(shape), bytes(raw)]) if c == _TENSOR:
            return _tensor(dtype, shape, raw)
    raise WireError(f"the frame holds an extension {code} that does not fit its content")


def _size(shape: list[Any]) -> int:
    if len(shape) > MAX_DIMENSIONS or not all(type(n) is int and 0 <= n < 2**40 for n in shape):
        raise WireError("the frame holds an array with an impossible shape")
    return math.prod(shape)


def _array(dtype_name: str, shape: list[Any], raw: bytes) -> np.ndarray[Any, Any]:
    if not _DTYPE.fullmatch(dtype_name):
        raise WireError("the frame holds an array of a dtype that is not carried")
    dtype = np.dtype(dtype_name)
    if _size(shape) * dtype.itemsize != len(raw) or (dtype.itemsize == 0 and _size(shape) > 2**20):
        raise WireError("the frame holds an array whose shape and bytes disagree")
    if dtype.itemsize == 0:
        return np.zeros(shape, dtype)
    return np.frombuffer(raw, dtype).reshape(shape).copy()


def _object_array(shape: list[Any], items: list[Any]) -> np.ndarray[Any, Any]:
    if _size(shape) != len(items):
        raise WireError("the frame holds an array whose shape and items disagree")
    array = np.empty(len(items), dtype=object)
    for index, item in enumerate(items):
        array[index] = item
    return array.reshape(shape)


def _tensor(dtype_name: str, shape: list[Any], raw: bytes) -> Any:
    if dtype_name not in _TENSOR_DTYPES:
        raise WireError("the frame holds a tensor of a dtype that is not carried")
    import torch  # only judges of sections with tensors pay for it

    dtype = getattr(torch, dtype_name)
    if _size(shape) * dtype.itemsize != len(raw):
        raise WireError("the frame holds a tensor whose shape and bytes disagree")
    if not raw:
        return torch.empty(shape, dtype=dtype)
    return torch.frombuffer(bytearray(raw), dtype=dtype).reshape(shape)
