"""Effects as a sweep has chosen them: under its names, with knobs fixed, freed and narrowed."""

from __future__ import annotations

import numpy as np
import pytest

from trainables.effects import load_effects
from trainables.effects.effect import Effect
from trainables.effects.names import EFFECT_NAMES
from trainables.effects.selection import EffectChoice, KnobSetting, adjusted, load_choice, load_choices, nine
from trainables.errors import InputError
from trainables.parameters import Parameter, draw


@pytest.fixture(scope="module")
def delay() -> Effect:
    return load_effects("mda")["delay"]


def knob(effect: Effect, name: str) -> Parameter:
    return next(p for p in effect.parameters if p.name == name)


@pytest.mark.parametrize("backend", ["mda", "pedalboard"])
def test_the_nine_are_those_of_the_backend(backend: str) -> None:
    chosen, loaded = load_choices(nine(backend)), load_effects(backend)
    assert tuple(chosen) == EFFECT_NAMES
    assert {name: effect.identity for name, effect in chosen.items()} == {n: e.identity for n, e in loaded.items()}


def test_an_effect_goes_by_the_sweep_s_name() -> None:
    chosen = load_choice(EffectChoice("crunch", "overdrive > combo", "mda"))
    assert chosen.name == "crunch" and "overdrive.drive" in {p.name for p in chosen.parameters}


def test_a_fixed_knob_is_drawn_nowhere_else(delay: Effect) -> None:
    fixed = adjusted(delay, {"feedback": 0.3})
    drawn = [draw(fixed.parameters, np.random.default_rng(seed))["feedback"] for seed in range(20)]
    assert set(drawn) == {0.3}


def test_a_narrowed_knob_is_drawn_within_its_range_whichever_way_it_is_written(delay: Effect) -> None:
    for ends in ((0.2, 0.4), (0.4, 0.2)):
        narrowed = adjusted(delay, {"feedback": ends})
        drawn = [draw(narrowed.parameters, np.random.default_rng(seed))["feedback"] for seed in range(50)]
        assert 0.2 <= min(drawn) < 0.25 and 0.35 < max(drawn) <= 0.4
        assert 0.2 <= knob(narrowed, "feedback").default <= 0.4


def test_a_freed_knob_is_drawn(delay: Effect) -> None:
    assert knob(delay, "output").frozen
    freed = adjusted(delay, {"output": "free"})
    assert len({draw(freed.parameters, np.random.default_rng(seed))["output"] for seed in range(5)}) == 5


def test_other_knobs_are_drawn_as_before(delay: Effect) -> None:
    freed = adjusted(delay, {"output": "free", "feedback": 0.1})
    before, after = (draw(effect.parameters, np.random.default_rng(3)) for effect in (delay, freed))
    same = [name for name in before if name not in ("output", "feedback")]
    assert [before[name] for name in same] == [after[name] for name in same]


SETTINGS: list[dict[str, KnobSetting]] = [{"feedback": 0.3}, {"feedback": (0.2, 0.4)}, {"output": "free"}, {"l_delay": 0.3}]


def test_identity_tells_every_way_of_setting(delay: Effect) -> None:
    identities = {delay.identity, *(adjusted(delay, setting).identity for setting in SETTINGS)}
    assert len(identities) == len(SETTINGS) + 1
    assert adjusted(delay, {}).identity == delay.identity


@pytest.mark.parametrize(
    ("setting", "told"),
    [({"feedbak": 0.3}, "Did you mean 'feedback'"), ({"feedback": 1.3}, "must lie in 0 to 1"), ({"feedback": (0, 2)}, "0 to 1")],
)
def test_a_knob_that_is_not_there_or_beyond_its_range_is_refused(
    delay: Effect, setting: dict[str, KnobSetting], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        adjusted(delay, setting)
