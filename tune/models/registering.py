"""The model of a sweep whose registration has failed, or that a new registry lacks: from its card and its checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tune.ledger.home import SweepFolder
from tune.ledger.identity import Identity
from tune.models.registered import version_of_sweep
from tune.tracking.stores import Tracking


@dataclass(frozen=True)
class Registered:
    """What the registry has of a sweep.

    Attributes:
        version: empty if it has nothing.
        is_new: whether it was registered just now.
        why_not: for people, where something is missing.
        alias: what a new one was given.
    """

    name: str
    version: str = ""
    is_new: bool = False
    why_not: str = ""
    alias: str = ""


def register_missing(
    folder: SweepFolder, identity: Identity, tracking: Tracking, model_name: str, run_ids: Mapping[int, str]
) -> Registered:
    """Registers the model that the sweep's card describes, unless the registry has one of this sweep.

    The alias `champion` stays with the model of another sweep.

    Args:
        run_ids: of the trials, by number.

    Raises:
        InfrastructureLost: the registry doesn't answer.
    """
    from tune.ledger.checkpoints import checkpoints_of
    from tune.models.champion import read_card, register_at_end  # torch, which a sweep without a model does without

    if version := version_of_sweep(tracking, model_name, identity.sweep_id, set(run_ids.values())):
        return Registered(model_name, version)
    if (card := read_card(folder)) is None:
        return Registered(model_name, why_not="the sweep had not come so far as to choose its best model")
    number = int(card["trial"])
    checkpoints = checkpoints_of(folder, number)
    if not checkpoints or number not in run_ids:
        return Registered(model_name, why_not=f"the checkpoint of trial {number} is gone from {folder.trials}")
    made = register_at_end(tracking, model_name, card, run_ids[number], checkpoints[0])
    return Registered(model_name, made.version, is_new=True, alias=made.alias)
