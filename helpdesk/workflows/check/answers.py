"""Ready answers: the files they bring along, and what they ask."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.enclosures import LARGEST, MOST, Beside, Problem
from helpdesk.workflows.filenames import bad_name
from helpdesk.workflows.findings import Finding, did_you_mean
from helpdesk.workflows.schema import Reply


def check(whole: Whole) -> Iterator[Finding]:
    for reply in whole.desk.replies.values():
        yield from _asks_no_files(whole, reply)
        if len(reply.files) > MOST:
            sentence = f"An answer brings at most {MOST} files along."
            yield whole.at_key("too_many_files", sentence, (*reply.path, "files"))
        elif whole.beside is not None:
            yield from _files(whole, reply, whole.beside)


def _asks_no_files(whole: Whole, reply: Reply) -> Iterator[Finding]:
    for field in reply.ask:
        if field.type == "file" and field.path:
            sentence = "A ready answer cannot ask for files."
            hint = "Name those it brings along under `files`; the action itself asks for others."
            yield whole.at_value("file_not_asked", sentence, (*field.path, "type"), hint=hint)


def _files(whole: Whole, reply: Reply, beside: Beside) -> Iterator[Finding]:
    written = whole.places.values
    total = 0
    for number, name in _named(whole, reply):
        looked = beside.look(name)
        path = (*reply.path, "files", str(number))
        if isinstance(looked, Problem):
            offered = [one for one in looked.offered if one not in reply.files]
            hint = _meant(name, offered) or looked.hint
            yield whole.at_value(looked.code, looked.sentence, path, hint=hint)
            continue
        total += looked
        if total > LARGEST and path in written:
            sentence = f"The files of an answer have at most {LARGEST // 1_000_000} MB together."
            yield whole.at_value("file_too_big", sentence, path)
            return


def _named(whole: Whole, reply: Reply) -> Iterator[tuple[int, str]]:
    """The files of an answer with their places in the list; names that are none were told of when they were read."""
    places = (use for use in whole.uses if use.what == "enclosure" and use.path[:-1] == (*reply.path, "files"))
    for use in places:
        if use.text in reply.files and not bad_name(use.text):
            yield int(use.path[-1]), use.text


def _meant(name: str, offered: list[str]) -> str:
    """The file that was meant: nearly so called, or so called in another folder."""
    last = name.rpartition("/")[2].casefold()
    same = next((one for one in offered if one.rpartition("/")[2].casefold() == last), "")
    return f"Did you mean “{same}”?" if same else did_you_mean(name, offered)
