"""Strategies: ways to put a group's members in order. One class a file; registering is all a new one needs, and another
package brings its own by the entry point `helpdesk.strategies`. Light to import: a check of a file asks for the names.
"""

from __future__ import annotations

import importlib
import pkgutil


def load_all() -> None:
    """Import every strategy of this folder, which registers it."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
