"""`modelward derivation`, exactly as it is printed, and what its signature stands for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.company import Company
from tests.pipeline.derivation.llamas import llama, save

from modelward.attest.predicates import Derivation
from modelward.core.digest import Digest

Command = Callable[..., Any]


def standing(company: Company) -> list[Derivation]:
    from modelward.registry.local import Registry

    with Registry(company.registry, Digest.parse(company.pin())) as registry:
        artifact = registry.version("fraud").artifact
        return [found.predicate for found in registry.evidence([artifact]).about(artifact, Derivation)]


def test_a_stranger_is_named_as_one(tmp_path: Path, command: Command) -> None:
    save(tmp_path / "model", llama(2))
    save(tmp_path / "base", llama(1))
    done = command("derivation", tmp_path / "model", tmp_path / "base", "--seed", "s")
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[0].startswith("inconsistent: ")
    assert lines[1] == "  100.0% of the weights are not the base's"
    assert lines[-1] == "seed s, drawn rows of large tensors"


def test_exit_codes_follow_the_verdict(tmp_path: Path, command: Command) -> None:
    save(tmp_path / "base", llama(1))
    part = {name: one for name, one in llama(1).items() if "v_proj" in name}
    assert command("derivation", save(tmp_path / "part", part), tmp_path / "base").code == 2
    done = command("derivation", tmp_path / "base", tmp_path / "base", "--json")
    assert (done.code, json.loads(done.out)["verdict"]) == (0, "consistent")


def test_the_signed_verdict_is_about_the_registered_artifact(company: Company) -> None:
    save(Path("plain"), llama(1))
    save(Path("base"), llama(1))
    company.ok("alice", "push", "plain", "--model", "fraud")
    done = company("sam", "derivation", "plain", "base", "--sign")
    assert done.code == 0, done.err
    (said,) = standing(company)
    assert (said.verdict, said.base.name, said.related) == ("consistent", "base", 1.0)


def test_the_publisher_cannot_sign_that_the_model_is_what_it_claims(company: Company) -> None:
    save(Path("plain"), llama(1))
    company.ok("alice", "push", "plain", "--model", "fraud")
    done = company("alice", "derivation", "plain", "plain", "--sign")
    assert done.code == 1
    assert standing(company) == []
