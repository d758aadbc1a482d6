"""Actions: the second of the two doors. `perform` is how anybody does anything to a ticket.

One class a file; the dataclass fields of a class are its options in the YAML. Importing this package stays light (the
language's check needs the classes, not the database), so the door itself is imported when it is first used.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpdesk.actions.door import Outcome as Outcome
    from helpdesk.actions.door import perform as perform

HEAVY = ("perform", "Outcome")
# Modules of the door, which define no action.
OWN = (
    "door", "holding", "base", "run", "after", "mailing", "mailed_links", "recipients", "approvers", "asking",
    "approving", "promises", "deadlines", "outside", "paying", "merging", "parting", "resting", "splitting",
    "consulting", "publishing", "including", "waiting", "copies", "blocking", "sendings",
)  # fmt: skip


def load_all() -> None:
    """Import every action of this folder, which registers it."""
    for module in pkgutil.iter_modules(__path__):
        if module.name not in OWN:
            importlib.import_module(f"{__name__}.{module.name}")


def __getattr__(name: str) -> Any:
    if name in HEAVY:
        return getattr(importlib.import_module(f"{__name__}.door"), name)
    raise AttributeError(name)
