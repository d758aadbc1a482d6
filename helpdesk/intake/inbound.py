"""What arrived, and what became of it: the two shapes that pass through the door. Knows no row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from helpdesk.errors import Invalid
from helpdesk.people.models import Person
from helpdesk.tickets.links import Thread
from helpdesk.tickets.rich import NOTHING, Rich, Upload
from helpdesk.workflows.schema import BUILT_IN, Input, Source


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """Something that arrived, whatever its channel. What it claims about itself is not believed; what is proven is said
    apart.

    `thread`: a genuine signed code of ours was in it. `references`: Message-IDs it claims to answer. `verified`: the
    sender proved the address (signed in, or aligned DMARC). `automatic`: a robot sent it. `late`: it lay somewhere for
    so long that an automatic answer would only puzzle its sender (fault 20).
    """

    source: str
    channel: str
    address: str
    name: str = ""
    subject: str = ""
    message: Rich = NOTHING
    files: tuple[Upload, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    thread: Thread | None = None
    references: Sequence[str] = ()
    copied: tuple[tuple[str, str], ...] = ()  # who else it was sent to: address and name, as the mail says
    verified: bool = False
    automatic: bool = False
    late: bool = False
    from_service: bool = False  # a code or a link to confirm: never for the eyes of whoever's ticket it came to
    rfc_id: str | None = None
    inbound_id: int | None = None
    nonce: str | None = None
    by: Person | None = None  # staff who enters it for the customer
    fresh: bool = False  # it opens a ticket, whatever its subject names
    warnings: tuple[str, ...] = ()

    @property
    def mailed(self) -> str | None:
        """Its words, of a mail: robots answer by mail alone."""
        return self.message.text if self.channel == "email" else None

    @classmethod
    def entered(cls, source: Source, values: Mapping[str, Any], *, address: str, **more: Any) -> Inbound:
        """What somebody enters for `source` without a page or a mail program: a script, a workflow test.

        Raises Invalid for a value that the source does not ask.
        """
        asked = {each.name for each in form_inputs(source)}
        known = asked or {"name", "subject", "message", "files"}
        if strange := [name for name in values if name not in known]:
            raise Invalid({name: f"“{name}” is not asked here." for name in strange})
        said = {"email": address, **values} if "email" in asked else dict(values)
        message = said.get("message", "")
        return cls(
            source=source.name,
            channel=source.type,
            address=address,
            name=str(said.get("name", "")),
            subject=str(said.get("subject", "")),
            message=message if isinstance(message, Rich) else Rich.plain(str(message)),
            files=tuple(said.get("files", ())),
            values=said if asked else {},
            **more,
        )


@dataclass(frozen=True)
class Received:
    """What became of it: `how` is opened, ran, filed or repeated (it had arrived before)."""

    ticket_id: int
    ref: str
    how: str
    event_id: int = 0


def form_inputs(source: Source, *, by: Person | None = None) -> tuple[Input, ...]:
    """What a source asks before a ticket is opened: a form's fields, what a chat asks before its first line and that
    line; nothing for mail. Staff who enter it for somebody (`by`) need not tick an agreement: it is the customer's to
    give.
    """
    asked: tuple[Input, ...] = tuple(getattr(source.options, "fields", ())) or _before_a_chat(source)
    if by is None:
        return asked
    return tuple(replace(each, required=False) if each.field.type == "agreement" else each for each in asked)


def _before_a_chat(source: Source) -> tuple[Input, ...]:
    asked: tuple[Input, ...] = tuple(getattr(source.options, "ask", ()))
    listed = {each.name for each in asked}
    first_line = [name for name in ("message", "files") if name not in listed]
    return (*asked, *(Input(name=name, field=BUILT_IN[name], builtin=True) for name in first_line)) if asked else ()
