"""The desk. `create_app` reads as a table of contents.

Imports stand inside the function so that importing a quiet corner of the package (the language's check, the mail reader
in its child process) does not load the web.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The Flask application for these settings (default: from the environment). Opens no connection until it is asked
    something.
    """
    from flask import Flask

    from config import Settings as FromEnvironment
    from helpdesk import db, disk, models, web, web_assets
    from helpdesk.web.templating import Templates

    settings = settings or FromEnvironment.from_env()
    app = Flask(__name__, static_folder=None)  # web_assets serves what is static
    app.jinja_environment = Templates
    app.config.update(HELPDESK=settings, SECRET_KEY=settings.signing_key, MAX_CONTENT_LENGTH=settings.upload_limit)

    models.load_all()
    db.init_app(app, settings)
    disk.watch(app)
    web_assets.register(app)
    web.init_app(app, settings)
    web.register_rooms(app, settings)
    return app
