"""Where tickets come from. The types here are the language's own; a channel of another package registers its
dataclass likewise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from helpdesk.workflows.kinds import channels
from helpdesk.workflows.schema.base import (
    CalendarName,
    Element,
    Language,
    MailAddress,
    Means,
    Secret,
    Slug,
    Template,
    Url,
    WebhookUrl,
    WorkflowName,
    derived,
    key,
)
from helpdesk.workflows.schema.fields import Input
from helpdesk.workflows.schema.values import Assign, Duration


@dataclass(frozen=True, kw_only=True)
class SourceMail(Element):
    """How mail about the tickets of a source goes out."""

    from_: MailAddress | None = key(
        "The address it comes from; absent = the source's own, else that of the first mailbox.", default=None
    )
    display_name: Template = key("The name beside the address; absent = the company's.", default="")
    reply_to: MailAddress | None = key("Where answers go; absent = the address it comes from.", default=None)
    signature: Template = key("What stands under what people of the house write to others.", default="")
    bounces: MailAddress | None = key(
        "Where mail that cannot be delivered comes back to; absent = HELPDESK_BOUNCE_ADDRESS.", default=None
    )


@dataclass(frozen=True, kw_only=True)
class Source(Element):
    """An entry of `sources`. `options` is an instance of the type's own dataclass, such as `EmailSource`."""

    type: str = key("What kind of door: email, form, chat, or one that a package brings.")
    label: str = key("What people call it.", default="")
    workflow: WorkflowName = key("The workflow its tickets begin in.")
    assign: Annotated[Assign, Means("assign")] = key("Who has a new ticket.", factory=Assign)
    language: Language | None = key("The language of new people who come this way.", default=None)
    mail: SourceMail | None = key("How mail about its tickets goes out.", default=None)
    options: Any = derived(None)


@dataclass(frozen=True, kw_only=True)
class OAuth(Element):
    """How a mailbox is signed in at its provider instead of with a password."""

    provider: Literal["google", "microsoft"] | None = key("One whose addresses are known.", default=None)
    client_id: Secret = key("What the provider calls this desk.")
    client_secret: Secret | None = key("The client's secret; best as `${env:NAME}`.", default=None)
    tenant: str = key("The organisation at Microsoft.", default="organizations")
    authorize_url: WebhookUrl | None = key("Where a browser signs in.", default=None)
    token_url: WebhookUrl | None = key("Where tokens come from.", default=None)
    device_url: WebhookUrl | None = key("Where a sign-in by a code begins.", default=None)
    scope: str = key("What is asked for.", default="")


@dataclass(frozen=True, kw_only=True)
class Fetch(Element):
    """Where a mailbox is read."""

    imap: Secret | None = key(
        "imap:// or imaps:// address with user and password; best as `${env:NAME}`.", default=None
    )
    pop3: Secret | None = key(
        "pop3:// or pop3s:// address with user and password; best as `${env:NAME}`.", default=None
    )
    oauth: OAuth | None = key(
        "The mailbox is signed in at its provider; its address then has no password.", default=None
    )

    @property
    def address(self) -> str:
        """Where the mailbox is."""
        return self.imap or self.pop3 or ""


@channels.register("email")
@dataclass(frozen=True, kw_only=True)
class EmailSource(Element):
    """A mail address whose mail becomes tickets."""

    address: MailAddress = key("The address people write to.")
    fetch: Fetch | None = key("The mailbox to read; absent = mail is handed in.", default=None)
    unknown_sender: Literal["accept", "confirm", "refuse"] = key(
        "What becomes of mail from people the desk does not know.", default="accept"
    )
    spam_headers: bool = key("What the mail server writes about spam into the head of a mail counts.", default=False)


@dataclass(frozen=True, kw_only=True)
class After(Element):
    """What a visitor gets for a form."""

    text: str = key("What the page says.", default="")
    redirect: Url | None = key("Where the visitor goes.", default=None)


@channels.register("form")
@dataclass(frozen=True, kw_only=True)
class FormSource(Element):
    """A form on the web, at /forms/<slug>."""

    slug: Slug = key("The last part of its address.")
    fields: Annotated[tuple[Input, ...], Means("inputs")] = key("What it asks, in order.")
    login: Literal["none", "optional", "required"] = key("Whether the visitor signs in.", default="optional")
    after: After = key("What the visitor gets for it.", factory=After)
    confirm_email: bool = key("The request counts when a mailed link was followed.", default=False)
    embed_on: tuple[Url, ...] = key("Sites that may show it.", factory=tuple)


@channels.register("chat")
@dataclass(frozen=True, kw_only=True)
class ChatSource(Element):
    """A chat on the web."""

    ask: Annotated[tuple[Input, ...], Means("inputs")] = key("What is asked before the first line.", factory=tuple)
    greeting: Template = key("What the visitor reads first.", default="")
    calendar: CalendarName | None = key("When it is open.", default=None)
    busy: str = key("What the visitor reads when nobody is free.", default="")
    callback_after: Duration | None = key("When a call back is offered.", default=None)
