from __future__ import annotations

from pathlib import Path

import pytest
from tests.formats.assemble import EMPTY_DICT, EMPTY_TUPLE, call, data, fetch, number, pickle, text, tup
from tests.formats.pickle.opinions import worst

from modelward.formats.pickle.judge import Opinion
from modelward.formats.pickle.profiles import entry
from modelward.formats.pickle.profiles.entry import KINDS, Entry, Profile, profile, rows


def test_table_of_entries() -> None:
    found = rows("# read: acme 1\nplain acme.a B C\n\nvalue acme.d e\nenum acme.f G\n")
    assert found[("acme.a", "B")] is KINDS["plain"]
    assert set(found) == {("acme.a", "B"), ("acme.a", "C"), ("acme.d", "e"), ("acme.f", "G")}
    assert found[("acme.f", "G")].members


def test_digest_is_of_the_content(tmp_path: Path) -> None:
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_text("1")
    second.write_text("1")
    one = profile(str(first), "acme 1", {"acme": {"A": Entry()}})
    assert one.sha256 == Profile("a", "acme 1", {}, (first,)).sha256
    assert one.sha256 != profile(str(second), "acme 1").sha256
    first.write_text("2")
    assert one.sha256 != Profile("a", "acme 1", {}, (second,)).sha256
    assert entry.from_table("prophet").read.startswith("prophet ")


NETWORK = fetch("networkx.classes.graph", "Graph") + EMPTY_TUPLE + b"\x81"
CONFIG = fetch("transformers.models.bert.configuration_bert", "BertConfig") + EMPTY_TUPLE + b"\x81"
SET = EMPTY_DICT + text("key") + number(1) + b"s"
PUNKT = fetch("nltk.tokenize.punkt", "PunktLanguageVars") + EMPTY_TUPLE + b"\x81"
MAP = EMPTY_DICT + text("attribute_map") + EMPTY_DICT + b"s"


@pytest.mark.parametrize(
    ("value", "opinion"),
    [
        (NETWORK + SET + b"b", Opinion.ALLOWED),
        (NETWORK + tup(SET, SET) + b"b", Opinion.MISUSED),
        (NETWORK + text("k") + number(1) + b"s", Opinion.MISUSED),
        (call("networkx.classes.graph", "Graph", text("x")), Opinion.MISUSED),
        (CONFIG + SET + b"b", Opinion.ALLOWED),
        (CONFIG + MAP + b"b", Opinion.MISUSED),
        (call("ultralytics.utils", "IterableSimpleNamespace") + SET + b"b", Opinion.ALLOWED),
        (call("accelerate.utils.dataclasses", "DistributedType", text("NO")), Opinion.ALLOWED),
        (call("accelerate.utils.dataclasses", "DistributedType", tup(text("NO"))), Opinion.MISUSED),
        (
            fetch("nltk.probability", "FreqDist") + EMPTY_TUPLE + b"\x81" + text("k") + number(1) + b"s",
            Opinion.ALLOWED,
        ),
        (PUNKT + number(1) + b"b", Opinion.ALLOWED),
        (PUNKT + SET + b"b", Opinion.ALLOWED),
        (PUNKT + tup(number(1), fetch("nltk.util", "Index")) + b"b", Opinion.MISUSED),
        (call("rdkit.Chem.rdchem", "Mol", data(b"\xef\xbe\xad\xde")), Opinion.ALLOWED),
        (call("rdkit.Chem.rdchem", "Mol", EMPTY_DICT), Opinion.MISUSED),
    ],
)
def test_kinds_of_entries(value: bytes, opinion: Opinion) -> None:
    assert worst(pickle(value)) is opinion
