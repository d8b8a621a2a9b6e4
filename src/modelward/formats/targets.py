"""Names of Python objects as configurations hold them (`_target_`, YAML tags, jsonpickle): what calling
them does."""

from __future__ import annotations

from msgspec import Struct

from modelward.core.regex import regex
from modelward.formats.pickle import gadgets, sinks
from modelward.formats.wordlist import words


class Target(Struct, frozen=True):
    """A name that a program imports and calls. `harm` is what it does, if no configuration needs that."""

    name: str
    harm: str | None = None
    known: bool = False


NAME = regex(r"[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)+")

#: What may be called with any arguments, though its module is full of what may not.
_HARMLESS = words(
    "os.path os.getenv os.getcwd os.cpu_count os.environ multiprocessing.cpu_count pathlib.Path "
    "functools.partial datetime.datetime datetime.timedelta datetime.date decimal.Decimal "
    "fractions.Fraction uuid.UUID random.Random builtins.dict builtins.list builtins.tuple builtins.set "
    "builtins.frozenset builtins.int builtins.float builtins.str builtins.bool builtins.bytes "
    "builtins.complex builtins.range builtins.slice builtins.len builtins.sum builtins.min builtins.max "
    "builtins.sorted builtins.zip builtins.object builtins.type threading.Lock sys.stdout sys.stderr "
    "ext://sys.stdout ext://sys.stderr logging.StreamHandler logging.FileHandler "
    "logging.handlers.RotatingFileHandler uvicorn.logging gunicorn.glogging"
)
#: Those of them that are modules, whose functions they are.
_MODULES = words("os.path uvicorn.logging gunicorn.glogging")
#: What some project has a use for: not known to be safe, and no attack by itself.
_DOUBTFUL = regex(
    r"(?:pandas|numpy|torch|glob|tempfile|gzip|bz2|lzma|zipfile|sqlite3|json|concurrent|asyncio|unittest|requests|"
    r"logging|threading)\.(?!load$|f2py|distutils|testing|ctypeslib|utils\.(?:cpp_extension|collect_env)|jit|ops|"
    r"classes|serialization|storage|package|fx|distributed\.rpc)"
)
_LIBRARIES = words(
    "torch torchvision torchaudio torchmetrics torchtext torchdata torchtune torchao torch_geometric "
    "transformers nemo nemo_run nemo_automodel pytorch_lightning lightning lightning_fabric omegaconf "
    "hydra hydra_plugins timm diffusers sklearn numpy scipy pandas keras tensorflow monai datasets "
    "material materialx pymdownx mkdocs peft accelerate sentence_transformers albumentations kornia "
    "einops detectron2 mmcv mmengine mmdet mmseg mmpretrain speechbrain espnet espnet2 jax flax optax "
    "megatron apex deepspeed xgboost lightgbm catboost spacy mlflow wandb tensorboard optuna ray "
    "bitsandbytes xformers flash_attn open_clip clip segment_anything sam2 collections math ldm sgm "
    "bionemo cosmos nvidia dinov2 fairseq fairseq2 vllm sglang trl optimum gluonts autogluon skops "
    "joblib copyreg datetime colorlog uvicorn gunicorn rich pythonjsonlogger logging tokenizers "
    "huggingface_hub evaluate cv2 PIL webdataset lhotse mosaicml composer llmfoundry haystack langchain "
    "llama_index open3d pytorch3d stable_baselines3 gymnasium gym pl_bolts segmentation_models_pytorch "
    "efficientnet_pytorch ultralytics flair neuralop physicsnemo modulus allennlp adapters mamba_ssm "
    "causal_conv1d decimal fractions uuid ruamel yaml anndata tensordict torchrl emmental "
    "pytorch_metric_learning pytorch_forecasting darts tsai fastai ignite audiocraft demucs encodec "
    "hydra_zen julius"
)
_RISKY_WORD = regex(
    r"^_?(?:load|exec|run|eval|import|call|system|open|locate|compile|spawn|instantiate|get_(?:class|method|object|attr)|"
    r"resolve|unpickle|deserialize|shell|popen|download|fetch|from_pretrained_remote)|_(?:exec|eval|import|system|shell|cmd|command|"
    r"subprocess|by_path|by_name|dynamic_module|load|locate)$"
)
#: Effects that a library's own functions are called for.
_FETCHES = ("reads or writes files", "opens a network connection")
_INDIRECT = regex(
    r"hydra\.(?:_internal\.)?utils\.(?:get_method|get_class|get_object|get_static_method|call|instantiate|_locate)|"
    r"hydra\._internal\.utils\._locate|pydoc\.locate|pkgutil\.resolve_name"
)


def is_indirect(name: str) -> bool:
    """Whether it fetches whatever another field names."""
    return _INDIRECT.fullmatch(name) is not None


def judge(name: str) -> Target:
    """What is known of an object by its dotted name (`module.name`, or `module:name`)."""
    name = name.strip().replace(":", ".")
    module, _, last = name.rpartition(".")
    if not module:
        module, name = "builtins", f"builtins.{name}"
    first, *path = name.split(".")
    if any(part in gadgets.REACHED or part.startswith("__") for part in path):
        return Target(name, harm="imports or reaches anything by name")
    if name in _HARMLESS or (len(path) == 2 and f"{first}.{path[0]}" in _MODULES):
        return Target(name, known=True)
    what = sinks.effect(module, last)
    if what is None and "." in module:
        what = sinks.effect(*module.rsplit(".", 1))
    library = name.split(".")[0] in _LIBRARIES
    fetches = library and what in _FETCHES
    if what is not None and not fetches and not _DOUBTFUL.match(name):
        return Target(name, harm=what)
    return Target(name, known=library and what is None and not _RISKY_WORD.search(last))
