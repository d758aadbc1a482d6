"""What the workflow file grants, worked out a second time from the bare YAML, for the matrix to hold the desk against.

Deliberately naive and deliberately not the product's code: it reads WORKFLOW.md's "Who may" as a person would.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


class Oracle:
    """The rights of a file, by plain lookups in its YAML."""

    def __init__(self, path: Path) -> None:
        self.desk: dict[str, Any] = yaml.safe_load(path.read_text())

    @property
    def workflows(self) -> dict[str, Any]:
        found: dict[str, Any] = self.desk["workflows"]
        return found

    def counts_as(self, roles: list[str], groups: list[str]) -> set[str]:
        names = set(groups) | set(roles)
        for group in groups:
            names |= set(self.desk["groups"][group].get("roles", []))
        while True:
            more = {inner for name in names for inner in self.desk["roles"].get(name, {}).get("includes", [])}
            if more <= names:
                return names
            names |= more

    def sees(self, names: set[str], workflow: str, state: str) -> bool:
        seers = self.workflows[workflow]["states"][state].get("visible_to")
        return bool(names) and (seers is None or "everyone" in seers or bool(names & set(seers)))

    def offered(self, workflow: str, state: str) -> list[str]:
        spec = self.workflows[workflow]["states"][state]
        always = [] if spec.get("final") else self.workflows[workflow].get("always", [])
        return [*spec.get("actions", []), *always]

    def staff(self, names: set[str], workflow: str, state: str, action: str) -> str:
        """`may`, or the code of the refusal, for staff and a ticket nobody is assigned to."""
        spec = self.workflows[workflow]["actions"][action]
        allowed = spec.get("allow", [])
        if not self.sees(names, workflow, state) or spec.get("automatic"):
            return "not_found"
        if not ("everyone" in allowed or names & set(allowed)):
            return "not_found"
        return "may" if action in self.offered(workflow, state) else "not_now"

    def customer(self, workflow: str, state: str, action: str) -> str:
        """The same for the ticket's own requester."""
        spec = self.workflows[workflow]["actions"][action]
        where = self.workflows[workflow]["states"][state]
        if where.get("hidden_from_customer") or spec.get("automatic") or spec.get("customer") not in ("run", "own"):
            return "not_found"
        answer = where.get("on_message", {}).get("customer")
        return "may" if action in self.offered(workflow, state) or action == answer else "not_now"
