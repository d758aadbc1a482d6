"""What a reader of YAML stumbled over, in words and at the line that is to blame.

Called by `nodes` with the problem and the text. A reader notices many mistakes only lines later: an open quotation at
the next one, a missing colon at the next key. What is said is where it began.
"""

from __future__ import annotations

import re

import yaml

_SENTENCES = {
    "cannot start any token": "No word begins so: indent with spaces, not tabs, and quote such a text.",
    "mapping values are not allowed": "No colon is expected here: look at the indentation, or quote the text.",
    "could not find expected ':'": "A colon is missing after this key.",
    "did not find expected key": "The indentation does not fit the lines above.",
    "did not find expected '-' indicator": "The list does not go on in the same column.",
    "did not find expected ',' or ']'": "A list in brackets is not closed.",
    "did not find expected ',' or '}'": "A mapping in braces is not closed, or a text in it needs quotation marks.",
    "did not find expected node content": "Something is missing here, between two commas or before a bracket.",
    "did not find expected <document start>": "The file ends before this line: what stands above is whole in itself.",
    "unexpected end of stream": "A quotation mark is not closed.",
    "unknown escape character": "A backslash in double quotes has a meaning of its own here; use single quotes.",
}
_OPENED = re.compile(r"""[:\-,\[{]\s+(["'])""")
_BEGAN_BEFORE = ("could not find expected ':'", "unexpected end of stream", "or ']'", "or '}'")


def explained(problem: yaml.MarkedYAMLError, text: str) -> tuple[str, tuple[int, int]]:
    """A sentence, and the line and column (from 1) it is about."""
    said = problem.problem or ""
    sentence = next((words for part, words in _SENTENCES.items() if part in said), "")
    mark = problem.problem_mark or problem.context_mark
    if problem.context_mark is not None and any(part in said for part in _BEGAN_BEFORE):
        same_line = mark is not None and mark.line == problem.context_mark.line
        mark = mark if same_line and "expected ','" in said else problem.context_mark
    if mark is None:
        return sentence or f"This is not readable as YAML: {said or problem.context}.", (1, 1)
    lines = text.splitlines() or [""]
    line = min(mark.line, len(lines) - 1)  # what is missing at the end is reported there, not behind it
    column = mark.column if line == mark.line else len(lines[line])
    if "cannot start any token" in said and lines[line][column : column + 1] == "\t":
        return "Indent with spaces, not with tabs.", (line + 1, column + 1)
    if "could not find expected ':'" in said and re.match(r"-[^\s-]", lines[line][column:]):
        return "A space is missing after the dash.", (line + 1, column + 1)
    if "mapping values are not allowed" in said and (key := _without_colon(lines, line, column)):
        return key
    if "did not find expected key" in said and (opened := _open_quotation(lines, line)):
        return "A quotation mark is not closed.", opened
    return sentence or f"This is not readable as YAML: {said or problem.context}.", (line + 1, column + 1)


def _without_colon(lines: list[str], line: int, column: int) -> tuple[str, tuple[int, int]] | None:
    """`states` and on the next line `new:`: the word before is a key that lost its colon, or the space behind it."""
    key = lines[line][:column].strip()
    before = next((number for number in range(line - 1, -1, -1) if lines[number].strip()), None)
    if before is None or not key or '"' in key or "'" in key or ": " in key:
        return None
    above = lines[before]
    indent = len(above) - len(above.lstrip())
    words = above.strip().removeprefix("- ")
    if ": " in words or words.endswith((":", ",")) or words.startswith(("#", '"', "'", "[", "{", "|", ">")):
        return None
    if ":" in words:
        return "A space is missing after the colon.", (before + 1, indent + 1)
    return "A colon is missing after this key.", (before + 1, indent + 1)


def _open_quotation(lines: list[str], line: int) -> tuple[int, int] | None:
    """The nearest line above that opens a quotation and does not close it: there a text began that went on too far."""
    for number in range(line, max(-1, line - 60), -1):
        for mark in _OPENED.finditer(lines[number]):
            if lines[number].count(mark[1], mark.start(1)) % 2:
                return number + 1, mark.start(1) + 1
            break
    return None
