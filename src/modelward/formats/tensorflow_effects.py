"""Operations of TensorFlow that reach beyond the graph, and what may be said of one from what feeds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from msgspec import Struct

from modelward.core.regex import regex
from modelward.formats.facts import PathEscape, RemoteFetch
from modelward.formats.graph_facts import FileAccess, UnsafeOperation
from modelward.formats.paths import escapes, is_url


class Kind(Enum):
    """How an operation reaches beyond the graph."""

    PYTHON = "calls a Python function of the process that runs the graph"
    COMMAND = "is no operation of TensorFlow, and is named like a way to run commands or native code"
    END = "ends the process"
    WRITE = "writes to a file"
    SAVE = "writes a checkpoint"
    READ = "reads a file"
    DATA = "reads data from files"
    TABLE = "reads a table from a file"
    RESTORE = "reads a checkpoint"
    NETWORK = "opens a network connection"


#: Operation -> what it does, and which input is the path or the address (None: it always does it).
EFFECTS: dict[str, tuple[Kind, int | None]] = {
    **dict.fromkeys(("PyFunc", "PyFuncStateless", "EagerPyFunc", "PyCall"), (Kind.PYTHON, None)),
    **dict.fromkeys(
        ("ShellExecute", "ExecuteOp", "SystemCommand", "LoadLibrary", "LoadLibraryV2", "RunCommand"),
        (Kind.COMMAND, None),
    ),
    "Abort": (Kind.END, None),
    "WriteFile": (Kind.WRITE, 0),
    **dict.fromkeys(
        ("DatasetToTFRecord", "ExperimentalDatasetToTFRecord", "SaveDataset", "SaveDatasetV2",
         "CreateSummaryFileWriter", "CreateSummaryDbWriter", "SnapshotDataset", "SnapshotDatasetV2",
         "CacheDataset", "CacheDatasetV2", "DistributedSave"), (Kind.SAVE, 1),
    ),
    **dict.fromkeys(("Save", "SaveSlices", "SaveV2"), (Kind.SAVE, 0)),
    "MergeV2Checkpoints": (Kind.SAVE, 1),
    "ReadFile": (Kind.READ, 0),
    "MatchingFiles": (Kind.READ, 0),
    **dict.fromkeys(
        ("TextLineDataset", "TFRecordDataset", "TFRecordDatasetV2", "FixedLengthRecordDataset",
         "FixedLengthRecordDatasetV2", "LMDBDataset", "ExperimentalLMDBDataset", "CSVDataset",
         "CSVDatasetV2", "ExperimentalCSVDataset", "MatchingFilesDataset", "ExperimentalMatchingFilesDataset",
         "LoadDataset", "SnapshotDatasetReader", "SnapshotChunkDataset", "ListSnapshotChunksDataset"),
        (Kind.DATA, 0),
    ),
    "ReaderRead": (Kind.DATA, 1),
    "ReaderReadV2": (Kind.DATA, 1),
    "ReaderReadUpTo": (Kind.DATA, 1),
    "ReaderReadUpToV2": (Kind.DATA, 1),
    "SqlDataset": (Kind.DATA, 1),
    "ExperimentalSqlDataset": (Kind.DATA, 1),
    "InitializeTableFromTextFile": (Kind.TABLE, 1),
    "InitializeTableFromTextFileV2": (Kind.TABLE, 1),
    "GenerateVocabRemapping": (Kind.TABLE, 0),
    **dict.fromkeys(("Restore", "RestoreSlice", "RestoreV2", "LoadAndRemapMatrix"), (Kind.RESTORE, 0)),
    **dict.fromkeys(("Rpc", "TryRpc", "RpcServer", "RpcClient"), (Kind.NETWORK, 0)),
    "DataServiceDataset": (Kind.NETWORK, 2),
    "DataServiceDatasetV2": (Kind.NETWORK, 2),
    "DataServiceDatasetV3": (Kind.NETWORK, 2),
    "DataServiceDatasetV4": (Kind.NETWORK, 2),
    "RegisterDataset": (Kind.NETWORK, 1),
    "RegisterDatasetV2": (Kind.NETWORK, 1),
    "BigQueryReader": (Kind.NETWORK, None),
}  # fmt: skip

#: Operation -> attributes that name a file, a stream or an address, and whether it is written.
ATTRIBUTES: dict[str, tuple[tuple[str, ...], bool]] = {
    "PrintV2": (("output_stream",), True),
    "ImmutableConst": (("memory_region_name",), False),
    "FixedUnigramCandidateSampler": (("vocab_file",), False),
    "Skipgram": (("filename",), False),
    "RecordInput": (("file_pattern",), False),
    "DecodeProtoV2": (("descriptor_source",), False),
    "EncodeProto": (("descriptor_source",), False),
    "DumpTensor": (("log_dir_path",), True),
    "CalibrationStatisticsSaver": (("output_file_path",), True),
    **dict.fromkeys(
        ("DebugIdentity", "DebugIdentityV2", "DebugIdentityV3", "DebugNanCount", "DebugNumericSummary"),
        (("debug_urls",), True),
    ),
}
#: Streams and schemes of attributes that reach no file.
_HARMLESS = regex(r"(stdout|stderr|log\([a-z]+\)|local://.*|bytes://.*|memmapped_package://.*|)", re.DOTALL)

#: Files that hold what no model is about: accounts, keys, the system's and other programs' state.
_PRIVATE = regex(
    r"(file:(//)?)?(/etc/|/proc/|/sys/|/dev/(?!null|shm)|/root/|/var/(run|log|spool)/|/boot/"
    r"|.*/\.(ssh|aws|azure|kube|docker|gnupg|netrc|git-credentials|bash\w*|profile|env)\b"
    r"|~/|.*\.\./\.\./\.\./|[A-Za-z]:\\windows\\)|.*(169\.254\.169\.254|id_rsa|id_ed25519)",
    re.IGNORECASE | re.DOTALL,
)


class Origin(Struct, frozen=True):
    """What the path of an operation is made of.

    `constants` are texts of the graph; `asked` is whether a part of it is asked of whoever runs the graph
    (a placeholder, an argument); `asset` whether it is one of the model's own asset files.
    """

    constants: tuple[str, ...] = ()
    asked: bool = False
    asset: bool = False


def judge(operation: str, node: str, origin: Origin, offset: int) -> Iterator[object]:
    """What an operation of EFFECTS does to whoever runs the graph."""
    kind, path_input = EFFECTS[operation]
    away = [text for text in origin.constants if text and escapes(text)]
    private = [text for text in origin.constants if _PRIVATE.match(text)]
    target = next(iter(private or away), "".join(origin.constants[:1]))
    where = f"node {node!r} ({operation})"
    unsafe = UnsafeOperation(operation, kind.value, node, target, offset)
    if path_input is None or kind is Kind.WRITE:
        yield unsafe
    elif kind is Kind.NETWORK:
        yield RemoteFetch(where, target, "the graph connects to it", offset) if target else unsafe
    elif private:
        yield PathEscape(where, target, kind.value, offset)
    elif kind is Kind.SAVE:
        # An empty name keeps a cache in memory. A saver is told the place, or has a default, `model`.
        if away:
            yield PathEscape(where, target, kind.value, offset)
        elif not (origin.asked or origin.constants):
            yield FileAccess(operation, kind.value, node, target, offset)
    elif kind is Kind.READ:
        if away:
            yield PathEscape(where, target, kind.value, offset)
        elif origin.asked or target:
            yield FileAccess(operation, kind.value, node, target, offset)
        elif not origin.asset:
            yield unsafe
    elif away and kind is Kind.TABLE:
        yield PathEscape(where, target, kind.value, offset)
    elif away and kind is Kind.DATA:
        # The pipeline that a model was trained with often stays in its graph, and is not run again.
        yield FileAccess(operation, kind.value, node, target, offset)


def judge_attribute(operation: str, node: str, value: str, offset: int) -> Iterator[object]:
    """What an operation of ATTRIBUTES does with the file or address that it names."""
    written = ATTRIBUTES[operation][1]
    if _HARMLESS.fullmatch(value):
        return
    where = f"node {node!r} ({operation})"
    if is_url(value):
        yield RemoteFetch(where, value, "the graph sends to it" if written else "the graph reads it", offset)
    elif written:
        yield UnsafeOperation(operation, Kind.WRITE.value, node, value, offset)
    elif escapes(value) or _PRIVATE.match(value):
        yield PathEscape(where, value, Kind.READ.value, offset)
    else:
        yield FileAccess(operation, Kind.READ.value, node, value, offset)
