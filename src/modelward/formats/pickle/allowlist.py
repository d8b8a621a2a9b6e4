"""The globals that a pickle may use and come out clean. Everything else is denied.

An entry is one exact (module, name) with what each use of it may be given: being called, being instantiated
without its constructor, having its state set, taking items. A use without a contract is not allowed. Seeded
from the globals seen in the pickles of 1,549 public Hugging Face repositories (PickleBall's survey). Entries
of tensors, arrays and the standard library were checked against the sources of these libraries; those of
layers, enumerations and training arguments rest on the survey and on what their contracts let through.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from modelward.formats.pickle.contracts import (
    TORCH_DTYPES,
    Contract,
    StateContract,
    any_of,
    boolean,
    container,
    data,
    either,
    empty,
    integer,
    made_by,
    matching,
    named,
    natural,
    naturals,
    nothing,
    number,
    one_of,
    pairs,
    plain_state,
    takes,
    text,
    torch_dtype,
    tuple_items,
)
from modelward.formats.pickle.numpy_contracts import array_state, dtype_state, shape_of_nothing, simple_dtype
from modelward.formats.pickle.storages import ELEMENT_BYTES, UNTYPED
from modelward.formats.pickle.torch_contracts import rebuild_from_type, rebuild_tensor
from modelward.formats.pickle.values import Global, Value

_NUMPY_CORES = ("numpy.core", "numpy._core")


@dataclass(frozen=True, slots=True)
class Entry:
    """What may be done with one global; None is not allowed. Being referred to always is."""

    call: Contract | None = None
    new: Contract | None = None
    state: StateContract | None = None
    items: bool = False


_VALUE = Entry()
_NO_ARGUMENTS = takes()
_EMPTY_ORDERED_DICT = any_of(made_by("collections.OrderedDict"), empty("dict"), nothing)
_FACTORIES = tuple(f"builtins.{name}" for name in ("dict", "float", "int", "list", "set", "str", "tuple"))
_ENUM_VALUE = takes(any_of(matching(r"[\w .:-]{0,64}"), integer))

#: Enumerations, called with a member's value, or read by `getattr` with a member's name.
ENUMS = frozenset(
    f"{module}.{name}"
    for module, names in {
        "transformers.trainer_utils": "EvaluationStrategy FSDPOption HubStrategy IntervalStrategy "
        "SaveStrategy SchedulerType",
        "transformers.training_args": "OptimizerNames ParallelMode",
        "accelerate.utils.dataclasses": "ComputeEnvironment DistributedType DynamoBackend PrecisionType",
    }.items()
    for name in names.split()
)

#: Layers of torch: made without a constructor, then given their attributes.
_LAYERS = {
    "activation": "ELU GELU GLU LeakyReLU PReLU ReLU ReLU6 SELU SiLU Sigmoid Softmax Softplus Tanh",
    "batchnorm": "BatchNorm1d BatchNorm2d BatchNorm3d",
    "container": "ModuleDict ModuleList ParameterDict ParameterList Sequential",
    "conv": "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d",
    "dropout": "Dropout Dropout1d Dropout2d Dropout3d",
    "flatten": "Flatten Unflatten",
    "linear": "Bilinear Identity Linear",
    "loss": "BCELoss BCEWithLogitsLoss CrossEntropyLoss L1Loss MSELoss NLLLoss SmoothL1Loss",
    "normalization": "GroupNorm LayerNorm RMSNorm",
    "padding": "ConstantPad1d ConstantPad2d ConstantPad3d ReflectionPad2d ZeroPad2d",
    "pixelshuffle": "PixelShuffle PixelUnshuffle",
    "pooling": "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveMaxPool2d AvgPool1d AvgPool2d AvgPool3d "
    "MaxPool1d MaxPool2d MaxPool3d",
    "rnn": "GRU LSTM RNN",
    "sparse": "Embedding EmbeddingBag",
    "upsampling": "Upsample UpsamplingBilinear2d UpsamplingNearest2d",
}


def _get_enum_member(arguments: Value) -> str | None:
    known = takes(named(*ENUMS), matching(r"[A-Za-z][A-Za-z0-9_]*"))
    return known(arguments) and "it may only read a member of a known enumeration"


def _reconstruct_plain(arguments: Value) -> str | None:
    return takes(_plain_class, named("builtins.object"), nothing)(arguments)


def _plain_class(value: Value) -> bool:
    entry = ALLOWED.get((value.module, value.name)) if isinstance(value, Global) else None
    return entry is not None and entry.new is not None


def _all_text(arguments: Value) -> str | None:
    items = tuple_items(arguments)
    return None if items is not None and all(map(text, items)) else "it takes text only"


def _builtins() -> dict[str, Entry]:
    sequence = container("list", "tuple", "set", "frozenset")
    return {
        "bool": _VALUE,
        "bytearray": Entry(call=either(_NO_ARGUMENTS, takes(data), takes(text, one_of("latin-1", "latin1")))),
        "bytes": Entry(call=either(_NO_ARGUMENTS, takes(data))),
        "complex": Entry(call=takes(number, number)),
        "dict": _VALUE,
        "float": _VALUE,
        "frozenset": Entry(call=takes(sequence)),
        "getattr": Entry(call=_get_enum_member),
        "int": _VALUE,
        "list": _VALUE,
        "object": _VALUE,
        "range": Entry(call=takes(integer, integer, integer)),
        "set": Entry(call=either(_NO_ARGUMENTS, takes(sequence)), items=True),
        "slice": Entry(call=takes(*[any_of(integer, nothing)] * 3)),
        "str": _VALUE,
        "tuple": _VALUE,
    }


def _standard_library() -> dict[str, dict[str, Entry]]:
    pure_path = Entry(call=_all_text)
    return {
        "builtins": _builtins(),
        "_codecs": {"encode": Entry(call=takes(text, one_of("latin1", "latin-1")))},
        "copyreg": {"_reconstructor": Entry(call=_reconstruct_plain)},
        "argparse": {"Namespace": Entry(call=_NO_ARGUMENTS, new=_NO_ARGUMENTS, state=plain_state)},
        "collections": {
            "OrderedDict": Entry(call=either(_NO_ARGUMENTS, takes(pairs)), items=True, state=plain_state),
            "Counter": Entry(call=either(_NO_ARGUMENTS, takes(container("dict"))), items=True),
            "defaultdict": Entry(call=takes(any_of(named(*_FACTORIES), nothing), optional=1), items=True),
            "deque": Entry(
                call=takes(empty("tuple", "list"), any_of(natural, nothing), optional=2), items=True
            ),
        },
        "datetime": {
            "date": Entry(call=takes(data)),
            "datetime": Entry(call=takes(data)),
            "timedelta": Entry(call=takes(integer, integer, integer)),
        },
        "pathlib": dict.fromkeys(("PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath"), pure_path),
    }


def _numpy() -> dict[str, dict[str, Entry]]:
    reconstruct = Entry(call=takes(named("numpy.ndarray"), shape_of_nothing, any_of(data, one_of("b"))))
    scalar = Entry(call=takes(simple_dtype, data))
    frombuffer = Entry(call=takes(data, simple_dtype, any_of(naturals, integer), one_of("C", "F", "A")))
    shared = {
        "numpy": {
            "dtype": Entry(
                call=takes(matching(r"[<>|=]?[?biufcSUVOmM]\d{0,8}|[biufc]\d+"), boolean, boolean),
                state=dtype_state,
            ),
            "ndarray": Entry(state=array_state),
        },
    }
    for core in _NUMPY_CORES:
        shared[f"{core}.multiarray"] = {"_reconstruct": reconstruct, "scalar": scalar}
        shared[f"{core}.numeric"] = {"_frombuffer": frombuffer}
    return shared


def _torch() -> dict[str, dict[str, Entry]]:
    hooks = _EMPTY_ORDERED_DICT
    tensor = made_by(*(f"torch._utils._rebuild_tensor{version}" for version in ("", "_v2", "_v3")))
    storages = dict.fromkeys((*ELEMENT_BYTES, *UNTYPED), _VALUE)
    layers = {
        f"torch.nn.modules.{module}": {
            name: Entry(new=_NO_ARGUMENTS, state=plain_state) for name in names.split()
        }
        for module, names in _LAYERS.items()
    }
    return {
        "torch": {
            **storages,
            **dict.fromkeys(TORCH_DTYPES, _VALUE),
            "Size": Entry(call=takes(any_of(naturals, container("list")))),
            "Tensor": _VALUE,
            "device": Entry(call=takes(matching(r"[a-z]{1,16}(:\d{1,4})?"), natural, optional=1)),
        },
        "torch._tensor": {"_rebuild_from_type_v2": Entry(call=partial(rebuild_from_type, _contract))},
        "torch._utils": {
            "_rebuild_tensor": Entry(call=rebuild_tensor(())),
            "_rebuild_tensor_v2": Entry(
                call=rebuild_tensor((boolean, hooks, any_of(nothing, container("dict"))))
            ),
            "_rebuild_tensor_v3": Entry(
                call=rebuild_tensor(
                    (boolean, hooks, torch_dtype, any_of(nothing, container("dict"))), typed=False
                )
            ),
            "_rebuild_parameter": Entry(call=takes(tensor, boolean, hooks)),
        },
        "torch.nn.parameter": {"Parameter": _VALUE},
        "torch.serialization": {"_get_layout": Entry(call=takes(matching(r"torch\.[a-z_]{1,32}")))},
        "torch.storage": {
            **dict.fromkeys(UNTYPED, _VALUE),
            "_load_from_bytes": Entry(call=takes(data)),
        },
        "torch.torch_version": {"TorchVersion": Entry(call=takes(text), new=takes(text), state=plain_state)},
        **layers,
    }


def _contract(qualname: str) -> Contract | None:
    module, _, name = qualname.rpartition(".")
    entry = ALLOWED.get((module, name))
    return entry.call if entry else None


def _all() -> dict[tuple[str, str], Entry]:
    tables = {**_standard_library(), **_numpy(), **_torch()}
    found = {(module, name): entry for module, names in tables.items() for name, entry in names.items()}
    for qualname in ENUMS:
        module, _, name = qualname.rpartition(".")
        found[module, name] = Entry(call=_ENUM_VALUE)
    for name in ("TrainingArguments", "Seq2SeqTrainingArguments"):
        found["transformers.training_args", name] = Entry(new=_NO_ARGUMENTS, state=plain_state)
    found["transformers.training_args_seq2seq", "Seq2SeqTrainingArguments"] = Entry(
        new=_NO_ARGUMENTS, state=plain_state
    )
    return found


ALLOWED = _all()
