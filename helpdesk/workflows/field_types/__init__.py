"""What kinds of value a field takes: reading what a person entered, keeping it as text, showing it.

One class a type, registered by name; instances hold nothing. Used by the doors (validation), by pages (which control),
by conditions and templates (the value itself) and by search (its keys). Raises ValueError with a sentence for the
person.
"""

from helpdesk.workflows.field_types import brought, chosen, dates, named, texts
from helpdesk.workflows.field_types.base import FieldType
from helpdesk.workflows.field_types.numbers import Money

__all__ = ["FieldType", "Money", "brought", "chosen", "dates", "named", "texts"]
