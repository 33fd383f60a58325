"""A trial's training as a generator of epochs: pure torch, no Ray, no files. To stop early, do not ask for the next one."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from trainables.configs import TrialConfig
from trainables.evaluation.evaluation import evaluation_requests
from trainables.rendering.schedule import (
    control_portions,
    cycle_epochs,
    training_portions,
    training_requests,
    validation_requests,
)
from trainables.rendering.source import Source, Stopwatch, fetch
from trainables.training.judge import Judge, Scores, Verdict
from trainables.training.learner import Learner, build_model, diverged
from trainables.training.ranks import Team, current_team

__all__ = ["Epoch", "Source", "build_model", "fit"]


@dataclass(frozen=True)
class Epoch:
    """What came of one epoch.

    Attributes:
        metrics: `train/*` and `validation/*` of this epoch; `eval/*` of the model kept, that of the best validation
            loss so far, so what one would get by stopping now; `control/*`; `seconds/*` (`seconds/work`: all but waiting
            for rendering) and `trial/seconds` (of work so far); `epoch` and `best_epoch` (from 1); `items` (trained on so far).
        ended: "" while there is more to come, else why not: "patience" or "max_epochs".
        state: a copy of everything `fit` needs to go on from here. Call it before asking for the next epoch.
            Tensors, numbers, strings, lists and dicts only.
    """

    metrics: dict[str, float]
    ended: str
    state: Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class Progress:
    """How far a trial is: completed epochs, seconds of work, and the kept model's epoch, validation loss, weights and scores."""

    epoch: int = 0
    best_epoch: int = 0
    best_loss: float = math.inf
    best: dict[str, Tensor] = field(default_factory=dict)
    kept_metrics: Scores = field(default_factory=dict)
    controls: Scores = field(default_factory=dict)
    seconds: float = 0.0

    def ended(self, config: TrialConfig) -> str:
        """Why there is no next epoch, or "". Patience is counted in cycles, in which every effect was trained on."""
        if self.epoch - self.best_epoch >= config.train.patience * cycle_epochs(config):
            return "patience"
        return "max_epochs" if self.epoch >= config.train.max_epochs else ""

    def after(self, verdict: Verdict, learner: Learner, seconds: float) -> Progress:
        """One epoch further; the learner's model is kept if the verdict scored it, that is if it is the best."""
        further = replace(self, epoch=self.epoch + 1, controls=verdict.controls, seconds=self.seconds + seconds)
        if verdict.scores is None:
            return further
        best = copy.deepcopy(learner.averaged.state_dict())
        loss = verdict.validation["loss"]
        return replace(further, best_epoch=further.epoch, best_loss=loss, best=best, kept_metrics=verdict.scores)


def fit(config: TrialConfig, source: Source, state: dict[str, Any] | None = None) -> Iterator[Epoch]:
    """Train until patience or `max_epochs` ends it, from `state` if given (an `Epoch.state()` of the same config).

    The same config and blocks give the same metrics and weights, bit for bit, resumed or not. If
    torch.distributed is initialised, every rank must iterate in step: each takes its share of every batch,
    rank 0 validates and scores for all.

    Raises:
        FloatingPointError: training diverged.
    """
    torch.set_num_threads(config.train.threads)
    team = current_team()
    learner, progress = Learner(config, team), Progress()
    if state is not None:
        learner.load(state)
        progress = Progress(**{part.name: state[part.name] for part in fields(Progress) if part.name in state})
    if progress.ended(config):
        return
    judge = Judge(config, source)
    _announce(config, source, progress, team)
    while not progress.ended(config):
        watch = Stopwatch()
        train = _train(learner, config, source, progress.epoch, watch)
        verdict = team.from_first(_verdict(judge, learner, progress, team, watch))
        if verdict is None or not math.isfinite(verdict.validation["loss"]):
            raise diverged(progress.epoch, config.train.learning_rate)
        progress = progress.after(verdict, learner, watch.work_seconds())
        metrics = _metrics(config, progress, train, verdict.validation, watch)
        yield Epoch(metrics, progress.ended(config), partial(_state, learner, progress))


def _announce(config: TrialConfig, source: Source, progress: Progress, team: Team) -> None:
    """Everything that the first epoch will ask for, in that order, so that it is rendered meanwhile."""
    source.prefetch(training_requests(config, progress.epoch))
    if team.rank == 0:
        source.prefetch([*validation_requests(config), *evaluation_requests(config)])
    if team.rank == 0 and not progress.controls:
        source.prefetch([portion.request for portion in control_portions(config)])


def _train(learner: Learner, config: TrialConfig, source: Source, epoch: int, watch: Stopwatch) -> Scores:
    with watch("render_wait"):
        examples = fetch(source, training_portions(config, epoch), config.model.perceptual_weight > 0.0)
    if epoch + 1 < config.train.max_epochs:
        source.prefetch(training_requests(config, epoch + 1))
    with watch("train"):
        return learner.train(examples, epoch)


def _verdict(judge: Judge, learner: Learner, progress: Progress, team: Team, watch: Stopwatch) -> Verdict | None:
    return judge.verdict(learner, progress.epoch, progress.best_loss, progress.controls, watch) if team.rank == 0 else None


def _state(learner: Learner, progress: Progress) -> dict[str, Any]:
    return {**learner.state(), **vars(progress)}


def _metrics(config: TrialConfig, progress: Progress, train: Scores, validation: Scores, watch: Stopwatch) -> Scores:
    groups = {
        "train": train,
        "validation": validation,
        "eval": progress.kept_metrics,
        "control": progress.controls,
        "seconds": watch.seconds | {"work": watch.work_seconds()},
    }
    named = {f"{group}/{name}": value for group, values in groups.items() for name, value in values.items()}
    items = progress.epoch * (config.train.items_per_epoch // 2 * 2)
    so_far = {"epoch": progress.epoch, "best_epoch": progress.best_epoch, "items": items, "trial/seconds": progress.seconds}
    return named | so_far
