"""Two who do something at the same moment: nobody trips over the other, and nothing is written that is lost."""

from __future__ import annotations

from pathlib import Path

SMALL = Path(__file__).parents[1] / "workflows" / "small.yaml"
