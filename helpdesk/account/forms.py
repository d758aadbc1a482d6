"""What the pages of /account ask."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, HiddenField, PasswordField, StringField, ValidationError
from wtforms.validators import DataRequired, EqualTo, Length

from helpdesk.people import passwords
from helpdesk.people.models import Person
from helpdesk.text import plain

ASKED = DataRequired(_l("Please fill this in."))


class SignInForm(FlaskForm):
    email = EmailField(
        _l("E-mail"),
        [ASKED, Length(max=320)],
        filters=[lambda typed: plain.line(typed or "")],  # no NUL, which PostgreSQL cannot be asked about
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(_l("Password"), [ASKED], render_kw={"autocomplete": "current-password"})
    next = HiddenField()


class CodeForm(FlaskForm):
    code = StringField(_l("Code"), [ASKED, Length(max=20)], render_kw={"data-kind": "code", "maxlength": "7"})


class SetUpForm(FlaskForm):
    code = StringField(
        _l("The six digits it shows"), [ASKED, Length(max=20)], render_kw={"data-kind": "code", "maxlength": "7"}
    )
    password = PasswordField(_l("Your password"), [ASKED], render_kw={"autocomplete": "current-password"})


class ForgottenForm(FlaskForm):
    email = EmailField(_l("E-mail"), [ASKED, Length(max=320)], render_kw={"autocomplete": "username"})


class NewPasswordForm(FlaskForm):
    """A new password, twice. `about`: whose it will be."""

    password = PasswordField(
        _l("New password"), [ASKED], render_kw={"autocomplete": "new-password", "minlength": str(passwords.SHORTEST)}
    )
    again = PasswordField(
        _l("The same again"),
        [ASKED, EqualTo("password", _l("The two are not the same."))],
        render_kw={"autocomplete": "new-password"},
    )

    def __init__(self, *args: Any, about: Person | None = None, **named: Any) -> None:
        super().__init__(*args, **named)
        self.about = about

    def validate_password(self, field: Field) -> None:
        if problem := passwords.problem_with(field.data or "", about=self.about):
            raise ValidationError(_(problem))


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField(_l("Current password"), [ASKED], render_kw={"autocomplete": "current-password"})

    field_order = ("current", "password", "again")

    def __iter__(self) -> Any:
        named = {field.name: field for field in super().__iter__()}
        yield from (named.pop(name) for name in self.field_order)
        yield from named.values()
