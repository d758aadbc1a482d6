"""Controls of our own: a message, plain or rich, a box to tick, and a text with words to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from wtforms import Field, StringField, TextAreaField
from wtforms.widgets import html_params

from helpdesk.tickets.rich import Rich


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


class Offering(StringField):
    """A text, with what is likely meant to choose from: values and what is said of each."""

    def __init__(self, *given: Any, offers: Sequence[tuple[str, str]] = (), **more: Any) -> None:
        super().__init__(*given, **more)
        self.offers = offers
