"""People in one working directory, each with keys, pins and memory of their own, as they type commands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import Done

HOME_VARIABLE = "MODELWARD_HOME"

#: Who has a key, and its roles. Ruth made the registry; olga has nothing but its pin.
ROLES = {
    "alice": ("publisher",),
    "bob": ("approver",),
    "carol": ("approver",),
    "sam": ("scanner",),
}

#: What most tests need of a policy: two stages that differ, and one rule of the organisation's own.
POLICY = """\
format = "modelward-policy/v1"
name = "small"

[stage.dev.check.log-consistent]
[stage.dev.check.signed]
allow-imported = true
[stage.dev.check.not-revoked]

[stage.production.check.log-consistent]
[stage.production.check.signed]
[stage.production.check.not-revoked]
[stage.production.check.approved]
[[stage.production.rule]]
id = "small-enough"
title = "at most 1000 bytes"
needs = ["files.bytes"]
expression = "files.bytes <= 1000"
message = "it is over 1000 bytes"
solution = "make it smaller"
"""

_DIGEST = r"(sha256|dirHash|ecdsa-p256|ed25519):[0-9a-f]+(?:…[0-9a-f]+)?"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{5,8}(?:Z| UTC)"


class Company:
    """A working directory with a registry, and the people who use it."""

    def __init__(self, place: Path, command: Callable[..., Done]) -> None:
        self.place = place
        self._command = command

    def __call__(self, who: str, *arguments: object) -> Done:
        """Run a command in this process as somebody."""
        former = os.environ.get(HOME_VARIABLE)
        os.environ[HOME_VARIABLE] = str(self.home(who))
        try:
            return self._command(*arguments)
        finally:
            os.environ.pop(HOME_VARIABLE)
            if former is not None:
                os.environ[HOME_VARIABLE] = former

    def ok(self, who: str, *arguments: object) -> Done:
        """The same, for commands that must end with 0."""
        done = self(who, *arguments)
        assert done.code == 0, done.err
        return done

    def start(self, who: str, *arguments: object, **options: object) -> subprocess.Popen[str]:
        """Start a command as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "modelward", *map(str, arguments)],
            cwd=self.place,
            env=self.environment(who),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,  # type: ignore[call-overload]
        )

    def environment(self, who: str) -> Mapping[str, str]:
        """The environment of somebody's processes."""
        return {**os.environ, HOME_VARIABLE: str(self.home(who))}

    def home(self, who: str) -> Path:
        """Somebody's MODELWARD_HOME."""
        return self.place / "people" / who

    @property
    def registry(self) -> Path:
        """The registry's directory."""
        return self.place / "registry"

    def pin(self) -> str:
        """The registry's identity."""
        return self.ok("ruth", "key", "root").out.strip()

    def join(self, who: str, roles: tuple[str, ...] = (), *, person: str | None = None) -> None:
        """Give somebody a home with the pin, and a key with roles."""
        self.ok(who, "key", "root", "--pin", self.pin(), "--name", "acme")
        if roles:
            self.ok(who, "key", "new", who, "--no-passphrase")
            (self.home(who) / "identity.toml").write_text(
                f'name = "{who}"\nsigner = "file:keys/{who}.pem"\n', encoding="utf-8"
            )
            given = [part for role in roles for part in ("--role", role)]
            given += [] if person is None else ["--person", person]
            self.ok("ruth", "key", "trust", who, "--key", self.home(who) / "keys" / f"{who}.pub", *given)

    def policy(self, text: str) -> None:
        """Put a gate policy in force."""
        file = self.place / "policy.toml"
        file.write_text(text, encoding="utf-8")
        self.ok("ruth", "registry", "policy", file)

    def model(self, name: str = "model", **files: str) -> Path:
        """A directory with a model in it."""
        path = self.place / name
        path.mkdir(exist_ok=True)
        for file, text in (files or {"weights": "w" * 100, "config": "{}"}).items():
            (path / file).write_text(text, encoding="utf-8")
        return path

    def push(self, name: str = "model", **files: str) -> Done:
        """Alice pushes a directory as the next version of `fraud`."""
        return self.ok("alice", "push", self.model(name, **files), "--model", "fraud")

    def release(self) -> Path:
        """Version 1 in production; gives its directory."""
        self.push()
        self.ok("bob", "approve", "fraud@1", "--to", "production")
        self.ok("alice", "promote", "fraud@1", "--to", "production")
        return self.place / "model"

    def served(self, name: str = "served") -> Path:
        """A copy of the released files and of their bundle, for somebody elsewhere."""
        path = self.place / name
        with suppress(FileNotFoundError):
            shutil.rmtree(path)
        shutil.copytree(self.place / "model", path)
        return path

    def bundle(self, stage: str = "production", model: str = "fraud") -> Path:
        """Where the registry keeps a stage's release bundle."""
        return self.registry / "releases" / model / f"{stage}.json"

    def sound(self) -> None:
        """The tables are what the log says, and the log is whole."""
        replayed = self("ruth", "registry", "replay")
        assert (replayed.code, replayed.out[:6]) == (0, "equal:"), replayed.out + replayed.err
        self.ok("ruth", "log", "audit")

    def log_size(self) -> int:
        """How many entries the log has."""
        found = re.search(r"(\d+) log entries", self.ok("ruth", "registry", "show").out)
        assert found is not None
        return int(found[1])

    def masked(self, text: str) -> str:
        """Text with what differs from run to run left out."""
        text = text.replace(str(self.place), "PLACE")
        return re.sub(_TIME, "TIME", re.sub(_DIGEST, r"\1:#", text))


def found_company(place: Path, command: Callable[..., Done]) -> Company:
    """Make a registry named acme, and let everybody join."""
    company = Company(place, command)
    company.ok("ruth", "init", "registry", "--name", "acme", "--as", "ruth", "--no-passphrase")
    for who, roles in ROLES.items():
        company.join(who, roles)
    company.join("olga")
    company.policy(POLICY)
    return company
