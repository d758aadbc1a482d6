"""The pages of /desk, gathered."""

from __future__ import annotations

from helpdesk.desk import (
    doing,
    downloading,
    frame,
    inserting,
    letters,
    lists,
    marks,
    new,
    printing,
    ticket,
    undoing,
    why,
)
from helpdesk.desk.blueprint import bp

__all__ = [
    "bp",
    "doing",
    "downloading",
    "frame",
    "inserting",
    "letters",
    "lists",
    "marks",
    "new",
    "printing",
    "ticket",
    "undoing",
    "why",
]
