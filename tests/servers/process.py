"""How the tests start and end a real program: on loopback, on a free port, by its own process id.

Used by the servers of this folder. A program started here ends with its `with` block, and also when the process that
started it is killed: the kernel is asked to send it the same signal then.
"""

from __future__ import annotations

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

PATIENCE = 60.0  # seconds a server may take to start, to answer or to end, on a machine that is busy with other things
LOWEST_PORT = 10_000
DISK = Path("/tmp")
MEMORY = Path("/dev/shm")  # where files need no disk (tmpfs); in a container often too small to hold any
GIVEN_AWAY = Path("/proc/sys/net/ipv4/ip_local_port_range")  # by the kernel, to connections


def free_port(*, count: int = 1) -> int:
    """A free port of 127.0.0.1; with `count`, the first of as many free ones in a row. Nobody is given it before it is
    used: not a connection, for which the kernel takes higher ones, nor a test that runs at the same time.
    """
    while True:
        first, *others = (next(_ports) for _ in range(count))
        if others == list(range(first + 1, first + count)) and all(map(is_free, (first, *others))):
            return first


def _ports_in_turn() -> Iterator[int]:
    """From any of our own on, so that another run beside this one is most likely elsewhere."""
    own = _own_ports()
    start = random.randrange(len(own))
    while True:
        yield from own[start:]
        yield from own[:start]


def _own_ports() -> range:
    """The part of this one of the test run's processes (pytest-xdist numbers them gw0, gw1, …)."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    of = max(number + 1, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
    given_away = int(GIVEN_AWAY.read_text().split()[0]) if GIVEN_AWAY.exists() else 32_768
    end = given_away if given_away > LOWEST_PORT + 1000 * of else 65_536
    part = (end - LOWEST_PORT) // of
    return range(LOWEST_PORT + number * part, LOWEST_PORT + (number + 1) * part)


_ports = _ports_in_turn()


def is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False


def answers(port: int) -> bool:
    """Whether something accepts connections at this port of 127.0.0.1."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def program(name: str, *, package: str, also_in: str = "/usr/sbin") -> str:
    """The path of a program (`also_in` is a glob of folders off the PATH), or a skip that names its Debian package."""
    found = shutil.which(name) or max(map(str, Path("/").glob(f"{also_in.lstrip('/')}/{name}")), default=None)
    if found is None:
        pytest.skip(
            f"{name} is not installed: it is in the Debian package {package}, which root gets by `make services`"
        )
    return found


def unprivileged_user(*names: str) -> str | None:
    """The first of these users that exists, when we are root and the server must not be; None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in names:
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise LookupError(f"Root needs one of the users {', '.join(names)} to run this server.")


@contextmanager
def folder(prefix: str, *, owner: str | None = None, on: Path = DISK) -> Iterator[Path]:
    """A short-named temporary folder (socket paths are limited to 107 bytes) that `owner` can use."""
    path = Path(tempfile.mkdtemp(prefix=f"hd-{prefix}-", dir=on))
    if owner:
        shutil.chown(path, owner)
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def where_there_is_room(megabytes: int) -> Path:
    """For files that need not outlive their process: memory, if it has this much room to spare, or else the disk."""
    writable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    return MEMORY if writable and shutil.disk_usage(MEMORY).free >= megabytes * 2**20 else DISK


@contextmanager
def kept_folder(path: Path, *, owner: str | None = None) -> Iterator[Path]:
    """A folder that `owner` can use and that stays."""
    path.mkdir(parents=True, exist_ok=True)
    if owner:
        shutil.chown(path, owner)
    yield path


@contextmanager
def running(
    command: Sequence[str],
    *,
    log: Path,
    ready: Callable[[], bool],
    user: str | None = None,
    stop: signal.Signals = signal.SIGTERM,
    env: dict[str, str] | None = None,
    patience: float = PATIENCE,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` within the block, once `ready()` holds. What it says goes to `log`, which an error shows."""
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*_wrapped(stop, user), *command],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=env,
            cwd=log.parent,
        )
    try:
        wait_until(lambda: process.poll() is not None or ready(), what=f"{command[0]} to be ready", seconds=patience)
        if process.poll() is not None:
            raise RuntimeError(
                f"{command[0]} ended with {process.returncode}:\n{log.read_text(errors='replace')[-2000:]}"
            )
        yield process
    finally:
        end(process, stop)


def end(process: subprocess.Popen[bytes], stop: signal.Signals = signal.SIGTERM) -> None:
    """End a process we started, politely, then for certain. Harmless when it has ended."""
    if process.poll() is None:
        process.send_signal(stop)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(PATIENCE)


def wait_until(holds: Callable[[], bool], *, what: str, seconds: float = PATIENCE) -> None:
    """Wait for the thing itself, looking 50 times a second; an error after `seconds`."""
    pause = threading.Event()
    for _ in range(int(seconds * 50)):
        if holds():
            return
        pause.wait(0.02)
    raise TimeoutError(f"Waited {seconds:g} s for {what}.")


def _wrapped(stop: signal.Signals, user: str | None) -> list[str]:
    """setpriv (util-linux) drops root for the user's rights and asks for a signal at the death of our process."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        if user is not None:
            raise RuntimeError("setpriv of util-linux is needed to start a server as another user.")
        return []
    rights = [f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--init-groups"] if user else []
    return [setpriv, *rights, "--pdeathsig", stop.name.removeprefix("SIG"), "--"]
