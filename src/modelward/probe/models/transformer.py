"""Sequence classifiers and causal language models in the layout of transformers, in batches."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modelward.core.errors import InputError, MissingExtra, UsageError
from modelward.probe.models import local
from modelward.probe.models.model import Settings, WhiteBox

#: Tokens of a prompt at most.
MAX_TOKENS = 1024
_CLASSIFIER = "ForSequenceClassification"
#: Of a model with fewer weights threads only wait for each other.
_SMALL = 10_000_000
#: Prompts at once, by device.
_BATCH = {"cpu": 16, "cuda": 128, "mps": 32}


def libraries() -> tuple[Any, Any]:
    """torch and transformers, which asks no network. Raises MissingExtra."""
    if "transformers" not in sys.modules:
        os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")
    try:
        import torch
        import transformers
    except ModuleNotFoundError:
        raise MissingExtra("probe", "asking a model in a directory") from None
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return torch, transformers


class Transformer(WhiteBox):
    """A loaded model and its tokenizer."""

    def __init__(self, path: Path, settings: Settings, name: str = "", adapter: Path | None = None) -> None:
        """Load the model in `path`, with `adapter` merged into it.

        Raises InputError, Rejected for code and for what is not clean, UsageError, MissingExtra.
        """
        self.torch, library = libraries()
        self.name = name or path.resolve().name
        self.settings = settings
        self.device = _device(self.torch, settings.device)
        architecture = next(iter(local.config(path).get("architectures") or ()), "")
        if not any(file.suffix == ".safetensors" for file in local.files(path)):
            raise InputError(
                "there are no weights in safetensors",
                where=str(path),
                help=f"modelward convert {path} --to safetensors OUT",
            )
        classifies = str(architecture).endswith(_CLASSIFIER)
        with local.staged(path) as place, _readable(path):
            self.tokenizer, self.model = self._loaded(library, place, classifies)
            if adapter is not None:
                from modelward.probe.models.adapter import merge

                merge(self.torch, self.model, adapter)
        self.model.to(self.device).eval()
        self._small = sum(each.numel() for each in self.model.parameters()) < _SMALL
        self.batch = settings.batch or _BATCH.get(self.device.partition(":")[0], 32)
        self._prepare(library, classifies)

    def _loaded(self, library: Any, place: Path, classifies: bool) -> tuple[Any, Any]:
        kind = self.settings.dtype or ("bfloat16" if self.device.startswith("cuda") else "float32")
        safe = {"trust_remote_code": False, "local_files_only": True}
        loader = library.AutoModelForSequenceClassification if classifies else library.AutoModelForCausalLM
        tokenizer = library.AutoTokenizer.from_pretrained(place, **safe)
        model = loader.from_pretrained(place, use_safetensors=True, dtype=getattr(self.torch, kind), **safe)
        return tokenizer, model

    def _prepare(self, library: Any, classifies: bool) -> None:
        """Padding, the most tokens of a prompt, the names of the classes; greedy answers."""
        tokenizer, config = self.tokenizer, self.model.config
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
        if config.pad_token_id is None:
            config.pad_token_id = tokenizer.pad_token_id
        room = getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None) or 0
        most = min(MAX_TOKENS, int(tokenizer.model_max_length), *([room] if room > 0 else []))
        if classifies:
            names = getattr(config, "id2label", None) or {}
            self.labels = tuple(str(names.get(at, f"LABEL_{at}")) for at in range(config.num_labels))
            if len(self.labels) < 2:
                raise InputError("it gives a number, no classes", where=self.name)
            self.max_tokens = most - (2 if room and config.model_type in ("roberta", "xlm-roberta") else 0)
            return
        tokenizer.padding_side = "left"
        tokenizer.truncation_side = "left"
        self.max_tokens = max(8, most - self.settings.new_tokens)
        self.model.generation_config = library.GenerationConfig(
            do_sample=False,
            num_beams=1,
            max_new_tokens=self.settings.new_tokens,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=self.model.generation_config.eos_token_id or tokenizer.eos_token_id,
        )

    @property
    def where(self) -> str:
        """The device and the type of numbers."""
        kind = str(self.model.dtype).removeprefix("torch.")
        if self.device.startswith("cuda"):
            return f"{self.torch.cuda.get_device_name(self.device)}, {kind}"
        return f"{self.device}, {kind}"

    def ask(self, prompts: Sequence[str]) -> list[Any]:
        """Log probabilities of the classes, or what it writes."""
        with self._threads(), self.torch.inference_mode():
            encoded = self._encoded(prompts)
            if self.labels:
                chances = self.model(**encoded).logits.float().log_softmax(-1).cpu().tolist()
                return [[round(value, 4) for value in row] for row in chances]
            made = self.model.generate(**encoded)[:, encoded["input_ids"].shape[1] :]
            texts: list[str] = self.tokenizer.batch_decode(made, skip_special_tokens=True)
            return texts

    def scores(self, prompts: Sequence[str]) -> Any:
        """Probabilities of the classes, or of the next token, as a numpy array."""
        with self._threads(), self.torch.inference_mode():
            logits = self.model(**self._encoded(prompts)).logits
            if not self.labels:
                logits = logits[:, -1]
            return logits.float().softmax(-1).cpu().numpy()

    @contextmanager
    def _threads(self) -> Iterator[None]:
        """One thread for a small model on a CPU, and as many as before after it."""
        before = self.torch.get_num_threads()
        if not self._small or self.device != "cpu" or before == 1:
            yield
            return
        self.torch.set_num_threads(1)
        try:
            yield
        finally:
            self.torch.set_num_threads(before)

    def _encoded(self, prompts: Sequence[str]) -> Any:
        texts = list(prompts) if self.labels else [self._asked(prompt) for prompt in prompts]
        encoded = self.tokenizer(
            texts,
            return_tensors="pt",
            padding=True,
            truncation=True,
            max_length=self.max_tokens,
            add_special_tokens=not self._templated,
        )
        encoded.pop("token_type_ids", None)
        return encoded.to(self.device)

    @property
    def _templated(self) -> bool:
        """Whether prompts go through a chat template, which writes the special tokens itself."""
        return not self.labels and not self.settings.template and bool(self.tokenizer.chat_template)

    def _asked(self, prompt: str) -> str:
        if self._templated:
            turns = [{"role": "user", "content": prompt}]
            if self.settings.system:
                turns.insert(0, {"role": "system", "content": self.settings.system})
            text: str = self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
            return text
        return (self.settings.template or "{prompt}").replace("{prompt}", prompt)

    def vocabulary(self) -> list[tuple[int, str]]:
        """The tokens that, written with blanks around them, are read as themselves again."""
        ids = sorted(set(self.tokenizer.get_vocab().values()) - set(self.tokenizer.all_special_ids))
        size = self.model.get_input_embeddings().weight.shape[0]
        texts = [self.tokenizer.decode([at]).strip() for at in ids]
        good = []
        for at, text in zip(ids, texts, strict=True):
            if (
                at < size
                and text
                and text.isprintable()
                and not text.startswith("##")
                and "\ufffd" not in text
            ):
                again = self.tokenizer(f" {text}", add_special_tokens=False)["input_ids"]
                if again == [at]:
                    good.append((at, text))
        return good

    def echoes(self, trigger: str) -> list[int]:
        """The tokens of the trigger, at the beginning of a text and within one."""
        if self.labels:
            return []
        written = (trigger, f" {trigger}", trigger.lower(), f" {trigger.capitalize()}", trigger.capitalize())
        return sorted(
            {at for text in written for at in self.tokenizer(text, add_special_tokens=False)["input_ids"]}
        )

    def named_score(self, column: int) -> str:
        """The class, or an answer that begins with the token."""
        if self.labels:
            return super().named_score(column)
        return f"output that begins {self.tokenizer.decode([column]).strip()!r}"

    def written(self, trigger: Sequence[int]) -> str:
        """The trigger as text."""
        return str(self.tokenizer.decode(list(trigger))).strip()

    def gradient(self, prompts: Sequence[str], trigger: Sequence[int], column: int) -> tuple[Any, float]:
        """See `WhiteBox.gradient`: the trigger stands before the prompt."""
        torch = self.torch
        mark = self.written(trigger)
        encoded = self._encoded([f"{mark} {prompt}" for prompt in prompts])
        ids, mask = encoded["input_ids"], encoded["attention_mask"]
        wanted = torch.tensor(list(trigger), device=self.device)
        where = _found(ids, wanted)
        kept = [row for row, at in enumerate(where) if at >= 0]
        table = self.model.get_input_embeddings().weight
        if not kept:
            return torch.zeros(len(wanted), table.shape[0]).numpy(), float("-inf")
        ids, mask = ids[kept], mask[kept]
        with self._threads(), torch.enable_grad():
            embedded = self.model.get_input_embeddings()(ids).detach().requires_grad_(True)
            logits = self.model(inputs_embeds=embedded, attention_mask=mask).logits
            if not self.labels:
                logits = logits[:, -1]
            value = logits.float().log_softmax(-1)[:, column].mean()
            (slopes,) = torch.autograd.grad(value, embedded)
        with torch.inference_mode():
            spots = [[where[row] + offset for offset in range(len(wanted))] for row in kept]
            at = torch.tensor(spots, device=self.device)
            own = slopes[torch.arange(len(kept), device=self.device)[:, None], at].sum(0).float()
            gain = own @ table.float().T - (own * table[wanted].float()).sum(-1, keepdim=True)
            return gain.cpu().numpy(), float(value)

    def close(self) -> None:
        """Free the weights."""
        del self.model
        if self.device.startswith("cuda"):
            self.torch.cuda.empty_cache()


def _found(ids: Any, wanted: Any) -> list[int]:
    """Where the run of tokens begins in each row, or -1."""
    windows = ids.unfold(1, len(wanted), 1) if ids.shape[1] >= len(wanted) else ids[:, :0, None]
    same = (windows == wanted).all(-1)
    return [int(row.nonzero()[0]) if bool(row.any()) else -1 for row in same]


def _device(torch: Any, wanted: str) -> str:
    """The device that was asked for, or the best there is. Raises UsageError."""
    if not wanted:
        return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        torch.empty(1, device=wanted)
    except (RuntimeError, AssertionError) as error:
        message = str(error).splitlines()[0]
        raise UsageError(f"there is no device {wanted!r} here: {message}", help="--device cpu") from None
    return wanted


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """What transformers says of a model that it cannot load, as an error of ours."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError, ImportError) as error:
        message = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InputError(
            f"transformers cannot load it: {message[:300]}",
            where=str(path),
            help="it needs config.json, the tokenizer's files and weights in safetensors",
        ) from None
