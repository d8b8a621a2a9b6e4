"""Scanning, beside every other scanner that installs: `python benchmarks/scan.py [NAME...]`.

1. a corpus of some 550 small files, made here: time, and what each scanner says of it
2. a harmless pickle of 920,000 instructions (2 MB) against bare `pickletools.genops`: time and memory
3. a torch checkpoint of 10 GB (a file with holes): time and memory
4. 1 GB of archives in archives: time and memory

Whole processes, so starting up counts. NAMEs choose the scanners to compare with; the others are installed
under .cache when they are first needed. Needs a few GB of TMPDIR. Exit code 1 past a budget.
"""

from __future__ import annotations

import io
import os
import statistics
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.scanners.corpus import write
from benchmarks.scanners.peers import OURS, PEERS, Peer, Run, run

ROUNDS = 3
SLOW = 20.0  # seconds after which one round is enough

OPCODES = 920_000
#: Times bare genops, compiled and as plain Python.
MAX_RATIO, MAX_PURE_RATIO = 1.2, 3.0
MAX_PICKLE_MIB = 60
CHECKPOINT_BYTES = 10 << 30
MAX_CHECKPOINT_SECONDS, MAX_CHECKPOINT_MIB = 2.0, 100
NESTED_BYTES = 1 << 30
MAX_NESTED_MIB = 100

GENOPS = Peer(
    "genops",
    "",
    lambda python, target, _: [
        python,
        "-c",
        "import pickletools, sys\nfor _ in pickletools.genops(open(sys.argv[1], 'rb')): pass",
        target,
    ],
    lambda _: iter(()),
)
Scanners = dict[str, tuple[Peer, Path]]


def scanners(names: list[str]) -> Scanners:
    """Ourselves and the peers that install."""
    found: Scanners = {OURS.name: (OURS, Path(sys.executable))}
    for peer in PEERS:
        if names and peer.name not in names:
            continue
        python = peer.python()
        if python is None:
            print(f"{peer.name}: left out, {peer.package} cannot be installed here")
        else:
            found[peer.name] = peer, python
    return found


def measure(contenders: Scanners, target: Path, timeout: float = 600) -> dict[str, Run]:
    """Each scanner over one target, in turns; the medians of its times and the most memory."""
    runs: dict[str, list[Run]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, (peer, python) in contenders.items():
            if runs[name] and runs[name][-1].seconds > SLOW:
                continue
            runs[name].append(run(peer, python, target, target.parent / f"{name}.out", timeout=timeout))
    return {
        name: Run(
            statistics.median(one.seconds for one in done),
            statistics.median(one.cpu for one in done),
            max(one.mib for one in done),
            done[-1].verdicts,
        )
        for name, done in runs.items()
    }


def table(found: dict[str, Run], base: str) -> None:
    """Time, ratio to `base` by CPU, and memory."""
    print("| | seconds | CPU seconds | times " + base + " | MiB | says |\n|---|---|---|---|---|---|")
    for name, one in found.items():
        said = ", ".join(sorted(set((one.verdicts or {}).values()))) or "-"
        ratio = one.cpu / found[base].cpu
        print(f"| {name} | {one.seconds:.2f} | {one.cpu:.2f} | {ratio:.2f} | {one.mib:.0f} | {said} |")
    print()


def corpus(contenders: Scanners, folder: Path) -> list[str]:
    """The corpus: time and detection."""
    labels = write(folder / "corpus")
    counts = Counter(labels.values())
    print(f"\n## {len(labels)} small files: {counts['malicious']} malicious, {counts['benign']} benign\n")
    found = measure(contenders, folder / "corpus")
    print("| | seconds | CPU seconds | MiB | malicious: yes / suspected / incomplete / missed | benign: flagged / suspected / incomplete |")  # fmt: skip  # noqa: E501
    print("|---|---|---|---|---|---|")
    past = []
    for name, one in found.items():
        if one.verdicts is None:
            print(f"| {name} | {one.seconds:.2f} | {one.cpu:.2f} | {one.mib:.0f} | no answer | |")
            continue
        said: Counter[tuple[str, str]] = Counter(
            (label, one.verdicts.get(Path(path).name, contenders[name][0].silent))
            for path, label in labels.items()
        )
        bad = [said["malicious", verdict] for verdict in ("malicious", "unverified", "incomplete", "clean")]
        good = [said["benign", verdict] for verdict in ("malicious", "unverified", "incomplete")]
        print(
            f"| {name} | {one.seconds:.2f} | {one.cpu:.2f} | {one.mib:.0f} "
            f"| {' / '.join(map(str, bad))} | {' / '.join(map(str, good))} |"
        )
        if name == OURS.name and (bad[3] or good[0] or bad[0] < 0.9 * counts["malicious"]):
            past.append("the corpus: a malicious file is clean, too few are malicious, or a benign one is")
        if name == OURS.name and good[1] > 0.02 * counts["benign"]:
            past.append("the corpus: over 2% of the benign files are unverified")
    if "picklescan" in found and found[OURS.name].cpu > found["picklescan"].cpu:
        past.append("the corpus: slower than picklescan")
    return past


def instructions(contenders: Scanners, folder: Path) -> list[str]:
    """Many small instructions."""
    print(f"\n## A harmless pickle of {OPCODES} instructions\n")
    path = folder / "many.pkl"
    path.write_bytes(b"\x80\x04](" + b"K\x01K\x020N0" * (OPCODES // 6) + b"e.")
    found = measure({GENOPS.name: (GENOPS, Path(sys.executable)), **contenders}, path)
    table(found, GENOPS.name)
    ours, base = found[OURS.name], found[GENOPS.name]
    limit = MAX_RATIO if compiled() else MAX_PURE_RATIO
    past = []
    if ours.cpu > limit * base.cpu:
        past.append(f"instructions: {ours.cpu / base.cpu:.2f} times genops, not {limit}")
    if ours.mib > MAX_PICKLE_MIB:
        past.append(f"instructions: {ours.mib:.0f} MiB, not {MAX_PICKLE_MIB}")
    return past


def compiled() -> bool:
    """Whether the pickle machine runs compiled."""
    from modelward.formats.pickle import machine

    return not str(machine.__file__).endswith(".py")


def checkpoint(contenders: Scanners, folder: Path) -> list[str]:
    """A large checkpoint, of which only the pickle says anything."""
    print(f"\n## A torch checkpoint of {CHECKPOINT_BYTES >> 30} GiB\n")
    path = folder / "large.pt"
    sparse_checkpoint(path)
    found = measure(contenders, path, timeout=120)
    table(found, OURS.name)
    path.unlink()
    ours = found[OURS.name]
    good = ours.seconds <= MAX_CHECKPOINT_SECONDS and ours.mib <= MAX_CHECKPOINT_MIB
    good = good and set((ours.verdicts or {"": ""}).values()) == {"clean"}
    return [] if good else [f"the checkpoint: {ours.seconds:.1f} s, {ours.mib:.0f} MiB, {ours.verdicts}"]


def sparse_checkpoint(path: Path, tensors: int = 10) -> None:
    """Float tensors of zeros in the format of torch.save; the file has holes where they are."""
    elements = CHECKPOINT_BYTES // tensors // 4
    items = b"".join(_tensor(str(key), elements) for key in range(tensors))
    data = b"\x80\x02ccollections\nOrderedDict\n)R(" + items + b"u."
    with zipfile.ZipFile(path, "w", allowZip64=True) as archive:
        archive.writestr("archive/data.pkl", data)
        archive.writestr("archive/byteorder", b"little")
        zeros = bytes(1 << 20)
        for key in range(tensors):
            entry = zipfile.ZipInfo(f"archive/data/{key}")
            entry.file_size = 4 * elements
            with archive.open(entry, "w", force_zip64=True) as member:
                left = 4 * elements
                # Seek over the zeros instead of writing them: what torch reads back is the same.
                raw = archive.fp
                assert raw is not None
                checksum = 0
                while left:
                    step = min(left, len(zeros))
                    checksum = zlib.crc32(zeros[:step], checksum) if left == 4 * elements else checksum
                    raw.seek(step, os.SEEK_CUR)
                    left -= step
                member._file_size = member._compress_size = 4 * elements  # type: ignore[attr-defined]
        archive.writestr("archive/version", b"3\n")


def _tensor(key: str, elements: int) -> bytes:
    """A dictionary entry: a tensor over a storage."""
    name = b"X" + len(key).to_bytes(4, "little") + key.encode()
    size = b"\x8a\x08" + elements.to_bytes(8, "little")
    storage = (
        b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\n" + name + b"X\x03\x00\x00\x00cpu" + size + b"tQ"
    )
    shape = b"K\x00" + size + b"\x85K\x01\x85\x89ccollections\nOrderedDict\n)R"
    return name + b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + shape + b"tR"


def nested(contenders: Scanners, folder: Path) -> list[str]:
    """Archives in archives, which unpack to far more than they are."""
    print(f"\n## {NESTED_BYTES >> 30} GiB of archives in archives\n")
    path = folder / "nested.zip"
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(16):
            archive.writestr(f"{number}.bin", bytes(16 << 20))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(NESTED_BYTES // (256 << 20)):
            archive.writestr(f"{number}.zip", inner.getvalue())
    found = measure(contenders, path, timeout=120)
    table(found, OURS.name)
    ours = found[OURS.name]
    refused = set((ours.verdicts or {}).values()) == {"incomplete"}
    if refused and ours.mib <= MAX_NESTED_MIB:
        return []
    return [f"nested archives: {ours.mib:.0f} MiB, not {MAX_NESTED_MIB}"]


def main() -> int:
    """Measure, print the tables, and say whether the budgets hold."""
    contenders = scanners(sys.argv[1:])
    print(f"load average at the beginning: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        past = [
            line for part in (corpus, instructions, checkpoint, nested) for line in part(contenders, folder)
        ]
    for line in past:
        print(f"past its budget: {line}")
    return int(bool(past))


if __name__ == "__main__":
    sys.exit(main())
