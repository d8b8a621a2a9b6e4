"""What a call in a Python program does, by the name of what is called, its arguments and when it happens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import IntEnum

from modelward.core.regex import regex
from modelward.formats import shell, web
from modelward.formats.python_values import (
    CHOSEN,
    DECODED,
    DECODERS,
    ENVIRONMENT,
    FETCHED,
    HIDDEN,
    LITERAL,
    PARTIAL,
    SECRET,
    Value,
    union,
)
from modelward.formats.wordlist import words


class Phase(IntEnum):
    """When code runs: only if somebody calls it, when a model is loaded or used, or on import."""

    CALLED = 0
    LOADED = 1
    IMPORTED = 2

    @property
    def words(self) -> str:
        """For messages."""
        return ("when it is called", "when the model is loaded or used", "when it is imported")[self]


#: The judgement of a call: what it does, and whether that is harm beyond doubt.
Verdict = tuple[str, bool]

_SHELL = words(
    "os.system os.popen os.popen2 os.popen3 os.popen4 os.startfile pty.spawn platform.popen "
    "popen2.popen2 commands.getoutput commands.getstatusoutput subprocess.run subprocess.call "
    "subprocess.check_call subprocess.check_output subprocess.Popen subprocess.getoutput "
    "subprocess.getstatusoutput asyncio.create_subprocess_shell asyncio.create_subprocess_exec "
    "asyncio.subprocess.create_subprocess_shell asyncio.subprocess.create_subprocess_exec pexpect.spawn "
    "pexpect.run distutils.spawn.spawn torch.utils.collect_env.run _posixsubprocess.fork_exec "
    "get_ipython().system get_ipython().getoutput IPython.get_ipython().system "
    "numpy.distutils.exec_command.exec_command invoke.run ctypes.CDLL().system "
    "ctypes.cdll.LoadLibrary().system ctypes.cdll.msvcrt.system"
)
_SHELL_STARTS = ("os.exec", "os.spawn", "os.posix_spawn")
_CODE = words(
    "builtins.exec builtins.eval builtins.execfile code.InteractiveInterpreter().runcode runpy.run_path "
    "types.FunctionType timeit.timeit builtins.compile"
)
_UNPICKLE = words(
    "pickle.loads _pickle.loads cPickle.loads dill.loads cloudpickle.loads marshal.loads jsonpickle.decode"
)
_NETWORK = (
    "requests.", "httpx.", "aiohttp.", "urllib.request.url", "urllib2.urlopen", "urllib.urlopen",
    "urllib3.", "http.client.HTTP", "socket.create_connection", "smtplib.SMTP", "ftplib.FTP",
    "telnetlib.Telnet", "wget.download", "paramiko.SSHClient", "pycurl.",
    "websocket.create_connection", "socket.socket().connect", "socket.socket().send",
    "socket.gethostbyname", "socket.getaddrinfo", "webbrowser.open", "socket.create_connection().send",
    "urllib.request.Request",
)  # fmt: skip
_NETWORK_NOT = (
    "requests.exceptions", "requests.packages", "requests.adapters", "aiohttp.web", "urllib3.util",
    "urllib3.exceptions", "urllib3.disable", "httpx.Timeout", "httpx.Limits", "requests.Session",
    "requests.session", "aiohttp.ClientTimeout", "aiohttp.TCPConnector", "requests.utils",
    "requests.status_codes", "requests.codes",
)  # fmt: skip
_NATIVE = words(
    "VirtualAlloc VirtualAllocEx VirtualProtect CreateThread CreateRemoteThread RtlMoveMemory "
    "WriteProcessMemory NtCreateThreadEx QueueUserAPC"
)
_SENDS = (".post", ".put", ".send", ".sendall", ".sendto")
_SENT = regex(r"post|put|patch|send|request|urlopen|Request|getaddrinfo|gethostbyname|get$")
_RUNNERS = words(
    "torch.hub.load torch.ops.load_library torch.classes.load_library torch.utils.cpp_extension.load_inline "
    "runpy.run_path runpy.run_module runpy._run_module_as_main"
)
_LIBRARIES = words("ctypes.CDLL ctypes.PyDLL ctypes.WinDLL ctypes.cdll.LoadLibrary ctypes.windll.LoadLibrary")
_WRITERS = ("pathlib.Path().write_text", "pathlib.Path().write_bytes", "pathlib.Path().touch")
_REMOVERS = words("shutil.rmtree os.removedirs")
#: Where ordinary programs leave files, but for those that show that something could be written.
_PASSING = ("/tmp/", "/var/tmp/", "/dev/shm/")  # noqa: S108
_PROOF = regex(r"pwn|own(?:ed|s)|hack|poc|proof|evil|exploit|rce|vuln|hit|malicious|injected", re.IGNORECASE)
_PERSISTENT = regex(
    r"authorized_keys|/etc/|\.bashrc|\.bash_profile|\.zshrc|/\.profile|crontab|cron\.d|/Startup/|LaunchAgents|"
    r"systemd|sitecustomize\.py|usercustomize\.py|ld\.so\.preload"
)


def normal(name: str) -> str:
    """One spelling for names that have several."""
    for short, full in (
        ("posix.", "os."),
        ("nt.", "os."),
        ("__builtin__.", "builtins."),
        ("builtins.builtins.", "builtins."),
    ):
        if name.startswith(short):
            name = full + name[len(short) :]
    return name


def is_sink(name: str) -> bool:
    """Whether a name is of what runs commands or code, or opens connections: nobody hides others."""
    return (
        name in _SHELL
        or name.startswith(_SHELL_STARTS)
        or name in _CODE - {"builtins.compile"}
        or name in _UNPICKLE
        or name in ("socket.socket", "builtins.__import__", "ctypes.CDLL")
        or is_network(name)
    )


def sinks_of(module: str | None) -> Iterator[str]:
    """What `from module import *` gives of them."""
    for name in (*_SHELL, *_CODE, *_UNPICKLE):
        owner, _, last = name.rpartition(".")
        if owner == module:
            yield last


def is_shell(name: str) -> bool:
    """Whether it runs a program."""
    return name in _SHELL or name.startswith(_SHELL_STARTS)


def is_network(name: str) -> bool:
    """Whether it opens a connection or sends on one."""
    return name.startswith(_NETWORK) and not name.startswith(_NETWORK_NOT)


def is_decoder(name: str) -> bool:
    """Whether it turns data that are not readable into others."""
    return (
        name in DECODERS
        or name in ("lzma.decompress", "bz2.decompress", "marshal.loads")
        or (
            name.endswith((".decrypt", ".decrypt_and_verify"))
            and name.startswith(("cryptography.", "Crypto.", "Fernet"))
        )
    )


def judge(name: str, arguments: Sequence[Value], keywords: dict[str, Value], phase: Phase) -> Verdict | None:
    """What a call does that a model's code has no business to do, or None."""
    given = [*arguments, *keywords.values()]
    tags = union(given)
    if name.rpartition(".")[2] in _NATIVE and name.startswith(("ctypes", "windll", "kernel32")):
        return "puts machine code into memory and runs it", bool(phase)
    if name.endswith(".run_cell_magic") and len(arguments) > 2:
        name, arguments = "os.system", arguments[2:]
    if is_shell(name):
        if any(value.name.startswith(("socket.socket()", "socket.create_connection()")) for value in given):
            return "opens a shell to another machine", True
        given = [*arguments, *(value for key, value in keywords.items() if key not in ("env", "**"))]
        return _command(name, given, "shell" in keywords, phase)
    if name in _CODE and (found := _code(name, arguments, phase)) is not None:
        return found
    if name in _UNPICKLE and arguments and DECODED in arguments[0].tags and arguments[0].known:
        return "loads a program that is hidden in encoded text", True
    if name in _UNPICKLE and FETCHED in tags and phase:
        return "loads a pickle from the network", True
    if is_network(name):
        return _network(name, given, tags, phase)
    if name in _RUNNERS and phase and arguments and arguments[0].known:
        return f"runs code from elsewhere through {name}", False
    if name in _LIBRARIES and phase and arguments and set(arguments[0].text or "") & {"/", "\\"}:
        return f"loads the native library {arguments[0].text!r}", False
    if name.endswith((".system", ".popen")) and phase and arguments and arguments[0].text:
        return f"runs a command, or something else named {name.rpartition('.')[2]}", False
    return _files(name, arguments, keywords, phase)


def _command(name: str, given: Sequence[Value], in_shell: bool, phase: Phase) -> Verdict | None:
    tags = union(given)
    in_shell = in_shell or name.startswith(("os.", "commands.", "pty."))
    if (FETCHED in tags or DECODED in tags) and (phase or in_shell):
        return "runs a command that is fetched or hidden in encoded text", True
    command = _command_line(given)
    if command is None:
        if phase is Phase.CALLED or not given:
            return None
        return "runs a command that cannot be told", False
    if harm := shell.harm_of(command):
        return harm, True
    if SECRET in tags and phase:
        return "runs a command with secrets of the machine", True
    if phase is Phase.CALLED or shell.is_housekeeping(command):
        return None
    if re.match(
        r"(?:\S*python[\d.]*|\{\}|sys\.executable)?\s*(?:-m\s+)?(?:uv\s+)?pip3?\s+install\b", command
    ):
        return "installs packages", False
    if shell.is_looking(command):
        return "runs a command", False
    if command.startswith("{}") or (PARTIAL in tags and not shell.is_proof(command)):
        return "runs a command that cannot be told", False
    return "runs a command", in_shell or shell.is_proof(command)


def _command_line(given: Sequence[Value]) -> str | None:
    if not given:
        return None
    first = given[0].constant if given[0].known else None
    if isinstance(first, list | tuple):
        return " ".join(_word(item) for item in first) or None
    if isinstance(first, int) and len(given) > 1:  # os.spawnl(mode, program, ...)
        return _command_line(given[1:])
    text = given[0].text
    if text is None:
        return None
    rest = [value.text for value in given[1:]]
    return " ".join([text, *(part for part in rest if part)]) if " " not in text else text


def _word(item: object) -> str:
    if isinstance(item, Value):
        return "{}"
    text = item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item)
    return f"'{text}'" if re.search(r"[\s;|&<>$()]", text) and "'" not in text else text


def _code(name: str, arguments: Sequence[Value], phase: Phase) -> Verdict | None:
    if name == "builtins.compile":
        return None
    first = arguments[0].tags if arguments else frozenset()
    if FETCHED in first:
        return "runs code that it fetches from the network", True
    if DECODED in first and (LITERAL in first or (phase and name != "types.FunctionType")):
        return "runs code that is hidden in encoded text", True
    return None


def _network(name: str, given: Sequence[Value], tags: frozenset[str], phase: Phase) -> Verdict | None:
    if SECRET in tags or (_SENT.search(name) and _is_environment(given)):
        return "sends secrets of the machine away", True
    url = next((web.first(text) for value in given if (text := value.text) and web.first(text)), "")
    peer = next((value.constant for value in given if isinstance(value.constant, list)), None)
    if peer and isinstance(peer[0], str) and not url:
        url = f"tcp://{peer[0]}"
    if not phase or not url:
        return None
    if web.is_drop(url) or web.is_address(url):
        return f"connects to {url[:120]}", True
    if web.is_known(url):
        return None
    return f"connects to {url[:120]}", phase is Phase.IMPORTED and name.endswith(_SENDS)


def _is_environment(given: Sequence[Value]) -> bool:
    return any(value.name == "os.environ" or ENVIRONMENT in value.tags for value in given)


def _files(name: str, arguments: Sequence[Value], keywords: dict[str, Value], phase: Phase) -> Verdict | None:
    path = arguments[0].text if arguments else None
    if path is None:
        return None
    if (
        name in _REMOVERS
        and (phase or not arguments[0].tags & {PARTIAL, CHOSEN})
        and re.fullmatch(r"/|/\*|~/?|/home/?|/etc/?|/usr/?|[A-Za-z]:[\\/]*", path)
    ):
        return "deletes the files of the machine", True
    mode = keywords.get("mode", arguments[1] if len(arguments) > 1 else None)
    text = (mode.text if mode else "") or ""
    writes = (
        name in ("builtins.open", "io.open", "codecs.open") and set(text) & set("wax")
    ) or name in _WRITERS
    if not phase or not writes:
        return None
    if _PERSISTENT.search(path):
        return f"writes to {path[:120]!r}, which other programs run or trust", True
    outside = path.startswith(("/", "~", "C:\\")) and not path.startswith(
        ("/dev/null", "/proc/self", "/dev/std")
    )
    if outside and phase is Phase.IMPORTED:
        passing = path.startswith(_PASSING) and not _PROOF.search(path)
        return f"writes to {path[:120]!r}, outside the model", not passing
    return None


def reads_secret(name: str, arguments: Sequence[Value]) -> bool:
    """Whether a call gives a secret of the machine, or the file that holds one."""
    if name in (
        "builtins.open",
        "io.open",
        "pathlib.Path",
        "os.path.expanduser",
        "os.path.join",
        "glob.glob",
    ):
        text = "/".join(argument.text or "" for argument in arguments)
        return shell.SECRETS.search(text) is not None
    return False


def hands_on(given: Sequence[Value]) -> Verdict | None:
    """What is given away is a function that runs programs or code, which then runs unseen."""
    for value in given:
        name = normal(value.name)
        if is_shell(name) or name in ("builtins.eval", "builtins.exec", "runpy.run_path", "runpy.run_module"):
            return f"hands on {name}, which cannot be followed", False
    return None


def hides(callee: Value, name: str) -> bool:
    """Whether a sink is reached by a name that was put together so that nobody reads it."""
    return HIDDEN in callee.tags and is_sink(name)
