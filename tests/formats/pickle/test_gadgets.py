from __future__ import annotations

import pytest
from tests.formats.assemble import SHELL, call, data, fetch, pickle, stack_fetch, text, tup
from tests.formats.pickle.opinions import judged, worst

from modelward.formats.pickle.gadgets import called
from modelward.formats.pickle.judge import Opinion
from modelward.formats.wordlist import words

#: Functions that public advisories and papers name as ways to run code from a pickle.
ADVISED = words(
    """
    __builtin__:apply __builtin__:compile __builtin__:eval __builtin__:exec __builtin__:execfile
    __builtin__:getattr __builtin__:globals __builtin__:input __builtin__:open
    _aix_support:_read_cmd_output _io:FileIO _io:open_code _operator:methodcaller
    _osx_support:_find_build_tool _osx_support:_read_output _pickle:loads _posixsubprocess:fork_exec
    _pyrepl.pager:pipe_pager _pyrepl.pager:tempfile_pager _thread:start_new_thread _winapi:CreateProcess
    aiobotocore.credentials:AioProcessProvider aiohttp.client:ClientSession click:edit
    numpy._core.fromnumeric:_wrapfunc ast:literal_eval asyncio:run
    asyncio.unix_events:_UnixSubprocessTransport._start base64:b64decode bdb:Bdb bdb:Bdb.run
    binascii:unhexlify builtins:__import__ builtins:breakpoint builtins:eval builtins:exec builtins:exit
    builtins:memoryview.__reduce__ builtins:setattr cProfile:run cProfile:runctx cgitb:lookup
    cloudpickle:loads code:InteractiveInterpreter.runcode code:interact codecs:decode codecs:open
    commands:getoutput compileall:compile_dir concurrent.futures.process:ProcessPoolExecutor
    copyreg:add_extension crypt:crypt ctypes:CDLL ctypes.util:find_library dataclasses:make_dataclass
    dill:load_module distutils.file_util:write_file distutils.spawn:spawn distutils.util:execute
    doctest:debug_script email.message_from_file:x ensurepip:_run_pip fileinput:input filecmp:cmp
    ftplib:FTP functools:reduce gc:get_objects glob:glob gzip:open http.client:HTTPSConnection
    httplib:HTTPSConnection idlelib.autocomplete:AutoComplete.fetch_completions
    idlelib.autocomplete:AutoComplete.get_entity idlelib.calltip:Calltip.fetch_tip
    idlelib.calltip:get_entity idlelib.debugobj:ObjectTreeItem.SetText
    idlelib.pyshell:ModifiedInterpreter.runcode idlelib.pyshell:ModifiedInterpreter.runcommand
    idlelib.run:Executive.runcode imaplib:IMAP4_stream imp:load_source importlib:import_module
    importlib.machinery:SourceFileLoader importlib.util:spec_from_file_location inspect:getsource
    io:open json.tool:main lib2to3.pgen2.grammar:Grammar.loads
    lib2to3.pgen2.pgen:ParserGenerator.make_label linecache:getline locale:getpreferredencoding
    logging:FileHandler logging.config:dictConfig logging.config:listen mailcap:findmatch marshal:loads
    mimetypes:init modulefinder:ModuleFinder.run_script multiprocessing:Process
    multiprocessing.util:spawnv_passfds netrc:netrc new:code nt:system nturl2path:url2pathname
    operator:methodcaller os:execv os:popen os:spawnv os:system os.path:expanduser
    pathlib:Path.write_text pdb:run pickle:loads pip:main pip._internal:main pipes:Template
    pkg_resources:run_script pkgutil:resolve_name platform:popen plistlib:load posix:system
    profile:Profile.run profile:run pstats:Stats pty:spawn py_compile:compile pyclbr:readmodule
    pydoc:locate pydoc:pipepager queue:Queue.put random:_os.system readline:read_history_file
    requests.api:get rlcompleter:Completer.attr_matches runpy:_run_code runpy:run_path select:poll
    setuptools:setup shelve:open shlex:split shutil:rmtree signal:signal site:execsitecustomize
    smtplib:SMTP socket:create_connection sqlite3:connect ssl:get_server_certificate subprocess:Popen
    subprocess:run sys:exit sysconfig:get_config_vars tarfile:open tempfile:mkstemp
    test.support.script_helper:assert_python_ok threading:Thread timeit:timeit tkinter:Tcl tokenize:open
    trace:Trace.run trace:Trace.runctx turtle:config_dict types:CodeType.replace types:FunctionType
    typing:get_type_hints unittest.mock:_importer unittest.util:_resolve urllib.request:urlopen
    uuid:_get_command_stdout uuid:_popen venv:create webbrowser:open wsgiref.simple_server:make_server
    xml.dom.minidom:parse xmlrpc.client:ServerProxy zipfile:ZipFile zipimport:zipimporter
    IPython:start_ipython PIL.Image:open cffi:FFI dill._dill:_eval_repr
    django.utils.module_loading:import_string docker:from_env fabric:Connection gevent.subprocess:Popen
    hydra.utils:instantiate invoke:run ipykernel:embed joblib:load joblib.numpy_pickle:load
    jsonpickle:decode mlflow.projects:run mlflow.pyfunc:load_model mlflow.utils.process:_exec_cmd
    numba.pycc:CC numexpr:evaluate numpy:fromfile numpy:load numpy:loadtxt numpy:memmap
    numpy.ctypeslib:load_library numpy.distutils.exec_command:exec_command numpy.f2py.capi_maps:_eval
    numpy.f2py.crackfortran:_eval_length numpy.f2py.crackfortran:getlincoef
    numpy.f2py.crackfortran:myeval numpy.f2py.diagnose:run numpy.testing._private.utils:runstring
    pandas:eval pandas:read_csv pandas:read_pickle pandas.core.computation.eval:eval
    pandas.io.pickle:read_pickle paramiko:SSHClient patsy.eval:EvalEnvironment.eval pexpect:run
    plumbum:local psutil:Popen py:process.cmdexec pydantic.v1.utils:import_string pytest:main
    ray.cloudpickle:loads sh:Command sklearn.datasets:fetch_openml sympy:sympify
    sympy.parsing.sympy_parser:parse_expr tensorflow:py_function tensorflow.keras.models:load_model
    tensorflow.python.framework.load_library:load_op_library torch:compile torch:load
    torch._dynamo.guards:GuardBuilder.get torch._inductor.codecache:compile_file
    torch.distributed.rpc:rpc_sync
    torch.fx.experimental.symbolic_shapes:ShapeEnv.evaluate_guards_expression
    torch.fx.graph_module:reduce_graph_module torch.hub:load torch.jit:load
    torch.jit.annotations:parse_type_line torch.jit.unsupported_tensor_ops:execWrapper
    torch.multiprocessing:spawn torch.ops:load_library torch.package:PackageImporter
    torch.serialization:load torch.utils._config_module:ConfigModule.load_config
    torch.utils.bottleneck.__main__:run_autograd_prof torch.utils.bottleneck.__main__:run_cprofile
    torch.utils.collect_env:run torch.utils.cpp_extension:load
    torch.utils.data.datapipes.utils.decoder:basichandlers
    transformers.dynamic_module_utils:get_class_from_dynamic_module werkzeug.utils:import_string
    dill:load_module_asdict dill.temp:load_source yaml:load yaml:unsafe_load
    """
)


@pytest.mark.parametrize("gadget", sorted(ADVISED))
def test_gadget_of_an_advisory_is_an_attack(gadget: str) -> None:
    module, _, name = gadget.partition(":")
    for stream in (
        pickle(call(module, name, text("x"))),
        pickle(stack_fetch(module, name), tup(text("x")), b"R"),
    ):
        assert worst(stream) is Opinion.SINK


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("acme.shell", "run_command"),
        ("acme.utils", "import_string"),
        ("acme.io", "loads"),
        ("acme.Runner", "exec_module"),
        ("acme.git", "_run_git_command"),
        ("acme.hub", "Cache._download_weights"),
        ("acme.files", "_atomic_write"),
        ("dotenv", "set_key"),
        ("lightning.fabric.utilities.cloud_io", "_load"),
        ("matplotlib.cbook", "_check_and_log_subprocess"),
        ("numpy", "sum"),
        ("torch.nn.functional", "conv2d"),
        ("sklearn.utils", "resample"),
        ("pandas", "concat"),
    ],
)
def test_function_of_a_telling_name_or_a_known_library_is_an_attack_when_called(
    module: str, name: str
) -> None:
    assert worst(pickle(call(module, name, text("x")))) is Opinion.SINK
    assert worst(pickle(fetch(module, name))) is not Opinion.SINK


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("acme.models", "Net"),
        ("acme.models", "rebuild_net"),
        ("torch._utils", "_rebuild_tensor_v9"),
        ("numpy.core.multiarray", "_reconstruct_v2"),
        ("acme.models", "WriteHead"),
        ("torch._utils", "_load_from_archive"),
        ("requests.structures", "CaseInsensitiveDict"),
        ("code.models", "Net"),
    ],
)
def test_near_miss_what_may_rebuild_an_object_is_only_unknown(module: str, name: str) -> None:
    assert worst(pickle(call(module, name, text("x")))) is Opinion.UNKNOWN


def test_module_reached_through_another_is_an_attack() -> None:
    assert worst(pickle(stack_fetch("numpy.f2py.diagnose", "os"))) is Opinion.SINK
    assert worst(pickle(stack_fetch("acme.tools", "subprocess"))) is Opinion.SINK


def test_pickle_inside_of_a_loader_is_handed_on() -> None:
    inner = pickle(SHELL)
    for module in ("pickle", "_pickle", "dill", "cloudpickle"):
        assert judged(pickle(call(module, "loads", data(inner))))[-1].nested == inner
    assert judged(pickle(call("acme", "rebuild_net", data(inner))))[-1].nested == inner
    assert judged(pickle(call("acme", "rebuild_net", data(b"no pickle"))))[-1].nested is None


def test_what_calling_a_function_does() -> None:
    assert called("acme", "popen") == "runs a shell command"
    assert called("acme", "poppy") is None
    assert called("numpy", "sum") == "calls a function of numpy that files have no use for"
    assert called("numpy", "_reconstruct") is None
