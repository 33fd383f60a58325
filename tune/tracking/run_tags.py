"""What the runs of a sweep are tagged with: the same words whether a run is written live or from the ledgers."""

from __future__ import annotations

from collections.abc import Mapping

STATUS = {"complete": "FINISHED", "pruned": "FINISHED", "failed": "FAILED", "stopped": "KILLED", "running": "RUNNING"}
TAG_CHARACTERS = 8000  # MLflow cuts longer tags and parameters
PARAM_CHARACTERS = 6000
REASON_CHARACTERS = 5000

Values = Mapping[str, object]  # by name; MLflow has them as text


def named(tags: Values) -> dict[str, str]:
    """Tags as MLflow has them: `fxsweep.NAME`, but names with a dot as they are."""
    return {name if "." in name else f"fxsweep.{name}": str(value)[:TAG_CHARACTERS] for name, value in tags.items()}


def shared_tags(sweep_name: str, sweep_id: str, tags: Values) -> dict[str, str]:
    """Of the parent and of every child."""
    return named({"sweep": sweep_name} | ({"sweep_id": sweep_id} if sweep_id else {}) | dict(tags))


def parent_tags(shared: Mapping[str, str]) -> dict[str, str]:
    """Of a parent run that has begun."""
    return dict(shared) | named({"role": "sweep", "state": "running"})


def trial_tags(shared: Mapping[str, str], number: int, tags: Values) -> dict[str, str]:
    """Of a child run that has begun, all but its parent's id."""
    return dict(shared) | named({"trial": number, "role": "trial", "state": "running"} | dict(tags))


def split_tag(split_names: Mapping[str, str], params: Values) -> dict[str, str]:
    """What the sweep's author calls a trial's effect split, if anything."""
    name = split_names.get(str(params.get("effect_split")))
    return {"split_name": name} if name is not None else {}


def ending_tags(state: str, reason: str) -> dict[str, str]:
    """How a run ended; of a long reason, such as a traceback, its end."""
    return named({"state": state, "reason": reason[-REASON_CHARACTERS:]})


def plain_params(params: Mapping[str, object]) -> dict[str, str]:
    """Parameters as MLflow keeps them."""
    return {name: str(value)[:PARAM_CHARACTERS] for name, value in params.items()}
