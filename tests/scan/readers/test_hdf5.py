from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.assemble import SHELL
from tests.formats.assemble import pickle as assembled
from tests.formats.assemble_keras import hdf5, lambda_layer, layer, model
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict
from modelward.formats.source import BytesSource
from modelward.scan.examination import Examination, Place


def written(fill: Callable[[h5py.File], Any], **options: Any) -> bytes:
    held = io.BytesIO()
    with h5py.File(held, "w", **options) as file:
        fill(file)
    return held.getvalue()


def test_lambda_in_the_old_format_cve_2025_9905() -> None:
    report = examine(hdf5(model_config=model(lambda_layer())), "m.h5")
    assert report.verdict is Verdict.MALICIOUS
    assert [finding.rule for finding in report.findings] == ["harmful-code"]


def test_loss_of_another_package_in_the_training_configuration() -> None:
    data = hdf5(model_config=model(), training_config={"loss": "their_loss", "metrics": []})
    assert rules(data, "m.h5") == ["embedded-code"]


def test_configuration_that_is_no_json_is_not_examined() -> None:
    assert "m.h5" in unexamined(hdf5(model_config="{broken"), "m.h5")


def test_configuration_with_a_field_given_twice() -> None:
    assert "malformed" in rules(
        hdf5(model_config='{"class_name": "Sequential", "config": 1, "config": 2}'), "m.h5"
    )


@pytest.mark.parametrize("target", ["/etc/passwd", "../../secret.h5"])
def test_link_out_of_the_folder_cve_2026_1669(target: str) -> None:
    data = written(lambda file: file.__setitem__("w", h5py.ExternalLink(target, "/x")))
    assert rules(data, "data.h5") == ["path-escape"]


def test_raw_data_in_another_file_cve_2026_1669(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.write_bytes(bytes(80))
    data = written(lambda file: file.create_dataset("w", (10,), "f8", external=[(str(raw), 0, 80)]))
    assert rules(data, "data.h5") == ["path-escape"]


def test_weights_of_keras_may_name_no_other_file_at_all_cve_2026_1669() -> None:
    def fill(file: h5py.File) -> None:
        file["w"] = h5py.ExternalLink("beside.h5", "/x")

    assert rules(written(fill), "model.weights.h5") == ["path-escape"]
    assert rules(written(fill), "data.h5") == ["hdf5-outside-data"]


def test_link_to_a_file_of_the_same_folder_is_clean() -> None:
    data = written(lambda file: file.__setitem__("w", h5py.ExternalLink("b.h5", "/x")))
    examination = Examination()
    place = Place("d/a.h5", "d/a.h5", siblings=frozenset({"d/a.h5", "d/b.h5"}))
    examination.examine(BytesSource(data), place)
    assert examination.report.verdict is Verdict.CLEAN


def test_pickle_in_an_attribute_that_pytables_unpickles() -> None:
    for payload in (assembled(SHELL), b"cposix\nsystem\n(S'id'\ntR."):
        data = written(lambda file, payload=payload: file.attrs.__setitem__("meta", numpy.bytes_(payload)))
        assert "pickle-unsafe-call" in rules(data, "store.h5")


def test_sentence_in_an_attribute_is_data() -> None:
    data = written(lambda file: file.attrs.__setitem__("title", numpy.bytes_(b"could be a sentence.")))
    assert rules(data, "store.h5") == []
    assert unexamined(data, "store.h5") == {}


def test_pickle_in_a_dataset_is_examined() -> None:
    data = written(lambda file: file.__setitem__("model", numpy.void(assembled(SHELL))))
    assert "pickle-unsafe-call" in rules(data, "store.h5")
    plain = written(lambda file: file.__setitem__("model", numpy.void(pickle.dumps({"a": [1]}))))
    assert rules(plain, "store.h5") == []


def test_filter_that_needs_a_plug_in() -> None:
    def fill(file: h5py.File) -> None:
        file.create_dataset("x", data=numpy.zeros(64), chunks=(8,), shuffle=True)

    data = written(fill)
    name = data.index(b"shuffle")
    assert rules(data, "d.h5") == []
    changed = bytearray(data)
    changed[name - 8 : name - 6] = (4242).to_bytes(2, "little")
    assert rules(bytes(changed), "d.h5") == ["embedded-code"]


def test_file_after_a_user_block() -> None:
    config = json.dumps(model(lambda_layer()))
    data = written(lambda file: file.attrs.__setitem__("model_config", config), userblock_size=512)
    assert "harmful-code" in rules(data, "m.h5")


def test_file_that_breaks_off_is_not_clean() -> None:
    data = hdf5(model_config=model(layer("Dense")))
    for cut in (9, 100, len(data) // 2):
        assert examine(data[:cut], "m.h5").verdict is not Verdict.CLEAN


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=6))
def test_changed_files_never_crash(changes: list[tuple[int, int]]) -> None:
    data = bytearray(BASE)
    for at, value in changes:
        data[at % len(data)] = value
    examine(bytes(data), "m.h5")


BASE = hdf5(model_config=model(lambda_layer(), layer("Dense")))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Keras itself
def test_models_that_keras_itself_writes(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="skipped: needs torch, a backend of Keras")
    os.environ["KERAS_BACKEND"] = "torch"
    with contextlib.redirect_stderr(io.StringIO()):
        import keras

        inputs = keras.Input((6, 4))
        hidden = keras.layers.Bidirectional(keras.layers.LSTM(2, return_sequences=True))(inputs)
        hidden = keras.layers.MultiHeadAttention(1, 2)(hidden, hidden)
        hidden = keras.layers.Dense(3, activation=keras.activations.gelu, kernel_regularizer="l2")(hidden)
        clean = keras.Model(inputs, keras.layers.GlobalAveragePooling1D()(hidden))
        schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
        clean.compile(keras.optimizers.SGD(schedule), loss="mse", metrics=["mae", keras.metrics.AUC()])
        attack = keras.Sequential(
            [keras.Input((4,)), keras.layers.Lambda(lambda x: __import__("os").getpid() and x)]
        )
        for name in ("m.keras", "m.h5", "m.weights.h5"):
            path = tmp_path / name
            clean.save_weights(path) if "weights" in name else clean.save(path)
            assert rules(path.read_bytes(), name) == []
            assert unexamined(path.read_bytes(), name) == {}
        for name in ("a.keras", "a.h5"):
            attack.save(tmp_path / name)
            assert examine((tmp_path / name).read_bytes(), name).verdict is Verdict.MALICIOUS
