"""What was done to a ticket, said in words and signs: the quiet lines of the story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from helpdesk.desk import words
from helpdesk.tickets.models import Event
from helpdesk.workflows import revisions
from helpdesk.workflows.kinds import actions as action_types

VOTES = {"accept": "circle-check", "reject": "circle-x"}
ICONS = {
    "asked": "shield-check",
    "opened": "inbox",
    "filed": "archive",
    "refused": "ban",
    "moved": "route",
    "routed": "route",
    "stopped": "triangle-alert",
    "joined": "git-merge",
    "parted": "git-merge",
    "warned": "timer",
    "breached": "alarm-clock",
    "answered": "users",
    "copied": "user-plus",
}
BEYOND = ("joined", "parted")
# The signs that action types name, as they are called in our sheet of icons.
SIGNS = {
    "bolt": "zap",
    "note": "sticky-note",
    "coins": "banknote",
    "sliders": "sliders-horizontal",
    "trash": "trash-2",
    "undo": "rotate-ccw",
    "message": "message-square",
}


def sentence(event: Event, values: Sequence[Mapping[str, Any]], *, spoken: bool) -> str:
    """What was done, as a sentence without its subject; nothing where the message beside it says it all. `values`: what
    was entered, as this reader reads it.
    """
    label = event.data.get("label") or event.action or ""
    if event.kind == "opened":
        return _("opened this with what was split off from") if event.data.get("split_from") else _("opened the ticket")
    if event.kind in BEYOND or event.data.keys() & {"merge", "split", "taken_back", "side", "copy"}:
        return _beyond(event, label)
    if event.kind == "filed":
        return f"{_('This message was filed.')} {event.data.get('why') or ''}".strip()
    if event.kind == "refused":
        return _("“%(action)s” did not run: %(why)s", action=label, why=event.data.get("why") or "")
    if (its_own := OF_THEIR_OWN.get(event.kind)) is not None:
        return its_own(event)
    if event.kind == "stopped":
        return event.data.get("why") or _("a chain of automatic actions was stopped")
    if event.kind == "asked":
        why = event.data.get("why")
        return f"{_('asked for consent')}. {why}" if why else _("asked for consent again")
    if event.data.get("vote"):
        return _voted(event, label)
    if event.kind == "ran" and spoken and event.from_state == event.to_state and not event.data.get("moved"):
        return ""
    if moved := event.data.get("moved"):
        left = [f"{each['label']} {each['shown']}" for each in moved.get("left") or ()]
        to = _("%(action)s: from %(left)s to %(workflow)s", action=label, left=moved["from"], workflow=moved["to"])
        return _("%(moved)s. Left behind: %(fields)s", moved=to, fields=", ".join(left)) if left else to
    label = _of_sender(event, label)
    entered = [] if spoken else [f"{v['label']} {v['shown'] or '–'}" for v in values]
    said = f"{label}: {', '.join(entered)}" if entered else label
    return f"{said} ({_decided(event.data['approval'])})" if event.data.get("approval") else said


def _of_mail(event: Event) -> str:
    """A report about a mail of ours that is no outcome of it."""
    if event.data["report"] == "complaint":
        return _("was told that %(address)s called a mail of ours spam", address=event.data["to"])
    says = _("was told that a mail has not reached %(address)s yet, and is being tried again", address=event.data["to"])
    return f"{says}: {event.data['why']}" if event.data.get("why") else says


def _voted(event: Event, label: str) -> str:
    """A vote, in the desk's own words or the file's, and for whom it was given."""
    vote = event.data["vote"]
    if event.kind == "voted":
        label = _("approved") if vote["way"] == "accept" else _("rejected")
    return _("%(vote)s for %(name)s", vote=label, name=vote["for"]) if vote.get("for") else label


def _decided(approval: Mapping[str, Any]) -> str:
    """What brought an action about that an approval set off."""
    people = approval.get("by") or ()
    who = ", ".join(
        _("%(name)s for %(other)s", name=each["name"], other=each["for"]) if each.get("for") else each["name"]
        for each in people
    )
    if approval["outcome"] == "accepted":
        return _("approved by %(who)s", who=who)
    return _("rejected by %(who)s", who=who) if approval["outcome"] == "rejected" else _("nobody decided in time")


def _aside(event: Event, side: Mapping[str, Any]) -> str:
    """What was done in a side conversation, whose subject follows."""
    if event.kind == "answered":
        return (
            _("answered by a machine in the side conversation")
            if side["automatic"]
            else _("answered in the side conversation")
        )
    if side.get("begun"):
        return _("asked %(who)s in the side conversation", who=", ".join(side["to"]))
    if side.get("closed"):
        return _("ended the side conversation")
    return _("wrote in the side conversation")


def _of_sender(event: Event, label: str) -> str:
    """The action's name, with what it means for whoever wrote."""
    if "ban" in event.data:
        done = _("the requester is banned") if event.data["ban"] else _("the requester is no longer banned")
        label = f"{label} ({done})"
    if "blocked" in event.data:
        label = f"{label} ({_('mail of %(sender)s is spam from now on', sender=event.data['blocked'])})"
    return label


def _in_copy(copy: Mapping[str, Any]) -> str:
    """Who was let in or taken out."""
    said = [_("added %(who)s in copy", who=", ".join(copy["added"]))] if copy["added"] else []
    said += [_("took %(who)s out of copy", who=", ".join(copy["removed"]))] if copy["removed"] else []
    return ", ".join(said) or _("changed nothing about who is in copy")


def _beyond(event: Event, label: str) -> str:
    """What was done with another ticket, whose name follows, or in a side conversation."""
    if side := event.data.get("side"):
        return _aside(event, side)
    if copy := event.data.get("copy"):
        return _in_copy(copy)
    if event.kind == "joined":
        return _("merged into this:")
    if event.kind == "parted":
        return _("is no longer part of this:")
    if event.data.get("taken_back"):
        return _("“%(action)s” was taken back:", action=label)
    return f"{label}:"


def _of_promise(event: Event) -> str:
    """What became of a promise of the service level."""
    first, percent = event.data.get("promise") == "first_response", event.data.get("percent")
    if event.kind == "breached":
        return _("says that the first response is overdue") if first else _("says that the resolution is overdue")
    if first:
        return _("says that %(percent)s %% of the time for the first response are over", percent=percent)
    return _("says that %(percent)s %% of the time for the resolution are over", percent=percent)


def only_assigns(event: Event, workflow: str) -> bool:
    """Whether the action's whole point was who has the ticket, so that its name adds nothing."""
    return event.from_state == event.to_state and not event.data.get("values") and _type(event, workflow) == "assign"


def assigned(to: dict[str, Any] | None, by: str) -> str:
    """Who has the ticket now, as part of a sentence; nothing where that did not change."""
    if not to or "person" not in to:
        return ""
    person, group = to["person"], words.group(to["group"])
    if person and person == by:
        return _("took it")
    if person and group:
        return _("gave this to %(person)s of %(group)s", person=person, group=group)
    if person or group:
        return _("gave this to %(who)s", who=person or group)
    return _("gave this to nobody")


def icon(event: Event, workflow: str) -> str:
    """The sign of what was done to a ticket of this workflow."""
    if event.data.get("vote"):
        return VOTES.get(event.data["vote"]["way"], "circle")
    kind = _type(event, workflow)
    return icon_of(kind) if kind and event.kind == "ran" else ICONS.get(event.kind, "circle")


def _type(event: Event, workflow: str) -> str | None:
    """The type of the action that ran, if the file still has it: another workflow may call another action so."""
    found = revisions.active().desk.workflows.get(workflow)
    action = found.actions.get(event.action or "") if found else None
    return action.type if action else None


def icon_of(action_type: str) -> str:
    """The sign of an action's type."""
    kind = action_types.find(action_type)
    name = getattr(kind, "icon", "zap")
    return SIGNS.get(name, name)


OF_THEIR_OWN = {"warned": _of_promise, "breached": _of_promise, "reported": _of_mail}
