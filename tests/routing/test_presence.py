"""Who is at work is known from open pages, and only where a strategy asks (O3, C11)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.db import session
from helpdesk.routing import presence
from helpdesk.routing.models import Presence
from helpdesk.workflows import revisions
from tests.cast import Character
from tests.routing.desks import agent, in_force
from tests.servers.page import page_of
from tests.servers.process import wait_until
from tests.servers.serving import served


def noted(app: Flask) -> list[int]:
    with app.app_context():
        return list(session().scalars(select(Presence.person_id)))


def test_whoever_has_the_desk_open_is_there_and_a_customer_never(app: Flask, olga: Character) -> None:
    in_force(app, by="most_available")
    anton = agent(app, "Anton")
    olga.writes("Hello")
    with served(app) as address, page_of(app, address, olga, "cabinet"), page_of(app, address, anton) as page:
        assert page.joins("queue").welcome
        wait_until(lambda: noted(app) == [anton.id], what="somebody to be noted")


@pytest.mark.parametrize(
    ("routing", "by", "asked"),
    [
        ("entry: {by: most_available}", "entry", True),
        ("entry: {by: least_busy}", "most_available", True),
        ("entry: {by: least_busy, prefer: [last_agent]}", "round_robin", False),
    ],
)
def test_only_a_desk_whose_strategies_ask_notes_it(app: Flask, routing: str, by: str, asked: bool) -> None:
    in_force(app, routing=routing, by=by)
    with app.app_context():
        assert presence.is_asked(revisions.active().desk) is asked
