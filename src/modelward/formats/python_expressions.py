"""Expressions of a Python program, with what can be told of their values."""

from __future__ import annotations

import ast
import builtins
from abc import ABC, abstractmethod

from msgspec import Struct, field

from modelward.formats import python_values as values
from modelward.formats.python_calls import Phase, is_sink
from modelward.formats.python_values import UNKNOWN, Value, constant, union

MAX_EXPRESSION_DEPTH = 120
MAX_UNROLLED = 4096

_BUILTINS = frozenset(dir(builtins)) | {"unicode", "raw_input", "execfile", "reload", "long", "unichr"}


class Scope(Struct):
    """Names of one block of code. `owner` is the class whose methods `self` has; `used` what was called."""

    names: dict[str, Value]
    outer: Scope | None = None
    owner: ast.ClassDef | None = None
    returned: list[Value] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def get(self, name: str) -> Value:
        """What a name stands for: of this block, of those around it, or of Python itself."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        if name == "__builtins__":
            return Value("builtins")
        return Value(f"builtins.{name}") if name in _BUILTINS else Value(name)


class Expressions(ABC):
    """The values of expressions. Whoever walks the statements says what a call gives and binds names."""

    def __init__(self) -> None:
        self.classes: dict[ast.ClassDef, Scope] = {}
        self.nesting = 0
        self.steps = 0
        self._depth = 0

    @abstractmethod
    def call(self, node: ast.Call, scope: Scope, phase: Phase) -> Value:
        """Judge a call: what it gives."""

    @abstractmethod
    def bind(self, target: ast.expr, value: Value, scope: Scope, phase: Phase) -> None:
        """Give a name a value."""

    def value(self, node: ast.expr, scope: Scope, phase: Phase) -> Value:
        """The value of an expression; one that nests too deep is unknown."""
        self._depth += 1
        self.steps += 1
        try:
            if self._depth > MAX_EXPRESSION_DEPTH * (1 + self.nesting):
                return UNKNOWN
            return self._expression(node, scope, phase)
        finally:
            self._depth -= 1

    def _expression(self, node: ast.expr, scope: Scope, phase: Phase) -> Value:
        match node:
            case ast.Constant(value=value):
                return constant(value)
            case ast.Name(id=name):
                return scope.get(name)
            case ast.Attribute(value=base):
                return self.member(node, self.value(base, scope, phase), scope)
            case ast.Call():
                return self.call(node, scope, phase)
            case ast.BinOp(left=left, op=op, right=right):
                one, two = self.value(left, scope, phase), self.value(right, scope, phase)
                return values.combine(op, one, two)
            case ast.JoinedStr(values=parts):
                result = constant("")
                for part in parts:
                    inner = part.value if isinstance(part, ast.FormattedValue) else part
                    result = values.add(result, self.value(inner, scope, phase))
                return (
                    result
                    if len(parts) > 1
                    else Value(constant=result.constant, tags=result.tags - {values.BUILT})
                )
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                items = [self.value(part, scope, phase) for part in parts]
                return constant([values.kept(item) for item in items], union(items))
            case ast.Dict(keys=keys, values=parts):
                items = [self.value(part, scope, phase) for part in parts]
                names = [None if key is None else self.value(key, scope, phase) for key in keys]
                return Value(constant=_mapping(names, items), tags=union(items))
            case ast.Subscript(value=base, slice=key):
                return self._subscript(base, key, scope, phase)
            case ast.Lambda(body=body):
                self.value(body, Scope({}, scope, scope.owner), Phase.CALLED)
                return Value("<lambda>", node=node)
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp():
                return self._comprehension(node, scope, phase)
            case ast.NamedExpr(target=target, value=value):
                found = self.value(value, scope, phase)
                self.bind(target, found, scope, phase)
                return found
            case ast.Await(value=inner) | ast.Starred(value=inner):
                return self.value(inner, scope, phase)
            case ast.IfExp() | ast.BoolOp():
                inner_nodes = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
                choices = [self.value(part, scope, phase) for part in inner_nodes]
                best = next((value for value in choices if is_sink(value.name)), None) or next(
                    (value for value in reversed(choices) if value.known or value.name), UNKNOWN
                )
                several = not all(value.known for value in choices)
                return best.tagged(*union(choices), *([values.CHOSEN] if several else ()))
            case _:
                return self._any(node, scope, phase)

    def _any(self, node: ast.AST, scope: Scope, phase: Phase) -> Value:
        found = [
            self.value(child, scope, phase) if isinstance(child, ast.expr) else self._any(child, scope, phase)
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.expr | ast.comprehension | ast.keyword)
        ]
        return Value(tags=union(found))

    def member(self, node: ast.Attribute, base: Value, scope: Scope) -> Value:
        """`base.attr`, or what was given to an object under this name (`a.f = os.system`)."""
        if isinstance(node.value, ast.Name) and (given := scope.names.get(f"{node.value.id}.{node.attr}")):
            return given
        return self.attribute(base, node.attr)

    def attribute(self, base: Value, name: str) -> Value:
        """`base.name`, which may be a member of a class of this file."""
        if isinstance(base.node, ast.ClassDef) and (members := self.classes.get(base.node)):
            own = members.names.get(f"self.{name}") if base.name == "self" else None
            return own or members.names.get(name) or Value(f"{base.name}.{name}", tags=base.tags)
        if name == "executable" and base.name == "sys":
            return constant("python")
        return values.attribute(base, name)

    def _subscript(self, node: ast.expr, key: ast.expr, scope: Scope, phase: Phase) -> Value:
        base = self.value(node, scope, phase)
        if isinstance(key, ast.Slice):
            parts = (key.lower, key.upper, key.step)
            return values.sliced(
                base, [None if part is None else self._index(part, scope, phase) for part in parts]
            )
        return values.subscript(base, self._index(key, scope, phase))

    def _index(self, node: ast.expr, scope: Scope, phase: Phase) -> Value:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            number = self.value(node.operand, scope, phase).constant
            return constant(-number) if isinstance(number, int) else UNKNOWN
        return self.value(node, scope, phase)

    def _comprehension(
        self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, scope: Scope, phase: Phase
    ) -> Value:
        inner = Scope({}, scope, scope.owner)
        first = node.generators[0]
        over = self.value(first.iter, scope, phase)
        items = over.constant if isinstance(over.constant, list | str | bytes) else None
        if (
            items is not None
            and len(node.generators) == 1
            and len(items) <= MAX_UNROLLED
            and isinstance(first.target, ast.Name)
        ):
            results = []
            for item in items:
                inner.names[first.target.id] = constant(item, over.tags)
                results.append(self.value(node.elt, inner, phase))
            if results and all(result.known for result in results):
                return constant([result.constant for result in results], union(results) | {values.BUILT})
            return Value(tags=union(results))
        for generator in node.generators:
            found = self.value(generator.iter, inner, phase)
            self.bind(generator.target, self.item(found), inner, phase)
            for test in generator.ifs:
                self.value(test, inner, phase)
        return Value(tags=self.value(node.elt, inner, phase).tags | over.tags)

    @staticmethod
    def item(value: Value) -> Value:
        """An item of it: the first, if it is a list."""
        if isinstance(value.constant, list | tuple) and value.constant:
            return constant(value.constant[0], value.tags)
        return Value(f"{value.name}[]" if value.name.endswith(")") else "", tags=value.tags)


def _mapping(names: list[Value | None], items: list[Value]) -> dict[str | int, object]:
    """A dictionary as far as its keys are known."""
    return {
        name.constant: values.kept(item)
        for name, item in zip(names, items, strict=True)
        if name is not None and isinstance(name.constant, str | int)
    }
