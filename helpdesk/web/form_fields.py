"""The controls of a form, one for each type of field that the workflow file knows, and how values stand in them.

Used by `action_forms`. What a control looks like is said by `macros/field.html`, which reads `data-kind`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import (
    EmailField,
    Field,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
    URLField,
)
from wtforms.fields.core import UnboundField
from wtforms.widgets import DateInput, DateTimeLocalInput, html_params

from helpdesk import settings
from helpdesk.text import html as markup
from helpdesk.tickets.rich import Rich
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Field as Asked

Choices = Sequence[tuple[str, str]]

_EQUALS = re.compile(r"\s*fields\.(\w+)\s*==\s*(['\"])([^'\"]*)\2\s*")
_AMONG = re.compile(r"\s*fields\.(\w+)\s+in\s+[\[(]([^\])]*)[\])]\s*")
_WORD = re.compile(r"(['\"])([^'\"]*)\1")


def control(asked: Asked, choices: Choices = ()) -> UnboundField:
    """The control for a field; `choices` where the page knows whom one can choose."""
    return _KINDS.get(asked.type, _text)(asked, choices)


def to_show(field: Field, value: Any) -> Any:
    """A value as its control holds it: a moment in the desk's zone, an amount without its currency."""
    if field.type == "datetime":
        zone = ZoneInfo(revisions.active().desk.company.timezone or "UTC")
        return datetime.fromisoformat(str(value)).astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        return list(value)
    return value


def shown_when(expression: str | None, asked: Collection[str]) -> dict[str, Any] | None:
    """A `show_if` as the page's script can follow it: `{"field": …, "values": […]}`.

    Only for the simple shapes, and for a field of the same form; anything else stays visible, and the server judges.
    """
    if not expression:
        return None
    if found := _EQUALS.fullmatch(expression):
        name, values = found[1], [found[3]]
    elif found := _AMONG.fullmatch(expression):
        name, values = found[1], [word[2] for word in _WORD.finditer(found[2])]
    else:
        return None
    return {"field": name, "values": values} if name in asked else None


class RichField(TextAreaField):
    """A message. The page's editor sends HTML under the name with `_html` after it; without script it is plain text."""

    is_html = False
    render_kw: dict[str, Any] | None

    def process(self, formdata: Any, *given: Any, **more: Any) -> None:
        super().process(formdata, *given, **more)
        html = formdata.getlist(f"{self.name}_html") if formdata is not None else []
        if html:
            self.is_html, self.raw_data, self.data = True, html, html[0]
            self.render_kw = {**(self.render_kw or {}), "data-holds": "html"}

    @property
    def rich(self) -> Rich:
        text = str((self.raw_data or [""])[0])
        return Rich.from_html(text) if self.is_html else Rich.plain(text.replace("\r\n", "\n").strip())


class _TickBox:
    """A box, and a hidden `no` before it, so that an empty box can be told from one that was not asked."""

    def __call__(self, own: Field, **render: Any) -> Markup:
        render["checked"] = bool(own.data)
        render["required"] = own.flags.required and render.get("data-kind") == "agreement"
        no = html_params(type="hidden", name=own.name, value="no")
        box = html_params(type="checkbox", id=own.id, name=own.name, value="yes", **render)
        return Markup(f"<input {no}><input {box}>")  # noqa: S704 - html_params escapes


class YesNo(Field):
    """A box to tick."""

    widget = _TickBox()

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = bool(valuelist) and valuelist[-1] == "yes"


def _common(asked: Asked, **render: Any) -> dict[str, Any]:
    label: Any = asked.label
    if asked.type == "agreement":  # the only label with links in it: cleaned, and led to this desk
        base = settings.current().base_url.rstrip("/")
        label = Markup(markup.clean(asked.label.replace('href="/', f'href="{base}/')))  # noqa: S704
    return {"label": label, "description": asked.help, "render_kw": {k: v for k, v in render.items() if v is not None}}


def _text(asked: Asked, _choices: Choices) -> UnboundField:
    longest = asked.max if asked.max and asked.max.isdigit() else "500"
    completes = {"name": "name"}.get(asked.name)
    return StringField(**_common(asked, maxlength=longest, autocomplete=completes))


def _area(asked: Asked, _choices: Choices) -> UnboundField:
    return TextAreaField(**_common(asked))


def _rich(asked: Asked, choices: Choices) -> UnboundField:
    if asked.name != "message":  # a text field of the ticket: kept and shown as text
        return _area(asked, choices)
    return RichField(**_common(asked, **{"data-kind": "rich", "data-words": _editor_words()}))


def _number(asked: Asked, _choices: Choices) -> UnboundField:
    return StringField(**_common(asked, inputmode="decimal", autocomplete="off"))


def _money(asked: Asked, _choices: Choices) -> UnboundField:
    unit = revisions.active().desk.company.currency
    return StringField(**_common(asked, autocomplete="off", **{"data-kind": "money", "data-unit": unit}))


def _date(asked: Asked, _choices: Choices) -> UnboundField:
    return StringField(widget=DateInput(), **_common(asked, min=asked.min, max=asked.max))


def _moment(asked: Asked, _choices: Choices) -> UnboundField:
    return StringField(widget=DateTimeLocalInput(), **_common(asked))


def _choice(asked: Asked, choices: Choices) -> UnboundField:
    listed = dict(choices) or dict(asked.choices)
    return SelectField(choices={"": "–", **listed}, validate_choice=False, **_common(asked, **{"data-kind": "choice"}))


def _several(asked: Asked, _choices: Choices) -> UnboundField:
    return SelectMultipleField(choices=dict(asked.choices), validate_choice=False, **_common(asked))


def _group(asked: Asked, _choices: Choices) -> UnboundField:
    groups = revisions.active().desk.groups.values()
    return _choice(asked, [(group.name, group.label) for group in groups])


def _rating(asked: Asked, _choices: Choices) -> UnboundField:
    stars = {str(n): str(n) for n in range(1, int(asked.max or 5) + 1)}
    return RadioField(choices=stars, validate_choice=False, **_common(asked, **{"data-kind": "rating"}))


def _box(asked: Asked, _choices: Choices) -> UnboundField:
    return UnboundField(YesNo, **_common(asked, **{"data-kind": asked.type}))


def _simple(kind: type[Field], **render: Any) -> Callable[[Asked, Choices], UnboundField]:
    return lambda asked, _choices: kind(**_common(asked, **render))


_KINDS: Mapping[str, Callable[[Asked, Choices], UnboundField]] = {
    "textarea": _area,
    "richtext": _rich,
    "number": _number,
    "money": _money,
    "date": _date,
    "datetime": _moment,
    "choice": _choice,
    "multichoice": _several,
    "checkbox": _box,
    "agreement": _box,
    "email": _simple(EmailField, autocomplete="email", maxlength="254"),
    "phone": _simple(TelField, autocomplete="tel", maxlength="40"),
    "url": _simple(URLField, placeholder="https://"),
    "file": _simple(MultipleFileField),
    "user": _choice,
    "group": _group,
    "rating": _rating,
}


def _editor_words() -> str:
    """What the editor's buttons are called, for its script."""
    words = {
        "tools": _("Text"),
        "bold": _("Bold"),
        "italic": _("Italic"),
        "list": _("List"),
        "list-ordered": _("Numbered list"),
        "quote": _("Quote"),
        "link": _("Link"),
        "address": _("Address of the link"),
    }
    return json.dumps(words, ensure_ascii=False)
