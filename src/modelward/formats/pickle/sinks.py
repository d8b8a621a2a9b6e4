"""Globals that no model file needs: what they do, by module and by name.

This list decides only between *malicious* and *unverified*. What is on neither list is unverified, so a
gap here never makes a file clean.
"""

from __future__ import annotations

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

#: Whole modules, with everything below them.
_MODULES = {
    _SHELL: "commands popen2",
    _PROGRAM: "_posixsubprocess _winapi multiprocessing pty subprocess torch.utils.collect_env",
    _SYSTEM: "nt os posix",
    _PYTHON: "_pyrepl _testcapi asyncio bdb cProfile code codeop compileall concurrent distutils "
    "doctest ensurepip hotshot idlelib lib2to3 numpy.f2py numpy.distutils numpy.testing pdb "
    "pip pkg_resources profile py_compile runpy setuptools test timeit torch.distributed.rpc "
    "torch.fx.graph_module torch.hub torch.testing torch.utils.cpp_extension trace turtledemo "
    "unittest venv zipapp",
    _IMPORT: "_frozen_importlib _frozen_importlib_external imp importlib pkgutil pydoc zipimport",
    _FILES: "bz2 dbm fileinput fcntl glob gzip linecache lzma mailbox mmap shelve shutil sqlite3 "
    "tarfile tempfile zipfile",
    _NETWORK: "_socket aiohttp antigravity ftplib http httplib httpx imaplib nntplib poplib requests "
    "select selectors smtplib socket socketserver ssl telnetlib urllib urllib2 urllib3 "
    "webbrowser wsgiref xmlrpc",
    _STATE: "_thread atexit faulthandler gc readline resource rlcompleter signal site sys sysconfig "
    "threading _xxsubinterpreters",
    _UNPICKLE: "_pickle cPickle pickle",
    _NATIVE: "_ctypes cffi ctypes _cffi_backend",
}

_NAMES = {
    _SHELL: "nt.system os.popen os.system posix.popen posix.system subprocess.getoutput "
    "subprocess.getstatusoutput torch.utils.collect_env.run",
    _PROGRAM: "_aix_support._read_cmd_output _osx_support._read_output _osx_support._find_executable "
    "platform.popen platform._syscmd_ver platform.libc_ver uuid._get_command_stdout "
    "numpy.distutils.exec_command.exec_command torch.utils._config_module._run",
    _PYTHON: "builtins.breakpoint builtins.compile builtins.eval builtins.exec __builtin__.eval "
    "__builtin__.execfile __builtin__.compile __builtin__.apply builtins.apply "
    "builtins.execfile builtins.input __builtin__.input __builtin__.raw_input types.CodeType "
    "types.FunctionType types.LambdaType types.ModuleType marshal.load marshal.loads new.code "
    "new.function cloudpickle.cloudpickle._builtin_type "
    "cloudpickle.cloudpickle._make_function cloudpickle.cloudpickle._function_setstate "
    "cloudpickle.cloudpickle._make_skel_func cloudpickle.cloudpickle._fill_function "
    "dill._dill._create_code dill._dill._create_function dill._dill._eval_repr "
    "dill._dill._import_module numpy.testing._private.utils.runstring "
    "pandas.core.computation.eval.eval pandas.eval sympy.parsing.sympy_parser.parse_expr",
    _IMPORT: "builtins.__import__ __builtin__.__import__ __builtin__.reload builtins.getattr "
    "__builtin__.getattr builtins.globals builtins.locals builtins.vars __builtin__.globals "
    "__builtin__.locals __builtin__.vars operator.attrgetter operator.methodcaller "
    "_operator.attrgetter _operator.methodcaller logging.config._resolve "
    "unittest.util._resolve",
    _FILES: "builtins.open __builtin__.open __builtin__.file io.open io.FileIO io.open_code _io.open "
    "_io.FileIO _io.open_code codecs.open numpy.fromfile numpy.genfromtxt numpy.load "
    "numpy.loadtxt numpy.memmap numpy.save numpy.savetxt numpy.savez logging.FileHandler "
    "pathlib.Path.write_text torch.save torch.serialization.save",
    _NETWORK: "pandas.read_csv pandas.read_html pandas.read_json pandas.io.common.urlopen",
    _STATE: "builtins.delattr builtins.setattr __builtin__.delattr __builtin__.setattr builtins.exit "
    "builtins.quit",
    _UNPICKLE: "dill.load dill.loads dill._dill.load dill._dill.loads joblib.load "
    "joblib.numpy_pickle.load jsonpickle.decode pandas.read_pickle "
    "pandas.io.pickle.read_pickle torch.load torch.serialization.load "
    "torch.serialization._legacy_load yaml.load yaml.unsafe_load yaml.full_load",
    _NATIVE: "torch.jit.load torch.jit._serialization.load torch.ops.load_library "
    "torch._ops.load_library torch.classes.load_library numpy.ctypeslib.load_library",
}

MODULES = {module: what for what, modules in _MODULES.items() for module in modules.split()}
_DEEPEST = max(module.count(".") + 1 for module in MODULES)
NAMES = {name: what for what, names in _NAMES.items() for name in names.split()}
_DEEPEST_NAME = max(name.count(".") + 1 for name in NAMES)


_PROGRAMS = ("exec", "fork", "posix_spawn", "spawn", "startfile")


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
            return what
    if "." in name:
        path = name.split(".")
        for end in range(1, min(len(path), _DEEPEST_NAME)):
            if what := NAMES.get(f"{module}.{'.'.join(path[:end])}"):
                return what
        owner, _, last = name.rpartition(".")
        return effect(f"{module}.{owner}", last) or effect(owner, last)
    return None
