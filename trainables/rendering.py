"""Takes into audio and blocks: pure functions. The Ray actors that call them are in render_actors.py.

Same take, same bytes: on any worker, in any order, after any crash. So a block is a pure function of
(corpus, plan, request), and its identity (`takes.block_identity`) names its content.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from trainables.configs import AudioConfig, FrontEndConfig
from trainables.corpus import Audio, Corpus, Recording, cut_clip, draw_start
from trainables.effects import Effect, apply, dry_effect, load_effects
from trainables.features import FrontEnd, spectrograms
from trainables.parameters import draw
from trainables.takes import Block, BlockRequest, RenderPlan, Take, digest


def make_plan(corpus: Corpus, audio: AudioConfig, front_end: FrontEndConfig, backend: str, seed: int) -> RenderPlan:
    """The render plan of a sweep; `backend` is a resolved one."""
    effects = all_effects(backend)
    return RenderPlan(
        corpus_id=corpus.identity,
        sample_rate=audio.sample_rate,
        clip_samples=audio.clip_samples,
        channels=audio.channels,
        seed=seed,
        backend=backend,
        effect_ids=tuple((name, effect.identity) for name, effect in effects.items()),
        front_end=front_end,
    )


def all_effects(backend: str) -> dict[str, Effect]:
    """The nine effects of a resolved backend, and dry."""
    dry = dry_effect()
    return {**load_effects(backend), dry.name: dry}


def draw_takes(plan: RenderPlan, corpus: Corpus, effect: Effect, request: BlockRequest) -> tuple[Take, ...]:
    """The takes of a block: random settings, each on two different recordings, next to each other.

    A shorter request of the same (effect, partition, draw) gets a prefix of a longer one's takes.
    """
    random = take_random(plan.seed, request)
    recordings = eligible(corpus, request)
    takes: list[Take] = []
    for _ in range(request.items // 2):
        settings = tuple(sorted(draw(effect.parameters, random).items()))
        for index in random.choice(len(recordings), size=2, replace=False):
            recording = recordings[index]
            takes.append(Take(recording.name, draw_start(recording, random), effect.name, settings))
    return tuple(takes)


def take_random(seed: int, request: BlockRequest) -> np.random.Generator:
    """The generator of a block's takes: every (seed, effect, partition, draw) has its own stream."""
    stream = digest({"effect": request.effect, "partition": request.partition, "draw": request.draw})
    return np.random.default_rng([seed, int(stream, 16)])


def eligible(corpus: Corpus, request: BlockRequest) -> tuple[Recording, ...]:
    """The recordings a block may use. Even and odd evaluation draws use disjoint halves, so that a probe
    fitted on one never heard a recording of the other."""
    recordings = tuple(sorted(corpus.partition(request.partition), key=lambda r: r.name))
    return recordings[request.draw % 2 :: 2] if request.partition == "evaluation" else recordings


def render(take: Take, recording: Recording, effect: Effect, plan: RenderPlan) -> tuple[Audio, Audio]:
    """Dry and wet audio of a take, each (channels, samples) float32. A pure function."""
    dry = cut_clip(recording, take.offset_samples, plan.clip_samples)
    return dry, apply(effect, dry, plan.sample_rate, dict(take.settings))


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
    """Renders blocks of one plan in this process. One thread, denormals flushed to zero: both shape the bytes."""

    def __init__(self, corpus: Corpus, plan: RenderPlan) -> None:
        torch.set_num_threads(1)
        torch.set_flush_denormal(True)
        self.corpus, self.plan = corpus, plan
        self.effects = all_effects(plan.backend)
        self.front_end = FrontEnd(plan.front_end, plan.sample_rate)

    def render(self, request: BlockRequest) -> Block:
        return render_block(request, self.plan, self.corpus, self.effects, self.front_end)


class InlineSource:
    """Blocks rendered on demand in this process: for tests, notebooks and debugging."""

    def __init__(self, corpus: Corpus, plan: RenderPlan) -> None:
        self.renderer = BlockRenderer(corpus, plan)

    def blocks(self, requests: list[BlockRequest]) -> list[Block]:
        return [self.renderer.render(request) for request in requests]

    def prefetch(self, requests: list[BlockRequest]) -> None:
        """Nothing to do: there is nobody else to render ahead."""
