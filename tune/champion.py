"""The best trial's model into the registry, with the card that says what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trainables.checkpoint import read_checkpoint
from trainables.corpus import Corpus
from trainables.takes import Partition
from tune.code_version import code_version
from tune.registry import ModelVersion, register_best
from tune.spec import Sweep, spec_hash
from tune.stage import Stage
from tune.status import SweepStatus, TrialStatus, controls
from tune.stores import Tracking

PARTITIONS: tuple[Partition, ...] = ("train", "validation", "evaluation")


def register_champion(
    sweep: Sweep, stage: Stage, tracking: Tracking, status: SweepStatus, best: TrialStatus, run_id: str, checkpoint: Path
) -> ModelVersion:
    """Registers the model that the best trial kept, as the new champion.

    Raises:
        InfrastructureLost: the tracking store refused it or is out of reach.
    """
    config, state = read_checkpoint(checkpoint)
    return register_best(
        tracking,
        run_id=run_id,
        model_name=sweep.model_name,
        config=config,
        state=state,
        card=model_card(sweep, stage, status, best),
        metrics=dict(best.metrics),
    )


def model_card(sweep: Sweep, stage: Stage, status: SweepStatus, trial: TrialStatus) -> dict[str, Any]:
    """What the model was trained on, and its scores beside its controls'."""
    audio = {
        "path": stage.corpus.audio.path,
        "corpus_id": stage.corpus.identity,
        "recordings": _recording_names(stage.corpus),
        "content_ids": {p: {r.content_id: r.name for r in stage.corpus.partition(p)} for p in PARTITIONS},
    }
    return {
        "sweep": status.name,
        "trial": trial.number,
        "params": dict(trial.params),
        "objective": dict(status.objective),
        "scores": {name: value for name, value in trial.metrics.items() if name.startswith("eval/")},
        "controls": controls(trial),
        "evaluation_hash": stage.evaluation_hash,
        "backend": stage.backend,
        "audio": audio,
        "code_version": code_version(),
        "spec_hash": spec_hash(sweep),
    }


def _recording_names(corpus: Corpus) -> dict[str, list[str]]:
    return {p: [r.name for r in corpus.partition(p)] for p in PARTITIONS}
