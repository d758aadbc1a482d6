"""The real program, started as its operator starts it: `helpdesk serve --demo` with its own data, on free ports."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from tests.servers.process import free_port, running

ROOT = Path(__file__).parents[2]
READY = "The desk is at"
PATIENCE = 300.0  # seconds for the first start, which lives through six weeks, on a machine that is busy


@dataclass(frozen=True)
class Desk:
    """A running desk. `home` holds its data."""

    url: str
    door: int
    home: Path
    log: Path
    process: subprocess.Popen[bytes]

    def said(self) -> str:
        """What it told its operator."""
        return self.log.read_text(errors="replace")

    def takes_mail(self, mail: EmailMessage) -> None:
        """Send a mail through its SMTP door, as any mail program does."""
        with smtplib.SMTP("127.0.0.1", self.door) as program:
            program.send_message(mail)

    def ends(self, *, within: float) -> int:
        """Ask it to end, as systemd does; gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within)


@contextmanager
def running_desk(home: Path, **settings: str) -> Iterator[Desk]:
    """A demo desk within the block. `settings`: further HELPDESK_ variables."""
    port, door, log = free_port(), free_port(), home / "desk.log"
    command = [sys.executable, "-u", "-m", "helpdesk.cli", "serve", "--demo", "--port", str(port)]
    env = environment(home, HELPDESK_MAIL_DOOR=f"127.0.0.1:{door}", **settings)
    says = lambda: log.exists() and READY in log.read_text(errors="replace")  # noqa: E731
    with running(command, log=log, ready=says, env=env, patience=PATIENCE) as process:
        yield Desk(url=f"http://127.0.0.1:{port}", door=door, home=home, log=log, process=process)


def tell(home: Path, *arguments: str, **settings: str) -> str:
    """Run another command of the same desk; gives what it said."""
    command = [sys.executable, "-m", "helpdesk.cli", *arguments]
    done = subprocess.run(command, env=environment(home, **settings), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment(home: Path, **settings: str) -> dict[str, str]:
    """The operator's, without settings of a desk of their own."""
    theirs = {name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")}
    return {**theirs, "HELPDESK_VAR": str(home / "var"), "PYTHONPATH": str(ROOT), **settings}


def processes_of(home: Path) -> list[str]:
    """Every process on this machine that was started for the desk of this folder, as its command line."""
    mark = f"HELPDESK_VAR={home / 'var'}".encode()
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (place / "environ").read_bytes().split(b"\0"):
                found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip())
        except OSError:  # it ended meanwhile, or is somebody else's
            continue
    return found
