"""`/styleguide`: every part of the look in all its states. For those who write pages.

`create_app` registers it in development, test and demo only. Its people and tickets are made up here; it reads no row.
"""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, make_response, render_template
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired

from helpdesk import clock
from helpdesk.web.gates import for_everyone

bp = Blueprint("styleguide", __name__)

COLORS = "gray slate red orange amber yellow lime green teal cyan blue indigo violet pink".split()
NAMES = [
    "Olga Petrova",
    "Γιώργος Παπαδόπουλος",
    "অনিতা সেনগুপ্ত",
    "محمد الأحمد",
    "王小明",
    "Kadri Mägi",
    "ann@acme.example",
]
STATES: list[dict[str, Any]] = [
    {"label": "New", "color": "green"},
    {"label": "Waiting for the customer", "color": "amber"},
    {"label": "At the workshop", "color": "blue"},
    {"label": "Waiting for approval", "color": "violet"},
    {"label": "Awaiting payment", "color": "red"},
    {"label": "Closed", "color": "gray", "final": True},
]


def _choices(*labels: str) -> list[SelectChoice]:
    return [SelectChoice(label, label) for label in labels]


class Sample(FlaskForm):
    """One field of each kind that the workflow language knows."""

    text = StringField("Text", [InputRequired()], description="Help stands under the field.")
    email = EmailField("Email", render_kw={"autocomplete": "off"})
    number = IntegerField("Number")
    money = StringField("Money", render_kw={"data-kind": "money", "data-unit": "EUR"})
    date = DateField("Date")
    choice = SelectField("Choice, up to four", choices=_choices("Technical", "Billing", "Before buying"))
    more = SelectField("Choice, more", choices=_choices(*COLORS))
    multichoice = SelectMultipleField("Several", choices=_choices("Screen", "Battery", "Keyboard"))
    textarea = TextAreaField("Text of several lines", render_kw={"rows": 3})
    rich = TextAreaField("Rich text", render_kw={"data-kind": "rich", "placeholder": "Write here"})
    rating = RadioField(
        "Rating",
        choices=_choices("Bad", "Poor", "Fair", "Good", "Excellent"),
        default="Good",
        render_kw={"data-kind": "rating"},
    )
    only_billing = StringField("Shown while the choice is Billing")
    files = MultipleFileField("Files")
    switch = BooleanField("A switch", default=True, render_kw={"data-kind": "switch"})
    checkbox = BooleanField("A tick box")
    agreement = BooleanField(
        Markup('I agree to the <a href="#fields">terms</a>'), [InputRequired()], render_kw={"data-kind": "agreement"}
    )
    code = StringField("Code", render_kw={"data-kind": "code"})
    wrong = StringField("With a problem", default="AB12")


@bp.get("/styleguide")
@for_everyone
def guide() -> Response:
    """The whole guide on one page."""
    page = render_template(
        "styleguide/index.html",
        colors=COLORS,
        names=NAMES,
        states=STATES,
        form=_form(),
        rows=_rows(),
        timeline=_timeline(),
        filters=[
            {"label": "All tickets", "url": "#filters", "icon": "inbox", "active": True},
            {"label": "Mine", "url": "#filters", "icon": "circle-user-round", "count": 12},
            {"label": "Unassigned", "url": "#filters", "icon": "circle-dashed", "count": 8},
            *({**state, "url": "#filters", "count": 3} for state in STATES[:3]),
        ],
    )
    return make_response(page)


def _form() -> Sample:
    form = Sample(formdata=None)
    form.only_billing.show_if = ["compare", ["field", "choice", "choice", None], ["eq", ["value", "Billing"]]]
    form.wrong.errors = ["Two letters and six digits, please."]
    return form


def _rows() -> list[dict[str, Any]]:
    subjects = [
        "Printer on fire: smoke from the second tray",
        "Το τιμολόγιο δεν ανοίγει",
        "প্রিন্টার কাজ করছে না",
        "الشاشة مكسورة بعد السقوط",
    ]
    return [
        {
            "ref": f"R-{1042 - number}",
            "url": "#rows",
            "subject": subject,
            "snippet": "It started this morning, right after the update",
            "requester": {"name": NAMES[number]},
            "state": STATES[number],
            "assignee": {"name": "Ann Tamm"} if number % 2 else None,
            "group": "Front line",
            "activity_at": clock.now() - timedelta(hours=3 * number, minutes=4),
            "unread": number == 0,
            "tags": ["vip"] if number == 2 else [],
        }
        for number, subject in enumerate(subjects)
    ]


def _timeline() -> list[dict[str, Any]]:
    ann = {"name": "Ann Tamm", "email": "ann@acme.example"}
    then = clock.now() - timedelta(hours=2)
    sent = {"outcome": "delivered", "to": "olga@example.org", "at": then}
    bounced = {
        "outcome": "failed",
        "to": "m@example.org",
        "at": then,
        "says": "mailbox unavailable",
        "retry_url": "#timeline",
    }
    file = {"name": "tray-2.png", "url": "#timeline", "size": 2_345_678, "content_type": "image/png"}
    return [
        {"kind": "day", "label": "Today"},
        {
            "kind": "in",
            "id": 1,
            "author": {"name": "Olga Petrova", "email": "olga@example.org"},
            "at": then,
            "text": "The printer smokes.\n\nWhat should we do?",
            "files": [file],
            "quoted": "> older words",
        },
        {"kind": "event", "icon": "circle-user-round", "by": "Routing", "says": "gave this to Ann Tamm", "at": then},
        {
            "kind": "out",
            "id": 2,
            "author": ann,
            "at": then,
            "to": ["olga@example.org"],
            "html": Markup("<p>Please keep it <strong>unplugged</strong>.</p>"),
            "deliveries": [sent, bounced],
        },
        {"kind": "event", "icon": "arrow-right", "by": "Ann Tamm", "says": "replied", "state": STATES[1], "at": then},
        {"kind": "unread"},
        {"kind": "note", "id": 3, "author": {"name": "Boris Kask"}, "at": then, "text": "The fuser is under recall."},
        _side_conversation(then),
        {
            "kind": "payment",
            "amount": "120.00 €",
            "method": "Card",
            "reference": "TX-88412",
            "by": "Kadri Mägi",
            "at": then,
        },
    ]


def _side_conversation(then: datetime) -> dict[str, Any]:
    asked = {"kind": "out", "id": 4, "author": {"name": "Ann Tamm"}, "at": then, "text": "What is a new fuser?"}
    came = {
        "kind": "in",
        "id": 5,
        "author": {"name": "Kai Parts", "email": "kai@parts.example"},
        "at": then,
        "text": "40 euro, in two days.",
        "publish": {"label": "Publish", "url": "#timeline"},
    }
    return {
        "kind": "side",
        "number": 1,
        "subject": "A fuser for the 4100",
        "closed": False,
        "with": ["Kai Parts"],
        "who": "Kai Parts",
        "addresses": ["kai@parts.example"],
        "messages": [asked, came],
        "last": {"by": "Kai Parts", "brief": "40 euro, in two days.", "at": then, "theirs": True},
        "reply": {"label": "Ask outside", "url": "#timeline"},
        "close": None,
    }
