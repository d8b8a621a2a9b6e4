"""Keras configurations and models, put together by hand; none is ever loaded."""

from __future__ import annotations

import base64
import io
import json
import marshal
import zipfile
from types import CodeType
from typing import Any

import h5py

SHELL = "lambda x: __import__('os').system('id') or x"


def dumped(source: str) -> str:
    """A lambda as Keras dumps it: base64 of its marshalled code."""
    code = next(const for const in compile(source, "x", "eval").co_consts if isinstance(const, CodeType))
    return base64.encodebytes(marshal.dumps(code)).decode()


def model(*layers: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A model of some layers."""
    return {"class_name": "Sequential", "config": {"name": "m", "layers": list(layers)}, **fields}


def layer(class_name: str, config: Any = None, **fields: Any) -> dict[str, Any]:
    """One layer."""
    return {"class_name": class_name, "config": {} if config is None else config, **fields}


def lambda_layer(source: str = SHELL, *, modern: bool = False) -> dict[str, Any]:
    """A Lambda layer as Keras 2 or Keras 3 writes it."""
    code = dumped(source)
    if modern:
        function = {
            "class_name": "__lambda__",
            "config": {"code": code, "defaults": None, "closure": None},
        }
        return layer("Lambda", {"name": "l", "function": function}, module="keras.layers")
    return layer("Lambda", {"name": "l", "function": [code, None, None], "function_type": "lambda"})


def archive(config: Any, **members: bytes) -> bytes:
    """A `.keras` archive."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr("metadata.json", '{"keras_version": "3.9.0"}')
        file.writestr("config.json", config if isinstance(config, bytes) else json.dumps(config))
        for name, data in members.items():
            file.writestr(name.replace("__", "."), data)
    return held.getvalue()


def hdf5(**attributes: Any) -> bytes:
    """An HDF5 model whose attributes are these, in JSON where they are not text."""
    held = io.BytesIO()
    with h5py.File(held, "w") as file:
        for name, value in attributes.items():
            file.attrs[name] = value if isinstance(value, str | bytes) else json.dumps(value)
        file.create_group("model_weights").attrs["layer_names"] = ["dense"]
    return held.getvalue()
