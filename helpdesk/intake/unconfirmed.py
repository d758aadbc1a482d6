"""Requests that wait for their sender to confirm the address (WS11): kept whole, on no ticket, and by nobody we know.

Called by `channels.confirming`, which mails the link and takes in what is confirmed. What waits is data, never rows of
a ticket or person, so that what nobody confirms leaves no trace when it is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime, insert, insert_all
from helpdesk.intake.inbound import Inbound
from helpdesk.people import find
from helpdesk.tickets.rich import Rich, Upload

LASTS = timedelta(days=7)
PLAIN = (
    "source", "channel", "address", "name", "subject", "automatic", "late", "from_service", "rfc_id", "inbound_id",
    "nonce",
)  # fmt: skip


class Unconfirmed(Base):
    """A request that waits. `ticket_id`: what it became; then `payload` is empty."""

    __tablename__ = "unconfirmed_requests"
    __table_args__ = (Index("ix_unconfirmed_requests_created_at", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(320))
    nonce: Mapped[str | None] = mapped_column(String(64), unique=True)
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_mail.id"), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    @property
    def expires_at(self) -> datetime:
        return self.created_at + LASTS

    @property
    def subject(self) -> str:
        return str(self.payload.get("subject") or "")


class UnconfirmedFile(Base):
    """A stored file that a waiting request names, so that a backup takes it along."""

    __tablename__ = "unconfirmed_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("unconfirmed_requests.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))


def keep(inbound: Inbound) -> int:
    """Write it down, with its files; gives its number. Part of the transaction at hand."""
    payload = {name: getattr(inbound, name) for name in PLAIN} | {
        "message": _packed(inbound.message),
        "files": _packed(inbound.files),
        "values": {name: _packed(value) for name, value in inbound.values.items()},
        "references": list(inbound.references),
        "copied": [list(each) for each in inbound.copied],
        "warnings": list(inbound.warnings),
    }
    request_id: int = insert(
        Unconfirmed,
        source=inbound.source,
        address=find.normal(inbound.address),
        nonce=inbound.nonce,
        inbound_id=inbound.inbound_id,
        payload=payload,
    )
    named = {upload.sha256 for upload in (*inbound.files, *_uploads(inbound.values))}
    insert_all(UnconfirmedFile, [{"request_id": request_id, "sha256": each} for each in sorted(named)])
    return request_id


def inbound_of(row: Unconfirmed, *, verified: bool) -> Inbound:
    """What waits, as the door takes it."""
    packed = row.payload
    return Inbound(
        **{name: packed[name] for name in PLAIN if name in packed},
        message=_unpacked(packed["message"]),
        files=_unpacked(packed["files"]),
        values={name: _unpacked(value) for name, value in packed["values"].items()},
        references=tuple(packed["references"]),
        copied=tuple((address, name) for address, name in packed.get("copied", ())),
        warnings=tuple(packed["warnings"]),
        verified=verified,
    )


def _packed(value: Any) -> Any:
    if isinstance(value, Rich):
        return {"rich": asdict(value)}
    if isinstance(value, Upload):
        return {"upload": asdict(value)}
    if isinstance(value, tuple | list):
        return {"tuple" if isinstance(value, tuple) else "list": [_packed(each) for each in value]}
    return value


def _unpacked(packed: Any) -> Any:
    if not isinstance(packed, dict):
        return packed
    (kind, held) = next(iter(packed.items()))
    if kind == "rich":
        return Rich(**held)
    if kind == "upload":
        return Upload(**held)
    return (tuple if kind == "tuple" else list)(_unpacked(each) for each in held)


def _uploads(values: Mapping[str, Any]) -> Iterator[Upload]:
    for value in values.values():
        for each in value if isinstance(value, tuple | list) else (value,):
            if isinstance(each, Upload):
                yield each
