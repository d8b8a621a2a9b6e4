"""The syntax tree of a chat template: what its expressions reach, and what its conditions depend on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from jinja2 import nodes

from modelward.formats.wordlist import words

if TYPE_CHECKING:
    from modelward.formats.chat_template import TemplateFact

_MAX_TEXT = 4096

#: Attributes from which the interpreter can be reached.
_INNER = re.compile(
    r"__\w+__|_TemplateReference__\w+|(?:f|gi_frame|cr_frame|ag_frame|tb|im|func)_(?:globals|builtins|back|frame|func|code|self)|"
    r"gi_frame|gi_code|cr_frame|ag_frame|mro|func_\w+|im_\w+"
)
_DUNDER = re.compile(r"__\w+(?:__)?|\w+__$")
_RUNS = words(
    "popen system Popen check_output check_call getoutput eval exec execfile import_module __import__ load_module "
    "spawn execve run_path urlopen"
)
#: Names that Jinja or a web framework gives every template, by way of which its globals are reached.
_GIVEN = words(
    "lipsum cycler joiner url_for get_flashed_messages request self config app session g os sys subprocess"
)
_BY_NAME = words("map selectattr rejectattr groupby sort sum unique min max")

_CONTENT_NAMES = words(
    "content contents message_content user_content user_message user_msg user_input user_query query prompt "
    "last_message last_user_message last_content text message_text question"
)
_CONTENT_KEYS = words("content text")
_METHODS = words(
    "lower upper strip lstrip rstrip split replace title capitalize casefold removeprefix format join encode"
)
_TRIGGERS = words("startswith endswith find count index rfind rindex")
_NOW = words("strftime_now now today date_string current_date datetime")

_INSTRUCTION = re.compile(
    r"\b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|the\s+|your\s+)*(?:of\s+)?(?:the\s+|your\s+)?"
    r"(?:previous|prior|above|earlier|preceding|system)\s+(?:\w+\s+)?(?:instructions?|prompts?|messages?|rules|guidelines|directions)|"
    r"\bwithout\s+(?:telling|informing|notifying|alerting)\s+the\s+(?:user|human)\b|"
    r"\b(?:secretly|covertly|silently)\s+(?:add|include|insert|append|send|embed|inject|exfiltrate)\b|"
    r"<script[^>]*\bsrc\s*=\s*\\?[\"']?https?://",
    re.IGNORECASE,
)
_LINK_END = re.compile(r"https?://[^\s)\]}>'\"]*$")
_SPECIAL = re.compile(r"<[^<>\n]{0,60}>|\[/?[A-Z_]+\]|\{\{|\}\}|/(?:no_?)?think\b|/system_override")
_NATURAL = re.compile(
    r"(?:\b[^\W\d_]{2,}[,']?\s+){3,}[^\W\d_]{2,}|https?://[^\s]+\.[a-z]|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{6,}"
)


class Tree:
    """One template. `sources` names the variables that hold what was said, `flags` those set by looking at it."""

    def __init__(self, tree: nodes.Template, where: str, template: str) -> None:
        self.tree = tree
        self.where = where
        self.lines = template.split("\n")
        self.content: set[str] = set(_CONTENT_NAMES)
        self.flags: set[str] = set()
        self.dates: set[str] = set()
        self.texts: dict[str, str] = {}

    def findings(self) -> Iterator[TemplateFact]:
        """Escapes first, then prompts that change."""
        nodes_in_order = list(_all(self.tree))
        for _ in range(2):  # a name may be used before the place where it is given its value
            for node in nodes_in_order:
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

    def _fact(self, kind: type, node: nodes.Node, what: str) -> TemplateFact:
        line = min(max(node.lineno, 1), len(self.lines))
        fact: TemplateFact = kind(self.where, line, self.lines[line - 1].strip()[:160], what)
        return fact

    # What names stand for

    def _learn(self, node: nodes.Assign | nodes.AssignBlock) -> None:
        name = _target(node.target)
        if name is None or isinstance(node, nodes.AssignBlock):
            return
        if (text := self.fold(node.node)) is not None:
            self.texts[name] = text if name not in self.texts else self.texts[name]
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

    def fold(self, node: nodes.Node) -> str | None:
        """The text that an expression gives, where that is plain from the template."""
        match node:
            case nodes.Const(value=value):
                return value if isinstance(value, str) else None
            case nodes.TemplateData(data=data):
                return data
            case nodes.Name(name=name):
                return self.texts.get(name)
            case nodes.Add(left=left, right=right):
                one, two = self.fold(left), self.fold(right)
                return (one + two)[:_MAX_TEXT] if one is not None and two is not None else None
            case nodes.Concat(nodes=parts):
                folded = [self.fold(part) for part in parts]
                return "".join(part for part in folded if part)[:_MAX_TEXT] if None not in folded else None
            case nodes.Filter(node=inner, name=name, args=arguments) if inner is not None:
                return self._filtered(inner, name, arguments)
            case nodes.Getitem(node=inner, arg=nodes.Slice(step=nodes.Neg())):
                text = self.fold(inner)
                return None if text is None else text[::-1]
            case nodes.Mod(left=left, right=right):
                text = self.fold(left)
                items = right.items if isinstance(right, nodes.Tuple) else [right]
                return None if text is None else self._format(text, items)
            case nodes.Call(node=nodes.Getattr(node=inner, attr=name), args=arguments):
                return self._filtered(inner, name, arguments)
        return None

    def _filtered(self, inner: nodes.Expr, name: str, arguments: list[nodes.Expr]) -> str | None:
        if name == "join":
            parts = inner.items if isinstance(inner, nodes.List | nodes.Tuple) else None
            between = self.fold(arguments[0]) if arguments else ""
            if parts is None:
                parts = (
                    arguments[0].items
                    if arguments and isinstance(arguments[0], nodes.List | nodes.Tuple)
                    else []
                )
                between = self.fold(inner)
            folded = [self.fold(part) for part in parts]
            return (
                (between or "").join(part for part in folded if part)
                if folded and None not in folded
                else None
            )
        text = self.fold(inner)
        if text is None:
            return None
        if name in ("lower", "upper", "strip", "swapcase"):
            return str(getattr(text, name)())
        if name == "reverse":
            return text[::-1]
        if name == "format":
            return self._format(text, arguments)
        if name == "replace" and len(arguments) == 2:
            old, new = map(self.fold, arguments)
            return text.replace(old, new)[:_MAX_TEXT] if old and new is not None else text
        return None

    def _format(self, text: str, items: list[nodes.Expr]) -> str:
        for item in items:
            text = re.sub(r"%s|%c|\{\d*\}", lambda _, filled=self.fold(item) or "?": filled, text, count=1)
        return text

    # Escapes

    def _escape(self, node: nodes.Node) -> Iterator[TemplateFact]:
        from modelward.formats.chat_template import TemplateEscape as Escape

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

    # Prompts that change

    def _swap(self, node: nodes.Node) -> Iterator[TemplateFact]:
        from modelward.formats.chat_template import TemplateSwap as Swap

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
        for before, after in zip(parts, parts[1:], strict=False):
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

    def _condition(self, node: nodes.If | nodes.CondExpr) -> Iterator[TemplateFact]:
        from modelward.formats.chat_template import TemplateSwap as Swap

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
        if isinstance(node, nodes.Getattr):
            key = node.attr if node.attr not in _METHODS else None
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            key = node.arg.value if isinstance(node.arg.value, str) else None
        if key is not None:
            owner = node.node.name if isinstance(node.node, nodes.Name) else ""
            if key in _CONTENT_KEYS or f"{owner}.{key}" in names:
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


def _natural(text: str | None) -> bool:
    return text is not None and _NATURAL.search(_SPECIAL.sub(" ", text)) is not None


def _replacement(node: nodes.Node) -> tuple[nodes.Node, nodes.Node] | None:
    match node:
        case nodes.Filter(node=inner, name="replace", args=[_, new, *_]) if inner is not None:
            return inner, new
        case nodes.Call(node=nodes.Getattr(node=inner, attr="replace"), args=[_, new, *_]):
            return inner, new
    return None
