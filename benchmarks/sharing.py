"""Takes rendered and wall time for one trial and for eight of the same settings, with the catalogue and without.

A trial here asks for what training asks for (training, validation and evaluation blocks of some epochs) and trains
nothing, so that only rendering counts. Two trials run at once.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import ray
from feeds import Work

from trainables.configs import EvaluationConfig, FrontEndConfig, TrainConfig, TrialConfig, VaeConfig
from trainables.effects.names import EFFECT_NAMES, SEED_HELD_OUT
from trainables.evaluation.evaluation_set import evaluation_requests
from trainables.rendering.blocks import InlineSource
from trainables.rendering.render_actors import CatalogueSource, start_rendering
from trainables.rendering.schedule import training_requests, validation_requests
from trainables.rendering.source import Source
from trainables.rendering.takes import BlockRequest

EPOCHS, TRIALS, AT_ONCE = 6, 8, 2
CONFIG = TrialConfig(
    model=VaeConfig(),
    train=TrainConfig(items_per_epoch=96, validation_items=24),
    evaluation=EvaluationConfig(settings_per_effect=8),
    front_end=FrontEndConfig(),
    sample_rate=44100,
    clip_samples=65536,
    channels=1,
    trained_effects=tuple(name for name in EFFECT_NAMES if name not in SEED_HELD_OUT),
    held_out_effects=SEED_HELD_OUT,
)


@dataclass(frozen=True)
class Sharing:
    """Takes rendered and seconds, for one trial and for eight."""

    takes_one_trial: int
    takes_eight_trials: int
    seconds_one_trial: float
    seconds_eight_trials: float
    seconds_eight_trials_unshared: float

    def figures(self) -> dict[str, float]:
        saved = self.seconds_eight_trials_unshared / self.seconds_eight_trials
        return self.__dict__ | {"unshared_over_shared_seconds": saved}

    def table(self) -> str:
        return (
            f"{TRIALS} trials of the same settings, {AT_ONCE} at once, {EPOCHS} epochs   takes rendered   seconds\n"
            f"  one trial                                        {self.takes_one_trial:14d}{self.seconds_one_trial:10.2f}\n"
            f"  eight trials, shared                             {self.takes_eight_trials:14d}{self.seconds_eight_trials:10.2f}\n"
            f"  eight trials, each rendering its own             {TRIALS * self.takes_one_trial:14d}"
            f"{self.seconds_eight_trials_unshared:10.2f}"
        )


def epochs() -> list[list[BlockRequest]]:
    """What a trial asks for, epoch by epoch."""
    first = [*validation_requests(CONFIG), *evaluation_requests(CONFIG)]
    return [training_requests(CONFIG, epoch) + (first if epoch == 0 else []) for epoch in range(EPOCHS)]


def read(source: Source) -> None:
    """One trial, reading ahead as training does; blocks that it has read are its own."""
    asked: set[BlockRequest] = set()
    plan = epochs()
    for requests, following in zip(plan, [*plan[1:], []], strict=True):
        source.prefetch(following)
        source.blocks([request for request in requests if request not in asked])
        asked |= set(requests)


class SharingTrial:
    """A trial in a process of its own, reading from the catalogue."""

    def run(self, catalogue: object) -> None:
        read(CatalogueSource(catalogue))


class LoneTrial:
    """A trial in a process of its own, rendering for itself."""

    def __init__(self, work: Work) -> None:
        self.source = InlineSource(work.corpus, work.plan)

    def run(self) -> None:
        read(self.source)


def measure_sharing(work: Work) -> Sharing:
    """Both ways with processes that are started and warm."""
    takes, seconds = zip(*(_shared(work, trials) for trials in (1, TRIALS)), strict=True)
    return Sharing(takes[0], takes[1], seconds[0], seconds[1], _unshared(work))


def _shared(work: Work, trials: int) -> tuple[int, float]:
    rendering = start_rendering(work.corpus, work.plan, AT_ONCE)
    actors = [ray.remote(SharingTrial).options(num_cpus=0).remote() for _ in range(AT_ONCE)]
    warm = BlockRequest("delay", "train", 10_000, 16)
    CatalogueSource(rendering.catalogue).blocks([warm] * 2)
    ray.get([actor.__ray_ready__.remote() for actor in actors])
    start = time.perf_counter()
    ray.get([actors[trial % AT_ONCE].run.remote(rendering.catalogue) for trial in range(trials)])
    seconds = time.perf_counter() - start
    takes = ray.get(rendering.catalogue.counts.remote()).rendered_takes - warm.items
    for actor in (*actors, rendering.catalogue, *rendering.renderers):
        ray.kill(actor)
    return takes, seconds


def _unshared(work: Work) -> float:
    shared = ray.put(work)
    actors = [ray.remote(LoneTrial).options(num_cpus=0).remote(shared) for _ in range(AT_ONCE)]
    ray.get([actor.__ray_ready__.remote() for actor in actors])
    start = time.perf_counter()
    ray.get([actors[trial % AT_ONCE].run.remote() for trial in range(TRIALS)])
    seconds = time.perf_counter() - start
    for actor in actors:
        ray.kill(actor)
    return seconds
