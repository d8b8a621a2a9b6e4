"""The globals that a pickle may use and come out clean, by library. Everything else is denied.

An entry is one exact (module, name) with what each use of it may be given. A class is on the list if
nothing that loading does with it - making it without its constructor, setting its attributes, hashing,
comparing and destroying it - runs code, opens a file or imports by name with data from the pickle; what its
methods do later is not judged. A profile is loaded when a pickle first names its library.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from functools import cache

from modelward.formats.pickle.profiles.entry import Entry, Profile, from_table
from modelward.formats.pickle.values import Global

#: Profiles that are modules of this package -> the top-level packages of their globals.
_WRITTEN = {
    "python": "_codecs _collections _collections_abc _datetime _functools _io _operator abc argparse array "
    "builtins collections copyreg dataclasses datetime dateutil decimal enum exceptions fractions "
    "functools http inspect io ipaddress itertools logging math numbers operator optparse pathlib pytz "
    "random re statistics string time types typing uuid zoneinfo",
    "numpy": "numpy",
    "torch": "torch",
    "sklearn": "sklearn",
    "joblib": "joblib",
    "scipy": "scipy",
    "pandas": "pandas pyarrow",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "tokenizers": "tokenizers",
}
#: Profiles that are tables alone.
_TABLES = {
    "accelerate": "accelerate",
    "catboost": "catboost",
    "diffusers": "diffusers",
    "fastai": "fastai fastcore",
    "flair": "flair",
    "gensim": "gensim",
    "lightning": "pytorch_lightning lightning_fabric",
    "networkx": "networkx",
    "nltk": "nltk",
    "omegaconf": "omegaconf",
    "peft": "peft",
    "prophet": "prophet",
    "pyannote": "pyannote",
    "scikit": "category_encoders hdbscan hmmlearn imblearn lifelines mlxtend pmdarima pynndescent pyod "
    "sklearn_crfsuite sklearn_pandas umap",
    "science": "obspy rdkit tables",
    "sentence_transformers": "sentence_transformers",
    "simpletransformers": "simpletransformers",
    "spacy": "spacy thinc",
    "statsmodels": "patsy statsmodels",
    "timm": "timm",
    "torch_geometric": "torch_geometric torchtext",
    "torchmetrics": "torchmetrics",
    "torchvision": "torchvision",
    "transformers": "transformers",
    "tts": "TTS coqpit",
    "ultralytics": "ultralytics yolov5",
}
_HOMES = {
    package: name
    for table in (_WRITTEN, _TABLES)
    for name, packages in table.items()
    for package in packages.split()
}


@cache
def load(name: str) -> Profile:
    """The profile of this name."""
    if name in _TABLES:
        return from_table(name)
    found: Profile = importlib.import_module(f"{__name__}.{name}").PROFILE
    return found


def lookup(module: str, name: str) -> Entry | None:
    """The entry of a global by the name that Python 3 has for it, or None."""
    home = _HOMES.get(module.partition(".")[0])
    if home is None:
        return None
    found = load(home).entries.get((module, name))
    if found is None and module.startswith("sklearn.externals.joblib."):
        return load("joblib").entries.get((module, name))
    return found


def entry_of(found: Global) -> Entry | None:
    """The entry of a global as a pickle names it, or None."""
    return lookup(*found.canonical)


class _Profiles(Mapping[str, Profile]):
    def __getitem__(self, name: str) -> Profile:
        if name not in _WRITTEN and name not in _TABLES:
            raise KeyError(name)
        return load(name)

    def __iter__(self) -> Iterator[str]:
        return iter((*_WRITTEN, *_TABLES))

    def __len__(self) -> int:
        return len(_WRITTEN) + len(_TABLES)


#: All profiles by name, loaded as they are asked for.
PROFILES: Mapping[str, Profile] = _Profiles()
