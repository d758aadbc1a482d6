"""Text for a cell that a spreadsheet will open, so that no cell is computed (attack 20).

What begins as a formula gets a `'` in front, which makes it words in every spreadsheet: `=`, `+`, `-` and `@`, also in
their wide, small and raised shapes, also behind blanks, quotes and signs that cannot be seen; and what begins with a
tab or a new line. The same behind a `;`, a tab or a new line within the text: where the reader's spreadsheet parts
cells by those, a new cell begins there. Called by whoever writes a table of what people wrote.
"""

from __future__ import annotations

import re

# All that NFKC makes one of `= + - @`, and the minus of typography, which some spreadsheets take for theirs.
_SIGNS = (
    "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207c\u207a\u207b\u208c\u208a\u208b\ufb29\u2a75\u2a76\u2212"
)
_PARTS = ";\t\r\n\v\f\x85\u2028\u2029"  # where another spreadsheet may begin a cell or a line
_UNSEEN = (
    r"\s\"\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uff02\uffa0\ufff9-\ufffb"
)
_RUN = f"[{_UNSEEN}{_PARTS}]"
_BEFORE_A_SIGN = re.compile(rf"(?<!{_RUN}){_RUN}*(?=[{_SIGNS}])")  # from where a run begins: no text takes it long


def cell(text: str) -> str:
    """The text as a spreadsheet shows it and never computes it; unchanged unless it would."""
    guarded = _BEFORE_A_SIGN.sub(_guarded, text)
    return f"'{guarded}" if guarded.startswith(("\t", "\r", "\n")) else guarded


def _guarded(run: re.Match[str]) -> str:
    """What stands before a sign, with a `'` where a cell begins in it."""
    begins = max(run[0].rfind(part) for part in _PARTS) + 1
    if not begins and run.start() > 0:
        return run[0]
    return f"{run[0][:begins]}'{run[0][begins:]}"
