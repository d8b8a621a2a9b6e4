"""The pre-commit hook and the GitHub action run the command, and take no orders from their inputs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.formats.assemble import SHELL, good_safetensors, pickle

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("model.safetensors", True),
        ("weights/pytorch_model.bin", True),
        ("a/MODEL.PKL", True),
        ("m/MLmodel", True),
        ("config.json", True),
        ("tokenizer_config.json", True),
        ("archive.tar.7z", True),
        ("main.py", False),
        ("package.json", False),
        ("notes.txt", False),
        ("x.pkl.txt", False),
    ],
)
def test_hook_looks_at_model_files(path: str, wanted: bool) -> None:
    assert (re.search(HOOK["files"], path) is not None) is wanted


def test_hook_fails_on_a_malicious_file_and_passes_clean_ones(tmp_path: Path) -> None:
    assert (HOOK["id"], HOOK["language"], HOOK["require_serial"]) == ("modelward-scan", "python", True)
    (tmp_path / "evil.pkl").write_bytes(pickle(SHELL))
    (tmp_path / "good.safetensors").write_bytes(good_safetensors())
    entry = [sys.executable, "-m", *shlex.split(HOOK["entry"])]
    for names, code in ((["good.safetensors"], 0), (["good.safetensors", "evil.pkl"], 1)):
        run = subprocess.run([*entry, *names], cwd=tmp_path, capture_output=True, check=False)
        assert run.returncode == code


def test_action_puts_no_expression_into_a_script() -> None:
    """`${{ inputs.path }}` in a script would run whatever a pull request writes there."""
    for step in STEPS.values():
        assert "${{" not in step.get("run", "")
        assert step.get("shell", "bash") == "bash"


def test_every_input_is_used_and_described() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    used = set(re.findall(r"inputs\.([a-z-]+)", text))
    assert used == set(ACTION["inputs"])
    assert all(entry["description"] and "default" in entry for entry in ACTION["inputs"].values())


def run_scan(place: Path, **inputs: str) -> tuple[int, str, str]:
    """Run the action's scan step; returns its exit code, its output and what it sets."""
    venv = place / "venv" / "bin"
    venv.mkdir(parents=True)
    (venv / "modelward").write_text(f'#!/bin/sh\nexec {sys.executable} -m modelward "$@"\n')
    (venv / "modelward").chmod(0o755)
    environment = {
        "PATH": os.environ["PATH"],
        "VENV": str(place / "venv"),
        "RUNNER_TEMP": str(place),
        "GITHUB_OUTPUT": str(place / "outputs"),
    }
    for name, value in STEPS["Scan"]["env"].items():
        match = re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", value)
        if match:
            environment[name] = inputs.get(match[1].replace("-", "_"), ACTION["inputs"][match[1]]["default"])
    # GitHub runs bash like this.
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS["Scan"]["run"]]
    run = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    outputs = place / "outputs"
    return run.returncode, run.stdout + run.stderr, outputs.read_text() if outputs.exists() else ""


def test_action_reports_and_fails(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "evil.pkl").write_bytes(pickle(SHELL))
    code, said, outputs = run_scan(tmp_path, path="models\n")
    assert code == 1
    assert "error[pickle-unsafe-call]" in said
    assert outputs.startswith("verdict=malicious\n")
    assert (tmp_path / "modelward-report.sarif").read_text().startswith("{")


def test_action_passes_what_is_milder_than_asked_for(tmp_path: Path) -> None:
    (tmp_path / "x.blob").write_bytes(b"\x00\x01")
    code, _, outputs = run_scan(tmp_path, path="x.blob", fail_on="unverified", format="json", output="r.json")
    assert code == 0
    assert outputs.startswith("verdict=incomplete\n")
    assert (tmp_path / "r.json").exists()


@pytest.mark.parametrize(
    "inputs",
    [
        {"path": "$(touch owned)"},
        {"path": "`touch owned`; touch owned"},
        {"path": "--output=owned"},
        {"fail_on": "incomplete; touch owned"},
        {"format": "sarif --output owned"},
        {"config": "$(touch owned)"},
        {"output": "x;touch owned"},
    ],
)
def test_inputs_of_the_action_run_nothing(tmp_path: Path, inputs: dict[str, str]) -> None:
    run_scan(tmp_path, **{"path": "missing", **inputs})
    assert not (tmp_path / "owned").exists()


def test_version_that_is_no_version_is_refused(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "VENV": str(tmp_path / "v"),
        "ACTION": "",
        "VERSION": "1; touch x",
    }
    script = STEPS["Install"]["run"].replace('python3 -m venv "$VENV"', ":")
    run = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 2
