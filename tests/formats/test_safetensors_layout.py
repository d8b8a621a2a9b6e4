from __future__ import annotations

import numpy as np
import pytest
import safetensors.numpy

from modelward.core.errors import LimitExceeded
from modelward.formats import safetensors_layout
from modelward.formats.checkpoint import Tensor
from modelward.formats.pickle.storages import Storage
from modelward.formats.safetensors_layout import layout

TYPES = {
    "F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32,
    "I16": np.int16, "I8": np.int8, "U8": np.uint8, "U16": np.uint16, "U32": np.uint32, "U64": np.uint64,
    "BOOL": np.bool_,
}  # fmt: skip


def tensor(name: str, dtype: str, *shape: int) -> Tensor:
    return Tensor(name, dtype, shape, Storage("0", "UntypedStorage", 1 << 20, 1), 0, shape)


@pytest.mark.parametrize("backwards", [False, True])
def test_header_is_the_reference_writer_s(backwards: bool) -> None:
    names = ["b", "a", 'q"uote', "läyer.0\n", "z"]
    arrays = {
        f"{name}.{dtype}": np.zeros((2, index), kind)
        for index, name in enumerate(names)
        for dtype, kind in TYPES.items()
    }
    tensors = [tensor(name, name.rpartition(".")[2], *array.shape) for name, array in arrays.items()]
    ours = layout(tensors[::-1] if backwards else tensors, {"format": "pt"})
    theirs = safetensors.numpy.save(arrays, {"format": "pt"})
    assert theirs.startswith(ours.header)
    assert len(theirs) == len(ours.header) + sum(one.bytes for one in ours.tensors)


def test_header_that_no_reader_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safetensors_layout, "MAX_HEADER_BYTES", 100)
    with pytest.raises(LimitExceeded, match="header would be over 100 bytes"):
        layout([tensor("x" * 100, "F32", 1)], {})
