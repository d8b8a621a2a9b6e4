"""Types and shapes of TensorFlow's tensors (`tensorflow/core/framework`: types.proto, tensor_shape.proto)."""

from __future__ import annotations

from modelward.formats.protobuf import BYTES, VARINT, Message, signed

#: DataType -> bytes per element, for those of fixed width.
WIDTHS = {1: 4, 2: 8, 3: 4, 4: 1, 5: 2, 6: 1, 8: 8, 9: 8, 10: 1, 14: 2, 17: 2, 18: 16, 19: 2, 22: 4, 23: 8}
#: What TensorFlow's own shapes hold (TensorShape::MaxDimensions). No product of more is ever taken.
MAX_RANK = 254


def dimensions(shape: Message) -> list[int]:
    """The sizes in a TensorShapeProto, of which no more are read than are too many. Raises InputError."""
    found: list[int] = []
    for entry in shape.fields():
        if entry[:2] == (2, BYTES):
            sizes = [part.value for part in shape.child(entry).fields() if part[:2] == (1, VARINT)]
            found.append(signed(sizes[-1]) if sizes else 0)
            if len(found) > MAX_RANK:
                break
    return found
