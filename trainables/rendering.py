"""Requests into takes, takes into audio: pure functions, without torch. Blocks of spectrograms are made in blocks.py.

Same take, same bytes: on any worker, in any order, after any crash.
"""

from __future__ import annotations

import numpy as np

from trainables.configs import AudioConfig, FrontEndConfig
from trainables.corpus import Audio, Corpus, Recording, cut_clip, draw_start
from trainables.effects import Effect, apply, dry_effect, load_effects
from trainables.parameters import draw
from trainables.takes import BlockRequest, RenderPlan, Take, digest


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
