"""`helpdesk workflow …`: the file that describes the desk, a module for each thing people do with it. `writing` one and
`drawing` it open no database of the desk's unless asked to; `changing` the desk, its `past` and `why` ask the running
desk.
"""

from __future__ import annotations

import click

from helpdesk.cli.workflow.changing import apply, plan, replay, rollback
from helpdesk.cli.workflow.drawing import graph
from helpdesk.cli.workflow.past import diff, history, show
from helpdesk.cli.workflow.why import why
from helpdesk.cli.workflow.writing import check, init, schema, test


@click.group()
def workflow() -> None:
    """Check, draw, test and change the workflow file.

    PATH is a file or a folder of .yaml files; without it the one of HELPDESK_WORKFLOWS is meant.
    """


for command in (check, schema, test, init, graph, plan, replay, apply, rollback, history, show, diff, why):
    workflow.add_command(command)
