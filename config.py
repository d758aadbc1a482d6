"""Every setting of the desk, named once.

Settings come from ``HELPDESK_*`` environment variables; the embedded defaults need none of them. Read by `create_app`,
the command line and `helpdesk doctor`; `docs/settings.md` is held against this list by a test.
"""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


_BOUNCES = re.compile(r"[^@\s+<>,;\"]{1,24}@[A-Za-z0-9.-]+")  # the mark behind the plus sign needs its room


class BadSetting(ValueError):
    """A setting that cannot be used, said in a sentence that names its variable."""


def setting(default: Any, says: str, *, secret: bool = False) -> Any:
    """Declare a setting: its default, what it is for, and whether `doctor` must not print it."""
    return field(default=default, metadata={"says": says, "secret": secret})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings in force. Each field `name` is read from ``HELPDESK_NAME``."""

    env: str = setting("production", "`development`, `test` or `production`; development shows /styleguide")
    var: str = setting("var", "folder where data lives: database, files, secret key")
    database_url: str = setting(
        "", "SQLAlchemy address of the database; empty = SQLite in the data folder", secret=True
    )
    redis_url: str = setting("", "Redis address; empty = everything inside the process", secret=True)
    secret_key: str = setting(
        "", "key that signs sessions and links; empty = made on first start in the data folder", secret=True
    )
    base_url: str = setting(
        "http://127.0.0.1:8000", "address at which people reach the desk; every link in a mail starts with it"
    )
    smtp_url: str = setting(
        "",
        "outgoing mail: smtp://user:password@host:587, smtps://… or smtp+insecure://… without TLS; "
        "smtp://user@host?oauth=SOURCE sends with the sign-in of a source's mailbox",
        secret=True,
    )
    files_url: str = setting(
        "", "folder (or file:// address) of attachments and original messages; empty = in the data folder"
    )
    workflows: str = setting("", "the workflow file or folder; empty = workflows.yaml beside the program")
    mail_door: str = setting("", "host:port of the SMTP door; empty = off (the demo opens 127.0.0.1:2525)")
    mail_door_cert: str = setting("", "certificate (PEM) with which the mail door offers STARTTLS; empty = no TLS")
    mail_door_key: str = setting("", "the key (PEM) of that certificate")
    lmtp_door: str = setting(
        "", "host:port at which mail is taken by LMTP, for a mail server beside the desk; empty = off"
    )
    mail_from: str = setting(
        "", "sender of mail that belongs to no source, such as sign-in links; empty = helpdesk@ the base address"
    )
    dkim_key: str = setting(
        "", "private RSA key (PEM) that signs outgoing mail, or a folder with one for each domain; empty = unsigned"
    )
    dkim_selector: str = setting(
        "helpdesk", "name under which its public half is published: NAME._domainkey.your-domain"
    )
    bounce_address: str = setting(
        "",
        "where undeliverable mail comes back to; the desk puts a signed +mark into the address; empty = the sender",
    )
    authserv_id: str = setting(
        "", "name under which your own mail server writes Authentication-Results; empty = none is believed"
    )
    sqlite_synchronous: str = setting(
        "full", "`full` (an accepted mail survives power loss) or `normal` (faster, may lose the last commits)"
    )
    upload_limit: int = setting(25_000_000, "largest request body and mail, in bytes")
    web_threads: int = setting(8, "threads that answer web requests in one process")
    trusted_proxies: int = setting(0, "how many reverse proxies stand in front and set X-Forwarded-For and -Proto")
    metrics_token: str = setting("", "bearer token for /metrics; empty = only from loopback", secret=True)
    private_hosts: str = setting(
        "", "hosts of your own network that webhooks and services may call, with commas; empty = only the open internet"
    )
    demo: bool = setting(False, "demo: all mail is caught and shown at /dev/mail; set by `serve --demo`")

    @classmethod
    def from_env(cls, env: dict[str, str] | None = None, **changes: Any) -> Settings:
        """Read the environment (or the mapping given), then apply `changes` (used by tests and `serve --demo`).

        Raises BadSetting, naming the variable, when a value cannot be used.
        """
        source = os.environ if env is None else env
        values: dict[str, Any] = {}
        for each in fields(cls):
            raw = source.get(f"HELPDESK_{each.name.upper()}", "").strip()
            if raw:
                values[each.name] = _typed(each.name, raw, each.default)
        settings = cls(**{**values, **changes})
        if settings.env not in ("development", "test", "production"):
            raise BadSetting(f"HELPDESK_ENV is {settings.env!r}; it must be development, test or production.")
        if settings.sqlite_synchronous not in ("full", "normal"):
            raise BadSetting("HELPDESK_SQLITE_SYNCHRONOUS must be full or normal.")
        if settings.bounce_address and not _BOUNCES.fullmatch(settings.bounce_address):
            raise BadSetting("HELPDESK_BOUNCE_ADDRESS must be a mail address without a plus sign.")
        if not settings.base_url.startswith(("http://", "https://")):
            raise BadSetting("HELPDESK_BASE_URL must begin with http:// or https://.")
        return settings

    @cached_property
    def data_folder(self) -> Path:
        return Path(self.var).resolve()

    @property
    def database(self) -> str:
        """The database address in force, with the driver the desk uses (psycopg 3 for PostgreSQL)."""
        if not self.database_url:
            return f"sqlite:///{self.data_folder / 'helpdesk.sqlite3'}"
        for spelling in ("postgres://", "postgresql://"):
            if self.database_url.startswith(spelling):
                return "postgresql+psycopg://" + self.database_url.removeprefix(spelling)
        return self.database_url

    @cached_property
    def files(self) -> Path:
        """The folder of content-addressed files."""
        if not self.files_url:
            return self.data_folder / "files"
        if self.files_url.startswith("s3:"):
            raise BadSetting("HELPDESK_FILES_URL names an object store; this version keeps files in a folder only.")
        return Path(self.files_url.removeprefix("file://")).resolve()

    @property
    def workflow_path(self) -> Path:
        return Path(self.workflows).resolve() if self.workflows else shipped("workflows.yaml")

    @property
    def signing_key(self) -> str:
        """The secret key; made on first use as `secret_key` in the data folder, readable by its owner alone."""
        if self.secret_key:
            return self.secret_key
        path = self.data_folder / "secret_key"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = path.with_name(f"secret_key.{os.getpid()}")
            draft.write_text(secrets.token_urlsafe(48))
            draft.chmod(0o600)
            try:
                os.link(draft, path)  # the first of several starting processes wins
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text().strip()


def shipped(name: str) -> Path:
    """A file that ships beside the program: next to this one in a checkout, inside the package when installed."""
    beside = HERE / name
    return beside if beside.exists() else HERE / "helpdesk" / "_shipped" / name


def _typed(name: str, raw: str, default: Any) -> Any:
    if isinstance(default, bool):
        if raw.lower() not in ("1", "0", "true", "false", "yes", "no", "on", "off"):
            raise BadSetting(f"HELPDESK_{name.upper()} must be yes or no, not {raw!r}.")
        return raw.lower() in ("1", "true", "yes", "on")
    if isinstance(default, int):
        if not raw.isdigit():
            raise BadSetting(f"HELPDESK_{name.upper()} must be a whole number, not {raw!r}.")
        return int(raw)
    return raw
