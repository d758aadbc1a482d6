"""Whom a test of a workflow file sees mailed: recipients as the file spells them.

Whoever is meant twice in one e-mail, as the assignee and as a member of the group, gets one message. A test names that
person by either word or by both: which of them stands first in the file is no promise of the desk. Asked by `play`;
writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from helpdesk.actions import copies
from helpdesk.actions.door import lock
from helpdesk.actions.recipients import named
from helpdesk.db import session, writing
from helpdesk.intake import answering
from helpdesk.tickets.models import Delivery, Event
from helpdesk.workflows.schema import Desk

# What leaves in side conversations and in copy is no e-mail of the file, nor is the desk's own word to a sender.
ITS_OWN = (Delivery.conversation_id.is_(None), Delivery.role.not_in((copies.ROLE, answering.ROLE)))
Run = tuple[str, str, int]  # workflow, action, number of its event


@dataclass(frozen=True)
class Mailed:
    """`words`: under which somebody was mailed. `also`: others of the same e-mails that mean somebody of those.
    `instead`: for each of `words` the ones that mean everybody whom it reached.
    """

    words: frozenset[str]
    also: frozenset[str]
    instead: Mapping[str, frozenset[str]]

    def is_as(self, wanted: Collection[str]) -> bool:
        """Whether a test that names these recipients names everybody who was mailed, and nobody else."""
        said = set(wanted)
        return said <= self.words | self.also and all(word in said or self.instead[word] & said for word in self.words)


def recipients(desk: Desk, ticket_id: int, *, after: int) -> Mailed:
    """Of every e-mail queued since the delivery `after`: who was mailed. What the desk says by itself, such as that a
    message was only filed, is none.
    """
    mails = select(Delivery.role, Delivery.recipient, Event.workflow, Event.action, Event.id).join(
        Event, Event.id == Delivery.event_id
    )
    rows = session().execute(
        mails.where(Delivery.ticket_id == ticket_id, Delivery.kind == "mail", *ITS_OWN, Delivery.id > after)
    )
    reached: dict[tuple[Run, str], set[str]] = defaultdict(set)
    for role, address, workflow, action, event in rows:
        reached[(str(workflow), str(action), event), role].add(address)
    also: set[str] = set()
    instead: dict[str, frozenset[str]] = {}
    for (run, word), whom in reached.items():
        for others in _beside(desk, run, word):
            means = {each: _addresses(each, ticket_id) for each in others}
            also |= {each for each in others if means[each] & whom}
            all_of_them = frozenset(each for each in others if whom <= means[each])
            instead[word] = instead.get(word, all_of_them) & all_of_them
    words = frozenset(word for _, word in reached)
    return Mailed(words, frozenset(also), {word: instead.get(word, frozenset()) for word in words})


def _beside(desk: Desk, run: Run, word: str) -> Iterator[set[str]]:
    """The other recipients of each e-mail of the run's action that has this one."""
    workflow, action, _ = run
    spec = desk.workflows[workflow].actions.get(action) if workflow in desk.workflows else None
    for email in spec.emails if spec else ():
        words = {*email.to, *email.bcc}
        if word in words:
            yield words - {word}


def _addresses(word: str, ticket_id: int) -> set[str]:
    with writing():
        return {address for _, address in named(word, lock(ticket_id))}
