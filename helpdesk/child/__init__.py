"""Work that may run away is done in a child process that can be killed: rendering of people's templates, reading of
strangers' mail.

`Child(target="package.module:function", …).call({...})` runs `function(payload) -> dict` over there. The child is
started at the first call, kept for the next ones, and gone after 30 idle seconds; `begin` has it work on something
while the caller does something else. It sees no setting and no secret:
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
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
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
        self._begun: Begun | None = None  # what the child works on without anybody waiting for it
        self._owner = 0
        atexit.register(self.end)

    def call(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The function's answer. Raises `ChildFailed`; the child is then gone and the next call starts a new one."""
        frame = pack(payload)
        with self._turn:
            self._finish()
            return self._opened(self._brought(self._sent(frame), frame))

    def begin(self, payload: dict[str, Any]) -> Begun:
        """Have this worked on, and ask for the answer later, whose seconds begin then. Raises `ChildFailed` where no
        child can be had.
        """
        frame = pack(payload)
        with self._turn:
            self._finish()
            self._begun = Begun(frame, self._sent(frame))
            return self._begun

    def answer(self, begun: Begun) -> dict[str, Any]:
        """The answer to what was begun here, as `call` gives it: waited for now, or when something else was asked."""
        with self._turn:
            if begun is self._begun:
                self._finish()
        if isinstance(begun.found, dict):
            return begun.found
        raise begun.found or ChildFailed("died", "The helper process was asked by another program.")

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

    def _finish(self) -> None:
        """Take the answer to what was begun, before anything else is asked."""
        begun, self._begun = self._begun, None
        if begun is None:
            return
        try:
            begun.found = self._opened(self._brought(begun.process, begun.frame))
        except (ChildFailed, OSError) as failed:
            begun.found = failed

    def _sent(self, frame: bytes) -> subprocess.Popen[bytes]:
        """The child that was told. Whether it was still there to hear it shows when it is to answer."""
        process = self._living() or self._start()
        with suppress(_GoneError):
            self._write(_pipes(process)[0], frame, _Deadline(self, self.seconds))
        return process

    def _brought(self, process: subprocess.Popen[bytes], frame: bytes) -> bytes:
        """What it brings. One that went home as it was told, or was ended since, did not do it: a fresh one does."""
        if self._process is process and self._owner == os.getpid():
            with suppress(_GoneError):
                return self._received(process)
            if not _went_home(process):
                raise self._died()
        with suppress(_GoneError):
            return self._received(self._sent(frame))
        raise self._died()

    def _died(self) -> ChildFailed:
        self.end()
        return ChildFailed("died", "The helper process ended without an answer.")

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
        try:
            self._read(_pipes(process)[1], len(READY), _Deadline(self, STARTING))
        except _GoneError:
            raise self._died() from None
        return process

    def _received(self, process: subprocess.Popen[bytes]) -> bytes:
        stdout, deadline = _pipes(process)[1], _Deadline(self, self.seconds)
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


@dataclass(eq=False)
class Begun:
    """What a child was told to do while the one who told it does something else, and what has come of it."""

    frame: bytes
    process: subprocess.Popen[bytes]
    found: dict[str, Any] | Exception | None = None


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


def _went_home(process: subprocess.Popen[bytes]) -> bool:
    """Whether one that closed its pipe had waited for work too long, or was sent home, as all are when a service is
    stopped: what it was told is not at fault.
    """
    try:
        return process.wait(1) in (0, -signal.SIGTERM)
    except subprocess.TimeoutExpired:
        return False


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:  # it died with something unread
        return
