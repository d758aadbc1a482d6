"""The controls of a form, one for each type of field that the workflow file knows, and how values stand in them.

Used by `action_forms`. What a control looks like is said by `macros/field.html`, which reads `data-kind`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import (
    EmailField,
    Field,
    HiddenField,
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
from wtforms.widgets import DateInput, DateTimeLocalInput

from helpdesk import settings
from helpdesk.text import html as markup
from helpdesk.web.form_controls import Offering, RichField, YesNo
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Field as Asked

Choices = Sequence[tuple[str, str]]


def control(asked: Asked, choices: Choices = ()) -> UnboundField:
    """The control for a field; `choices` where the page knows whom one can choose."""
    return _KINDS.get(asked.type, _text)(asked, choices)


def _common(asked: Asked, **render: Any) -> dict[str, Any]:
    label: Any = asked.label
    if asked.type == "agreement":  # the only label with links in it: cleaned, and led to this desk
        base = settings.current().base_url.rstrip("/")
        label = Markup(markup.clean(asked.label.replace('href="/', f'href="{base}/')))  # noqa: S704
    return {"label": label, "description": asked.help, "render_kw": {k: v for k, v in render.items() if v is not None}}


def _other_ticket(asked: Asked, choices: Choices) -> UnboundField:
    """A name to type, with those that are likely meant."""
    return UnboundField(Offering, offers=choices, **_common(asked, maxlength="60", autocomplete="off"))


def _tags(asked: Asked, choices: Choices) -> UnboundField:
    words = json.dumps({"remove": _("Remove"), "add": _("Add a tag")}, ensure_ascii=False)
    marks = {"data-kind": "tags", "data-words": words}
    return UnboundField(Offering, offers=choices, **_common(asked, autocomplete="off", **marks))


def _messages(asked: Asked, choices: Choices) -> UnboundField:
    if not asked.required:
        return _included(asked, choices)
    return SelectMultipleField(choices=dict(choices), validate_choice=False, **_common(asked))


def _included(asked: Asked, choices: Choices) -> UnboundField:
    """Some of many, folded until somebody wants them."""
    return SelectMultipleField(choices=dict(choices), validate_choice=False, **_common(asked, **{"data-kind": "some"}))


def _recipients(asked: Asked, choices: Choices) -> UnboundField:
    words = json.dumps({"remove": _("Remove"), "add": _("Add an address")}, ensure_ascii=False)
    marks = {"data-kind": "recipients", "data-words": words}
    return UnboundField(Offering, offers=choices, **_common(asked, autocomplete="off", inputmode="email", **marks))


def _text(asked: Asked, _choices: Choices) -> UnboundField:
    longest = asked.max if asked.max and asked.max.isdigit() else "500"
    completes = {"name": "name"}.get(asked.name)
    return StringField(**_common(asked, maxlength=longest, autocomplete=completes))


def _area(asked: Asked, _choices: Choices) -> UnboundField:
    return TextAreaField(**_common(asked))


def _rich(asked: Asked, choices: Choices) -> UnboundField:
    if asked.name != "message":  # a text field of the ticket: kept and shown as text
        return _area(asked, choices)
    return RichField(**_common(asked, **{"data-kind": "rich"}))


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
    "ticket": _other_ticket,
    "messages": _messages,
    "attachments": _included,
    "recipients": _recipients,
    "side_conversation": _simple(HiddenField),
    "side_message": _choice,
    "tags": _tags,
}
