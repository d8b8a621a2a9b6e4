"""Model files for benchmarks/scan.py: hundreds that do harm when they are loaded, hundreds that do not.

All are made here, from instructions or by the libraries that write such files. Nothing is ever loaded: the
harm is the shell command `true`, or a function called with a harmless argument.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import marshal
import pickle
import random
import struct
import tarfile
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

_GADGETS = """
    os:system posix:system nt:system subprocess:Popen subprocess:run subprocess:check_output
    builtins:eval builtins:exec __builtin__:eval builtins:compile builtins:__import__
    builtins:getattr importlib:import_module runpy:run_path runpy:_run_code webbrowser:open
    shutil:rmtree os:execv os:spawnvp pty:spawn socket:create_connection urllib.request:urlopen
    pip:main pip._internal:main cProfile:run profile:run pdb:run timeit:timeit trace:Trace
    code:interact codeop:compile_command bdb:Bdb doctest:testsource pydoc:locate pydoc:pipepager
    pkgutil:resolve_name types:FunctionType types:CodeType marshal:loads ctypes:CDLL
    ctypes.util:_findLib_gcc uuid:_get_command_stdout _osx_support:_read_output
    _aix_support:_read_cmd_output imaplib:IMAP4_stream idlelib.run:Executive
    lib2to3.pgen2.pgen:ParserGenerator ensurepip:_run_pip distutils.file_util:write_file
    distutils.spawn:spawn asyncio:create_subprocess_shell
    asyncio.unix_events:_UnixSubprocessTransport multiprocessing.util:spawnv_passfds
    linecache:getline platform:popen commands:getoutput io:open _io:FileIO
    numpy.testing._private.utils:runstring numpy.f2py.crackfortran:getlincoef numpy:load torch:load
    torch.hub:load torch.utils.collect_env:run torch.utils.cpp_extension:load
    torch.jit.unsupported_tensor_ops:execWrapper torch._dynamo.guards:GuardBuilder.get
    torch.utils.bottleneck.__main__:run_cprofile pandas:read_pickle joblib:load dill:loads
    cloudpickle:loads mlflow.projects.backend.local:_run_entry_point tensorflow.io:read_file
    sys:settrace site:execsitecustomize zipimport:zipimporter smtplib:SMTP ftplib:FTP
    http.client:HTTPConnection requests:get aiohttp:ClientSession test.support:run_code
"""

#: Ways to run code that pickles have been seen to use, or that scanners have missed.
GADGETS = [tuple(line.split(":")) for line in _GADGETS.split()]
_SEED = 7


def write(folder: Path) -> dict[str, str]:
    """Write the corpus; file name -> `malicious` or `benign`."""
    labels: dict[str, str] = {}
    for label, files in (("malicious", malicious()), ("benign", benign())):
        (folder / label).mkdir(parents=True)
        for number, (name, data) in enumerate(files):
            path = f"{label}/{number:03}-{name}"
            (folder / path).write_bytes(data)
            labels[path] = label
    return labels


def _call(module: str, name: str, *, protocol: int = 2, argument: str = "true") -> bytes:
    """Instructions that call a function with one text, and leave the result."""
    given = b"X" + struct.pack("<I", len(argument)) + argument.encode()
    if protocol < 2:
        return f"c{module}\n{name}\n(V{argument}\ntR".encode()
    if protocol < 4:
        return f"c{module}\n{name}\n".encode() + given + b"\x85R"
    names = b"".join(b"\x8c" + bytes([len(text)]) + text.encode() for text in (module, name))
    return names + b"\x93" + given + b"\x85R"


def _pickle(*parts: bytes, protocol: int = 2) -> bytes:
    head = b"" if protocol < 2 else b"\x80" + bytes([protocol])
    return head + b"".join(parts) + b"."


def _state(arrays: int = 4) -> bytes:
    """A harmless pickle of a state."""
    source = np.random.default_rng(_SEED + arrays)
    value = OrderedDict((f"layer.{n}.weight", source.standard_normal((4, 4))) for n in range(arrays))
    return pickle.dumps(value, protocol=4)


def _hidden_in(state: bytes, payload: bytes) -> bytes:
    """The payload's call within a harmless pickle, its result thrown away."""
    return state[:-1] + payload + b"0."


def _zip(members: dict[str, bytes], *, deflate: bool = False) -> bytes:
    space = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
    with zipfile.ZipFile(space, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return space.getvalue()


def _torch(data: bytes) -> bytes:
    return _zip({"archive/data.pkl": data, "archive/version": b"3\n", "archive/byteorder": b"little"})


def _tar(members: dict[str, bytes]) -> bytes:
    space = io.BytesIO()
    with tarfile.open(fileobj=space, mode="w") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return space.getvalue()


def _npz(data: bytes) -> bytes:
    return _zip({"a.npy": _object_array(data)})


def _object_array(data: bytes) -> bytes:
    head = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + data


#: Suffix -> how a payload (a whole pickle) is wrapped.
WRAPPINGS: dict[str, Callable[[bytes], bytes]] = {
    "torch.pt": _torch,
    "gzip.joblib": gzip.compress,
    "zlib.joblib": zlib.compress,
    "bz2.pkl": bz2.compress,
    "xz.pkl": lzma.compress,
    "object.npy": _object_array,
    "object.npz": _npz,
    "nested.zip": lambda data: _zip({"inner.zip": _zip({"model.pkl": data}, deflate=True)}),
    "model.tar": lambda data: _tar({"model/data.pkl": data}),
    "weights.json": lambda data: data,
    "second.pkl": lambda data: _pickle(b"}") + data,
    "broken.bin": lambda data: data[:-1] + b"\xff\xff",
    "popped.pkl": lambda data: _hidden_in(_state(), data[2:-1] if data[:1] == b"\x80" else data[:-1]),
    "padded.pkl": lambda data: bytes([0x80, 4]) + b"N0" * 500 + data,
    "memo.pkl": lambda data: data[:2] + b"]q\x00" + data[2:],
    "prefixed.pt": lambda data: b"#!/bin/true\n" + _torch(data),
    "txt.txt": lambda data: data,
}


def malicious() -> Iterator[tuple[str, bytes]]:
    """Files that run something when they are loaded."""
    for number, (module, name) in enumerate(GADGETS):
        for protocol in (number % 2 * 2, 4):
            yield f"gadget-{protocol}.pkl", _pickle(_call(module, name, protocol=protocol), protocol=protocol)
    for number, (suffix, wrap) in enumerate(WRAPPINGS.items()):
        for module, name in (GADGETS[0], GADGETS[3], GADGETS[(5 * number + 11) % len(GADGETS)]):
            yield suffix, wrap(_pickle(_call(module, name)))
    module = b"cshutil\nos\n"
    for name, given in (
        (b"attrgetter", b"X\x06\x00\x00\x00system"),
        (b"methodcaller", b"(Vsystem\nVtrue\nt"),
    ):
        made = b"coperator\n" + name + b"\n" + (given + b"\x85" if name == b"attrgetter" else given) + b"R"
        last = b"X\x04\x00\x00\x00true\x85R" if name == b"attrgetter" else b""
        yield "indirect.pkl", _pickle(made + module + b"\x85R" + last)
    code = base64.b64encode(marshal.dumps(compile("__import__('os').system('true')", "x", "eval"))).decode()
    function = {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}}
    layer = {"class_name": "Lambda", "config": {"function": function}}
    yield "keras.json", json.dumps({"class_name": "Sequential", "config": {"layers": [layer]}}).encode()
    yield "hydra.json", json.dumps({"_target_": "os.system", "command": "true"}).encode()
    for path in ("../../etc/cron.d/x", "/etc/passwd"):
        yield "slip.zip", _zip({path: b"x"})


def benign() -> Iterator[tuple[str, bytes]]:
    """Files that libraries write."""
    source = random.Random(_SEED)
    arrays = np.random.default_rng(_SEED)
    for number in range(40):
        yield "state.pkl", pickle.dumps(_plain(source, number), protocol=number % 6)
        yield "state.pkl", _state(number % 9)
        yield "checkpoint.pt", _torch(_state(number % 7))
        yield "array.npy", _save(np.save, arrays.standard_normal((number + 1, 3)))
        yield "arrays.npz", _save(np.savez, arrays.standard_normal((3, number + 1)))
        yield "model.safetensors", _safetensors(number)
        yield (
            "config.json",
            json.dumps({"hidden_size": number, "eval(": "os.system", "url": "http://x"}).encode(),
        )
    for words in range(10):
        yield "vocab.txt", "\n".join(["[PAD]", "eval", "exec", "os", "system"] * (words + 1)).encode()
        yield "README.md", b"# A model\n\nIt calls nothing.\n" * (words + 1)
    yield from _libraries()


def _plain(source: random.Random, size: int) -> object:
    values = [{"name": f"eval{n}", "x": source.random(), "n": (n, None, b"os.system")} for n in range(size)]
    return {"values": values, "set": {1, 2, size}, "text": "__import__('os').system('true')"}


def _save(save: Callable[..., object], array: object) -> bytes:
    space = io.BytesIO()
    save(space, array)
    return space.getvalue()


def _safetensors(size: int) -> bytes:
    from safetensors.numpy import save

    return save({f"t{n}": np.zeros((n + 1, 2), np.float32) for n in range(size % 5 + 1)}, {"format": "pt"})


def _libraries() -> Iterator[tuple[str, bytes]]:
    """Models of libraries, as they save them."""
    import joblib
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = np.random.default_rng(_SEED).standard_normal((30, 3)), [0, 1] * 15
    for model in (
        LogisticRegression(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(5, random_state=_SEED),
    ):
        fitted = model.fit(x, y)
        for compress in (0, 3, ("gzip", 3), ("xz", 3), ("bz2", 3)):
            space = io.BytesIO()
            joblib.dump(fitted, space, compress=compress)
            yield "sklearn.joblib", space.getvalue()
        yield "sklearn.pkl", pickle.dumps(fitted)
