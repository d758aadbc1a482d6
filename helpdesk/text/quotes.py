"""Cutting a reply out of a mail: what was newly written, apart from the quoted message and the signature.

Called by the mail parser and by whoever shows a message with its rest folded away. Never loses: `rest` holds everything
that was cut, an answer written between the lines is kept whole, and a text that would come out empty is not cut at all.
What a quote's beginning looks like is in `quote_heads`, the phrases of languages in `quote_phrases`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from helpdesk.text import quote_heads as heads
from helpdesk.text import quote_phrases as phrases
from helpdesk.text.html import to_text
from helpdesk.text.readable import QUOTE_MARK, SIGNATURE_MARK

LONGEST = 10_000  # lines looked at; the rest of a longer text is kept as it is


@dataclass(frozen=True)
class Reply:
    """What somebody wrote, and what followed or surrounded it."""

    text: str
    rest: str


def split(text: str, html: str | None = None) -> Reply:
    """Cut `text`; pass `html` (not cleaned) when the mail had no plain text, for it marks quotes better than its text
    does.
    """
    if html is not None:
        text = to_text(html, marks=True)
    lines = [part for line in text.split("\n") for part in phrases.shared_line(line) or (line,)]
    plain = "\n".join(line for line in lines if line not in (QUOTE_MARK, SIGNATURE_MARK))
    cut = _Cutter(lines).cut()
    if not cut.text.strip():
        return Reply(plain.strip("\n"), "")
    return cut


class _Cutter:
    """Decides line by line: `kept` says which lines are the reply."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.bare = [phrases.bare(line) for line in lines[:LONGEST]]
        self.kept = [line not in (QUOTE_MARK, SIGNATURE_MARK) for line in lines]
        self.first = 0  # the first line that is the writer's own, as far as known
        self.end = len(self.bare)  # where the reply ends at the latest

    def cut(self) -> Reply:
        self._fence()
        self._trim()
        self._armour()
        self.end = self._first_divider()
        if self.end < len(self.bare):
            self._drop(self.end, len(self.lines))
        self._attributions()
        self._trailing_quote()
        self._signature()
        text = "\n".join(line for line, keep in zip(self.lines, self.kept, strict=True) if keep)
        rest = "\n".join(
            line
            for line, keep in zip(self.lines, self.kept, strict=True)
            if not keep and line not in (QUOTE_MARK, SIGNATURE_MARK)
        )
        return Reply(re.sub(r"\n{3,}", "\n\n", text).strip("\n").rstrip(), rest.strip("\n"))

    def _fence(self) -> None:
        """Code between ``` lines is nobody's quote."""
        inside = False
        for at, line in enumerate(self.bare):
            if line.startswith("```"):
                inside = not inside
            elif inside:
                self.bare[at] = "code"
        if inside:
            self.bare = [phrases.bare(line) for line in self.lines[:LONGEST]]

    def _trim(self) -> None:
        while self.end and not self.bare[self.end - 1]:
            self.end -= 1

    def _armour(self) -> None:
        """The words of a text that is signed inside itself (RFC 4880, 7) stand between its heads and its signature."""
        first = heads.next_written(self.bare, 0, self.end)
        if first >= self.end or self.bare[first] != "-----BEGIN PGP SIGNED MESSAGE-----":
            return
        for at in range(first, self.end):
            if self.bare[at] == "-----BEGIN PGP SIGNATURE-----":
                self._drop(at, len(self.lines))
                self.end = at
                break
            if self.lines[at].startswith("- -"):
                self.lines[at] = self.lines[at][2:]
                self.bare[at] = phrases.bare(self.lines[at])
        while first < self.end and self.bare[first]:
            self._drop(first, first + 1)
            first += 1

    def _drop(self, begin: int, end: int) -> None:
        self.kept[begin:end] = [False] * (end - begin)

    def _first_divider(self) -> int:
        """Where another message begins for good: our own marker, a drawn line, a head of From/Sent/To lines."""
        for at in range(self._past_forwarded_head(), self.end):
            line = self.bare[at]
            if not line:
                continue
            if self.lines[at] == QUOTE_MARK and self._written_before(at):
                return self._without_rule_above(at)
            if phrases.is_reply_marker(line):
                return self._without_rule_above(at)
            if not self._written_before(at):
                continue
            if phrases.is_divider(line) or (phrases.is_rule(line) and heads.begins(self.bare, at + 1, self.end)):
                return at
            if heads.begins(self.bare, at, self.end):
                return self._without_rule_above(at)
        return len(self.bare)

    def _past_forwarded_head(self) -> int:
        """A mail that is forwarded without a word begins with the head of another: what follows it is the message."""
        at = heads.next_written(self.bare, 0, self.end)
        if at < self.end and phrases.is_divider(self.bare[at]):
            at = heads.next_written(self.bare, at + 1, self.end)
        if at >= self.end or not heads.begins(self.bare, at, self.end):
            return 0
        while at < self.end and self.bare[at]:
            at += 1
        if heads.next_written(self.bare, at, self.end) < self.end:
            self._drop(0, at)
            return at
        return 0

    def _written_before(self, at: int) -> bool:
        while self.first < at and (not self.kept[self.first] or not self.bare[self.first] or self._quoted(self.first)):
            self.first += 1  # lines are only ever dropped, so nothing before this one comes back
        return self.first < at

    def _quoted(self, at: int) -> bool:
        return self.bare[at].startswith(">")

    def _without_rule_above(self, at: int) -> int:
        above = at - 1
        while above >= 0 and not self.bare[above]:
            above -= 1
        drawn = above >= 0 and (phrases.is_rule(self.bare[above]) or phrases.is_divider(self.bare[above]))
        return above if drawn else at

    def _attributions(self) -> None:
        """`On … wrote:` lines and what they introduce."""
        at = 0
        while at < self.end:
            if not self.kept[at] or not self.bare[at] or self._quoted(at):
                at += 1
                continue
            length = heads.attribution(self.bare, at, self.end)
            if not length:
                at += 1
                continue
            self._cut_at_attribution(at, at + length)
            at += length

    def _cut_at_attribution(self, at: int, after: int) -> None:
        """Quoted lines follow: cut them, and keep what is written below unless it answers between the lines."""
        place = heads.next_written(self.bare, after, self.end)
        if place >= self.end or not self._quoted(place):
            if self._written_before(at):
                self._drop(at, len(self.lines))
                self.end = at
            elif place < self.end:
                self._drop(at, after)
            return
        blocks = [*islice(self._written_blocks(place), 2)]  # of more nothing is cut, and each look at all is a long way
        if not blocks:
            self._drop(at, len(self.lines))
            self.end = at
        elif len(blocks) == 1 and blocks[0][1] >= self.end and not self._written_before(at):
            self._drop(at, blocks[0][0])  # the whole answer stands below the quote
        elif len(blocks) == 1 and self._only_signature(blocks[0][0]):
            self._drop(at, len(self.lines))
            self.end = at

    def _written_blocks(self, at: int) -> Iterator[tuple[int, int]]:
        """Stretches of unquoted text from here to the end."""
        begin = -1
        wrapped = False
        for place in range(at, self.end + 1):
            quoted = place < self.end and (self._quoted(place) or (not self.bare[place] and begin < 0))
            if place < self.end and not quoted and begin < 0 and wrapped and self._is_wrapped_tail(place):
                continue
            if place < self.end and not quoted:
                begin = place if begin < 0 else begin
            elif begin >= 0:
                yield begin, place
                begin = -1
            wrapped = place < self.end and self._quoted(place)

    def _is_wrapped_tail(self, at: int) -> bool:
        """Whether a line is the end of a quoted one that a mail program broke without quoting it again."""
        above = self.lines[at - 1]
        broken = len(above) > 65 or any(
            above.count(opening) > above.count(closing) for opening, closing in ("()", "[]")
        )
        return broken and at + 1 < self.end and self._quoted(at + 1)

    def _only_signature(self, at: int) -> bool:
        return phrases.is_signature_line(self.bare[at]) or phrases.is_mobile_footer(self.bare[at])

    def _trailing_quote(self) -> None:
        """A quote at the very end that nobody introduced."""
        at = self.end
        while at and (not self.kept[at - 1] or not self.bare[at - 1]):
            at -= 1
        last = at
        while at and (self._quoted(at - 1) or not self.bare[at - 1]):
            at -= 1
        if at < last and self._written_before(at) and any(self._quoted(place) for place in range(at, last)):
            self._drop(at, last)
            self.end = at

    def _signature(self) -> None:
        """`-- `, the footers of phones and what a program marked as signature: at the end, after something was
        written.
        """
        last_quoted = self._last_quoted()
        for at in range(self.end):
            line = self.bare[at]
            if not (line or self.lines[at] == SIGNATURE_MARK) or not self._written_before(at):
                continue
            if (self._is_signature(at) and at > last_quoted) or self._is_footer(at):
                self._drop(at, self.end)
                return

    def _is_signature(self, at: int) -> bool:
        """`-- ` stands above one by custom; without the blank it may be a line somebody drew, unless little follows."""
        if self.lines[at] in (SIGNATURE_MARK, "-- "):
            return True
        return self.kept[at] and phrases.is_signature_line(self.bare[at]) and self._lines_below(at, 13) <= 12

    def _is_footer(self, at: int) -> bool:
        line = self.bare[at]
        if not self.kept[at] or not line:
            return False
        if phrases.is_mobile_footer(line):
            return self._lines_below(at, 5) <= 4
        return line.startswith("_" * 20) and self.end - at < 20 and phrases.is_list_footer(self._below(at))

    def _last_quoted(self) -> int:
        at = self.end - 1
        while at >= 0 and not (self.kept[at] and self._quoted(at)):
            at -= 1
        return at

    def _below(self, at: int) -> list[str]:
        return [self.bare[place] for place in range(at + 1, self.end) if self.bare[place]]

    def _lines_below(self, at: int, most: int) -> int:
        written = (place for place in range(at + 1, self.end) if self.kept[place] and self.bare[place])
        return len(list(islice(written, most)))
