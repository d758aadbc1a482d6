"""Single values of the file: texts, numbers, durations, read from their source text by the type their key wants.

The lower half of the reader. `on`, `off`, `yes` and `no` are texts like any other; a date stays a text; no number
passes through a float. What cannot be read is said once and answered with `BROKEN`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from helpdesk.workflows import rewriting, spelling, words
from helpdesk.workflows.findings import Finding, Severity, found
from helpdesk.workflows.later import LATER
from helpdesk.workflows.nodes import Node, Text
from helpdesk.workflows.schema import Duration, Position
from helpdesk.workflows.shapes import Shape
from helpdesk.workflows.texts import FORM_CODES, FORMS

Path = tuple[str, ...]
LONGEST_BUSINESS = 1000  # days of working time; it is counted day by day
HINTED, MOST = 100, 1000  # findings with a hint, and findings at all
BROKEN: Any = object()  # what could not be read; the key's default takes its place

_DURATION = re.compile(r"([1-9]\d{0,4})([mhdw])( business)?")
_ENV = re.compile(r"\$\{env:[^}]*\}")
_ODD_ENV = re.compile(r"\$(?!\{env:[A-Za-z_][A-Za-z0-9_]*\})\{?(?:env:)?([^}\s]*)\}?")
_MAY_HOLD_SECRETS = ("sources", "services", "webhooks")


class Use(NamedTuple):
    """A text that names something or is a template: what it means, the text, and where it stands."""

    what: str
    text: str
    path: Path
    at: Position


@dataclass
class Places:
    """Where every key and every value of the file stands, by path."""

    keys: dict[Path, Position] = field(default_factory=dict)
    values: dict[Path, Position] = field(default_factory=dict)


class Scalars:
    def __init__(self, *, allow_later: bool = False) -> None:
        self.allow_later = allow_later
        self.findings: list[Finding] = []
        self.uses: list[Use] = []
        self.places = Places()

    def _scalar(self, shape: Shape, node: Node, path: Path, owner: Any) -> Any:
        if not isinstance(node, Text):
            self._wrong(node, path, f"{_subject(path)} must be one value.", rewriting.as_text(node))
            return BROKEN
        if not node.text and not node.quoted:
            self._say("no_value", f"{_subject(path)} has no value.", node.at, path)
            return BROKEN
        if _ENV.search(node.text) and path[0] not in _MAY_HOLD_SECRETS:
            self._say("env_not_here", "${env:…} stands in sources, services and webhooks only.", node.at, path)
        return getattr(self, f"_{shape.kind}")(shape, node, path, owner)

    def _text(self, shape: Shape, node: Text, path: Path, owner: Any) -> Any:
        if (
            shape.means in FORMS
            and not _ENV.search(node.text)
            and not self._form(shape.means, node.text, path, node.at)
        ):
            return BROKEN
        if shape.means == "secret" and (odd := _ODD_ENV.search(node.text)) and odd[0].startswith("${"):
            hint = f"Write ${{env:{re.sub(r'[^A-Za-z0-9_]+', '_', odd[1]).upper() or 'NAME'}}}."
            self._say("bad_env", f"“{odd[0][:60]}” is no variable.", node.at, path, hint)
        if not shape.means and ("{{" in node.text or "{%" in node.text):
            self.uses.append(Use("text", node.text, path, node.at))
        if shape.means:
            self.uses.append(Use(shape.means, node.text, path, node.at))
        return node.text

    def _form(self, means: str, text: str, path: Path, at: Position) -> bool:
        sentence = FORMS[means](text)
        if sentence:
            hint = spelling.of(means, text) if len(self.findings) < HINTED else ""
            self._say(FORM_CODES[means], sentence, at, path, hint)
        return not sentence

    def _bool(self, shape: Shape, node: Text, path: Path, owner: Any) -> Any:
        if node.text in ("true", "false"):
            return node.text == "true"
        self._say("not_true_or_false", f"“{path[-1]}” is true or false.", node.at, path, spelling.truth(node.text))
        return BROKEN

    def _int(self, shape: Shape, node: Text, path: Path, owner: Any) -> Any:
        if re.fullmatch(r"[0-9]{1,9}", node.text):
            return int(node.text)
        below = node.text.startswith("-") and node.text[1:].isdecimal()
        most = " of at most nine digits" if node.text.isdecimal() and len(node.text) > 9 else ""
        sentence = f"{_subject(path)} is a whole number{', and never below 0' if below else most}."
        self._say("not_a_number", sentence, node.at, path, spelling.whole_number(node.text[:100]))
        return BROKEN

    def _decimal(self, shape: Shape, node: Text, path: Path, owner: Any) -> Any:
        if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", node.text):
            return Decimal(node.text)
        hint = spelling.number(node.text[:100])
        self._say("not_a_number", f"{_subject(path)} is a number such as 12.50.", node.at, path, hint)
        return BROKEN

    def _one_of(self, shape: Shape, node: Text, path: Path, owner: Any) -> Any:
        if node.text in shape.words:
            return node.text
        hint = self._meant(node.text, shape.words) or f"It is one of {', '.join(shape.words)}."
        self._say("unknown_value", f"“{node.text[:60]}” is not possible here.", node.at, path, hint)
        return BROKEN

    def _duration(self, shape: Shape, node: Text, path: Path, owner: Any) -> Any:
        match = _DURATION.fullmatch(node.text)
        if match is None or (match[2] == "w" and match[3]):
            hint = "A week of working time is written in days." if match else spelling.duration(node.text[:100])
            hint = "It is longer than nothing." if re.fullmatch(r"0+[mhdw]( business)?", node.text) else hint
            self._say("bad_duration", "A time is written 30m, 4h, 3d or 1w.", node.at, path, hint)
            return BROKEN
        length = Duration(int(match[1]), match[2], business=bool(match[3]))  # type: ignore[arg-type]
        if length.business and length.amount * length.SECONDS[length.unit] > LONGEST_BUSINESS * 86400:
            sentence = f"Working time goes up to {LONGEST_BUSINESS} days."
            self._say("bad_duration", sentence, node.at, path)
            return BROKEN
        return length

    # Findings

    def _not_yet(self, feature: str, path: Path, at: Position, *, unless: bool = False) -> None:
        if feature in LATER and not self.allow_later and not unless:
            self._say("not_yet", LATER[feature], at, path)

    def _wrong(self, node: Node, path: Path, sentence: str, hint: str = "") -> Any:
        if isinstance(node, Text) and not node.text and not node.quoted:
            self._say("no_value", f"“{path[-1] if path else 'The file'}” has no value.", node.at, path)
        else:
            self._say("wrong_type", sentence, node.at, path, hint)
        return BROKEN

    def _meant(self, word: str, known: Iterable[str], others: Mapping[str, tuple[str, ...]] = words.KEYS) -> str:
        """A hint, as long as there are few findings: nobody needs a thousand, and looking for words near takes time."""
        return words.meant_by(word, known, others=others) if len(self.findings) < HINTED else ""

    def _say(
        self, code: str, sentence: str, at: Position, path: Path, hint: str = "", *, severity: Severity = "error"
    ) -> None:
        if len(self.findings) < MOST:
            self.findings.append(found(code, sentence, at=at, path=path, hint=hint, severity=severity))


def _subject(path: Path) -> str:
    """What a value is called in a sentence."""
    return "This" if path[-1].isdecimal() else f"“{path[-1]}”"
