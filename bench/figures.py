"""A measurement beside its reference, and how both are shown: on the screen and in docs/performance.md."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol


class Line(Protocol):
    """A line of a table, with what stands over its cells."""

    headings: ClassVar[tuple[str, ...]]

    def cells(self) -> list[str]: ...


@dataclass(frozen=True)
class Figure:
    """One line. `ours` and `reference` are medians of each run in `unit`; `goal` is held against the median ratio.

    `more_is_better`: a rate, whose ratio should be at least the goal; else a time, whose ratio should be at most the
    goal.
    """

    headings: ClassVar[tuple[str, ...]] = (
        "measured", "where", "the desk", "the reference", "ratio (range of three runs)", "goal", "",
    )  # fmt: skip

    what: str
    where: str
    ours: Sequence[float]
    reference: Sequence[float] = ()
    unit: str = "ms"
    goal: float | None = None
    more_is_better: bool = False

    @property
    def ratios(self) -> list[float]:
        return (
            [own / other for own, other in zip(self.ours, self.reference, strict=True)]
            if self.reference
            else list(self.ours)
        )

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        middle = statistics.median(self.ratios)
        return middle >= self.goal if self.more_is_better else middle <= self.goal

    def cells(self) -> list[str]:
        bound = (
            ""
            if self.goal is None
            else f"{'≥' if self.more_is_better else '≤'} {self.goal:g}{'' if self.reference else ' ' + self.unit}"
        )
        met = {None: "", True: "met", False: "missed"}[self.met]
        ratio = (
            f"{statistics.median(self.ratios):.2f} ({min(self.ratios):.2f}-{max(self.ratios):.2f})"
            if self.reference
            else ""
        )
        return [self.what, self.where, self._shown(self.ours), self._shown(self.reference), ratio, bound, met]

    def _shown(self, values: Sequence[float]) -> str:
        return f"{statistics.median(values):.3g} {self.unit}" if values else ""


def table(lines: Sequence[Line]) -> str:
    """Lines of one kind as a Markdown table, which is readable on a screen too."""
    rows = [list(lines[0].headings), *(each.cells() for each in lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    shown = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    shown.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(shown)
