"""What follows from a decision in the registry: a version, its alias, and why, as tags and in its description."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from trainables.training.checkpoint import read_checkpoint
from trainables.training.trainable import CheckpointFile
from tune.errors import InvalidInput
from tune.ledger.status import TrialStatus, controls
from tune.models.aliases import FORCED, PROMOTED, Entry, crown, nominate
from tune.models.card_files import replace_card
from tune.models.card_promotion import EVIDENCE
from tune.models.registry import register_version
from tune.promotion.ruling import Ruling
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
    """What was done.

    Attributes:
        why_not: sentences without their ends; what was not shown, or came in between.
    """

    outcome: Outcome
    version: Version
    why_not: tuple[str, ...] = ()


def carry_out(
    tracking: Tracking,
    model_name: str,
    card: Mapping[str, Any],
    trial: TrialStatus,
    checkpoint: CheckpointFile,
    ruling: Ruling,
) -> Registration:
    """Registers a trial's model, unless it is so, makes it champion or candidate, and writes down why.

    What was not forced becomes champion only if the champion is still the one that it was compared with.

    Args:
        card: of the sweep's best trial.

    Raises:
        InvalidInput: MLflow has no run of the trial. InfrastructureLost: the store refused it or is out of reach.
    """
    if not trial.run_id:
        raise InvalidInput(f"trial {trial.number}: MLflow has no run of it. Write it first: fxsweep sync {card['sweep']}")
    config, state = read_checkpoint(checkpoint)
    own = card_of_trial(card, trial)
    made = register_version(tracking, trial.run_id, model_name, config, state, own)
    client = connect(tracking)
    with reaching(tracking):
        if ruling.outcome != "candidate" and not crown(client, model_name, made.version, _compared(ruling)):
            ruling = ruling.overtaken()
        if ruling.outcome == "candidate":
            nominate(client, model_name, made.version)
        for key, value in _tags(ruling).items():
            client.set_model_version_tag(model_name, made.version, key, value)
        before = client.get_model_version(model_name, made.version).description or ""
        told = f"{before.partition(SEPARATOR)[0]}{SEPARATOR}{ruling.sentence()}"  # of several attempts the last
        client.update_model_version(model_name, made.version, told)
    replace_card(tracking, model_name, made.version, config, own)
    return Registration(ruling.outcome, Version(model_name, made.version, trial.number), ruling.why_not)


def _compared(ruling: Ruling) -> Callable[[Entry | None], bool]:
    """Whether a champion is the one that was compared with."""

    def is_that(champion: Entry | None) -> bool:
        return ruling.outcome == "forced" or ruling.compared_with == ("" if champion is None else str(champion.version))

    return is_that


def _tags(ruling: Ruling) -> dict[str, str]:
    tags = {EVIDENCE: json.dumps(ruling.facts(), sort_keys=True)}
    if ruling.outcome == "promoted":
        tags[PROMOTED] = ruling.evaluation_hash
    if ruling.outcome == "forced":
        tags[FORCED] = "; ".join(ruling.why_not)
    return tags


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
