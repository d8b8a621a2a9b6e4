"""Taking a profile: every row once, in parts that several workers may share, states merged in order."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import msgspec

from modelward.core.digest import Digest
from modelward.core.errors import UsageError
from modelward.core.progress import Progress, Silent
from modelward.data import places
from modelward.data.engine import Engine, Inline
from modelward.data.places import Dataset
from modelward.data.profile import facts
from modelward.data.profile.columns import told
from modelward.data.profile.drift import drifts
from modelward.data.profile.findings import findings
from modelward.data.profile.labels import PAIRS, gaps
from modelward.data.profile.licences import mix
from modelward.data.profile.overlap import Reference
from modelward.data.profile.parts import Names, Rows, Share, Unchanged, shares
from modelward.data.profile.personal import KINDS, available
from modelward.data.profile.references import check_columns, columns_of, references
from modelward.data.profile.splits import split_of
from modelward.data.profile.state import State
from modelward.data.profile.view import Plan

NO_PERSONAL = "personal data: needs phonenumbers and python-stdnum (pip install 'modelward[profile]')"


@dataclass(frozen=True)
class Options:
    """What to look at. `against`: evaluation sets, or splits of the dataset itself."""

    plan: Plan = field(default_factory=Plan)
    types: dict[str, str] = field(default_factory=dict)
    against: tuple[str, ...] = ()
    licence: str = ""


@dataclass(frozen=True)
class _Work:
    """What a worker needs to know to do a part."""

    dataset: Dataset
    plan: Plan
    types: dict[str, str]
    references: tuple[Reference, ...]
    personal: bool
    progress: Progress

    def __call__(self, share: Share) -> tuple[State, Digest | None]:
        """The state of a share; of a whole part also its digest."""
        split = split_of(self.dataset.parts[share.number].name)
        others = [one for one in self.references if one.split is None or one.split != split]
        state = State(self.references)
        rows = Rows(self.dataset, share, self.types, self.progress)
        for view in rows.views(self.plan):
            state.update(view, others, self.personal)
        return state, rows.digest


def take(
    path: str | os.PathLike[str],
    name: str,
    options: Options | None = None,
    *,
    former: facts.Profile | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> facts.Profile:
    """Profile the dataset at `path`, and say how it differs from `former`. `engine` shares out the parts.

    Raises InputError naming file and row, LimitExceeded, UsageError for a column that is not there.
    """
    options, progress = options or Options(), progress or Silent()
    dataset = places.find(path)
    if options.types and not any(part.delimited for part in dataset.parts):
        raise UsageError("types are named for CSV only; the other formats have their own")
    plan, columns = columns_of(dataset, options.plan, options.types)
    check_columns(options.plan, columns)
    sets = references(dataset, options.against, plan, options.plan, options.types)
    engine = engine or Inline()
    here = engine.workers == 1  # a bar cannot be sent to another process
    work = _Work(dataset, plan, options.types, sets, available(), progress if here else Silent())
    progress.start(dataset.size)
    try:
        state, digests, splits = _gathered(work, engine, Silent() if here else progress)
    finally:
        progress.done()
    subject = str(dataset.subject(digests))
    for reference in sets:
        reference.digest = reference.digest or subject
    profile = _profile(state, Names(dataset), work)
    profile = msgspec.structs.replace(
        profile, name=name, subject=subject, splits=splits, declared_licence=options.licence
    )
    if former is not None:
        profile = msgspec.structs.replace(profile, former=former.subject, drifts=drifts(profile, former))
    return msgspec.structs.replace(profile, findings=findings(profile))


def _gathered(
    work: _Work, engine: Engine, progress: Progress
) -> tuple[State, dict[str, Digest], dict[str, int]]:
    """The states merged, the digest of each part, the rows of each split."""
    dataset = work.dataset
    read = shares(dataset, engine.workers)
    pieces = Unchanged(dataset, read)
    whole: State | None = None
    digests: dict[str, Digest] = {}
    splits: dict[str, int] = {}
    for share, (state, digest) in zip(read, engine.map(work, read), strict=True):
        part = dataset.parts[share.number]
        if digest is not None:
            digests[part.name] = digest
        split = split_of(part.name)
        splits[split] = splits.get(split, 0) + state.rows
        if whole is None:
            whole = state
        else:
            whole.merge(state)
        progress.advance(share.piece.size if share.piece else part.size)
    digests |= pieces.digests()
    return whole or State(work.references), digests, splits if any(splits) else {}


def _profile(state: State, names: Names, work: _Work) -> facts.Profile:
    plan = work.plan
    text, toxic, lacking = state.texts.result(plan.text, plan.regions)
    personal = state.personal.result()
    named = {*plan.attributes, *plan.licences, *filter(None, [plan.label])}
    held = {column for _, column, _, _ in personal}
    columns = tuple(told(column, named, held) for column in state.columns.result())
    label = state.labels.result(next((one for one in columns if one.name == plan.label), None))
    groups = state.labels.groups()
    if plan.label and label is None:
        lacking.append(f"labels: the column {plan.label!r} holds too many different values")
    for attribute in state.labels.too_many():
        lacking.append(f"groups: {attribute!r} and the labels make over {PAIRS} pairs")
    if not work.personal:
        lacking.append(NO_PERSONAL)
    if not plan.text:
        lacking.append("text: no column holds sentences; name one with --text")
    return facts.Profile(
        format=facts.FORMAT,
        name="",
        subject="",
        rows=state.rows,
        splits={},
        columns=columns,
        label=label,
        groups=groups,
        gaps=gaps(groups),
        duplicates=_duplicates(state, names),
        near=_near(state, names) if plan.near and plan.text else None,
        overlaps=tuple(_overlap(state, names, reference) for reference in work.references),
        personal=tuple(
            facts.Personal(kind=kind, column=column, rows=rows, examples=names.all(found))
            for kind, column, rows, found in personal
        ),
        personal_kinds=KINDS if work.personal else (),
        text=msgspec.structs.replace(text, toxic_examples=names.all(toxic)),
        licences=mix(columns, plan.licences),
        declared_licence="",
        former=None,
        drifts=(),
        not_measured=tuple(lacking),
    )


def _duplicates(state: State, names: Names) -> facts.Duplicates:
    found = state.duplicates
    return facts.Duplicates(
        rows=found.rows(),
        texts=found.texts(),
        exact=found.exact,
        examples=tuple(facts.Copy(place=names[place], rows=rows) for place, rows in found.examples()),
    )


def _near(state: State, names: Names) -> facts.Near:
    rows, pairs = state.near.groups()
    return facts.Near(
        rows=rows,
        compared=state.near.compared,
        whole=state.near.whole,
        examples=tuple(
            facts.Pair(place=names[place], other=names[other], likeness=likeness)
            for place, other, likeness in pairs
        ),
    )


def _overlap(state: State, names: Names, reference: Reference) -> facts.Overlap:
    found = state.overlaps[reference.number]
    return facts.Overlap(
        name=reference.name,
        digest=reference.digest,
        evaluation_rows=reference.rows,
        examples=tuple(
            facts.Pair(place=names[place], other=reference.named(row), likeness=likeness)
            for place, row, likeness in found.examples()
        ),
        **found.counts(),
    )
