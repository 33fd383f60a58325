"""Does a checkpoint hold what was kept? Its weights are read, and validated as they were when they were kept."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from trainables.configs import TrialConfig
from trainables.diagnosis.trial_record import ReadBack
from trainables.rendering.schedule import own_validation_portions, validation_portions
from trainables.rendering.source import Source, fetch
from trainables.training.accelerator import on_cpu
from trainables.training.checkpoint import State
from trainables.training.learner import Learner
from trainables.training.ranks import ALONE


def read_back(config: TrialConfig, state: State, source: Source) -> ReadBack:
    """Validation losses of the kept weights of `state` (an `Epoch.state()`) and of the untrained ones.

    Raises:
        RuntimeError: the weights are not those of such a model.
    """
    alone = config.train.validate_on == "epoch_effect"
    portions = own_validation_portions(config, state["best_epoch"] - 1) if alone else validation_portions(config)
    examples = fetch(source, portions, config.model.perceptual_weight > 0.0)
    learner = Learner(on_cpu(config), ALONE)
    untrained = learner.validate(examples)["loss"]
    learner.averaged.load_state_dict(state["best"])
    return ReadBack(float(state["best_loss"]), learner.validate(examples)["loss"], untrained)


def write_read_back(config: TrialConfig, state: State, source: Source, path: Path) -> None:
    """`read_back` as JSON, for `ReadBack(**...)`."""
    path.write_text(json.dumps(asdict(read_back(config, state, source))), encoding="utf-8")
