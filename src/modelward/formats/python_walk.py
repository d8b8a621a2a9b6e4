"""Walking a Python program in the order in which it runs, with what can be told of its values."""

from __future__ import annotations

import ast
from collections.abc import Callable

from modelward.core.regex import regex
from modelward.formats import python_calls as calls
from modelward.formats import python_indirect as indirect
from modelward.formats import python_values as values
from modelward.formats.python_calls import Phase
from modelward.formats.python_effects import result
from modelward.formats.python_expressions import Expressions, Scope
from modelward.formats.python_values import UNKNOWN, Value, constant, union
from modelward.formats.wordlist import words

#: Calls of functions of the same file are followed this deep, and this many in all.
MAX_FOLLOWED_DEPTH = 5
MAX_FOLLOWED = 3000
#: After this many expressions no call is followed.
MAX_STEPS = 400_000

#: Functions that loaders and servers call, on any class that looks like a model or at module level.
_LOADED = words(
    "__init__ __new__ __post_init__ __init_subclass__ __set_name__ __class_getitem__ __setstate__ "
    "__del__ __call__ forward call build get_config from_config from_pretrained _from_config "
    "load_context predict initialize handle preprocess inference postprocess encode _tokenize tokenize "
    "load_model model_fn input_fn predict_fn output_fn _load_pyfunc generate "
    "prepare_inputs_for_generation _init_weights post_init execute init setup load_state_dict "
    "_load_from_state_dict run finalize_options __getattr__ __dir__ train fit"
)
_MODEL_BASES = (
    "PreTrainedModel", "Module", "PythonModel", "BaseHandler", "Handler", "PretrainedConfig",
    "PreTrainedConfig", "PreTrainedTokenizer", "PreTrainedTokenizerFast", "Layer", "Model", "Pipeline",
    "DiffusionPipeline", "ModelMixin", "ConfigMixin", "ProcessorMixin", "FeatureExtractionMixin",
    "ImageProcessor", "BaseImageProcessor", "LightningModule", "ChatModel", "PythonModelContext",
    "install", "develop", "egg_info", "build_py", "sdist", "bdist_egg", "GenerationMixin",
    "SentenceTransformer", "InputModule", "TritonPythonModel", "PreTrainedTokenizerBase",
)  # fmt: skip
_MODULE_HOOKS = words(
    "_load_pyfunc handle initialize model_fn input_fn predict_fn output_fn load_model __getattr__ "
    "pytest_configure pytest_sessionstart"
)
_RUN_LATER = (
    "threading.Thread", "threading.Timer", "multiprocessing.Process", "atexit.register",
    "_thread.start_new_thread", "asyncio.run", "signal.signal", "concurrent.futures.", "builtins.map",
    "builtins.sorted", "builtins.filter", "functools.partial", "functools.reduce", "builtins.list",
)  # fmt: skip


_ESCAPE = regex(
    r"__(?:bases?|mro|class)__.*__subclasses__$|__globals__\.(?:__builtins__|__import__|os|sys|eval|exec|popen)\b"
)


class Walk(Expressions):
    """One program. `found` maps (line, column) to (what it does, whether that is harm, when)."""

    def __init__(self, harm_in: Callable[[str], str | None], least: Phase = Phase.CALLED) -> None:
        super().__init__()
        self.harm_in = harm_in
        self.least = least  # when functions run that nothing in the file calls
        self.found: dict[tuple[int, int], tuple[str, bool, Phase]] = {}
        self._followed = 0
        self._active: list[ast.AST] = []
        self._done: dict[ast.AST, Phase] = {}
        self._functions: list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, Scope, Phase]] = []
        self._scopes: dict[ast.AST, Scope] = {}

    def module(self, tree: ast.Module, phase: Phase) -> None:
        """Walk the module as it is imported, then every function that was not called by that."""
        top = Scope({})
        self._block(tree.body, top, phase)
        if tree.body:
            self._reverse_shell(tree.body[0], top, phase)
        at = 0
        while at < len(self._functions):
            node, scope, when = self._functions[at]
            at += 1
            if self._done.get(node, -1) < min(when, phase):
                self._run(node, scope, [], {}, min(when, phase))
            elif node not in self._done:
                self._run(node, scope, [], {}, self.least)

    def _note(self, node: ast.expr | ast.stmt, verdict: calls.Verdict | None, phase: Phase) -> None:
        if verdict is None:
            return
        place = (node.lineno, node.col_offset)
        kept = self.found.get(place)
        if kept is None or (verdict[1], phase) > (kept[1], kept[2]):
            self.found[place] = (*verdict, phase)

    # Statements

    def _block(self, body: list[ast.stmt], scope: Scope, phase: Phase) -> None:
        for statement in body:
            self._statement(statement, scope, phase)

    def _statement(self, node: ast.stmt, scope: Scope, phase: Phase) -> None:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    top = alias.name.split(".")[0]
                    scope.names[alias.asname or top] = Value(alias.name if alias.asname else top)
            case ast.ImportFrom(module=module, names=names, level=level):
                if names[0].name == "*":
                    scope.names.update({name: Value(f"{module}.{name}") for name in calls.sinks_of(module)})
                for alias in names:
                    origin = f"{'.' * level}{module or ''}.{alias.name}"
                    scope.names[alias.asname or alias.name] = Value(calls.normal(origin))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, scope, phase)
            case ast.ClassDef():
                self._class(node, scope, phase)
            case ast.Assign(targets=targets, value=value):
                found = self.value(value, scope, phase)
                for target in targets:
                    self.bind(target, found, scope, phase)
            case ast.AnnAssign(target=target, value=value):
                self.value(node.annotation, scope, phase)
                if value is not None:
                    self.bind(target, self.value(value, scope, phase), scope, phase)
            case ast.AugAssign(target=target, value=value, op=op):
                old = self.value(target, scope, phase)
                new = self.value(value, scope, phase)
                self.bind(target, values.add(old, new) if isinstance(op, ast.Add) else UNKNOWN, scope, phase)
            case ast.Return(value=value):
                if value is not None:
                    scope.returned.append(self.value(value, scope, phase))
            case ast.If(test=test, body=body, orelse=orelse):
                self.value(test, scope, phase)
                self._block(body, scope, Phase.CALLED if _only_as_program(test) else phase)
                self._block(orelse, scope, phase)
            case ast.For(target=target, iter=iterable) | ast.AsyncFor(target=target, iter=iterable):
                self.bind(target, self.item(self.value(iterable, scope, phase)), scope, phase)
                self._block(node.body + node.orelse, scope, phase)
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    opened = self.value(item.context_expr, scope, phase)
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, opened, scope, phase)
                self._block(node.body, scope, phase)
            case _:
                self._other(node, scope, phase)

    def _other(self, node: ast.AST, scope: Scope, phase: Phase) -> None:
        """Any other statement: its expressions and blocks in order."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                self._statement(child, scope, phase)
            elif isinstance(child, ast.expr):
                self.value(child, scope, phase)
            else:
                self._other(child, scope, phase)

    def bind(self, target: ast.expr, value: Value, scope: Scope, phase: Phase) -> None:
        """Give a name, or the parts of a target, a value."""
        match target:
            case ast.Name(id=name):
                scope.names[name] = value
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                whole = value.constant if isinstance(value.constant, list) else None
                for index, part in enumerate(parts):
                    same = whole is not None and len(whole) == len(parts)
                    item = constant(whole[index], value.tags) if same and whole else Value(tags=value.tags)
                    self.bind(part, item, scope, phase)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                owner = self.classes.get(scope.owner) if scope.owner is not None else None
                (owner or scope).names[f"self.{name}"] = value
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if calls.is_sink(value.name):
                scope.names[f"{owner}.{name}"] = value
            case ast.Starred(value=inner):
                self.bind(inner, Value(tags=value.tags), scope, phase)
            case _:
                self.value(target, scope, phase)
                if phase:
                    self._note(target, calls.hands_on([value]), phase)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope, phase: Phase) -> None:
        given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        annotations = [node.returns, *(argument.annotation for argument in given)]
        for part in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults, *annotations):
            if part is not None:
                self.value(part, scope, phase)
        scope.names[node.name] = Value(f"<{node.name}>", node=node)
        self._scopes[node] = scope
        owner = scope.owner
        when = self.least
        if (owner is not None and node.name in _LOADED and _is_model(owner)) or (
            owner is None and scope.outer is None and node.name in _MODULE_HOOKS
        ):
            when = Phase.LOADED
        self._functions.append((node, scope, when))

    def _class(self, node: ast.ClassDef, scope: Scope, phase: Phase) -> None:
        for part in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.value(part, scope, phase)
        inner = Scope({}, scope, node)
        self.classes[node] = inner
        self._block(node.body, inner, phase)
        scope.names[node.name] = Value(f"<{node.name}>", node=node)

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
            self._block(node.body, inner, phase)
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
            self._note(node, ("opens a shell to another machine", True), phase)

    # Calls

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
                self._note(node, calls.hands_on([*arguments, *keywords.values()]), phase)
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
            self._note(node, calls.hands_on([*arguments, *keywords.values()]), phase)
        if calls.hides(callee, name):
            self._note(node, (f"hides that it calls {name}", True), phase)
        if _ESCAPE.search(name):
            self._note(node, ("reaches for the classes of the interpreter", True), phase)
        self._note(node, self._inner(name, arguments) or calls.judge(name, arguments, keywords, phase), phase)
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
            return self._run(node, self._scopes[node], arguments, keywords, phase)
        return Value(tags=union(arguments))

    def _run_lambda(self, node: ast.Lambda, arguments: list[Value], phase: Phase) -> Value:
        inner = Scope({}, self._scopes.get(node))
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


def _is_model(node: ast.ClassDef) -> bool:
    for base in node.bases:
        name = base.attr if isinstance(base, ast.Attribute) else base.id if isinstance(base, ast.Name) else ""
        if name.endswith(_MODEL_BASES):
            return True
    return False


def _is_static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(part, ast.Name) and part.id == "staticmethod" for part in node.decorator_list)


def _only_as_program(test: ast.expr) -> bool:
    """Whether a condition holds only where the file is run, not imported: `__name__ == "__main__"`."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(map(_only_as_program, test.values))
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
        return False
    return {ast.unparse(test.left), ast.unparse(test.comparators[0])} == {"__name__", "'__main__'"}
