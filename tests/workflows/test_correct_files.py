"""No false alarms: correct files in every spelling the language has check clean, without a single warning."""

# ruff: noqa: E501 - a table of spellings reads in lines, however long

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from helpdesk.workflows import check

CORRECT = Path(__file__).parent / "correct"
SHOP, CLINIC = ((CORRECT / name).read_text() for name in ("shop.yaml", "clinic.yaml"))

LAST_FIELD = "  reason: {type: textarea, label: Reason, keep: action}\n"
LAST_ASKED = "          - reason\n"
LAST_ACTION = "      again: {"


def asked(definition: str) -> list[tuple[str, str]]:
    """A field of the file that an action asks for."""
    return [(LAST_FIELD, f"{LAST_FIELD}  extra: {definition}\n"), (LAST_ASKED, f"{LAST_ASKED}          - extra\n")]


def offered(definition: str, *, where: str = "        actions: [answer, finish]") -> list[tuple[str, str]]:
    """One more action, with its button in a state."""
    return [(LAST_ACTION, f"      extra: {definition}\n{LAST_ACTION}"), (where, where.replace("]", ", extra]"))]


def condition(text: str) -> list[tuple[str, str]]:
    return [('when: "fields.refund > 100"', f'when: "{text}"')]


def body(text: str) -> list[tuple[str, str]]:
    return [('body: "Dear {{ customer.name }}, we write soon. {{ links.cabinet }}"', text)]


VARIANTS: dict[str, list[tuple[str, str]]] = {
    # Every type of field
    "text": asked('{type: text, label: T, min: "2", max: "9", pattern: "[a-z]+", default: abc, help: Small letters., required: true}'),
    "textarea": asked('{type: textarea, label: T, max: "2000", keep: action}'),
    "richtext": asked("{type: richtext, label: T}"),
    "number": asked('{type: number, label: T, min: "-5", max: "10.5", default: "3"}'),
    "money": asked('{type: money, label: T, min: "0", default: "12.50"}'),
    "date": asked('{type: date, label: T, min: "2026-01-01", max: "2026-12-31"}'),
    "datetime": asked('{type: datetime, label: T, min: "2026-01-01T08:00"}'),
    "choice": asked("{type: choice, label: T, choices: {on: On, off: Off, 1: One, ja-nein: Maybe}, default: on}"),
    "multichoice": asked('{type: multichoice, label: T, choices: {a: A, b: B}, default: "a,b"}'),
    "checkbox": asked("{type: checkbox, label: T, default: true}"),
    "agreement": asked("{type: agreement, label: I agree, required: true}"),
    "email": asked("{type: email, label: T, pattern: '.+@fernmoss\\.example'}"),
    "phone": asked("{type: phone, label: T}"),
    "url": asked("{type: url, label: T}"),
    "file": asked("{type: file, label: T}"),
    "user": asked("{type: user, label: T}"),
    "group": asked("{type: group, label: T}"),
    "rating": asked('{type: rating, label: T, max: "10"}'),
    "a field in place": [(LAST_ASKED, f'{LAST_ASKED}          - {{name: size, type: text, label: Size, show_if: "fields.gift"}}\n')],
    "a field with other choices here": [("          - gift\n", "          - {use: topic, choices: {parcel: Parcel, lost: Lost}}\n          - gift\n"), ('          - {use: topic, show_if: "fields.refund > 50"}\n', ""), *condition("fields.topic == 'lost'")],
    # Every type of action
    "assign, asked": offered("{type: assign, label: Give, allow: [everyone], assign: ask}"),
    "assign, none": offered("{type: assign, label: Put back, allow: [assignee, lead], only_assignee: true, assign: none}"),
    "assign, a person": offered("{type: assign, label: To Ann, allow: [counter], assign: {user: ann@fernmoss.example}}"),
    "set_fields": offered("{type: set_fields, label: Details, allow: [helper], fields: [order, {use: gift, label: A gift?}]}"),
    "notify": offered('{type: notify, label: Tell, allow: [helper], emails: [{to: [group, "role:packer"], when: "fields.gift", subject: Hi, body: "{{ ticket.ref }}", bcc: [log@fernmoss.example], from: desk@fernmoss.example}]}'),
    "delete": offered("{type: delete, label: Spam, allow: [helper], to: done}"),
    "call": offered("{type: call, label: Call, allow: [helper], fields: [message]}"),
    "macro": offered("{type: macro, label: Note and finish, allow: [helper], run: [note, finish]}"),
    "an action for the customer alone": offered("{type: close, label: It is here, customer: run, to: done}"),
    "a branch that stays": [("          - {to: waiting}\n", "          - {to: same}\n")],
    "branches of one word": [("to: waiting\n        fields: [message, files]", "to: [waiting]\n        fields: [message, files]")],
    "branches that overlap and differ": [("          - {to: waiting}\n", '          - {when: "fields.refund > 50", to: depot}\n          - {when: "fields.refund > 10 and fields.gift", to: new}\n          - {to: waiting}\n')],
    # Conditions
    "and, or, not": condition("(fields.gift or not fields.topic) and fields.refund >= 10.50"),
    "one of several": condition("fields.topic in ['parcel', 'invoice'] and customer.language not in ['de', 'en']"),
    "missing or not": condition("fields.order is defined and customer.company is none"),
    "filters": condition("customer.city | lower | trim == 'tartu' or ticket.subject | length > 20"),
    "sums": condition("(fields.refund * 2 - 10) / 3 > 7"),
    "a choice of two": condition("(fields.refund if fields.gift else 0) > 5"),
    "names of the desk": condition("ticket.state == 'new' and ticket.workflow == 'orders' and ticket.source in ['mail', 'web'] and actor.kind != 'customer' and ticket.group == 'depot'"),
    "a checkbox beside true": condition("fields.gift == true"),
    "texts of people": condition("'refund' in ticket.text or 'vip' in ticket.tags"),
    "a number as a word": condition("fields.order == '12345678'"),
    "an amount to the cent": condition("fields.refund == 100.00"),
    # Texts
    "loops and conditions": body('body: "{% if customer.name %}Dear {{ customer.name }}{% else %}Hello{% endif %}{% for tag in ticket.tags %} #{{ tag }}{% endfor %}"'),
    "filters in texts": body("body: '{{ customer.name | default(\"there\") | title | truncate(20) }} {{ ticket.tags | join(\", \") }}'"),
    "own names": body('body: "{% set who = customer.name %}{{ who | upper }}"'),
    "history": body('body: "{{ history.customer }} {{ links.rate }} {{ company.url }} {{ actor.name }}"'),
    "braces that are no marks": body("body: 'Use {curly} braces, ${MONEY} and {a: 1} as you like'"),
    "a long text over lines": body("body: >-\n      Dear {{ customer.name }},\n      we write soon.\n\n      {{ links.cabinet }}"),
    # YAML
    "quoted keys": [("    label: Counter\n", '    "label": Counter\n'), ("  depot:\n    label: Depot", "  'depot':\n    'label': Depot")],
    "remarks everywhere": [("roles:\n", "roles:   # who is who\n  # three of them\n"), ("    initial: new\n", "    initial: new # of course\n\n\n")],
    "a marker of the document": [("version: 1\n", "---\nversion: 1\n")],
    "words that YAML would take for others": [("    label: Counter\n", "    label: no\n"), ("    label: Depot\n", "    label: 2026-01-01\n"), ("label: Found it", "label: 007")],
    "numbers that are quoted": [("version: 1\n", 'version: "1"\n'), ("            repeat: 3", '            repeat: "3"')],
    "writing from right to left": [("    label: Counter\n", "    label: \u200fدكان\n"), ("        customer_label: Closed\n", "        customer_label: বন্ধ\n")],
    "an emoji for the customer": [("        customer_label: Closed\n", "        customer_label: Closed 🌿\n")],
    "wide indentation": [("    label: Counter\n    roles: [helper]\n", "        label: Counter\n        roles:\n        - helper\n")],
    "the end of a document": [("expect: {state: new, ran: [again]}}\n", "expect: {state: new, ran: [again]}}\n...\n")],
    # Rights and ways
    "everyone sees it": [("        visible_to: [packer, lead]\n", "        visible_to: [everyone]\n")],
    "a group sees it and may": [("        visible_to: [packer, lead]\n", "        visible_to: [depot]\n"), ("allow: [packer, lead], to: new", "allow: [depot], to: new")],
    "hidden from the customer": [("        customer_label: Your money is on its way\n", "        hidden_from_customer: true\n")],
    "a timer in a final state": [("        final: true\n        actions: [again]\n", "        final: true\n        actions: [again]\n        timers: [{after: 1w, do: nudge}]\n")],
    "a button of always in a final state": [("        actions: [again]\n", "        actions: [again, note]\n")],
    "a state that goes": [("      done:\n        label: Done", "      old: {label: Old, hidden_from_customer: true, visible_to: [lead], move_to: done}\n      done:\n        label: Done")],
    "two states that change their names": [("        customer_label: Closed\n", "        customer_label: Closed\n        renamed_from: waiting\n"), ("        customer_label: Please answer\n", "        customer_label: Please answer\n        renamed_from: done\n")],
    "a state renamed": [("        customer_label: Closed\n", "        customer_label: Closed\n        renamed_from: finished\n")],
    "on_message by other alone": [("on_message: {customer: again, staff: note, other: note}", "on_message: {other: note}"), ("{as: customer, writes: It is not here., expect: {state: new, ran: [again]}}", "{as: customer, writes: It is not here., expect: {state: done, ran: [note]}}")],
    "files of an answer": [("body: We are closed on Sundays.}", "body: We are closed on Sundays., files: [price-list.pdf, papers/map.png]}")],
    "two refs that only look alike": [("sources:\n", "  returns: {label: Returns, initial: a, ref: \"O-R-{number}\", states: {a: {label: A, customer_label: A, visible_to: [helper], actions: [z]}, b: {label: B, customer_label: B, visible_to: [helper], final: true}}, actions: {z: {type: close, label: Z, allow: [helper], to: b}}}\nsources:\n")],
    "sources with all their keys": [("    slug: contact\n", "    slug: contact\n    login: required\n    language: de\n    assign: {group: counter}\n"), ("    after: {text: Thank you.}\n", "    after: {text: Thank you., redirect: \"https://fernmoss.example/thanks\"}\n")],
    "a test with a refusal of any kind": [("refused: not_found}", "refused: true}")],
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_what_is_correct_is_clean(name: str) -> None:
    text = SHOP
    for stands, instead in VARIANTS[name]:
        assert stands in text, "the variant must change something"
        text = text.replace(stands, instead, 1)
    assert list(map(str, check.run_text(text).findings)) == []


@pytest.mark.parametrize("text", [SHOP, CLINIC], ids=["shop", "clinic"])
def test_both_desks_are_clean_in_every_style(text: str) -> None:
    """Block or braces, quotes or none, lines of Windows, a mark of byte order: all of it says the same."""
    data = yaml.load(text, yaml.BaseLoader)
    for style in (
        text,
        "\ufeff" + text,
        text.replace("\n", "\r\n"),
        text.rstrip("\n"),
        yaml.safe_dump(data, default_flow_style=False, sort_keys=False, allow_unicode=True),
        yaml.safe_dump(data, default_flow_style=True, sort_keys=False, width=120),
        yaml.safe_dump(data, default_style='"', sort_keys=False),
        yaml.safe_dump(data, default_flow_style=False, sort_keys=True, indent=6),
    ):
        assert list(map(str, check.run_text(style, allow_later=True).findings)) == []


def test_a_folder_may_be_cut_anywhere(tmp_path: Path) -> None:
    """One file for each key of the top, in any order of names."""
    data = yaml.load(SHOP, yaml.BaseLoader)
    for number, key in enumerate(reversed(data)):
        (tmp_path / f"{number:02}-{key}.yml").write_text(yaml.safe_dump({key: data[key]}, sort_keys=False))
    assert list(map(str, check.run_file(tmp_path).findings)) == []
