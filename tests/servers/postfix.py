"""A real Postfix of the test's own: hands mail to the desk as its table says, and all else to a relay.

    with running_postfix({"support@acme.example": "lmtp:inet:127.0.0.1:2424"}, relay=sink.port) as postfix:
        postfix.takes(mail)

It needs root: its master changes to users of its own.
"""

from __future__ import annotations

import os
import shutil
import smtplib
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.servers.process import PATIENCE, answers, folder, free_port, program, running

DAEMONS = "/usr/lib/postfix/sbin"

MAIN = """
compatibility_level = 3.6
queue_directory = {home}/spool
data_directory = {home}/lib
daemon_directory = {daemons}
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/log/mail.log
maillog_file_prefixes = {home}/log
myhostname = mx.acme.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
local_recipient_maps =
alias_maps =
transport_maps = texthash:{home}/conf/transport
relayhost = [127.0.0.1]:{relay}
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtputf8_enable = no
queue_run_delay = 4s
minimal_backoff_time = 2s
maximal_backoff_time = 2s
transport_retry_time = 1s
smtpd_relay_restrictions = permit_mynetworks, reject
default_process_limit = 5
"""

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
desk unix - n n - - pipe
  flags=hqu user=nobody
  argv=/usr/bin/env SENDER=${{sender}} RECIPIENT=${{original_recipient}} {home}/conf/hand-over {hand_over}
"""

# Postfix runs a pipe's program as nobody, who may not see the tests' Python. So it hands the mail, its envelope and
# back the exit code through a port of the test, which runs the program.
HAND_OVER = """\
#!/bin/bash
mail=$(mktemp)
cat >"$mail"
exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 75
printf '%s\\n%s\\n%s\\n' "$SENDER" "$RECIPIENT" "$(stat -c %s "$mail")" >&3
cat "$mail" >&3
rm -f "$mail"
read -r code <&3
exit "${code:-75}"
"""


@dataclass(frozen=True)
class Postfix:
    """A running server."""

    port: int
    home: Path

    @property
    def url(self) -> str:
        """As HELPDESK_SMTP_URL takes it."""
        return f"smtp+insecure://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.home / "log" / "mail.log").read_text(errors="replace")

    def takes(self, mail: EmailMessage, *, to: str) -> None:
        """Somebody out there sends this mail."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE) as line:
            line.send_message(mail, to_addrs=[to])

    def waiting(self) -> int:
        """How many mails it holds and will try again."""
        spool = self.home / "spool"
        return sum(path.is_file() for name in ("incoming", "active", "deferred") for path in (spool / name).rglob("*"))


@contextmanager
def running_postfix(transports: Mapping[str, str], *, relay: int, hand_over: int = 0) -> Iterator[Postfix]:
    """Postfix within the block. `transports`: how mail for an address is delivered; all else goes to the port `relay`.

    `hand_over`: the port at which the transport `desk:` hands mail over, as `HAND_OVER` says.
    """
    postfix, master = program("postfix", package="postfix"), program("master", package="postfix", also_in=DAEMONS)
    if os.geteuid() != 0:
        pytest.skip("Postfix runs as root only")
    port = free_port()
    with folder("postfix") as home:
        for name in ("conf", "spool", "lib", "log"):
            (home / name).mkdir()
        shutil.chown(home / "lib", "postfix")
        conf = home / "conf"
        (conf / "main.cf").write_text(MAIN.format(home=home, relay=relay, daemons=DAEMONS))
        (conf / "master.cf").write_text(MASTER.format(port=port, home=home, hand_over=hand_over))
        (conf / "transport").write_text("".join(f"{address} {way}\n" for address, way in transports.items()))
        (conf / "hand-over").write_text(HAND_OVER)
        (conf / "hand-over").chmod(0o755)
        subprocess.run([postfix, "-c", str(conf), "check"], check=True, capture_output=True)  # makes its folders
        # not by `postfix start-fg`, whose master outlives it
        with running([master, "-c", str(conf), "-d"], log=home / "stdout.log", ready=lambda: answers(port)):
            yield Postfix(port, home)
