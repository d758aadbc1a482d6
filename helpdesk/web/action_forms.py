"""Forms made from the workflow file: the inputs of an action or of a web form become fields that people fill in.

Used by the desk, the cabinet and the public forms alike. A form shows, keeps what was typed and says early what is
wrong; the doors judge again, by the same reading, whatever a form thought. Knows no ticket and no action.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import CombinedMultiDict, FileStorage
from wtforms import Field, MultipleFileField, SelectMultipleField
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from helpdesk.delivery.pictures import KINDS
from helpdesk.errors import Invalid
from helpdesk.tickets.rich import Rich, Upload
from helpdesk.web import conditional
from helpdesk.web.form_controls import RichField
from helpdesk.web.form_fields import Choices, control
from helpdesk.web.form_values import to_show
from helpdesk.workflows import revisions
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Input

MOST_FILES = 20
PICTURE = re.compile(r"picture-[a-z0-9]{8,40}")  # as js/pictures.js calls them


@dataclass(frozen=True)
class Filling:
    """What a form holds before anybody types. `held`: the ticket's values, `texts`: such as an action's default text,
    `choices`: who can be chosen where an input asks for a person, `names`: what conditions may ask beside the form."""

    held: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, Any] = field(default_factory=dict)
    choices: Mapping[str, Choices] = field(default_factory=dict)
    names: Mapping[str, Any] = field(default_factory=dict)


class AskForm(BaseForm):
    """The inputs as a WTForms form. A field is reached as `form["kind"]`: names of the file are never attributes."""

    def __init__(self, inputs: Sequence[Input], filling: Filling, *, prefix: str = "") -> None:
        self.inputs, self.filling = tuple(inputs), filling
        super().__init__(
            {each.name: control(each.field, filling.choices.get(each.name, ())) for each in inputs},
            prefix=prefix,
            meta=DefaultMeta(),
        )
        for each in inputs:
            self[each.name].flags.required = each.required
            self[each.name].show_if = conditional.tree(
                each.show_if, inputs, held=filling.held, names=filling.names, prefix=prefix
            )

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether everything that was sent can be read, and nothing that is always needed is missing."""
        return super().validate(extra_validators) and not self._problems()

    def refuse(self, refused: Invalid) -> None:
        """Show what a door said, each sentence at its field."""
        for name, sentence in refused.problems.items():
            if name in self:
                self[name].errors = [*self[name].errors, sentence]
            else:
                self.form_errors.append(sentence)

    def _problems(self) -> dict[str, str]:
        problems: dict[str, str] = {}
        company = revisions.active().desk.company
        raw = raw_values(self, keep_files=False)
        for each in self.inputs:
            kind = field_types.get(each.field.type)()
            given = raw.get(each.name)
            if not given:
                if each.required and each.show_if is None and each.name in raw:
                    problems[each.name] = _("Please fill in “%(label)s”.", label=each.field.said)
            elif kind.is_file:
                if len(given) > MOST_FILES:
                    problems[each.name] = _("At most %(most)s files at once.", most=MOST_FILES)
            elif not isinstance(given, Rich):
                try:
                    value = kind.read(given, each.field, currency=company.currency, zone=company.timezone)
                except ValueError as wrong:
                    problems[each.name] = str(wrong)
                else:
                    if value is False and each.required and each.field.type == "agreement":
                        problems[each.name] = _("Please agree to “%(label)s”.", label=each.field.said)
        self.refuse(Invalid(problems))
        return problems


def form_of(
    inputs: Sequence[Input], filling: Filling | None = None, *, prefix: str = "", sent: bool | None = None
) -> AskForm:
    """The form that asks `inputs`: filled with what this request sent, if it sent something, else with `filling`.
    `prefix`: before the names of its controls; `sent`: whether this is what was sent, where a page has several.
    """
    filling = filling or Filling()
    form = AskForm(inputs, filling, prefix=prefix)
    if (request.method == "POST") if sent is None else sent:
        both: Any = [request.files, request.form]
        form.process(CombinedMultiDict(both))
    else:
        form.process(data={each.name: _first(each, filling) for each in inputs})
    return form


def raw_values(form: AskForm, *, keep_files: bool = True) -> dict[str, Any]:
    """What was entered, for a door: an input that was not sent (hidden, for instance) is left out, an empty one is "".

    Puts the files into the store, unless `keep_files` is False: then they are only counted.
    """
    values: dict[str, Any] = {}
    for each in form.inputs:
        own = form[each.name]
        if isinstance(own, MultipleFileField):
            files = [file for file in own.raw_data or () if isinstance(file, FileStorage) and file.filename]
            if files:
                values[each.name] = tuple(_kept(file) if keep_files else file for file in files)
        elif own.raw_data:
            values[each.name] = _raw(own)
    return _with_pictures(values) if keep_files else values


def _with_pictures(values: dict[str, Any]) -> dict[str, Any]:
    """The page's editor sends a picture of the text among the files, and the text speaks of it by the file's name."""
    said = "".join(value.html for value in values.values() if isinstance(value, Rich))
    if "data-cid" not in said:
        return values
    return {
        name: tuple(_inside(each, said) for each in value) if isinstance(value, tuple) else value
        for name, value in values.items()
    }


def _inside(file: Upload, html: str) -> Upload:
    cid = file.filename.rpartition(".")[0]
    is_picture = PICTURE.fullmatch(cid) is not None and file.content_type in KINDS
    is_inside = is_picture and f'data-cid="{cid}"' in html
    return replace(file, inline=True, content_id=cid) if is_inside else file


def _raw(own: Field) -> Any:
    if isinstance(own, RichField):
        return own.rich or ""
    sent = [str(value) for value in own.raw_data]
    if isinstance(own, SelectMultipleField):
        return [value for value in sent if value] or ""
    return sent[-1]


def _kept(file: FileStorage) -> Upload:
    return Upload.keep(file.read(), filename=file.filename or "", content_type=file.mimetype or "")


def _first(asked: Input, filling: Filling) -> Any:
    """What the field holds when the form is opened."""
    if asked.name in filling.texts:
        return filling.texts[asked.name]
    value = filling.held.get(asked.name) if asked.keep == "ticket" else None
    return asked.field.default if value is None else to_show(asked.field, value)
