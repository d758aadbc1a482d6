"""The room's blueprint. Its pages stand in the desk's frame for whoever is at the desk."""

from __future__ import annotations

from flask import Blueprint

from helpdesk.web import shell

bp = Blueprint("account", __name__, url_prefix="/account")
bp.context_processor(shell.desk)
