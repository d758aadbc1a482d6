"""The child's own life: import the work, set the bounds, answer until nobody asks. Started by `Child` alone."""

from __future__ import annotations

import importlib
import math
import os
import resource
import select
import sys
from collections.abc import Callable
from typing import Any

from helpdesk.child.frames import ANSWERING, ASKING, ENVELOPE, HEADER, READY, REASONS, pack, size_of, unpack


def main(target: str, seconds: str, memory: str, output: str, idle: str) -> int:
    answering = os.dup(ANSWERING)
    os.dup2(2, ANSWERING)  # whatever the work prints goes nowhere
    module, _, name = target.partition(":")
    work: Callable[[dict[str, Any]], Any] = getattr(importlib.import_module(module), name)
    _bound_memory(int(memory))
    _send(answering, READY)
    while (frame := _next_frame(float(idle))) is not None:
        _bound_time(float(seconds))
        _send(answering, _answer(work, frame, int(output)))
    return 0


def _answer(work: Callable[[dict[str, Any]], Any], frame: bytes, output: int) -> bytes:
    try:
        answer = pack({"value": work(unpack(frame))})
    except MemoryError:
        return pack({"failed": "memory", "sentence": "It needed more memory than allowed."})
    except Exception as problem:  # noqa: BLE001 - whatever goes wrong here is the parent's to know
        sentence = getattr(problem, "sentence", "") or f"{type(problem).__name__}: {problem}"[:1000]
        named = getattr(problem, "reason", None)  # other errors have one too, in words of their own
        reason = named if named in REASONS else "error"
        return pack({"failed": reason, "sentence": sentence.encode("utf-8", "replace").decode()})
    if len(answer) > output + HEADER + ENVELOPE:
        return pack({"failed": "output", "sentence": "The answer was larger than allowed."})
    return answer


def _bound_memory(above_start: int) -> None:
    with open("/proc/self/statm") as statm:  # noqa: PTH123 - pathlib would be one more import in every child
        now = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + above_start, now + above_start))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _bound_time(seconds: float) -> None:
    """Processor time counts from the start of the process, so the bound moves on with each call."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _next_frame(idle: float) -> bytes | None:
    """What is asked next; None when nobody asks for so long, or the parent is gone."""
    if not select.select([ASKING], [], [], idle)[0]:
        return None
    header = _read(HEADER)
    return _read(size_of(header)) if header else None


def _read(size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        part = os.read(ASKING, min(size - len(data), 1 << 20))
        if not part:
            return b""
        data += part
    return bytes(data)


def _send(pipe: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(pipe, rest) :]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
