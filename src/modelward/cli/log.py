"""`modelward log`: show a registry's log, prove entries offline, audit all of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelward.cli import output
from modelward.core.errors import EXIT_NO, EXIT_YES, InputError, ModelwardError, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.attest.trust import Trust
    from modelward.core.digest import Digest
    from modelward.log.checkpoint import SignedCheckpoint
    from modelward.log.note import NoteKey
    from modelward.log.sequencer import Log

#: An entry is named by its index or by the statement it records.
_STATEMENT = "sha256:"

_registry_option = click.option(
    "--registry", type=click.Path(path_type=Path), help="The registry's directory."
)
_key_option = click.option(
    "--key",
    type=click.Path(path_type=Path),
    help="The log's public key in PEM (default: from the trust policy of the registry you have pinned).",
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group("log")
def log() -> None:
    """Show the log, prove that it holds an entry, audit all of it."""


@log.command("show")
@click.option("--from", "start", type=click.IntRange(0), help="The first entry (default: the last 20).")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many entries.")
@_registry_option
@_key_option
@_json_option
def show(start: int | None, limit: int, registry: Path | None, key: Path | None, as_json: bool) -> None:
    """Show entries: index, type of the statement, its subject, and who signed it."""
    source = _Source.find(registry, key)
    opened = source.open()
    first = max(0, opened.size - limit) if start is None else min(start, opened.size)
    rows = list(enumerate(opened.entries(first, min(first + limit, opened.size)), first))
    if as_json:
        output.answer_json(
            {
                "entries": [{"index": index} | _fields(entry) for index, entry in rows],
                "origin": opened.origin,
                "root": opened.root().hex(),
                "signed": source.note_key is not None,
                "size": opened.size,
            }
        )
        return
    output.answer(f"log {escape(opened.origin)}, {opened.size} entries")
    for index, entry in rows:
        fields = _fields(entry)
        if "raw" in fields:
            output.answer(f"  {index}  not a registry's entry: {escape(fields['raw'], limit=80)}")
            continue
        subject = _short(fields["subject"])
        kind = escape(fields["type"].removesuffix("/").rpartition("://")[2])
        output.answer(f"  {index}  {kind}  {subject}  by {source.signer_name(fields['key'])}")
    source.warn()


@log.command("prove")
@click.argument("entry", required=False, metavar="INDEX|sha256:STATEMENT")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write the proof here (default: stdout).")
@click.option("--check", type=click.Path(path_type=Path), help="Check this proof file instead, offline.")
@click.option("--entry", "text", metavar="FILE|JSON", help="With --check: the entry that is to be proved.")
@click.option(
    "--bundle", type=click.Path(path_type=Path), help="With --check: the signed statement to be proved."
)
@_registry_option
@_key_option
def prove(
    entry: str | None,
    out: Path | None,
    check: Path | None,
    text: str | None,
    bundle: Path | None,
    registry: Path | None,
    key: Path | None,
) -> int:
    """Write a proof that the log holds an entry, or check one.

    A proof is a small text file (C2SP tlog-proof) that holds for ever and needs no registry to be checked:
    modelward log prove --check FILE --bundle STATEMENT --key LOG.pub
    """
    if check is not None:
        if entry is not None or out is not None or (text is None) == (bundle is None):
            raise UsageError("to check a proof, give --check FILE and either --entry or --bundle")
        return _check(check, _entry_bytes(text, bundle), registry, key)
    if entry is None or text is not None or bundle is not None:
        raise UsageError("which entry? give its index, or the statement it records")
    from modelward.core import atomic
    from modelward.log.proof import ProofFile

    source = _Source.find(registry, key)
    opened = source.open()
    proof = ProofFile.make(opened, _index(opened, entry))
    if out is None:
        output.answer(proof.decode("utf-8"))
    else:
        try:
            atomic.write_bytes(out, proof)
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", where=str(out)) from error
        output.note(f"proof written to {escape(str(out))}")
    source.warn()
    return EXIT_YES


@log.command("audit")
@click.option("--checkpoint", type=click.Path(path_type=Path), help="A checkpoint that you kept earlier.")
@_registry_option
@_key_option
@_json_option
def audit(checkpoint: Path | None, registry: Path | None, key: Path | None, as_json: bool) -> int:
    """Hash the whole log again and compare it with its tiles, its checkpoint, and one that was kept.

    Names every entry and tile that was changed, removed or moved. Exit code 1 if there is one.
    """
    from modelward.log.audit import audit as examine

    source = _Source.find(registry, key, required=True)
    old = _read(checkpoint) if checkpoint else source.kept_checkpoint()
    report = examine(source.directory, source.note_key, old)
    tree = report.checkpoint
    if as_json:
        output.answer_json(
            {
                "consistent": report.ok,
                "entries": tree.size,
                "extends": report.old.size if report.old else None,
                "origin": tree.origin,
                "problems": [{"what": problem.what, "where": problem.where} for problem in report.problems],
                "root": tree.root.hex(),
                "signed": report.signed,
                "unlisted": report.unlisted,
            }
        )
        return EXIT_YES if report.ok else EXIT_NO
    output.answer(f"log {escape(tree.origin)}, {tree.size} entries, checkpoint signed by its key")
    for problem in report.problems:
        output.answer(f"  FAIL  {escape(str(problem))}")
    if report.unlisted:
        output.answer(f"  and {report.unlisted} more")
    if report.ok:
        seen = f"; it continues the {report.old.size} entries seen before" if report.old else ""
        output.answer(f"result: every entry and tile is what the checkpoint signs{seen}")
        if report.old is None:
            output.note("not compared with an earlier checkpoint: pass --checkpoint FILE")
        return EXIT_YES
    output.answer("result: the log was tampered with, or damaged")
    return EXIT_NO


@dataclass(frozen=True, slots=True)
class _Source:
    """A registry's log, and whatever is known to check it with.

    problem: why there is no key, if there is none.
    """

    directory: Path
    note_key: NoteKey | None
    trust: Trust | None
    pin: Digest | None
    problem: str | None

    @classmethod
    def find(cls, registry: Path | None, key: Path | None, *, required: bool = False) -> _Source:
        """Find the log and its key: in `key`, else in the trust policy under the user's pin.

        Raises UsageError if no registry is named, InputError if its log cannot be read. `required`: without
        a key, raises why there is none.
        """
        from modelward.cli.home import Home
        from modelward.cli.publish import pin_of, registry_directory
        from modelward.log import recovery
        from modelward.log.disk import Disk

        root = registry_directory(registry)
        directory = root / "log"
        signed = recovery.published(recovery.settled(Disk(directory)))
        pin, trust, problem = None, None, None
        try:
            pin = pin_of(Home.open(), root)
            trust = _walk(pin, root)
        except ModelwardError as error:
            if required and key is None:
                raise
            problem = error.message
        note_key = _key_from_file(key, signed.checkpoint.origin) if key else None
        if note_key is None and trust is not None:
            note_key = _key_from_trust(trust, signed)
        if note_key is not None:
            signed.verify(note_key)
        return cls(directory, note_key, trust, pin, problem)

    def open(self) -> Log:
        """The log, for reading, its checkpoint's signature checked if there is a key."""
        from modelward.log.checkpoint import SignedCheckpoint
        from modelward.log.sequencer import Log

        opened = Log.open(self.directory)
        if self.note_key is not None:
            SignedCheckpoint.parse(opened.checkpoint()).verify(self.note_key)
        return opened

    def kept_checkpoint(self) -> bytes | None:
        """The newest checkpoint that this user has seen of the log."""
        from modelward.cli.home import Home

        if self.pin is None:
            return None
        path = Home.open().state_directory / f"{self.pin.value}.checkpoint"
        return _read(path) if path.is_file() else None

    def signer_name(self, key_id: str) -> str:
        """Who holds a key, as the trust policy says, and its id, shortened."""
        short = escape(f"{key_id[:4]}…{key_id[-2:]}")
        if self.trust is None:
            return short
        try:
            return f"{escape(self.trust.key(key_id).principal)} ({short})"
        except ModelwardError:
            return short

    def warn(self) -> None:
        """Say that no signature was checked, if none was."""
        if self.note_key is None:
            output.note(f"the checkpoint's signature was not checked: {escape(self.problem or 'no key')}")


def _walk(pin: Digest, registry: Path) -> Trust:
    from modelward.attest.trust import walk
    from modelward.attest.trust_files import load_versions
    from modelward.core import instant

    return walk(pin, load_versions(registry), now=instant.now())


def _key_from_file(path: Path, origin: str) -> NoteKey:
    from modelward.log.note import NoteKey

    try:
        return NoteKey.from_pem(origin, _read(path))
    except InputError as error:
        raise InputError(error.message, where=str(path), help=error.help) from None


def _key_from_trust(trust: Trust, signed: SignedCheckpoint) -> NoteKey:
    """The log key in force that signed the checkpoint; if none did, one that did not. Raises InputError."""
    from modelward.log.note import NoteKey

    keys = [NoteKey.from_pem(trust.policy.log_origin, key.pem) for key in trust.log_keys]
    if not keys:
        raise InputError("the trust policy has no log key in force", help="pass --key PEM")
    return next((key for key in keys if signed.note.signature_by(key) is not None), keys[0])


def _check(check: Path, entry: bytes, registry: Path | None, key: Path | None) -> int:
    from modelward.log.checkpoint import SignedCheckpoint
    from modelward.log.proof import MAX_PROOF_BYTES, ProofFile

    proof = ProofFile.parse(_read(check, MAX_PROOF_BYTES))
    if key is not None:
        origin = SignedCheckpoint.parse(proof.checkpoint).checkpoint.origin
        note_key = _key_from_file(key, origin)
    else:
        from modelward.cli.home import Home
        from modelward.cli.publish import pin_of, registry_directory

        root = registry_directory(registry)
        trust = _walk(pin_of(Home.open(), root), root)
        note_key = _key_from_trust(trust, SignedCheckpoint.parse(proof.checkpoint))
    tree = proof.verify(entry, note_key)
    output.answer(f"proved: entry {proof.index} of the log {escape(tree.origin)}, of {tree.size} entries")
    return EXIT_YES


def _entry_bytes(text: str | None, bundle: Path | None) -> bytes:
    """The entry that a proof is about, from its JSON, a file with it, or a signed statement."""
    from modelward.log.tiles import MAX_ENTRY_BYTES

    if bundle is not None:
        from modelward.attest.bundle import MAX_BUNDLE_BYTES, Bundle
        from modelward.gate.entry import LogEntry

        return LogEntry.of(Bundle.from_bytes(_read(bundle, MAX_BUNDLE_BYTES))).to_bytes()
    if text is not None and text.startswith("{"):
        return text.encode("utf-8", "surrogateescape")
    return _read(Path(text or ""), MAX_ENTRY_BYTES)


def _index(opened: Log, name: str) -> int:
    """The index of the entry that `name` names. Raises InputError, UsageError."""
    if name.isascii() and name.isdigit() and len(name) < 20:
        return int(name)
    if not name.startswith(_STATEMENT):
        raise UsageError(f"not an entry: {name!r}", help="give its index, or sha256:… of its statement")
    from modelward.core.digest import Digest

    wanted = str(Digest.parse(name))
    found = [
        index for index, entry in enumerate(opened.entries()) if _fields(entry).get("statement") == wanted
    ]
    if not found:
        raise InputError(f"the log records no statement {wanted}", where=str(opened.origin))
    if len(found) > 1:
        output.note(f"signed several times, in entries {', '.join(map(str, found))}; proving the first")
    return found[0]


def _fields(entry: bytes) -> dict[str, str]:
    """What a registry's entry says; anything else as `raw`."""
    from modelward.gate.entry import LogEntry

    try:
        parsed = LogEntry.parse(entry)
    except InputError:
        return {"raw": entry.decode("utf-8", "backslashreplace")}
    return {
        "key": parsed.key,
        "statement": str(parsed.statement),
        "subject": str(parsed.subject),
        "type": parsed.type,
    }


def _short(digest: str) -> str:
    from modelward.core.digest import Digest

    return Digest.parse(digest).short


def _read(path: Path, limit: int = 1 << 20) -> bytes:
    from modelward.cli.public_key import read_capped

    return read_capped(path, limit)
