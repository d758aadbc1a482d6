"""How much one request may carry: files as much as the settings say, words far less (attacks 72 and 93)."""

from __future__ import annotations

from flask import Flask, request

WORDS = 2_000_000  # bytes of a form's fields; the longest message takes half of it in the widest script
PARTS = 500  # fields and files of one form


def init_app(app: Flask) -> None:
    """Refuse what is larger before it is read. The whole body has its own limit, from the settings."""
    app.config.update(MAX_FORM_MEMORY_SIZE=WORDS, MAX_FORM_PARTS=PARTS)
    app.before_request(_bound)


def _bound() -> None:
    if request.mimetype == "application/x-www-form-urlencoded":  # the parser reads such a form in one gulp
        request.max_content_length = WORDS
