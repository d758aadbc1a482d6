"""Whether our own mail server vouches for the sender: `Authentication-Results` (RFC 8601), believed as little as
possible.

Called before a mail is given a staff member's powers. Anybody can write such a header, so only the topmost one counts,
only with exactly our server's name, and nothing below may speak in that name about the same thing. In doubt: no
(attack 28).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s;="]+)|([;=])')
_LONGEST = 20_000


def dmarc_passed(results: Sequence[str], authserv_id: str, from_domain: str) -> bool:
    """True only if our server says `dmarc=pass` for `from_domain`.

    `results`: all such headers of the mail, topmost first. `authserv_id`: what our server calls itself; without one
    nothing is believed. `from_domain`: the domain of the mail's one From address.
    """
    if not authserv_id or not from_domain or not results:
        return False
    read = [_read(header) for header in results]
    if read[0] is None or any(one is not None and one[0] == authserv_id.lower() and _speaks(one) for one in read[1:]):
        return False
    name, verdicts = read[0]
    said = [verdict for verdict in verdicts if verdict.get("dmarc") is not None]
    if name != authserv_id.lower() or len(said) != 1:
        return False
    return said[0]["dmarc"] == "pass" and said[0].get("header.from", "").rstrip(".") == from_domain.lower().rstrip(".")


def _speaks(one: tuple[str, list[dict[str, str]]]) -> bool:
    return any("dmarc" in verdict for verdict in one[1])


def _read(header: str) -> tuple[str, list[dict[str, str]]] | None:
    """(server, [{"dmarc": "pass", "header.from": …}, …]), or None for a header that is not well formed."""
    bare = _without_comments(header[:_LONGEST])
    if bare is None:
        return None
    groups: list[list[str]] = [[]]
    at = 0
    for found in _TOKEN.finditer(bare):
        if bare[at : found.start()].strip():
            return None
        at = found.end()
        if found[3] == ";":
            groups.append([])
        else:
            # A quoted text can never pass for `=` or a method: it keeps its quote in front.
            groups[-1].append('"' + found[1] if found[1] is not None else found[0].lower())
    if bare[at:].strip() or not groups[0] or len(groups[0]) > 2:
        return None
    verdicts = [_verdict(group) for group in groups[1:] if group]
    return groups[0][0].removeprefix('"'), [verdict for verdict in verdicts if verdict]


def _verdict(words: list[str]) -> dict[str, str]:
    """`method = result name = value …`. What does not read as such pairs says nothing, except that a broken `dmarc` is
    none.
    """
    said: dict[str, str] = {}
    for at in range(0, len(words), 3):
        pair = words[at : at + 3]
        if len(pair) < 3 or pair[1] != "=" or pair[0] in said:
            return {"dmarc": "unclear"} if words[0].startswith("dmarc") else {}
        said[pair[0].split("/")[0] if not at else pair[0]] = pair[2].removeprefix('"').lower()
    return said if "dmarc" not in list(said)[1:] else {}


def _without_comments(value: str) -> str | None:
    """The value with (comments) taken out; None when a comment or a quote never ends."""
    out: list[str] = []
    depth, quoted, escaped = 0, False, False
    for character in value:
        if escaped:
            escaped = False
            if not depth:
                out.append(character)
        elif character == "\\" and (quoted or depth):
            escaped = True
            if not depth:
                out.append(character)
        elif depth:
            depth += (character == "(") - (character == ")")
        elif character == '"':
            quoted = not quoted
            out.append(character)
        elif character == "(" and not quoted:
            depth = 1
            out.append(" ")
        else:
            out.append(character)
    return None if depth or quoted else "".join(out)
