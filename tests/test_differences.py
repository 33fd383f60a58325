"""What is otherwise here than where a model was made is told: builds of effects, versions, and the code."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from trainables.effects.selection import EffectChoice, load_choice
from tune.ledger.code_version import VARIABLE
from tune.models.differences import differences, versions_here

DELAY = EffectChoice("delay", "delay", "pedalboard")


def card(**more: Any) -> dict[str, Any]:
    builds = {"delay": load_choice(DELAY).identity}
    return {"effects": [asdict(DELAY)], "effect_builds": builds, "versions": versions_here(), "code_version": "v1"} | more


@pytest.fixture(autouse=True)
def this_is_v1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "v1")


def test_where_all_is_the_same_nothing_is_told() -> None:
    assert differences(card()) == () and differences({}) == ()
    assert {"python", "torch", "numpy", "pedalboard"} <= set(versions_here())


def test_another_build_of_an_effect_is_told_with_both() -> None:
    [told] = differences(card(effect_builds={"delay": "0ther"}))
    assert "Effect delay is build" in told and load_choice(DELAY).identity in told and "build 0ther" in told


def test_an_effect_that_is_not_here_is_told_with_the_reason() -> None:
    absent = asdict(EffectChoice("crush", "lv2:http://example.org/none", "mda"))
    [told] = differences(card(effects=[absent], effect_builds={"crush": "a1"}))
    assert told.startswith("Effect crush, which the model was made with, cannot be used on this machine: ")


def test_other_versions_are_told_by_name() -> None:
    [told] = differences(card(versions=versions_here() | {"torch": "1.0.0", "gone": "2"}))
    assert f"torch {versions_here()['torch']} instead of 1.0.0" in told and "gone none instead of 2" in told


def test_other_code_is_told() -> None:
    assert differences(card(code_version="v0")) == ("The model was made by fxsweep v0, and this is v1.",)
