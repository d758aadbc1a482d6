"""The room's blueprint. Its pages stand in the desk's frame."""

from __future__ import annotations

from flask import Blueprint

from helpdesk.web import shell

bp = Blueprint("desk", __name__, url_prefix="/desk")
bp.context_processor(shell.desk)
