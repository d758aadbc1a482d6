"""`make services`: the real servers for trying the desk by hand, until Ctrl-C. They keep nothing."""

from __future__ import annotations

import signal
import sys

import pytest

from tests.servers.certificate import make_certificate
from tests.servers.dovecot import running_dovecot
from tests.servers.mail_sink import running_mail_sink
from tests.servers.postgresql import running_postgresql
from tests.servers.process import folder
from tests.servers.redis import running_redis


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended politely either way
    try:
        serve()
    except KeyboardInterrupt:
        return 0
    except pytest.skip.Exception as missing:
        print(f"{missing}.", file=sys.stderr)
        return 1
    return 0


def serve() -> None:
    """Start them all, say where they are, and wait to be ended."""
    with (
        folder("tls") as home,
        running_postgresql(durable=True) as postgresql,
        running_redis() as redis,
        running_dovecot(make_certificate(home)) as dovecot,
        running_mail_sink() as sink,
    ):
        mailbox = dovecot.account("desk@example.test")
        print("Real servers are running; give the desk these settings:")
        print(f"  export HELPDESK_DATABASE_URL={postgresql.url()}")
        print(f"  export HELPDESK_REDIS_URL={redis.url}")
        print(f"  export HELPDESK_SMTP_URL={sink.url}")
        print(f"An IMAP mailbox: {mailbox.address}, password {mailbox.password},", end=" ")
        print(f"127.0.0.1:{mailbox.port}, with TLS {mailbox.tls_port}.")
        print("Ctrl-C ends them; nothing is kept.", flush=True)
        signal.pause()


if __name__ == "__main__":
    sys.exit(main())
