"""What the file says by name becomes the thing itself: inputs become fields, e-mails get their texts, workflows their
fields.

Called by `load` after reading. It knows the rules of inputs (`use` with changes, fields in place, what a type always
brings) and says what does not fit; names of states, actions, roles and the like are looked up by `references`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from helpdesk.workflows import macros
from helpdesk.workflows.findings import Finding, did_you_mean, found
from helpdesk.workflows.scalars import HINTED, Path, Places
from helpdesk.workflows.schema import ASSIGNEE, BUILT_IN, Action, Desk, Email, Field, Input, InputSpec, Source, Workflow

_CHANGES = ("type", "label", "help", "required", "choices", "keep", "min", "max", "pattern", "default", "show_if")


def resolve(desk: Desk, places: Places) -> tuple[Desk, list[Finding]]:
    """The desk with everything in place, and what did not fit."""
    resolver = _Resolver(desk, places)
    workflows = {name: resolver.workflow(workflow) for name, workflow in desk.workflows.items()}
    sources = {name: resolver.source(source, workflows) for name, source in desk.sources.items()}
    replies = {name: dataclasses.replace(r, ask=resolver.asked(r.ask)) for name, r in desk.replies.items()}
    return dataclasses.replace(desk, workflows=workflows, sources=sources, replies=replies), resolver.findings


class _Resolver:
    def __init__(self, desk: Desk, places: Places) -> None:
        self.desk, self.places = desk, places
        self.findings: list[Finding] = []

    def workflow(self, workflow: Workflow) -> Workflow:
        carried: dict[str, Field] = {}
        for spec in _specs(workflow.fields):
            field = self._field(spec, {})
            if field is None:
                continue
            if field.name in carried:
                self._say("field_twice", f"“{field.name}” is carried twice.", spec.path)
            carried[field.name] = field
        actions = {name: self._action(action, carried) for name, action in workflow.actions.items()}
        actions |= {
            name: dataclasses.replace(action, fields=macros.inputs(action, actions))
            for name, action in actions.items()
            if action.type == "macro"
        }
        return dataclasses.replace(workflow, fields=carried, actions=actions)

    def source(self, source: Source, workflows: Mapping[str, Workflow]) -> Source:
        written: Any = source.options
        if not dataclasses.is_dataclass(written) or isinstance(written, type):
            return source
        target = workflows.get(source.workflow)
        carried = target.fields if target else None
        changes = {
            key.name: self._inputs(value, carried, {})
            for key in dataclasses.fields(written)
            if _specs(value := getattr(written, key.name))
        }
        options = dataclasses.replace(written, **changes) if changes else written
        return dataclasses.replace(source, options=options)

    def asked(self, specs: Any) -> tuple[Field, ...]:
        return tuple(field for spec in _specs(specs) if (field := self._field(spec, {})) is not None)

    def _action(self, action: Action, carried: Mapping[str, Field]) -> Action:
        brought = {field.name: field for field in getattr(action.options, "inputs", ())}
        inputs = self._inputs(action.fields, carried, brought)
        listed = {one.name for one in inputs}
        inputs = (*(_built_in(field) for name, field in brought.items() if name not in listed), *inputs)
        if action.assign.how == "ask" and "assignee" not in listed:
            inputs += (_built_in(ASSIGNEE, required=True),)
        return dataclasses.replace(action, fields=inputs, emails=tuple(self._email(email) for email in action.emails))

    def _email(self, email: Email) -> Email:
        """The e-mail with its texts. Naming a template and writing a text are two ways; one of them is needed."""
        template = self.desk.emails.get(email.template or "")
        if email.template is None and (email.subject is None or email.body is None):
            self._say("email_without_text", "An e-mail needs a template, or a subject and a body.", email.path)
        elif email.template is not None and (email.subject is not None or email.body is not None):
            self._say("email_two_texts", "An e-mail has a template or a text of its own, not both.", email.path)
        if template is None:
            return dataclasses.replace(email, subject=email.subject or "", body=email.body or "")
        return dataclasses.replace(email, subject=template.subject, body=template.body)

    def _inputs(
        self, specs: Any, carried: Mapping[str, Field] | None, brought: Mapping[str, Field]
    ) -> tuple[Input, ...]:
        inputs: dict[str, Input] = {}
        for spec in _specs(specs):
            local = {**(carried or {}), **brought}
            field = self._field(spec, local)
            if field is None:
                continue
            if field.name in inputs:
                self._say("field_twice", f"“{field.name}” is asked twice.", spec.path)
                continue
            if field.name in brought:
                field = _still_usable(field, brought[field.name])
            builtin = field.name in brought or (spec.use is not None and field.name in BUILT_IN)
            inputs[field.name] = self._input(field, spec, carried, builtin=builtin)
        return tuple(inputs.values())

    def _input(self, field: Field, spec: InputSpec, carried: Mapping[str, Field] | None, *, builtin: bool) -> Input:
        keep = field.keep or ("ticket" if carried is not None and field.name in carried else "action")
        if keep == "ticket" and carried is not None and field.name not in carried and not builtin:
            hint = "Add it to the workflow's `fields`, or say `keep: action`."
            where = (*spec.path, "keep") if (*spec.path, "keep") in self.places.values else spec.path
            self._say("keep_outside", f"The tickets of this workflow do not carry “{field.name}”.", where, hint)
        return Input(
            name=field.name,
            field=field,
            required=field.required,
            show_if=field.show_if,
            keep="action" if builtin else keep,
            builtin=builtin,
            at=spec.at,
            path=spec.path,
        )

    def _field(self, spec: InputSpec, local: Mapping[str, Field]) -> Field | None:
        """The field that `spec` speaks of, with its changes; None after saying why there is none."""
        changes = {key: value for key in _CHANGES if (value := getattr(spec, key)) is not None}
        if spec.use is not None:
            if spec.name is not None:
                self._say(
                    "use_and_name",
                    "An input has `use` (a field that exists) or `name` (a new one), not both.",
                    spec.path,
                )
            known = {**BUILT_IN, **self.desk.fields, **local}
            if spec.use not in known:
                where = (*spec.path, "use") if (*spec.path, "use") in self.places.values else spec.path
                self._say("unknown_field", f"There is no field “{spec.use[:60]}”.", where, self._meant(spec.use, known))
                return None
            return dataclasses.replace(known[spec.use], **changes)
        if spec.name is None:
            self._say("missing_key", "A field in place needs the key “name”; one that exists needs “use”.", spec.path)
            return None
        for needed in ("type", "label"):
            if getattr(spec, needed) is None:
                self._say("missing_key", f"“{spec.name}” needs the key “{needed}”.", spec.path)
        if spec.name in {**BUILT_IN, **self.desk.fields, **local}:
            where = (*spec.path, "name")
            self._say("name_taken", f"There is already a field “{spec.name}”; take it with `use`.", where)
        return Field(name=spec.name, at=spec.at, path=spec.path, **{"type": "text", "label": spec.name, **changes})

    def _meant(self, word: str, known: Mapping[str, Field]) -> str:
        if len(self.findings) >= HINTED:
            return ""
        labelled = next((name for name, field in known.items() if field.label.casefold() == word.casefold()), "")
        return f"Did you mean “{labelled}”?" if labelled else did_you_mean(word, known)

    def _say(self, code: str, sentence: str, path: Path, hint: str = "") -> None:
        at = self.places.values.get(path) or self.places.keys[path]
        self.findings.append(found(code, sentence, at=at, path=path, hint=hint))


def _still_usable(field: Field, brought: Field) -> Field:
    """What an action type needs for its work stays what it is: asked always if it is required, and of its kind."""
    field = dataclasses.replace(field, type=brought.type)
    return dataclasses.replace(field, required=True, show_if=None) if brought.required else field


def _specs(value: Any) -> tuple[InputSpec, ...]:
    """`value` if it is a list of inputs as written, else nothing."""
    if isinstance(value, Iterable) and not isinstance(value, str | Mapping):
        return tuple(one for one in value if isinstance(one, InputSpec))
    return ()


def _built_in(field: Field, *, required: bool = False) -> Input:
    return Input(name=field.name, field=field, required=required or field.required, show_if=field.show_if, builtin=True)
