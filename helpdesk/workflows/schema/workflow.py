"""A workflow: its states, its actions, and what comes by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from helpdesk.workflows.schema.base import (
    ActionName,
    CalendarName,
    Color,
    Element,
    EmailName,
    Expression,
    Hotkey,
    MailAddress,
    Means,
    Recipient,
    RefPattern,
    Sender,
    SmsRecipient,
    StateName,
    Template,
    WebhookName,
    WhoMay,
    WhoSees,
    derived,
    key,
)
from helpdesk.workflows.schema.fields import Field, Input
from helpdesk.workflows.schema.values import Assign, Branch, Duration


@dataclass(frozen=True, kw_only=True)
class Email(Element):
    """One e-mail of an action. After loading, `subject` and `body` hold the named template's texts."""

    to: tuple[Recipient, ...] = key("customer, assignee, group, followers, approvers, `role:name`, or an address.")
    template: EmailName | None = key("An entry of `emails`.", default=None)
    subject: Template | None = key("The subject, where no template is named.", default=None)
    body: Template | None = key("The text, where no template is named.", default=None)
    when: Expression | None = key("Sent only if this holds.", default=None)
    attach: bool = key("The action's files go along.", default=False)
    from_: Sender | None = key("`source` (the address the ticket came through) or an address.", default=None)
    bcc: tuple[MailAddress, ...] = key("Addresses that get a blind copy.", factory=tuple)


@dataclass(frozen=True, kw_only=True)
class Sms(Element):
    """One text message of an action."""

    to: tuple[SmsRecipient, ...] = key("The same names as for e-mails, or a number such as +3725550100.")
    body: Template = key("The text.")
    when: Expression | None = key("Sent only if this holds.", default=None)


@dataclass(frozen=True, kw_only=True)
class Button(Element):
    """How an action looks where it is offered."""

    color: Color | None = key("The colour of the button.", default=None)
    confirm: bool = key("Asks once more before it runs.", default=False)
    key: Hotkey | None = key("A letter that presses it on the ticket page.", default=None)


@dataclass(frozen=True, kw_only=True)
class Action(Element):
    """Something that can be done to a ticket. `options` is an instance of the type's own dataclass."""

    type: str = key("What it does: the name of an action type.")
    label: str = key("The word on the button and in the history.")
    button: Button = key("How its button looks.", factory=Button)
    allow: tuple[WhoMay, ...] = key(
        "Who of the staff may run it: roles, groups, `assignee`, `everyone`.", factory=tuple
    )
    customer: Literal["none", "see", "run", "own"] = key("What the customer may: none, see, run, own.", default="none")
    only_assignee: bool = key("Once somebody is assigned, only they may.", default=False)
    automatic: bool = key("No person may run it; timers and arrivals do.", default=False)
    fields: Annotated[tuple[Input, ...], Means("inputs")] = key("What it asks, in order.", factory=tuple)
    to: Annotated[tuple[Branch, ...], Means("one or many")] = key(
        "Where the ticket goes; absent = it stays.", factory=tuple
    )
    ban: bool | None = key(
        "`true`: nothing is taken from the requester any more; `false`: it is taken again.", default=None
    )
    default_text: Template | None = key("What the message holds before anybody writes.", default=None)
    assign: Annotated[Assign, Means("assign")] = key("Who has the ticket afterwards.", factory=Assign)
    emails: tuple[Email, ...] = key("The e-mails it sends.", factory=tuple)
    sms: tuple[Sms, ...] = key("The text messages it sends.", factory=tuple)
    webhooks: tuple[WebhookName, ...] = key("The webhooks it calls.", factory=tuple)
    options: Any = derived(None)


@dataclass(frozen=True, kw_only=True)
class OnMessage(Element):
    """The action that a message runs in a state, by the kind of its sender."""

    customer: ActionName | None = key("The requester.", default=None)
    assignee: ActionName | None = key("Whoever has the ticket.", default=None)
    staff: ActionName | None = key("Other staff.", default=None)
    other: ActionName | None = key("Anybody else.", default=None)


@dataclass(frozen=True, kw_only=True)
class Timer(Element):
    """What happens when a ticket has been in a state for a while."""

    after: Duration = key("Counted from entering the state.")
    do: ActionName = key("The action that runs.")
    repeat: int = key("How many runs in all.", default=1)


@dataclass(frozen=True, kw_only=True)
class Approve(Element):
    """A state that waits for consent."""

    by: tuple[WhoMay, ...] = key("Who may consent: roles and groups.")
    need: int = key("How many consents are needed.", default=1)
    within: Duration | None = key("The time they have.", default=None)
    email: EmailName = key("What the approvers are sent.")
    accept: ActionName = key("Runs when enough have consented.")
    reject: ActionName = key("Runs at the first refusal.")
    expired: Annotated[str, Means("action or again")] = key(
        "Runs when the time is over; `again` asks anew.", default="again"
    )


@dataclass(frozen=True, kw_only=True)
class State(Element):
    """Where a ticket can be."""

    label: str = key("What the staff reads.")
    customer_label: str = key("What the customer reads.", default="")
    color: Color = key("The colour of its badge.", default="gray")
    visible_to: tuple[WhoSees, ...] | None = key(
        "Who sees tickets here: roles, groups, `everyone`. Absent = all staff.", default=None
    )
    actions: tuple[ActionName, ...] = key("What is offered here, in the order of the buttons.", factory=tuple)
    on_enter: tuple[ActionName, ...] = key("Automatic actions that run on arrival.", factory=tuple)
    on_message: OnMessage = key("The action a message runs, by its sender.", factory=OnMessage)
    timers: tuple[Timer, ...] = key("What happens when nothing happens.", factory=tuple)
    final: bool = key("The ticket is finished here.", default=False)
    hidden_from_customer: bool = key("The customer does not see tickets here.", default=False)
    pauses_sla: bool = key("The service level's clocks stand still here.", default=False)
    approve: Approve | None = key("Whose consent the ticket waits for.", default=None)
    renamed_from: str | None = key("The name this state had before; its tickets come along.", default=None)
    move_to: StateName | None = key("This state goes: its tickets move there.", default=None)


@dataclass(frozen=True, kw_only=True)
class OnCreate(Element):
    """An automatic action that runs when a ticket is opened."""

    when: Expression | None = key("Runs only if this holds.", default=None)
    do: ActionName = key("The action.")


@dataclass(frozen=True, kw_only=True)
class ServiceLevel(Element):
    """How soon the customer is promised an answer. The first that matches counts."""

    when: Expression | None = key("Matches if this holds; absent = always.", default=None)
    first_response: Duration | None = key("The time to the first answer.", default=None)
    resolution: Duration | None = key("The time to the end.", default=None)
    warn_at: tuple[int, ...] = key("Warnings, in per cent of the time.", factory=tuple)
    then: ActionName | None = key("The action that runs at the breach.", default=None)


@dataclass(frozen=True, kw_only=True)
class Workflow(Element):
    """One stream of tickets. After loading, `fields` holds the fields themselves, by name."""

    label: str = key("What people call it.")
    initial: StateName = key("The state a new ticket arrives in.")
    ref: RefPattern = key("The ticket's name; holds `{number}`.")
    calendar: CalendarName | None = key("What `business` means here.", default=None)
    fields: Annotated[Mapping[str, Field], Means("carried fields")] = key(
        "What a ticket carries, in order.", factory=dict
    )
    always: tuple[ActionName, ...] = key("Actions offered in every state that is not final.", factory=tuple)
    sla: tuple[ServiceLevel, ...] = key("Service levels.", factory=tuple)
    on_create: tuple[OnCreate, ...] = key("Automatic actions at the opening.", factory=tuple)
    states: Mapping[str, State] = key("Where a ticket can be.")
    actions: Mapping[str, Action] = key("What can be done.")
