"""The room's blueprint."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("cabinet", __name__, url_prefix="/my")
