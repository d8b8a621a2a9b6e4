"""torch: tensors and what they are rebuilt from, dtypes, layers, optimisers, and what TorchScript pickles
hold.

Read: torch 1.13.1 and 2.13.0 (_utils.py, storage.py, serialization.py, _tensor.py, jit/_pickle.py, every
class of tables/torch.txt). A layer's hooks are called when it is used, not when it is loaded.
"""

from __future__ import annotations

from functools import partial

from modelward.formats.pickle.contracts import (
    TORCH_DTYPES,
    Contract,
    any_of,
    boolean,
    constants,
    container,
    data,
    empty,
    made,
    made_by,
    matching,
    named,
    natural,
    naturals,
    nothing,
    plain_state,
    takes,
    text,
    torch_dtype,
)
from modelward.formats.pickle.profiles.entry import KINDS, VALUE, Entry, profile
from modelward.formats.pickle.storages import ELEMENT_BYTES, UNTYPED
from modelward.formats.pickle.torch_contracts import rebuild_from_type, rebuild_quantized, rebuild_tensor
from modelward.formats.pickle.values import Value
from modelward.formats.wordlist import words

READ = "torch 1.13.1, 2.13.0"

_CONSTANTS = words(
    """
    strided sparse_coo sparse_csr sparse_csc sparse_bsr sparse_bsc jagged _mkldnn contiguous_format
    channels_last channels_last_3d preserve_format per_tensor_affine per_channel_affine
    per_tensor_symmetric per_channel_symmetric per_channel_affine_float_qparams
    """
)
#: Functions that compute, kept as values by layers.
_FUNCTIONS = words(
    """
    abs add argmax cat celu_ cos div dropout einsum elu erf exp floor gelu hardshrink heaviside
    leaky_relu log log_softmax logsumexp matmul max mean min mul neg norm prelu relu relu_ rrelu rsqrt
    selu sigmoid sign sin softmax softplus sqrt square stack std sub sum tanh var where
    """
)
_HOOKS = any_of(made_by("collections.OrderedDict"), empty("dict"), nothing)
_TENSOR = made_by(
    *(
        f"torch._utils._rebuild_{name}"
        for name in [
            "tensor",
            "tensor_v2",
            "tensor_v3",
            "qtensor",
            "parameter",
            "parameter_with_state",
            "sparse_tensor",
            "meta_tensor_no_storage",
            "device_tensor_from_numpy",
            "device_tensor_from_cpu_tensor",
        ]
    ),
    "torch._tensor._rebuild_from_type_v2",
)


def _rebuilders() -> dict[str, Entry]:
    metadata = any_of(nothing, container("dict"))
    device = any_of(text, made)
    found = {
        "_rebuild_tensor": rebuild_tensor(()),
        "_rebuild_tensor_v2": rebuild_tensor((boolean, _HOOKS, metadata)),
        "_rebuild_tensor_v3": rebuild_tensor((boolean, _HOOKS, torch_dtype, metadata), typed=False),
        "_rebuild_qtensor": rebuild_quantized((container("tuple"), boolean, _HOOKS)),
        "_rebuild_parameter": takes(_TENSOR, boolean, _HOOKS),
        "_rebuild_parameter_with_state": _parameter_with_state,
        "_rebuild_sparse_tensor": takes(any_of(made, named("torch.sparse_coo")), container("tuple")),
        "_rebuild_meta_tensor_no_storage": takes(torch_dtype, naturals, naturals, boolean),
        "_rebuild_device_tensor_from_numpy": takes(made, torch_dtype, device, boolean),
        "_rebuild_device_tensor_from_cpu_tensor": takes(_TENSOR, torch_dtype, device, boolean),
        "_rebuild_xla_tensor": takes(made, torch_dtype, device, boolean),
    }
    return {name: Entry(call=contract, value=False) for name, contract in found.items()}


def _parameter_with_state(arguments: Value) -> str | None:
    known = takes(_TENSOR, boolean, _HOOKS, lambda item: item is None or plain_state(item) is None)
    return known(arguments)


def _contract(qualname: str) -> Contract | None:
    module, _, name = qualname.rpartition(".")
    entry = PROFILE.entries.get((module, name))
    return entry.call if entry else None


def _script() -> dict[str, Entry]:
    """What TorchScript's pickles call; each gives back its argument."""
    lists = dict.fromkeys(
        words("build_intlist build_boollist build_doublelist build_tensorlist build_tensor_from_id"),
        Entry(call=takes(any_of(container("list"), constants, made)), value=False),
    )
    return {**lists, "restore_type_tag": Entry(call=lambda _: None, value=False)}


def _entries() -> dict[str, dict[str, Entry]]:
    storages = dict.fromkeys((*ELEMENT_BYTES, *UNTYPED), VALUE)
    device = Entry(call=takes(matching(r"[a-z]{1,16}(:\d{1,4})?"), natural, optional=1))
    function = Entry(call=partial(rebuild_from_type, _contract), value=False)
    version = Entry(call=takes(text), new=takes(text), state=plain_state)
    return {
        "torch": {
            **storages,
            **dict.fromkeys((*TORCH_DTYPES, *_CONSTANTS, *_FUNCTIONS), VALUE),
            "Size": Entry(call=takes(any_of(naturals, container("list"), container("tuple")))),
            "Tensor": VALUE,
            "device": device,
            "dtype": VALUE,
            "Generator": VALUE,
            "finfo": VALUE,
        },
        "torch.cuda": dict(storages),
        "torch._tensor": {"_rebuild_from_type_v2": function, "_rebuild_from_type": VALUE},
        "torch._utils": _rebuilders(),
        "torch.nn.parameter": dict.fromkeys(("Parameter", "Buffer", "UninitializedParameter"), VALUE),
        "torch.nn": {"Parameter": VALUE},
        "torch._C": dict.fromkeys(
            ("_VariableFunctions", "_VariableFunctionsClass"),
            Entry(methods=dict.fromkeys(_FUNCTIONS, _never)),
        ),
        "torch._C._nn": dict.fromkeys(
            words("gelu leaky_relu elu_ silu softplus hardtanh log_sigmoid mish"), VALUE
        ),
        "torch.serialization": {
            "_get_layout": Entry(call=takes(matching(r"torch\.[a-z_]{1,32}")), value=False)
        },
        "torch.storage": {
            **dict.fromkeys(UNTYPED, VALUE),
            "_load_from_bytes": Entry(call=takes(data), value=False),
        },
        "torch.jit._pickle": _script(),
        "torch.torch_version": {"TorchVersion": version},
        "torch.nn.modules.module": {"Module": Entry(new=takes(), state=plain_state)},
        "torch.optim.lr_scheduler": {"_enable_get_lr_call": VALUE},
        "torch.nn.utils.rnn": {"PackedSequence": Entry(new=lambda _: None)},
        "torch.nn.modules.linear": {"NonDynamicallyQuantizableLinear": KINDS["plain"]},
        "torch.ao.quantization.qconfig": {"QConfig": Entry(new=lambda _: None)},
        "torch.distributed.fsdp.api": {
            **dict.fromkeys(words("BackwardPrefetch ShardingStrategy StateDictType"), KINDS["enum"]),
            **dict.fromkeys(words("CPUOffload MixedPrecision"), KINDS["plain"]),
        },
    }


def _never(_arguments: Value) -> str | None:
    return "it is a function, kept as a value"


PROFILE = profile(__file__, READ, _entries(), table=True)
