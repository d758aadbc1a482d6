"""The form of one part of the workflow file, for people who do not like YAML: its controls come from the declarations
of the language, its choices from the names that the text itself has.

`controls(texts, path)` describes the form, as plain data for a page to draw. A control has a `name` (the dotted path
below the part), `label`, `help`, `value`, a `kind` (line, lines, flag, choice, names, pairs, group, rows, text) and
what that kind needs: `choices`, `controls`, or `rows`, of which the last one is empty and waits to be filled. `first`:
shown at once; the others a reader asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpdesk.workflows import kinds
from helpdesk.workflows.editing.names import Names
from helpdesk.workflows.editing.outline import outline
from helpdesk.workflows.editing.spans import Path, Plain, at, read
from helpdesk.workflows.schema import Action, Assign, Desk, Field, Input, InputSpec, Source
from helpdesk.workflows.shapes import Key, Shape, keys_of

LONG = ("body", "default_text", "greeting", "help", "signature")  # texts that get more than a line
USUAL = frozenset(
    """label customer_label color visible_to actions allow to use name type required show_if when template after do
    """.split()
)  # keys that are shown at once, also where they hold nothing yet
Control = dict[str, Any]


def class_at(path: Path) -> type[Any] | None:
    """The class of the language that describes what stands at a path; None where the form view has nothing for it."""
    match path:
        case ("workflows", _):
            return dict(_classes(Desk)).get("workflows")
        case ("workflows", _, kind, _):
            workflow = dict(_classes(Desk))["workflows"]
            return dict(_classes(workflow)).get(kind)
        case (section, _):
            return dict(_classes(Desk)).get(section)
    return None


def controls(texts: Mapping[str, str], path: Path) -> list[Control]:
    """The controls of the part at this path; none where there is no such part."""
    cls = class_at(path)
    value = next((found.plain() for text in texts.values() if (found := at(read(text), path)) is not None), None)
    if cls is None or not isinstance(value, dict):
        return []
    names = Names(outline(texts)["names"], path[1] if path[0] == "workflows" else "")
    made = _element(cls, value, "", names)
    if cls is not dict(_classes(Desk))["workflows"]:
        return made
    return [control for control in made if control["name"] not in ("states", "actions")]


def _classes(cls: type[Any]) -> list[tuple[str, type[Any]]]:
    """The keys of a class under which things with names stand."""
    pairs = [(key.name, key.shape.of.element) for key in keys_of(cls).values() if key.shape.of]
    return [(name, element) for name, element in pairs if element is not None]


def _element(cls: type[Any], value: Mapping[str, Plain], prefix: str, names: Names) -> list[Control]:
    keys = dict(keys_of(cls))
    own = str(value.get("type", ""))
    if cls is Action:
        keys |= _options(kinds.actions, own)
    if cls is Source:
        keys |= _options(kinds.channels, own)
    return [_control(key, value.get(key.name), f"{prefix}{key.name}", names, cls) for key in keys.values()]


def _options(registry: kinds.Registry, name: str) -> dict[str, Key]:
    known = registry.find(name) if name else None
    return dict(keys_of(known)) if known else {}


def _control(key: Key, value: Plain | None, name: str, names: Names, cls: type[Any]) -> Control:
    made: Control = {"name": name, "label": _words(key.name), "help": key.help, "required": key.required}
    if cls is Action and key.name == "type":
        made |= _choice([(each, "") for each in kinds.actions.names()], value)
    elif cls is Source and key.name == "type":
        made |= _choice([(each, "") for each in kinds.channels.names()], value)
    else:
        made |= _meant(key.shape, value, name, names)
    first = key.required or made["value"] or key.name in USUAL or made["kind"] in ("group", "rows")
    return made | {"first": bool(first)}


def _meant(shape: Shape, value: Plain | None, name: str, names: Names) -> Control:
    if shape.means == "assign":
        return _assign(value, name, names)
    if shape.means in ("inputs", "one or many"):
        rows = value if isinstance(value, list) else [] if value is None else [value]
        short = "use" if shape.means == "inputs" else "to"
        return _rows(shape.of, [{short: row} if isinstance(row, str) else row for row in rows], name, names)
    if shape.means == "carried fields":
        chosen = [row for row in value if isinstance(row, str)] if isinstance(value, list) else []
        return {"kind": "names", "value": chosen, "choices": names.choices("field") or []}
    if shape.kind == "list" and shape.of:
        return _list(shape.of, value, name, names)
    if shape.kind == "element" and shape.element:
        held = value if isinstance(value, dict) else {}
        inner = _element(shape.element, held, f"{name}.", names)
        return {"kind": "group", "value": bool(held), "controls": inner}
    if shape.kind == "mapping" and shape.of and shape.of.kind == "text":
        held = value if isinstance(value, dict) else {}
        if all(isinstance(one, str) and "\n" not in one for one in held.values()):
            return {"kind": "pairs", "value": "\n".join(f"{key}: {one}" for key, one in held.items())}
    return _single(shape, value, name, names)


def _single(shape: Shape, value: Plain | None, name: str, names: Names) -> Control:
    if value is not None and not isinstance(value, str):
        return {"kind": "text", "value": ""}
    if shape.kind in ("mapping", "raw"):
        return {"kind": "text", "value": ""}
    if shape.kind == "bool":
        return {"kind": "flag", "value": value or ""}
    if shape.kind == "one_of":
        return _choice([(word, "") for word in shape.words], value)
    if (choices := names.choices(shape.means)) is not None:
        return _choice(choices, value)
    long = name.rpartition(".")[2] in LONG or "\n" in (value or "")
    return {"kind": "lines" if long else "line", "value": value or "", "means": shape.means or shape.kind}


def _choice(choices: list[tuple[str, str]], value: Any) -> Control:
    known = {name for name, _label in choices}
    extra = [(value, "")] if isinstance(value, str) and value and value not in known else []
    return {"kind": "choice", "value": value or "", "choices": [*choices, *extra]}


def _list(of: Shape, value: Plain | None, name: str, names: Names) -> Control:
    held = value if isinstance(value, list) else [] if value is None else [value]
    if of.element is not None:
        return _rows(of, held, name, names)
    texts = [one for one in held if isinstance(one, str)]
    choices = [(word, "") for word in of.words] or names.choices(of.means)
    if choices is None:
        return {"kind": "line", "value": ", ".join(texts), "list": True, "means": of.means}
    known = {each for each, _label in choices}
    first = [(each, dict(choices).get(each, "")) for each in texts]
    rest = [each for each in choices if each[0] not in texts]
    return {
        "kind": "names",
        "value": texts,
        "choices": [*first, *rest],
        "free": of.means == "recipient",
        "known": len(known),
    }


def _rows(of: Shape | None, held: list[Any], name: str, names: Names) -> Control:
    """A list of things with keys: a row of controls for each, and an empty one to add another."""
    cls = _row_class(of)
    if cls is None or not all(isinstance(row, dict) for row in held):
        return {"kind": "text", "value": ""}
    rows = [_element(cls, row, f"{name}.{number}.", names) for number, row in enumerate([*held, {}])]
    return {"kind": "rows", "value": len(held), "rows": rows}


def _row_class(of: Shape | None) -> type[Any] | None:
    if of is None:
        return None
    return InputSpec if of.element in (Input, Field) else of.element


def _assign(value: Plain | None, name: str, names: Names) -> Control:
    held = value if isinstance(value, dict) else {}
    how = value if isinstance(value, str) else "to:" if held else ""
    words = [(word, "") for word in Assign.words]
    how_control: Control = {"name": f"{name}.how", "label": "Who", "help": "", "required": False, "first": True}
    how_control |= _choice([*words, ("to:", "a person or group")], how)
    inner = [_control(key, held.get(key.name), f"{name}.{key.name}", names, Assign) for key in keys_of(Assign).values()]
    return {"kind": "group", "means": "assign", "value": bool(value), "controls": [how_control, *inner]}


def _words(key: str) -> str:
    """A key as words: `only_assignee` is read “Only assignee”."""
    return key.replace("_", " ").strip().capitalize()
