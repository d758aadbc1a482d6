"""The demo's requests as they stand in `stories/*.yaml`, and which plot each of them follows."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from helpdesk.demo.plots import REPAIR, SPAM, SUPPORT, Plot

FOLDER = Path(__file__).parent / "stories"


@dataclass(frozen=True)
class Writer:
    """A customer: name, address, where they live, and the language they write in."""

    name: str
    email: str
    city: str
    country: str
    language: str


@dataclass(frozen=True)
class Story:
    """A request to be told. `lines` holds its own words and its language's phrase book, `facts` what actions enter."""

    workflow: str
    writer: Writer
    subject: str
    text: str
    plot: Plot
    lines: Mapping[str, Sequence[str]] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


def all_stories(chance: random.Random) -> list[Story]:
    """Every story with a writer and a plot, in no order."""
    books = [book for path in sorted(FOLDER.glob("*.yaml")) for book in _books(path)]
    told = [_Told(book, raw, "support") for book in books for raw in book.support]
    mended = [_Told(book, raw, "repair") for book in books for raw in book.repair]
    stories = [*_dealt(told, SUPPORT, chance), *_dealt(mended, REPAIR, chance)]
    for subject, address, text in (spam for book in books for spam in book.spam):
        writer = Writer("", address, "", "", "")
        stories.append(Story("support", writer, subject, text, SPAM[0]))
    return stories


@dataclass(frozen=True)
class _Book:
    """One language's people, phrases and requests."""

    language: str
    raw: Mapping[str, Any]

    @cached_property
    def people(self) -> list[Writer]:
        return [Writer(name, email, city, country, self.language) for name, email, city, country in self.raw["people"]]

    @property
    def lines(self) -> dict[str, Sequence[str]]:
        return {name: [said] if isinstance(said, str) else said for name, said in self.raw["lines"].items()}

    @property
    def support(self) -> list[dict[str, Any]]:
        return list(self.raw.get("support", ()))

    @property
    def repair(self) -> list[dict[str, Any]]:
        return list(self.raw.get("repair", ()))

    @property
    def spam(self) -> list[list[str]]:
        return list(self.raw.get("spam", ()))


@dataclass(frozen=True)
class _Told:
    book: _Book
    raw: Mapping[str, Any]
    workflow: str

    def by(self, plot: Plot, chance: random.Random) -> Story:
        raw = self.raw
        own = {name: [raw[name]] for name in ("answer", "cause", "finished") if name in raw}
        facts = {name: raw[name] for name in ("device", "fault", "price") if name in raw}
        return Story(
            self.workflow,
            chance.choice(self.book.people),
            raw["subject"],
            raw["text"].strip(),
            plot,
            {**self.book.lines, **own},
            facts,
        )


def _books(path: Path) -> list[_Book]:
    raw = yaml.safe_load(path.read_text("utf-8"))
    if "people" in raw:
        return [_Book(path.stem.partition("-")[0], raw)]
    return [_Book(language, each) for language, each in raw.items()]


def _dealt(told: list[_Told], plots: Sequence[Plot], chance: random.Random) -> list[Story]:
    """Each story gets a plot: one named in the file, else one of a shuffled deck in which each plot has its share."""
    named = {plot.name: plot for plot in plots}
    open_ones = [each for each in told if "plot" not in each.raw]
    shares = [plot for plot in plots for _ in range(plot.share)]
    deck = [shares[place * len(shares) // len(open_ones)] for place in range(len(open_ones))]
    chance.shuffle(deck)
    fixed = [each.by(named[each.raw["plot"]], chance) for each in told if "plot" in each.raw]
    return fixed + [each.by(plot, chance) for each, plot in zip(open_ones, deck, strict=True)]
