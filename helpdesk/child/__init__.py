"""Work that may run away is done in a child process that can be killed: rendering of people's templates, reading of
strangers' mail.

`Child(target="package.module:function", …).call({...})` runs `function(payload) -> dict` over there. The child is
started at the first call, kept for the next ones, and gone after 30 idle seconds. It sees no setting and no secret:
its environment is made afresh. What it may use is bounded for each call: seconds of clock and of processor, memory
above its start, bytes of answer. One that goes over is killed and the next call gets a new one. Safe to call from
threads; they take turns.

Payloads and answers are plain data: None, bool, int, float, str, bytes, lists and dicts with string keys. They travel
as one JSON text with the bytes behind it; nothing is ever unpickled. Light to import, because every child imports it.
"""

from __future__ import annotations

import atexit
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

from helpdesk.child.frames import ENVELOPE, HEADER, READY, FrameError, Reason, pack, size_of, unpack
from helpdesk.errors import HelpdeskError

IDLE = 30.0  # seconds a child waits for more work
STARTING = 10.0  # seconds a new child has for its imports, on a machine that is busy


class ChildFailed(HelpdeskError):
    """The child did not bring an answer; `reason` says which bound it broke, or that the work itself failed
    (`error`).
    """

    code = "child_failed"
    status = 500

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class Child:
    """One kind of work with its bounds: `seconds` a call, `memory` bytes above the start, `output` bytes of answer."""

    def __init__(self, target: str, *, seconds: float, memory: int, output: int, idle: float = IDLE) -> None:
        self.target, self.seconds, self.memory, self.output, self.idle = target, seconds, memory, output, idle
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        atexit.register(self.end)

    def call(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The function's answer. Raises `ChildFailed`; the child is then gone and the next call starts a new one."""
        frame = pack(payload)
        with self._turn:
            kept = self._living()
            try:
                answer = self._ask(kept or self._start(), frame)
            except _GoneError:
                went_home = kept is not None and kept.wait() == 0  # idle for too long, just as it was asked
                self.end()
                if not went_home:
                    raise ChildFailed("died", "The helper process ended without an answer.") from None
                answer = self._again(frame)
            return self._opened(answer)

    def end(self) -> None:
        """Kill the child if there is one. Called when the program ends, and by tests."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                _close(pipe)

    @property
    def pid(self) -> int | None:
        """The process that waits for work now, if any."""
        living = self._living()
        return living.pid if living else None

    def _again(self, frame: bytes) -> bytes:
        """Ask a fresh child, once."""
        try:
            return self._ask(self._start(), frame)
        except _GoneError:
            self.end()
            raise ChildFailed("died", "The helper process ended without an answer.") from None

    def _opened(self, frame: bytes) -> dict[str, Any]:
        try:
            answer = unpack(frame)
        except FrameError:
            self.end()
            raise ChildFailed("died", "The helper process gave an answer that cannot be read.") from None
        if "failed" in answer:
            reason: Reason = answer["failed"]
            if reason == "memory":
                self.end()
            raise ChildFailed(reason, str(answer.get("sentence", "")))
        value = answer["value"]
        return value if isinstance(value, dict) else {"value": value}

    def _living(self) -> subprocess.Popen[bytes] | None:
        if self._process is not None and (self._owner != os.getpid() or self._process.poll() is not None):
            self.end()
        return self._process

    def _start(self) -> subprocess.Popen[bytes]:
        """A new child that has imported what it needs and set its bounds."""
        bounds = [str(self.seconds), str(self.memory), str(self.output), str(self.idle)]
        process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-B", "-m", "helpdesk.child", self.target, *bounds],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env=_environment(),
            start_new_session=True,
        )
        self._process, self._owner = process, os.getpid()
        for pipe in _pipes(process):
            os.set_blocking(pipe.fileno(), False)
        self._read(_pipes(process)[1], len(READY), _Deadline(self, STARTING))
        return process

    def _ask(self, process: subprocess.Popen[bytes], frame: bytes) -> bytes:
        stdin, stdout = _pipes(process)
        deadline = _Deadline(self, self.seconds)
        self._write(stdin, frame, deadline)
        size = size_of(self._read(stdout, HEADER, deadline))
        if size > self.output + ENVELOPE:
            self.end()
            raise ChildFailed("output", "The answer was larger than allowed.")
        return self._read(stdout, size, deadline)

    def _write(self, pipe: IO[bytes], data: bytes, deadline: _Deadline) -> None:
        rest = memoryview(data)
        while rest:
            deadline.wait_for(pipe, select.POLLOUT)
            try:
                rest = rest[os.write(pipe.fileno(), rest[:65536]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise _GoneError from None

    def _read(self, pipe: IO[bytes], size: int, deadline: _Deadline) -> bytes:
        data = bytearray()
        while len(data) < size:
            deadline.wait_for(pipe, select.POLLIN)
            try:
                part = os.read(pipe.fileno(), min(size - len(data), 1 << 20))
            except BlockingIOError:
                continue
            if not part:
                raise _GoneError
            data += part
        return bytes(data)


class _Deadline:
    def __init__(self, child: Child, seconds: float) -> None:
        self.child, self.seconds = child, seconds
        self.at = time.monotonic() + seconds

    def wait_for(self, pipe: IO[bytes], what: int) -> None:
        """Until the pipe is ready; kills the child when the time is over."""
        poll = select.poll()
        poll.register(pipe.fileno(), what)
        left = self.at - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            self.child.end()
            raise ChildFailed("timeout", f"It took longer than {self.child.seconds:g} seconds.")


class _GoneError(Exception):
    """The child closed its pipe."""


def _environment() -> dict[str, str]:
    """Nothing of ours but where the program lies: no setting and no secret crosses."""
    home = str(Path(__file__).resolve().parents[2])
    return {"PYTHONPATH": home, "PYTHONUTF8": "1", "PYTHONHASHSEED": "random", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise _GoneError
    return process.stdin, process.stdout


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:  # it died with something unread
        return
