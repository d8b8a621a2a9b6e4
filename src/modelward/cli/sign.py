"""`modelward sign`: an OpenSSF model signature, or a signed statement about a model."""

from __future__ import annotations

from pathlib import Path

import click

from modelward.cli import output
from modelward.cli.home import Home
from modelward.core.errors import InputError, UsageError
from modelward.core.escape import escape

#: A predicate file larger than this is refused.
MAX_PREDICATE_BYTES = 16 << 20


@click.command("sign")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--key", metavar="URI", help="The signer: file:KEY.pem or pkcs11:…; default: yours.")
@click.option("--output", "-o", "destination", type=click.Path(path_type=Path), help="Where to write it.")
@click.option("--force", is_flag=True, help="Replace the output file if it exists.")
@click.option("--timestamp", metavar="URL", help="Have this RFC 3161 authority prove when it was signed.")
@click.option("--ignore", metavar="NAME", multiple=True, help="Leave out NAME in PATH. Verifiers will ask.")
@click.option("--predicate", "predicate_file", type=click.Path(path_type=Path), help="Sign this predicate.")
@click.option(
    "--type", "predicate_type", metavar="URI", help="The predicate's type, or our short name for it."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def sign(
    path: Path,
    key: str | None,
    destination: Path | None,
    force: bool,
    timestamp: str | None,
    ignore: tuple[str, ...],
    predicate_file: Path | None,
    predicate_type: str | None,
    as_json: bool,
) -> None:
    """Sign the model at PATH, a directory or a file.

    Writes an OpenSSF model signature, by default `model.sig` beside PATH, that `modelward verify` and
    `model_signing verify key` check. With --predicate and --type: a statement about PATH instead, by default
    NAME.TYPE.sigstore.json beside it.
    """
    if (predicate_file is None) != (predicate_type is None):
        raise UsageError("--predicate and --type go together")
    if predicate_file is not None and ignore:
        raise UsageError("--ignore is for model signatures only")
    beside = path.resolve().parent
    if predicate_file is not None and predicate_type is not None:
        kind = _known_type(predicate_type)
        target = destination or beside / f"{path.resolve().name}.{_short_name(kind)}.sigstore.json"
        _demand_free(target, force)
        answer = _sign_predicate(path, target, key, timestamp, predicate_file, kind)
    else:
        target = destination or beside / "model.sig"
        _demand_free(target, force)
        answer = _sign_model(path, target, key, timestamp, ignore)
    if as_json:
        output.answer_json(answer)
        return
    output.answer(f"signed   {escape(path.resolve().name)}: {answer['subject']}")
    output.answer(f"type     {answer['type']}\nkey      {answer['key']}\nwritten  {escape(str(target))}")


def _sign_model(
    path: Path, target: Path, key: str | None, timestamp: str | None, ignore: tuple[str, ...]
) -> dict[str, str]:
    from modelward.attest.oms import sign_oms
    from modelward.cli.progress import progress
    from modelward.core import atomic

    signer = Home.open().signer(key)
    bundle = sign_oms(
        path,
        signer,
        signature_path=target,
        ignore=ignore,
        timestamp=timestamp,
        progress=progress("hashing"),
    )
    atomic.write_bytes(target, bundle.to_bytes())
    for name in ignore:
        output.note(f"warning: not signed: {escape(name)}")
    for name in sorted(_GIT_NAMES - set(ignore)):
        if (path / name).exists():
            output.note(f"note: {name} is signed; model_signing skips it unless told --no-ignore-git-paths")
    statement = bundle.statement
    answer = {"subject": str(statement.subject), "type": statement.predicate_type}
    return answer | {"key": signer.public.label, "key_id": signer.public.id, "output": str(target)}


#: What model_signing leaves out by default.
_GIT_NAMES = {".git", ".gitattributes", ".github", ".gitignore"}


def _sign_predicate(
    path: Path, target: Path, key: str | None, timestamp: str | None, predicate_file: Path, kind: str
) -> dict[str, str]:
    from modelward.artifact.hashing import digest_of
    from modelward.attest.bundle import sign_statement
    from modelward.attest.statement import Statement
    from modelward.cli.public_key import read_capped
    from modelward.core import atomic, strict_json

    data = read_capped(predicate_file, MAX_PREDICATE_BYTES)
    try:
        predicate = strict_json.loads(data, what="predicate", max_bytes=MAX_PREDICATE_BYTES)
        if not isinstance(predicate, dict):
            raise InputError("a predicate is a JSON object")
        unsigned = Statement(path.resolve().name, digest_of(path), kind, predicate)
        statement = Statement.from_bytes(unsigned.to_bytes())
    except InputError as error:
        raise InputError(error.message, where=error.where or str(predicate_file), help=error.help) from None
    signer = Home.open().signer(key)
    bundle = sign_statement(statement, signer, timestamp)
    atomic.write_bytes(target, bundle.to_bytes())
    answer = {"subject": str(statement.subject), "type": kind, "statement": str(bundle.statement_id)}
    return answer | {"key": signer.public.label, "key_id": signer.public.id, "output": str(target)}


def _known_type(name: str) -> str:
    """The predicate type URI that `name` is or shortens. Raises UsageError for one we do not understand."""
    from modelward.attest.predicates import CYCLONEDX_TYPE, PREDICATES, OmsSignature

    known = {kind: kind for kind in (*PREDICATES, CYCLONEDX_TYPE) if kind != OmsSignature.TYPE}
    known |= {_short_name(kind): kind for kind in known}
    if name not in known:
        raise UsageError(
            f"unknown statement type {name!r}",
            help=f"use one of {', '.join(sorted(key for key in known if '/' not in key))}",
        )
    return known[name]


def _short_name(kind: str) -> str:
    """`https://modelward.dev/attestation/evaluation/v1` -> `evaluation`."""
    parts = kind.split("/")
    return parts[-2] if parts[-1].startswith("v") else parts[-1]


def _demand_free(target: Path, force: bool) -> None:
    if target.exists() and not force:
        raise InputError(
            "file exists", where=str(target), help="choose another with --output, or replace it with --force"
        )
