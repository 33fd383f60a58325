"""Blocks: the takes of one request as spectrograms. The Ray actors that make them are in render_actors.py.

A block is a pure function of (corpus, plan, request), and its identity (`takes.block_identity`) names its content.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch

from trainables.corpus.corpus import Audio, Corpus
from trainables.effects import Effect
from trainables.effects.isolation.apart import apart
from trainables.features import FrontEnd, spectrograms
from trainables.rendering.denormals import flushed_denormals
from trainables.rendering.probes import render_probes
from trainables.rendering.rendering import planned_effects
from trainables.rendering.replacement import render_takes
from trainables.rendering.takes import Block, BlockRequest, Probed, Probes, RenderPlan, Take


def render_block(
    request: BlockRequest, plan: RenderPlan, corpus: Corpus, effects: Mapping[str, Effect], front_end: FrontEnd
) -> Block:
    """All takes of a block, as spectrograms, as audio, as timbre or as features."""
    effect = effects[request.effect]
    rendered, rejected = render_takes(request, plan, corpus, effect)
    as_asked = partial(spectrograms, front_end) if request.form == "mel" else _as_it_is
    block = Block(
        effect=request.effect,
        dry=np.stack([as_asked(take.dry) for take in rendered]),
        wet=np.stack([as_asked(take.wet) for take in rendered]),
        settings=np.stack([unit_settings(take.take, effect) for take in rendered]),
        setting_ids=np.arange(len(rendered), dtype=np.int64) // 2,
        takes=tuple(take.take for take in rendered),
        rejected=rejected,
    )
    if request.form == "features":
        return _as_features(block, plan.sample_rate)
    return _heard(block, plan.sample_rate) if request.form == "timbre" else block


def _as_features(block: Block, sample_rate: int) -> Block:
    """Of a block of audio what a matcher sees of its takes."""
    from trainables.matching.takes import as_features  # not worth loading where no matcher is trained

    return as_features(block, sample_rate)


def _heard(block: Block, sample_rate: int) -> Block:
    """Of a block of audio the timbre of its wet clips."""
    from trainables.timbre import block_timbres  # its filters are not worth loading where no timbre is asked for

    timbres = block_timbres(block, sample_rate)
    values = np.array([(one.brightness, one.depth) for one in timbres], np.float32)
    reasons = tuple(reason for one in timbres for reason in one.reasons)
    return replace(block, dry=np.zeros((len(values), 0), np.float32), wet=values, unmeasured=reasons)


def _as_it_is(audio: Audio) -> Audio:
    return audio


def unit_settings(take: Take, effect: Effect) -> np.ndarray:
    """A take's settings normalised to 0..1, (parameters,) float32, in the effect's parameter order."""
    values = dict(take.settings)
    return np.array([p.normalize(values[p.name]) for p in effect.parameters], np.float32)


def fingerprint(block: Block) -> int:
    """CRC-32 of a block's samples: blocks of one identity have one fingerprint, whoever rendered them."""
    return zlib.crc32(block.wet.data, zlib.crc32(block.dry.data))


class BlockRenderer:
    """Renders blocks of one plan in this process, with one thread and denormals flushed to zero: both shape the bytes.

    Args:
        careful: every effect in a process of its own, which a take may crash.
    """

    def __init__(self, corpus: Corpus, plan: RenderPlan, careful: bool = False) -> None:
        torch.set_num_threads(1)
        self.corpus, self.plan = corpus, plan
        self.effects = planned_effects(plan)
        if careful:
            self.effects |= {one.choice.name: apart(self.effects[one.choice.name], one.choice) for one in plan.effects}
        self.front_end = FrontEnd(plan.front_end, plan.sample_rate)

    def render(self, request: BlockRequest) -> Block:
        with flushed_denormals():
            return render_block(request, self.plan, self.corpus, self.effects, self.front_end)

    def probe(self, probes: Probes) -> Probed:
        """What is asked for, in the order of the settings."""
        with flushed_denormals():
            return render_probes(probes, self.plan, self.corpus, self.effects[probes.effect])


class InlineSource:
    """Blocks rendered on demand in this process: for tests, notebooks and debugging."""

    def __init__(self, corpus: Corpus, plan: RenderPlan) -> None:
        self.renderer = BlockRenderer(corpus, plan)

    def blocks(self, requests: Sequence[BlockRequest]) -> list[Block]:
        return [self.renderer.render(request) for request in requests]

    def probe(self, requests: Sequence[Probes]) -> list[Probed]:
        return [self.renderer.probe(request) for request in requests]

    def prefetch(self, requests: Sequence[BlockRequest]) -> None:
        """Nothing to do: there is nobody else to render ahead."""
