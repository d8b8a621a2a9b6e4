"""How the configuration and the tokenizer of two models differ, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from modelward.core import strict_json
from modelward.core.errors import InputError, LimitExceeded

CONFIG = "config.json"
MAX_BYTES = 64 << 20
MAX_LINES = 200
_SHOWN = 120
#: What says nothing about the architecture.
_ASIDE = frozenset({"_name_or_path", "transformers_version", "torch_dtype", "dtype", "use_cache"})
_TOKENIZERS = ("tokenizer.json", "vocab.json", "vocab.txt")
#: Tokenizer files that are compared byte by byte.
_WHOLE = ("merges.txt", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model")


def read_json(file: Path) -> dict[str, Any] | None:
    """A JSON object, or None if there is no such file. Raises InputError."""
    data = _read(file)
    if data is None:
        return None
    try:
        value = strict_json.loads(data, what="it", max_bytes=MAX_BYTES)
    except InputError as error:
        error.where = str(file)
        raise
    if not isinstance(value, dict):
        raise InputError("it is not a JSON object", where=str(file))
    return value


def _read(file: Path) -> bytes | None:
    try:
        if not file.exists():
            return None
        if not file.is_file():
            raise InputError("it is no regular file", where=str(file))
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read it: {error.strerror}", where=str(file)) from None
    if len(data) > MAX_BYTES:
        raise LimitExceeded(f"it is over {MAX_BYTES >> 20} MiB", where=str(file))
    return data


def architecture(model: Path, base: Path) -> list[str]:
    """Where the two config.json differ. Raises InputError."""
    if not (model.is_dir() and base.is_dir()):
        return []
    left, right = read_json(model / CONFIG), read_json(base / CONFIG)
    if left is None or right is None:
        missing = [name for name, found in (("the model", left), ("the base", right)) if found is None]
        return [f"{' and '.join(missing)} has no {CONFIG}"] if len(missing) == 1 else []
    return _capped(_differences(right, left))


def _differences(before: Mapping[str, Any], after: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key in sorted(before.keys() | after.keys()):
        if key in _ASIDE:
            continue
        old, new = before.get(key), after.get(key)
        if isinstance(old, dict) and isinstance(new, dict) and len(prefix) < 100:
            yield from _differences(old, new, f"{prefix}{key[:_SHOWN]}.")
        elif type(old) is not type(new) or old != new:
            yield f"{prefix}{key[:_SHOWN]}: {_shown(old)} -> {_shown(new)}"


def _shown(value: Any) -> str:
    text = "none" if value is None else strict_json.dumps(value).decode()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def tokenizer(model: Path, base: Path) -> list[str]:
    """How the two tokenizers differ. Raises InputError."""
    if not (model.is_dir() and base.is_dir()):
        return []
    return _capped(_tokenizer(model, base))


def _tokenizer(model: Path, base: Path) -> Iterator[str]:
    left, right = _vocabulary(model), _vocabulary(base)
    if (left is None) != (right is None):
        yield f"the {'model' if left is None else 'base'} has no tokenizer that is read"
    if left is not None and right is not None:
        for what, tokens in (
            ("added", left.keys() - right.keys()),
            ("removed", right.keys() - left.keys()),
            ("with another number", {one for one in left.keys() & right.keys() if left[one] != right[one]}),
        ):
            if tokens:
                some = ", ".join(repr(one[:40]) for one in sorted(tokens)[:5])
                count = f"{len(tokens)} token{'s' * (len(tokens) > 1)}"
                yield f"{count} {what}: {some}{', …' * (len(tokens) > 5)}"
    first, second = read_json(model / _TOKENIZERS[0]), read_json(base / _TOKENIZERS[0])
    if first is not None and second is not None:
        for key in ("normalizer", "pre_tokenizer", "post_processor", "decoder"):
            if first.get(key) != second.get(key):
                yield f"another {key.replace('_', ' ')}"
        if _merges(first) != _merges(second):
            yield "other merges"
    for name in _WHOLE:
        old, new = _read(base / name), _read(model / name)
        if old is not None and new is not None and old != new:
            yield f"another {name}"


def _merges(document: dict[str, Any]) -> list[Any]:
    inner = document.get("model")
    found = inner.get("merges") if isinstance(inner, dict) else None
    pairs = found if isinstance(found, list) else []
    return [one.split(" ", 1) if isinstance(one, str) else one for one in pairs]


def _vocabulary(path: Path) -> dict[str, int] | None:
    """Number by token, added ones too."""
    for name in _TOKENIZERS:
        if name == "vocab.txt":
            data = _read(path / name)
            if data is not None:
                return {line: at for at, line in enumerate(data.decode("utf-8", "replace").splitlines())}
            continue
        document = read_json(path / name)
        if document is not None:
            return _of_json(document) if name == _TOKENIZERS[0] else _numbered(document)
    return None


def _of_json(document: dict[str, Any]) -> dict[str, int]:
    inner = document.get("model")
    vocabulary = inner.get("vocab") if isinstance(inner, dict) else None
    if isinstance(vocabulary, list):  # unigram: pairs of token and score
        found = {
            pair[0]: at
            for at, pair in enumerate(vocabulary)
            if isinstance(pair, list) and pair and isinstance(pair[0], str)
        }
    else:
        found = _numbered(vocabulary)
    added = document.get("added_tokens")
    for each in added if isinstance(added, list) else []:
        if isinstance(each, dict) and isinstance(each.get("content"), str) and type(each.get("id")) is int:
            found[each["content"]] = each["id"]
    return found


def _numbered(vocabulary: Any) -> dict[str, int]:
    if not isinstance(vocabulary, dict):
        return {}
    return {token: at for token, at in vocabulary.items() if type(at) is int}


def _capped(lines: Iterator[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        if len(found) == MAX_LINES:
            return [*found, "and more"]
        found.append(line)
    return found
