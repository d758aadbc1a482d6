"""The JSON Schema of the language, for editors: completion and a first red line while typing. Made from the
declarations themselves.

`helpdesk workflow schema` prints it. It knows the shape; what names stand for is only known to the check.
"""

from __future__ import annotations

from typing import Any

from helpdesk.workflows import kinds
from helpdesk.workflows.schema import Action, Assign, Desk, InputSpec, Service, Source
from helpdesk.workflows.shapes import Key, Shape, keys_of
from helpdesk.workflows.texts import COLORS, NAME

_PLAIN: dict[str, dict[str, Any]] = {
    "text": {"type": ["string", "number", "boolean"]},
    "int": {"type": "integer", "minimum": 0},
    "bool": {"type": "boolean"},
    "decimal": {"type": ["string", "number"]},
    "duration": {"type": "string", "pattern": r"^[1-9]\d{0,4}([mhd]( business)?|w)$"},
    "raw": {},
}


def json_schema() -> dict[str, Any]:
    """The whole schema, one definition per class."""
    definitions: dict[str, Any] = {}
    _element(Desk, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The workflow file of the desk",
        "$ref": "#/$defs/Desk",
        "$defs": definitions,
    }


def _element(cls: type[Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A reference to the class's definition, which is made when it is first met."""
    name = cls.__name__
    if name not in definitions:
        definitions[name] = {}  # holds the place while its parts are described
        keys = keys_of(cls)
        described: dict[str, Any] = {
            "type": "object",
            "properties": {key.name: _key(key, definitions) for key in keys.values()},
            "required": [key.name for key in keys.values() if key.required],
            "additionalProperties": False,
        }
        if cls is Action:
            _by_type(described, kinds.actions.names(), kinds.actions, definitions)
        if cls is Source:
            _by_type(described, kinds.channels.names(), kinds.channels, definitions)
        if cls is Service:  # each driver brings options of its own
            described.pop("additionalProperties")
            drivers = {name for registry in kinds.services.values() for name in registry.names()}
            described["properties"]["driver"] |= {"enum": sorted(drivers)}
        definitions[name] = described
    return {"$ref": f"#/$defs/{name}"}


def _by_type(
    described: dict[str, Any], names: tuple[str, ...], registry: kinds.Registry, definitions: dict[str, Any]
) -> None:
    """Each type's own options, allowed where that type is chosen."""
    described.pop("additionalProperties")
    described["unevaluatedProperties"] = False
    described["properties"]["type"] |= {"type": "string", "enum": [*names]}
    common = described["properties"]
    described["allOf"] = []
    for name in names:
        own = {key.name: key for key in keys_of(registry.get(name)).values() if key.name not in common}
        if own:
            options = {
                "properties": {word: _key(key, definitions) for word, key in own.items()},
                "required": [key.name for key in own.values() if key.required],
            }
            chosen = {"properties": {"type": {"const": name}}, "required": ["type"]}
            described["allOf"].append({"if": chosen, "then": options})


def _key(key: Key, definitions: dict[str, Any]) -> dict[str, Any]:
    shape = _meant(key.shape, definitions)
    return shape | {"description": key.help} if key.help else shape


def _meant(shape: Shape, definitions: dict[str, Any]) -> dict[str, Any]:
    """What a text stands for goes along as `x-means`: an editor that knows the file's names can offer them."""
    described = _spelled(shape, definitions)
    return described | {"x-means": shape.means} if shape.kind == "text" and shape.means else described


def _spelled(shape: Shape, definitions: dict[str, Any]) -> dict[str, Any]:
    """Shapes that have a short spelling, and texts with a few possible words."""
    if shape.means in ("inputs", "carried fields"):
        named = {"type": "string", "x-means": "field"}
        return {"type": "array", "items": {"anyOf": [named, _element(InputSpec, definitions)]}}
    if shape.means == "fields in place":
        return {"type": "array", "items": _element(InputSpec, definitions)}
    if shape.means == "one or many":
        return {"anyOf": [{"type": "string", "x-means": "target"}, _shape(shape, definitions)]}
    if shape.means == "assign":
        return {"anyOf": [{"enum": list(Assign.words)}, _element(Assign, definitions)]}
    if shape.means == "color":
        return {"enum": list(COLORS)}
    if shape.means == "field type":
        return {"enum": list(kinds.field_types.names())}
    return _shape(shape, definitions)


def _shape(shape: Shape, definitions: dict[str, Any]) -> dict[str, Any]:
    if shape.kind == "element" and shape.element:
        return _element(shape.element, definitions)
    if shape.kind == "list" and shape.of:
        return {"type": "array", "items": _meant(shape.of, definitions)}
    if shape.kind == "mapping":
        inner = _meant(shape.of, definitions) if shape.of else {}
        named = {"propertyNames": {"pattern": f"^{NAME.pattern}$"}} if shape.of and shape.of.kind == "element" else {}
        return {"type": "object", "additionalProperties": inner, **named}
    if shape.kind == "one_of":
        return {"enum": list(shape.words)}
    return dict(_PLAIN[shape.kind])
