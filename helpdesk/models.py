"""Every module that declares tables, so that the metadata is whole before anything asks for it."""

from __future__ import annotations

import importlib

MODULES = (
    "helpdesk.alarms",
    "helpdesk.stored",
    "helpdesk.jobs",
    "helpdesk.people.models",
    "helpdesk.people.blocked",
    "helpdesk.workflows.revisions.rows",
    "helpdesk.tickets.models",
    "helpdesk.tickets.side_conversations",
    "helpdesk.tickets.participants",
    "helpdesk.tickets.approvals",
    "helpdesk.tickets.state_moves",
    "helpdesk.tickets.waiting",
    "helpdesk.tickets.numbers",
    "helpdesk.tickets.payments",
    "helpdesk.routing.models",
    "helpdesk.channels.email.models",
    "helpdesk.intake.unconfirmed",
    "helpdesk.delivery.catcher",
    "helpdesk.delivery.targets",
)


def load_all() -> None:
    """Import them."""
    for module in MODULES:
        importlib.import_module(module)
