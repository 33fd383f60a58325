"""A matcher's trial as a generator of epochs, like `training.fit`: no Ray, no files."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from trainables.configs import TrialConfig
from trainables.effects.effect import Effect
from trainables.matching.encoder import HeardTakes, hear, seen
from trainables.matching.end_to_end import EndToEnd
from trainables.matching.features import FeatureExtractor
from trainables.matching.gate import GATE_ITEMS, learn_gate, proposals_db
from trainables.matching.learner import MatcherLearner, Sets, free_knobs
from trainables.matching.scoring import ScoredTakes, match_scores, scored_takes
from trainables.matching.takes import MODES, Examples, joined
from trainables.matching.trial_schedule import flat, scoring_requests, training_requests, validation_requests
from trainables.rendering.source import ProbingSource, Stopwatch
from trainables.rendering.takes import BlockRequest
from trainables.training.embedder import Embedder
from trainables.training.fit import Epoch
from trainables.training.learner import diverged

Scores = dict[str, float]
PROPOSAL = "proposal_db"


@dataclass(frozen=True)
class MatcherProgress:
    """How far a trial is; as `training.Progress`."""

    epoch: int = 0
    best_epoch: int = 0
    best_loss: float = math.inf
    best: dict[str, Tensor] = field(default_factory=dict)
    kept_metrics: Scores = field(default_factory=dict)
    seconds: float = 0.0

    def ended(self, config: TrialConfig) -> str:
        """Why there is no next epoch, or ""."""
        if self.epoch - self.best_epoch >= config.train.patience:
            return "patience"
        return "max_epochs" if self.epoch >= config.train.max_epochs else ""


class MatcherData:
    """Everything a trial hears; what was fetched stays.

    Args:
        effects: those that the trial trains on, by name.
        encoder: that the matcher hears by, if any.
    """

    def __init__(
        self, config: TrialConfig, source: ProbingSource, effects: Mapping[str, Effect], encoder: Embedder | None = None
    ) -> None:
        self.config, self.source, self.encoder = config, source, encoder
        self.effects = {name: effects[name] for name in config.trained_effects}
        self.heard: dict[int, Sets] = {}
        self._validation: Sets | None = None
        self._scored: Mapping[str, ScoredTakes] | None = None

    def training(self, epoch: int) -> Sets:
        """All examples that were new in an epoch up to this one."""
        for new in range(epoch + 1):
            if new not in self.heard:
                self.heard[new] = self._fetched(training_requests(self.config, new))
        keys = self.heard[0].keys()
        return {key: joined([self.heard[new][key] for new in range(epoch + 1)]) for key in keys}

    def validation(self) -> Sets:
        """Of the validation recordings."""
        if self._validation is None:
            self._validation = self._fetched(validation_requests(self.config))
        return self._validation

    def scored(self) -> Mapping[str, ScoredTakes]:
        """Audio of the evaluation recordings, by effect."""
        if self._scored is None:
            wanted = scoring_requests(self.config)
            self._scored = {name: scored_takes(self.source.blocks(requests)) for name, requests in wanted.items()}
        return self._scored

    def prefetch(self, epoch: int) -> None:
        """Has rendered what the epoch will hear."""
        if epoch < self.config.train.max_epochs:
            self.source.prefetch(flat(training_requests(self.config, epoch)))

    def _fetched(self, wanted: Mapping[str, list[BlockRequest]]) -> Sets:
        found: dict[Any, Examples] = {}
        for effect, requests in wanted.items():
            found |= {(mode, effect): known for mode, known in self.hear(effect, requests).examples.items()}
        return found

    def hear(self, effect: str, requests: list[BlockRequest]) -> HeardTakes:
        """Takes of one effect."""
        return hear(self.source, requests, self.effects[effect].parameters, self.encoder)


def fit_matcher(
    config: TrialConfig,
    source: ProbingSource,
    effects: Mapping[str, Effect],
    state: dict[str, Any] | None = None,
    encoder: Mapping[str, Tensor] | None = None,
) -> Iterator[Epoch]:
    """Train until patience or `max_epochs` ends it, from `state` if given (an `Epoch.state()` of the same config).

    The same config and blocks give the same metrics and weights, resumed or not.

    Args:
        effects: by name, at least those trained on.
        encoder: weights of the one that `config.matcher.encoder` names; not needed with a state.

    Raises:
        FloatingPointError: training diverged.
    """
    torch.set_num_threads(config.train.threads)
    learner = MatcherLearner(config, free_knobs({name: effects[name].parameters for name in config.trained_effects}))
    data, progress = MatcherData(config, source, effects, learner.encoder), MatcherProgress()
    if encoder is not None:
        learner.load_encoder(encoder)
    if state is not None:
        learner.load(state)
        progress = MatcherProgress(**{part.name: state[part.name] for part in fields(MatcherProgress)})
    data.prefetch(progress.epoch)
    source.prefetch([*flat(validation_requests(config)), *flat(scoring_requests(config))])
    while not progress.ended(config):
        watch = Stopwatch()
        train = _train(learner, data, progress.epoch, watch)
        progress, validation = _judged(learner, data, progress, watch)
        metrics = _metrics(config, progress, train, validation, watch)
        yield Epoch(metrics, progress.ended(config), partial(_state, learner, progress))


def _train(learner: MatcherLearner, data: MatcherData, epoch: int, watch: Stopwatch) -> Scores:
    with watch("render_wait"):
        known = data.training(epoch)
    data.prefetch(epoch + 1)
    if epoch == 0:
        learner.adapt(known)
    with watch("train"):
        through = EndToEnd(data.config, data.source, data.effects)
        told = {} if through.alone(epoch) else learner.train(known, epoch)
        return told | through.train(learner, epoch)


def _judged(
    learner: MatcherLearner, data: MatcherData, progress: MatcherProgress, watch: Stopwatch
) -> tuple[MatcherProgress, Scores]:
    """One epoch further; the model is scored and kept if it is the best: by its loss or, trained through effects, by ear."""
    with watch("render_wait"):
        unseen, scored = data.validation(), data.scored()
    with watch("validate"):
        validation = learner.validate(unseen) | _heard(learner, data)
    if not math.isfinite(validation["loss"]):
        raise diverged(progress.epoch, data.config.train.learning_rate)
    further = replace(progress, epoch=progress.epoch + 1)
    deciding = validation.get(PROPOSAL, validation["loss"])
    if deciding < progress.best_loss:
        with watch("evaluate"):
            _learn_gates(learner, data)
            scores = match_scores(learner.averaged, FeatureExtractor(data.config.sample_rate), data.effects, scored)
        best = copy.deepcopy(learner.averaged.state_dict())
        further = replace(further, best_epoch=further.epoch, best_loss=deciding, best=best, kept_metrics=scores)
    return replace(further, seconds=progress.seconds + watch.work_seconds()), validation


def _heard(learner: MatcherLearner, data: MatcherData) -> Scores:
    """How proposals sound on validation takes, which is what training through the effect is about; of other trials nothing."""
    if learner.settings.gradient == "none":
        return {}
    apart_db = []
    for name, requests in validation_requests(data.config).items():
        heard = data.hear(name, requests)
        for mode in MODES:
            beliefs = learner.averaged.beliefs(mode, name, seen(heard.examples[mode], learner.encoder, slice(GATE_ITEMS)))
            apart_db.append(float(np.nanmean(proposals_db(beliefs, heard.blocks, data.effects[name], data.source))))
    return {PROPOSAL: float(np.mean(apart_db))}


def _learn_gates(learner: MatcherLearner, data: MatcherData) -> None:
    """On validation takes, so that scores on the evaluation recordings stay honest."""
    for name, requests in validation_requests(data.config).items():
        heard = data.hear(name, requests)
        beliefs = learner.averaged.beliefs("blind", name, seen(heard.examples["blind"], learner.encoder, slice(GATE_ITEMS)))
        learn_gate(learner.averaged.controller("blind", name).gate, beliefs, heard.blocks, data.effects[name], data.source)


def _state(learner: MatcherLearner, progress: MatcherProgress) -> dict[str, Any]:
    return {**learner.state(), **vars(progress)}


def _metrics(config: TrialConfig, progress: MatcherProgress, train: Scores, validation: Scores, watch: Stopwatch) -> Scores:
    seconds = watch.seconds | {"work": watch.work_seconds()}
    groups = {"train": train, "validation": validation, "eval": progress.kept_metrics, "seconds": seconds}
    named = {f"{group}/{name}": value for group, values in groups.items() for name, value in values.items()}
    items = sum(request.items for epoch in range(progress.epoch) for request in flat(training_requests(config, epoch)))
    so_far = {"epoch": progress.epoch, "best_epoch": progress.best_epoch, "items": items, "trial/seconds": progress.seconds}
    return named | so_far
