"""Globals that no model file needs: what they do, by module and by name.

This decides only between *malicious* and *unverified*. What is on no list is unverified, so a gap here never
makes a file clean.
"""

from __future__ import annotations

from functools import lru_cache

from modelward.core.regex import regex
from modelward.formats.pickle import gadgets, stdlib

_SHELL = "runs a shell command"
_PROGRAM = "runs a program"
_SYSTEM = "calls the operating system"
_PYTHON = "runs Python code"
_IMPORT = "imports or reaches anything by name"
_FILES = "reads or writes files"
_NETWORK = "opens a network connection"
_STATE = "changes the state of the interpreter"
_UNPICKLE = "loads another pickle"
_NATIVE = "runs native code"
_STANDARD = "calls a part of Python's standard library that no file needs"

#: Whole modules, with everything below them.
_MODULES = {
    _SHELL: "commands popen2",
    _PROGRAM: "_posixsubprocess _winapi multiprocessing pty subprocess",
    _SYSTEM: "nt os posix",
    _PYTHON: "_pyrepl _testcapi _testinternalcapi asyncio bdb cProfile codeop compileall concurrent "
    "distutils doctest ensurepip hotshot idlelib lib2to3 pdb py_compile runpy test.libregrtest "
    "test.support timeit turtledemo unittest venv zipapp",
    _IMPORT: "_frozen_importlib _frozen_importlib_external _imp imp importlib ihooks pkgutil pydoc zipimport",
    _FILES: "bz2 dbm fileinput fcntl glob gzip linecache lzma mailbox mmap shelve shutil sqlite3 tarfile "
    "tempfile zipfile",
    _NETWORK: "_socket _ssl antigravity ftplib httplib imaplib nntplib poplib select selectors smtplib "
    "socket socketserver ssl telnetlib urllib2 webbrowser wsgiref xmlrpc xmlrpclib",
    _STATE: "_signal _xxsubinterpreters _interpreters atexit faulthandler gc readline resource rlcompleter "
    "signal site sys sysconfig",
    _UNPICKLE: "_pickle cPickle pickle",
    _NATIVE: "_ctypes ctypes dl",
}

_NAMES = {
    _SHELL: "nt.system os.popen os.system posix.popen posix.system subprocess.getoutput "
    "subprocess.getstatusoutput torch.utils.collect_env.run _osx_support._read_output "
    "_aix_support._read_cmd_output pydoc.pipepager pydoc.tempfilepager pipes.Template imaplib.IMAP4_stream",
    _PROGRAM: "_osx_support._find_executable platform.popen platform._syscmd_ver platform.libc_ver "
    "uuid._get_command_stdout uuid._popen pip.main pip._internal.main",
    _PYTHON: "builtins.breakpoint builtins.compile builtins.eval builtins.exec builtins.apply "
    "builtins.execfile builtins.input __builtin__.apply __builtin__.compile __builtin__.eval "
    "__builtin__.exec __builtin__.execfile __builtin__.input __builtin__.raw_input code.InteractiveConsole "
    "code.InteractiveInterpreter code.interact marshal.load marshal.loads new.classobj new.code "
    "new.function profile.Profile profile.run profile.runctx trace.Trace types.CodeType types.FunctionType "
    "types.LambdaType types.ModuleType typing.get_type_hints typing._eval_type typing.ForwardRef._evaluate "
    "inspect.getattr_static dataclasses.make_dataclass",
    _IMPORT: "__builtin__.__import__ __builtin__.getattr __builtin__.globals __builtin__.locals "
    "__builtin__.reload __builtin__.vars builtins.__import__ builtins.getattr builtins.globals "
    "builtins.locals builtins.vars _operator.attrgetter _operator.methodcaller operator.attrgetter "
    "operator.methodcaller functools.reduce _functools.reduce logging.config._resolve "
    "logging.config.dictConfig logging.config.fileConfig unittest.util._resolve",
    _FILES: "__builtin__.file __builtin__.open _io.FileIO _io.open _io.open_code builtins.open codecs.open "
    "io.FileIO io.open io.open_code logging.FileHandler logging.handlers.RotatingFileHandler "
    "pathlib.Path.write_text pathlib.Path.write_bytes pathlib.Path.read_text pathlib.Path.unlink",
    _NETWORK: "http.client.HTTPConnection http.client.HTTPSConnection logging.config.listen "
    "logging.handlers.HTTPHandler logging.handlers.SocketHandler logging.handlers.SMTPHandler "
    "urllib.urlopen urllib.urlretrieve urllib.request.urlopen urllib.request.urlretrieve",
    _STATE: "__builtin__.delattr _thread.start_new_thread builtins.delattr builtins.exit builtins.quit "
    "copyreg.add_extension copyreg.pickle thread.start_new_thread threading.Thread threading.Timer",
    _NATIVE: "_posixshmem.shm_open",
}


def _table(*sources: dict[str, str]) -> dict[str, str]:
    return {name: what for source in sources for what, names in source.items() for name in names.split()}


MODULES = _table(_MODULES, gadgets.MODULES)
NAMES = _table(_NAMES) | gadgets.NAMES
_DEEPEST = max(module.count(".") + 1 for module in MODULES)
_DEEPEST_NAME = max(name.count(".") + 1 for name in NAMES)

_PROGRAMS = ("exec", "fork", "posix_spawn", "spawn", "startfile")
_SPECIAL = regex(r"__\w+__")
#: How dill refers to the variables of a module that its functions use, without `recurse`.
_GLOBALS_OF_DILL = ("__dict__", "__main__")


@lru_cache(maxsize=4096)
def effect(module: str, name: str) -> str | None:
    """What `module.name` does if it is a known sink, otherwise None.

    A dotted name counts by its end, and as what it is an attribute of: `eval.__call__` is `eval`.
    """
    found = NAMES.get(f"{module}.{name}")
    if found:
        return found
    if module in ("nt", "os", "posix") and name.startswith(_PROGRAMS):
        return _PROGRAM
    parts = module.split(".")
    for end in range(1, min(len(parts), _DEEPEST) + 1):
        if what := MODULES.get(".".join(parts[:end])):
            return what if module not in gadgets.HARMLESS else None
    return _dotted(module, name) if "." in name else None


def _dotted(module: str, name: str) -> str | None:
    path = name.split(".")
    for end in range(1, min(len(path), _DEEPEST_NAME)):
        if what := NAMES.get(f"{module}.{'.'.join(path[:end])}"):
            return what
    owner, _, last = name.rpartition(".")
    return effect(f"{module}.{owner}", last) or effect(owner, last)


@lru_cache(maxsize=4096)
def reached(module: str, name: str) -> str | None:
    """What it means that this is fetched by name, where no file has a reason to.

    That is a special attribute (`f.__globals__`), a module that is an attribute of another
    (`numpy.f2py.diagnose.os`), or an attribute of a function (`loads.__call__`).
    """
    if name in _GLOBALS_OF_DILL and (name == "__main__" or not stdlib.is_standard(module)):
        return None
    path = name.split(".")
    if any(_SPECIAL.fullmatch(part) for part in path):
        return _IMPORT
    if any(part in gadgets.REACHED for part in path):
        return _IMPORT
    if len(path) > 1 and (stdlib.is_standard(module) or stdlib.is_standard(path[0])) and path[0].islower():
        return _IMPORT
    return None


@lru_cache(maxsize=4096)
def call_effect(module: str, name: str) -> str | None:
    """What calling `module.name` does that no file needs, otherwise None. Known sinks are not repeated."""
    if stdlib.is_standard(module):
        if stdlib.is_data(module, name) or (module in stdlib.OWN and name[:1].isupper() and "." not in name):
            return None
        return _STANDARD
    return gadgets.called(module, name)
