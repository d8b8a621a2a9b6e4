from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.artifact import manifest as module
from modelward.artifact.manifest import Difference, Entry, Manifest
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded, ModelwardError

HEX = "0123456789abcdef" * 4


def of(**files: str) -> Manifest:
    return Manifest.of(Entry(name, Digest.sha256(text.encode()), len(text)) for name, text in files.items())


def test_listing_is_checked_by_sha256sum_and_read_back(tmp_path: Path) -> None:
    files = {"c": "1", "a-b": "2", "größe 模型": "3", " lead": "4", "*star": "5", "#x": "6", "B": ""}
    manifest = of(**files)
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "SHA256SUMS").write_bytes(manifest.to_bytes())
    subprocess.run(["sha256sum", "--strict", "--status", "-c", "SHA256SUMS"], cwd=tmp_path, check=True)
    again = Manifest.parse(manifest.to_bytes())
    assert again.to_bytes() == manifest.to_bytes()
    assert again.digest == manifest.digest
    assert not manifest.diff(again)


def test_digest_is_a_dirhash_over_the_listing() -> None:
    manifest = of(a="1", b="22")
    assert manifest.digest == Digest("dirHash", hashlib.sha256(manifest.to_bytes()).hexdigest())
    assert (manifest.files, manifest.bytes) == (2, 3)


def test_sizes_are_not_part_of_the_listing_and_unknown_when_read_back() -> None:
    again = Manifest.parse(of(a="1").to_bytes())
    assert again.entries[0].size is None
    assert again.bytes is None


def test_order_is_that_of_the_c_locale() -> None:
    files = dict.fromkeys(["é", "z", "a-b", "a.b", "Y", "\uffff", "\U00010000"], "")
    names = [entry.name for entry in of(**files).entries]
    assert names == sorted(names, key=str.encode)


def test_difference_names_what_is_missing_extra_and_changed() -> None:
    expected = of(a="1", b="2", c="3")
    assert expected.diff(of(b="2", c="other", d="4")) == Difference(("a",), ("d",), ("c",))
    assert not expected.diff(expected)
    assert expected.diff(of(a="1", b="2"))


@pytest.mark.parametrize(
    ("listing", "why"),
    [
        ("", "cut off"),
        (f"{HEX}  a", "cut off"),
        ("\n", "line 1"),
        (f"{HEX}  a\n\n", "line 2"),
        (f"{HEX} *a\n", "line 1"),
        (f"{HEX} a\n", "line 1"),
        (f"{HEX.upper()}  a\n", "line 1"),
        (f"{HEX[:-1]}  a\n", "line 1"),
        (f"{HEX}  \n", "line 1"),
        (f"\\{HEX}  a\n", "line 1"),
        (f"SHA256 (a) = {HEX}\n", "line 1"),
        (f"{HEX}  a\r\n", "control"),
        (f"{HEX}  a\\nb\n", "backslash"),
        (f"{HEX}  b\n{HEX}  a\n", "order"),
        (f"{HEX}  a\n{HEX}  a\n", "twice"),
        (f"{HEX}  A\n{HEX}  a\n", "one name"),
        (f"{HEX}  a\n{HEX}  a/b\n", "one name"),
        (f"{HEX}  /etc/passwd\n", "absolute"),
        (f"{HEX}  ../a\n", r"\.\."),
        (f"{HEX}  -\n", "standard input"),
    ],
)
def test_manifest_that_could_be_read_two_ways_or_lead_elsewhere_is_refused(listing: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        Manifest.parse(listing.encode())


def test_name_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(InputError, match="not UTF-8"):
        Manifest.parse(HEX.encode() + b"  \xff\n")


def test_bounds_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = of(a="1", b="2").to_bytes()
    monkeypatch.setattr(module, "MAX_FILES", 1)
    with pytest.raises(LimitExceeded):
        Manifest.parse(listing)
    with pytest.raises(LimitExceeded):
        of(a="1", b="2")
    monkeypatch.setattr(module, "MAX_BYTES", len(listing) - 1)
    with pytest.raises(LimitExceeded):
        Manifest.parse(listing)


def test_manifest_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="at least one"):
        Manifest(())


def test_directory_digest_does_not_stand_for_a_file() -> None:
    with pytest.raises(InputError, match="sha256"):
        Manifest((Entry("a", Digest("dirHash", HEX)),))


LINES = st.builds(
    "{}{}{}".format,
    st.sampled_from([HEX, HEX.upper(), HEX[1:], "\\" + HEX]),
    st.sampled_from(["  ", " *", " ", "\t "]),
    st.text("aA./\\-é\u0301\x00\r \udcff", max_size=8),
)


@given(st.lists(LINES, max_size=4).map("\n".join), st.sampled_from(["", "\n", "\n\n"]))
def test_parse_accepts_only_what_it_writes(text: str, end: str) -> None:
    _parse((text + end).encode("utf-8", "surrogateescape"))


@given(st.binary(max_size=300))
def test_parse_raises_only_our_errors(data: bytes) -> None:
    _parse(data)
    _parse(HEX.encode() + b"  " + data + b"\n")


def _parse(data: bytes) -> None:
    try:
        manifest = Manifest.parse(data)
    except ModelwardError:
        return
    assert manifest.to_bytes() == data


@given(
    st.dictionaries(st.text("abcé/.", min_size=1, max_size=6), st.text(max_size=3), min_size=1, max_size=6)
)
def test_any_manifest_reads_back_as_it_was(files: dict[str, str]) -> None:
    try:
        manifest = of(**files)
    except InputError:
        return
    assert Manifest.parse(manifest.to_bytes()).digest == manifest.digest
    assert not manifest.diff(Manifest.parse(manifest.to_bytes()))
