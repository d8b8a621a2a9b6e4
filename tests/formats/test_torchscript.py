from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.assemble import EMPTY_DICT, EMPTY_LIST, EMPTY_TUPLE, SHELL, call, fetch, pickle, run, text

from modelward.core.errors import InputError
from modelward.formats.facts import EmbeddedCode
from modelward.formats.torchscript import ScriptCheckpoint, judge_code, root_of

FORWARD = """class M(Module):
  __parameters__ = []
  b : Tensor
  save : bool
  def forward(self: __torch__.M,
    x: Tensor) -> Tensor:
    _0 = __torch__.torch.nn.functional._verify
    if torch.gt(torch.len(x), 0):
      ops.prim.RaiseException("save from_file os.system", "builtins.ValueError")
    else:
      pass
    {code}
    return torch.add(x, self.b)
"""


def judged(code: str) -> list[EmbeddedCode]:
    return list(judge_code(FORWARD.replace("{code}", code), "code/m.py"))


@pytest.mark.parametrize(
    "code",
    [
        "y = torch.from_file('/etc/passwd', True, 10, dtype=0)",
        "torch.save(x, '/root/.bashrc')",
        "ops.aten.save(x, '/root/.bashrc')",
        "x.save('/root/.bashrc')",
        "torch . \\\n      save(x, '/root/.bashrc')",
        "getattr(torch, 'save')(x, '/root/.bashrc')",
        "getattr(torch, '\\x73ave')(x, '/root/.bashrc')",
        "f = torch.save",
        "t = torch\n    t.save(x, '/root/.bashrc')",
        "ops.image.write_file('/root/.bashrc', x)",
        "ops.torchaudio.sox_io_load_audio_file('/etc/shadow')",
        "y = rpc_async('worker0', _0, (x,))",
        "ops.debugprims.load_tensor('/etc/shadow', [1], [1])",
        "import os\n    os.system('id')",
        "__import__('os').system('id')",
    ],
)
def test_code_that_reaches_out_of_the_model(code: str) -> None:
    assert any(found.harm for found in judged(code))


@pytest.mark.parametrize(
    "code",
    [
        "y = ops.mylib.secret(x)",
        "o = ops\n    o.mylib.secret(x)",
        "y = __torch__.torch.classes.mylib.Thing.__new__(__torch__.torch.classes.mylib.Thing)",
    ],
)
def test_code_of_native_libraries_cannot_be_judged(code: str) -> None:
    (found, *_) = judged(code)
    assert found.harm is None


def test_own_method_of_the_name_of_an_operator_hides_none() -> None:
    text = (
        FORWARD.replace("{code}", "self.save(x, 'f')\n    torch.save(x, 'g')")
        + "  def save(self) -> None:\n    pass\n"
    )
    assert [found.harm is None for found in judge_code(text, "m.py")] == [True, False]


@pytest.mark.parametrize(
    "code",
    [
        "y = ops.prim.NumToTensor(torch.size(x, 1))",
        "y = ops.quantized.linear(x, x, 1., 0)",
        "if self.save:\n      print(x)\n    else:\n      pass",
        "y = torch.lstm(x, [x], [x], True, 1, 0., False, False, False)",
        "y = annotate(List[int], [])",
        "y = 'torch.save(x)'",
        "ops.torchvision.nms(x, x, 0.5)",
    ],
)
def test_near_miss(code: str) -> None:
    assert judged(code) == []


def test_code_that_cannot_be_read_is_harmful_where_it_says_so() -> None:
    found = judge_code("def f(x:\n  torch.save(x, 'f')\n  }", "m.py")
    assert next(found).harm == "writes a file of the machine"
    with pytest.raises(InputError, match="not Python 3"):
        next(found)


@pytest.mark.parametrize(
    ("names", "root"),
    [
        (["m/data.pkl", "m/constants.pkl"], "m/"),
        (["m/data.pkl", "m/CONSTANTS.PKL"], "m/"),
        (["m/data.pkl", "m/bytecode.pkl"], "m/"),
        (["m/model.json", "m/code/a.py"], "m/"),
        (["data.pkl", "constants.pkl"], ""),
        (["m/data.pkl", "n/constants.pkl"], "n/"),
        (["m/data.pkl", "m/data/0"], None),
        ([], None),
    ],
)
def test_archives(names: list[str], root: str | None) -> None:
    assert root_of(names) == root


@pytest.mark.parametrize(
    ("made", "allowed"),
    [
        (fetch("__torch__.m", "Net") + EMPTY_TUPLE + b"\x81" + EMPTY_DICT + b"b", True),
        (call("torch.jit._pickle", "build_intlist", EMPTY_LIST), True),
        (call("torch.jit._pickle", "restore_type_tag", EMPTY_LIST, text("List[int]")), True),
        (call("torch.jit._pickle", "other"), False),
        (fetch("__torch__", "os.system"), False),
        (fetch("__torch__x", "Net"), False),
        (SHELL, False),
    ],
)
def test_what_a_pickle_may_use_of_its_archive(made: bytes, allowed: bool) -> None:
    _, events = run(pickle(made))
    assert all(ScriptCheckpoint().means(event.target) for event in events) is allowed


PIECES = [
    "torch.save",
    "(",
    ")",
    "\n  ",
    "x",
    ".",
    "getattr(x, 'save')",
    "ops",
    "'",
    "\\",
    "def f(x):",
    "import os",
    "é",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map("".join))
def test_any_text_is_judged(text: str) -> None:
    try:
        list(judge_code(text, "m.py"))
    except InputError:
        return


def test_many_calls_are_told_in_a_moment() -> None:
    text = "def f(x):\n  " + "; ".join(["y = ops.mylib.secret(x)"] * 5_000)
    assert len(list(judge_code(text, "m.py"))) == 200
