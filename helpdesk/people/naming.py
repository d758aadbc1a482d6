"""What a person is called, as a piece of a question: for pages that name many people and load none."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, case, func, select

from helpdesk.people.models import Address


def name_of(person: Any) -> ColumnElement[str]:
    """The name of `Person` or an alias of it, else the mail address, which is only looked up where there is no name."""
    return case((person.name != "", person.name), else_=func.coalesce(mail_of(person), ""))


def mail_of(person: Any) -> ScalarSelect[str]:
    """The address mail to the person goes to: the primary one, else the first."""
    return (
        select(Address.value)
        .where(Address.person_id == person.id, Address.kind == "email")
        .order_by(Address.is_primary.desc(), Address.id)
        .limit(1)
        .scalar_subquery()
    )
