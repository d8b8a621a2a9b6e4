"""Functions of other people's libraries that run code, load pickles, or reach files and networks.

Like `sinks`, this decides only between *malicious* and *unverified*. The names are those of public advisories
(picklescan, fickling and modelscan GHSAs, arXiv 2508.19774) and of the libraries' own functions of that kind.
"""

from __future__ import annotations

from modelward.core.regex import regex
from modelward.formats.wordlist import words

_SHELL = "runs a shell command"
_PROGRAM = "runs a program"
_PYTHON = "runs Python code"
_IMPORT = "imports or reaches anything by name"
_FILES = "reads or writes files"
_NETWORK = "opens a network connection"
_UNPICKLE = "loads another pickle"
_NATIVE = "runs native code"

#: Whole packages and modules, with everything below them.
MODULES: dict[str, str] = {
    _SHELL: "commandlib delegator envoy fabric fabric2 invoke paramiko plumbum pssh pxssh sarge sh "
    "shellous spur torch.utils.collect_env",
    _PROGRAM: "aiobotocore.credentials anyio click docker eventlet.green.subprocess gevent.subprocess "
    "kubernetes netmiko pexpect psutil ptyprocess torch.multiprocessing torch.distributed.launch "
    "torch.distributed.run torch.distributed.launcher torch.distributed.elastic tornado.process "
    "twisted.internet win32api win32process winpty",
    _PYTHON: "IPython _pytest bpython celery conda cython Cython distlib execjs gunicorn ipykernel js2py "
    "jupyter jupyter_client jupyter_core jupyterlab lupa mlflow.projects nbclient nbconvert nose nose2 "
    "notebook numba.pycc numexpr numpy.distutils numpy.f2py numpy.testing oct2py pandas.core.computation "
    "papermill pip pkg_resources ptpython py_mini_racer pytest pyximport setuptools sympy.parsing "
    "sympy.utilities.autowrap tensorflow.python.debug torch._dynamo torch._inductor torch.distributed.rpc "
    "torch.fx.experimental torch.fx.graph_module torch.hub torch.package torch.testing "
    "torch.utils.benchmark torch.utils.bottleneck torch.utils.cpp_extension torch.utils.model_dump uvicorn "
    "virtualenv dill.source dill.temp dill.__diff",
    _IMPORT: "django.utils.module_loading hydra lazy_loader pydash werkzeug.utils zope.dottedname "
    "transformers.dynamic_module_utils",
    _FILES: "aiofiles fsspec gcsfs s3fs smart_open",
    _NETWORK: "aiohttp boto boto3 botocore httpcore httplib2 httpx paho pycurl pymongo pymysql psycopg2 "
    "redis requests selenium smbprotocol tornado.httpclient urllib3 websocket websockets wget zmq",
    _UNPICKLE: "jsonpickle klepto pickle5 zodbpickle",
    _NATIVE: "_cffi_backend cffi jnius jpype llvmlite py4j pythoncom win32com",
}

_NAMES: dict[str, str] = {
    _SHELL: "mlflow.utils.process._exec_cmd py.process.cmdexec py._process.cmdexec.cmdexec "
    "torch._inductor.codecache.compile_file",
    _PYTHON: "dask.utils.apply dill._dill._eval_repr dill._eval_repr mlflow.projects.run "
    "mlflow.pyfunc.load_model mlflow.pyfunc.utils.data_validation.wrap_predict_with_pyfunc "
    "numpy.apply_along_axis numpy.apply_over_axes numpy.fromfunction numpy.frompyfunc numpy.piecewise "
    "pandas.eval pandas.io.clipboard.paste pandas.io.clipboard.copy patsy.eval.EvalEnvironment.eval "
    "pydantic.v1.utils.import_string sympy.sympify sympy.core.sympify.sympify sympy.lambdify "
    "sympy.utilities.lambdify.lambdify tensorflow.py_function tensorflow.numpy_function "
    "timm.models.load_model torch.compile torch.jit.annotations.parse_type_line torch.jit.script "
    "torch.jit.unsupported_tensor_ops.execWrapper torch.onnx.utils.export "
    "torch.fx.graph_module.reduce_graph_module torch.utils._config_module._run",
    _IMPORT: "cloudpickle.cloudpickle._lookup_module_and_qualname numpy.core.fromnumeric._wrapfunc "
    "numpy._core.fromnumeric._wrapfunc numpy.lib.utils._makenamedict "
    "numpy.lib._utils_impl._makenamedict dask.utils.import_required "
    "google.protobuf.symbol_database.Default joblib.func_inspect.get_func_code "
    "keras.src.utils.python_utils.func_load keras.utils.func_load numpy.ctypeslib.load_library "
    "pydantic.utils.import_string pydantic._internal._validators.import_string "
    "werkzeug.utils.import_string jinja2.utils.import_string "
    "transformers.utils.import_utils.direct_transformers_import "
    "mlflow.utils.import_hooks.notify_module_loaded",
    _FILES: "PIL.Image.open PIL.ImageFile.open imageio.imread cv2.imread cv2.imwrite h5py.File joblib.dump "
    "keras.models.save_model keras.utils.get_file numpy.DataSource numpy.fromfile numpy.genfromtxt "
    "numpy.loadtxt numpy.memmap numpy.save numpy.savetxt numpy.savez numpy.savez_compressed "
    "numpy.lib.npyio.DataSource numpy.lib._datasource.DataSource numpy.lib._datasource.open "
    "numpy.lib.format.open_memmap torch.save torch.serialization.save torch.from_file "
    "torch.UntypedStorage.from_file",
    _NETWORK: "datasets.load_dataset huggingface_hub.hf_hub_download huggingface_hub.snapshot_download "
    "nltk.download pandas.io.common.urlopen pandas.read_clipboard pandas.read_csv pandas.read_excel "
    "pandas.read_html pandas.read_json pandas.read_orc pandas.read_parquet pandas.read_sql "
    "pandas.read_table pandas.read_xml sklearn.datasets.fetch_openml",
    _UNPICKLE: "cloudpickle.load cloudpickle.loads dill.load dill.loads dill.load_module dill.load_session "
    "dill.load_module_asdict dill.session.load_module_asdict joblib._pickle_load "
    "dill._dill.load dill._dill.loads dill.session.load_module joblib.load joblib.numpy_pickle.load "
    "joblib.numpy_pickle_compat.load_compatibility keras.models.load_model keras.saving.load_model "
    "numpy.load numpy.lib.format.read_array numpy.lib.npyio.load numpy.lib._npyio_impl.load "
    "pandas.read_hdf pandas.read_pickle pandas.io.pickle.read_pickle pandas.compat.pickle_compat.load "
    "ray.cloudpickle.loads srsly.pickle_loads tensorflow.keras.models.load_model "
    "tensorflow.saved_model.load torch.load torch.serialization.load torch.serialization._load "
    "torch.serialization._legacy_load torch.distributed.distributed_c10d._tensor_to_object "
    "torch.utils._config_module.ConfigModule.load_config "
    "torch.utils.data.datapipes.utils.decoder.basichandlers ruamel.yaml.load yaml.full_load "
    "yaml.full_load_all yaml.load yaml.load_all yaml.unsafe_load yaml.unsafe_load_all",
    _NATIVE: "numpy.ctypeslib.as_ctypes numpy.ctypeslib.ndpointer tensorflow.load_library "
    "tensorflow.load_op_library torch._ops.load_library torch.classes.load_library torch.jit.load "
    "torch.jit._serialization.load torch.ops.load_library",
}  # fmt: skip

NAMES = {name: what for what, names in _NAMES.items() for name in names.split()}

#: Data classes within those packages.
HARMLESS = words("requests.structures requests.cookies redis.exceptions requests.exceptions")

#: Libraries whose every function that files of theirs call is known: it is on the list, or says what it is.
_KNOWN = words(
    """
    PIL accelerate catboost clearml comet_ml coremltools datasets diffusers dotenv evaluate fastai flask
    flax functorch gensim gradio huggingface_hub imageio imblearn jax joblib keras langchain lightgbm
    lightning lightning_fabric matplotlib mlflow nemo networkx nltk numba numpy onnx onnxruntime openai
    pandas peft pycparser pytorch_lightning ray safetensors scipy sentence_transformers sklearn skops spacy
    statsmodels streamlit sympy tensorflow thinc timm tokenizers torch torchaudio torchgen torchvision
    transformers ultralytics vllm wandb werkzeug xgboost yaml
    """
)
_REBUILDS = regex(
    r"rebuild|reconstruct|unpickle|unreduce|restore|_?new_|_from_|^from_|deserial|ctor|_load_from|_make_|_setstate|"
    r"_create_|_get_|constructor|^scalar$|^_?unpack|^build_|^as_|^_p$"
)

#: What a function of any library does if this is its name.
_CALLED: dict[str, str] = {
    _SHELL: "check_call check_output exec_command execute_command getoutput getstatusoutput popen popen2 "
    "popen3 popen4 run_command run_cmd run_shell run_shell_command runcommand shell shell_exec system "
    "Popen _exec_cmd",
    _PROGRAM: "execl execle execlp execv execve execvp fork forkpty posix_spawn spawn spawnl spawnv "
    "spawnve spawnvp spawnv_passfds startfile",
    _PYTHON: "_run_code compile_code eval eval_code eval_expr eval_in_context evaluate_code exec exec_ "
    "exec_module execWrapper execfile import_and_exec py_eval python_eval run_cell run_code run_module "
    "run_path run_python runcode runctx runsource runstring",
    _IMPORT: "__import__ _import_module attrgetter getattr import_attr import_attribute import_by_name "
    "import_class import_dotted_name import_from import_from_string import_item import_module import_name "
    "import_object import_string importstr lazy_import load_class load_module load_object locate "
    "locate_object methodcaller resolve_dotted_attribute resolve_name string_import string_to_class "
    "subimport",
    _FILES: "remove_dir rmtree unlink write_file write_text write_bytes",
    _NETWORK: "download_file download_url download_url_to_file urlopen urlretrieve "
    "load_state_dict_from_url load_url",
    _UNPICKLE: "load_pickle load_pickled loads pickle_load pickle_loads read_pickle unsafe_load unpickle",
    _NATIVE: "load_library load_op_library LoadLibrary",
}
CALLED = {name: what for what, names in _CALLED.items() for name in names.split()}

#: What a function does whose name has one of these words: none that rebuilds an object has.
_WORDS: dict[str, str] = {
    _SHELL: "cmd command commands ffmpeg popen shell subprocess",
    _PROGRAM: "executable spawn",
    _PYTHON: "eval exec execute install",
    _IMPORT: "import imports",
    _FILES: "delete extract remove rename rmtree save unlink unzip write",
    _NETWORK: "download downloads fetch upload url urlopen",
    _UNPICKLE: "unmarshal",
}
WORDS = {word: what for what, said in _WORDS.items() for word in said.split()}
#: The same of a private function of a library that is known: what a file calls of those rebuilds.
_ACTS = words("call check load open probe read resolve run")

#: Modules that nothing keeps in a file, reached as attributes of others.
REACHED = words("builtins ctypes importlib marshal nt os pickle posix pty runpy shutil socket subprocess sys")


def called(module: str, name: str) -> str | None:
    """What calling a function does, judged by its name and its library, or None if that does not tell."""
    last = name.rpartition(".")[2]
    if what := CALLED.get(last):
        return what
    plain = last.lstrip("_")
    if not plain[:1].islower():
        return None
    said = plain.split("_")
    for word in said:
        if what := WORDS.get(word):
            return what
    top = module.partition(".")[0]
    if top in _KNOWN and not _REBUILDS.search(last) and (plain == last or not _ACTS.isdisjoint(said)):
        return f"calls a function of {top} that files have no use for"
    return None
