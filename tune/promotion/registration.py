"""What follows from a decision in the registry: a version, its alias, and why, as tags and in its description."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from trainables.training.checkpoint import read_checkpoint
from trainables.training.trainable import CheckpointFile
from tune.errors import InvalidInput
from tune.ledger.status import TrialStatus, controls
from tune.models.aliases import FORCED, PROMOTED, crown, nominate
from tune.models.registry import register_version
from tune.tracking.runs import connect, reaching
from tune.tracking.stores import Tracking

SEPARATOR = "\n\n"
Outcome = Literal["promoted", "forced", "already champion", "candidate"]


@dataclass(frozen=True)
class Version:
    """A version of a registered model, and the trial that it is of."""

    name: str
    version: str
    trial: int


@dataclass(frozen=True)
class Registration:
    """What was done."""

    outcome: Outcome
    version: Version


def carry_out(
    tracking: Tracking,
    model_name: str,
    card: Mapping[str, Any],
    trial: TrialStatus,
    checkpoint: CheckpointFile,
    *,
    evidence: str = "",
    forced: str = "",
    found: str = "",
) -> Registration:
    """Registers a trial's model, unless it is so, and makes it champion or candidate.

    Args:
        card: of the sweep's best trial.
        evidence: the evaluation hash on which it was better; it becomes champion.
        forced: what was not shown of one that becomes champion nevertheless.
        found: a sentence on what was found, for the version's description.

    Raises:
        InvalidInput: MLflow has no run of the trial. InfrastructureLost: the store refused it or is out of reach.
    """
    if not trial.run_id:
        raise InvalidInput(f"trial {trial.number}: MLflow has no run of it. Write it first: fxsweep sync {card['sweep']}")
    config, state = read_checkpoint(checkpoint)
    made = register_version(tracking, trial.run_id, model_name, config, state, card_of_trial(card, trial))
    client = connect(tracking)
    with reaching(tracking):
        if evidence or forced:
            crown(client, model_name, made.version)
        else:
            nominate(client, model_name, made.version)
        for key, value in ((PROMOTED, evidence), (FORCED, forced)):
            if value:
                client.set_model_version_tag(model_name, made.version, key, value)
        before = client.get_model_version(model_name, made.version).description or ""
        client.update_model_version(model_name, made.version, _description(before, evidence, forced, found))
    outcome: Outcome = "promoted" if evidence else "forced" if forced else "candidate"
    return Registration(outcome, Version(model_name, made.version, trial.number))


def card_of_trial(card: Mapping[str, Any], trial: TrialStatus) -> dict[str, Any]:
    """The card of another trial of the same sweep."""
    if card["trial"] == trial.number:
        return dict(card)
    scores = {name: value for name, value in trial.metrics.items() if name.startswith("eval/")}
    own = {
        "trial": trial.number,
        "epochs": trial.epochs,
        "params": dict(trial.params),
        "scores": scores,
        "controls": controls(trial),
    }
    return {key: value for key, value in card.items() if key != "worries"} | own


def _description(before: str, evidence: str, forced: str, found: str) -> str:
    """What was said of it when it was registered, and what was found: of several attempts the last."""
    how = "Promoted" if evidence else "Champion by force (--force)" if forced else "Not promoted"
    return f"{before.partition(SEPARATOR)[0]}{SEPARATOR}{how}: {found or forced}."
