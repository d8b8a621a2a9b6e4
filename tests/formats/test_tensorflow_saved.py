from __future__ import annotations

import json

from tests.formats.assemble_graph import message
from tests.scan.examine import examine

from modelward.core.finding import Verdict


def metadata(config: dict[str, object]) -> bytes:
    text = json.dumps(config)
    saved = message((2, 0), (3, "root"), (4, "_tf_keras_sequential"), (5, text), (6, message((1, 2))))
    return message((1, saved))


def test_the_configuration_of_an_ordinary_model_is_clean() -> None:
    report = examine(metadata({"name": "sequential", "class_name": "Sequential", "config": {"layers": []}}))
    assert report.verdict is Verdict.CLEAN
    assert [entry.format for entry in report.coverage] == ["Keras metadata", "json"]


def test_a_lambda_in_the_metadata_is_found() -> None:
    config = {"class_name": "Lambda", "config": {"function": ["4wEAAAA=", None, None]}}
    report = examine(
        metadata({"class_name": "Sequential", "config": {"layers": [config]}}), "keras_metadata.pb"
    )
    assert report.findings
    assert report.findings[0].path.startswith("keras_metadata.pb!root")


def test_a_fingerprint_is_clean() -> None:
    hashes = [(number, (1 << 63) + number) for number in range(1, 6)]
    data = message(*hashes, (6, message((1, 1))), (7, "4bf7ea83-0da0-4a28-a8a8-7a1b2c3d4e5f"))
    report = examine(data, "fingerprint.pb")
    assert (report.verdict, report.coverage[0].format) == (Verdict.CLEAN, "TensorFlow fingerprint")
