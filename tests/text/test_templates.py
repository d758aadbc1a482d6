"""Texts of the workflow file: what they print, and that nothing can be reached or blown up through them (attacks 83,
84, 42).
"""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.text import sandbox, templates
from helpdesk.text.templates import TemplateFailed, freeze, render
from helpdesk.workflows.field_types import Money

NAMES = {
    "customer": {"name": "Olga <b>", "phone": ""},
    "ticket": {"subject": "{{ 7*7 }} ${7*7} <script>", "tags": ["vip", "late"]},
    "fields": {"price": Money("1250.50", "EUR"), "items": "screws", "consent": True, "size": Decimal("0.30")},
    "action": {"message": {"text": "It is & was\nready", "html": "<p>It is &amp; was<br>ready</p>"}},
    "links": {"cabinet": "https://desk.example/my?a=1&b=2"},
}


def test_values_are_put_in() -> None:
    """W25, W41."""
    text = (
        "Dear {{ customer.name }}, {{ fields.price }} for {{ fields.items }}: {{ action.message }} {{ links.cabinet }}"
    )
    assert render(text, NAMES) == (
        "Dear Olga <b>, 1,250.50 EUR for screws: It is & was\nready https://desk.example/my?a=1&b=2"
    )


def test_in_html_values_and_words_are_escaped_and_what_is_clean_already_is_not() -> None:
    """Attack 1: what a person typed never becomes markup; the message brings its own clean HTML."""
    text = "Dear <{{ customer.name }}>\n{{ action.message }}\n{{ links.cabinet }}"
    assert render(text, NAMES, html=True) == (
        "Dear &lt;Olga &lt;b&gt;&gt;<br>\n<p>It is &amp; was<br>ready</p><br>\n"
        '<a href="https://desk.example/my?a=1&amp;b=2">https://desk.example/my?a=1&amp;b=2</a>'
    )


def test_a_message_without_html_keeps_its_lines() -> None:
    assert (
        render("{{ action.message }}", {"action": {"message": {"text": "a<\nb", "html": ""}}}, html=True)
        == "a&lt;<br>\nb"
    )


def test_what_a_customer_wrote_is_never_a_template() -> None:
    """Attack 83: the subject arrives as it is."""
    assert render("{{ ticket.subject }}", NAMES) == "{{ 7*7 }} ${7*7} <script>"
    assert "49" not in render("{{ ticket.subject }}{{ customer.name }}", NAMES, html=True)


def test_money_compares_as_a_number_and_prints_with_its_currency() -> None:
    assert (
        render("{% if fields.price > 1000 %}dear{% else %}cheap{% endif %} {{ fields.price * 2 }}", NAMES)
        == "dear 2501.00"
    )


def test_lists_yes_and_no_and_what_nobody_filled() -> None:
    assert (
        render("{{ ticket.tags }}|{{ fields.consent }}|{{ fields.serial }}|{{ fields.size }}", NAMES)
        == "vip, late|yes||0.30"
    )
    assert render("{% for tag in ticket.tags %}{{ loop.index }}{{ tag }} {% endfor %}", NAMES) == "1vip 2late "
    assert render("{{ customer.phone | default('no phone', true) }}", NAMES) == "no phone"


@pytest.mark.parametrize("where", ["fields", "asked"])
def test_two_fields_called_text_and_html_are_two_fields(where: str) -> None:
    """Attack 1: what a person entered into a field of that name is no clean HTML, and no less a field."""
    names = freeze({where: {"text": "Olga", "html": "<script>"}})
    with pytest.raises(TemplateFailed):
        render(f"{{{{ {where} }}}}", names, html=True)
    assert render(f"{{{{ {where}.text }}}} {{{{ {where}.html }}}}", names, html=True) == "Olga &lt;script&gt;"


def test_names_can_be_kept_and_used_later() -> None:
    """An outgoing mail is made of what was true when the action ran."""
    frozen = json.loads(json.dumps(freeze(NAMES)))
    text = "{{ fields.price }} {{ action.message }} {{ links.cabinet }}"
    assert freeze(frozen) == frozen
    assert render(text, frozen, html=True) == render(text, NAMES, html=True)


def test_objects_cannot_be_handed_in() -> None:
    """Attack 42: plain data only; whoever passes an object learns it here, not by a leak."""
    with pytest.raises(TypeError):
        freeze({"ticket": object()})


@pytest.mark.parametrize(
    "name", ["nobody", "customer.secret", "customer.name.first", "ticket.cfg.SECRET_KEY", "self", "config"]
)
def test_an_unknown_name_is_an_error_and_prints_nothing(name: str) -> None:
    with pytest.raises(TemplateFailed):
        render("{{ " + name + " }}", NAMES)


BREAKING_OUT = [
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ customer.__class__ }}",
    "{{ customer['__class__'] }}",
    "{{ customer.keys() }}",
    "{{ customer.name.upper() }}",
    "{{ customer.name.format() }}",
    "{{ '{0.__class__}'.format(1) }}",
    "{{ '%c' % 97 }}",
    "{{ customer|attr('__class__') }}",
    "{{ [customer]|map('attr', '__class__')|list }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ joiner.__init__ }}",
    "{{ namespace() }}",
    "{{ lipsum() }}",
    "{{ dict(a=1) }}",
    "{{ range(3) }}",
    "{{ self._TemplateReference__context }}",
    "{{ self.__init__ }}",
    "{{ loop }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% from 'x' import y %}",
    "{% extends 'x' %}",
    "{% block b %}{% endblock %}",
    "{% macro m() %}{% endmacro %}{{ m() }}",
    "{% call x() %}{% endcall %}",
    "{% set x = customer.__class__ %}{{ x }}",
    "{% filter upper %}x{% endfilter %}",
    "{% do customer.clear() %}",
    "{% with x = 1 %}{% endwith %}",
    "{% autoescape false %}{{ customer.name }}{% endautoescape %}",
    "{{ customer.name|safe }}",
    "{{ '<b>'|safe }}",
    "{{ ticket.tags.append('x') }}",
    "{{ caller() }}",
    "{{ config }}",
    "{{ request }}",
    "{{ g }}",
    "{{ ticket.tags|first.__class__ }}",
    "{{ (1).__class__ }}",
    "{{ fields.price.currency }}",
    "{{ fields.price.__class__ }}",
    "{{ action.message.html }}",
    "{{ customer.pop }}",
    "{{ ().__class__ }}",
    "{{ {}.__class__ }}",
    "{{ customer.update }}",
    "{{ customer }}",
    "{% debug %}",
    "{{ _('x') }}",
]


@pytest.mark.parametrize("source", BREAKING_OUT)
def test_nothing_is_reachable_but_the_data(source: str) -> None:
    """Attack 83."""
    with pytest.raises(TemplateFailed) as failed:
        render(source, NAMES)
    assert failed.value.reason == "error"
    assert "Traceback" not in failed.value.sentence
    assert "/" not in failed.value.sentence.replace("{{", "")[:200]


@pytest.mark.parametrize("source", BREAKING_OUT[:8])
def test_the_sandbox_holds_by_itself(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attack 83: the second wall, with the first one (the list of permitted parts) taken away."""
    monkeypatch.setattr(sandbox, "_permit", lambda tree: None)
    sandbox._compiled.cache_clear()
    try:
        with pytest.raises(sandbox.BadTemplateError):
            sandbox.work({"sources": {"a": source}, "names": freeze(NAMES), "html": False})
    finally:
        sandbox._compiled.cache_clear()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{{ 'a' * 1000000000 }}", "error"),
        ("{{ 9 ** 9 ** 9 }}", "error"),
        ("{{ '%999999999d'|format(1) }}", "error"),
        ("{{ 'a'|center(1000000000) }}", "error"),
        ("{{ " + "(" * 5000 + " }}", "error"),
        ("{% if a %}" * 5000, "error"),
        ("x" * 100_001, "error"),
        ("{{ 1" + "+1" * 5000 + " }}", "error"),
        ("{% for a in l %}{% for b in l %}{% for c in l %}{% endfor %}{% endfor %}{% endfor %}", "timeout"),
        ("{% for a in l %}{% for b in l %}{{ w }}{% endfor %}{% endfor %}", "output"),
        ("{% set x = w %}" + "{% set x = x ~ x ~ x ~ x %}" * 12, "memory"),
    ],
)
def test_a_template_that_would_eat_the_machine_is_stopped(source: str, reason: str) -> None:
    """Attack 84: 2 seconds, 128 MB, 1 MB of text."""
    with pytest.raises(TemplateFailed) as failed:
        render(source, {"l": list(range(3000)), "w": "x" * 10_000, "a": 1})
    assert failed.value.reason == reason
    assert render("still {{ a }}", {"a": "there"}) == "still there"


def test_a_failed_part_gives_out_nothing_half_made() -> None:
    """Fault 29."""
    with pytest.raises(TemplateFailed):
        templates.render_all({"subject": "Hello {{ customer.name }}", "body": "{{ nobody }}"}, NAMES)


@pytest.mark.parametrize("more", ["+1", ".a", "['a']", "|lower", " and 1"])
def test_a_check_of_what_is_nested_without_brackets_ends_in_a_sentence(more: str) -> None:
    """Attack 85: such a source is read without recursion, so nothing stops it before it is looked through."""
    with pytest.raises(sandbox.BadTemplateError, match="nested too deeply"):
        sandbox.variables("{{ a" + more * 5000 + " }}")
    assert {path[0] for path in sandbox.variables("{{ a" + more * 40 + " }}")} == {"a"}


def test_variables_of_a_template() -> None:
    assert sandbox.variables("{{ a.b }}{% if c['d'] %}{{ e }}{% endif %}") == {("a", "b"), ("c", "d"), ("e",)}


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="{}%| .'\"abif_()[]0", max_size=60))
def test_no_source_makes_the_check_crash(source: str) -> None:
    with suppress(sandbox.BadTemplateError):
        sandbox.variables(source)
