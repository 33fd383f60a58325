"""A gate for proposals that nobody listens to: learned on validation takes, it foresees what a proposal leaves.

What is foreseen is what was left on those takes whose beliefs were most like the new one. Only blind proposals need it: in
paired mode the distance to the reference itself can be heard.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from trainables.effects.effect import Effect
from trainables.matching.knob_space import KnobSpace, Units
from trainables.matching.mixture import Belief, Foreseen
from trainables.matching.probed_takes import DB, ProbedTakes
from trainables.rendering.source import ProbingSource
from trainables.rendering.takes import Block

GATE_ITEMS = 64  # takes that are remembered
NEIGHBOURS = 16  # of which a proposal's outcome is foreseen
FEWEST = 8  # takes, with fewer of which nothing is


class Gate(nn.Module):
    """Beliefs on takes, and the distances in dB that their proposals left; part of a controller's weights.

    Args:
        knobs: how many a belief is about.
    """

    beliefs: Tensor
    distances: Tensor

    def __init__(self, knobs: int) -> None:
        super().__init__()
        self.register_buffer("beliefs", torch.zeros(GATE_ITEMS, 2 * knobs))
        self.register_buffer("distances", torch.zeros(GATE_ITEMS, 2))  # before, after; where before is 0 there is no take

    def learn(self, beliefs: Sequence[Belief], before_db: Units, after_db: Units) -> None:
        """Remembers the first GATE_ITEMS takes; one whose proposal could not be rendered (NaN) was left alone.

        Args:
            beliefs: one for each take.
            before_db, after_db: (takes,) distances of the input and of the proposal from what is right.
        """
        after_db = np.where(np.isfinite(after_db), after_db, before_db)
        self.beliefs.zero_()
        self.distances.zero_()
        count = min(GATE_ITEMS, len(beliefs))
        self.beliefs[:count] = torch.from_numpy(np.stack([_seen(belief) for belief in beliefs[:count]]))
        self.distances[:count] = torch.from_numpy(np.stack([before_db, after_db], axis=1)[:count])

    def foresee(self, belief: Belief) -> Foreseen | None:
        """What to expect of a proposal; None where too few takes are remembered."""
        known = self.distances[:, 0] > 0.0
        if int(known.sum()) < FEWEST:
            return None
        apart = (self.beliefs[known] - torch.from_numpy(_seen(belief))).float().square().sum(1)
        nearest = apart.topk(min(NEIGHBOURS, len(apart)), largest=False).indices
        before_db, after_db = self.distances[known][nearest].double().mean(0).tolist()
        return Foreseen(before_db, after_db)


def learn_gate(gate: Gate, beliefs: Sequence[Belief], blocks: Sequence[Block], effect: Effect, source: ProbingSource) -> None:
    """From what is proposed for each take of the blocks as a blind reference; see `proposals_db`."""
    after_db = proposals_db(beliefs, blocks, effect, source)
    probed, inputs = _probed(blocks, effect, source), np.arange(len(after_db)) ^ 1
    gate.learn(beliefs[: len(after_db)], probed.untouched_db(len(after_db))[inputs], after_db)


def proposals_db(beliefs: Sequence[Belief], blocks: Sequence[Block], effect: Effect, source: ProbingSource) -> Units:
    """(takes,) how far what is proposed leaves the input from what is right, in dB, of the first GATE_ITEMS takes.

    NaN where it cannot be rendered.

    Args:
        beliefs: of each take as the reference; its partner's clip is the input.
    """
    count = min(GATE_ITEMS, sum(len(block.takes) for block in blocks))
    points = np.stack([belief.middle for belief in beliefs[:count]])
    return _probed(blocks, effect, source).losses(points, np.arange(count) ^ 1) / DB


def _probed(blocks: Sequence[Block], effect: Effect, source: ProbingSource) -> ProbedTakes:
    return ProbedTakes(source, tuple(take for block in blocks for take in block.takes), KnobSpace(effect.parameters))


def _seen(belief: Belief) -> np.ndarray:
    return np.concatenate([belief.middle, belief.spread]).astype(np.float32)
