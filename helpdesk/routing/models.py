"""What routing remembers: whose turn it was, and who was at the desk when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base, UTCDateTime


class Rotation(Base):
    """Whose turn it was last in a group: the memory of `round_robin`. Its row is held by whoever chooses with it."""

    __tablename__ = "rotations"

    group: Mapped[str] = mapped_column("group_name", String(64), primary_key=True)
    person_id: Mapped[int]  # 0 = the first has the turn


class Presence(Base):
    """When a member of the staff was last seen with the desk open. Counts for a short while only, so a crash heals."""

    __tablename__ = "presences"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
