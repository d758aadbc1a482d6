"""The whole desk: who works there, what it says, and its workflows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from helpdesk.workflows.schema.base import (
    Currency,
    Date,
    Element,
    FileName,
    Language,
    Means,
    RoleName,
    Secret,
    SourceName,
    StateName,
    StrategyName,
    Template,
    Url,
    WebhookUrl,
    Zone,
    derived,
    key,
)
from helpdesk.workflows.schema.fields import Field
from helpdesk.workflows.schema.sources import Source
from helpdesk.workflows.schema.values import Duration
from helpdesk.workflows.schema.workflow import Workflow

RIGHTS = ("create", "tag", "be_assigned", "merge", "bulk", "export", "reports")
Right = Literal["create", "tag", "be_assigned", "merge", "bulk", "export", "reports"]


@dataclass(frozen=True, kw_only=True)
class Company(Element):
    name: str = key("What customers know it as.")
    url: Url = key("Its website.", default="")
    languages: tuple[Language, ...] = key("The languages it answers in; the first is its own.", factory=lambda: ("en",))
    timezone: Zone = key("Its clock.", default="UTC")
    currency: Currency = key("The money it counts in.", default="EUR")
    undo_seconds: int = key(
        "How long what the desk writes to customers waits, to be taken back; 0 = it leaves at once.", default=0
    )


@dataclass(frozen=True, kw_only=True)
class Role(Element):
    label: str = key("What people call it.")
    includes: tuple[RoleName, ...] = key("Whoever has this role counts as these too.", factory=tuple)
    may: tuple[Right, ...] = key("Rights that belong to no state.", factory=tuple)


@dataclass(frozen=True, kw_only=True)
class Group(Element):
    label: str = key("What people call it.")
    roles: tuple[RoleName, ...] = key("Roles that its members have.", factory=tuple)


@dataclass(frozen=True, kw_only=True)
class Calendar(Element):
    timezone: Zone = key("Its clock.")
    hours: Mapping[str, tuple[str, ...]] = key('Opening hours by day or days: `mon-fri: ["09:00-18:00"]`.')
    holidays: str | None = key("The country (`EE`) or region (`DE-BY`) whose holidays are kept.", default=None)
    closed: tuple[Date, ...] = key("Days that are closed besides.", factory=tuple)
    open: tuple[Date, ...] = key("Days that are worked nevertheless.", factory=tuple)


@dataclass(frozen=True, kw_only=True)
class Reply(Element):
    """A ready answer. `ask` holds the fields that are asked when it is inserted, by name."""

    label: str = key("What it is called in the list.")
    body: Annotated[str, Means("reply template")] = key("The text.")
    ask: Annotated[tuple[Field, ...], Means("fields in place")] = key(
        "What is asked when it is inserted.", factory=tuple
    )
    files: tuple[FileName, ...] = key("Files it brings along, by their names beside the workflow file.", factory=tuple)
    languages: Mapping[str, Annotated[str, Means("reply template")]] = key("The text in other languages.", factory=dict)


@dataclass(frozen=True, kw_only=True)
class EmailText(Element):
    subject: Template = key("The subject.")
    body: Template = key("The text.")


@dataclass(frozen=True, kw_only=True)
class EmailTemplate(Element):
    """An entry of `emails`: a text that actions name."""

    subject: Template = key("The subject.")
    body: Template = key("The text.")
    languages: Mapping[str, EmailText] = key("The same in other languages.", factory=dict)


@dataclass(frozen=True, kw_only=True)
class Webhook(Element):
    """An address that is told of actions; docs/webhooks.md says what and how."""

    url: WebhookUrl = key("Where the desk calls.")
    secret: Secret | None = key(
        "What the calls are signed with, at least 24 bytes; best as `${env:NAME}`.", default=None
    )


@dataclass(frozen=True, kw_only=True)
class Service(Element):
    """An entry of `services`: `payments` or `sms`. `options` is an instance of the driver's own dataclass."""

    driver: str = key("Who does it; `local` is the twin that needs nobody.")
    options: Any = derived(None)


@dataclass(frozen=True, kw_only=True)
class Route(Element):
    """An entry of `routing`: a strategy with preferences."""

    by: StrategyName = key("The strategy.")
    prefer: tuple[Literal["ticket_owner", "last_agent"], ...] = key("Who is asked first.", factory=tuple)
    capacity: Mapping[str, int] = key("How many of each kind a person takes at once.", factory=dict)
    tiers: tuple[str, ...] = key("The order of the tiers.", factory=tuple)
    overflow_after: Duration | None = key("When the next tier is asked.", default=None)


@dataclass(frozen=True, kw_only=True)
class Expect(Element):
    """What a test wants to see. `ran` and `emails` are the exact sets since the previous step."""

    state: StateName | None = key("The state the ticket is in.", default=None)
    ran: tuple[str, ...] | None = key("The actions that ran.", default=None)
    emails: tuple[str, ...] | None = key("Whom e-mails went to, as the file spells it.", default=None)


@dataclass(frozen=True, kw_only=True)
class Given(Element):
    source: SourceName = key("The source the ticket comes through.")
    from_: str = key("The customer's address.", default="olga@example.org")
    with_: Annotated[Mapping[str, Any], Means("raw")] = key("What the customer enters.", factory=dict)
    expect: Expect | None = key("What it causes.", default=None)


@dataclass(frozen=True, kw_only=True)
class Step(Element):
    as_: str | None = key(
        "Who does it: a role, `customer`, `assignee`; an address may write.",
        default=None,
    )
    do: str | None = key("The action.", default=None)
    with_: Annotated[Mapping[str, Any], Means("raw")] = key("What is entered.", factory=dict)
    approve: Literal["accept", "reject"] | None = key("The vote.", default=None)
    writes: str | None = key("A message that arrives.", default=None)
    after: Duration | None = key("The time that passes.", default=None)
    expect: Expect | None = key("What it causes.", default=None)
    refused: str | None = key("`true`, or the code of the refusal.", default=None)


@dataclass(frozen=True, kw_only=True)
class Test(Element):
    name: str = key("What the test shows, as a sentence.")
    given: Given = key("How the ticket begins.")
    steps: tuple[Step, ...] = key("What happens then.", factory=tuple)


@dataclass(frozen=True, kw_only=True)
class Desk(Element):
    """Everything `workflows.yaml` says, resolved."""

    version: int = key("The version of the language: 1.")
    company: Company = key("Who we are.")
    roles: Mapping[str, Role] = key("What people do.", factory=dict)
    groups: Mapping[str, Group] = key("Who works together; members are kept in the database.", factory=dict)
    calendars: Mapping[str, Calendar] = key("When we work.", factory=dict)
    fields: Mapping[str, Field] = key("What tickets and actions ask.", factory=dict)
    replies: Mapping[str, Reply] = key("Ready answers.", factory=dict)
    emails: Mapping[str, EmailTemplate] = key("Texts of e-mails.", factory=dict)
    webhooks: Mapping[str, Webhook] = key("Addresses that are told.", factory=dict)
    services: Mapping[str, Service] = key("The world outside.", factory=dict)
    workflows: Mapping[str, Workflow] = key("The streams of tickets.")
    routing: Mapping[str, Route] = key("Ways to find a person.", factory=dict)
    sources: Mapping[str, Source] = key("Where tickets come from.", factory=dict)
    tests: tuple[Test, ...] = key("The workflow's own tests.", factory=tuple)
