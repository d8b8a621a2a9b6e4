from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modelward.data.exchange import describe
from modelward.data.exchange.facts import Agent, Description, Step, Thing
from modelward.data.index import Options
from modelward.data.snapshot import take

STEP = Step(
    operation="filter",
    statement="sha256:" + "1a" * 32,
    dataset="sms",
    claim="checked",
    by="dora",
    at="2026-11-22T09:14:00Z",
    inputs=(Thing(name="raw.csv", digest="sha256:" + "2b" * 32),),
    rows_in=5,
    rows_out=3,
    rows_dropped=2,
    licence="CC-BY-4.0",
    consent="terms of 2026",
    tool=Thing(name="clean.py", digest="sha256:" + "4d" * 32),
    parameters={"language": "en"},
)
COLLECT = Step(
    operation="collect",
    statement="sha256:" + "3c" * 32,
    dataset="raw",
    subject="sha256:" + "2b" * 32,
    claim="declared",
    by="ed",
    at="2026-11-21T09:14:00Z",
    rows_out=5,
    source="https://example.org/sms",
    channel="crawl",
    fetched_at="2026-11-20T00:00:00Z",
    collector="Example Ltd",
    geography="NL",
    personal_data="pseudonymous",
)


@pytest.fixture
def described(tmp_path: Path) -> Callable[[], Description]:
    """A dataset of two Parquet shards with nested columns, and all that can be known of it."""

    def make() -> Description:
        rows = [
            {"text": "hi", "n n": 1, "tags": ["a", "b"], "by": "u17", "meta": {"lang": "en", "score": 0.5}},
            {"text": "yo", "n n": 2, "tags": [], "by": "u18", "meta": {"lang": "nl", "score": 1.0}},
        ]
        (tmp_path / "d" / "data").mkdir(parents=True)
        for number, row in enumerate(rows):
            pq.write_table(pa.Table.from_pylist([row]), tmp_path / "d" / "data" / f"{number}.parquet")
        index = take(tmp_path / "d", "sms", Options(contributor=("by",)))
        known = describe.of_index(index, {"data/0.parquet": 100, "data/1.parquet": 200})
        return msgspec.structs.replace(
            known,
            text="Messages.",
            url="https://example.org/sms",
            version="1.2.0",
            licences=("https://creativecommons.org/licenses/by/4.0/",),
            creators=(Agent(name="Example Ltd", url="https://example.org", kind="Organization"),),
            keywords=("sms", "spam"),
            citation="Example 2026",
            published="2026-11-22",
            derived_from=("urn:modelward:dataset:sha256:" + "2b" * 32,),
            signer="dora",
            steps=(msgspec.structs.replace(STEP, subject=known.subject), COLLECT),
        )

    return make
