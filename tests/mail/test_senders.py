"""Who wrote: one address that every mail program reads the same way, or quarantine (attack 27)."""

from __future__ import annotations

import pytest

from helpdesk.channels.email import addresses
from helpdesk.channels.email.inspect import would
from helpdesk.channels.email.parse import parse
from tests.mail.letters import letter

CLEAR = [
    ("olga@client.example", "", "olga@client.example"),
    ("<olga@client.example>", "", "olga@client.example"),
    ("Olga Tamm <olga@client.example>", "Olga Tamm", "olga@client.example"),
    ('"Tamm, Olga" <olga@CLIENT.example>', "Tamm, Olga", "olga@client.example"),
    ("olga@client.example (Olga Tamm)", "Olga Tamm", "olga@client.example"),
    ("=?utf-8?Q?J=C3=BCri?= <juri@client.example>", "Jüri", "juri@client.example"),
    ('"=?utf-8?Q?J=C3=BCri?=" <juri@client.example>', "Jüri", "juri@client.example"),
    ("=?utf-8?Q?a=40b=2Eexample=2C?= <olga@client.example>", "a@b.example,", "olga@client.example"),
    ('"olga@other.example" <olga@client.example>', "olga@other.example", "olga@client.example"),
    ("O'Neil <o'neil@client.example>", "O'Neil", "o'neil@client.example"),
    ("олга@почта.рф", "", "олга@почта.рф"),
    ('"odd local"@client.example', "", '"odd local"@client.example'),
    ("<mailto:olga@client.example>", "", "olga@client.example"),
    ("Olga ((nested) comment) <olga@client.example>", "Olga", "olga@client.example"),
    ("olga@[192.0.2.1]", "", "olga@[192.0.2.1]"),
]

UNCLEAR = [
    "alice@corp.example)<bob@evil.example>",
    "alice@corp.example, bob@evil.example",
    "alice@corp.example <bob@evil.example>",
    "<alice@corp.example> <bob@evil.example>",
    "<alice@corp.example>bob@evil.example",
    "alice@corp.example<bob@evil.example",
    '"alice@corp.example <bob@evil.example>',
    "alice@corp.example;bob@evil.example",
    "group: alice@corp.example, bob@evil.example;",
    "<alice@corp.example",
    "alice@corp.example>",
    "<<alice@corp.example>>",
    "alice@corp.example@evil.example",
    "alice(@corp.example)@evil.example <x",
    "alice@corp..example",
    ".alice@corp.example",
    "alice @corp.example <bob@evil.example>, x",
    "alice",
    "<>",
    "<a@[b>",
    "undisclosed-recipients:;",
    "()",
    "",
    ",,,",
    "<@>",
    "\u202ealice@corp.example, x@y.example",
    "alice@corp.example\r\n\tbob@evil.example",
    "=?utf-8?Q?alice=40corp.example?=",
    "=?utf-8?Q?=3Calice=40corp.example=3E?= =?utf-8?Q?=3Cbob=40evil.example=3E?=",
    "[??????]",
    "alice@",
    "@corp.example",
]


@pytest.mark.parametrize(("value", "name", "address"), CLEAR)
def test_one_clear_address_is_the_sender(value: str, name: str, address: str) -> None:
    mail = parse(letter(from_=value))
    assert (mail.from_.name, mail.from_.address) == (name, address)
    assert mail.sender_is_clear
    assert would(mail) == "new"


@pytest.mark.parametrize("value", UNCLEAR)
def test_a_from_that_two_programs_read_differently_goes_to_quarantine(value: str) -> None:
    """Attack 27."""
    mail = parse(letter(from_=value))
    assert not mail.sender_is_clear
    assert would(mail) == "quarantine"


def test_two_from_headers_are_nobody() -> None:
    """Attack 27."""
    raw = letter().replace(b"To: ", b"From: Boss <boss@desk.example>\r\nTo: ")
    mail = parse(raw)
    assert "from-twice" in mail.problems
    assert would(mail) == "quarantine"


def test_no_from_is_said_and_the_answer_address_only_suggested() -> None:
    mail = parse(letter(from_=None, reply_to="Olga <olga@client.example>"))
    assert mail.from_.address == "olga@client.example"
    assert "from-missing" in mail.problems
    assert would(mail) == "quarantine"


def test_reply_to_and_sender_never_become_the_from() -> None:
    """Attack 32: they are told apart, for whoever decides."""
    mail = parse(letter(reply_to="evil@evil.example", sender="list@list.example"))
    assert mail.from_.address == "olga@client.example"
    assert [one.address for one in mail.reply_to] == ["evil@evil.example"]
    assert mail.sender is not None
    assert mail.sender.address == "list@list.example"


def test_ten_thousand_recipients_are_capped() -> None:
    """Attack 38."""
    mail = parse(letter(to=", ".join(f"u{number}@x.example" for number in range(10_000))))
    assert len(mail.to) <= 500


def test_groups_are_opened_and_commas_in_names_are_no_separators() -> None:
    found, sound = addresses.read('Team: "Lee, Ann" <ann@desk.example>, boris@desk.example;, kadri@desk.example')
    assert sound
    assert [(one.name, one.address) for one in found] == [
        ("Lee, Ann", "ann@desk.example"),
        ("", "boris@desk.example"),
        ("", "kadri@desk.example"),
    ]
