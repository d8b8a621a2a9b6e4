"""The commonest instructions, run without looking anything up: nearly all of a large pickle."""

from __future__ import annotations

import struct
from typing import Final

from modelward.formats.pickle.machine import MAX_MEMO, MAX_STACK, NO_ITEMS, Machine
from modelward.formats.pickle.tape import Tape
from modelward.formats.pickle.values import Container, ContainerKind, Value

#: The bytes that the longest instruction here may take, a BINUNICODE.
REACH: Final = 5 + 255
#: Whether an instruction may be run here.
COMMON: Final = bytes(code in b"K\x94\x8cXhj(\x85\x86\x87]})euasqrJMG" for code in range(256))

_EMPTY: Final[dict[int, ContainerKind]] = {0x5D: "list", 0x7D: "dict", 0x29: "tuple"}
_DOUBLE: Final = struct.Struct(">d")


def rush(machine: Machine) -> None:
    """Run instructions that are common, in no way odd, paid for and wholly at hand, up to one that is not."""
    tape, stack, marks, memo = machine.tape, machine.stack, machine.marks, machine.memo
    window, at, left, fence = tape.window, tape.at, machine.left, machine.fence
    limit = tape.end - REACH
    memo_end = 0 if machine.far else MAX_MEMO
    if len(stack) >= MAX_STACK or len(marks) >= MAX_STACK:
        return
    while left > 0 and at < limit:
        code = window[at]
        if code == 0x4B:  # BININT1
            stack.append(window[at + 1])
            at += 2
        elif code == 0x94:  # MEMOIZE
            if len(stack) <= fence or len(memo) >= memo_end:
                break
            memo.append(stack[-1])
            at += 1
        elif code == 0x68 or code == 0x6A or code == 0x71 or code == 0x72:  # (LONG_)BINGET, (LONG_)BINPUT
            size = 2 if code == 0x68 or code == 0x71 else 5
            index = window[at + 1] if size == 2 else int.from_bytes(window[at + 1 : at + 5], "little")
            if code >= 0x71:
                if index != len(memo) or index >= memo_end or len(stack) <= fence:
                    break
                memo.append(stack[-1])
            elif index < len(memo):
                stack.append(memo[index])
            else:
                break
            at += size
        elif code == 0x28:  # MARK
            fence = len(stack)
            marks.append(fence)
            at += 1
        elif 0x85 <= code <= 0x87:  # TUPLE1, TUPLE2, TUPLE3
            size = code - 0x84
            if len(stack) - size < fence or machine.items_left < size:
                break
            machine.items_left -= size
            items = stack[-size:]
            del stack[-size:]
            stack.append(Container("tuple", items))
            at += 1
        elif code in _EMPTY:
            stack.append(Container(_EMPTY[code], NO_ITEMS))
            at += 1
        elif code in b"euas":  # APPENDS, SETITEMS, APPEND, SETITEM
            machine.fence = fence
            if not machine.fill_plain(code):
                break
            fence = machine.fence
            at += 1
        else:
            end = _text(stack, tape, at) if code in b"\x8cX" else _number(stack, window, at)
            if not end:
                break
            at = end
        left -= 1
    tape.at, machine.left, machine.fence = at, left, fence


def _text(stack: list[Value], tape: Tape, at: int) -> int:
    """Push a BINUNICODE or SHORT_BINUNICODE of up to 255 bytes; where it ends, or 0 if it is odd."""
    window = tape.window
    begin = at + 2
    if window[at] == 0x58:
        if window[at + 2] or window[at + 3] or window[at + 4]:
            return 0
        begin = at + 5
    end = begin + window[at + 1]
    if not tape.keeps(end - begin):
        return 0
    try:
        stack.append(window[begin:end].decode())
    except UnicodeDecodeError:
        return 0
    return end


def _number(stack: list[Value], window: bytes, at: int) -> int:
    """Push a BININT, BININT2 or BINFLOAT; where it ends, or 0 if it is none."""
    code = window[at]
    if code == 0x4A:
        stack.append(int.from_bytes(window[at + 1 : at + 5], "little", signed=True))
        return at + 5
    if code == 0x4D:
        stack.append(window[at + 1] | window[at + 2] << 8)
        return at + 3
    if code == 0x47:
        stack.append(_DOUBLE.unpack_from(window, at + 1)[0])
        return at + 9
    return 0
