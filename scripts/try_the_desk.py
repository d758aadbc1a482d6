"""Tries the desk as a new user would: `make run`, one mail through its door, the ticket seen, a clean end.

Called by .ci/run after the tests, with any Python 3.11. Uses free ports and a temporary data folder, and speaks to the
desk only as a stranger can: HTTP, SMTP, the command line and SIGTERM. Exit 0 when all worked and no process is left.
"""

from __future__ import annotations

import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HELPDESK = ROOT / ".venv" / "bin" / "helpdesk"
ADMIN = "boris@example.test"  # the head of the demo company
SUBJECT = "The printer on the second floor is on fire"

START = 180  # seconds for the first start: packages, tables and demo tickets
TICKET = 60  # until a mail is a ticket, with what the command line needs to say so; how long it took is said
END = 10  # from SIGTERM to the last process gone


class NotWorking(Exception):
    """A sentence that says what did not work."""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="helpdesk-try-") as var:
        web, door = free_ports(2)
        env = {**os.environ, "HELPDESK_VAR": var, "HELPDESK_MAIL_DOOR": f"127.0.0.1:{door}"}
        env["HELPDESK_BASE_URL"] = f"http://127.0.0.1:{web}"
        log = Path(var) / "make-run.log"
        with log.open("wb") as said:
            # a session of its own, so that every process of it can be found again
            command = ["make", "run", f"ARGS=--port {web}"]
            make = subprocess.Popen(
                command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
            )
        try:
            journey(make, web=web, door=door, env=env)
        except NotWorking as problem:
            print(log.read_text(errors="replace")[-6000:], file=sys.stderr)
            print(f"The desk does not work: {problem}", file=sys.stderr)
            return 1
        finally:
            for pid in processes_of(make.pid):
                os.kill(pid, signal.SIGKILL)
            make.wait()
    print("The desk works: it started, took a mail, showed the ticket, and ended leaving no process.")
    return 0


def journey(make: subprocess.Popen[bytes], *, web: int, door: int, env: dict[str, str]) -> None:
    started = time.monotonic()
    wait(lambda: healthy(web) or ended(make), START, "/healthz to answer")
    if make.poll() is not None:
        raise NotWorking(f"make run ended with {make.returncode}.")
    say("started", started)

    sent = time.monotonic()
    send(door)
    wait(lambda: SUBJECT in subjects(env), TICKET, "the mail to be a ticket")
    say("a mail became a ticket", sent)

    stopped = time.monotonic()
    servers = [pid for pid in processes_of(make.pid) if parent_of(pid) == make.pid]
    if len(servers) != 1:
        raise NotWorking(f"make run should have one process below it, and has {len(servers)}.")
    os.kill(servers[0], signal.SIGTERM)
    wait(lambda: make.poll() is not None and not processes_of(make.pid), END, "every process to end after SIGTERM")
    say("ended", stopped)


def ended(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is not None


def healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def send(port: int) -> None:
    message = EmailMessage()
    message["From"] = "Olga Tamm <olga@customer.example>"
    message["To"] = "support@localhost"
    message["Subject"] = SUBJECT
    message["Message-ID"] = "<first-day@customer.example>"
    message.set_content("Smoke comes out of the tray. Please help.")
    message.add_attachment(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", filename="smoke.png")
    with smtplib.SMTP("127.0.0.1", port, timeout=TICKET) as client:
        client.send_message(message)


def subjects(env: dict[str, str]) -> list[str]:
    command = [HELPDESK, "ticket", "list", "--json", "--as", ADMIN]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        raise NotWorking(f"helpdesk ticket list ended with {done.returncode}: {done.stderr.strip()}")
    return [ticket["subject"] for ticket in json.loads(done.stdout)]


def processes_of(session: int) -> list[int]:
    """The living processes of a session, by /proc."""
    return [pid for pid in numbers_in("/proc") if stat_of(pid)[3:4] == [str(session)] and stat_of(pid)[0] != "Z"]


def parent_of(pid: int) -> int:
    return int(stat_of(pid)[1])


def stat_of(pid: int) -> list[str]:
    """State, parent, group, session … of a process; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def numbers_in(folder: str) -> list[int]:
    return [int(entry.name) for entry in Path(folder).iterdir() if entry.name.isdigit()]


def free_ports(number: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def wait(holds: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise NotWorking(f"waited {seconds:g} seconds for {what}.")
        time.sleep(0.1)


def say(what: str, since: float) -> None:
    print(f"  {what} ({time.monotonic() - since:.1f} s)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
