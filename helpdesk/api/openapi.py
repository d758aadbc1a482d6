"""The description of the API as OpenAPI 3.1, made from what its views declare and from the routes themselves.

Called by /api/v1/openapi.json and by the page for people; a test holds it against every route there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app

from helpdesk.api import once
from helpdesk.api.declared import BIGGEST, Declared, Part, declared_by
from helpdesk.api.schemas import SCHEMAS, Schema

VERSION = "1.0"
ERRORS: Mapping[int, str] = {
    400: "The body is no JSON object; the sentence says where.",
    401: "No token, or one that opens nothing.",
    403: "The token is for reading only.",
    404: "There is no such thing, or this person may not know that there is.",
    405: "The address takes another method; `Allow` says which.",
    409: "The right is there, but it does not fit now: not_now, assigned, voted, or stale with `changes`.",
    410: "A stored file is missing or damaged.",
    413: "Larger than this desk takes at once.",
    415: "The body does not say that it is JSON.",
    422: "Something is missing, hidden, unknown or wrong, or the key was used before: `problems` says what.",
    429: "Too often; `Retry-After` says when again.",
    500: "Our mistake; `number` finds it in the log.",
    503: "The database is busy; try again.",
}
OF_ALL = (401, 404, 422, 429, 500, 503)
OF_BODIES = (400, 403, 409, 413, 415)
_KINDS: Mapping[str, Schema] = {
    "text": {"type": "string"},
    "number": {"type": "integer"},
    "yes_or_no": {"type": "boolean"},
}


@dataclass(frozen=True)
class Address:
    """A route with what its view declares. `path` as people write it: /api/v1/tickets/{ref}."""

    method: str
    path: str
    name: str
    names: tuple[str, ...]
    declared: Declared


def addresses() -> Iterator[Address]:
    """Every address that a view declares, in the order of their paths."""
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: (len(rule.rule), rule.rule)):
        said = declared_by(current_app.view_functions[rule.endpoint])
        if said is not None:
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            names = tuple(re.findall(r"{(\w+)}", path))
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield Address(method, path, rule.endpoint.partition(".")[2], names, said)


def document(base_url: str) -> dict[str, Any]:
    """The whole description; `base_url` is where this desk is reached."""
    paths: dict[str, Any] = {}
    for each in addresses():
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Helpdesk API",
            "version": VERSION,
            "description": "Tickets as a person may see them, and all that they may do to them. See /api/v1/docs.",
        },
        "servers": [{"url": base_url.rstrip("/")}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of `helpdesk token add`. It counts in this header and nowhere else.",
                }
            },
            "schemas": dict(SCHEMAS),
        },
    }


def errors_of(said: Declared) -> list[int]:
    """Which errors an address can answer with."""
    return sorted((*OF_ALL, *said.also, *(OF_BODIES if said.once else ())))


def part_schema(part: Part) -> Schema:
    """A parameter or a key as JSON Schema."""
    if part.kind == "object":
        return {"$ref": f"#/components/schemas/{part.schema}"}
    schema = dict(_KINDS[part.kind])
    if part.kind == "number":
        schema["minimum"] = part.least
        if part.most != BIGGEST:
            schema["maximum"] = part.most
    if part.usual not in (None, ""):
        schema["default"] = part.usual
    return schema


def _operation(each: Address) -> dict[str, Any]:
    said = each.declared
    found: dict[str, Any] = {
        "operationId": each.name,
        "summary": said.says,
        "description": said.more,
        "parameters": [*_in_the_path(each), *_in_the_query(said), *_in_the_head(said)],
        "responses": {str(status): _given(*what) for status, what in said.gives.items()},
    }
    found["responses"] |= {str(status): _problem(ERRORS[status]) for status in errors_of(said)}
    if said.body:
        found["requestBody"] = {"required": False, "content": {"application/json": _body(said)}}
    return found


def _in_the_path(each: Address) -> list[dict[str, Any]]:
    kinds = {"attachment_id": {"type": "integer"}}
    says = {"ref": "The ticket's name, or its number.", "action": "The action's name in the workflow file."}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": kinds.get(name, {"type": "string"}),
            **({"description": says[name]} if name in says else {}),
        }
        for name in each.names
    ]


def _in_the_query(said: Declared) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "required": part.required, "description": part.says, "schema": part_schema(part)}
        for name, part in said.parameters.items()
    ]


def _in_the_head(said: Declared) -> list[dict[str, Any]]:
    if not said.once:
        return []
    says = "Anything that names this one request: sent again, it does nothing twice and gets the first one's outcome."
    schema = {"type": "string", "maxLength": once.LONGEST_KEY}
    return [{"name": once.HEADER, "in": "header", "required": False, "description": says, "schema": schema}]


def _body(said: Declared) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {name: {**part_schema(part), "description": part.says} for name, part in said.body.items()},
        "required": [name for name, part in said.body.items() if part.required],
        "additionalProperties": False,
    }
    return {"schema": schema, "example": example(said)}


def example(said: Declared) -> dict[str, Any]:
    """A body as somebody would send it; without what only some of them need."""
    return {name: part.example for name, part in said.body.items() if part.example is not None and name != "for"}


def _given(says: str, schema: str) -> dict[str, Any]:
    if not schema:
        return {"description": says, "content": {"application/octet-stream": {}}}
    return {
        "description": says,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _problem(says: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": says, "content": content}
