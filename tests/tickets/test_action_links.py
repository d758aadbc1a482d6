"""Links of mails that do something: what a token says, and that nobody can make or change one (N10, attack 68)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from helpdesk import clock
from helpdesk.errors import NotFound
from helpdesk.tickets import action_links
from helpdesk.tickets.action_links import LASTS, Purpose, TooOld


@pytest.fixture
def link(app: Flask) -> str:
    with app.app_context():
        return action_links.url("pay", ticket_id=12, person_id=3, round=7)


def refused(app: Flask, purpose: Purpose, token: str) -> NotFound:
    with app.app_context(), pytest.raises(NotFound) as refusal:
        action_links.read(purpose, token)
    return refusal.value


def test_a_link_says_what_for_which_ticket_whose_and_which_round(app: Flask, link: str) -> None:
    assert link.startswith("http://desk.example/link/pay/"), "attack 69: from the configured address"
    with app.app_context():
        claim = action_links.read("pay", link.rpartition("/")[2])
    assert (claim.purpose, claim.ticket_id, claim.person_id, claim.round) == ("pay", 12, 3, 7)
    assert len(link.rpartition("-")[2]) * 5 >= 128, "bits that would have to be guessed"


@pytest.mark.parametrize("part", range(5))
def test_nothing_in_a_link_can_be_changed(app: Flask, link: str, part: int) -> None:
    """attack 68: another ticket, person, round or time needs another signature"""
    parts = link.rpartition("/")[2].split("-")
    parts[part] = str(int(parts[part]) + 1) if part < 4 else parts[part][::-1]
    assert refused(app, "pay", "-".join(parts)).sentence == action_links.WRONG


@pytest.mark.parametrize("purpose", [each for each in LASTS if each != "pay"])
def test_a_link_serves_its_own_purpose_only(app: Flask, link: str, purpose: Purpose) -> None:
    assert refused(app, purpose, link.rpartition("/")[2]).sentence == action_links.WRONG


@pytest.mark.parametrize("junk", ["", "x", "1-2-3-4-5", "１-2-3-1790000000-" + "a" * 26, "9" * 5000])
def test_what_is_no_link_is_one_sentence(app: Flask, junk: str) -> None:
    assert refused(app, "pay", junk).sentence == action_links.WRONG


def test_a_link_gets_too_old(app: Flask, link: str) -> None:
    with clock.frozen(clock.now() + LASTS["pay"] + timedelta(seconds=1)):
        assert isinstance(refused(app, "pay", link.rpartition("/")[2]), TooOld)
