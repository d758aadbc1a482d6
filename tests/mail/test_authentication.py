"""When our own server vouches for a sender, and the many ways to pretend it did (attack 28)."""

from __future__ import annotations

import pytest

from helpdesk.channels.email.auth import dmarc_passed
from helpdesk.channels.email.parse import parse
from tests.mail.letters import letter

OURS, FIRM = "mx.desk.example", "firm.example"
PASS = f"{OURS}; spf=pass smtp.mailfrom=ann@{FIRM}; dmarc=pass (p=reject) header.from={FIRM}"


@pytest.mark.parametrize(
    "headers",
    [
        [PASS],
        [f"{OURS} 1; dmarc=pass header.from={FIRM}"],
        [f'"{OURS}"; dmarc=pass policy.dmarc=none header.from={FIRM.upper()}'],
        [f"MX.desk.example; dkim=pass header.d={FIRM}; dmarc=pass header.from={FIRM}"],
        [PASS, "mx.other.example; dmarc=fail header.from=firm.example"],
        [PASS, f"{OURS}; dkim=pass header.d={FIRM}"],
    ],
)
def test_a_pass_of_our_own_server_for_this_domain_counts(headers: list[str]) -> None:
    assert dmarc_passed(headers, OURS, FIRM)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [""],
        ["mx.other.example; dmarc=pass header.from=firm.example"],
        [f"{OURS}.evil.example; dmarc=pass header.from={FIRM}"],
        [f"evil.{OURS}; dmarc=pass header.from={FIRM}"],
        [f"x {OURS}; dmarc=pass header.from={FIRM}"],
        ["mx.other.example; dmarc=none", PASS],
        [f"{OURS}; dmarc=fail header.from={FIRM}", PASS],
        [PASS, PASS],
        [PASS, f"{OURS}; dmarc=fail header.from={FIRM}"],
        [f"{OURS}; dmarc=fail header.from={FIRM}; dmarc=pass header.from={FIRM}"],
        [f"{OURS}; dmarc=pass header.from=evil.example"],
        [f"{OURS}; dmarc=pass header.from=sub.{FIRM}"],
        [f"{OURS}; dmarc=pass"],
        [f"{OURS}; dmarc=bestguesspass header.from={FIRM}"],
        [f"{OURS}; none"],
        [f"{OURS} (comment"],
        [f"{OURS}; spf=fail (dmarc=pass header.from={FIRM})"],
        [f'{OURS}; spf=fail reason="; dmarc=pass header.from={FIRM}"'],
        [f"{OURS}; spf=fail reason=dmarc=pass header.from={FIRM}"],
        [f"{OURS}; spf=fail smtp.mailfrom=x dmarc=pass header.from={FIRM}"],
        [f"{OURS}; x-dmarc=pass header.from={FIRM}"],
        [f"{OURS}; dmarc=pass header.from={FIRM} header.from=evil.example"],
        [f"(x) {OURS} dmarc=pass header.from={FIRM}"],
    ],
)
def test_anything_else_is_no(headers: list[str]) -> None:
    assert not dmarc_passed(headers, OURS, FIRM)


def test_without_a_configured_name_nobody_is_believed() -> None:
    assert not dmarc_passed([PASS], "", FIRM)
    assert not dmarc_passed([PASS], OURS, "")


def test_the_headers_reach_the_check_in_their_order() -> None:
    raw = (
        b"Authentication-Results: first.example; none\r\nAuthentication-Results: " + PASS.encode() + b"\r\n" + letter()
    )
    mail = parse(raw)
    assert [header.split(";", 1)[0] for header in mail.authentication_results] == ["first.example", OURS]
    assert not dmarc_passed(mail.authentication_results, OURS, mail.from_.domain)
