"""Statements of a Python program, in the order in which they run: what names stand for, what is defined."""

from __future__ import annotations

import ast

from modelward.formats import python_calls as calls
from modelward.formats import python_values as values
from modelward.formats.python_calls import Phase
from modelward.formats.python_expressions import Expressions, Scope
from modelward.formats.python_values import UNKNOWN, Value, constant
from modelward.formats.wordlist import words

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


class Statements(Expressions):
    """What a program's statements do. Whoever walks the program says what a call gives.

    `found` maps (line, column) to (what it does, whether that is harm, when); `functions` are those that are
    defined, where, and when they run unless something in the file calls them: `least`, or sooner.
    """

    def __init__(self, least: Phase = Phase.CALLED) -> None:
        super().__init__()
        self.least = least
        self.found: dict[tuple[int, int], tuple[str, bool, Phase]] = {}
        self.functions: list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, Scope, Phase]] = []
        self.scopes: dict[ast.AST, Scope] = {}

    def note(self, node: ast.expr | ast.stmt, verdict: calls.Verdict | None, phase: Phase) -> None:
        """Keep what a part of the program does, unless worse is known of it."""
        if verdict is None:
            return
        place = (node.lineno, node.col_offset)
        kept = self.found.get(place)
        if kept is None or (verdict[1], phase) > (kept[1], kept[2]):
            self.found[place] = (*verdict, phase)

    def block(self, body: list[ast.stmt], scope: Scope, phase: Phase) -> None:
        """Go through statements one after another."""
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
                self.block(body, scope, Phase.CALLED if _only_as_program(test) else phase)
                self.block(orelse, scope, phase)
            case ast.For(target=target, iter=iterable) | ast.AsyncFor(target=target, iter=iterable):
                self.bind(target, self.item(self.value(iterable, scope, phase)), scope, phase)
                self.block(node.body + node.orelse, scope, phase)
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    opened = self.value(item.context_expr, scope, phase)
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, opened, scope, phase)
                self.block(node.body, scope, phase)
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
                    self.note(target, calls.hands_on([value]), phase)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope, phase: Phase) -> None:
        given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        annotations = [node.returns, *(argument.annotation for argument in given)]
        for part in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults, *annotations):
            if part is not None:
                self.value(part, scope, phase)
        scope.names[node.name] = Value(f"<{node.name}>", node=node)
        self.scopes[node] = scope
        owner = scope.owner
        when = self.least
        if (owner is not None and node.name in _LOADED and _is_model(owner)) or (
            owner is None and scope.outer is None and node.name in _MODULE_HOOKS
        ):
            when = Phase.LOADED
        self.functions.append((node, scope, when))

    def _class(self, node: ast.ClassDef, scope: Scope, phase: Phase) -> None:
        for part in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.value(part, scope, phase)
        inner = Scope({}, scope, node)
        self.classes[node] = inner
        self.block(node.body, inner, phase)
        scope.names[node.name] = Value(f"<{node.name}>", node=node)


def _is_model(node: ast.ClassDef) -> bool:
    for base in node.bases:
        name = base.attr if isinstance(base, ast.Attribute) else base.id if isinstance(base, ast.Name) else ""
        if name.endswith(_MODEL_BASES):
            return True
    return False


def _only_as_program(test: ast.expr) -> bool:
    """Whether a condition holds only where the file is run, not imported: `__name__ == "__main__"`."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(map(_only_as_program, test.values))
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
        return False
    return {ast.unparse(test.left), ast.unparse(test.comparators[0])} == {"__name__", "'__main__'"}
