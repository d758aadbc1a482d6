"""Action types that the language knows and no class stands behind yet; `later.LATER` refuses them with a sentence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LaterType:
    """Stands for the options of a type that cannot be used yet."""


KNOWN_LATER: dict[str, type[LaterType]] = {}
