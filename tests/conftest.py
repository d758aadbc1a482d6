"""What every test can ask for."""

from __future__ import annotations

pytest_plugins = [
    "tests.plugins.no_skips",
    "tests.servers.browser",
    "tests.servers.certificate",
    "tests.servers.dovecot",
    "tests.servers.mail_sink",
    "tests.servers.postgresql",
    "tests.servers.redis",
]
