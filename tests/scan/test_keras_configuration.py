from __future__ import annotations

import base64

from tests.formats.assemble import SHELL, checkpoint
from tests.formats.assemble_keras import archive, hdf5, lambda_layer, layer, model
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict
from modelward.formats.budget import Budget


def test_lambda_in_an_archive_is_malicious() -> None:
    report = examine(archive(model(lambda_layer(modern=True))), "m.keras")
    assert report.verdict is Verdict.MALICIOUS
    assert report.findings[0].path == "m.keras!config.json"


def test_lambda_behind_a_number_that_is_no_json_is_found() -> None:
    plain = archive(b'{"class_name": "Sequential", "config": {"x": NaN, "layers": []}}')
    assert examine(plain, "m.keras").verdict is Verdict.CLEAN
    hidden = b'{"x": NaN, "class_name": "Lambda", "config": {"function": ["ZXhlYyh4KQ==", null, null]}}'
    assert rules(archive(hidden), "m.keras") == ["harmful-code"]


def test_field_given_twice_is_not_clean() -> None:
    twice = b'{"class_name": "Lambda", "config": {"function": ["ZXhlYyh4KQ=="]}, "class_name": "Dense"}'
    assert "malformed" in rules(archive(twice), "m.keras")


def test_configuration_in_another_encoding_is_read_as_keras_reads_it() -> None:
    config = '{"class_name": "Dense", "config": {"fn": "keras.utils.get_file"}}'.encode("utf-16")
    assert "harmful-code" in rules(archive(config), "m.keras")


def test_configuration_of_any_shape_in_an_archive_is_walked() -> None:
    assert rules(archive({"gadget": {"fn": "keras.utils.get_file"}}), "m.keras") == ["harmful-code"]
    assert rules(archive([{"fn": "keras.utils.get_file"}]), "m.keras") == ["harmful-code"]


def test_torch_module_in_a_layer_is_examined_cve_2025_49655() -> None:
    encoded = base64.b64encode(checkpoint(SHELL).bytes()).decode()
    one = layer("TorchModuleWrapper", {"module": encoded}, module="keras.layers")
    for data, name in ((archive(model(one)), "m.keras"), (hdf5(model_config=model(one)), "m.h5")):
        assert "pickle-unsafe-call" in rules(data, name)


def test_past_the_budget_a_torch_module_is_not_examined() -> None:
    encoded = base64.b64encode(checkpoint(SHELL).bytes()).decode()
    data = hdf5(model_config=model(layer("TorchModuleWrapper", {"module": encoded}, module="keras.layers")))
    report = examine(data, "m.h5", budget=Budget(members=0))
    assert report.verdict is not Verdict.CLEAN
    assert any("module" in entry.path and not entry.examined for entry in report.coverage)


def test_plain_archive_is_clean() -> None:
    data = archive(model(layer("Dense", {"units": 3})))
    assert rules(data, "m.keras") == []
    assert unexamined(data, "m.keras") == {}
