"""How parent and child speak: eight bytes of length, four of the JSON's length, the JSON, then the bytes it points
into.

Plain data only. A `bytes` value stands in the JSON as `{"\\u0000": [offset, length]}`; a dict of ours can never look
like that, because keys with a null character are refused.
"""

from __future__ import annotations

import json
import struct
from typing import Any, Literal, get_args

ASKING, ANSWERING = 0, 1  # the numbers that the pipes have when a child starts
HEADER = 8
READY = b"ready"
Reason = Literal["timeout", "memory", "output", "died", "error"]
REASONS = get_args(Reason)  # why there may be no answer
ENVELOPE = 4096  # what an answer may be larger than its own bound: braces, lengths, escapes are counted by the child
_MARK = "\x00"


class FrameError(ValueError):
    """The other side spoke nonsense."""


def pack(value: dict[str, Any]) -> bytes:
    """The frame of one message. Raises TypeError for what is no plain data."""
    blobs: list[bytes] = []
    text = json.dumps(_without_bytes(value, blobs, [0]), ensure_ascii=False, allow_nan=False).encode(
        "utf-8", "surrogatepass"
    )
    body = struct.pack(">I", len(text)) + text + b"".join(blobs)
    return struct.pack(">Q", len(body)) + body


def size_of(header: bytes) -> int:
    return int(struct.unpack(">Q", header)[0])


def unpack(body: bytes) -> dict[str, Any]:
    """The message of a frame's body."""
    try:
        (length,) = struct.unpack_from(">I", body)
        value = json.loads(body[4 : 4 + length].decode("utf-8", "surrogatepass"))
        value = _with_bytes(value, memoryview(body)[4 + length :])
    except (struct.error, ValueError, TypeError, RecursionError) as problem:
        raise FrameError(str(problem)) from problem
    if not isinstance(value, dict):
        raise FrameError("A message is a mapping.")
    return value


def _without_bytes(value: Any, blobs: list[bytes], end: list[int]) -> Any:
    if isinstance(value, bytes | bytearray):
        blobs.append(bytes(value))
        end[0] += len(value)
        return {_MARK: [end[0] - len(value), len(value)]}
    if isinstance(value, dict):
        if any(not isinstance(key, str) or _MARK in key for key in value):
            raise TypeError("Keys are texts without null characters.")
        return {key: _without_bytes(one, blobs, end) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_bytes(one, blobs, end) for one in value]
    return value


def _with_bytes(value: Any, blobs: memoryview) -> Any:
    if isinstance(value, dict):
        if _MARK in value:
            offset, length = value[_MARK]
            return bytes(blobs[offset : offset + length])
        return {key: _with_bytes(one, blobs) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_bytes(one, blobs) for one in value]
    return value
