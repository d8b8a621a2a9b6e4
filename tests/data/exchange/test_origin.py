from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.data.exchange.test_pointers import ADDED, COMMIT, LFS, LOCKED, OBJECT

from modelward.artifact.hashing import digest_of
from modelward.core.errors import InputError, Rejected
from modelward.data.exchange import croissant, describe, origin
from modelward.data.exchange.facts import Description, Field, Records
from modelward.data.index import Options
from modelward.data.snapshot import take

Borne = Callable[..., origin.Borne]


@pytest.fixture
def borne(tmp_path: Path) -> Borne:
    def bear_out(document: str, content: bytes, data: str = ".") -> origin.Borne:
        (tmp_path / document).write_bytes(content)
        place = tmp_path / data
        return origin.bear_out(origin.read(tmp_path / document), place, digest_of(place))

    return bear_out


def write(tmp_path: Path, **files: str) -> None:
    for name, text in files.items():
        path = tmp_path / name.replace("__", "/").replace("_csv", ".csv")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, newline="")


def described(tmp_path: Path) -> bytes:
    return json.dumps(croissant.write(describe.of_index(take(tmp_path, "sms")))).encode()


def test_croissant_files_are_held_against_the_bytes(tmp_path: Path, borne: Borne) -> None:
    write(tmp_path, a_csv="text\nhi\n", b_csv="text\nyo\n")
    document = described(tmp_path)
    found = borne("croissant.json", document)
    assert found == origin.Borne(checked=("a.csv", "b.csv", "SHA256SUMS"))
    (tmp_path / "b.csv").write_text("text\nYO\n")
    with pytest.raises(Rejected, match="sha256") as caught:
        borne("croissant.json", document)
    assert caught.value.where == "b.csv"


def test_a_file_smuggled_beside_those_described_is_told(tmp_path: Path, borne: Borne) -> None:
    write(tmp_path, a_csv="text\nhi\n", b_csv="text\nyo\n")
    document = described(tmp_path)
    write(tmp_path, evil_csv="text\nboo\n")
    with pytest.raises(Rejected, match="dirHash"):
        borne("croissant.json", document)
    value = json.loads(document)
    value["distribution"] = [item for item in value["distribution"] if item["@id"] != "SHA256SUMS"]
    assert borne("croissant.json", json.dumps(value).encode()).unnamed == ("evil.csv",)


def test_files_without_digest_or_not_here_are_told(tmp_path: Path, borne: Borne) -> None:
    write(tmp_path, a_csv="text\nhi\n")
    value: dict[str, Any] = {
        "@type": "Dataset",
        "name": "x",
        "distribution": [
            {"@type": "cr:FileObject", "@id": "1", "contentUrl": "https://example.org/x/a.csv?download=1"},
            {
                "@type": "cr:FileObject",
                "@id": "2",
                "contentUrl": "https://example.org/b.csv",
                "sha256": "ab" * 32,
            },
            {"@type": "cr:FileObject", "@id": "../../etc/passwd", "sha256": "ab" * 32},
        ],
    }
    found = borne("croissant.json", json.dumps(value).encode())
    assert found == origin.Borne(absent=("2", "../../etc/passwd"), without=("1",))


#: The very directory that DVC 3.67 gave the digests in test_pointers.
DVC = {"data__x_csv": "text\r\na\r\n", "data__sub__y_csv": "text\nb\n", "two_csv": "text\nb\n"}


def dvc_data(tmp_path: Path) -> None:
    (tmp_path / "data" / "sub").mkdir(parents=True)
    write(tmp_path, **DVC)


def test_the_md5_of_a_dvc_directory_is_checked(tmp_path: Path, borne: Borne) -> None:
    dvc_data(tmp_path)
    assert borne("data.dvc", ADDED, "data").checked == ("data",)
    (tmp_path / "data" / "sub" / "y.csv").write_text("text\nc\n")
    with pytest.raises(Rejected, match="md5"):
        borne("data.dvc", ADDED, "data")


def test_the_output_of_a_dvc_stage_is_checked(tmp_path: Path, borne: Borne) -> None:
    dvc_data(tmp_path)
    assert borne("dvc.lock", LOCKED, "two.csv").checked == ("two.csv",)
    (tmp_path / "two.csv").write_text("text\nc\n")
    with pytest.raises(Rejected, match="md5"):
        borne("dvc.lock", LOCKED, "two.csv")
    (tmp_path / "two.csv").write_text("text\nbb\n")
    with pytest.raises(Rejected, match="8 bytes"):
        borne("dvc.lock", LOCKED, "two.csv")


def test_dvc_before_3_leaves_carriage_returns_out(tmp_path: Path, borne: Borne) -> None:
    write(tmp_path, a_csv="text\r\nhi\r\n\r")
    md5 = hashlib.md5(b"text\nhi\n\r").hexdigest()
    document = f"outs:\n- md5: {md5}\n  path: a.csv\n".encode()
    assert borne("a.csv.dvc", document, "a.csv").checked == ("a.csv",)


def test_of_several_outputs_the_one_at_hand_is_meant(tmp_path: Path) -> None:
    write(tmp_path, one_csv="text\na\n", two_csv="text\nb\n")
    text = "outs:\n" + "".join(f"- {{path: {name}.csv, md5: {'ab' * 16}}}\n" for name in ("one", "two"))
    (tmp_path / "dvc.lock").write_text(text)
    says = origin.read(tmp_path / "dvc.lock").says
    assert [file.path for file in origin.chosen(says, tmp_path / "two.csv", tmp_path).files] == ["two.csv"]
    assert len(origin.chosen(says, tmp_path, tmp_path).files) == 2


def test_a_git_lfs_pointer_is_checked(tmp_path: Path, borne: Borne) -> None:
    write(tmp_path, a_csv="text\nhi\nyo\n")
    with pytest.raises(Rejected, match="11 bytes"):
        borne("pointer", LFS, "a.csv")
    digest = hashlib.sha256(b"text\nhi\nyo\n").hexdigest().encode()
    good = LFS.replace(b"ab" * 32, digest).replace(b"12", b"11")
    assert borne("pointer", good, "a.csv").checked == ("pointer",)


def test_a_lakefs_checksum_is_checked_where_it_is_an_md5(tmp_path: Path, borne: Borne) -> None:
    write(tmp_path, a_csv="text\nb\n")
    assert borne("o.json", json.dumps(OBJECT).encode(), "a.csv").checked == ("sms/a.csv",)
    other = OBJECT | {"checksum": "00" * 16}  # may be the ETag of an encrypted object: no proof either way
    assert borne("o.json", json.dumps(other).encode(), "a.csv").without == ("sms/a.csv",)
    with pytest.raises(Rejected, match="7 bytes, not 8"):
        borne("o.json", json.dumps(OBJECT | {"size_bytes": 8}).encode(), "a.csv")


@pytest.mark.parametrize(
    ("name", "content", "form", "digest"),
    [
        ("p", LFS, "git-lfs", "sha256:" + "ab" * 32),
        ("x.dvc", ADDED, "dvc", "md5:6a84c00a80657e223162fd4a4b4fc640.dir"),
        ("c.json", json.dumps(COMMIT).encode(), "lakefs", "lakefs:" + "ab" * 32),
        ("o.json", json.dumps(OBJECT).encode(), "lakefs", "etag:781924939aca8aa46c5d74510c130e42"),
        ("c.json", b'{"@type": "Dataset", "name": "x"}', "croissant", ""),
    ],
)
def test_documents_are_known_by_their_content(
    tmp_path: Path, name: str, content: bytes, form: str, digest: str
) -> None:
    (tmp_path / name).write_bytes(content)
    found = origin.read(tmp_path / name)
    assert (found.format, origin.digest_text(found)) == (form, digest)


def test_data_is_looked_for_beside_the_document_and_never_above(tmp_path: Path) -> None:
    dvc_data(tmp_path)
    for path, expected in (("two.csv", tmp_path / "two.csv"), ("../x.csv", None), ("/etc/passwd", None)):
        (tmp_path / "x.dvc").write_text(f"outs:\n- path: {path}\n")
        assert origin.data_beside(origin.read(tmp_path / "x.dvc"), tmp_path / "x.dvc") == expected


def test_data_that_changes_meanwhile_is_refused(tmp_path: Path, borne: Borne) -> None:
    write(tmp_path, a_csv="text\nhi\n")
    (tmp_path / "p").write_bytes(LFS)
    with pytest.raises(InputError, match="changed"):
        origin.bear_out(origin.read(tmp_path / "p"), tmp_path / "a.csv", digest_of(tmp_path / "p"))


def says(*fields: Field) -> Description:
    return Description(name="x", records=(Records(name="r", fields=fields),))


def test_columns_are_held_against_the_data(tmp_path: Path) -> None:
    write(tmp_path, a_csv="text,n\nhi,1\n")
    index = take(tmp_path / "a.csv", "x", Options(types={"n": "int64"}))
    text, number = (
        Field(name="t", column="text", types=("sc:Text",)),
        Field(name="n", column="n", types=("sc:Integer",)),
    )
    assert origin.check_columns(says(text, number), index) == ("text", "n")
    assert origin.check_columns(says(Field(name="z", column="elsewhere")), index) == ()
    with pytest.raises(Rejected, match="no column 'gone'"):
        origin.check_columns(says(text, Field(name="g", column="gone")), index)
    with pytest.raises(Rejected, match="sc:Boolean, not int64"):
        origin.check_columns(says(Field(name="n", column="n", types=("sc:Boolean",))), index)


def test_a_document_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        origin.read(tmp_path / "none")
