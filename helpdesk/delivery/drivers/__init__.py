"""Who does what the entries of `services` promise: a class a file, which registers under the name the file gives it.

The dataclass fields of a class are its options in the YAML. Light to import: the check of a workflow file reads them.
"""

from __future__ import annotations

import importlib
import pkgutil


def load_all() -> None:
    """Import every driver of this folder, which registers it."""
    for module in pkgutil.iter_modules(__path__):
        if module.name != "base":
            importlib.import_module(f"{__name__}.{module.name}")
