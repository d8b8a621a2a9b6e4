"""Hold the pickle machine against CPython's unpicklers: `python scripts/fuzz_pickle.py [SECONDS]`.

atheris changes the streams of tests/formats/pickle/streams.py, and what led further before, which is
kept in .cache/fuzz-pickle; nothing is imported or called. Ends with an error, and writes the stream
there, as soon as an unpickler asks for a global that the machine does not name. A stream found so
belongs into DECEITS, where every run of the tests replays it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / ".cache" / "fuzz-pickle"
SECONDS = 60

sys.path.insert(0, str(ROOT))

with atheris.instrument_imports(include=["modelward.formats.pickle"]):
    from tests.formats.pickle.oracle import disagreement, fills_memory
    from tests.formats.pickle.streams import DECEITS


def one(stream: bytes) -> None:
    """Try one stream."""
    if not fills_memory(stream) and (found := disagreement(stream)):
        raise AssertionError(found)


def main(seconds: int) -> None:
    """Fuzz for so long."""
    CORPUS.mkdir(parents=True, exist_ok=True)
    for name, stream in DECEITS.items():
        (CORPUS / name).write_bytes(stream)
    options = [
        f"-max_total_time={seconds}",
        "-max_len=200",
        "-rss_limit_mb=4096",
        "-malloc_limit_mb=100000",
        "-timeout=20",
    ]
    options.append(f"-artifact_prefix={CORPUS.parent}/")
    atheris.Setup([sys.argv[0], *options, str(CORPUS)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
