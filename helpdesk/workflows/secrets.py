"""`${env:NAME}` in sources, services and webhooks: looked up when the value is used, never when the file is checked."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from helpdesk.errors import NotPossible

_ENV = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")


def reveal(text: str, environment: Mapping[str, str] | None = None) -> str:
    """`text` with the variables' values. Raises `NotPossible` naming the variable that is not set, never a value."""
    known = os.environ if environment is None else environment

    def value(match: re.Match[str]) -> str:
        found = known.get(match[1])
        if not found:
            raise NotPossible(f"The variable {match[1]} is not set.")
        return found

    return _ENV.sub(value, text)
