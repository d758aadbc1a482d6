"""The rows about people. One human is one Person, however many addresses they write from.

Roles and groups are names of the workflow file; what they allow is asked of `workflows.rules`, never of these rows.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from helpdesk import clock
from helpdesk.db import Base, UTCDateTime, partial_index


class Company(Base):
    """A customer's firm."""

    __tablename__ = "companies"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    domain: Mapped[str | None] = mapped_column(String(255), unique=True)


class Person(Base):
    """A human who writes to the desk or works at it."""

    __tablename__ = "people"
    __table_args__ = (partial_index("ix_people_admins", "id", where="is_admin", sqlite="is_admin = 1"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(20), default="")
    timezone: Mapped[str] = mapped_column(String(64), default="")
    category: Mapped[str] = mapped_column(String(40), default="")
    city: Mapped[str] = mapped_column(String(100), default="")
    country: Mapped[str] = mapped_column(String(100), default="")
    tier: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"), index=True)
    is_admin: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    banned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ban_told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when they were told so, which is done once
    password_hash: Mapped[str | None] = mapped_column(String(255))
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_step: Mapped[int] = mapped_column(default=0)  # the last time step used: a code works once
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    addresses: Mapped[list[Address]] = relationship(
        back_populates="person", order_by="Address.id", lazy="selectin", cascade="all, delete-orphan"
    )
    company: Mapped[Company | None] = relationship(lazy="joined")
    # Asked of staff only; whoever lists people loads these along (`WITH_RIGHTS`).
    role_rows: Mapped[list[PersonRole]] = relationship(cascade="all, delete-orphan")
    membership_rows: Mapped[list[Membership]] = relationship(cascade="all, delete-orphan")

    @property
    def email(self) -> str:
        """The address mail to this person goes to: the primary one, else the first; empty if there is none."""
        mails = [each for each in self.addresses if each.kind == "email"]
        return next((each.value for each in mails if each.is_primary), mails[0].value if mails else "")

    @property
    def phone(self) -> str:
        return next((each.value for each in self.addresses if each.kind == "phone"), "")

    @property
    def roles(self) -> list[str]:
        return sorted(row.role for row in self.role_rows)

    @property
    def groups(self) -> list[str]:
        return sorted(row.group for row in self.membership_rows)

    @property
    def is_staff(self) -> bool:
        """Whoever has a role, a group or the administrator's flag works at the desk."""
        return bool(self.is_admin or self.role_rows or self.membership_rows)

    @property
    def is_active(self) -> bool:
        """Whether they may come in: neither let out nor banned."""
        return self.disabled_at is None and self.banned_at is None

    @property
    def shown_name(self) -> str:
        return self.name or self.email or f"#{self.id}"

    def __repr__(self) -> str:
        return f"<Person {self.id} {self.shown_name}>"


DOMAIN = "substr(value, 1 + length(rtrim(value, replace(value, '@', ''))))"
"""What stands after the last @ of an address, in the words of its index: what asks by others reads every address."""


class Address(Base):
    """A way to reach a person: mail, phone, messenger. A value belongs to one person only."""

    __tablename__ = "addresses"
    __table_args__ = (UniqueConstraint("kind", "value"), Index("ix_addresses_domain", text(DOMAIN)))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20), default="email")
    value: Mapped[str] = mapped_column(String(320))  # as `people.find.normal` spells it
    is_primary: Mapped[bool] = mapped_column(default=False)
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    bounced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # since when mail comes back; see `reach`
    bounce_reason: Mapped[str] = mapped_column(String(300), default="", server_default="")
    complained_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when its owner called a mail of ours spam

    person: Mapped[Person] = relationship(back_populates="addresses")


class PersonRole(Base):
    """A role of the workflow file that a person has been given directly."""

    __tablename__ = "person_roles"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(64), primary_key=True)


class Membership(Base):
    """A person in a group of the workflow file."""

    __tablename__ = "memberships"
    __table_args__ = (Index("ix_memberships_group_name", "group_name"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    group: Mapped[str] = mapped_column("group_name", String(64), primary_key=True)


class SignIn(Base):
    """A signed-in browser. The cookie holds the token, the row only its hash; ending the row ends the session."""

    __tablename__ = "sign_ins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    audience: Mapped[str] = mapped_column(String(10))  # desk | cabinet | pending (the second step is missing)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    browser: Mapped[str] = mapped_column(String(200), default="")
    ip: Mapped[str] = mapped_column(String(45), default="")

    person: Mapped[Person] = relationship(lazy="joined")


class OneTimeLink(Base):
    """A mailed link that works once. Only the hash of its token is kept."""

    __tablename__ = "one_time_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))  # sign_in | reset | invite
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(String(320))  # where it was mailed to; using it proves that one reads there
    target: Mapped[str] = mapped_column(String(200), default="")  # where to go afterwards, a path of ours
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ApiToken(Base):
    """A key by which a program acts as a person. It is shown once; the row holds its hash, and enough to recognise it
    by.
    """

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))  # what it is for
    beginning: Mapped[str] = mapped_column(String(20), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(String(10))  # read | write
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # to ten minutes
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    person: Mapped[Person] = relationship(lazy="joined")


class Absence(Base):
    """A span in which a person is away and another stands in: what they are asked to approve goes there."""

    __tablename__ = "absences"
    __table_args__ = (Index("ix_absences_person", "person_id", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    substitute_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)  # the first moment they are back
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    person: Mapped[Person] = relationship(foreign_keys=person_id, lazy="raise")
    substitute: Mapped[Person] = relationship(foreign_keys=substitute_id, lazy="raise")


WITH_RIGHTS = (selectinload(Person.role_rows), selectinload(Person.membership_rows))
"""Options for a query that lists people of whom roles and groups will be asked."""
