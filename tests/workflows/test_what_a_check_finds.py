"""Each mistake is found with its code at its very place. `§` in a changed line marks where the finding must point."""

# ruff: noqa: E501 - a table of mistakes reads in lines, however long

from __future__ import annotations

from pathlib import Path

import pytest

from helpdesk.workflows import check
from tests.workflows.mistakes import changed, found

SMALL = (Path(__file__).parent / "small.yaml").read_text()

# code: (what stands in the file, what somebody writes instead)
MISTAKES = [
    # Keys and values
    ("unknown_key", "initial: new", "§inital: new"),
    ("unknown_key", "visible_to: [agent]\n        final", "§visible: [agent]\n        final"),
    ("unknown_key", "sources:\n", "§sourcez:\n"),
    ("unknown_key", "button: {key: r}", "button: {§kee: r}"),
    ("unknown_key", "type: close, label: Close,", "type: close, §methods: {a: A}, label: Close,"),
    ("missing_key", "      done:\n        label: Done\n", "      §done:\n"),
    ("missing_key", "close: {type: close, label: Close,", "§close: {label: Close,"),
    ("missing_key", "  §help:\n    label: Help\n".replace("§", ""), "  §help:\n"),
    ("missing_key", "version: 1\n", "§"),
    ("missing_key", "{after: 2d, do: remind}", "§{after: 2d}"),
    ("wrong_type", "visible_to: [agent]\n        actions: [answer, quote", "visible_to: §agent\n        actions: [answer, quote"),
    ("wrong_type", "      new:\n        label: New", "      new:\n        label: §[New]"),
    ("wrong_type", "kind: {type: choice, label: Kind, choices: {a: A, b: B}}", "kind: {type: choice, label: K, choices: §[a, b]}"),
    ("no_value", "    label: Help\n", "    label:§\n"),
    ("unknown_value", "customer: see", "customer: §sea"),
    ("unknown_value", "may: [create, be_assigned]", "may: [create, §be_asigned]"),
    ("unknown_value", "to: waiting, fields: [message, files], assign: actor", "to: waiting, fields: [message], assign: §acter"),
    ("bad_assign", "assign: {group: front, by: least_busy}", "assign: §{group: front, user: a@b.example}"),
    ("not_true_or_false", "final: true", "final: §yes"),
    ("not_a_number", "{after: 2d, do: remind}", "{after: 2d, do: remind, repeat: §two}"),
    ("not_a_number", 'min: "0.01"', "min: §cheap"),
    ("not_a_number", "why: {type: text, label: Why,", "why: {type: rating, max: §4.5, label: Why,"),
    ("bad_default", "why: {type: text, label: Why,", "why: {type: date, default: §soon, label: Why,"),
    ("bad_default", "why: {type: text, label: Why,", "why: {type: file, default: §a.pdf, label: Why,"),
    ("bad_default", "why: {type: text, label: Why,", "why: {type: rating, default: §4.5, label: Why,"),
    ("bad_default", "why: {type: text, label: Why,", "why: {type: text, pattern: '[0-9]+', default: §many, label: Why,"),
    ("bad_duration", "{after: 2d, do: remind}", "{after: §2 days, do: remind}"),
    ("bad_duration", "{after: 2d, do: remind}", "{after: §1w business, do: remind}"),
    ("bad_name", "  front: {label", "  §1st: {label"),
    ("bad_name", "  price: {type", "  §the-price: {type"),
    ("said_twice", "always: [take]", "always: [take, §take]"),
    ("unknown_version", "version: 1", "version: §2"),
    ("env_not_here", 'subject: "Your {{ ticket.ref }}"', 'subject: §"Your ${env:SECRET}"'),
    # Texts with a form
    ("bad_ref", 'ref: "H-{number}"', 'ref: §"H-number"'),
    ("bad_ref", 'ref: "H-{number}"', 'ref: §"H/{number}"'),
    ("bad_ref", 'ref: "H-{number}"', 'ref: §"2026{number}"'),
    ("bad_slug", "slug: help", "slug: §Help me"),
    ("bad_address", "address: help@acme.example", "address: §help"),
    ("bad_address", "template: receipt}]", "template: receipt, from: §the desk}]"),
    ("bad_language", "languages: [en, et]", "languages: [en, §English]"),
    ("bad_language", "languages: [en, et]", "languages: [en, §cat-valencia-abcdefgh]"),
    ("bad_pattern", "why: {type: text, label: Why,", "why: {type: text, label: Why, pattern: §'[a',"),
    ("bad_hotkey", "button: {key: r}", "button: {key: §ctrl}"),
    ("unknown_color", "button: {key: r}", "button: {color: §greenish}"),
    ("unknown_zone", "timezone: Europe/Tallinn", "timezone: §Europe/Talinn"),
    ("unknown_currency", "currency: EUR", "currency: §EURO"),
    # Names that lead nowhere
    ("unknown_state", "initial: new", "initial: §neu"),
    ("unknown_state", "customer: see, to: waiting", "customer: see, to: §wating"),
    ("unknown_state", "{to: waiting}]", "{to: §wait}]"),
    ("unknown_state", "expect: {state: done", "expect: {state: §doone"),
    ("unknown_action", "always: [take]", "always: [§tkae]"),
    ("unknown_action", "{customer: write, staff: note}\n        timers", "{customer: §wirte, staff: note}\n        timers"),
    ("unknown_action", "after: 2d, do: remind", "after: 2d, do: §remnd"),
    ("unknown_action", "as: agent, do: close", "as: agent, do: §clos"),
    ("unknown_field", "fields: [kind, price]", "fields: [kind, §prize]"),
    ("unknown_field", "{use: price, required", "{use: §prise, required"),
    ("unknown_role", "includes: [agent]", "includes: [§agnet]"),
    ("unknown_role", "as: agent, do", "as: §agnt, do"),
    ("unknown_role_or_group", "allow: [agent], to: done", "allow: [§agents], to: done"),
    ("unknown_role_or_group", "visible_to: [agent]\n        actions: [answer, close]", "visible_to: [§assignee]\n        actions: [answer, close]"),
    ("unknown_group", "assign: {group: front", "assign: {group: §back"),
    ("unknown_email", "template: receipt", "template: §recept"),
    ("unknown_recipient", 'to: ["role:manager"]', "to: [§boss]"),
    ("unknown_recipient", 'to: ["role:manager"]', 'to: [§"role:boss"]'),
    ("unknown_workflow", "address: help@acme.example, workflow: help", "address: help@acme.example, workflow: §halp"),
    ("unknown_source", "given: {source: mail", "given: {source: §male"),
    ("unknown_strategy", "by: least_busy", "by: §laziest"),
    ("unknown_field_type", "kind: {type: choice", "kind: {type: §choise"),
    ("unknown_action_type", "close: {type: close", "close: {type: §shut"),
    ("unknown_source_type", "mail: {type: email", "mail: {type: §post"),
    ("name_taken", "  front: {label", "  §agent: {label"),
    ("name_taken", "  manager: {label", "  §everyone: {label"),
    ("name_taken", "  why: {type", "  §message: {type"),
    ("name_taken", "fields: [name, email, kind, message]", "fields: [name, email, {name: §kind, type: text, label: K}, message]"),
    ("name_reserved", "  why: {type", "  §nonce: {type"),
    ("name_reserved", "fields: [name, email, kind, message]", "fields: [name, email, kind, {name: §website_2, type: text, label: W}, message]"),
    # Inputs
    ("field_twice", "fields: [message, files], assign", "fields: [message, files, §message], assign"),
    ("keep_outside", "show_if: \"fields.price > 10\"}, why]", "show_if: \"fields.price > 10\"}, {use: why, keep: §ticket}]"),
    ("use_and_name", "{use: price, required: true}", "§{use: price, name: cost, required: true}"),
    ("email_without_text", "{to: [customer], template: receipt}", "§{to: [customer]}"),
    ("email_two_texts", "{to: [customer], template: receipt}", "§{to: [customer], template: receipt, subject: Hi}"),
    ("field_never_asked", "  why: {type", "  §size: {type: text, label: Size}\n  why: {type"),
    ("field_never_asked", "fields: [kind, price]", "fields: [kind, price, §{name: size, type: text, label: S}]"),
    ("no_choices", "  kind: {type: choice, label: Kind, choices: {a: A, b: B}}", "  §kind: {type: choice, label: Kind}"),
    ("option_not_here", "  price: {type: money, label: Price,", "  price: {type: money, label: Price, §pattern: x,"),
    ("option_not_here", "  why: {type: text, label: Why,", "  why: {type: text, label: Why, §choices: {a: A},"),
    ("slow_pattern", "why: {type: text, label: Why,", "why: {type: text, label: Why, pattern: §'([a-z]+ ?)+',"),
    ("bad_default", "choices: {a: A, b: B}}", "choices: {a: A, b: B}, default: §c}"),
    ("min_above_max", 'min: "0.01"', 'min: §"9", max: "1"'),
    ("no_message_input", "      note: {type: comment, label: Note, allow: [agent], fields: [message]}", "      §note: {type: comment, label: Note, allow: [agent]}"),
    # Ways
    ("unreachable_state", "      done:\n", "      §lost: {label: L, customer_label: L, visible_to: [agent], actions: [close]}\n      done:\n"),
    ("dead_end", "actions: [answer, close]\n        on_message: {customer: write, staff: note}\n      done", "on_message: {staff: note}\n      done"),
    ("no_final_state", "        final: true\n", ""),
    ("no_default", "to: [{when: \"fields.price > 1000\", to: done}, {to: waiting}]", "to: §[{when: \"fields.price > 1000\", to: done}]"),
    ("branch_never_taken", "{to: waiting}]", "{to: waiting}, §{to: new}]"),
    ("on_enter_loop", "        timers: [{after: 2d, do: remind}]", "        on_enter: [§spin]"),
    ("timer_loop", "after: 2d, do: remind", "after: 2d, do: §spin"),
    # Rights
    ("nobody_sees", "visible_to: [agent]\n        final", "visible_to: §[]\n        final"),
    ("seen_by_all", "      done:\n        label: Done\n        customer_label: Done\n        visible_to: [agent]\n", "      §done:\n        label: Done\n        customer_label: Done\n"),
    ("no_customer_label", "      done:\n        label: Done\n        customer_label: Done\n", "      §done:\n        label: Done\n"),
    ("unused_action", "always: [take]", "always: []"),
    ("nobody_may_run", "      close: {type: close, label: Close, allow: [agent],", "      §close: {type: close, label: Close,"),
    ("automatic_and_allowed", "label: Thank, automatic: true,", "label: Thank, automatic: true, allow: §[agent],"),
    ("automatic_offered", "actions: [again]", "actions: [again, §thank]"),
    ("not_automatic", "on_create: [{do: thank}]", "on_create: [{do: thank}, {do: §close}]"),
    ("needs_input", "after: 2d, do: remind", "after: 2d, do: §answer"),
    ("hotkey_twice", "close: {type: close, label: Close,", "close: {type: close, label: Close, button: {key: §r},"),
    ("includes_loop", "agent: {label: Agent,", "agent: {label: Agent, includes: [§manager],"),
    ("mail_to_nobody", "{to: [customer], template", "{to: §[], template"),
    ("mail_to_nobody", "{to: [customer], template", "{to: [§approvers], template"),
    # Texts and conditions
    ("bad_condition", '"fields.price > 10"', '§"fields.price >"'),
    ("bad_condition", '"fields.price > 10"', '§"fields.price() > 10"'),
    ("bad_template", '"Thank you, {{ customer.name }}."', '§"Thank you, {{ customer.name."'),
    ("bad_template", '"Thank you, {{ customer.name }}."', "§\"{% include 'x' %}\""),
    ("unknown_name", '"Thank you, {{ customer.name }}."', '§"Thank you, {{ customer.nmae }}."'),
    ("unknown_name", '"Thank you, {{ customer.name }}."', '§"Thank you, {{ client.name }}."'),
    ("unknown_name", '"fields.price > 10"', '§"fields.cost > 10"'),
    ("unknown_name", '"Hello {{ asked.who }}"', '§"Hello {{ asked.whom }}"'),
    # Doors
    ("slug_twice", "  form: {type: form, slug: help", "  f2: {type: form, slug: help, label: H, workflow: help, fields: [email]}\n  form: {type: form, slug: §help"),
    ("two_mailboxes", "address: help@acme.example", "address: help@acme.example, fetch: {imap: '${env:A}', pop3: §'${env:B}'}"),
    ("address_twice", "  mail: {type: email, address: help@acme.example", "  m2: {type: email, address: HELP@acme.example, workflow: help}\n  mail: {type: email, address: §help@acme.example"),
    ("bad_undo", "company: {name: Acme", "company: {undo_seconds: §3600, name: Acme"),
    ("answers_elsewhere", "  mail: {type: email, address: help@acme.example", "  mail: {type: email, mail: {reply_to: §boss@acme.example}, address: help@acme.example"),
    ("answers_elsewhere", "  mail: {type: email, address: help@acme.example", "  mail: {type: email, mail: {from: §boss@acme.example}, address: help@acme.example"),
    ("bad_address", "  mail: {type: email, address: help@acme.example", "  mail: {type: email, mail: {bounces: §back+x@acme.example}, address: help@acme.example"),
    ("unknown_name", "  mail: {type: email, address: help@acme.example", "  mail: {type: email, mail: {signature: §'{{ acter.name }}'}, address: help@acme.example"),
    ("unknown_name", "  mail: {type: email, address: help@acme.example", "  mail: {type: email, mail: {signature: §'{{ signature }}'}, address: help@acme.example"),
    ("nobody_to_answer", "label: Help, workflow: help, fields: [name, email, kind, message]", "label: Help, workflow: help, §fields: [name, kind, message]"),
    ("bad_step", "{as: agent, do: close, expect", "§{as: agent, do: close, writes: hello, expect"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "stands", "instead"), MISTAKES)
def test_a_mistake_is_found_at_its_place(code: str, stands: str, instead: str) -> None:
    text = changed(SMALL, stands, instead)
    if "spin" in instead:
        text = text.replace(
            "      thank: {", "      spin: {type: notify, label: Spin, automatic: true, to: new}\n      thank: {"
        )
    found(code, text)


def test_the_untouched_desk_is_clean() -> None:
    assert check.run_text(SMALL).findings == []


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file() -> None:
    text = SMALL.replace("final: true", "final: yes").replace("always: [take]", "always: [tak]").replace("EUR", "EU")
    findings = check.run_text(text).findings
    assert {"unknown_currency", "unknown_action", "not_true_or_false"} <= {finding.code for finding in findings}
    assert [(f.line, f.column) for f in findings] == sorted((f.line, f.column) for f in findings)


def test_a_typo_is_answered_with_the_word_that_was_meant() -> None:
    (finding,) = check.run_text(SMALL.replace("customer: see, to: waiting", "customer: see, to: wating")).findings
    assert finding.hint == "Did you mean “waiting”?"
    assert finding.path == "workflows.help.actions.answer.to"
    assert str(finding).startswith("workflows.yaml:47:97:")
    assert "There is no state “wating”." in str(finding)


def test_what_cannot_be_read_does_not_hide_what_names_it() -> None:
    text = SMALL.replace(
        "      done:\n        label: Done\n        customer_label: Done\n", "      done:\n        label: [x]\n"
    )
    assert "unknown_state" not in {finding.code for finding in check.run_text(text).findings}


def test_a_warning_does_not_keep_a_desk_from_running() -> None:
    loaded = check.run_text(SMALL.replace("visible_to: [agent]\n        final", "final"))
    assert [finding.severity for finding in loaded.findings] == ["warning"]
    assert loaded.desk is not None
