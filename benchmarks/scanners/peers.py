"""The other scanners: how each is installed, started, and understood.

Each lives in an environment of its own under .cache/scanners, made when it is first needed. A scanner that
cannot be installed is left out with a word. Verdicts are put into our words: what a scanner is sure
of is *malicious*, what it only suspects *unverified*, what it skipped or failed on *incomplete*.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".cache" / "scanners"
WORST = ("clean", "incomplete", "unverified", "malicious")

#: A program that gives {path: verdict} of all files below sys.argv[1] to the file sys.argv[2].
_EACH = """
import io, json, os, sys, contextlib, logging
logging.disable(logging.CRITICAL)
{setup}
def verdict(path):
    try:
{body}
    except Exception:
        return "incomplete"
found = {{}}
top = sys.argv[1]
paths = [top] if os.path.isfile(top) else [os.path.join(d, n) for d, _, ns in os.walk(top) for n in ns]
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    for path in paths:
        found[path] = verdict(path)
json.dump(found, open(sys.argv[2], "w"))
"""

_PICKLESCAN = _EACH.format(
    setup="from picklescan.scanner import SafetyLevel, scan_file_path",
    body="""\
        r = scan_file_path(path)
        if r.infected_files: return "malicious"
        if any(g.safety == SafetyLevel.Suspicious for g in r.globals): return "unverified"
        return "incomplete" if r.scan_err or not r.scanned_files else "clean\"""",
)
_MODELSCAN = _EACH.format(
    setup="from modelscan.modelscan import ModelScan",
    body="""\
        r = ModelScan().scan(path)
        if r["issues"]: return "malicious"
        return "incomplete" if r["errors"] or not r["summary"]["scanned"]["total_scanned"] else "clean\"""",
)
_FICKLING = _EACH.format(
    setup="import zipfile\nfrom fickling.loader import scan_file, scan_zip_archive",
    body="""\
        z = zipfile.is_zipfile(path)
        rs = list(scan_zip_archive(path, graceful=True).values()) if z else [scan_file(path, graceful=True)]
        worst = max((r.severity.value[0] for r in rs if r.results), default=0)
        if worst >= 4: return "malicious"
        if worst: return "unverified"
        return "incomplete" if not rs or any(r.errors for r in rs) else "clean\"""",
)


@dataclass(frozen=True)
class Peer:
    """A scanner: the package, the command that scans sys.argv-like (target, output), and how it is read."""

    name: str
    package: str
    command: Callable[[Path, Path, Path], list[str | Path]]
    read: Callable[[Path], Iterator[tuple[str, str]]]
    extra: tuple[str, ...] = ()
    #: What is meant by a file that the scanner does not speak of.
    silent: str = "incomplete"

    def python(self) -> Path | None:
        """The interpreter of the scanner's own environment, which is made if need be; None if that fails."""
        home = HOME / self.name
        python = home / "bin" / "python"
        stamp = home / ".installed"
        wanted = " ".join((self.package, *self.extra))
        if stamp.exists() and stamp.read_text() == wanted:
            return python
        HOME.mkdir(parents=True, exist_ok=True)
        pip = ["-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", "install"]
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
            subprocess.run([python, *pip, self.package, *self.extra], check=True, stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError):
            return None
        stamp.write_text(wanted)
        return python


def _own(python: Path, target: Path, out: Path) -> list[str | Path]:
    return [python, "-m", "modelward", "scan", target, "--format", "json", "-q", "-o", out]


def _read_own(out: Path) -> Iterator[tuple[str, str]]:
    (artifact,) = json.loads(out.read_text())["artifacts"]
    for entry in artifact["coverage"]:
        yield entry["path"].partition("!")[0], "clean" if entry["examined"] else "incomplete"
    for found in artifact["findings"]:
        verdict = {"error": "malicious", "warning": "unverified", "note": "clean"}[found["severity"]]
        yield found["path"].partition("!")[0], verdict


def _program(text: str) -> Callable[[Path, Path, Path], list[str | Path]]:
    return lambda python, target, out: [python, "-c", text, target, out]


def _read_plain(out: Path) -> Iterator[tuple[str, str]]:
    yield from json.loads(out.read_text()).items()


def _hayward(python: Path, target: Path, out: Path) -> list[str | Path]:
    command = python.with_name("hayward")
    return [command, "scan", target, "-f", "json", "-o", out, "--fail-on", "never", "--quiet"]


def _read_hayward(out: Path) -> Iterator[tuple[str, str]]:
    document = json.loads(out.read_text())
    for found in document["findings"]:
        sure = found["severity"] in ("critical", "high")
        yield (
            found["file"],
            "malicious" if sure else "unverified" if found["severity"] == "medium" else "clean",
        )
    for gap in document["coverage_gaps"]:
        yield str(gap.get("file", gap) if isinstance(gap, dict) else gap), "incomplete"


def _modelaudit(python: Path, target: Path, out: Path) -> list[str | Path]:
    return [python.with_name("modelaudit"), "scan", target, "-f", "json", "-o", out, "--no-cache", "--quiet"]


def _read_modelaudit(out: Path) -> Iterator[tuple[str, str]]:
    document = json.loads(out.read_text())
    yield from ((asset["path"], "clean") for asset in document["assets"])
    for issue in document["issues"]:
        path = str(issue.get("location") or "").split(" (")[0].split(":")[0]
        yield path, {"critical": "malicious", "warning": "unverified"}.get(issue["severity"], "clean")


def _aisbom(python: Path, target: Path, out: Path) -> list[str | Path]:
    options = ("--strict", "--offline", "--no-fail-on-risk", "--output")
    return [python.with_name("aisbom"), "scan", target, *options, out]


def _read_aisbom(out: Path) -> Iterator[tuple[str, str]]:
    for part in json.loads(out.read_text()).get("components", ()):
        said: Any = {entry["name"]: entry["value"] for entry in part.get("properties", ())}
        risk = said.get("aisbom:risk", "")
        sure = risk.startswith("CRITICAL")
        yield (
            part["name"],
            "malicious" if sure else "unverified" if risk.startswith(("HIGH", "MED")) else "clean",
        )


OURS = Peer("modelward", "", _own, _read_own)
PEERS = (
    Peer("picklescan", "picklescan==1.0.5", _program(_PICKLESCAN), _read_plain, ("numpy",)),
    Peer("modelscan", "modelscan==0.8.8", _program(_MODELSCAN), _read_plain),
    Peer("fickling", "fickling==0.1.12", _program(_FICKLING), _read_plain, ("typing_extensions",)),
    Peer("hayward", "hayward==1.4.1", _hayward, _read_hayward, silent="clean"),
    Peer("modelaudit", "modelaudit==0.2.54", _modelaudit, _read_modelaudit),
    Peer("aisbom", "aisbom-cli==1.7.0", _aisbom, _read_aisbom),
)


@dataclass(frozen=True)
class Run:
    """What one run of a scanner took, and what it said; `verdicts` is None if it gave no answer."""

    seconds: float
    cpu: float
    mib: float
    verdicts: dict[str, str] | None


def run(peer: Peer, python: Path, target: Path, out: Path, *, timeout: float = 600) -> Run:
    """Run a scanner once over `target` in a process of its own."""
    out.unlink(missing_ok=True)
    watch = (
        "import json, resource, subprocess, sys, threading, time\n"
        "nothing = subprocess.DEVNULL\n"
        "begin = time.perf_counter()\n"
        "child = subprocess.Popen(sys.argv[2:], stdin=nothing, stdout=nothing, stderr=nothing)\n"
        "alarm = threading.Timer(float(sys.argv[1]), child.kill)\n"  # wait(timeout) looks every 50 ms only
        "alarm.start()\n"
        "child.wait()\n"
        "wall = time.perf_counter() - begin\n"
        "alarm.cancel()\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(json.dumps([wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))\n"
    )
    quiet = {"AISBOM_NO_TELEMETRY": "1", "AISBOM_OFFLINE": "1", "PROMPTFOO_DISABLE_TELEMETRY": "1"}
    command = [sys.executable, "-c", watch, str(timeout), *map(str, peer.command(python, target, out))]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | quiet)
    wall, cpu, mib = json.loads(done.stdout)
    return Run(wall, cpu, mib, _verdicts(peer, target, out))


def _verdicts(peer: Peer, target: Path, out: Path) -> dict[str, str] | None:
    """The worst verdict of each file; a file that the scanner does not speak of is missing."""
    try:
        found = list(peer.read(out))
    except (OSError, ValueError, KeyError):
        return None
    verdicts: dict[str, str] = {}
    for path, verdict in found:
        name = Path(path).name
        verdicts[name] = max(verdicts.get(name, "clean"), verdict, key=WORST.index)
    return verdicts
