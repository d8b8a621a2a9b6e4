"""Compiled Python: what the code in it reaches, judged by the names that it uses. Nothing is run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from modelward.core.errors import InputError
from modelward.core.regex import regex
from modelward.formats import marshal
from modelward.formats.marshal import Code

#: Bytes before the code in a .pyc file: Python 3.7 and later, 3.3 to 3.6, 2.7.
HEADERS = (16, 12, 8)
MAX_SHOWN = 160
_OPTIMIZED = 1  # a function's code, which importing the module does not run

#: What a name that code uses shows about it, the gravest first.
_HARM: dict[str, str] = {
    "runs a shell command": "system popen popen2 getoutput getstatusoutput check_output check_call Popen "
    "subprocess pty",
    "runs a program": "posix_spawn posix_spawnp spawnl spawnle spawnlp spawnv spawnve spawnvp execl execle "
    "execlp execv execve execvp execvpe fork forkpty startfile multiprocessing",
    "runs Python code": "eval exec execfile runpy run_path run_module FunctionType CodeType run_code",
    "runs native code": "ctypes CDLL cdll LoadLibrary load_library load_op_library cffi dlopen",
    "imports or reaches anything by name": "__import__ import_module importlib __builtins__ builtins "
    "__globals__ __subclasses__ __mro__ __base__ __bases__ __code__ __getattribute__ __loader__ globals "
    "__reduce__",
    "opens a network connection": "socket urllib urllib2 urllib3 urlopen urlretrieve requests httpx aiohttp "
    "ftplib smtplib telnetlib get_file paramiko webbrowser",
    "loads a pickle": "pickle cPickle dill cloudpickle joblib marshal shelve",
    "calls the operating system": "os posix nt sys environ getenv",
    "reads or writes files": "open shutil rmtree unlink gfile write_file read_file tempfile pathlib Path "
    "fromfile tofile copyfile",
}  # fmt: skip
_SHOWS = {name: what for what, names in _HARM.items() for name in names.split()}
_ORDER = {what: rank for rank, what in enumerate(_HARM)}
#: What gives code that is hidden or fetched, for a module that runs it while it is imported.
_GIVES_CODE = {
    "b64decode",
    "unhexlify",
    "fromhex",
    "decompress",
    "loads",
    "urlopen",
    "a85decode",
    "b85decode",
}
_WORD = regex(rb"[A-Za-z_][A-Za-z0-9_]{1,60}")


def harm(names: Iterable[str]) -> str | None:
    """The gravest thing that code using these names does, or None if none of them shows anything."""
    shown = {_SHOWS[name] for name in names if name in _SHOWS}
    return min(shown, key=_ORDER.__getitem__) if shown else None


def codes(value: Any) -> Iterator[Code]:
    """Every code object within a marshalled value, outermost first."""
    seen: set[int] = set()
    todo = [value]
    while todo:
        found = todo.pop()
        if id(found) in seen:
            continue
        if isinstance(found, Code):
            seen.add(id(found))
            yield found
            todo += found.consts
        elif isinstance(found, tuple):
            seen.add(id(found))
            todo += found


def marshalled(data: bytes) -> tuple[str, str | None]:
    """What marshalled code uses, for people, and its harm or None if that cannot be told.

    A function's constants count where it imports by name. Bytes that no Python reads count by the words in
    them: they stand where code is to be.
    """
    try:
        found = list(codes(marshal.loads(data)))
    except InputError:
        found = []
    if not found:
        words = [word.decode() for word in _WORD.findall(data[: marshal.MAX_BYTES])]
        return _short(words), harm(words)
    names = [name for code in found for name in code.names]
    verdict = harm(names)
    if verdict is not None:
        texts = [const for code in found for const in code.consts if isinstance(const, str)]
        verdict = min(filter(None, (verdict, harm(texts))), key=_ORDER.__getitem__)
        names += [repr(text) for text in texts]
    return _short(names), verdict


def compiled(data: bytes) -> tuple[str, str | None] | None:
    """The same of a .pyc file, whose harm is what importing it does. None if it is none."""
    for header in HEADERS:
        if data[header : header + 1] in (b"c", b"\xe3"):
            try:
                found = list(codes(marshal.loads(data[header:])))
            except InputError:
                continue
            imported = [code for code in found if not code.flags & _OPTIMIZED]
            names = [name for code in imported for name in code.names]
            return _short(names), next(filter(None, map(_when_imported, imported)), None)
    return None


def _when_imported(code: Code) -> str | None:
    """The harm of a module's or class's own code: it runs a command that it holds, or code that it decodes.

    Names alone show nothing: `system` is of `platform` too, `eval` a method of many classes.
    """
    from modelward.formats import python_source, shell  # few files are compiled

    names = set(code.names)
    texts = [const for const in code.consts if isinstance(const, str) and const.strip()]
    if names & {"os", "posix", "nt", "subprocess", "pty", "__import__"}:
        runs = harm(names & {"system", "popen", "Popen", "check_output", "check_call", "getoutput", "spawn"})
        named = ("id", "whoami", "ls", "uname", "calc")  # other single words are names of fields too
        commands = [text for text in texts if text in named or not text.isidentifier()]
        if runs and any(shell.is_proof(text) or shell.harm_of(text) for text in commands):
            return runs
    if names & {"exec", "eval"} and (
        names & _GIVES_CODE or any(python_source.harm_in(text) for text in texts if "(" in text)
    ):
        return harm(names & {"exec", "eval"})
    return None


def _short(names: Iterable[str]) -> str:
    text = " ".join(dict.fromkeys(names))
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
