"""Texts that the expressions of a chat template give, as far as that is plain without rendering it."""

from __future__ import annotations

import re

from jinja2 import nodes

_MAX_TEXT = 4096


class Texts:
    """Folds expressions of constants. `texts` are those that names of the template stand for."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._folded: dict[nodes.Node, str | None] = {}

    def learn(self, name: str, node: nodes.Node) -> None:
        """Keep what a name stands for, if that is plain and the first that is said of it."""
        text = self.fold(node)
        if text is not None and name not in self.texts:
            self.texts[name] = text
            self._folded.clear()

    def fold(self, node: nodes.Node) -> str | None:
        """The text that an expression gives, where that is plain from the template."""
        if isinstance(node, nodes.Const | nodes.Name):
            return self._fold(node)
        if node not in self._folded:
            self._folded[node] = self._fold(node)
        return self._folded[node]

    def _fold(self, node: nodes.Node) -> str | None:
        match node:
            case nodes.Const(value=value):
                return value if isinstance(value, str) else None
            case nodes.TemplateData(data=data):
                return data
            case nodes.Name(name=name):
                return self.texts.get(name)
            case nodes.Getattr(node=nodes.Name(name=owner), attr=name):
                return self.texts.get(f"{owner}.{name}")
            case nodes.Mul(left=left, right=nodes.Const(value=int(times))):
                text = self.fold(left)
                return None if text is None or len(text) * times > _MAX_TEXT else text * times
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
            mark = re.search(r"%s|%c|\{\d*\}", text)
            if mark is not None:
                text = text[: mark.start()] + (_sign(item) or self.fold(item) or "?") + text[mark.end() :]
        return text


def _sign(item: nodes.Expr) -> str | None:
    """The letter that `%c` makes of a number."""
    if isinstance(item, nodes.Const) and isinstance(item.value, int) and 0 < item.value < 0x110000:
        return chr(item.value)
    return None
