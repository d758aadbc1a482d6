"""A desk without its pages: settings and database, enough for both doors.

For the command line, whose every call is a process of its own, and for workflow tests. The web's application is made by
`helpdesk.create_app`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings


def create_app(settings: Settings) -> Flask:
    """An application with the desk's database and nothing to show. Opens no connection until it is asked something."""
    from flask import Flask

    from helpdesk import db, models

    app = Flask("helpdesk", static_folder=None)
    app.config.update(HELPDESK=settings, SECRET_KEY=settings.signing_key)
    models.load_all()
    db.init_app(app, settings)
    return app
