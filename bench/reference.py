"""The reference every page is measured beside: Flask and Jinja with one indexed query of 50 rows on the bare
driver, and nothing else.

No ORM, no session, no rights, no translations. Served by the same shell as the desk.
"""

from __future__ import annotations

import sqlite3
import threading
from typing import Any

import psycopg
from flask import Flask, render_template_string
from sqlalchemy.engine import make_url

ROWS = (
    "SELECT id, ref, subject, state, activity_at FROM tickets WHERE workflow = 'support' AND state = 'open' "
    "ORDER BY activity_at DESC, id DESC LIMIT 50"
)
PAGE = """<!doctype html><html lang="en"><head><title>Tickets</title></head><body><h1>Tickets</h1><table>
{% for id, ref, subject, state, at in rows %}<tr><td><a href="/tickets/{{ ref }}">{{ ref }}</a></td>
<td>{{ subject }}</td><td>{{ state }}</td><td>{{ at }}</td></tr>
{% endfor %}</table></body></html>"""


def app(database: str) -> Flask:
    """The page at `/`, over the database at this SQLAlchemy address."""
    address, here = make_url(database), threading.local()
    flask = Flask("reference")

    def connection() -> Any:
        if not hasattr(here, "connection"):
            if address.get_backend_name() == "sqlite":
                here.connection = sqlite3.connect(str(address.database))
            else:
                plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
                here.connection = psycopg.connect(plain, autocommit=True)
        return here.connection

    @flask.get("/")
    def page() -> str:
        return render_template_string(PAGE, rows=connection().execute(ROWS).fetchall())

    return flask
