"""The words every part of the language is declared with: elements, keys, positions and what a text may mean.

A dataclass field is a key of the YAML, its annotation is the type its value is read by (see `reader`), its `help` is
the sentence that the JSON Schema and the editor show. A name that Python keeps for itself carries an underscore
(`from_` is the key `from`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field
from typing import Annotated, Any, NamedTuple


class Position(NamedTuple):
    """Where something stands; line and column count from 1."""

    file: str
    line: int
    column: int


NOWHERE = Position("", 1, 1)


@dataclass(frozen=True)
class Means:
    """What a text stands for, so that one check can look up every name and every template of a file."""

    what: str


def key(help: str, *, default: Any = MISSING, factory: Callable[[], Any] | Any = MISSING) -> Any:
    """A key of the YAML; without a default it is required."""
    metadata = {"help": help}
    if factory is not MISSING:
        return field(default_factory=factory, metadata=metadata)
    if default is not MISSING:
        return field(default=default, metadata=metadata)
    return field(metadata=metadata)


def derived(default: Any = MISSING, *, factory: Any = MISSING) -> Any:
    """An attribute that the loader fills; no key of the YAML."""
    if factory is not MISSING:
        return field(default_factory=factory, metadata={"derived": True})
    return field(default=default, metadata={"derived": True})


@dataclass(frozen=True, kw_only=True)
class Element:
    """Anything in the file that has a place; `name` is its key in the mapping that holds it."""

    name: str = derived("")
    at: Position = derived(NOWHERE)
    path: tuple[str, ...] = derived(())


Template = Annotated[str, Means("template")]
Expression = Annotated[str, Means("expression")]
Secret = Annotated[str, Means("secret")]  # the only text in which ${env:NAME} may stand
Date = Annotated[str, Means("date")]
Pattern = Annotated[str, Means("pattern")]
Url = Annotated[str, Means("url")]
Sender = Annotated[str, Means("sender")]  # `source`, or an address
FileName = Annotated[str, Means("enclosure")]  # a file that lies beside the workflow file
MailAddress = Annotated[str, Means("address")]
Zone = Annotated[str, Means("zone")]
Currency = Annotated[str, Means("currency")]
Language = Annotated[str, Means("language")]
Color = Annotated[str, Means("color")]
Hotkey = Annotated[str, Means("hotkey")]
Slug = Annotated[str, Means("slug")]
RefPattern = Annotated[str, Means("ref")]

RoleName = Annotated[str, Means("role")]
GroupName = Annotated[str, Means("group")]
WhoMay = Annotated[str, Means("who")]  # a role, a group, `assignee`, `everyone`
WhoSees = Annotated[str, Means("seer")]  # a role, a group, `everyone`
Recipient = Annotated[str, Means("recipient")]
StateName = Annotated[str, Means("state")]
TargetName = Annotated[str, Means("target")]  # a state or `same`
ActionName = Annotated[str, Means("action")]
FieldName = Annotated[str, Means("field")]
EmailName = Annotated[str, Means("email")]
WorkflowName = Annotated[str, Means("workflow")]
SourceName = Annotated[str, Means("source")]
CalendarName = Annotated[str, Means("calendar")]
SmsRecipient = Annotated[str, Means("sms recipient")]  # as Recipient, or a number instead of an address
WebhookUrl = Annotated[str, Means("webhook url")]  # may hold ${env:NAME}
WebhookName = Annotated[str, Means("webhook")]
StrategyName = Annotated[str, Means("strategy")]
FieldKind = Annotated[str, Means("field type")]
