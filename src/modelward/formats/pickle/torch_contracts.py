"""What torch's rebuilding functions may be given."""

from __future__ import annotations

from collections.abc import Callable

from modelward.formats.pickle.contracts import (
    TORCH_DTYPES,
    Check,
    Contract,
    any_of,
    container,
    made_by,
    named,
    natural,
    naturals,
    nothing,
    takes,
    tuple_items,
)
from modelward.formats.pickle.storages import storage_of
from modelward.formats.pickle.values import Global, Value

_STORAGE = "torch.storage._load_from_bytes"
_REBUILDERS = named(
    "torch._utils._rebuild_tensor",
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_tensor_v3",
    "torch._utils._rebuild_parameter",
)


def rebuild_tensor(rest: tuple[Check, ...], *, typed: bool = True) -> Contract:
    """(storage, offset, size, stride, ...): a view that lies within its storage.

    The storage has the tensor's type, or (`typed` is False) the type is the seventh argument.
    """
    storage = any_of(lambda value: storage_of(value) is not None, made_by(_STORAGE))
    signature = takes(storage, natural, naturals, naturals, *rest, optional=1 if rest else 0)

    def contract(arguments: Value) -> str | None:
        return signature(arguments) or _bounds(tuple_items(arguments) or [], typed)

    return contract


def _bounds(items: list[Value], typed: bool) -> str | None:
    found = storage_of(items[0])
    sizes, strides = tuple_items(items[2]), tuple_items(items[3])
    if found is None or sizes is None or strides is None:
        return None
    if len(sizes) != len(strides):
        return "its size and stride differ in length"
    if 0 in sizes:
        return None
    pairs = zip(sizes, strides, strict=True)
    last = sum(
        (size - 1) * stride for size, stride in pairs if isinstance(size, int) and isinstance(stride, int)
    )
    offset = items[1] if isinstance(items[1], int) else 0
    kind = None if typed else items[6]
    size = TORCH_DTYPES.get(kind.name, 16) if isinstance(kind, Global) else found.element_bytes
    return None if (offset + last + 1) * size <= found.bytes else "it reaches past the end of its storage"


def rebuild_from_type(contract_of: Callable[[str], Contract | None], arguments: Value) -> str | None:
    """(function, type, its arguments, state): calls the function, which must be one that rebuilds tensors."""
    known = takes(
        _REBUILDERS,
        named("torch.Tensor", "torch.nn.parameter.Parameter"),
        container("tuple"),
        any_of(nothing, container("dict")),
    )
    problem = known(arguments)
    items = tuple_items(arguments)
    if problem or items is None or not isinstance(items[0], Global):
        return problem or "its arguments cannot be told"
    contract = contract_of(items[0].qualname)
    return contract(items[2]) if contract else "its function is not known"


def rebuild_quantized(rest: tuple[Check, ...]) -> Contract:
    """(storage, offset, size, stride, quantizer, requires grad, hooks): like a tensor."""
    storage = any_of(lambda value: storage_of(value) is not None, made_by(_STORAGE))
    signature = takes(storage, natural, naturals, naturals, *rest)

    def contract(arguments: Value) -> str | None:
        return signature(arguments) or _bounds(tuple_items(arguments) or [], typed=True)

    return contract
