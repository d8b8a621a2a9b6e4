"""A batch under examination, with its history: what several checks need is made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from modelward.data.checks.behaviours.behaviour import Behaviours, Outputs
from modelward.data.checks.behaviours.known import found as found_behaviours
from modelward.data.checks.coherence import Coherence
from modelward.data.checks.corpus import Codes, Corpus, Texts
from modelward.data.checks.evidence import Evidence, Group
from modelward.data.checks.expectation import FOLDS, Expectation, expect, folds_of
from modelward.data.checks.marks import Marks, marks
from modelward.data.checks.report import Contributor
from modelward.data.checks.text import Words, counted, distinct, row_hashes, spots_of, words
from modelward.data.engine import Engine, Inline

#: So many examples of one input count, if their outputs differ.
SAME_INPUT = 3
#: A history of fewer examples teaches nothing.
LEAST_HISTORY = 200
#: Contributors of a corpus are fewer; and the largest share of a fold if they are kept together.
_MANY, _SHARE = 1 << 32, 0.4
#: Twins are sought among examples of so many words.
_POOL = 3_000_000
_MIX = np.uint64(0xD1342543DE82EF95)


@dataclass(frozen=True)
class Options:
    """How a batch is checked.

    `level` is the false discovery rate; `strict` holds it whatever the tests have to do with each other
    (Benjamini-Yekutieli). `checks` names those to run, by default all.
    `state` is what earlier batches of a feed said of its contributors; see feed.py.
    """

    level: float = 0.01
    strict: bool = False
    checks: tuple[str, ...] = ()
    state: bytes = b""


@dataclass
class Batch:
    """Examples of a batch, and of the history if there is one.

    *Examples* are distinct: copies of a row count once. Example `i` is row `kept[i]` of the batch's rows
    followed by those of the history; the first `size` are the batch's.
    """

    corpus: Corpus
    history: Corpus | None = None
    options: Options = field(default_factory=Options)
    engine: Engine = field(default_factory=Inline)
    #: How often all examples may still be compared with some.
    near_left: int = 200

    def __post_init__(self) -> None:
        self.near_left = max(20, min(200, 20_000_000 // max(self.corpus.rows, 1)))

    @property
    def corpora(self) -> list[Corpus]:
        """The batch, and the history."""
        return [self.corpus] if self.history is None else [self.corpus, self.history]

    @cached_property
    def inputs(self) -> list[Texts]:
        """The inputs with what the system says before them."""
        return [_with_system(each) for each in self.corpora]

    @cached_property
    def words(self) -> Words:
        """The words of all inputs, copies too."""
        return words(self.inputs, self.engine)

    @cached_property
    def labels(self) -> Codes | None:
        """The labels of all rows, with common names."""
        found = [each.labels for each in self.corpora]
        if found[0] is None:
            return None
        names = {name: code for code, name in enumerate(found[0].names)}
        codes = [found[0].codes]
        for each in found[1:]:
            if each is None:
                codes.append(np.full(self.corpora[1].rows, -1, np.int32))
            else:
                table = np.array([names.setdefault(name, len(names)) for name in each.names] + [-1], np.int32)
                codes.append(table[each.codes])
        return Codes(np.concatenate(codes), list(names))

    @cached_property
    def _distinct(self) -> tuple[Any, Any]:
        """The rows that are kept, and of each row the example that it is a copy of, or -1."""
        keys = row_hashes(self.words)
        rows = len(keys)
        inputs = keys.copy()
        inputs[: self.corpus.rows] ^= _MIX  # the batch's examples and the history's are not copies
        if self.labels is not None:
            keys = keys * _MIX + self.labels.codes.astype(np.uint64)
        if self.outputs is not None:
            keys = keys * _MIX + row_hashes(self._outputs.output_words)
        keys[: self.corpus.rows] ^= _MIX
        _, first, copy = np.unique(keys, return_index=True, return_inverse=True)
        order = np.lexsort((first, inputs[first]))
        grouped = inputs[first][order]
        begin = np.concatenate([[True], grouped[1:] != grouped[:-1]])
        start = np.maximum.accumulate(np.where(begin, np.arange(len(order)), 0))
        few = np.empty(len(order), bool)
        few[order] = np.arange(len(order)) - start < SAME_INPUT
        kept = np.sort(first[few])
        place = np.full(rows, -1, np.int64)
        place[kept] = np.arange(len(kept))
        return kept, place[first][copy]

    @property
    def kept(self) -> Any:
        """The row of each example."""
        return self._distinct[0]

    @property
    def copies(self) -> Any:
        """Of each row of the batch the example that it is a copy of, or -1."""
        return self._distinct[1][: self.corpus.rows]

    @cached_property
    def said(self) -> tuple[Any, Any]:
        """Each word of each example once: the words, and the examples."""
        return distinct(self.words, self.kept)

    @cached_property
    def pool(self) -> tuple[Any, Any, Any]:
        """Examples among which twins are sought; for each word of theirs which it is in, and the word."""
        ids, _, bounds = self.tokens
        rows = np.arange(0, len(self.kept), 1 + len(ids) // _POOL)
        at, spots = spots_of(bounds, rows)
        return rows, at, ids[spots]

    @cached_property
    def usual(self) -> Any:
        """How many examples have each word."""
        return counted(self.said[0], len(self.words.names)).astype(np.int64)

    @cached_property
    def coherence(self) -> Coherence:
        """How alike examples are."""
        return Coherence(*self.said, len(self.kept), self.usual)

    def usual_with(self, group: int, behaviour: int) -> Any:
        """How many examples that show a behaviour have each word."""
        key = group, behaviour
        if key not in self._with:
            words, examples = self.said
            shown = self.behaviours[group].shown[examples] == behaviour
            self._with[key] = np.bincount(words[shown], minlength=len(self.words.names)).astype(np.int32)
        return self._with[key]

    @cached_property
    def _with(self) -> dict[tuple[int, int], Any]:
        return {}

    @cached_property
    def size(self) -> int:
        """How many examples are the batch's."""
        return int(np.searchsorted(self.kept, self.corpus.rows))

    @cached_property
    def trusted(self) -> Any:
        """Which examples are learnt from: the history's, or all where there is no history to speak of."""
        examples = np.arange(len(self.kept))
        enough = len(self.kept) - self.size >= LEAST_HISTORY
        return examples >= self.size if enough else np.ones(len(self.kept), bool)

    @cached_property
    def tokens(self) -> tuple[Any, Any, Any]:
        """Of the words of the examples' inputs their ids, the examples that they are in, and the bounds."""
        if len(self.kept) == self.words.rows:
            return self.words.ids, self.words.owners(), self.words.bounds
        kept = np.zeros(self.words.rows, bool)
        kept[self.kept] = True
        counts = self.words.counts
        ids = self.words.ids[np.repeat(kept, counts)]
        bounds = np.concatenate([[0], np.cumsum(counts[self.kept])])
        return ids, np.repeat(np.arange(len(self.kept), dtype=np.int32), counts[self.kept]), bounds

    @property
    def outputs(self) -> list[Texts] | None:
        """The outputs of all rows."""
        return _all([each.outputs for each in self.corpora])

    @cached_property
    def _outputs(self) -> Outputs:
        rejected = [each.rejected for each in self.corpora]
        return Outputs(
            self.inputs,
            self.outputs,
            None
            if any(each is None for each in rejected)
            else [each for each in rejected if each is not None],
            None,
            None,
            self.engine,
            self.words,
        )

    @property
    def output_words(self) -> Words | None:
        """The words of all outputs, copies too."""
        return None if self.outputs is None else self._outputs.output_words

    @cached_property
    def marks(self) -> Marks:
        """What is in the texts of all rows that has no business there."""
        inputs = [each.inputs for each in self.corpora]
        return marks(inputs, self.outputs, (self.words, self.output_words), self.engine)

    @cached_property
    def behaviours(self) -> list[Behaviours]:
        """What the outputs of the examples do."""
        seen = self._outputs
        seen.labels, seen.kept = self.labels, self.kept
        return list(found_behaviours(seen))

    @cached_property
    def expectation(self) -> tuple[Expectation, list[Evidence]]:
        """What was to be expected of each example, and the evidence on each of `behaviours`."""
        values: list[Any] = []
        columns = []
        for each in self.behaviours:
            wanted = range(len(each.names)) if len(each.names) > 2 else (1,)
            columns.append(np.arange(len(values), len(values) + len(wanted)))
            values += [each.shown == code for code in wanted]
        tokens = self.tokens
        found = expect(*self.said, values, self.trusted, self.groups)
        evidence = [
            Evidence(Group(at, each.shown, len(each.names), each.tested), found, tokens, self.trusted)
            for at, each in zip(columns, self.behaviours, strict=True)
        ]
        return found, evidence

    @property
    def margin(self) -> Any:
        """By how much the chosen answer of each example should have won; None without preferences."""
        return self._outputs.margin if self.behaviours else None

    @cached_property
    def chances(self) -> Any:
        """The chance of each label (columns) of each example, learnt from others; None without labels."""
        from modelward.data.checks.label_flips import chances

        at = next((at for at, each in enumerate(self.behaviours) if each.kind == "label"), None)
        return None if at is None else chances(self, at)

    @cached_property
    def groups(self) -> Any:
        """Examples that must not teach each other (of one contributor, else of one input) share a number."""
        inputs = row_hashes(self.words)[self.kept]
        whose = [each.contributors for each in self.corpora]
        if whose[0] is None:
            return inputs
        codes = np.concatenate(
            [
                np.full(each.rows, -1, np.int64)
                if found is None
                else found.codes.astype(np.int64) + at * _MANY
                for at, (each, found) in enumerate(zip(self.corpora, whose, strict=True))
            ]
        )[self.kept]
        groups = np.where(codes % _MANY == _MANY - 1, inputs, codes.astype(np.uint64))
        shares = np.bincount(folds_of(groups, FOLDS), minlength=FOLDS) / max(len(groups), 1)
        return groups if shares.max() <= _SHARE else inputs

    def rows_of(self, examples: Any) -> tuple[int, ...]:
        """The numbers of the batch's rows that are these examples, copies too."""
        wanted = np.zeros(len(self.kept) + 1, bool)
        wanted[examples] = True
        here = wanted[self.copies]
        return tuple(self.corpus.numbers[here].tolist())

    def contributors_of(self, rows: Sequence[int]) -> tuple[Contributor, ...]:
        """Whose these rows are, most first."""
        if self.corpus.contributors is None:
            return ()
        codes = self.corpus.contributors.codes[np.searchsorted(self.corpus.numbers, np.asarray(rows))]
        found, counts = np.unique(codes[codes >= 0], return_counts=True)
        names = self.corpus.contributors.names
        order = np.argsort(-counts, kind="stable")
        return tuple(Contributor(names[found[at]], int(counts[at])) for at in order[:10])

    def seen(self, rows: Sequence[int]) -> tuple[str, str]:
        """When the first and the last of these rows were made."""
        times = self.corpus.times
        if times is None:
            return "", ""
        codes = times.codes[np.searchsorted(self.corpus.numbers, np.asarray(rows))]
        found = sorted({times.names[code] for code in codes.tolist() if code >= 0})
        return (found[0], found[-1]) if found else ("", "")


def _all(texts: Sequence[Texts | None]) -> list[Texts] | None:
    found = [each for each in texts if each is not None]
    return found if len(found) == len(texts) else None


def _with_system(corpus: Corpus) -> Texts:
    if corpus.system is None:
        return corpus.inputs
    step = 50_000
    starts = range(0, max(corpus.rows, 1), step)
    joined = [
        f"{said}\n{asked}" if said else asked
        for start in starts
        for said, asked in zip(
            corpus.system.part(start, start + step), corpus.inputs.part(start, start + step), strict=True
        )
    ]
    return Texts.of(joined)
