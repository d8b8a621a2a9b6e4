"""`modelward convert`: the tensors of a checkpoint as safetensors, with nothing in it run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.core.escape import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelward.scan.convert import Conversion

#: Things left out that are named one by one; `--json` names all.
MAX_LISTED = 20
_FORMAT = "safetensors"


@click.command("convert")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--to",
    type=click.Choice([_FORMAT]),
    required=True,
    expose_value=False,  # there is no other yet
    help="The format to write.",
)
@click.option("--only", metavar="NAME", default="", help="Convert this part of the checkpoint (state_dict).")
@click.option("--force", is_flag=True, help="Replace files that exist.")
@click.option("--even-if-malicious", is_flag=True, help="Convert the tensors of a malicious file too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def convert(path: Path, out: Path, only: str, force: bool, even_if_malicious: bool, as_json: bool) -> None:
    """Write the tensors of the torch checkpoint PATH to the file OUT, as torch.load would give them.

    The pickle in PATH is read, not run: nothing is imported or called. What is no tensor is left out and
    listed on stderr. If PATH is a directory with a .bin.index.json, its shards are converted into the
    directory OUT, with a new index.

    Exit code 1: the file is malicious and was not converted; 2: it cannot be converted exactly.
    """
    from modelward.cli.progress import progress
    from modelward.scan.convert import Wish
    from modelward.scan.convert import convert as run

    wish = Wish(only, force, even_if_malicious)
    made = run(path, out, wish=wish, progress=progress(str(path)))
    if as_json:
        output.answer_json({"format": _FORMAT, "files": [_json(one) for one in made]})
        return
    for one in made:
        _tell(one)
        output.answer(
            f"{escape(str(one.path))}: {_plural(len(one.tensors), 'tensor')}, {one.bytes} bytes, "
            f"from {escape(str(one.source))} ({one.verdict.value})"
        )


def _tell(one: Conversion) -> None:
    """What the reader of the answer should know besides."""
    _list([f"left out: {escape(left.name or '(all)')}, {escape(left.what)}" for left in one.left_out])
    _list(
        [
            f"share memory, written once each: {', '.join(escape(name) for name in names)}"
            for names in one.copied
        ]
    )
    if one.verdict.value != "clean":
        output.note(f"note: {escape(str(one.source))} is {one.verdict.value}; only its tensors were written")


def _list(lines: Sequence[str]) -> None:
    for line in lines[:MAX_LISTED]:
        output.note(line)
    if len(lines) > MAX_LISTED:
        output.note(f"and {len(lines) - MAX_LISTED} more (--json lists all)")


def _json(one: Conversion) -> dict[str, Any]:
    return {
        "source": _text(str(one.source)),
        "path": _text(str(one.path)),
        "verdict": one.verdict.value,
        "bytes": one.bytes,
        "tensors": [
            {"name": tensor.name, "dtype": tensor.dtype, "shape": list(tensor.shape)}
            for tensor in one.tensors
        ],
        "left_out": [{"name": _text(left.name), "what": _text(left.what)} for left in one.left_out],
        "copied": [list(names) for names in one.copied],
    }


def _text(text: str) -> str:
    """A text as JSON can hold it."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
