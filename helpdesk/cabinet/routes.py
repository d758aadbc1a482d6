"""The pages of /my, gathered."""

from __future__ import annotations

from helpdesk.cabinet import conversation, overview, printing, profile, sign_in
from helpdesk.cabinet.blueprint import bp

__all__ = ["bp", "conversation", "overview", "printing", "profile", "sign_in"]
