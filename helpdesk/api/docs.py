"""The description of the API: openapi.json for programs, a page for people. Both are made from what the views declare,
and both are public: they tell nothing of this desk but its address.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Response, render_template
from markupsafe import Markup

from helpdesk import settings
from helpdesk.api import openapi
from helpdesk.api.blueprint import bp, reply
from helpdesk.api.declared import Part
from helpdesk.api.openapi import Address
from helpdesk.api.schemas import SCHEMAS
from helpdesk.web.gates import for_everyone
from helpdesk.web.problems import CODES

SHOWN = (
    "TicketPage",
    "TicketRow",
    "Opened",
    "Done",
    "Ticket",
    "MessagePage",
    "Message",
    "Attachment",
    "EventPage",
    "Event",
    "DeliveryPage",
    "Delivery",
    "Actions",
    "Action",
    "Input",
)


@bp.get("/openapi.json")
@for_everyone
def description() -> Response:
    return reply(openapi.document(settings.current().base_url))


@bp.get("/docs")
@for_everyone
def docs() -> str:
    base = settings.current().base_url.rstrip("/")
    return render_template(
        "api/docs.html",
        base=base,
        addresses=[_address(each, base) for each in openapi.addresses()],
        errors=[
            {"status": status, "code": _codes(status), "says": _words(says)} for status, says in openapi.ERRORS.items()
        ],
        named=SHOWN,
        values=_words(SCHEMAS["Values"]["description"]),
        shapes=[{"name": name, "keys": _keys(name)} for name in SHOWN],
    )


def _address(each: Address, base: str) -> dict[str, Any]:
    said = each.declared
    return {
        "id": each.name,
        "method": each.method,
        "path": each.path,
        "says": said.says,
        "more": _words(said.more),
        "parameters": [_part(name, part) for name, part in said.parameters.items()],
        "body": [_part(name, part) for name, part in said.body.items()],
        "gives": [
            {"status": status, "says": _words(says), "shape": shape} for status, (says, shape) in said.gives.items()
        ],
        "curl": _curl(each, base),
    }


def _part(name: str, part: Part) -> dict[str, Any]:
    kind = {"text": "text", "number": "number", "yes_or_no": "true or false", "object": "object"}[part.kind]
    usual = "" if part.usual in (None, "", {}) else json.dumps(part.usual)
    return {"name": name, "kind": kind, "required": part.required, "usual": usual, "says": _words(part.says)}


def _curl(each: Address, base: str) -> str:
    path = each.path.replace("{ref}", "R-1").replace("{action}", "reply").replace("{attachment_id}", "12")
    query = "&".join(f"{name}={part.example}" for name, part in each.declared.parameters.items() if part.example)
    where = f"{base}{path}" + (f"?{query}" if query else "")
    lines = [f"curl '{where}'", '-H "Authorization: Bearer $TOKEN"']
    if each.declared.body:
        body = json.dumps(openapi.example(each.declared), ensure_ascii=False, indent=2).replace("\n", "\n  ")
        lines += ["-H 'Content-Type: application/json'", "-H 'Idempotency-Key: 5d1c'", f"-d '{body}'"]
    if each.name == "fetched":
        lines.append("-OJ")
    return " \\\n  ".join(lines)


def _words(text: str) -> Markup:
    """A sentence of a declaration, what stands in backticks as code."""
    parts = [Markup.escape(part) for part in text.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts))


def _codes(status: int) -> list[str]:
    more = {
        410: ["damaged"],
        409: ["not_now", "assigned", "stale", "voted"],
        422: ["invalid", "required", "hidden", "reused"],
        403: ["scope"],
    }
    return more.get(status, [CODES[status]])


def _keys(name: str) -> list[dict[str, str]]:
    return [
        {"name": key, "kind": _kind(schema), "says": _words(schema.get("description", ""))}
        for key, schema in SCHEMAS[name]["properties"].items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    kinds = schema.get("type", [])
    named = [kinds] if isinstance(kinds, str) else [each for each in kinds if each != "null"]
    if named == ["array"] and schema.get("items"):
        return f"list of {_kind(schema['items'])}"
    words = {"string": "text", "integer": "number", "boolean": "true or false", "array": "list", "object": "object"}
    kind = "a moment" if schema.get("format") == "date-time" else " or ".join(words[each] for each in named)
    return f"{kind} or null" if "null" in kinds and not isinstance(kinds, str) else kind
