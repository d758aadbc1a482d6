"""Counting tries: for all processes together where there is Redis, and alone while it is away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask

from config import Settings
from helpdesk import create_app
from helpdesk.db import db
from helpdesk.errors import TooMany
from helpdesk.web import limits
from tests.servers.process import free_port

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # no row is read


@contextmanager
def process(settings: Settings, redis_url: str) -> Iterator[Flask]:
    app = create_app(replace(settings, redis_url=redis_url))
    yield app
    with app.app_context():
        db.engine.dispose()


def tries(app: Flask, number: int) -> list[bool]:
    with app.app_context():
        return [limits.allows("sign_in", "ann@acme.example", "198.51.100.7") for _ in range(number)]


def test_two_processes_count_together(settings: Settings, redis_url: str) -> None:
    with process(settings, redis_url) as one, process(settings, redis_url) as other:
        assert tries(one, 3) + tries(other, 3) == [True] * 5 + [False]
        with other.app_context(), pytest.raises(TooMany) as refused:
            limits.spend("sign_in", "ann@acme.example", "198.51.100.7")
        assert 0 < refused.value.retry_after <= 15 * 60
        with one.app_context():
            limits.forgive("sign_in", "ann@acme.example", "198.51.100.7")
        assert tries(other, 1) == [True]


def test_while_redis_is_away_a_process_counts_alone(settings: Settings) -> None:
    with process(settings, f"redis://127.0.0.1:{free_port()}/0") as alone:
        assert tries(alone, 7) == [True] * 5 + [False] * 2
        with alone.app_context(), pytest.raises(TooMany):
            limits.spend("sign_in", "ann@acme.example", "198.51.100.7")


def test_a_household_of_ipv6_counts_as_one(app: Flask) -> None:
    from helpdesk.web.visitors import network

    def seen(address: str) -> str:
        with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            return network()

    assert seen("2001:db8:1:2:aaaa::1") == seen("2001:db8:1:2:bbbb::2") != seen("2001:db8:1:3::1")
    assert seen("203.0.113.9") == "203.0.113.9"
