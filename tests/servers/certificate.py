"""A throw-away certificate for localhost, so that TLS with a verified name can be tested on loopback."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.process import folder, program


@dataclass(frozen=True)
class Certificate:
    """Two PEM files. The certificate is its own authority."""

    certificate: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def client_context(self) -> ssl.SSLContext:
        """A context that trusts this certificate and no other, and checks the name."""
        return ssl.create_default_context(cafile=str(self.certificate))


def make_certificate(home: Path, *, names: str = "DNS:localhost,IP:127.0.0.1") -> Certificate:
    """Make a certificate for `names` (subjectAltName of RFC 5280) in the folder `home`."""
    made = Certificate(home / "certificate.pem", home / "key.pem")
    openssl = program("openssl", package="openssl")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-keyout", str(made.key)]
    subject = ["-subj", "/CN=localhost", "-addext", f"subjectAltName={names}", "-days", "2"]
    subprocess.run(
        [openssl, "req", "-x509", *key, *subject, "-out", str(made.certificate)], check=True, capture_output=True
    )
    made.key.chmod(0o644)  # servers that drop root read it too; it opens nothing
    return made


def make_expired(home: Path) -> Certificate:
    """The same for localhost, one that ran out yesterday."""
    fresh = make_certificate(home, names="DNS:localhost")
    made = Certificate(home / "expired.pem", fresh.key)
    openssl, asked = program("openssl", package="openssl"), home / "asked.csr"
    extensions = ["-addext", "subjectAltName=DNS:localhost", "-subj", "/CN=localhost"]
    runs = (
        ["req", "-new", "-key", str(made.key), *extensions, "-out", str(asked)],
        ["x509", "-req", "-in", str(asked), "-signkey", str(made.key), "-days", "-1", "-copy_extensions", "copy"],
    )
    subprocess.run([openssl, *runs[0]], check=True, capture_output=True)
    subprocess.run([openssl, *runs[1], "-out", str(made.certificate)], check=True, capture_output=True)
    return made


@pytest.fixture(scope="session")
def certificate() -> Iterator[Certificate]:
    """The session's certificate for localhost and 127.0.0.1."""
    with folder("tls") as home:
        yield make_certificate(home)
