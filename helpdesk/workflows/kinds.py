"""Where actions, channels, field types, strategies and the drivers of services register.

A kind is a class known by the name it has in the YAML (`type: reply`, `type: email`, `by: least_busy`). Registering
is all a new kind needs: no list in another room is edited. Other packages add kinds through the entry points
`helpdesk.actions`, `helpdesk.channels`, `helpdesk.strategies`, `helpdesk.payments` and `helpdesk.sms`; those are looked
at only when a name is not one of ours, so that a check stays quick.

A registered **action** is a dataclass whose fields are its options in the YAML. What else the language asks of it
stands in `actions.base.Action`: the `inputs` it always brings, whether it makes no sense without words
(`needs_message`), the `right` it wants, where it may not stand (`for_staff`, `in_macro`), and the workflow its `to`
leads to, if that is another one (`elsewhere`). The language knows the names of these, not the class.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Kind = TypeVar("Kind", bound=type[Any])


class UnknownKindError(LookupError):
    """No such kind; its text is a sentence."""


class Registry:
    """Kinds of one sort by name. `home` is the module whose import registers ours; `group` the entry points of
    others.
    """

    def __init__(self, noun: str, *, home: str = "", group: str = "") -> None:
        self.noun = noun
        self._home, self._group = home, group
        self._kinds: dict[str, type[Any]] = {}
        self._importing = threading.RLock()
        self._entries: list[Any] | None = None

    def register(self, name: str) -> Callable[[Kind], Kind]:
        """Class decorator: the class is this sort's `name` from now on."""

        def enter(kind: Kind) -> Kind:
            known = self._kinds.get(name)
            if known is not None and (known.__module__, known.__qualname__) != (kind.__module__, kind.__qualname__):
                raise ValueError(f"Two classes want to be the {self.noun} {name}: {known!r} and {kind!r}.")
            self._kinds[name] = kind
            return kind

        return enter

    def find(self, name: str) -> type[Any] | None:
        """The class called `name`, or None."""
        self._come_home()
        if name not in self._kinds:
            for entry in self._foreign():
                if entry.name == name:
                    self._kinds[name] = entry.load()
        return self._kinds.get(name)

    def get(self, name: str) -> type[Any]:
        """The class called `name`; `UnknownKindError` when there is none."""
        kind = self.find(name)
        if kind is None:
            raise UnknownKindError(f"There is no {self.noun} “{name}”.")
        return kind

    def names(self) -> tuple[str, ...]:
        """All names, those of other packages included, sorted."""
        self._come_home()
        return tuple(sorted({*self._kinds, *(entry.name for entry in self._foreign())}))

    def _come_home(self) -> None:
        if not self._home:
            return
        with self._importing:  # a second thread waits until the first has all kinds registered
            module = importlib.import_module(self._home)
            if hasattr(module, "load_all"):
                module.load_all()
            self._home = ""

    def _foreign(self) -> list[Any]:
        if not self._group:
            return []
        if self._entries is None:  # what is installed does not change while we run, and looking takes long
            from importlib.metadata import entry_points  # half of a quick check's time; most desks never need it

            self._entries = list(entry_points(group=self._group))
        return self._entries


actions = Registry("action type", home="helpdesk.actions", group="helpdesk.actions")
channels = Registry("source type", home="helpdesk.workflows.schema.sources", group="helpdesk.channels")
field_types = Registry("field type", home="helpdesk.workflows.field_types")
strategies = Registry("strategy", home="helpdesk.routing.strategies", group="helpdesk.strategies")
payment_drivers = Registry("driver", home="helpdesk.delivery.drivers", group="helpdesk.payments")
sms_drivers = Registry("driver", home="helpdesk.delivery.drivers", group="helpdesk.sms")
services: Mapping[str, Registry] = {"payments": payment_drivers, "sms": sms_drivers}
"""The world outside, by the name an entry of `services` has."""
