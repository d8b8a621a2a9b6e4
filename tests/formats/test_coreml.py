from __future__ import annotations

import random

import pytest
from tests.formats.assemble_graph import coreml, message, mil_program, parsed
from tests.formats.gather import kinds
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict
from modelward.formats.coreml import facts

CUSTOM = message((1, "evil"), (500, message((10, "EvilLayer"))))
DENSE = message((1, "dense"), (2, "x"), (3, "y"), (140, message((1, 2), (2, 2))))


def found(data: bytes, siblings: frozenset[str] = frozenset()) -> list[str]:
    return kinds(facts(parsed(data), "Data/com.apple.CoreML/model.mlmodel", siblings))


@pytest.mark.parametrize(
    "data",
    [
        coreml(500, message((1, DENSE))),
        coreml(400, message((1, message((1, 0.5))))),
        coreml(202, message((1, coreml(500, message((1, DENSE)))))),
        coreml(502, mil_program("@model_path/weights/weight.bin")),
    ],
)
def test_sound_models_are_clean(data: bytes) -> None:
    report = examine(data, "model.mlmodel")
    assert (report.verdict, report.coverage[0].format) == (Verdict.CLEAN, "CoreML")


@pytest.mark.parametrize(
    "data",
    [
        coreml(500, message((1, CUSTOM))),
        coreml(403, message((1, CUSTOM))),
        coreml(200, message((1, message((1, coreml(500, message((1, CUSTOM)))))))),
        coreml(500, message((1, message((605, message((2, message((1, CUSTOM))))))))),
        coreml(500, message((1, message((615, message((4, message((1, CUSTOM))))))))),
        coreml(555, message((10, "EvilModel"))),
    ],
)
def test_classes_of_the_application_are_unverified_however_deep(data: bytes) -> None:
    assert rules(data, "model.mlmodel") == ["embedded-code"]


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "@model_path/../../../etc/passwd", "@model_path//etc/passwd", "@other/weight.bin"]
)
def test_constants_from_elsewhere_are_an_attack(path: str) -> None:
    assert found(coreml(502, mil_program(path))) == ["PathEscape"]


def test_constants_beside_the_model_must_be_there() -> None:
    data = coreml(502, mil_program("@model_path/weights/weight.bin"))
    folder = "Data/com.apple.CoreML"
    assert found(data, frozenset({f"{folder}/model.mlmodel", f"{folder}/weights/weight.bin"})) == []
    assert found(data, frozenset({f"{folder}/model.mlmodel"})) == ["Unread"]


def test_a_linked_model_elsewhere_is_an_attack() -> None:
    def linked(name: str, search: str) -> bytes:
        file = message((1, message((1, name))), (2, message((1, search))))
        return coreml(556, message((1, file)))

    assert found(linked("other", "$BUNDLE_MAIN")) == ["Unread"]
    assert found(linked("../../evil", "$BUNDLE_MAIN")) == ["PathEscape", "Unread"]
    assert found(linked("other", "$BUNDLE_MAIN:/tmp/evil")) == ["PathEscape", "Unread"]


def test_what_is_not_known_is_not_examined() -> None:
    assert found(coreml(3000, message((1, "x"), (2, b"y")))) == ["Unread"]


def test_no_change_to_a_model_crashes_the_reader() -> None:
    data = coreml(202, message((1, [coreml(500, message((1, CUSTOM))), coreml(502, mil_program("w.bin"))])))
    chance = random.Random(1)
    for _ in range(300):
        changed = bytearray(data)
        changed[chance.randrange(len(changed))] = chance.randrange(256)
        examine(bytes(changed))


@pytest.mark.parametrize("pipeline", [False, True])
def test_program_in_the_metadata_is_noticed(pipeline: bool) -> None:
    program = message((1, "script"), (2, "python -c 'import os; os.system(\"id\")'"))
    model = message((1, 8), (2, message((100, message((100, program))))), (303, b""))
    if pipeline:
        model = message((1, 8), (202, message((1, model))))
    assert rules(model, "m.mlmodel") == ["code-in-metadata"]


def test_words_in_the_metadata_are_data() -> None:
    words = message((1, "call os.system('id') with it"), (100, message((1, "k"), (2, "subprocess"))))
    model = message((1, 8), (2, message((100, words))), (303, b""))
    assert rules(model, "m.mlmodel") == []
