from __future__ import annotations

import pytest
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict


def document(layer: str = "") -> bytes:
    return f"""<?xml version="1.0"?>
<net name="model" version="11"><layers>
<layer id="0" name="x" type="Parameter" version="opset1"><data shape="1,2" element_type="f32"/></layer>
<layer id="1" name="w" type="Const" version="opset1">
<data element_type="f32" shape="2, 2" offset="0" size="16"/></layer>
{layer}
</layers><edges><edge from-layer="0" from-port="0" to-layer="1" to-port="0"/></edges></net>""".encode()


def constant(**changed: str) -> str:
    values = {"element_type": "f32", "shape": "2", "offset": "0", "size": "8", **changed}
    attributes = " ".join(f'{key}="{value}"' for key, value in values.items())
    return f'<layer id="2" name="c" type="Const" version="opset1"><data {attributes}/></layer>'


def test_a_sound_document_is_clean() -> None:
    report = examine(document(constant()), "model.xml")
    assert (report.verdict, report.coverage[0].format.split("+")[0]) == (Verdict.CLEAN, "OpenVINO")


def test_tokenizers_of_openvino_are_ordinary() -> None:
    assert rules(document('<layer id="3" name="t" type="BPETokenizer" version="extension"/>')) == []


@pytest.mark.parametrize(
    ("layer", "rule"),
    [
        ('<layer id="3" name="e" type="Evil" version="extension"/>', "embedded-code"),
        (
            '<layer id="3" name="e" type="Add" version="opset1"><data library="/tmp/e.so"/></layer>',
            "path-escape",
        ),
        ('<layer id="3" name="e" type="Add" version="opset1" plugin="evil.dll"/>', "embedded-code"),
        (constant(size="99999999999999999999"), "header-overflow"),
        (constant(offset="-4"), "header-overflow"),
        (constant(shape="4000000000,4000000000"), "header-overflow"),
        (constant(shape="100"), "header-overflow"),
        (constant(size="many"), "malformed"),
    ],
)
def test_layers_that_reach_out_are_found(layer: str, rule: str) -> None:
    assert rules(document(layer), "model.xml") == [rule]
