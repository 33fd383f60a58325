"""More models with the settings of a trial and other seeds, trained in this process: the seed noise, measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from trainables.configs import TrialConfig
from trainables.rendering.blocks import InlineSource
from trainables.training.embedder import build_vae, kept_weights
from trainables.training.fit import fit
from tune.errors import InvalidInput
from tune.planning.stage import prepare_stage
from tune.promotion.contenders import Candidate, Contender, trained_contender
from tune.sweep_file.spec import Sweep
from tune.told_steps import Tell


def retrained(sweep: Sweep, like: Candidate, count: int, store: Path, corpus_id: str, tell: Tell) -> tuple[Contender, ...]:
    """Trains `count` models, each with its own seed, on the sweep's recordings.

    Raises:
        InvalidInput: the recordings are no longer those of the sweep. FloatingPointError: training diverged.
    """
    stage = prepare_stage(sweep, store)
    if stage.corpus.identity != corpus_id:
        raise InvalidInput(
            f"--retrain {count}: the recordings in {sweep.audio.path} are no longer those of the sweep. "
            "Restore them, or leave --retrain out."
        )
    source = InlineSource(stage.corpus, stage.plan)
    return tuple(_trained(config, source, tell) for config in _with_other_seeds(like.config, count))


def _with_other_seeds(config: TrialConfig, count: int) -> Iterator[TrialConfig]:
    return (replace(config, seed=config.seed + 1000 + index) for index in range(count))


def _trained(config: TrialConfig, source: InlineSource, tell: Tell) -> Contender:
    state: dict[str, Any] = {}
    for epoch in fit(config, source):
        tell(f"retraining with seed {config.seed}: epoch {epoch.metrics['epoch']:.0f} of at most {config.train.max_epochs}")
        if epoch.ended:
            state = epoch.state()
    return trained_contender(f"seed {config.seed}", config, build_vae(config, kept_weights(state)))
