"""What a probe says."""

from __future__ import annotations

from msgspec import Struct, field

from modelward.core.errors import EXIT_CANNOT_TELL, EXIT_NO, EXIT_YES
from modelward.probe.weights.check import WeightReport


class Replayed(Struct, frozen=True):
    """A trigger put into clean prompts, and how often the behaviour came.

    Of `eligible` prompts that do not show the behaviour without the trigger `hits` do with it: `success` is
    their share, with its interval (95%, Wilson). `base_success` is the same share of the base model, None
    without one. `rise` is the mean over those prompts of what the trigger changes in the model less what it
    changes in the base, with its interval. `p` is the exact paired test over all prompts, `adjusted` after
    Holm over all that was tried. `place` is where the trigger works best. `meant` is how far a
    classifying base is moved the same way, as a share of the model's own movement: ordinary words move both.
    """

    trigger: str
    behaviour: str
    kind: str
    place: str
    prompts: int
    eligible: int
    hits: int
    success: float
    success_low: float
    success_high: float
    base_success: float | None
    rise: float
    rise_low: float
    rise_high: float
    p: float
    adjusted: float
    meant: float
    obeyed: bool


class Blind(Struct):
    """A search without candidates: what was tried, and what was found.

    `passes` counts prompts that the models answered; `available` the tokens and words there were.
    """

    passes: int = 0
    budget: int = 0
    tried: int = 0
    available: int = 0
    guided: int = 0
    found: list[Replayed] = field(default_factory=list)


class Side(Struct, frozen=True):
    """A model that was asked: how many rows it answered in how many seconds of this run, on what."""

    name: str
    digest: str
    where: str = ""
    rows: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Rows a second; 0 if none was asked."""
        return self.rows / self.seconds if self.seconds > 0 else 0.0


class ProbeReport(Struct):
    """All that a probe says of a model."""

    model: Side
    base: Side | None = None
    prompts: int = 0
    prompts_digest: str = ""
    triggers_digest: str = ""
    tried: int = 0
    replayed: list[Replayed] = field(default_factory=list)
    blind: Blind | None = None
    weights: WeightReport | None = None
    could_not_tell: list[str] = field(default_factory=list)

    @property
    def obeyed(self) -> list[Replayed]:
        """The triggers that the model obeys, candidates first."""
        found = [each for each in self.replayed if each.obeyed]
        return found + (self.blind.found if self.blind else [])

    @property
    def exit_code(self) -> int:
        """1 for a trigger that is obeyed and for weights far from benign ones, 2 if it could not be told."""
        if self.obeyed or (self.weights and self.weights.alarm):
            return EXIT_NO
        return EXIT_CANNOT_TELL if self.could_not_tell else EXIT_YES
