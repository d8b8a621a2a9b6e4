from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core.errors import InputError
from modelward.data.exchange import pointers
from modelward.data.exchange.facts import Agent, File

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"ab" * 32 + b"\nsize 12\n"


def test_a_git_lfs_pointer_names_digest_and_size() -> None:
    assert pointers.read_lfs(LFS, "data/a.csv").files == (File(path="a.csv", sha256="ab" * 32, size=12),)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        LFS[:-8],
        LFS.replace(b"sha256", b"sha1"),
        LFS.replace(b"12", b"-1"),
        LFS + b"size 13\n",
        LFS + b"\xff\n",
        LFS + b"ext-0-x " + b"y" * 1024,
    ],
)
def test_what_is_no_pointer_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        pointers.read_lfs(data, "a")


#: As `dvc add`, `dvc import`, `dvc import-url` and `dvc repro` of DVC 3.67 write them.
ADDED = b"""outs:
- md5: 6a84c00a80657e223162fd4a4b4fc640.dir
  size: 16
  nfiles: 2
  hash: md5
  path: data
"""
IMPORTED = b"""md5: 1f8c6b5a5a0ee6b9a3c6a7d1b2f4c8a1
frozen: true
deps:
- path: get-started/data.xml
  repo:
    url: https://example.org/registry
    rev_lock: f31f5c4cdae787b4bdeb97a717687d44667d9e62
outs:
- md5: 22a1a2931c8370d3aeedd7183606fd7f
  size: 14445097
  hash: md5
  path: data.xml
"""
FETCHED = b"""deps:
- path: https://example.org/data.csv
  size: 7
outs:
- md5: 781924939aca8aa46c5d74510c130e42
  path: data.csv
"""
LOCKED = b"""schema: '2.0'
stages:
  clean:
    cmd: cp one.csv two.csv
    deps:
    - path: one.csv
      hash: md5
      md5: 781924939aca8aa46c5d74510c130e42
      size: 7
    outs:
    - path: two.csv
      hash: md5
      md5: 781924939aca8aa46c5d74510c130e42
      size: 7
"""


def test_dvc_files_name_their_outputs() -> None:
    added = pointers.read_dvc(ADDED, "data.dvc")
    assert added.files == (File(path="data", md5="6a84c00a80657e223162fd4a4b4fc640.dir", size=16),)
    locked = pointers.read_dvc(LOCKED, "dvc.lock")
    assert locked.files == (File(path="two.csv", md5="781924939aca8aa46c5d74510c130e42", size=7),)


def test_an_import_of_dvc_says_where_from() -> None:
    url = "https://example.org/registry@f31f5c4cdae787b4bdeb97a717687d44667d9e62#get-started/data.xml"
    assert pointers.read_dvc(IMPORTED, "data.xml.dvc").url == url
    assert pointers.read_dvc(FETCHED, "data.csv.dvc").url == "https://example.org/data.csv"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"outs",
        b"outs: []",
        b"outs:\n- md5: x\n  path: y\n",
        b"outs:\n- md5: 781924939aca8aa46c5d74510c130e42\n",
        b"outs: [\xff]",
        b"outs: &a [*a]",
        b"outs: 1\nouts: 2\n",
        b"a: &a [x]\nb: &b [*a, *a]\n" + b"outs: {",
    ],
)
def test_what_is_no_dvc_file_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        pointers.read_dvc(data, "x.dvc")


@given(st.text(max_size=60))
def test_hostile_dvc_files_raise_only_input_errors(text: str) -> None:
    for data in (text, f"outs:\n- {text}", f"stages:\n  a: {text}"):
        with contextlib.suppress(InputError):
            pointers.read_dvc(data.encode(), "x")


OBJECT = {
    "path": "sms/a.csv",
    "path_type": "object",
    "physical_address": "s3://bucket/data/abc",
    "checksum": "781924939aca8aa46c5d74510c130e42",
    "size_bytes": 7,
    "mtime": 1700000000,
    "content_type": "text/csv",
}
COMMIT = {
    "id": "ab" * 32,
    "parents": [],
    "committer": "ann",
    "message": "new rows",
    "creation_date": 1700000000,
    "meta_range_id": "cd" * 32,
    "metadata": {},
}


def test_lakefs_objects_and_commits_are_read() -> None:
    listing = pointers.read_lakefs({"results": [OBJECT], "pagination": {}}, "objects.json")
    assert listing.files == pointers.read_lakefs(OBJECT, "o.json").files
    assert listing.files[0].etag == OBJECT["checksum"]
    commit = pointers.read_lakefs(COMMIT, "commit.json")
    assert (commit.version, commit.created, commit.text) == ("ab" * 32, "2023-11-14T22:13:20Z", "new rows")
    assert commit.creators == (Agent(name="ann"),)


@pytest.mark.parametrize(
    "value", [{"results": []}, {"results": [{"physical_address": "x"}]}, COMMIT | {"id": "x"}]
)
def test_what_lakefs_never_says_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(InputError):
        pointers.read_lakefs(value, "x.json")


def test_only_some_checksums_of_stores_are_md5() -> None:
    assert pointers.etag_md5('"781924939ACA8AA46C5D74510C130E42"') == "781924939aca8aa46c5d74510c130e42"
    assert pointers.etag_md5("781924939aca8aa46c5d74510c130e42-2") == ""


def test_other_json_is_not_of_lakefs(tmp_path: Path) -> None:
    assert not pointers.is_lakefs({"@context": {}})
    assert not pointers.is_lakefs([])
