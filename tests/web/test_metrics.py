"""What /metrics counts costs the same on a desk of any size."""

from __future__ import annotations

import pytest
from flask import Flask

from helpdesk import jobs
from helpdesk.db import writing
from helpdesk.web import operations
from tests.cast import Character
from tests.plugins.post import Post, letter
from tests.visitor import Visitor


def numbers(app: Flask) -> list[str]:
    return Visitor(app, ip="127.0.0.1").opens("/metrics").text.splitlines()


def test_what_piles_up_is_counted_to_a_bound_and_what_came_without(
    app: Flask, post: Post, ann: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MOST", 3)
    for number in range(5):
        ann.performs("reply", post.case(letter("olga@example.org", f"Number {number}")), text="Which floor?")
    post.turn()
    robot = letter("olga@example.org", "I am away.")
    robot["Auto-Submitted"] = "auto-replied"
    post.arrives(bytes(robot))
    with app.app_context(), writing():
        for _ in range(2):
            jobs.enqueue("nobody_does_this", {})
    said = numbers(app)
    assert 'helpdesk_jobs{state="ready"} 2' in said
    assert 'helpdesk_inbound_mails{state="filed"} 3' in said
    assert 'helpdesk_robot_mails{state="auto-reply"} 1' in said
    assert "helpdesk_mails_received 6" in said
    assert 'helpdesk_deliveries{state="sent"} 3' in said
    assert f"helpdesk_deliveries_written {len(post.sink.received)}" in said
