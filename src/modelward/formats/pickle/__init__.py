"""Pickles, run on symbols by a machine that imports nothing and calls nothing."""

from __future__ import annotations

from pathlib import Path

if Path(__file__).with_name("_compiled").is_dir():
    from modelward.formats.pickle import compiled

    compiled.prefer(__path__)
