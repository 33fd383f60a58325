from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console
from rich.table import Table

from trainables.effects import load_effects
from trainables.effects.names import BACKENDS, EFFECT_NAMES
from tune.effect_tables import chosen_effects, effect_table, effects_json, parameter_table
from tune.errors import InvalidInput

REAL = [backend for backend in BACKENDS if backend != "auto"]


def printed(table: Table) -> str:
    console = Console(file=io.StringIO(), width=250, color_system=None)
    console.print(table)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


@pytest.mark.parametrize("backend", REAL)
def test_all_nine_are_listed_with_their_parameters(backend: str) -> None:
    effects = load_effects(backend)
    text = printed(effect_table(backend, chosen_effects(effects, None)))
    for name, effect in effects.items():
        assert name in text and effect.title in text
        assert all(parameter.name in text for parameter in effect.parameters)


@pytest.mark.parametrize("backend", REAL)
@pytest.mark.parametrize("name", EFFECT_NAMES)
def test_one_effect_is_shown_with_every_parameters_range_unit_and_choices(backend: str, name: str) -> None:
    [effect] = chosen_effects(load_effects(backend), name)
    text = printed(parameter_table(effect))
    for parameter in effect.parameters:
        row = next(line for line in text.splitlines() if line.startswith(f"│ {parameter.name} "))
        assert f"{parameter.low:g} to {parameter.high:g}" in row and parameter.unit in row
        assert ("frozen" in row) == parameter.frozen
        assert all(choice in row for choice in parameter.choices)


def test_brackets_in_a_meaning_are_shown() -> None:
    effect = load_effects("pedalboard")["delay"]
    odd = replace(effect.parameters[0], meaning="[bold] to [3, 4]")
    assert "[bold] to [3, 4]" in printed(parameter_table(replace(effect, parameters=(odd,))))


def test_an_unknown_effect_is_answered_with_the_nearest() -> None:
    with pytest.raises(InvalidInput, match=r"effect 'leslei'.*Did you mean 'leslie'"):
        chosen_effects(load_effects("pedalboard"), "leslei")


@pytest.mark.parametrize("backend", REAL)
def test_json_has_every_parameter_in_full(backend: str) -> None:
    effects = load_effects(backend)
    value = json.loads(json.dumps(effects_json(backend, chosen_effects(effects, None)), allow_nan=False))
    assert value["backend"] == backend
    assert [effect["name"] for effect in value["effects"]] == list(EFFECT_NAMES)
    for listed in value["effects"]:
        expected = [(p.name, p.low, p.high, p.default, p.unit) for p in effects[listed["name"]].parameters]
        assert [(p["name"], p["low"], p["high"], p["default"], p["unit"]) for p in listed["parameters"]] == expected
