"""The settings of the running desk, for rooms that know no Flask."""

from __future__ import annotations

from flask import current_app

from config import Settings


def current() -> Settings:
    """The settings the app at hand was made with."""
    settings: Settings = current_app.config["HELPDESK"]
    return settings
