"""Sweeps as they are when they have ended: real audio, real MLflow, real checkpoints of tiny models that nobody trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import yaml

from trainables.configs import TrialConfig
from trainables.corpus.corpus import Corpus, load_corpus
from trainables.effects.selection import load_choice
from trainables.matching.learner import build_matcher, free_knobs
from trainables.training.checkpoint import write_checkpoint
from trainables.training.learner import build_model
from tune.ledger.home import SweepFolder, new_folder
from tune.ledger.identity import begin
from tune.ledger.status import SweepStatus, TrialStatus, write_status
from tune.models.champion import model_card, register_at_end, write_card
from tune.models.registry import ModelVersion
from tune.planning.stage import prepare_stage
from tune.space.trials import to_trial_config
from tune.sweep_file.spec import Sweep, load_sweep
from tune.tracking.stores import Tracking, default_tracking
from tune.tracking.sweep_tracker import SweepTracker

SPEC: dict[str, Any] = {
    "audio": {"sample_rate": 8000, "clip_samples": 4096, "promotion_share": 0.2},
    "front_end": {"fft_size": 256, "hop_samples": 256, "bands": 16},
    "effects": {"backend": "pedalboard"},
    "model": {"widths": [8]},
    "train": {"items_per_epoch": 16, "validation_items": 4, "max_epochs": 1, "batch_size": 8, "workers": 0},
    "evaluation": {"settings_per_effect": 4},
    "search": {"latent_size": [2, 4, 8]},
    "registry": {"model": "fx-promoted"},
}
SIZES = (2, 4, 8)
MATCHING: dict[str, Any] = {
    "trainable": "matcher",
    "audio": {"sample_rate": 16000, "clip_samples": 8192, "promotion_share": 0.2},
    "effects": {"backend": "pedalboard", "use": ["overdrive"]},
    "search": {"width": [16, 32, 64]},
    "model": {},
    "objective": {"metric": "eval/match_ratio", "mode": "min"},
    "registry": {"model": "fx-matched"},
}


def write_ended(home: Path, name: str, scores: Mapping[int, float], **sections: Any) -> SweepFolder:
    """Trial N of `scores` has the latent size SIZES[N % 3], the seed N and that score; the best one is registered."""
    folder = new_folder(home, name)
    folder.spec.write_text(yaml.safe_dump({"name": name, **SPEC, **sections}))
    sweep, tracking = load_sweep(folder.spec), default_tracking(home)
    stage, identity = prepare_stage(sweep), begin(folder, {})
    knobs = free_knobs({one.choice.name: load_choice(one.choice).parameters for one in stage.plan.effects})
    tracker = SweepTracker.open(tracking, sweep_name=name, experiment="study", tags={}, params={}, spec_text="")
    trials = tuple(_trial(folder, sweep, tracker, number, score, knobs) for number, score in scores.items())
    tracker.close("complete", {}, {})
    trials = tuple(replace(trial, run_id=tracker.run_id(trial.number)) for trial in trials)
    status = SweepStatus(
        name, "complete", sweep.objective.model_dump(), {"uri": tracking.uri, "experiment": "1", "run_id": "x"}, trials,
        started=1.0, ended=2.0, corpus_id=stage.corpus.identity,
    )  # fmt: skip
    write_status(folder.status, status)
    best = status.best()
    assert best is not None
    write_card(folder, model_card(sweep, stage, status, best, identity, folder))
    return folder


def _trial(
    folder: SweepFolder, sweep: Sweep, tracker: SweepTracker, number: int, score: float, knobs: Mapping[str, int]
) -> TrialStatus:
    size = SIZES[number % len(SIZES)]
    params = ({"width": 8 * size} if sweep.trainable == "matcher" else {"latent_size": size}) | {"seed": number}
    config = to_trial_config(sweep, params)
    checkpoint = folder.trials / f"trial-{number}" / "checkpoint_000000" / "trial.pt"
    checkpoint.parent.mkdir(parents=True)
    write_checkpoint(checkpoint, config, untrained(config, knobs))
    tracker.trial_started(number, "z4", {}, {})
    tracker.trial_ended(number, "complete")
    return TrialStatus(number, "complete", params, score, 1, metrics={sweep.objective.metric: score})


def untrained(config: TrialConfig, knobs: Mapping[str, int] | None = None) -> dict[str, Any]:
    if config.matcher is not None:
        return {"average": build_matcher(config, knobs or {}).state_dict()}
    return {"model": {name: torch.clone(value) for name, value in build_model(config).state_dict().items()}}


def register_best_of(folder: SweepFolder) -> ModelVersion:
    """As the sweep's end does."""
    import json

    from tune.ledger.status import read_status
    from tune.models.champion import read_card

    card, status = read_card(folder), read_status(folder.status)
    assert card is not None
    best = status.trial(int(json.loads(folder.card.read_text())["trial"]))
    checkpoint = next((folder.trials / f"trial-{best.number}").rglob("trial.pt"))
    return register_at_end(tracking_of(folder), load_sweep(folder.spec).model_name, card, str(best.run_id), checkpoint)


def tracking_of(folder: SweepFolder) -> Tracking:
    return default_tracking(folder.path.parent)


def corpus_of(folder: SweepFolder) -> Corpus:
    sweep = load_sweep(folder.spec)
    return load_corpus(sweep.audio, sweep.seed)
