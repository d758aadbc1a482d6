"""Words for generated messages: a vocabulary in which few words are common and most are rare, as in real mail.

Sentences come from a fixed pool, each with its search tokens beside it, so that a million tickets can be written in
minutes.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from itertools import accumulate

from helpdesk.text import plain

COMMON = (
    "the a to and of is in it we you not for with on have this that was are be can our your please from when after has "
    "which order lamp printer invoice screen device battery number delivery cable password account thank hello morning "
    "works broken light button sound package price question answer week monday customer office again still first "
    "second update phone address colour box warranty heater radio kettle clock station charge repair workshop photo"
).split()
SYLLABLES = "ba re li no ta ke mu si do ra fe lu ni po ga ve ri so ma te ku la ne di bo".split()
RARE_WORDS, SENTENCES = 20_000, 6_000
ACCENTS = (
    "Tänan väga",
    "Мне нужна помощь",
    "Σας ευχαριστώ",
    "Vielen Dank für alles",
    "¿Me pueden ayudar",
    "谢谢您的帮助",
    "অনেক ধন্যবাদ",
)


@dataclass(frozen=True)
class Sentence:
    text: str
    tokens: str


class Words:
    """A seeded source of texts."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        rare = ["".join(self._chance.choices(SYLLABLES, k=self._chance.randint(2, 4))) for _ in range(RARE_WORDS)]
        self.vocabulary = [*COMMON, *rare]
        weights = list(accumulate(1 / (place + 3) for place in range(len(self.vocabulary))))
        self._pool = [self._sentence(weights, number) for number in range(SENTENCES)]

    def anew(self) -> Words:
        """The same, but what it says from now on nobody has said before, in no earlier run either."""
        self._chance = random.Random(secrets.randbits(64))
        return self

    def message(self, mark: str = "") -> Sentence:
        """Two to seven sentences; `mark` is a word that is in this message alone."""
        said = self._chance.choices(self._pool, k=self._chance.randint(2, 7))
        text, tokens = " ".join(each.text for each in said), " ".join(each.tokens for each in said)
        return Sentence(f"{text} {mark}", f"{tokens} {mark}") if mark else Sentence(text, tokens)

    def subject(self) -> Sentence:
        words = self._chance.choice(self._pool).text.rstrip(".").split()[:6]
        text = " ".join(words)
        return Sentence(text, " ".join(plain.tokens(text)))

    def _sentence(self, weights: list[float], number: int) -> Sentence:
        words = self._chance.choices(self.vocabulary, cum_weights=weights, k=self._chance.randint(6, 18))
        text = " ".join(words).capitalize() + "."
        if number % 9 == 0:
            text = f"{ACCENTS[number // 9 % len(ACCENTS)]}, {text}"
        return Sentence(text, " ".join(plain.tokens(text)))
