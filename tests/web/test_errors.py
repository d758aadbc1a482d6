"""What an error page is called when nothing at all is set up yet."""

from __future__ import annotations

import pytest

from config import Settings
from helpdesk import create_app
from helpdesk.db import db
from tests.visitor import Visitor


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_desk_without_a_workflow_says_that_it_is_not_set_up_yet(settings: Settings) -> None:
    app = create_app(settings)
    answer = Visitor(app).opens("/")
    assert answer.status_code == 503
    assert "<h1>Not set up yet</h1>" in answer.text
    assert "There is no workflow yet." in answer.text
    assert Visitor(app).opens("/account/sign-in").status_code == 200
    with app.app_context():
        db.engine.dispose()
