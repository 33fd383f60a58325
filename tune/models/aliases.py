"""The aliases of a registered model: who is champion, who was so before, and who waits for a promotion."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion

from tune.errors import InvalidInput
from tune.models.title_lock import one_at_a_time

Entry: TypeAlias = ModelVersion  # MLflow's own
CHAMPION, CANDIDATE = "champion", "candidate"
HISTORY = "fxsweep.champions"  # tag of the registered model: the versions that were champion, the last one last
CHALLENGES = "fxsweep.challenges"  # tag of the registered model: how many candidates were judged against the champion
PROMOTED, FORCED = "fxsweep.promoted", "fxsweep.forced"  # tags of a version: the evaluation hash; what was not shown
MOST_KEPT = 50


def champion_of(client: MlflowClient, name: str) -> Entry | None:
    """The champion's version; None if there is none, or no such model."""
    known = client.search_registered_models(f"name = '{name}'")
    if not known or CHAMPION not in known[0].aliases:
        return None
    return client.get_model_version_by_alias(name, CHAMPION)


def yields(champion: Entry | None, sweep_id: str) -> bool:
    """Whether a sweep's end may take the title: nobody has it, or the same sweep, and then without evidence."""
    if champion is None:
        return True
    earned = PROMOTED in champion.tags or FORCED in champion.tags
    return not earned and bool(sweep_id) and champion.tags.get("sweep_id") == sweep_id


def whoever(champion: Entry | None) -> bool:
    """The title may be taken from anybody."""
    return True


def crown(client: MlflowClient, name: str, version: str, instead_of: Callable[[Entry | None], bool] = whoever) -> bool:
    """Makes a version champion and remembers who was it before. It is no candidate any more.

    Args:
        instead_of: whether the title may be taken from the present champion. It is asked while nobody else can take it.

    Returns:
        Whether it was done.
    """
    with one_at_a_time(client, name):
        before = champion_of(client, name)
        if not instead_of(before):
            return False
        _crown(client, name, version, before)
    return True


def _crown(client: MlflowClient, name: str, version: str, before: Entry | None) -> None:
    past = _past(client, name)
    last = [str(before.version)] if before is not None and past[-1:] != [str(before.version)] else []
    client.set_registered_model_alias(name, CHAMPION, version)
    _remember(client, name, [*past, *last, *([version] if [*past, *last][-1:] != [version] else [])])
    _no_candidate(client, name, version)


def _no_candidate(client: MlflowClient, name: str, version: str) -> None:
    """A champion is none."""
    if str(client.get_registered_model(name).aliases.get(CANDIDATE, "")) == version:
        client.delete_registered_model_alias(name, CANDIDATE)


def challenged(client: MlflowClient, name: str, champion: str, attempt: str, candidates: int) -> int:
    """Remembers that so many candidates were judged against this champion, once for each attempt.

    Args:
        champion: the version; "" if there is none.
        attempt: what tells it from others.

    Returns:
        How many have been, in all; of a model that is not registered these alone.
    """
    with one_at_a_time(client, name):
        if not client.search_registered_models(f"name = '{name}'"):
            return candidates
        known = _attempts(client, name, champion)
        if attempt not in known["attempts"]:
            attempts = [*known["attempts"], attempt][-MOST_KEPT:]
            known |= {"candidates": known["candidates"] + candidates, "attempts": attempts}
            client.set_registered_model_tag(name, CHALLENGES, json.dumps(known))
    return int(known["candidates"])


def _attempts(client: MlflowClient, name: str, champion: str) -> dict[str, Any]:
    """Those against this champion, also from before a rollback; against another one they do not count."""
    known: dict[str, Any] = json.loads(client.get_registered_model(name).tags.get(CHALLENGES, "{}"))
    if known.get("champion") == champion:
        return known
    earlier = dict(known.get("earlier", {})) | ({known["champion"]: known["candidates"]} if known else {})
    counted = earlier.pop(champion, 0)
    return {"champion": champion, "candidates": counted, "attempts": [], "earlier": dict(list(earlier.items())[-MOST_KEPT:])}


def nominate(client: MlflowClient, name: str, version: str) -> None:
    """Makes a version the candidate, unless it is champion."""
    aliases: Mapping[str, str] = client.get_registered_model(name).aliases
    if str(aliases.get(CHAMPION, "")) != version:
        client.set_registered_model_alias(name, CANDIDATE, version)


def roll_back(client: MlflowClient, name: str) -> tuple[str, str]:
    """Makes the version champion that was it before.

    Returns:
        The version that was champion until now, and the one that is it again.

    Raises:
        InvalidInput: no such model, no champion, or none before it that still exists.
    """
    with one_at_a_time(client, name):
        return _roll_back(client, name)


def _roll_back(client: MlflowClient, name: str) -> tuple[str, str]:
    now = champion_of(client, name)
    if now is None:
        raise InvalidInput(f"model '{name}': it has no champion to take back. See its versions with: fxsweep ui")
    there = {str(found.version) for found in client.search_model_versions(f"name = '{name}'")}
    past = [version for version in _past(client, name) if version in there]
    while past and past[-1] == str(now.version):
        past.pop()
    if not past:
        raise InvalidInput(
            f"model '{name}': no version was champion before version {now.version}. There is nothing to take back."
        )
    client.set_registered_model_alias(name, CHAMPION, past[-1])
    _remember(client, name, past)
    _no_candidate(client, name, past[-1])
    return str(now.version), past[-1]


def _past(client: MlflowClient, name: str) -> list[str]:
    told = client.get_registered_model(name).tags.get(HISTORY, "[]")
    try:
        return [str(version) for version in json.loads(told)]
    except (ValueError, TypeError):  # somebody else's hand
        return []


def _remember(client: MlflowClient, name: str, versions: list[str]) -> None:
    client.set_registered_model_tag(name, HISTORY, json.dumps(versions[-MOST_KEPT:]))
