"""The sandbox itself: which part of Jinja a text of the workflow file may use, and how it is rendered.

`work` runs in the child process of `templates`; `variables` and `parsed` only look at the source and run anywhere.
Three walls, each of which holds alone: only listed kinds of nodes are accepted, the sandboxed environment resolves
names in plain dicts only, and the process has its bounds. Imports little, because it is what a child holds in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, Undefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

LONGEST_SOURCE, LONGEST_OUTPUT = 100_000, 1_000_000
DEEPEST = 100  # nodes within each other: `a + a + a` is read without recursion, and then walked and compiled with it

_STATEMENTS = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign, nodes.Operand)
_EXPRESSIONS = (
    nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Compare, nodes.And, nodes.Or, nodes.Not,
    nodes.CondExpr, nodes.Filter, nodes.Test, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.Neg, nodes.Concat,
    nodes.List, nodes.Tuple,
)  # fmt: skip
_LOOP = ("index", "index0", "first", "last", "length", "revindex")
FILTERS = (
    "abs", "capitalize", "default", "first", "join", "last", "length", "lower", "round", "title", "trim",
    "truncate", "upper",
)  # fmt: skip
TESTS = ("defined", "undefined", "none")


class BadTemplateError(ValueError):
    """The template cannot be used; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class OutputError(Exception):
    """The text grew too long."""

    reason = "output"
    sentence = "The text is longer than 1 MB."


def work(payload: dict[str, Any]) -> dict[str, Any]:
    """Render `sources` over `names`; the answer has a text for each."""
    environment = _HTML if payload["html"] else _TEXT
    names = {name: _thawed(value, name) for name, value in payload["names"].items()}
    return {key: _rendered(environment, source, names) for key, source in payload["sources"].items()}


def variables(source: str) -> frozenset[tuple[str, ...]]:
    """The dotted names a template looks at, those it makes itself left out. Raises `BadTemplateError`."""
    tree = parsed(source)
    own = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "store"} | {"loop"}
    return frozenset(path for path in _paths(tree) if path[0] not in own)


def parsed(source: str) -> nodes.Template:
    """The template as a tree of permitted nodes. Raises `BadTemplateError` for anything else."""
    if len(source) > LONGEST_SOURCE:
        raise BadTemplateError("A template has at most 100,000 characters.")
    try:
        tree = _TEXT.parse(source)
    except TemplateError as problem:
        line = getattr(problem, "lineno", 1)
        where = f" (line {line} of the text)" if line and line > 1 else ""
        said = (problem.message or "").rstrip(".")
        raise BadTemplateError(f"The template cannot be read{where}: {said}.") from problem
    except (RecursionError, ValueError, OverflowError) as problem:
        raise BadTemplateError("The template is nested too deeply.") from problem
    _permit(tree)
    return tree


def _permit(tree: nodes.Template) -> None:
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST:
            raise BadTemplateError("The template is nested too deeply.")
        if not isinstance(node, _STATEMENTS + _EXPRESSIONS):
            raise BadTemplateError(f"A template cannot use “{type(node).__name__.lower()}”.")
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise BadTemplateError(f"There is no filter “{node.name}”. There are {', '.join(FILTERS)}.")
        if isinstance(node, nodes.Test) and node.name not in TESTS:
            raise BadTemplateError(f"There is no test “is {node.name}”. There are {', '.join(TESTS)}.")
        waiting += ((child, depth + 1) for child in node.iter_child_nodes())


def _paths(tree: nodes.Node) -> Iterator[tuple[str, ...]]:
    waiting: list[nodes.Node] = [tree]
    while waiting:
        node = waiting.pop()
        path = _path(node)
        if path:
            yield path
        else:
            waiting += node.iter_child_nodes()


def _path(node: nodes.Node) -> tuple[str, ...]:
    """`customer.name` and `customer["name"]` as a tuple; nothing for what is no plain name."""
    steps: list[str] = []
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        if isinstance(node, nodes.Getitem):
            if not isinstance(node.arg, nodes.Const):
                return ()
            steps.append(str(node.arg.value))
        else:
            steps.append(node.attr)
        node = node.node
    return (node.name, *reversed(steps)) if isinstance(node, nodes.Name) and node.ctx == "load" else ()


# Values

# What people entered, by names of the file: `text` and `html` are two fields there.
_BY_FIELD = ("fields", "asked")


class Number(Decimal):
    """An exact number that prints as it was shown: an amount with its currency."""

    shown: str

    def __new__(cls, digits: str, shown: str) -> Number:
        self = super().__new__(cls, digits)
        self.shown = shown
        return self

    def __str__(self) -> str:
        return self.shown


class Rich(str):
    """What somebody wrote: its text, and in HTML its clean HTML."""

    html: str
    __slots__ = ("html",)

    def __new__(cls, text: str, html: str) -> Rich:
        self = super().__new__(cls, text)
        self.html = html
        return self


class Link(str):
    """An address that the desk made itself."""

    __slots__ = ()


class Fields(dict[str, Any]):
    """The ticket's fields: one that nobody filled is empty, not unknown."""


def _thawed(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        if "$number" in value:
            return Number(value["$number"], value["shown"])
        if value.keys() == {"text", "html"} and name not in _BY_FIELD:
            return Rich(value["text"], value["html"])
        inside = {key: _thawed(one) for key, one in value.items()}
        if name == "links":
            return {key: Link(one) if isinstance(one, str) else one for key, one in inside.items()}
        return Fields(inside) if name == "fields" else inside
    if isinstance(value, list):
        return [_thawed(one) for one in value]
    return value


# Rendering


class Sandbox(ImmutableSandboxedEnvironment):
    """Names lead into dicts, numbers into lists, and nowhere else; nothing can be called."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, dict) and isinstance(argument, str):
            if argument in obj:
                return obj[argument]
            return "" if isinstance(obj, Fields) else self.undefined(name=argument)
        if isinstance(obj, list | tuple) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        if isinstance(obj, LoopContext) and argument in _LOOP:
            return getattr(obj, argument)
        return self.undefined(name=str(argument))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        both = (left, right)
        numbers = all(isinstance(one, Decimal | int) and not isinstance(one, bool) for one in both)
        if operator == "+" and all(isinstance(one, str) for one in both):
            return str(left) + str(right)
        if not numbers or operator not in ("+", "-", "*", "/"):
            raise SecurityError(f"“{operator}” works on numbers only.")
        return super().call_binop(context, operator, Decimal(left), Decimal(right))

    def call(self, context: Any, obj: Any, *args: Any, **kwargs: Any) -> Any:
        raise SecurityError("Nothing can be called.")

    def is_safe_callable(self, obj: Any) -> bool:
        return False


def _plain(value: Any) -> Any:
    """How a value prints in a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(_plain(one)) for one in value)
    if isinstance(value, dict):
        raise SecurityError("A whole group of values cannot be printed; name one of them.")
    if isinstance(value, Undefined | str | Decimal | int | float):
        return value
    raise SecurityError("Only values can be printed.")


def _marked_up(value: Any) -> Any:
    """How a value prints in HTML."""
    if isinstance(value, Rich) and value.html:
        return Markup(value.html)  # noqa: S704 - cleaned by text.html before it was stored
    if isinstance(value, Link):
        return Markup('<a href="{0}">{0}</a>').format(value)
    text = _plain(value)
    return text if isinstance(text, Undefined) else _lines(str(text))


def _lines(text: str) -> Markup:
    return Markup(str(escape(text)).replace("\n", "<br>\n"))  # noqa: S704 - escaped just here


def _environment(finalize: Any, *, html: bool) -> Sandbox:
    environment = Sandbox(undefined=StrictUndefined, finalize=finalize, autoescape=html, keep_trailing_newline=True)
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    environment.tests = {name: environment.tests[name] for name in TESTS}
    return environment


_TEXT = _environment(_plain, html=False)
_HTML = _environment(_marked_up, html=True)


def _rendered(environment: Sandbox, source: str, names: dict[str, Any]) -> str:
    parts: list[str] = []
    length = 0
    try:
        for part in _compiled(environment, source).generate(names):
            length += len(part)
            if length > LONGEST_OUTPUT:
                raise OutputError
            parts.append(part)
    except BadTemplateError:
        raise
    except TemplateError as problem:
        raise BadTemplateError(f"{problem.message or type(problem).__name__}".rstrip(".") + ".") from problem
    except ArithmeticError as problem:
        raise BadTemplateError("A number is divided by nothing, or too large.") from problem
    except (TypeError, ValueError) as problem:
        raise BadTemplateError("A value does not fit what is done with it.") from problem
    return "".join(parts)


@lru_cache(maxsize=256)
def _compiled(environment: Sandbox, source: str) -> Template:
    tree = parsed(source)
    if environment is _HTML:
        for words in tree.find_all(nodes.TemplateData):
            words.data = str(_lines(words.data))
    tree.set_environment(environment)
    code = environment.compile(tree)
    return Template.from_code(environment, code, environment.make_globals(None))
