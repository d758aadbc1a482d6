"""The world outside: webhooks, text messages and payments that would lead nowhere, or where nobody should be led."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import urlsplit

from helpdesk.text.sandbox import BadTemplateError
from helpdesk.text.sandbox import variables as names_in_template
from helpdesk.workflows import conditions, kinds, outside
from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding, did_you_mean
from helpdesk.workflows.scalars import Path
from helpdesk.workflows.schema import Action, Desk, Webhook, Workflow

AMOUNTS = ("money", "number")  # types of fields that an amount can be


def check(whole: Whole) -> Iterator[Finding]:
    desk = whole.desk
    for service in desk.services.values():
        if service.name not in kinds.services:
            hint = did_you_mean(service.name, kinds.services) or f"There are {', '.join(kinds.services)}."
            yield whole.at_key("unknown_service", f"There is no service “{service.name}”.", service.path, hint=hint)
        if isinstance(url := getattr(service.options, "url", None), str):
            yield from _address(whole, (*service.path, "url"), url)
    used = {name for action in _actions(desk) for name in action.webhooks}
    for webhook in desk.webhooks.values():
        if webhook.name not in used:
            sentence = f"No action calls “{webhook.name}”."
            yield whole.at_key("unused_webhook", sentence, webhook.path, severity="warning")
        yield from _webhook(whole, webhook)
    for workflow in desk.workflows.values():
        asks = any(action.type == "request_payment" for action in workflow.actions.values())
        for action in workflow.actions.values():
            yield from _services(whole, action)
            if action.type == "request_payment":
                yield from _amount(whole, workflow, action)
            if not asks:
                yield from _nothing_to_pay(whole, action)


def _actions(desk: Desk) -> Iterator[Action]:
    for workflow in desk.workflows.values():
        yield from workflow.actions.values()


def _webhook(whole: Whole, webhook: Webhook) -> Iterator[Finding]:
    yield from _address(whole, (*webhook.path, "url"), webhook.url)
    if webhook.secret is None:
        sentence = f"“{webhook.name}” has no secret, so nobody can tell its calls from made-up ones."
        yield whole.at_key("insecure_webhook", sentence, webhook.path, severity="warning")


def _address(whole: Whole, path: Path, url: str) -> Iterator[Finding]:
    """What is written out is judged here; a name, and what comes from the environment, at each call."""
    if "${" in url:
        return
    parts = urlsplit(url)
    if outside.is_inside(parts.hostname or ""):
        hint = "Take the address from the environment, and name its host in HELPDESK_PRIVATE_HOSTS."
        yield whole.at_value("private_address", "This address is not on the open internet.", path, hint=hint)
    elif parts.scheme == "http":
        sentence = "What is called without TLS can be read on the way."
        yield whole.at_value("insecure_address", sentence, path, severity="warning")


def _services(whole: Whole, action: Action) -> Iterator[Finding]:
    services = whole.desk.services
    hint = "Add it to `services`; the driver `local` needs nobody."
    if action.sms and "sms" not in services:
        sentence = f"“{action.name}” sends text messages, and there is no service `sms`."
        yield whole.at_key("missing_service", sentence, (*action.path, "sms"), hint=hint)
    if action.type == "request_payment" and "payments" not in services:
        sentence = f"“{action.name}” asks for a payment, and there is no service `payments`."
        yield whole.at_value("missing_service", sentence, (*action.path, "type"), hint=hint)


def _amount(whole: Whole, workflow: Workflow, action: Action) -> Iterator[Finding]:
    """An amount that can never be one: a fixed text or nothing, or a field that holds something else."""
    path, expression = (*action.path, "amount"), getattr(action.options, "amount", "")
    try:
        names = conditions.variables(expression)
    except conditions.BadExpressionError:
        return  # `templates` says so
    if not names:
        fixed = conditions.value(expression, {})
        if isinstance(fixed, bool) or not isinstance(fixed, int | Decimal) or fixed <= 0:
            yield whole.at_value("bad_amount", "An amount is a number above 0.", path)
    (only, *more) = [*names, ()]
    if not more[1:] and tuple(expression.strip().split(".")) == only and only[0] == "fields" and len(only) == 2:
        asked = {one.name: one.field for one in action.fields}
        field = asked.get(only[1]) or workflow.fields.get(only[1])
        if field is not None and field.type not in AMOUNTS and kinds.field_types.find(field.type):
            sentence = f"“{field.name}” is of type {field.type} and never an amount."
            yield whole.at_value("bad_amount", sentence, path)


def _nothing_to_pay(whole: Whole, action: Action) -> Iterator[Finding]:
    """A mail or text message with a link to pay, in a workflow that never asks for a payment."""
    letters = [(each.path, f"{each.subject or ''}\n{each.body or ''}") for each in action.emails]
    letters += [(each.path, each.body) for each in action.sms]
    for path, text in letters:
        if _mentions_pay(text):
            sentence = "`links.pay` is empty here: no action of this workflow asks for a payment."
            yield whole.at_value("nothing_to_pay", sentence, path, severity="warning")


def _mentions_pay(text: str) -> bool:
    if "pay" not in text:
        return False
    try:
        return ("links", "pay") in names_in_template(text)
    except BadTemplateError:
        return False  # `templates` says so
