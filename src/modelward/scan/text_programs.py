"""Programs among the texts: Python, shell scripts, templates, start-up lines."""

from __future__ import annotations

import re
from posixpath import basename, dirname

from modelward.core.errors import InputError
from modelward.core.regex import regex
from modelward.formats import shell, startup
from modelward.formats.facts import EmbeddedCode
from modelward.formats.python_source import decode, judge_source
from modelward.formats.wordlist import words
from modelward.scan.examination import Place, Reading
from modelward.scan.text_documents import show

_SHADOWED = words(
    "torch numpy transformers safetensors tensorflow keras pickle json os sys re io subprocess typing "
    "collections pathlib random math logging tokenizers accelerate diffusers peft joblib sklearn onnx "
    "onnxruntime scipy pandas requests urllib socket struct copy functools hashlib tempfile shutil "
    "types abc enum dataclasses yaml jinja2 huggingface_hub"
)
_WEIGHTS = (
    ".safetensors",
    ".bin",
    ".pt",
    ".pth",
    ".ckpt",
    ".gguf",
    ".onnx",
    ".h5",
    ".pkl",
    ".joblib",
    "/config.json",
)
#: What Hugging Face's endpoints and TorchServe look for in `handler.py`.
_HANDLER = regex(r"^class\s+(?:EndpointHandler\b|\w+\(.*BaseHandler\b)", re.MULTILINE)
_STARTS = ("sitecustomize.py", "usercustomize.py")


def read_python(data: bytes, place: Place) -> Reading:
    """A Python file, whatever imports it."""
    reading = Reading("Python")
    try:
        text = decode(data)
    except InputError as error:
        reading.fact(EmbeddedCode("line 1", "this Python file", "", error.message.removeprefix("it ")))
        return reading
    base = basename(place.name).lower()
    if base in _STARTS:
        reading.fact(EmbeddedCode(base, "a file that Python runs whenever it starts"))
    if _shadows(place):
        reading.fact(
            EmbeddedCode(base, f"a file that takes the place of the library {base.removesuffix('.py')!r}")
        )
    try:
        python(text, place, reading)
    except InputError as error:
        reading.problem = error.message
    return reading


def python(text: str, place: Place, reading: Reading) -> None:
    """Show what a program does to the rules. Raises InputError."""
    loaded = not place.name.endswith("__main__.py")
    for use in judge_source(text, origin=place.path, loaded=loaded, served=_is_served(text, place)):
        if use.harm is None:
            reading.fact(use)
        else:
            reading.fact(
                EmbeddedCode(f"line {use.line}", f"Python code, {use.when},", use.expression, use.harm)
            )


def _is_served(text: str, place: Place) -> bool:
    """Whether a file is the code of a TorchServe archive, an MLflow model or a Hugging Face endpoint."""
    return (
        "MAR-INF/MANIFEST.json" in place.siblings
        or (place.name.startswith("code/") and "MLmodel" in place.siblings)
        or (basename(place.name) == "handler.py" and _HANDLER.search(text) is not None)
    )


def _shadows(place: Place) -> bool:
    """Whether a file beside weights has the name of a library that their loader imports."""
    base = basename(place.name)
    if base.removesuffix(".py") not in _SHADOWED or not base.endswith(".py"):
        return False
    folder = dirname(place.name)
    beside = [f"/{basename(name)}" for name in place.siblings if dirname(name) == folder]
    return "/__init__.py" not in beside and any(name.endswith(_WEIGHTS) for name in beside)


def read_shell(text: str, place: Place) -> Reading:
    """A script that nobody but a person runs: what harms beyond doubt counts."""
    from modelward.formats import requirements

    reading = Reading("shell script")
    if len(text) > shell.MAX_TEXT:
        reading.problem = f"it is over {shell.MAX_TEXT >> 20} MiB of shell"
    for found in shell.judge(text):
        reading.fact(EmbeddedCode(f"line {found.line}", "this script", found.expression, found.harm))
    show(reading, requirements.shell(text))
    if "/hooks/" in f"/{place.name}" and ".git/" in place.name and not place.name.endswith(".sample"):
        reading.fact(EmbeddedCode(place.name, "a hook that git runs"))
    return reading


def read_template(text: str, place: Place, *, sure: bool = True) -> Reading:
    """A Jinja template, or if it is not `sure` perhaps one. Those of conversations read no other files."""
    from modelward.formats.chat_template import findings
    from modelward.formats.chat_template_facts import TemplateEscape, TemplateUnread

    reading = Reading("template")
    chat = "chat" in place.name.lower() or "messages" in text
    for fact in findings(text, ""):
        if isinstance(fact, TemplateUnread) and not chat:
            reading.problem = fact.reason if sure else ""
            continue
        if not sure and isinstance(fact, TemplateUnread):
            continue
        reads = isinstance(fact, TemplateEscape) and fact.what == "reads another file"
        if chat or (isinstance(fact, TemplateEscape) and not reads):
            reading.fact(fact)
    return reading


def read_start_lines(text: str, place: Place) -> Reading:
    """A `.pth` file: Python runs each line that begins with `import` whenever it starts."""
    reading = Reading("start-up lines")
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith(("import ", "import\t")) and not startup.is_known(line):
            inner = Reading("Python")
            try:
                python(line, place, inner)
            except InputError as error:
                reading.problem = error.message
            reading.hits.merge(inner.hits)
            if not inner.hits.findings(place.path):
                reading.fact(
                    EmbeddedCode(f"line {number}", "a line that Python runs whenever it starts", line[:160])
                )
    return reading
