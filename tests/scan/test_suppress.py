"""Suppressions and pins hide findings in the bytes they name, for as long as they say, and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.formats.assemble import BUILD, EMPTY_DICT, SHELL, Zip, call, data, pickle

from modelward.artifact.hashing import digest_of
from modelward.core.finding import Verdict
from modelward.scan.engine import Report, scan
from modelward.scan.settings import Pin, ScanSettings, Suppression
from modelward.scan.suppress import idle

FAR = date(2999, 1, 1)
RULE = "pickle-unknown-global"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tree" / "net.bin"
    path.parent.mkdir()
    path.write_bytes(pickle(call("mylib", "Net")))
    return path


def suppress(path: Path, rule: str = RULE, until: date = FAR) -> Report:
    entry = Suppression(rule, digest_of(path), "known", until)
    return scan(path, settings=ScanSettings((entry,)))


def test_finding_is_hidden_counted_and_still_in_the_report(file: Path) -> None:
    result = suppress(file)
    assert result.verdict is Verdict.CLEAN
    assert result.suppressed == 1
    assert list(result.findings) == []
    assert [finding.rule for finding in result.everything.findings] == [RULE]
    assert result.everything.verdict is Verdict.UNVERIFIED
    assert len(result.used) == 1


def test_whole_tree_by_its_digest(file: Path) -> None:
    result = suppress(file.parent)
    assert result.verdict is Verdict.CLEAN
    assert result.digest == digest_of(file.parent)


def test_file_within_a_tree(file: Path) -> None:
    other = file.with_name("other.bin")
    other.write_bytes(pickle(call("mylib", "Other")))
    result = scan(file.parent, settings=ScanSettings((Suppression(RULE, digest_of(file), "known", FAR),)))
    assert [finding.path for finding in result.findings] == ["other.bin"]


def test_other_rules_other_bytes_and_expired_ones_hide_nothing(file: Path) -> None:
    assert suppress(file, rule="polyglot").verdict is Verdict.UNVERIFIED
    assert suppress(file, until=date(2020, 1, 1)).verdict is Verdict.UNVERIFIED
    entry = Suppression(RULE, digest_of(file), "known", FAR)
    file.write_bytes(pickle(call("mylib", "Nett")))
    result = scan(file, settings=ScanSettings((entry,)))
    assert result.verdict is Verdict.UNVERIFIED
    assert not result.used


def test_unexamined_parts_stay_incomplete(file: Path) -> None:
    file.write_bytes(Zip().add("a.pkl", pickle(call("mylib", "Net"))).add("b.blob", b"\x00\x01").bytes())
    assert suppress(file).verdict is Verdict.INCOMPLETE


def pin(path: Path, *names: str) -> Report:
    return scan(path, settings=ScanSettings((), (Pin(digest_of(path), frozenset(names), "ours"),)))


@pytest.mark.parametrize("whole", [True, False])
def test_pinned_global_is_allowed_in_these_bytes(file: Path, whole: bool) -> None:
    result = pin(file.parent if whole else file, "mylib.Net")
    assert result.verdict is Verdict.CLEAN
    assert result.everything.verdict is Verdict.UNVERIFIED
    assert len(result.used) == 1


def test_pinned_class_may_have_a_state(file: Path) -> None:
    file.write_bytes(pickle(call("mylib", "Net"), EMPTY_DICT, BUILD))
    assert pin(file, "mylib.Net").verdict is Verdict.CLEAN
    file.write_bytes(pickle(call("mylib", "Net"), EMPTY_DICT, BUILD, SHELL))
    result = pin(file, "mylib.Net")
    assert {finding.rule for finding in result.findings} == {"pickle-unsafe-call"}


def test_pin_covers_pickles_within(file: Path) -> None:
    inner = pickle(call("mylib", "Net"))
    file.write_bytes(pickle(call("torch.storage", "_load_from_bytes", data(inner))))
    assert pin(file, "mylib.Net").verdict is Verdict.CLEAN
    archive = Zip().add("a.pkl", pickle(call("pickle", "loads", data(inner)))).bytes()
    file.write_bytes(archive)
    assert {finding.rule for finding in pin(file, "mylib.Net").findings} == {"pickle-unsafe-call"}


def test_pin_hides_no_harm_in_pickles_within(file: Path) -> None:
    inner = pickle(call("mylib", "Net"), SHELL)
    file.write_bytes(pickle(call("torch.storage", "_load_from_bytes", data(inner))))
    assert pin(file, "mylib.Net").verdict is Verdict.MALICIOUS
    file.write_bytes(pickle(call("mylib", "load", data(inner))))
    assert pin(file, "mylib.load", "mylib.Net").verdict is Verdict.MALICIOUS


def test_pin_of_another_global_allows_nothing(file: Path) -> None:
    result = pin(file, "mylib.Other")
    assert result.verdict is Verdict.UNVERIFIED
    assert not result.used


def test_sink_cannot_be_pinned(file: Path) -> None:
    """A pin is for classes nobody knows, not for what runs commands."""
    file.write_bytes(pickle(SHELL))
    assert pin(file, "posix.system").verdict is Verdict.MALICIOUS


def test_settings_that_hide_nothing_are_told(file: Path) -> None:
    digest = digest_of(file)
    settings = ScanSettings(
        (
            Suppression(RULE, digest, "known", FAR),
            Suppression("polyglot", digest, "known", FAR),
            Suppression("malformed", digest, "known", date(2020, 1, 1)),
        ),
        (Pin(digest, frozenset({"a.b"}), "ours"),),
    )
    used = scan(file, settings=settings).used
    assert idle(settings, used) == [
        f"the suppression of polyglot in {digest.short} hides nothing here",
        f"the suppression of malformed in {digest.short} expired on 2020-01-01: "
        "remove it, or look again and renew it",
        f"the pin of {digest.short} allows nothing here",
    ]
