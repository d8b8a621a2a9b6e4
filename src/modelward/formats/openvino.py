"""OpenVINO's intermediate representation: an XML document of layers; weights lie in a `.bin` beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from modelward.formats.facts import EmbeddedCode, Malformed, Overflow, PathEscape
from modelward.formats.paths import escapes, is_url
from modelward.formats.xml import Content, Element

_OPSETS = frozenset(
    {f"opset{number}" for number in range(1, 33)}
    | {"experimental", "util", "ie_internal_opset", "type_relaxed_opset", "gpu_opset", "cpu_plugin_opset"}
)
#: What OpenVINO's own extension for tokenizers brings.
_TOKENIZERS = frozenset(
    """
StringTensorPack StringTensorUnpack RegexSplit RegexNormalization WordpieceTokenizer BPETokenizer
UnigramTokenizer SpecialTokensSplit CombineSegments RaggedToDense RaggedToRagged RaggedToSparse VocabEncoder
VocabDecoder BytesToChars CharsToBytes NormalizeUnicode CaseFold CharsMapNormalization UTF8Validate FuzeRagged
StringToHash StringToHashBucket SentencepieceTokenizer SentencepieceDetokenizer SentencepieceStreamDetokenizer
EqualStr Truncate ByteFallback TrieTokenizer NumericStringNormalization RaggedTensorPack
""".split()  # noqa: SIM905
)
_BITS = {
    "f64": 64, "f32": 32, "f16": 16, "bf16": 16, "i64": 64, "i32": 32, "i16": 16, "i8": 8, "u64": 64,
    "u32": 32, "u16": 16, "u8": 8, "boolean": 8, "i4": 4, "u4": 4, "u1": 1, "nf4": 4,
    "f8e4m3": 8, "f8e5m2": 8,
    "f8e8m0": 8, "f4e2m1": 4, "u2": 2, "u3": 3, "u6": 6,
}  # fmt: skip
_PATHS = frozenset(
    {"library", "lib", "library_path", "path", "file", "filename", "plugin", "plugins", "extension", "kernel",
     "implementation", "dll", "so", "uri", "url", "source"}
)  # fmt: skip
_NATIVE = (".so", ".dll", ".dylib", ".lib")
_FAR = 1 << 50


def findings(content: Iterable[Content]) -> Iterator[object]:
    """What loading a document could do, and what is wrong with it."""
    kind = layer = ""
    for item in content:
        if not isinstance(item, Element):
            continue
        if item.tag == "layer":
            kind, layer = item.attributes.get("type", ""), item.attributes.get("name", "")
            version = item.attributes.get("version", "opset1")
            if version not in _OPSETS and kind not in _TOKENIZERS:
                what = f"the custom layer of the type {kind[:80]!r}"
                yield EmbeddedCode(f"layer {layer[:80]!r}", what, f"{version}::{kind}", offset=item.offset)
        elif item.tag == "data" and kind == "Const":
            yield from _constant(item, layer)
        for key, value in item.attributes.items():
            if key.lower() in _PATHS:
                yield from _path(item, f"layer {layer[:80]!r}", value)


def _path(item: Element, where: str, value: str) -> Iterator[object]:
    native = value.lower().endswith(_NATIVE)
    if (native or "/" in value or "\\" in value) and (escapes(value) or is_url(value)):
        yield PathEscape(where, value, "a plug-in loads it" if native else "a layer names it", item.offset)
    elif native:
        yield EmbeddedCode(where, "a native library", value, offset=item.offset)


def _constant(item: Element, layer: str) -> Iterator[object]:
    """A constant's place in the weights, and whether its shape fits its size."""
    where = f"the constant {layer[:80]!r}"
    try:
        offset, size = int(item.attributes.get("offset", "0")), int(item.attributes.get("size", "0"))
        text = item.attributes.get("shape", "")
        shape = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        yield Malformed("OpenVINO", f"{where} has a size that is no number", item.offset)
        return
    bits = _BITS.get(item.attributes.get("element_type", "").lower())
    needed = 0 if bits is None else (math.prod(shape) * bits + 7) // 8
    if min([offset, size, *shape]) < 0 or offset + size >= _FAR or needed >= _FAR:
        yield Overflow("OpenVINO", f"the size or place of {where} overflows", item.offset)
    elif needed > size:
        yield Overflow("OpenVINO", f"{where} needs {needed} bytes and has {size}", item.offset)
