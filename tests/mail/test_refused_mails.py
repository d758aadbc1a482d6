"""A mail that the desk read and does not take: put aside at once, with the reason (fault 19)."""

from __future__ import annotations

import pytest
from flask import Flask

from helpdesk import alarms, intake
from helpdesk.errors import Invalid
from tests.plugins.post import Post, letter


def test_what_the_desk_refuses_is_put_aside_at_the_first_try_with_its_own_sentence(
    app: Flask, post: Post, monkeypatch: pytest.MonkeyPatch, still: None
) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise Invalid({"source": "There is no source “support_mail”."})

    monkeypatch.setattr(intake, "receive", refuses)
    row = post.arrives(letter("olga@example.org"))
    assert (row.status, row.attempts) == ("quarantined", 1)
    assert row.error == "The desk does not take it as it is: There is no source “support_mail”."
    with app.app_context():
        assert [alarm.subject for alarm in alarms.standing()] == ["mail:quarantine"]
