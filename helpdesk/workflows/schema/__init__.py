"""The language as frozen dataclasses: attribute names are YAML keys, every mapping is keyed by name, every element
knows its place.

Read by `load`, asked by everybody. Nothing here computes.
"""

from helpdesk.workflows.schema.base import NOWHERE, Element, Means, Position, derived, key
from helpdesk.workflows.schema.desk import (
    RIGHTS,
    Calendar,
    Company,
    Desk,
    EmailTemplate,
    EmailText,
    Expect,
    Given,
    Group,
    Reply,
    Role,
    Route,
    Service,
    Step,
    Test,
    Webhook,
)
from helpdesk.workflows.schema.fields import ASSIGNEE, BUILT_IN, RESERVED, Field, Input, InputSpec
from helpdesk.workflows.schema.sources import (
    After,
    ChatSource,
    EmailSource,
    Fetch,
    FormSource,
    OAuth,
    Source,
    SourceMail,
)
from helpdesk.workflows.schema.values import Assign, Branch, Duration
from helpdesk.workflows.schema.workflow import (
    Action,
    Approve,
    Button,
    Email,
    OnCreate,
    OnMessage,
    ServiceLevel,
    Sms,
    State,
    Timer,
    Workflow,
)

__all__ = [
    "ASSIGNEE", "BUILT_IN", "NOWHERE", "RESERVED", "RIGHTS", "Action", "After", "Approve", "Assign", "Branch",
    "Button", "Calendar", "ChatSource", "Company", "Desk", "Duration", "Element", "Email", "EmailSource",
    "EmailTemplate", "EmailText", "Expect", "Fetch", "Field", "FormSource", "Given", "Group", "Input",
    "InputSpec", "Means", "OAuth", "OnCreate", "OnMessage", "Position", "Reply", "Role", "Route", "Service",
    "ServiceLevel", "Sms", "Source", "SourceMail", "State", "Step", "Test", "Timer", "Webhook", "Workflow",
    "derived", "key",
]  # fmt: skip
