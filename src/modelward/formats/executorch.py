"""ExecuTorch: programs of kernel calls, and parts that were compiled for a backend (program.fbs, "ET12").

A header of its own may stand between the first eight bytes and the flatbuffer; it says where segments of
weights and of compiled code begin (schema/extended_header.cpp).
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator

from modelward.formats.facts import EmbeddedCode, Malformed, Overflow
from modelward.formats.flatbuffer import Buffer, Table, Wild
from modelward.formats.graph_facts import Unread

_MAGIC = b"eh00"
_FAR = 1 << 50
_TENSOR = 5
_MAX_ELEMENTS = 1 << 31
#: Backends that interpret a graph of known operations with weights.
_INTERPRETED = frozenset(
    {"XnnpackBackend", "VulkanBackend", "CoreMLBackend", "MPSBackend", "OpenvinoBackend"}
)
#: Backends whose data are a native library.
_NATIVE = frozenset({"AotiBackend", "CudaBackend", "MetalBackend", "AOTInductorBackend"})
#: Namespaces of kernels that come with ExecuTorch.
_NAMESPACES = frozenset(
    {"aten", "executorch_prim", "quantized_decomposed", "quantized", "et_copy", "dim_order_ops", "llama",
     "torchao", "cadence", "cortex_m", "et_vk", "sgd", "custom_ops", "_quantized", "prims", "prim"}
)  # fmt: skip


def facts(buffer: Buffer) -> Iterator[object]:
    """What running a program could do, and what is wrong with it. Raises InputError, LimitExceeded."""
    try:
        segments = yield from _header(buffer)
        yield from _program(buffer.root(), segments)
    except Wild as wild:
        yield Overflow("ExecuTorch", wild.message)


def _header(buffer: Buffer) -> Generator[object, None, int]:
    """Where the segments begin."""
    if buffer.source.read(8, 4) != _MAGIC:
        return 0
    length = buffer.number(12, 4)
    program, base = buffer.number(16, 8), buffer.number(24, 8)
    data = buffer.number(32, 8) if length >= 32 else 0
    size = buffer.source.size
    if max(program, base, data) >= _FAR or program + base + data >= _FAR:
        yield Overflow("ExecuTorch", f"its header says {program} bytes of program, segments at {base}", 8)
    elif program > size or base + data > size:
        yield Unread("it breaks off before its segments end")
    elif base and base < program:
        yield Malformed("ExecuTorch", "its segments begin within the program", 8)
    return base


def _program(program: Table, base: int) -> Iterator[object]:
    size = program.buffer.source.size
    segments = list(program.tables(4))
    for segment in segments:
        offset, length = segment.number(0, 8), segment.number(1, 8)
        end = base + offset + length
        if end >= _FAR:
            yield _wild(f"a segment lies at byte {offset}, of {length}", segment)
        elif end > size:
            yield Unread(f"it breaks off: a segment reaches to byte {end}")
    inline = program.count(3)
    for named in program.tables(7):
        if named.number(1, 4) >= len(segments):
            yield _wild("named data lie in a segment that is not there", named)
    for plan in program.tables(1):
        yield from _plan(plan, inline, len(segments))


def _plan(plan: Table, inline: int, segments: int) -> Iterator[object]:
    values = plan.count(2)
    for value in plan.tables(2):
        tensor = value.table(1) if value.number(0, 1) == _TENSOR else None
        if tensor is not None:
            yield from _tensor(tensor)
    for field in (3, 4):
        if any(not 0 <= index < values for index in plan.numbers(field)):
            yield _wild("a plan takes or gives a value that is not there", plan)
    operators = list(plan.tables(6))
    for operator in operators:
        name = operator.text(0)
        if name.partition("::")[0] not in _NAMESPACES:
            yield EmbeddedCode("a plan", f"the custom kernel {name!r}", name, offset=operator.at)
    delegates = list(plan.tables(7))
    for delegate in delegates:
        backend = delegate.text(0)
        where = delegate.table(1)
        if where is not None:
            there = segments if where.number(0, 1) else inline
            if where.number(1, 4) >= there:
                yield _wild("compiled data are said to lie where there are none", delegate)
        if backend in _NATIVE:
            yield EmbeddedCode("a plan", f"the part compiled for {backend}", backend, offset=delegate.at)
        elif backend not in _INTERPRETED:
            yield Unread(f"a part of it is compiled for {backend[:60]!r}, which cannot be examined")
    yield from _calls(plan, len(operators), len(delegates), values)


def _calls(plan: Table, operators: int, delegates: int, values: int) -> Iterator[object]:
    """Every instruction calls an operator or a part that is there, with values that are there."""
    for chain in plan.tables(5):
        for instruction in chain.tables(2):
            kind, call = instruction.number(0, 1), instruction.table(1)
            if call is None or kind not in (1, 2):
                continue
            limit = operators if kind == 1 else delegates
            if not 0 <= call.number(0, 4, signed=True) < limit:
                yield _wild("an instruction calls what is not there", call)
            if any(not 0 <= index < values for index in call.numbers(1)):
                yield _wild("an instruction uses a value that is not there", call)


def _tensor(tensor: Table) -> Iterator[object]:
    sizes = tensor.numbers(2)
    if any(size < 0 for size in sizes) or math.prod(sizes) >= _MAX_ELEMENTS:
        yield _wild("the dimensions of a tensor overflow", tensor)


def _wild(message: str, table: Table) -> Overflow:
    return Overflow("ExecuTorch", message, table.at)
