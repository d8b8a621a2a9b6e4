"""The syntax tree of a chat template: what its expressions reach, and what its conditions depend on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from jinja2 import nodes

from modelward.core.regex import regex
from modelward.formats.chat_template_facts import TemplateEscape as Escape
from modelward.formats.chat_template_facts import TemplateSwap as Swap
from modelward.formats.chat_template_text import Texts
from modelward.formats.wordlist import words

_Fact = Escape | Swap

#: Attributes from which the interpreter can be reached.
_INNER = regex(
    r"__\w+__|_TemplateReference__\w+|(?:f|gi_frame|cr_frame|ag_frame|tb|im|func)_(?:globals|builtins|back|frame|func|code|self)|"
    r"gi_frame|gi_code|cr_frame|ag_frame|mro|func_\w+|im_\w+"
)
_DUNDER = regex(r"__\w+(?:__)?|\w+__$")
#: The same in any text that an expression gives: no conversation is laid out with these.
_NAMED = regex(
    r"__(?:class|mro|bases?|subclasses|globals|builtins|import|getattribute|getattr|reduce|reduce_ex|code|closure)__"
)
#: Functions of Python that no template is given.
_PYTHON = words(
    "eval exec compile open getattr setattr delattr hasattr vars globals locals dir breakpoint "
    "memoryview builtins importlib pty shutil ctypes socket requests urllib"
)
_RUNS = words(
    "popen system Popen check_output check_call getoutput eval exec execfile import_module __import__ "
    "load_module spawn execve run_path urlopen"
)
#: Names that Jinja or a web framework gives every template, by way of which its globals are reached.
_GIVEN = words(
    "lipsum cycler joiner url_for get_flashed_messages request self config app session g os sys subprocess"
)
_BY_NAME = words("map selectattr rejectattr groupby sort sum unique min max")

_CONTENT_NAMES = words(
    "content contents message_content user_content user_message user_msg user_input user_query query "
    "prompt last_message last_user_message last_content text message_text question"
)
_CONTENT_KEYS = words("content text")
_METHODS = words(
    "lower upper strip lstrip rstrip split replace title capitalize casefold removeprefix format join encode"
)
_TRIGGERS = words("startswith endswith find count index rfind rindex")
_NOW = words("strftime_now now today date_string current_date datetime")

_INSTRUCTION = regex(
    r"\b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|the\s+|your\s+)*(?:of\s+)?(?:the\s+|your\s+)?"
    r"(?:previous|prior|above|earlier|preceding|system)\s+(?:\w+\s+)?(?:instructions?|prompts?|messages?|rules|guidelines|directions)|"
    r"\bwithout\s+(?:telling|informing|notifying|alerting)\s+the\s+(?:user|human)\b|"
    r"\b(?:secretly|covertly|silently)\s+(?:add|include|insert|append|send|embed|inject|exfiltrate)\b|"
    r"<script[^>]*\bsrc\s*=\s*\\?[\"']?https?://",
    re.IGNORECASE,
)
_LINK_END = regex(r"https?://[^\s)\]}>'\"]*$")
_SPECIAL = regex(r"<[^<>\n]{0,60}>|\[/?[A-Z_]+\]|\{\{|\}\}|/(?:no_?)?think\b|/system_override")
_NATURAL = regex(
    r"(?:\b[^\W\d_]+[,']?\s+){3,}[^\W\d_]{2,}|https?://[^\s]+\.[a-z]|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{6,}"
)


class Tree(Texts):
    """One template. `content` names what holds what was said, `flags` what is set by looking at it."""

    def __init__(self, tree: nodes.Template, where: str, template: str) -> None:
        super().__init__()
        self.tree = tree
        self.where = where
        self.lines = template.split("\n")
        self.content: set[str] = set(_CONTENT_NAMES)
        self.flags: set[str] = set()
        self.dates: set[str] = set()
        #: Names that the template itself gives a meaning.
        self.given: set[str] = set()
        #: Texts that are written as they stand.
        self.written = {
            part
            for output in tree.find_all(nodes.Output)
            for part in output.nodes
            if isinstance(part, nodes.Const)
        }

    def findings(self) -> Iterator[_Fact]:
        """Escapes first, then prompts that change."""
        nodes_in_order = list(_all(self.tree))
        for _ in range(2):  # a name may be used before the place where it is given its value
            for node in nodes_in_order:
                if isinstance(node, nodes.Macro) or (isinstance(node, nodes.Name) and node.ctx != "load"):
                    self.given.add(node.name)
                if isinstance(node, nodes.Assign | nodes.AssignBlock):
                    self._learn(node)
                elif isinstance(node, nodes.If) and self._looks(node.test):
                    self._learn_flags(node)
        seen: set[tuple[int, str]] = set()
        for node in nodes_in_order:
            for fact in (*self._escape(node), *self._swap(node)):
                if (fact.line, fact.what) not in seen:
                    seen.add((fact.line, fact.what))
                    yield fact

    def _fact(self, kind: type, node: nodes.Node, what: str) -> _Fact:
        line = min(max(node.lineno, 1), len(self.lines))
        fact: _Fact = kind(self.where, line, self.lines[line - 1].strip()[:160], what)
        return fact

    # What names stand for

    def _learn(self, node: nodes.Assign | nodes.AssignBlock) -> None:
        name = _target(node.target)
        if name is None or isinstance(node, nodes.AssignBlock):
            return
        self.learn(name, node.node)
        if isinstance(node.node, nodes.Call):  # the fields of a namespace
            for field in node.node.kwargs:
                self.learn(f"{name}.{field.key}", field.value)
        if self._looks(node.node):
            self.flags.add(name)
        elif self._dated(node.node):
            self.dates.add(name)
        elif _derived(node.node, self.content):
            self.content.add(name)

    def _learn_flags(self, node: nodes.If) -> None:
        """Names given a constant where something was said."""
        for branch in (*node.body, *node.else_):
            for inner in branch.find_all(nodes.Assign) if not isinstance(branch, nodes.Assign) else (branch,):
                if isinstance(inner.node, nodes.Const) and (name := _target(inner.target)):
                    self.flags.add(name)

    # Escapes

    def _escape(self, node: nodes.Node) -> Iterator[_Fact]:
        yield from self._python(node)
        match node:
            case nodes.Getattr(node=owner, attr=name):
                if _INNER.fullmatch(name):
                    yield self._fact(Escape, node, f"reaches for {name!r}")
                elif isinstance(owner, nodes.Name) and owner.name in _GIVEN - {"self", "config"}:
                    yield self._fact(Escape, node, f"reaches into {owner.name!r}")
            case nodes.Getitem(node=owner, arg=key):
                text = self.fold(key)
                if text is not None and _INNER.fullmatch(text):
                    yield self._fact(Escape, node, f"reaches for {text!r}")
                elif isinstance(owner, nodes.Const) and isinstance(owner.value, str) and not _is_number(key):
                    yield self._fact(Escape, node, "reaches for an attribute whose name is built")
            case nodes.Filter(name="attr", args=[name, *_]):
                text = self.fold(name)
                if text is None or _DUNDER.search(text) or _INNER.fullmatch(text):
                    yield self._fact(
                        Escape, node, f"reaches for {text or 'an attribute whose name is built'!r}"
                    )
            case nodes.Filter(name=name, args=arguments, kwargs=keywords) if name in _BY_NAME:
                for value in (*arguments, *(keyword.value for keyword in keywords)):
                    text = self.fold(value)
                    if text is not None and "__" in text and _INNER.search(text):
                        yield self._fact(Escape, node, f"reaches for {text!r}")
            case (
                nodes.Call(node=nodes.Getattr(node=owner, attr="format" | "format_map"))
                | nodes.Filter(node=owner, name="format")
            ):
                text = self.fold(owner) if owner is not None else None
                if text and re.search(r"\{[^}]*(?:__|\.mro)", text):
                    yield self._fact(Escape, node, "reaches for attributes by a format")
            case nodes.Call(node=nodes.Getattr(attr=name)) | nodes.Call(node=nodes.Name(name=name)) if (
                name in _RUNS
            ):
                yield self._fact(Escape, node, f"calls {name!r}")
            case nodes.Import() | nodes.FromImport() | nodes.Include() | nodes.Extends():
                yield self._fact(Escape, node, "reads another file")

    def _python(self, node: nodes.Node) -> Iterator[_Fact]:
        """Names of the interpreter's insides, put together from whatever, and what Python would give."""
        match node:
            case nodes.Name(name=name, ctx="load") if _NAMED.fullmatch(name):
                yield self._fact(Escape, node, f"reaches for {name!r}")
            case nodes.Keyword(key=key) if _NAMED.fullmatch(key):
                yield self._fact(Escape, node, f"names {key!r}")
            case (
                nodes.Call(node=nodes.Name(name=name))
                | nodes.Getitem(node=nodes.Name(name=name))
                | nodes.Getattr(node=nodes.Name(name=name))
            ) if name in _PYTHON and name not in self.given:
                yield self._fact(Escape, node, f"reaches for {name!r}, which is Python's")
            case nodes.Call(
                node=nodes.Getitem(
                    arg=nodes.Concat() | nodes.Add() | nodes.Mod() | nodes.Filter() | nodes.Call()
                )
            ):
                yield self._fact(Escape, node, "calls what a name that is built stands for")
            case nodes.Call(node=nodes.Getitem(node=owner, arg=nodes.Getattr() | nodes.Getitem())) if (
                _root(owner) not in self.given
            ):
                yield self._fact(Escape, node, "calls what the conversation names")
            case nodes.Expr() if node not in self.written:
                text = self.fold(node)
                if text is not None and (found := _NAMED.search(text)):
                    yield self._fact(Escape, node, f"names {found.group()!r}")

    # Prompts that change

    def _swap(self, node: nodes.Node) -> Iterator[_Fact]:
        if isinstance(node, nodes.If | nodes.CondExpr):
            yield from self._condition(node)
        if isinstance(node, nodes.TemplateData) or (
            isinstance(node, nodes.Const) and isinstance(node.value, str)
        ):
            text = node.data if isinstance(node, nodes.TemplateData) else node.value
            if found := _INSTRUCTION.search(text):
                yield self._fact(Swap, node, f"puts an instruction into the prompt: {found.group()[:80]!r}")
        if isinstance(node, nodes.Output | nodes.Concat):
            parts = node.nodes
        elif isinstance(node, nodes.Add):
            parts = [node.left, node.right]
        else:
            parts = []
        for before, after in pairwise(parts):
            text = self.fold(before) or self._last_text(before)
            if text and _LINK_END.search(text) and _derived(after, self.content):
                yield self._fact(Swap, node, "puts what was said into a network address")
        replaced = _replacement(node)
        if replaced is not None:
            inner, new = replaced
            if _derived(inner, self.content) and _natural(self.fold(new)):
                yield self._fact(Swap, node, "replaces what was said by other text")

    def _last_text(self, node: nodes.Node) -> str | None:
        """The text that a sum ends with."""
        if isinstance(node, nodes.Add):
            return self.fold(node.right)
        return self.fold(node.nodes[-1]) if isinstance(node, nodes.Concat) else None

    def _condition(self, node: nodes.If | nodes.CondExpr) -> Iterator[_Fact]:
        looks = self._looks(node.test)
        if not looks and not self._dated(node.test):
            return
        if isinstance(node, nodes.CondExpr):
            branches: list[nodes.Node] = [part for part in (node.expr1, node.expr2) if part is not None]
        else:
            branches = [*node.body, *node.else_]
        for branch in branches:
            for text in _texts(branch):
                if _natural(text):
                    on = "what the user says" if looks else "the date"
                    yield self._fact(
                        Swap, node, f"puts text into the prompt that depends on {on}: {text.strip()[:80]!r}"
                    )
                    return

    def _looks(self, test: nodes.Node) -> bool:
        """Whether a test asks if what was said holds, begins with or is some text."""
        for node in _all(test):
            match node:
                case nodes.Compare(expr=left, ops=[nodes.Operand(op="in" | "notin", expr=right)]):
                    if self._trigger(left) and _derived(right, self.content):
                        return True
                case nodes.Compare(expr=left, ops=[nodes.Operand(op="eq" | "ne", expr=right)]):
                    if (self._trigger(left) and _derived(right, self.content)) or (
                        self._trigger(right) and _derived(left, self.content)
                    ):
                        return True
                case nodes.Call(node=nodes.Getattr(node=owner, attr=name), args=[first, *_]) if (
                    name in _TRIGGERS
                ):
                    if _derived(owner, self.content) and self._trigger(first):
                        return True
                case nodes.Filter(name=name) if name.startswith("regex"):
                    return True
                case nodes.Compare(
                    expr=nodes.Filter(node=inner, name="length" | "count"),
                    ops=[nodes.Operand(expr=nodes.Const(value=int(number)))],
                ) if inner is not None and number > 1 and _derived(inner, self.content):
                    return True
                case nodes.Name(name=name) if name in self.flags:
                    return True
                case nodes.Getattr(node=nodes.Name(name=owner), attr=name) if f"{owner}.{name}" in self.flags:
                    return True
        return False

    def _trigger(self, node: nodes.Node) -> bool:
        """A text to look for, that is more than one of the marks which templates are made of."""
        text = self.fold(node)
        if text is None:
            return isinstance(node, nodes.Name) and node.name not in ("role",)
        return len(_SPECIAL.sub("", text).strip()) > 1

    def _dated(self, test: nodes.Node) -> bool:
        for node in _all(test):
            if isinstance(node, nodes.Compare) and any(
                op.op in ("eq", "gt", "gteq", "lt", "lteq") for op in node.ops
            ):
                for inner in _all(node):
                    if isinstance(inner, nodes.Name) and (inner.name in _NOW or inner.name in self.dates):
                        return True
        return False


def _all(root: nodes.Node) -> Iterator[nodes.Node]:
    todo = [root]
    while todo:
        node = todo.pop()
        yield node
        todo += list(node.iter_child_nodes())[::-1]


def _root(node: nodes.Node) -> str | None:
    """The name that a chain of members begins with."""
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        node = node.node
    return node.name if isinstance(node, nodes.Name) else None


def _target(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Name):
        return node.name
    return f"{node.name}.{node.attr}" if isinstance(node, nodes.NSRef) else None


def _derived(root: nodes.Node, names: set[str]) -> bool:
    """Whether an expression is made of what was said (a message's `type` or `role` is not)."""
    todo = [root]
    while todo:
        node = todo.pop()
        key = None
        owner: nodes.Node | None = None
        if isinstance(node, nodes.Getattr):
            key, owner = node.attr if node.attr not in _METHODS else None, node.node
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            key, owner = node.arg.value if isinstance(node.arg.value, str) else None, node.node
        if key is not None:
            name = owner.name if isinstance(owner, nodes.Name) else ""
            if key in _CONTENT_KEYS or f"{name}.{key}" in names:
                return True
        elif isinstance(node, nodes.Name) and node.name in names:
            return True
        else:
            todo += node.iter_child_nodes()
    return False


def _texts(node: nodes.Node) -> Iterator[str]:
    """The texts that a branch writes or gives to a name, not those of conditions within it."""
    todo = [node]
    while todo:
        part = todo.pop()
        match part:
            case nodes.TemplateData(data=text):
                yield text
            case nodes.Const(value=str() as text):
                yield text
            case nodes.If(body=body, else_=orelse, elif_=other):
                todo += [*body, *orelse, *(inner for branch in other for inner in branch.body)]
            case nodes.CondExpr(expr1=one, expr2=two):
                todo += [inner for inner in (one, two) if inner is not None]
            case nodes.Compare() | nodes.Test():
                continue
            case nodes.Call(node=nodes.Name(name="raise_exception")):
                continue
            case _:
                todo += list(part.iter_child_nodes())


def _is_number(key: nodes.Node) -> bool:
    """Whether a text is cut, or one of its letters is taken."""
    return isinstance(key, nodes.Slice | nodes.Neg) or (
        isinstance(key, nodes.Const) and isinstance(key.value, int)
    )


def _natural(text: str | None) -> bool:
    return text is not None and _NATURAL.search(_SPECIAL.sub(" ", text)) is not None


def _replacement(node: nodes.Node) -> tuple[nodes.Node, nodes.Node] | None:
    match node:
        case nodes.Filter(node=inner, name="replace", args=[_, new, *_]) if inner is not None:
            return inner, new
        case nodes.Call(node=nodes.Getattr(node=inner, attr="replace"), args=[_, new, *_]):
            return inner, new
    return None
