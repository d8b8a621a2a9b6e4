"""Release bundles: one strict, capped form."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.registry.town import Town

from modelward.core import strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded
from modelward.gate import release_bundle
from modelward.gate.release_bundle import ReleaseBundle


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bundle of a real release."""
    town = Town(tmp_path_factory.mktemp("town"))
    town.released()
    return Path(town.bundle()).read_bytes()


def test_what_is_written_is_read_back(data: bytes) -> None:
    bundle = ReleaseBundle.from_bytes(data)
    assert bundle.to_bytes() == data
    assert bundle.bom_digest == Digest.sha256(strict_json.dumps(bundle.bom))
    assert bundle.previous is None
    assert [item.index for item in bundle.evidence] == sorted(item.index for item in bundle.evidence)


def change(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Set what lies at `a/0/b` of a document."""

    def apply(document: dict[str, Any]) -> None:
        *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
        place: Any = document
        for part in parents:
            place = place[part]
        place[last] = value

    return apply


HASH = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (change("format", "modelward-release/v2"), "not a release bundle of format"),
        (change("extra", 1), "not a release bundle of format"),
        (lambda document: document.pop("status"), "not a release bundle of format"),
        (change("bom", []), "the BOM must be an object"),
        (change("manifest", 7), "expected text"),
        (change("policy", None), "expected text"),
        (change("checkpoint", ["x"]), "expected text"),
        (change("trust", {}), "a list of bounded length"),
        (change("trust/0", "x"), "a list of bounded length"),
        (change("trust/0/0", "x"), "a signed statement must be an object"),
        (change("status", None), "a signed statement must be an object"),
        (change("status", {}), "bundle media type"),
        (change("stage", None), "exactly bundle, index and proof"),
        (change("stage/extra", 1), "exactly bundle, index and proof"),
        (change("stage/index", -1), "a whole number"),
        (change("stage/index", True), "a whole number"),
        (change("stage/index", 1.0), "a whole number"),
        (change("stage/proof", [HASH] * 129), "a proof is too long"),
        (change("stage/proof", ["AA=="]), "base64 SHA-256 hashes"),
        (change("stage/proof", [HASH[:-1] + "!"]), "base64 SHA-256 hashes"),
        (change("stage/proof", [7]), "base64 SHA-256 hashes"),
        (change("decision/proof", {}), "a list of bounded length"),
        (change("previous", "x"), "exactly bundle, index and proof"),
        (change("continuity", [{"size": 1}]), "exactly size and proof"),
        (change("continuity", [{"size": -1, "proof": []}]), "a whole number"),
        (change("evidence", [1]), "exactly bundle, index and proof"),
    ],
)
def test_any_other_form_is_refused(data: bytes, edit: Callable[[Any], object], said: str) -> None:
    document = json.loads(data)
    edit(document)
    with pytest.raises(InputError, match=said):
        ReleaseBundle.from_bytes(json.dumps(document).encode())


def test_a_list_over_the_cap_is_refused(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_bundle, "MAX_EVIDENCE", 2)
    with pytest.raises(InputError, match="bounded length"):
        ReleaseBundle.from_bytes(data)


def test_a_bundle_over_the_cap_is_refused(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_bundle, "MAX_BYTES", 1000)
    with pytest.raises(LimitExceeded):
        ReleaseBundle.from_bytes(data)


def test_a_doubled_key_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        ReleaseBundle.from_bytes(data.replace(b'"format":', b'"format":"x","format":', 1))


@settings(max_examples=40)
@given(draw=st.data())
def test_a_bundle_that_was_cut_or_flipped_is_read_or_refused(data: bytes, draw: st.DataObject) -> None:
    place = draw.draw(st.integers(0, len(data) - 1))
    byte = draw.draw(st.integers(0, 255))
    for broken in (data[:place], data[:place] + bytes([byte]) + data[place + 1 :]):
        try:
            ReleaseBundle.from_bytes(broken)
        except InputError:
            continue
