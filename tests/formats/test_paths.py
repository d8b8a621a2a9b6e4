from __future__ import annotations

import pytest

from modelward.formats.paths import beside, escapes, is_url, leaves


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../x", "a/../../x", "C:\\x", "..\\x", "~/x", "file:///x", "\\\\host\\share", "\\x"],
)
def test_paths_out_of_the_folder_leave_it(path: str) -> None:
    assert leaves(path)
    assert escapes(path)


@pytest.mark.parametrize(
    "path", ["%2e%2e/x", "..%2fx", "%2fetc/passwd", "a\0b", "a\nb", "https://host/x", "gs://b/x"]
)
def test_paths_that_hide_where_they_lead_escape(path: str) -> None:
    assert escapes(path)


@pytest.mark.parametrize("path", ["weights.bin", "a/b.bin", "./a", "100%.bin", "a..b", ""])
def test_paths_within_the_folder_stay(path: str) -> None:
    assert not escapes(path)


def test_addresses_are_told_from_paths() -> None:
    assert is_url("s3://bucket/key")
    assert not is_url("file:///etc/passwd")


def test_a_path_is_found_beside_the_file_that_names_it() -> None:
    assert beside("onnx/model.onnx", "weights.bin") == "onnx/weights.bin"
    assert beside("model.onnx", "./data/../w.bin") == "w.bin"
