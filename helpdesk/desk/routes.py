"""The pages of /desk, gathered."""

from __future__ import annotations

from helpdesk.desk import doing, frame, inserting, letters, lists, marks, new, ticket, undoing, why
from helpdesk.desk.blueprint import bp

__all__ = ["bp", "doing", "frame", "inserting", "letters", "lists", "marks", "new", "ticket", "undoing", "why"]
