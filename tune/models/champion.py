"""The best trial's model into the registry, with the card that says what it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

from trainables.corpus.corpus import Corpus
from trainables.rendering.takes import Partition
from trainables.training.checkpoint import read_checkpoint
from trainables.training.trainable import CheckpointFile
from tune.driver.examination import examined_again
from tune.ledger.code_version import code_version
from tune.ledger.home import SweepFolder, write_json
from tune.ledger.identity import Identity
from tune.ledger.status import SweepStatus, TrialStatus, controls
from tune.models.aliases import yields
from tune.models.card_files import replace_card
from tune.models.differences import versions_here
from tune.models.matcher_model import choices_as_data
from tune.models.pinned_encoder import kept_origin
from tune.models.registry import ModelVersion, register_best
from tune.planning.stage import Stage
from tune.sweep_file.spec import Sweep, spec_hash
from tune.tracking.stores import Tracking

PARTITIONS: tuple[Partition, ...] = get_args(Partition)


def register_at_end(
    tracking: Tracking, model_name: str, card: Mapping[str, Any], run_id: str, checkpoint: CheckpointFile
) -> ModelVersion:
    """Registers the model that a sweep's best trial kept, by its card.

    It becomes the champion where there is none, or one of the same sweep that nobody has promoted; else the candidate, and
    `fxsweep promote` tells which is better.

    Raises:
        InfrastructureLost: the tracking store refused it or is out of reach.
    """
    config, state = read_checkpoint(checkpoint)
    return register_best(
        tracking,
        run_id=run_id,
        model_name=model_name,
        config=config,
        state=state,
        card=card,
        metrics={"epoch": card.get("epochs", 0)},
        instead_of=lambda champion: yields(champion, str(card.get("sweep_id", ""))),
    )


def write_card(folder: SweepFolder, card: Mapping[str, Any]) -> None:
    """Keeps the card, so that the model can be registered later, from it and the checkpoint alone."""
    write_json(folder.card, dict(card))


def read_card(folder: SweepFolder) -> dict[str, Any] | None:
    """None if the sweep's best model was never to be registered."""
    return dict(json.loads(folder.card.read_text(encoding="utf-8"))) if folder.card.is_file() else None


def completed(card: Mapping[str, Any], sweep: Sweep, folder: SweepFolder, trial: TrialStatus) -> dict[str, Any]:
    """The card with the controls that are known by now, and the answers to "should I worry?" made anew."""
    return dict(card) | {"controls": controls(trial), "worries": _worries(sweep, folder, trial)}


def update_card(tracking: Tracking, model: Mapping[str, str], card: Mapping[str, Any], checkpoint: CheckpointFile) -> None:
    """Replaces the card of a registered version.

    Args:
        model: its `name` and `version`.
        checkpoint: that it was registered from.

    Raises:
        InfrastructureLost: the tracking store refused it or is out of reach.
    """
    replace_card(tracking, model["name"], model["version"], read_checkpoint(checkpoint)[0], card)


def model_card(
    sweep: Sweep, stage: Stage, status: SweepStatus, trial: TrialStatus, identity: Identity, folder: SweepFolder
) -> dict[str, Any]:
    """What the model was trained on, its scores beside its controls', and whether to worry about it."""
    audio = {
        "path": stage.corpus.audio.path,
        "corpus_id": stage.corpus.identity,
        "recordings": _recording_names(stage.corpus),
        "content_ids": {p: {r.content_id: r.name for r in stage.corpus.partition(p)} for p in PARTITIONS},
    }
    card: dict[str, Any] = {
        "sweep": status.name,
        "sweep_id": identity.sweep_id,
        "started_ms": identity.started_ms,
        "trial": trial.number,
        "epochs": trial.epochs,
        "params": dict(trial.params),
        "objective": dict(status.objective),
        "scores": {name: value for name, value in trial.metrics.items() if name.startswith("eval/")},
        "evaluation_hash": stage.evaluation_hash,
        "backend": stage.backend,
        "audio": audio,
        "effects": choices_as_data([planned.choice for planned in stage.plan.effects]),
        "effect_builds": {planned.choice.name: planned.identity for planned in stage.plan.effects},
        "code_version": code_version(),
        "versions": versions_here(),
        "spec_hash": spec_hash(sweep),
    }
    if (origin := kept_origin(folder.encoder)) is not None:
        card["encoder"] = origin
    return completed(card, sweep, folder, trial)


def _worries(sweep: Sweep, folder: SweepFolder, trial: TrialStatus) -> list[dict[str, str]]:
    """Every check as data; of a matcher there are none."""
    return [] if sweep.trainable == "matcher" else [asdict(check) for check in examined_again(sweep, folder, trial)]


def _recording_names(corpus: Corpus) -> dict[str, list[str]]:
    return {p: [r.name for r in corpus.partition(p)] for p in PARTITIONS}
