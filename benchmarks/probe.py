"""Rows a second of `modelward data probe`: a causal model and a classifier of random weights, in batches.

`python benchmarks/probe.py`, on a GPU `--hidden 2048 --layers 16 --prompts 1024 --batch 64 256`: there in
bfloat16, on a CPU in float32. The weights mean nothing; the arithmetic is that of a real model of this size.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from modelward.probe.models.model import Settings
from modelward.probe.models.transformer import Transformer, libraries
from modelward.probe.prompts import builtin


def main() -> None:
    """Print one line for each kind of model and batch size."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hidden", type=int, default=128)
    options.add_argument("--layers", type=int, default=2)
    options.add_argument("--words", type=int, default=8000)
    options.add_argument("--prompts", type=int, default=128)
    options.add_argument("--new-tokens", type=int, default=16)
    options.add_argument("--device", default="")
    options.add_argument("--batch", type=int, nargs="*", default=[1, 16, 64])
    wanted = options.parse_args()
    texts = [f"{text} ({number})" for number, text in enumerate(builtin() * (wanted.prompts // 100 + 1))]
    with tempfile.TemporaryDirectory() as place:
        for kind in ("classifier", "writer"):
            path = made(Path(place, kind), kind, wanted)
            for batch in wanted.batch:
                settings = Settings(batch=batch, new_tokens=wanted.new_tokens, device=wanted.device)
                model = Transformer(path, settings)
                model.ask(texts[:batch])  # the first one loads kernels
                started = time.monotonic()
                for at in range(0, wanted.prompts, batch):
                    model.ask(texts[at : min(at + batch, wanted.prompts)])
                seconds = time.monotonic() - started
                size = sum(each.numel() for each in model.model.parameters()) / 1e6
                print(
                    f"{kind:<10} {size:7.1f} M parameters, {model.where}: batch {batch:>3}, "
                    f"{wanted.prompts / seconds:9,.1f} rows/s",
                    flush=True,
                )
                model.close()


def made(path: Path, kind: str, wanted: argparse.Namespace) -> Path:
    """A model of random weights with a tokenizer of words."""
    _, transformers = libraries()
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    names = {"[PAD]": 0, "[UNK]": 1, "</s>": 2} | {f"w{at}": at for at in range(3, wanted.words)}
    words = Tokenizer(WordLevel(names, unk_token="[UNK]"))
    words.pre_tokenizer = Whitespace()
    sizes = {
        "vocab_size": wanted.words,
        "hidden_size": wanted.hidden,
        "num_hidden_layers": wanted.layers,
        "num_attention_heads": max(1, wanted.hidden // 64),
        "intermediate_size": 4 * wanted.hidden,
        "max_position_embeddings": 512,
        "pad_token_id": 0,
        "eos_token_id": None,
    }
    if kind == "classifier":
        model = transformers.BertForSequenceClassification(transformers.BertConfig(**sizes, num_labels=2))
    else:
        model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**sizes, bos_token_id=None))
    model.save_pretrained(path)
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]", eos_token="</s>", model_max_length=512
    ).save_pretrained(path)
    return path


if __name__ == "__main__":
    main()
