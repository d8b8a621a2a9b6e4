"""Classifiers in ONNX: one that takes tokens, with its tokenizer.json, or one that takes text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from modelward.core.errors import InputError, MissingExtra
from modelward.probe.models import local
from modelward.probe.models.model import Model, Settings

#: Tokens of a text at most.
MAX_TOKENS = 512


class OnnxClassifier(Model):
    """A loaded ONNX model. Raises InputError, Rejected, MissingExtra."""

    def __init__(self, path: Path, settings: Settings, name: str = "") -> None:
        try:
            import numpy as np
            import onnxruntime
        except ModuleNotFoundError:
            raise MissingExtra("probe", "asking an ONNX model") from None
        self._np = np
        folder = path if path.is_dir() else path.parent
        graph = path if path.is_file() else _graph(folder)
        self.name = name or path.resolve().name
        self.batch = settings.batch or 32
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        wanted = ["CUDAExecutionProvider", "CPUExecutionProvider"]
        providers = [each for each in wanted if each in onnxruntime.get_available_providers()]
        if settings.device == "cpu":
            providers = wanted[1:]
        with local.staged(folder) as place:
            try:
                self._session = onnxruntime.InferenceSession(str(place / graph.name), options, providers)
            except Exception as error:  # noqa: BLE001 - its errors have no base but this
                message = str(error).splitlines()[0]
                raise InputError(f"onnxruntime cannot load it: {message[:300]}", where=str(graph)) from None
            self._inputs = {each.name: each for each in self._session.get_inputs()}
            self._text = all(each.type == "tensor(string)" for each in self._inputs.values())
            self._tokenizer = None if self._text else _tokenizer(place, folder)
        self._provider = self._session.get_providers()[0]
        self._names: tuple[str, ...] = ()
        known = local.config(folder) if (folder / local.CONFIG).is_file() else {}
        named = known.get("id2label")
        if isinstance(named, dict):
            self._names = tuple(str(named[key]) for key in sorted(named, key=lambda each: int(each)))
        self.labels = self._found_labels()

    def _found_labels(self) -> tuple[str, ...]:
        """By asking once: how many classes there are, and their names where the model says them."""
        chances, names = self._run(["a text"])
        width = len(chances[0])
        if width < 2:
            raise InputError("it gives one number, no classes", where=self.name)
        names = self._names or names
        return names if len(names) == width else tuple(f"LABEL_{at}" for at in range(width))

    @property
    def where(self) -> str:
        """What computes the answers."""
        return f"onnxruntime, {self._provider.removesuffix('ExecutionProvider')}"

    def ask(self, prompts: Sequence[str]) -> list[Any]:
        """Log probabilities of the classes."""
        return self._run(prompts)[0]

    def _run(self, prompts: Sequence[str]) -> tuple[list[list[float]], tuple[str, ...]]:
        try:
            outputs = self._session.run(None, self._fed(prompts))
        except Exception as error:  # noqa: BLE001 - its errors have no base but this
            message = str(error).splitlines()[0]
            raise InputError(f"onnxruntime cannot run it: {message[:300]}", where=self.name) from None
        np = self._np
        for value in reversed(outputs):
            if isinstance(value, list) and value and isinstance(value[0], dict):  # a ZipMap
                names = tuple(str(name) for name in value[0])
                return _chances(np, np.array([list(row.values()) for row in value], np.float64)), names
            if isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype.kind == "f":
                return _chances(np, value.astype(np.float64)), ()
        raise InputError("none of its outputs is a score for each class", where=self.name)

    def _fed(self, prompts: Sequence[str]) -> dict[str, Any]:
        np = self._np
        if self._tokenizer is None:
            name, made = next(iter(self._inputs.items()))
            text = np.array(list(prompts), dtype=object)
            return {name: text if len(made.shape) == 1 else text.reshape(-1, 1)}
        encoded = self._tokenizer.encode_batch(list(prompts))
        columns = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
        fed = {}
        for name, made in self._inputs.items():
            if name not in columns:
                raise InputError(f"it has an input {name[:100]!r} that is not known", where=self.name)
            kind = np.int32 if made.type == "tensor(int32)" else np.int64
            fed[name] = np.array([getattr(each, columns[name]) for each in encoded], kind)
        return fed


def _chances(np: Any, values: Any) -> list[list[float]]:
    """Probabilities, or scores that become such by softmax, as log probabilities."""
    if (values < 0).any() or not np.allclose(values.sum(1), 1, atol=1e-3):
        values = values - values.max(1, keepdims=True)
        values = values - np.log(np.exp(values).sum(1, keepdims=True))
    else:
        values = np.log(np.maximum(values, 1e-9))
    return [[round(float(each), 4) for each in row] for row in values]


def _graph(folder: Path) -> Path:
    graphs = [file for file in local.files(folder) if file.suffix == ".onnx"]
    if len(graphs) != 1:
        found = "no" if not graphs else "more than one"
        raise InputError(f"there is {found} ONNX model in it", where=str(folder), help="name the file")
    return graphs[0]


def _tokenizer(place: Path, folder: Path) -> Any:
    try:
        from tokenizers import Tokenizer
    except ModuleNotFoundError:
        raise MissingExtra("probe", "asking an ONNX model that takes tokens") from None
    file = place / "tokenizer.json"
    if not file.is_file():
        raise InputError("it takes tokens, and there is no tokenizer.json", where=str(folder))
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # noqa: BLE001 - the library raises nothing more precise
        raise InputError(f"its tokenizer cannot be read: {str(error)[:200]}", where=str(folder)) from None
    pad = next(
        (token for token in ("[PAD]", "<pad>", "</s>", "<|endoftext|>") if _id(tokenizer, token)), None
    )
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id(pad) if pad else 0, pad_token=pad or "[PAD]")
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def _id(tokenizer: Any, token: str) -> bool:
    return tokenizer.token_to_id(token) is not None
