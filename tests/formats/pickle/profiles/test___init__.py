from __future__ import annotations

import enum
import importlib
import subprocess
import sys
import warnings
from collections import UserDict, UserList, UserString, deque
from collections.abc import Iterator

import pytest
from tests.formats.assemble import pickle, run, text, tup

from modelward.formats.pickle import sinks
from modelward.formats.pickle.profiles import PROFILES, load, lookup
from modelward.formats.pickle.profiles.entry import Entry

#: Globals of the pickles of public repositories (PickleBall's survey) that need a library.
SURVEYED = """
torch._utils._rebuild_tensor_v2 collections.OrderedDict torch.FloatStorage torch.LongStorage
torch.HalfStorage torch.BoolStorage torch.BFloat16Storage torch.device
transformers.trainer_utils.SchedulerType transformers.trainer_utils.IntervalStrategy
transformers.training_args.TrainingArguments torch.ByteStorage transformers.trainer_utils.HubStrategy
transformers.training_args.OptimizerNames torch._utils._rebuild_parameter torch.nn.modules.activation.SiLU
torch.nn.modules.pooling.MaxPool2d torch.nn.modules.container.Sequential torch.nn.modules.conv.Conv2d
torch.nn.modules.container.ModuleList torch.nn.modules.upsampling.Upsample
torch.nn.modules.batchnorm.BatchNorm2d _codecs.encode numpy.dtype ultralytics.nn.modules.conv.Conv
ultralytics.nn.modules.conv.Concat ultralytics.nn.modules.block.DFL ultralytics.nn.modules.block.SPPF
ultralytics.nn.modules.block.Bottleneck numpy.ndarray numpy.core.multiarray._reconstruct torch.Size
ultralytics.nn.modules.block.Proto torch.nn.modules.conv.ConvTranspose2d ultralytics.nn.modules.block.C2f
torch.IntStorage torch.nn.modules.linear.Identity ultralytics.nn.modules.block.BNContrastiveHead
ultralytics.nn.modules.head.YOLOESegment ultralytics.nn.tasks.YOLOESegModel
transformers.training_args_seq2seq.Seq2SeqTrainingArguments accelerate.state.PartialState
accelerate.utils.dataclasses.DistributedType ultralytics.nn.tasks.SegmentationModel
ultralytics.nn.modules.head.Segment ultralytics.nn.tasks.DetectionModel ultralytics.nn.modules.head.Detect
ultralytics.nn.modules.conv.DWConv flair.data.Dictionary torch.Tensor torch._tensor._rebuild_from_type_v2
ultralytics.utils.IterableSimpleNamespace ultralytics.utils.tal.TaskAlignedAssigner
ultralytics.utils.loss.BboxLoss torch.nn.modules.loss.BCEWithLogitsLoss
ultralytics.nn.modules.block.PSABlock ultralytics.nn.modules.block.C3k ultralytics.nn.modules.block.C2PSA
ultralytics.nn.modules.block.C3k2 ultralytics.nn.modules.block.Attention torch.nn.modules.linear.Linear
transformers.trainer_utils.EvaluationStrategy argparse.Namespace ultralytics.utils.loss.v8SegmentationLoss
ultralytics.nn.modules.head.SAVPE ultralytics.nn.modules.Conv ultralytics.nn.modules.Bottleneck
ultralytics.nn.modules.DFL ultralytics.nn.modules.C2f ultralytics.nn.modules.Concat
ultralytics.nn.modules.SPPF ultralytics.nn.modules.Detect numpy.core.multiarray.scalar
torch.torch_version.TorchVersion ultralytics.nn.tasks.WorldModel ultralytics.nn.modules.head.WorldDetect
ultralytics.nn.modules.block.C2fAttn ultralytics.nn.modules.block.MaxSigmoidAttnBlock
pyannote.audio.core.task.Problem pyannote.audio.core.task.Specifications
pyannote.audio.core.task.Resolution transformers.deepspeed.HfTrainerDeepSpeedConfig
collections.defaultdict ultralytics.nn.modules.head.SwiGLUFFN ultralytics.nn.modules.head.Residual
torch.nn.modules.normalization.LayerNorm torch.nn.modules.pooling.AdaptiveMaxPool2d
ultralytics.nn.modules.block.ContrastiveHead ultralytics.nn.modules.block.ImagePoolingAttn torch.bfloat16
accelerate.utils.dataclasses.DeepSpeedPlugin torch.optim.sgd.SGD flair.training_utils.AnnealOnPlateau
omegaconf.nodes.AnyNode omegaconf.base.ContainerMetadata typing.Any omegaconf.listconfig.ListConfig
omegaconf.base.Metadata ultralytics.nn.modules.block.SPPELAN ultralytics.nn.modules.conv.RepConv
ultralytics.utils.loss.v8DetectionLoss ultralytics.nn.modules.block.ADown
ultralytics.nn.modules.block.RepNCSPELAN4 torch.float32 TTS.tts.configs.xtts_config.XttsConfig
TTS.tts.models.xtts.XttsArgs TTS.tts.models.xtts.XttsAudioConfig
TTS.config.shared_configs.BaseDatasetConfig yolov5.models.common.Conv yolov5.models.yolo.DetectionModel
yolov5.models.yolo.Detect pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint
omegaconf.dictconfig.DictConfig pytorch_lightning.callbacks.early_stopping.EarlyStopping
simpletransformers.config.model_args.NERArgs torch.optim.adamw.AdamW torch._utils._rebuild_tensor_v3
torch.float8_e4m3fn torch.storage.UntypedStorage
"""


def test_globals_that_public_models_need_are_on_the_list() -> None:
    missing = [name for name in SURVEYED.split() if lookup(*name.rsplit(".", 1)) is None]
    assert missing == []


def test_nothing_on_the_list_is_a_known_sink() -> None:
    known = {
        ("builtins", "getattr"),  # members of enumerations and methods of plain types
        ("operator", "attrgetter"),  # plain names, and never called
        ("_operator", "attrgetter"),
        ("numpy", "memmap"),  # as the class of an array, and never called
        ("types", "FunctionType"),  # the same
    }
    entries = {place for profile in PROFILES.values() for place in profile.entries}
    assert {place for place in entries if sinks.effect(*place) or sinks.reached(*place)} <= known | {
        place for place in entries if place[1] in ("__newobj__", "__newobj_ex__")
    }


def test_no_name_on_the_list_is_dotted() -> None:
    assert [name for profile in PROFILES.values() for _, name in profile.entries if "." in name] == []


def test_every_entry_but_open_ended_ones_refuses_nonsense() -> None:
    nonsense = run(pickle(tup(*[text("id")] * 8)))[0].value
    open_ended = {"Exception", "Error", "Warning", "Exit", "Interrupt", "Iteration", "Path"}
    for name in ("numpy", "torch", "sklearn", "joblib", "xgboost", "lightgbm", "tokenizers"):
        for (_, entry_name), entry in PROFILES[name].entries.items():
            if any(entry_name.endswith(word) for word in open_ended) or entry.new == entry.call:
                continue
            if entry_name in ("restore_type_tag",) or entry.call is None:
                continue
            assert entry.call(nonsense) is not None, entry_name


def test_profiles_say_what_was_read_and_have_a_digest() -> None:
    digests = {profile.sha256 for profile in PROFILES.values()}
    assert len(digests) == len(PROFILES)
    assert all(any(character.isdigit() for character in profile.read) for profile in PROFILES.values())
    assert {name: profile.name for name, profile in PROFILES.items()} == {name: name for name in PROFILES}


def test_profile_is_loaded_once_and_by_its_name_only() -> None:
    assert load("numpy") is PROFILES["numpy"]
    assert "nothing" not in PROFILES
    assert lookup("nothing.at.all", "X") is None


def test_profiles_are_not_loaded_before_they_are_needed() -> None:
    code = (
        "import sys; import modelward.formats.pickle.judge; "
        "print([m for m in sys.modules if m.startswith('modelward.formats.pickle.profiles.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['modelward.formats.pickle.profiles.entry']"


def installed(name: str) -> Iterator[tuple[str, object, Entry]]:
    """The globals of a profile that the installed release defines where the profile says."""
    for (module, attribute), entry in load(name).entries.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError):
            continue  # of another release
        if getattr(found, "__module__", None) == module:
            yield f"{module}.{attribute}", found, entry


@pytest.mark.parametrize(
    ("name", "library", "least"),
    [
        ("python", "builtins", 150),
        ("numpy", "numpy", 50),
        ("scipy", "scipy", 400),
        ("sklearn", "sklearn", 500),
        ("torch", "torch", 500),
        ("joblib", "joblib", 1),
        ("xgboost", "xgboost", 15),
        ("lightgbm", "lightgbm", 10),
        ("networkx", "networkx", 30),
    ],
)
def test_entries_are_what_the_installed_release_has_under_their_names(
    name: str, library: str, least: int
) -> None:
    """What is entered as an enumeration is one, what is made bare is a class, what takes items can."""
    pytest.importorskip(library)
    filled = (dict, list, set, deque, UserDict, UserList, UserString)
    wrong, count = [], 0
    for qualname, found, entry in installed(name):
        count += 1
        bases = found.__mro__ if isinstance(found, type) else ()
        if (
            (entry.members and enum.Enum not in bases)
            or (entry.new and not bases)
            or (entry.items and not set(filled) & set(bases))
            or (entry.state and not entry.items and {dict, list, set} & set(bases))
        ):
            wrong.append(qualname)
    assert wrong == []
    assert count >= least
