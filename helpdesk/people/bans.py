"""Banned people: nothing they send is taken any more, by whatever address of theirs, and they cannot sign in (WS4).

An action of the workflow file bans a requester (`ban: true`); another one or an administrator lets them back. What they
sent before stays. Every function but `refuse` needs a writing transaction.
"""

from __future__ import annotations

from helpdesk import clock
from helpdesk.errors import NotPossible
from helpdesk.people import api_tokens, staffing
from helpdesk.people.models import Person


class Banned(NotPossible):
    """Whoever sent this is banned. `person_id` says who."""

    def __init__(self, person: Person) -> None:
        super().__init__("Requests from this address are not taken any more.")
        self.person_id = person.id


def ban(person: Person) -> None:
    """Take nothing from this person from now on. Raises NotPossible for staff: they are disabled instead."""
    if person.is_staff:
        raise NotPossible(f"{person.shown_name} works at this desk and cannot be banned.")
    if person.banned_at is None:
        person.banned_at, person.ban_told_at = clock.now(), None
    staffing.sign_out_everywhere(person)
    api_tokens.revoke_all(person)


def lift(person: Person) -> None:
    """Take what they send again."""
    person.banned_at = person.ban_told_at = None


def refuse(person: Person) -> None:
    """Raises Banned for somebody who is."""
    if person.banned_at is not None:
        raise Banned(person)
