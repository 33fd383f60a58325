"""Requests into takes, takes into audio: pure functions, without torch. Blocks of spectrograms are made in blocks.py.

Same take, same bytes: on any worker, in any order, after any crash.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence

import numpy as np

from trainables.configs import AudioConfig, FrontEndConfig
from trainables.corpus.corpus import Audio, Corpus, Recording, draw_start
from trainables.corpus.playing_speed import draw_passage, played_clip
from trainables.digests import digest
from trainables.effects import Effect, apply, dry_effect
from trainables.effects.selection import EffectChoice, load_choice, load_choices
from trainables.errors import InputError
from trainables.parameters import draw
from trainables.rendering.takes import BlockRequest, PlannedEffect, RenderPlan, Take


def make_plan(
    corpus: Corpus, audio: AudioConfig, front_end: FrontEndConfig, choices: Sequence[EffectChoice], seed: int
) -> RenderPlan:
    """The render plan of a sweep; loads its effects to learn their builds."""
    effects = load_choices(choices)
    return RenderPlan(
        corpus_id=corpus.identity,
        sample_rate=audio.sample_rate,
        clip_samples=audio.clip_samples,
        channels=audio.channels,
        seed=seed,
        effects=tuple(PlannedEffect(choice, effects[choice.name].identity) for choice in choices),
        front_end=front_end,
        speed_octaves=audio.speed_octaves,
    )


def planned_effects(plan: RenderPlan) -> dict[str, Effect]:
    """The plan's effects as they are on this machine, and dry.

    Raises:
        InputError: one is not there, or is another build than the sweep began with; its takes would be other ones.
    """
    dry = dry_effect()
    return {planned.choice.name: _same_build(planned) for planned in plan.effects} | {dry.name: dry}


def _same_build(planned: PlannedEffect) -> Effect:
    effect = load_choice(planned.choice)
    if effect.identity != planned.identity:
        rule = f"is build {effect.identity} on {platform.node()}, and the sweep began with build {planned.identity}."
        remedy = "Install the same versions of plugins and fxsweep on every node, or start a new sweep."
        raise InputError(f"effect '{planned.choice.name}'", rule, remedy)
    return effect


def draw_takes(plan: RenderPlan, corpus: Corpus, effect: Effect, request: BlockRequest) -> tuple[Take, ...]:
    """The takes of a block: random settings, each on two different recordings, next to each other.

    A shorter request of the same (effect, partition, draw) gets a prefix of a longer one's takes.
    """
    random = take_random(plan.seed, request)
    recordings = eligible(corpus, request)
    takes: list[Take] = []
    for _ in range(request.items // 2):
        settings = drawn_settings(effect, random)
        for index in random.choice(len(recordings), size=2, replace=False):
            recording = recordings[index]
            offset_samples, speed = _passage(plan, recording, random)
            takes.append(Take(recording.name, offset_samples, request.effect, settings, speed))
    return tuple(takes)


def _passage(plan: RenderPlan, recording: Recording, random: np.random.Generator) -> tuple[int, float]:
    if recording.partition != "train" or not plan.speed_octaves:
        return draw_start(recording, random), 1.0
    return draw_passage(recording, plan.clip_samples, plan.speed_octaves, random)


def drawn_settings(effect: Effect, random: np.random.Generator) -> tuple[tuple[str, float], ...]:
    """Random settings as a take has them."""
    return tuple(sorted(draw(effect.parameters, random).items()))


def take_random(seed: int, request: BlockRequest, replacement: tuple[int, int] = (0, 0)) -> np.random.Generator:
    """The generator of a block's takes: every (seed, effect, partition, draw) has its own stream.

    Args:
        replacement: for settings in the place of ones that failed: (which pair of the block, the how-manieth from 1).
    """
    stream = digest({"effect": request.effect, "partition": request.partition, "draw": request.draw})
    return np.random.default_rng([seed, int(stream, 16), *(replacement if any(replacement) else ())])


def eligible(corpus: Corpus, request: BlockRequest) -> tuple[Recording, ...]:
    """The recordings a block may use. Even and odd evaluation draws use disjoint halves, so that a probe
    fitted on one never heard a recording of the other."""
    recordings = tuple(sorted(corpus.partition(request.partition), key=lambda r: r.name))
    return recordings[request.draw % 2 :: 2] if request.partition == "evaluation" else recordings


def render(take: Take, recording: Recording, effect: Effect, plan: RenderPlan) -> tuple[Audio, Audio]:
    """Dry and wet audio of a take, each (channels, samples) float32. A pure function."""
    dry = played_clip(recording, take.offset_samples, plan.clip_samples, take.speed)
    return dry, apply(effect, dry, plan.sample_rate, dict(take.settings))
