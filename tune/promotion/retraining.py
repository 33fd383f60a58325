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

FAR = 1000  # from the seeds of the sweep's own repeats


def retrained(sweep: Sweep, like: Candidate, count: int, store: Path, corpus_id: str, tell: Tell) -> tuple[Contender, ...]:
    """Trains `count` models, each with its own seed, on the sweep's recordings.

    Raises:
        InvalidInput: the recordings are no longer those of the sweep, or training diverged.
    """
    stage = prepare_stage(sweep, store)
    if stage.corpus.identity != corpus_id:
        raise InvalidInput(
            f"--retrain {count}: the recordings in {sweep.audio.path} are no longer those of the sweep. "
            "Restore them, or leave --retrain out."
        )
    source, found = InlineSource(stage.corpus, stage.plan), list[Contender]()
    for config in _with_other_seeds(like.config, count):
        tell(f"retraining with seed {config.seed}, {len(found) + 1} of {count}: at most {config.train.max_epochs} epochs")
        found.append(_trained(config, source))
    return tuple(found)


def _with_other_seeds(config: TrialConfig, count: int) -> Iterator[TrialConfig]:
    return (replace(config, seed=config.seed + FAR + index) for index in range(count))


def _trained(config: TrialConfig, source: InlineSource) -> Contender:
    state: dict[str, Any] = {}
    try:
        for epoch in fit(config, source):
            state = epoch.state() if epoch.ended else state
    except FloatingPointError as error:
        raise InvalidInput(
            f"--retrain: with seed {config.seed} training diverged ({error}), so that these settings are not to be relied on. "
            "Lower the learning rate in another sweep, or leave --retrain out."
        ) from error
    return trained_contender(f"seed {config.seed}", config, build_vae(config, kept_weights(state)))
