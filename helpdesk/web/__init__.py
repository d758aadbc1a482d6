"""The web: who may come in, what every answer carries, and how an error looks. The rooms with pages stand on it.

`create_app` calls `init_app` and then `register_rooms`. A room with pages is a module that has a blueprint `bp`; it
is added to the list here by name, because imports point the other way: pages know the web, the web knows no page.
"""

from __future__ import annotations

import importlib

from flask import Flask

from config import Settings
from helpdesk import web_look
from helpdesk.web import (
    bearer,
    cookies,
    csrf,
    drawn,
    errors,
    gates,
    headers,
    limits,
    proxy,
    readable,
    shell,
    sizes,
    texts,
)

ROOMS = (
    "helpdesk.web.operations",
    "helpdesk.pages.home",
    "helpdesk.account.routes",
    "helpdesk.cabinet.routes",
    "helpdesk.desk.routes",
    "helpdesk.pages.forms",
    "helpdesk.pages.links",
    "helpdesk.admin",
    "helpdesk.api",
)
DEMO_ROOMS: tuple[str, ...] = ("helpdesk.pages.devmail",)
WORKSHOP_ROOMS: tuple[str, ...] = ("helpdesk.pages.styleguide",)  # for who builds the desk: development, tests, demo


def init_app(app: Flask, settings: Settings) -> None:
    """Everything that stands between the network and a page."""
    drawn.init_app(app)
    proxy.init_app(app, settings)
    sizes.init_app(app)
    readable.init_app(app)
    cookies.init_app(app, settings)
    texts.init_app(app)
    web_look.register(app)
    shell.init_app(app)
    limits.init_app(app, settings)
    errors.init_app(app)
    csrf.init_app(app, settings)
    gates.init_app(app)
    bearer.init_app(app)
    headers.init_app(app, settings)


def register_rooms(app: Flask, settings: Settings) -> None:
    """Give every room its routes. Raises RuntimeError when one of them has no gate: then the desk does not start."""
    for name in rooms(settings):
        app.register_blueprint(importlib.import_module(name).bp)
    if ungated := gates.ungated(app):
        raise RuntimeError(f"These routes have no gate: {', '.join(ungated)}.")


def rooms(settings: Settings) -> tuple[str, ...]:
    """The modules whose routes this desk has."""
    demo = DEMO_ROOMS if settings.demo else ()
    workshop = WORKSHOP_ROOMS if settings.demo or settings.env != "production" else ()
    return (*ROOMS, *demo, *workshop)
