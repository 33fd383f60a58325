"""Blocks: the takes of one request as spectrograms. The Ray actors that make them are in render_actors.py.

A block is a pure function of (corpus, plan, request), and its identity (`takes.block_identity`) names its content.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from trainables.corpus import Corpus
from trainables.effects import Effect
from trainables.features import FrontEnd, spectrograms
from trainables.rendering import all_effects, draw_takes, render
from trainables.takes import Block, BlockRequest, RenderPlan, Take


def render_block(
    request: BlockRequest, plan: RenderPlan, corpus: Corpus, effects: Mapping[str, Effect], front_end: FrontEnd
) -> Block:
    """All takes of a block, as spectrograms."""
    effect = effects[request.effect]
    takes = draw_takes(plan, corpus, effect, request)
    recordings = {recording.name: recording for recording in corpus.recordings}
    pairs = [render(take, recordings[take.recording], effect, plan) for take in takes]
    return Block(
        effect=effect.name,
        dry=np.stack([spectrograms(front_end, dry) for dry, _ in pairs]),
        wet=np.stack([spectrograms(front_end, wet) for _, wet in pairs]),
        settings=np.stack([unit_settings(take, effect) for take in takes]),
        setting_ids=np.arange(len(takes), dtype=np.int64) // 2,
        takes=takes,
    )


def unit_settings(take: Take, effect: Effect) -> np.ndarray:
    """A take's settings normalised to 0..1, (parameters,) float32, in the effect's parameter order."""
    values = dict(take.settings)
    return np.array([p.normalize(values[p.name]) for p in effect.parameters], np.float32)


class BlockRenderer:
    """Renders blocks of one plan in this process, with one thread and denormals flushed to zero: both shape the bytes."""

    def __init__(self, corpus: Corpus, plan: RenderPlan) -> None:
        torch.set_num_threads(1)
        self.corpus, self.plan = corpus, plan
        self.effects = all_effects(plan.backend)
        self.front_end = FrontEnd(plan.front_end, plan.sample_rate)

    def render(self, request: BlockRequest) -> Block:
        torch.set_flush_denormal(True)  # a tail that decays into denormals would also take fifty times as long
        try:
            return render_block(request, self.plan, self.corpus, self.effects, self.front_end)
        finally:
            torch.set_flush_denormal(False)  # the process may not be ours alone


class InlineSource:
    """Blocks rendered on demand in this process: for tests, notebooks and debugging."""

    def __init__(self, corpus: Corpus, plan: RenderPlan) -> None:
        self.renderer = BlockRenderer(corpus, plan)

    def blocks(self, requests: list[BlockRequest]) -> list[Block]:
        return [self.renderer.render(request) for request in requests]

    def prefetch(self, requests: list[BlockRequest]) -> None:
        """Nothing to do: there is nobody else to render ahead."""
