"""Puts the files that live at the top of a checkout into the wheel. Called by hatchling, never by the desk.

`config.shipped()` finds them in both places. An editable install leaves them where they are: a copy would grow old.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = {
    "config.py": "config.py",
    "migrations": "helpdesk/_shipped/migrations",
    "workflows.yaml": "helpdesk/_shipped/workflows.yaml",
}


class Ship(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            build_data["force_include"].update(SHIPPED)
