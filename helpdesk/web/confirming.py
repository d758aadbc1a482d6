"""Asking once more before an action runs that asks nothing else (`button.confirm`).

With script a dialog asks where the button is, and says so in the form (static/js/dialog.js). Without, the action's own
page asks: a form of it that has been shown says so too. For the desk and the cabinet alike.
"""

from __future__ import annotations

from flask import request

from helpdesk.web.action_forms import AskForm
from helpdesk.workflows.schema import Action

SAID = "confirmed"


def is_open(spec: Action, form: AskForm) -> bool:
    """Whether the button was pressed and nobody has asked yet. What has a form of its own has asked by showing it."""
    return spec.button.confirm and not form.inputs and SAID not in request.form
