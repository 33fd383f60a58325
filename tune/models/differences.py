"""What is otherwise on this machine than where a model was trained: builds of its effects, versions of what it ran on."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from trainables.effects.selection import load_choice
from trainables.errors import InputError
from tune.ledger.code_version import code_version
from tune.models.matcher_model import choices_of

PACKAGES = ("torch", "numpy", "mlflow", "pedalboard")  # those that shape a model's numbers or its audio


def versions_here() -> dict[str, str]:
    """Of Python and of the packages, as a card keeps them."""
    return {"python": platform.python_version(), **{name: found for name in PACKAGES if (found := _installed(name))}}


def differences(card: Mapping[str, Any]) -> tuple[str, ...]:
    """A sentence for everything; empty if all is as it was, or if the card does not tell.

    Args:
        card: `effects` and `effect_builds`, `versions`, `code_version`.
    """
    return (*_effects(card), *_versions(card))


def _effects(card: Mapping[str, Any]) -> Iterator[str]:
    builds: Mapping[str, str] = card.get("effect_builds", {})
    choices = choices_of(card) if "effects" in card else {}
    for name, build in builds.items():
        if name not in choices:
            continue
        try:
            here = load_choice(choices[name]).identity
        except InputError as error:
            yield f"Effect {name}, which the model was made with, cannot be used on this machine: {error}"
            continue
        if here != build:
            yield (
                f"Effect {name} is build {here} on this machine, and the model was made with build {build}: it may sound "
                "otherwise, and scores and settings need not be those of the card."
            )


def _versions(card: Mapping[str, Any]) -> Iterator[str]:
    then: Mapping[str, str] = card.get("versions", {})
    here = versions_here()
    other = [f"{name} {here.get(name, 'none')} instead of {told}" for name, told in then.items() if here.get(name) != told]
    if other:
        yield f"Other versions here than where the model was made: {', '.join(other)}. Its numbers may differ in the last digits."
    code = code_version()
    if card.get("code_version", code) != code:
        yield f"The model was made by fxsweep {card['code_version']}, and this is {code}."


def _installed(name: str) -> str:
    try:
        return version(name).partition("+")[0]
    except PackageNotFoundError:
        return ""
