"""Our mail is signed with the key of its sender's domain where one is set (DKIM, RFC 6376)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import dkim
import pytest
from flask import Flask

from config import Settings
from helpdesk import alarms, clock
from helpdesk.cli.checks import signing
from helpdesk.db import writing
from helpdesk.delivery import domain_keys
from helpdesk.tickets.models import Delivery
from helpdesk.tickets.rich import Upload
from tests.cast import Case, Character
from tests.plugins.post import Post, letter

OLGA = "olga@example.org"
NAME = "helpdesk._domainkey.acme.example"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("keys") / "key.pem")


def made(path: Path, *, bits: int = 2048) -> Path:
    subprocess.run(["openssl", "genrsa", "-out", str(path), str(bits)], check=True, capture_output=True)
    path.chmod(0o600)
    return path


@pytest.fixture
def signing_post(app: Flask, post: Post, key: Path) -> Post:
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], dkim_key=str(key))
    return post


def holds(raw: bytes, key: Path, *, domain: str = "acme.example") -> bool:
    """Whether a receiver who asks the DNS finds the signature right."""
    known = {f"helpdesk._domainkey.{domain}.": domain_keys.record(key.read_bytes()).encode()}
    return bool(dkim.verify(raw, dnsfunc=lambda name, timeout=5: known.get(name.decode())))


def sends(post: Post, ann: Character) -> tuple[Case, bytes]:
    """A reply with everything that could be changed on its way: long lines, lone dots, odd letters and a file."""
    case = post.case(letter(OLGA))
    with post.app.app_context():
        file = Upload.keep(b"\0\r\n.\r\n\xff" * 50, filename="Счёт.bin", content_type="application/octet-stream")
    ann.performs("reply", case, text="Which floor?\n.\n..\nFrom here  \t\n" + "Kõik " * 400, files=[file])
    post.turn()
    return case, post.to(OLGA)[-1].raw


def test_what_arrives_bears_a_signature_that_holds(signing_post: Post, ann: Character, key: Path) -> None:
    _, raw = sends(signing_post, ann)
    assert raw.count(b"DKIM-Signature:") == 1
    assert holds(raw, key)
    assert holds(signing_post.to(OLGA)[0].raw, key), "what the desk sends by itself is signed too"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw.replace(b"Which floor", b"Which door"),
        lambda raw: b"Subject: Pay here\r\n" + raw,
        lambda raw: b"From: Eve <eve@evil.example>\r\n" + raw,
        lambda raw: b"Reply-To: eve@evil.example\r\n" + raw,
        lambda raw: b"List-Unsubscribe: <https://evil.example>\r\n" + raw,
        lambda raw: raw.replace(b"Message-ID: <", b"Message-ID: <x"),
    ],
    ids=["body", "second subject", "second from", "second reply-to", "a list", "message-id"],
)
def test_whoever_changes_it_on_the_way_breaks_it(
    signing_post: Post, ann: Character, key: Path, spoil: Callable[[bytes], bytes]
) -> None:
    """A header that is not there, or is there once, is signed as such."""
    _, raw = sends(signing_post, ann)
    assert spoil(raw) != raw
    assert not holds(spoil(raw), key)


def test_without_a_key_nothing_is_signed(post: Post, ann: Character) -> None:
    assert b"DKIM-Signature" not in sends(post, ann)[1]


def test_a_folder_holds_a_key_for_each_domain(app: Flask, post: Post, ann: Character, tmp_path: Path) -> None:
    """A domain without one goes unsigned; one that lies in another is signed by it."""
    folder = tmp_path / "keys"
    folder.mkdir()
    key = made(folder / "acme.example.pem")
    settings = replace(app.config["HELPDESK"], dkim_key=str(folder))
    app.config["HELPDESK"] = settings
    assert holds(sends(post, ann)[1], key)
    assert domain_keys.key_for("mail.ACME.example", settings) == ("acme.example", key)
    assert domain_keys.key_for("other.example", settings) is None


def test_while_the_key_cannot_be_used_mail_waits_and_somebody_is_told(
    app: Flask, post: Post, ann: Character, key: Path, tmp_path: Path, still: None
) -> None:
    """Unsigned it might be refused for good; nothing is lost and nothing is sent half made."""
    place = tmp_path / "broken.pem"
    place.write_text("-----BEGIN RSA PRIVATE KEY-----\nbm8=\n-----END RSA PRIVATE KEY-----\n")
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], dkim_key=str(place))
    case = post.case(letter(OLGA))
    assert (case.mails[0].status, post.sink.received) == ("waiting", [])
    assert "cannot be used" in case.mails[0].error
    place.write_bytes(key.read_bytes())
    clock.travel(timedelta(minutes=2))
    post.turn()
    assert holds(post.to(OLGA)[0].raw, key)


def test_a_broken_key_holds_up_the_mail_of_its_own_domain_alone(
    app: Flask, post: Post, ann: Character, key: Path, tmp_path: Path, still: None
) -> None:
    """The other domain's mail leaves; the alarm names the domain and the file, and ends when its mail leaves."""
    folder = tmp_path / "keys"
    folder.mkdir()
    good, broken = folder / "acme.example.pem", folder / "forms.example.pem"
    good.write_bytes(key.read_bytes())
    broken.write_text("-----BEGIN RSA PRIVATE KEY-----\nbm8=\n-----END RSA PRIVATE KEY-----\n")
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], dkim_key=str(folder))
    case = post.case(letter(OLGA))
    first = len(post.to(OLGA))
    for sender in ("web@forms.example", "support@acme.example"):
        ann.performs("reply", case, text=f"From {sender}")
        with app.app_context(), writing() as here:
            row = here.get_one(Delivery, case.mails[-1].id)
            row.frozen = {**row.frozen, "sender": sender}
    post.turn()
    stuck, left = case.mails[-2:]
    assert (stuck.status, left.status, len(post.to(OLGA))) == ("waiting", "sent", first + 1)
    assert holds(post.to(OLGA)[-1].raw, key)
    assert [subject for subject, _ in sounding(app)] == ["delivery:key:forms.example"]
    assert "Mail of forms.example waits." in sounding(app)[0][1]
    assert str(broken) in sounding(app)[0][1]
    ann.performs("reply", case, text="And another of the good domain")
    post.turn()
    assert (case.mails[-1].status, len(sounding(app))) == ("sent", 1), "another domain's mail does not end it"
    broken.write_bytes(key.read_bytes())
    clock.travel(timedelta(minutes=2))
    post.turn()
    assert case.mails[-3].status == "sent"
    assert holds(post.to(OLGA)[-1].raw, key, domain="forms.example")
    assert sounding(app) == []


def sounding(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [(alarm.subject, alarm.sentence) for alarm in alarms.standing()]


# The doctor


def verdicts(settings: Settings, look: Callable[[str], str | None]) -> list[tuple[str, str]]:
    return [(each.status, each.message) for each in signing.check(settings, look=look)]


@pytest.fixture
def with_key(key: Path, tmp_path: Path) -> Settings:
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "acme.example.pem").write_bytes(key.read_bytes())
    (folder / "acme.example.pem").chmod(0o600)
    return Settings(env="test", dkim_key=str(folder))


def test_the_doctor_compares_what_is_published(with_key: Settings, key: Path, tmp_path: Path) -> None:
    record = domain_keys.record(key.read_bytes())
    other = domain_keys.record(made(tmp_path / "other.pem").read_bytes())
    asked: list[str] = []

    def look(name: str) -> str:
        asked.append(name)
        return record.replace("p=", "p = ").replace("; ", ";\t")

    assert verdicts(with_key, look) == [("ok", f"{NAME} is published and fits")]
    assert asked == [NAME]
    ((status, said),) = verdicts(with_key, lambda name: None)
    assert status == "failed"
    assert f'Publish: {NAME}. TXT "{record}"' in said
    ((status, said),) = verdicts(with_key, lambda name: other)
    assert (status, "another key" in said) == ("failed", True)


def test_the_doctor_says_so_when_it_cannot_look(with_key: Settings) -> None:
    def look(name: str) -> str:
        raise signing.CannotLookError("NoNameservers")

    ((status, said),) = verdicts(with_key, look)
    assert status == "warning"
    assert "could not be looked up" in said
    assert "Publish:" in said


def test_the_doctor_looks_at_the_key_itself(with_key: Settings, tmp_path: Path) -> None:
    path = Path(with_key.dkim_key) / "acme.example.pem"
    path.chmod(0o644)
    assert verdicts(with_key, lambda name: None)[0] == (
        "failed",
        f"{path} can be read or written by others: chmod 600 {path}",
    )
    made(path, bits=768)
    assert "768 bits" in verdicts(with_key, lambda name: None)[0][1]
    assert "waits" not in verdicts(with_key, lambda name: None)[0][1], "it signs all the same"
    path.write_text("nothing")
    assert "no RSA key" in verdicts(with_key, lambda name: None)[0][1]
    assert "Mail of acme.example waits" in verdicts(with_key, lambda name: None)[0][1]
    path.unlink()
    assert verdicts(with_key, lambda name: None)[0][0] == "warning"
    missing = replace(with_key, dkim_key=str(tmp_path / "nowhere"))
    assert verdicts(missing, lambda name: None)[0][0] == "failed"
    assert verdicts(replace(with_key, dkim_key=""), lambda name: None) == []


def test_the_record_is_what_openssl_says_the_key_is(key: Path) -> None:
    made_by_openssl = subprocess.run(
        ["openssl", "rsa", "-in", str(key), "-pubout", "-outform", "PEM"], check=True, capture_output=True, text=True
    ).stdout
    lines = [line for line in made_by_openssl.splitlines() if "-----" not in line]
    assert domain_keys.record(key.read_bytes()).endswith(f"p={''.join(lines)}")
