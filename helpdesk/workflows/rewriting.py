"""How something is written here, for whoever wrote it in another shape: a word where a list is needed, a list where
names and their meanings are.

Asked by the reader for hints; what is shown is made of what stands in the file, so that it can be copied.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from helpdesk.workflows import kinds
from helpdesk.workflows.nodes import Items, Node, Pairs, Text
from helpdesk.workflows.schema import (
    Action,
    Button,
    Company,
    Email,
    Field,
    Given,
    OnMessage,
    Role,
    Source,
    State,
    Step,
    Timer,
    Workflow,
)
from helpdesk.workflows.shapes import Shape, keys_of

_OWNERS: dict[type[Any], str] = {
    State: "a state",
    Action: "an action",
    Workflow: "a workflow",
    Timer: "a timer",
    Email: "an e-mail",
    Button: "a `button`",
    OnMessage: "`on_message`",
    Role: "a role",
    Field: "a field",
    Source: "a source",
    Given: "`given`",
    Step: "a step",
    Company: "`company`",
}


def where_it_belongs(word: str, known: Collection[str]) -> str:
    """A key that is known elsewhere, spelled exactly so."""
    owners = [owner for cls, owner in _OWNERS.items() if word in keys_of(cls) and word not in ("name", "type")]
    doors = ((kind, kinds.channels.find(kind)) for kind in ("form", "email", "chat"))
    owners += [f"a source of type {kind}" for kind, cls in doors if cls and word in keys_of(cls)]
    return f"“{word}” is a key of {_joined(owners[:3])}." if owners and word not in known else ""


def as_list(node: Node, *, names: bool = False) -> str:
    """`names`: an entry may be a name alone."""
    if isinstance(node, Text):
        return f"Write [{', '.join(_shown(word.strip()) for word in node.text.split(','))}]."
    if names and isinstance(node, Pairs):
        return f"Write [{', '.join(map(_shown, list(node.pairs)[:5]))}]."
    return "Begin each of them with a dash, or write [{…}]."


def as_mapping(node: Node, cls: type[Any], name: str) -> str:
    """The key that the one word probably stands for, and whether its place is wrong altogether."""
    keys = keys_of(cls)
    if "version" in keys:
        return "Begin with the line `version: 1`."
    if name in keys or name in ("color", "label"):
        return f"“{name}” is a key of {_OWNERS.get(cls, 'each of them')}: indent it with the others."
    if isinstance(node, Text) and cls is Email:
        return f"Write {{to: [customer], template: {_shown(node.text)}}}."
    if isinstance(node, Items) and cls is OnMessage and node.items and isinstance(node.items[0], Text):
        return f"Write {{customer: {_shown(node.items[0].text)}}}."
    word = next(
        (key for key in ("label", "name", "text", "imap", "url", "driver") if key in keys), next(iter(keys), "")
    )
    if isinstance(node, Text) and word:
        return f"Write {{{word}: {_shown(node.text)}}}."
    if isinstance(node, Items) and len(node.items) == 1:
        return "Leave out the dash or the brackets."
    return ""


def as_names(node: Node, *, of: Shape) -> str:
    if not isinstance(node, Items):
        return ""
    first = next((item.text for item in node.items if isinstance(item, Text)), "")
    if not first:
        return "Write a name and a colon instead of each dash."
    meaning = "{label: …}" if of.kind == "element" else "…"
    return f"Write {{{_shown(first)}: {meaning}}}."


def as_text(node: Node) -> str:
    if isinstance(node, Pairs) and len(node.pairs) == 1:
        name, (_, value) = next(iter(node.pairs.items()))
        if isinstance(value, Text) and not value.text:
            return f'Write "{{{name}}}" in quotation marks.'
        if isinstance(value, Text):
            return f'Write "{name}:{value.text}" in quotation marks, without the space.'
    if isinstance(node, Items) and len(node.items) == 1:
        return "Leave out the brackets."
    return ""


def as_name(name: str, *, hyphens: bool) -> str:
    plain = re.sub(r"[^A-Za-z0-9_-]+" if hyphens else r"[^A-Za-z0-9_]+", "_", name[:60]).strip("_")
    return f"Write {plain}." if re.match("[A-Za-z]", plain) else ""


def as_assignment(word: str) -> str:
    if "@" in word:
        return f"For a person write {{user: {word[:60]}}}."
    return f"It is keep, none, actor or ask; for a group write {{group: {word[:60]}}}."


def _shown(text: str) -> str:
    short = text[:40]
    return f'"{short}"' if re.search(r"[:#{}\[\],&*!|>%@`]|^[-?]", short) else short


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
