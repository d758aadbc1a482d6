"""The shapes of what the API gives, as JSON Schema (2020-12). Every key that leaves stands here, and a test holds real
answers against it: what is not declared does not leave (attack 55).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]


def _text(says: str = "", **more: Any) -> Schema:
    return {"type": "string", **({"description": says} if says else {}), **more}


def _maybe(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def _number(says: str = "") -> Schema:
    return {"type": "integer", **({"description": says} if says else {})}


def _bool(says: str = "") -> Schema:
    return {"type": "boolean", **({"description": says} if says else {})}


def _list(items: Schema, says: str = "") -> Schema:
    return {"type": "array", "items": items, **({"description": says} if says else {})}


def _the(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(**properties: Schema) -> Schema:
    """Exactly these keys, all of them always there."""
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


def _sometimes(schema: Schema, **properties: Schema) -> Schema:
    """An object that may have these keys too."""
    return {**schema, "properties": {**schema["properties"], **properties}}


def _page(name: str, items: str) -> Schema:
    """A page of a list under its name."""
    return _object(**{name: _list(_the(items))}, next=_maybe(_text(NEXT)))


NEXT = "Where the next page begins; null after the last one."
MOMENT = _text(format="date-time")
PLAIN: Schema = {"type": ["string", "boolean", "array", "null"], "items": {"type": ["string", "integer"]}}

ROW = {
    "ref": _text("The name of the ticket."),
    "workflow": _text(),
    "state": _text("The name of the state in the workflow file."),
    "subject": _text(),
    "requester": _text("Whose request it is."),
    "assignee": _maybe(_text("Who has it; null for customers.")),
    "group": _maybe(_text("Which group has it; null for customers.")),
}

SCHEMAS: Mapping[str, Schema] = {
    "Values": {
        "type": "object",
        "description": "A value for each input by its name. A text, or a number as it is written; true or false for a "
        "box; a list where several can be chosen; null empties what the ticket holds. `message` is a text or "
        '`{"html": "…"}`; files are a list of `{"filename", "content_type", "content"}` with the content in base64.',
        "additionalProperties": {
            "anyOf": [
                {"type": ["string", "number", "boolean", "null"]},
                {"type": "array", "items": {"anyOf": [{"type": ["string", "number"]}, _the("NewFile")]}},
                {
                    "type": "object",
                    "properties": {"html": _text()},
                    "required": ["html"],
                    "additionalProperties": False,
                },
            ]
        },
    },
    "NewFile": {
        "type": "object",
        "properties": {
            "filename": _text(),
            "content_type": _text(default="application/octet-stream"),
            "content": _text("The bytes in base64.", contentEncoding="base64"),
        },
        "required": ["filename", "content"],
        "additionalProperties": False,
    },
    "TicketRow": _object(**ROW, activity_at=MOMENT),
    "TicketPage": _page("tickets", "TicketRow"),
    "Ticket": _sometimes(
        _object(
            **ROW,
            state_label=_text("What the asker reads of the state."),
            version=_number("Counts every change; give it back as `seen`."),
            created_at=MOMENT,
            fields={"type": "object", "additionalProperties": PLAIN, "description": "Amounts are texts, exact."},
            actions=_list(_text(), "The actions that may be run now."),
            events=_list(_the("Event"), "The newest of what happened, the oldest first."),
            messages=_list(_the("Message"), "The newest, the oldest first."),
            deliveries=_list(_the("Delivery"), "The newest of what was sent out, and how that went."),
        ),
        next={
            **_sometimes(_object(), events=_text(), messages=_text(), deliveries=_text()),
            "description": "Only where a list is longer: `before` for the older ones of each at its own address.",
        },
    ),
    "EventPage": _page("events", "Event"),
    "MessagePage": _page("messages", "Message"),
    "DeliveryPage": _page("deliveries", "Delivery"),
    "Event": _object(
        id=_number(),
        at=MOMENT,
        kind=_text("`opened`, `ran`, `filed` and others."),
        action=_maybe(_text()),
        label=_text(),
        actor=_text("An address; for customers their own, the company's name, or somebody else's."),
        actor_kind=_text(enum=["staff", "customer", "other", "system"]),
        from_state=_maybe(_text("Null also where that is hidden from a customer.")),
        to_state=_maybe(_text("The same.")),
        revision=_maybe(_number("The revision of the workflow file it happened under.")),
        data={"type": "object", "description": "What else is known of it; empty for customers."},
    ),
    "Message": _object(
        id=_number(),
        at=MOMENT,
        kind=_text(enum=["message", "note"]),
        **{"from": _text("As `actor` of an event.")},
        to=_list(_text(), "The addresses it was mailed to."),
        channel=_text(),
        text=_text(),
        html=_maybe(_text("Cleaned; null where there is only text.")),
        attachments=_list(_the("Attachment")),
        warnings=_list(_text()),
        side_conversation=_maybe(
            _number("The side conversation it was said in; `conversation` of a run goes on there.")
        ),
    ),
    "Attachment": _object(
        id=_number(),
        filename=_text(),
        content_type=_text("What its sender called it."),
        size=_number("Bytes."),
        sha256=_text(),
        inline=_bool(),
    ),
    "Delivery": _object(
        id=_number(),
        kind=_text(),
        event_id=_maybe(_number()),
        to=_text(),
        role=_text(),
        message_id=_text(),
        status=_text(),
        attempts=_number(),
        error=_text(),
        created_at=MOMENT,
        sent_at=_maybe(MOMENT),
    ),
    "Opened": _object(
        ref=_text(),
        how=_text("`opened`, or `repeated` where the same key had opened it.", enum=["opened", "repeated"]),
        ticket={"anyOf": [_the("Ticket"), {"type": "null"}], "description": "Null where the person does not see it."},
    ),
    "Done": _object(
        ref=_text(),
        state=_maybe(_text("Where the ticket is now; null for a customer from whom that is hidden.")),
        in_sight=_bool("Whether the person still sees the ticket."),
        repeated=_bool("The same `Idempotency-Key` had done it before."),
        ticket={"anyOf": [_the("Ticket"), {"type": "null"}]},
    ),
    "Actions": _object(ref=_text(), version=_number(), actions=_list(_the("Action"))),
    "Action": _object(
        name=_text(),
        label=_text(),
        type=_text(),
        confirm=_bool("Ask once more before it is run."),
        inputs=_list(_the("Input")),
    ),
    "Input": _object(
        name=_text(),
        label=_text(),
        help=_text(),
        type=_text("The kind of value: `text`, `money`, `choice`, `file` …"),
        required=_bool("It cannot be left empty while it is shown."),
        several=_bool("It takes a list."),
        choices={
            "type": ["array", "null"],
            "items": {
                "type": "object",
                "properties": {"value": _text(), "label": _text()},
                "required": ["value", "label"],
                "additionalProperties": False,
            },
        },
        min=_maybe(_text()),
        max=_maybe(_text()),
        pattern=_maybe(_text()),
        default=_maybe(_text()),
        keep=_text("Whether the value stays on the ticket.", enum=["ticket", "action"]),
        value={**PLAIN, "description": "What the ticket holds."},
        show_if={
            "type": ["array", "null"],
            "description": "The condition as a tree of lists; null where there is none or only the server can decide.",
        },
        conditional=_bool("There is a condition, even where `show_if` is null."),
        shown=_bool("Whether it is asked now, by what the ticket holds: evaluated on the server."),
    ),
    "Problem": {
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "properties": {
            "type": _text(format="uri-reference"),
            "title": _text(),
            "status": _number(),
            "detail": _text("A sentence for people."),
            "code": _text("A word for programs; it does not change."),
            "problems": {
                "type": "object",
                "additionalProperties": _text(),
                "description": "A sentence for each input that is wrong.",
            },
            "changes": _list(_text(), "What happened to the ticket since `seen`."),
            "number": _text("What to tell us, so that we find it in the log."),
        },
        "required": ["type", "title", "status", "detail", "code"],
        "additionalProperties": False,
    },
}
