"""Walking a Python program in the order in which it runs: its functions and its calls."""

from __future__ import annotations

import ast
from collections.abc import Callable

from modelward.core.regex import regex
from modelward.formats import python_calls as calls
from modelward.formats import python_indirect as indirect
from modelward.formats import python_values as values
from modelward.formats.python_calls import Phase
from modelward.formats.python_effects import result
from modelward.formats.python_expressions import Scope
from modelward.formats.python_statements import Statements
from modelward.formats.python_values import UNKNOWN, Value, union

#: Calls of functions of the same file are followed this deep, and this many in all.
MAX_FOLLOWED_DEPTH = 5
MAX_FOLLOWED = 3000
#: After this many expressions no call is followed.
MAX_STEPS = 400_000

_RUN_LATER = (
    "threading.Thread", "threading.Timer", "multiprocessing.Process", "atexit.register",
    "_thread.start_new_thread", "asyncio.run", "signal.signal", "concurrent.futures.", "builtins.map",
    "builtins.sorted", "builtins.filter", "functools.partial", "functools.reduce", "builtins.list",
)  # fmt: skip


_ESCAPE = regex(
    r"__(?:bases?|mro|class)__.*__subclasses__$|__globals__\.(?:__builtins__|__import__|os|sys|eval|exec|popen)\b"
)


class Walk(Statements):
    """One program. `harm_in` says what a text does that is run as code."""

    def __init__(self, harm_in: Callable[[str], str | None], least: Phase = Phase.CALLED) -> None:
        super().__init__(least)
        self.harm_in = harm_in
        self._followed = 0
        self._active: list[ast.AST] = []
        self._done: dict[ast.AST, Phase] = {}

    def module(self, tree: ast.Module, phase: Phase) -> None:
        """Walk the module as it is imported, then every function that was not called by that."""
        top = Scope({})
        self.block(tree.body, top, phase)
        if tree.body:
            self._reverse_shell(tree.body[0], top, phase)
        at = 0
        while at < len(self.functions):
            node, scope, when = self.functions[at]
            at += 1
            if self._done.get(node, -1) < min(when, phase):
                self._run(node, scope, [], {}, min(when, phase))
            elif node not in self._done:
                self._run(node, scope, [], {}, self.least)

    def _run(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        scope: Scope,
        arguments: list[Value],
        keywords: dict[str, Value],
        phase: Phase,
    ) -> Value:
        """Walk a function's body with these arguments: what it returns."""
        inner = Scope({}, scope, scope.owner)
        named = [*node.args.posonlyargs, *node.args.args]
        if scope.owner is not None and named and not _is_static(node):
            inner.names[named[0].arg] = Value("self", node=scope.owner)
            named = named[1:]
        for index, parameter in enumerate([*named, *node.args.kwonlyargs]):
            given = (
                arguments[index] if index < min(len(arguments), len(named)) else keywords.get(parameter.arg)
            )
            inner.names[parameter.arg] = given or Value(f"<argument {parameter.arg}>")
        for rest in (node.args.vararg, node.args.kwarg):
            if rest is not None:
                inner.names[rest.arg] = Value(tags=union([*arguments, *keywords.values()]))
        self._done[node] = max(phase, self._done.get(node, Phase.CALLED))
        self._active.append(node)
        self.nesting += 1
        try:
            self.block(node.body, inner, phase)
        finally:
            self._active.pop()
            self.nesting -= 1
        self._reverse_shell(node, inner, phase)
        if not inner.returned:
            return UNKNOWN
        last = inner.returned[-1]
        several = any(value.constant != last.constant for value in inner.returned)
        return last.tagged(*union(inner.returned), *([values.PARTIAL] if several else ()))

    def _reverse_shell(self, node: ast.stmt, scope: Scope, phase: Phase) -> None:
        if "os.dup2" in scope.used and scope.used & {"socket.socket().connect", "socket.create_connection"}:
            self.note(node, ("opens a shell to another machine", True), phase)

    def call(self, node: ast.Call, scope: Scope, phase: Phase) -> Value:
        """Judge a call, and follow it into functions of the same file: what it gives."""
        base = self.value(node.func.value, scope, phase) if isinstance(node.func, ast.Attribute) else None
        arguments = [self.value(argument, scope, phase) for argument in node.args]
        keywords = {k.arg or "**": self.value(k.value, scope, phase) for k in node.keywords}
        if base is not None and isinstance(node.func, ast.Attribute):
            callee = self.member(node.func, base, scope)
            if base.known and values.folds(node.func.attr):
                return values.method(base, node.func.attr, arguments)
            if base.known and base.name == "pathlib.Path()":
                arguments = [base, *arguments]
        else:
            callee = self.value(node.func, scope, phase)
        name = calls.normal(callee.name)
        scope.used.add(name)
        if callee.node is not None and callee.name != "self":
            if phase and self.steps > MAX_STEPS:
                self.note(node, calls.hands_on([*arguments, *keywords.values()]), phase)
            return self._follow(callee, arguments, keywords, phase)
        if (inner := indirect.through(callee, name, arguments, keywords)) is not None:
            target, given, named = inner
            if target.node is not None and target.name != "self":
                return self._follow(target, given, named, phase)
            found = self._judged(node, *inner, phase)
            if name.endswith("()"):
                return found
        for value in (*arguments, *keywords.values()) if name.startswith(_RUN_LATER) else ():
            if value.node is not None and value.name != "self":
                self._follow(value, [], {}, phase)
        return self._judged(node, callee, arguments, keywords, phase)

    def _judged(
        self,
        node: ast.Call,
        callee: Value,
        arguments: list[Value],
        keywords: dict[str, Value],
        phase: Phase,
    ) -> Value:
        """Say what a call of something that is not of this file does: what it gives."""
        name = calls.normal(callee.name)
        if phase and not name.startswith(indirect.FOLLOWED):
            self.note(node, calls.hands_on([*arguments, *keywords.values()]), phase)
        if calls.hides(callee, name):
            self.note(node, (f"hides that it calls {name}", True), phase)
        if _ESCAPE.search(name):
            self.note(node, ("reaches for the classes of the interpreter", True), phase)
        self.note(node, self._inner(name, arguments) or calls.judge(name, arguments, keywords, phase), phase)
        return result(node, callee, name, arguments, keywords)

    def _follow(
        self, callee: Value, arguments: list[Value], keywords: dict[str, Value], phase: Phase
    ) -> Value:
        """Call a function or class of this file."""
        node = callee.node
        self._followed += 1
        spent = self._followed > MAX_FOLLOWED or self.steps > MAX_STEPS
        if spent or node in self._active or len(self._active) >= MAX_FOLLOWED_DEPTH:
            return Value(tags=union([*arguments, *keywords.values()]) - {values.ENVIRONMENT})
        if isinstance(node, ast.ClassDef) and node in self.classes:
            members = self.classes[node].names
            for name in ("__new__", "__init__", "__post_init__", "__call__" if callee.name == "self" else ""):
                if (member := members.get(name)) is not None and member.node is not None:
                    self._follow(member, arguments, keywords, phase)
            return Value("self", node=node)
        if isinstance(node, ast.Lambda):
            return self._run_lambda(node, arguments, phase)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            simple = all(
                value.name.startswith("<argument") or not (value.known or value.node) for value in arguments
            )
            if simple and not keywords and phase <= self._done.get(node, -1):
                return Value(tags=union(arguments) - {values.ENVIRONMENT})
            return self._run(node, self.scopes[node], arguments, keywords, phase)
        return Value(tags=union(arguments))

    def _run_lambda(self, node: ast.Lambda, arguments: list[Value], phase: Phase) -> Value:
        inner = Scope({}, self.scopes.get(node))
        for parameter, value in zip(node.args.args, arguments, strict=False):
            inner.names[parameter.arg] = value
        self._active.append(node)
        self.nesting += 1
        try:
            return self.value(node.body, inner, phase)
        finally:
            self._active.pop()
            self.nesting -= 1

    def _inner(self, name: str, arguments: list[Value]) -> calls.Verdict | None:
        """What a text that is run as code does."""
        source = arguments[0].text if arguments and name in ("builtins.exec", "builtins.eval") else None
        if source is None or values.PARTIAL in arguments[0].tags:
            return None
        harm = self.harm_in(source)
        return (f"runs code from a text, which {harm}", True) if harm else None


def _is_static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(part, ast.Name) and part.id == "staticmethod" for part in node.decorator_list)
