"""A desk without its pages: settings and database, enough for both doors.

For the command line, whose every call is a process of its own, and for workflow tests. The web's application is made by
`helpdesk.create_app`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings


def create_app(settings: Settings) -> Flask:
    """An application with the desk's database and nothing to show. Opens no connection until it is asked something."""
    from flask import Flask

    from helpdesk import db, disk, models

    app = Flask("helpdesk", static_folder=None)
    app.config.update(HELPDESK=settings, SECRET_KEY=settings.signing_key)
    models.load_all()
    db.init_app(app, settings)
    disk.watch(app)
    return app


@contextmanager
def opened(settings: Settings) -> Iterator[Flask]:
    """Such an application within the block, its database at hand; afterwards every connection is closed."""
    from helpdesk.db import db

    app = create_app(settings)
    try:
        with app.app_context():
            yield app
    finally:
        with app.app_context():
            db.engine.dispose()
