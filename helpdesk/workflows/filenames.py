"""Names of files that may be sent along: ways from the workflow file down, written one way on every machine."""

from __future__ import annotations

import re

_ODD = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\\:*?\"<>|]")


def bad_name(text: str) -> str:
    """Why this names no file beside the workflow file, as a sentence; empty if it does."""
    parts = text.split("/")
    if text.startswith("/") or re.match(r"[A-Za-z]:", text):
        return "A file is named by its way from the workflow file, not by its way on this machine."
    if ".." in parts:
        return "A file lies in the folder of the workflow file or below it, not above."
    if _ODD.search(text) or any(not part or part != part.strip() or part == "." for part in parts) or len(text) > 200:
        return "This is no name of a file: a name such as price-list.pdf or papers/price-list.pdf."
    if any(part.startswith(".") for part in parts):
        return "Hidden files are not sent to customers."
    if text.endswith((".yaml", ".yml")):
        return "Files of the workflow itself are not sent to customers."
    return ""
