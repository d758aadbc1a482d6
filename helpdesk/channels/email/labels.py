"""What a mail says of its letters elsewhere: hints for a header or a part that has no believable label of its own.

The labels of encoded words and of other parts come first, then the languages it says it is in. `mime` tells it each
head as it reads; `charsets` asks only when it has to guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from helpdesk.channels.email import charsets

MOST, TRIED = 200, 8  # labels looked at, codecs tried on what has none
_SAID = re.compile(rb"(?i)=\?([\w.:-]{2,40})(?:\*[\w-]*)?\?[bq]\?|charset\*?=[\s\"']*([\w.:-]{2,40})")
_LANGUAGE = re.compile(rb"(?i)(?<![a-z-])([a-z]{2,3})(?:[-_][a-z]{2,8})*(?![\w-])")
_MODES = {"iso2022_jp": ("cp932", "euc_jp"), "iso2022_kr": ("cp949",), "hz": ("gb18030",)}
_OF_LANGUAGES = {
    "cp1250": "pl cs sk hu sl hr bs ro sq",
    "cp1251": "ru uk be bg sr mk",
    "koi8-r": "ru",
    "koi8-u": "uk",
    "cp1253": "el",
    "cp1254": "tr az",
    "cp1255": "he iw yi",
    "cp1256": "ar fa ur",
    "cp1257": "lt lv et",
    "cp1258": "vi",
    "cp874": "th",
    "cp932": "ja",
    "euc_jp": "ja",
    "gb18030": "zh",
    "big5hkscs": "zh",
    "cp949": "ko",
    "cp1252": "de fr es it pt nl sv da nb nn no fi is ca",
}


class Labels:
    """The hints of one mail. Each head is looked through once, when the first guess after it is made."""

    def __init__(self) -> None:
        self._unread: list[Iterable[tuple[str, bytes]]] = []
        self._said: dict[str, None] = {}
        self._spoken: dict[str, None] = {}
        self._looked_at = 0

    def learn(self, items: Iterable[tuple[str, bytes]]) -> None:
        self._unread.append(items)

    def codecs(self) -> tuple[str, ...]:
        """Codecs that the mail names, the likeliest first; the western one, which is nobody's choice, behind others."""
        for items in self._unread:
            for name, value in items:
                self._read(name, value)
        self._unread.clear()
        said = sorted(self._said, key=lambda codec: codec == "cp1252")
        return tuple(dict.fromkeys([*said, *self._spoken]))[:TRIED]

    def _read(self, name: str, value: bytes) -> None:
        if name == "content-language":
            self._spoken |= dict.fromkeys(of_language(value))
        elif b"=?" in value or name == "content-type":
            for word, charset in _SAID.findall(value):
                if self._looked_at >= MOST:
                    return
                self._looked_at += 1
                self._said |= dict.fromkeys(_meant((word or charset).decode("ascii", "replace").lower()))


def of_language(value: bytes) -> Iterator[str]:
    """The codecs that people of these languages (`pl, en-GB`) had before UTF-8."""
    for found in _LANGUAGE.findall(value[:200]):
        language = found.decode("ascii").lower()
        yield from (codec for codec, languages in _OF_LANGUAGES.items() if language in languages.split())


@lru_cache(maxsize=256)
def _meant(label: str) -> tuple[str, ...]:
    codec = charsets.known(label)
    if codec is None or "ascii" in label or codec.startswith(("utf", "cp037", "cp500")):
        return ()
    return _MODES.get(codec, (codec,))
