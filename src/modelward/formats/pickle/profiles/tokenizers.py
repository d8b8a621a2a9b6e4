"""tokenizers: tokenizers and their parts, whose state is JSON in bytes for the parser in Rust.

Read: tokenizers 0.22 (bindings/python/src: `__setstate__` of tokenizer, models, processors and their like).
"""

from __future__ import annotations

from modelward.formats.pickle.contracts import any_of, constants, container, data, made, nothing, takes
from modelward.formats.pickle.profiles.entry import Entry, profile
from modelward.formats.pickle.values import Value

READ = "tokenizers 0.22"

_PARTS = {
    "tokenizers": "AddedToken Tokenizer Regex",
    "tokenizers.models": "BPE Model Unigram WordLevel WordPiece",
    "tokenizers.normalizers": "BertNormalizer ByteLevel Lowercase NFC NFD NFKC NFKD Nmt Normalizer "
    "Precompiled Prepend Replace Sequence Strip StripAccents",
    "tokenizers.pre_tokenizers": "BertPreTokenizer ByteLevel CharDelimiterSplit Digits Metaspace "
    "PreTokenizer Punctuation Sequence Split UnicodeScripts Whitespace WhitespaceSplit",
    "tokenizers.processors": "BertProcessing ByteLevel PostProcessor RobertaProcessing Sequence "
    "TemplateProcessing",
    "tokenizers.decoders": "BPEDecoder ByteFallback ByteLevel CTC Decoder Fuse Metaspace Replace Sequence "
    "Strip WordPiece",
}


def _state(state: Value, _made: Value) -> str | None:
    return None if any_of(nothing, data, container("dict"))(state) else "its state is not known"


def _arguments(arguments: Value) -> str | None:
    one = takes(any_of(constants, made, container("list", "tuple")), any_of(constants, made), optional=2)
    return one(arguments)


_PART = Entry(call=_arguments, new=_arguments, state=_state)

PROFILE = profile(
    __file__, READ, {module: dict.fromkeys(names.split(), _PART) for module, names in _PARTS.items()}
)
