"""Every check fires where it must and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_trials import EPOCHS, LONG, PER_EPOCH, SIX, estimate, falling, healthy
from synthetic_blocks import with_model

from trainables.diagnosis.diagnosis import CHECKS, Check, ReadBack, TrialRecord, diagnose, worries

OWN_EFFECT = replace(PER_EPOCH, train=replace(PER_EPOCH.train, validate_on="epoch_effect"))
LEVEL = estimate("eval/probe_accuracy", 0.71)  # with the untrained encoder's


def found(record: TrialRecord, name: str) -> Check:
    return next(check for check in diagnose(record) if check.name == name)


def own_turn(difference: float) -> np.ndarray:
    """Losses of six effects in turn, each with its own level about the same course."""
    levels = np.exp(difference * np.array([0.3, -1.0, 0.5, 0.8, 0.0, -0.6]))
    return falling() * levels[np.arange(EPOCHS) % 6]


FIRES: dict[str, list[Callable[[], TrialRecord]]] = {
    "unbeaten_controls": [
        lambda: healthy(**LEVEL),
        lambda: healthy(**estimate("control/pca/probe_accuracy", 0.9)),
    ],
    "unseen_effects": [lambda: healthy(**estimate("eval/unseen_accuracy", 0.92))],
    "copies_dry": [
        lambda: healthy(**{f"eval/skill/{effect}": -0.1 for effect in SIX[:3]}),
        lambda: healthy(**{"eval/skill/leslie": -9.0}),
    ],
    "recording_leakage": [lambda: healthy(**estimate("eval/recording_leakage", 0.5))],
    "collapsed_dimensions": [lambda: healthy(**{"eval/active_dimensions": 3.0})],
    "effect_order": [lambda: healthy(validation=own_turn(0.5), config=PER_EPOCH)],
    "fast_convergence": [
        lambda: healthy(validation=[0.5, 0.4, 0.41, 0.42], **LEVEL),
        lambda: healthy(validation=[0.202, *[0.2] * 20, 0.1999], **LEVEL),
        lambda: healthy(validation=[*np.linspace(0.5, 0.4, 20), 0.41, 0.42], **LEVEL),
    ],
    "still_improving": [
        lambda: healthy(validation=np.linspace(1.0, 0.5, 20), ended="max_epochs"),
        lambda: healthy(validation=[0.9, 0.7, 0.5], ended="pruned"),
        lambda: healthy(validation=np.linspace(1.0, 0.5, 20), ended=""),
    ],
    "overfit": [
        lambda: healthy(train=np.linspace(1.0, 0.1, 12), validation=[*np.linspace(1, 0.5, 6), *np.linspace(0.52, 0.7, 6)]),
        lambda: healthy(
            train=np.linspace(1.0, 0.1, 18), validation=[*np.linspace(1, 0.5, 10), *np.linspace(0.52, 0.9, 8)], config=PER_EPOCH
        ),
    ],
    "weights": [
        lambda: healthy(read_back=ReadBack(0.2, 0.201, 1.5)),
        lambda: healthy(read_back=ReadBack(0.2, math.nan, 1.5)),
    ],
}
SILENT: dict[str, list[Callable[[], TrialRecord]]] = {
    "unbeaten_controls": [
        lambda: healthy(**estimate("eval/probe_accuracy", 0.75)),
        lambda: healthy(**estimate("eval/probe_accuracy", 0.735)),  # intervals overlap, but that of the difference has no 0
    ],
    "unseen_effects": [lambda: healthy(**estimate("eval/unseen_accuracy", 0.95, 0.02))],
    "copies_dry": [lambda: healthy(**{f"eval/skill/{effect}": -0.1 for effect in SIX[:2]})],
    "recording_leakage": [
        lambda: healthy(**estimate("eval/recording_leakage", 0.38)),
        lambda: healthy(**estimate("eval/recording_leakage", 0.5, 0.31)),
    ],
    "collapsed_dimensions": [lambda: healthy(**{"eval/active_dimensions": 4.0})],
    "effect_order": [
        lambda: healthy(config=PER_EPOCH),
        lambda: healthy(train=own_turn(0.5), config=PER_EPOCH),  # validated on all effects at every epoch
        lambda: healthy(validation=own_turn(0.5)),  # every epoch trains on all: what looks like turns is none
    ],
    "fast_convergence": [
        lambda: healthy(**LEVEL),
        lambda: healthy(validation=[0.5, 0.4, 0.41, 0.42]),  # fast, but it learned
        lambda: healthy(validation=[0.5, 0.4, 0.3], **LEVEL),  # short, but not converged
    ],
    "still_improving": [
        lambda: healthy(ended="max_epochs"),
        lambda: healthy(validation=np.linspace(1.0, 0.5, 20), ended="patience"),
    ],
    "overfit": [
        lambda: healthy(train=np.linspace(1.0, 0.1, 12), validation=np.linspace(1, 0.5, 12)),
        lambda: healthy(train=np.linspace(1.0, 0.1, 12), validation=[*np.linspace(1, 0.5, 6), *[0.51] * 6]),
        lambda: healthy(validation=[*np.linspace(1, 0.5, 14), 0.7, 0.8], config=PER_EPOCH),  # not a round since the best
        lambda: healthy(  # it only seems to rise: each epoch is validated on its own effect, the best on the easiest
            train=np.linspace(1.0, 0.1, EPOCHS), validation=own_turn(0.5), best_epoch=26, config=OWN_EFFECT
        ),
        lambda: healthy(train=[*[0.5] * 12], validation=[*np.linspace(1, 0.5, 6), *np.linspace(0.52, 0.7, 6)]),
    ],
    "weights": [lambda: healthy(read_back=ReadBack(0.2, 0.2000001, 1.5))],
}


def cases(plan: dict[str, list[Callable[[], TrialRecord]]]) -> list[Any]:
    return [pytest.param(name, make, id=f"{name}-{place}") for name in plan for place, make in enumerate(plan[name])]


def test_a_healthy_trial_gives_no_reason_to_worry() -> None:
    assert {check.name: check.verdict for check in diagnose(healthy())} == dict.fromkeys(CHECKS, "fine")


def test_skill_is_counted_by_effects_and_its_mean_is_none_of_them() -> None:
    assert "for 9 of 9 effects, mean skill 0.40" in found(healthy(), "copies_dry").figure


def test_every_check_has_a_case_that_fires_and_one_that_does_not() -> None:
    assert set(FIRES) == set(SILENT) == set(CHECKS)


@pytest.mark.parametrize(("name", "make"), cases(FIRES))
def test_a_check_fires_where_there_is_reason_to_worry(name: str, make: Callable[[], TrialRecord]) -> None:
    check = found(make(), name)
    assert check.verdict == "worry" and check.remedy
    assert name in worries(diagnose(make()))


@pytest.mark.parametrize(("name", "make"), cases(SILENT))
def test_a_check_is_silent_where_there_is_none(name: str, make: Callable[[], TrialRecord]) -> None:
    check = found(make(), name)
    assert check.verdict == "fine" and not check.remedy


def test_an_easy_effect_that_was_kept_is_named() -> None:
    record = healthy(validation=own_turn(0.5), config=PER_EPOCH)
    assert record.best_epoch == 38
    assert "the kept epoch 38 was the turn of overdrive, the easiest" in found(record, "effect_order").sentence


def test_what_choosing_by_the_training_loss_would_have_done_is_told() -> None:
    told = found(healthy(train=own_turn(0.5), config=PER_EPOCH), "effect_order").sentence
    assert "would have chosen overdrive, the easiest effect" in told


def test_controls_are_named_by_what_the_intervals_say() -> None:
    worse = estimate("control/pca/probe_accuracy", 0.9)
    said = found(healthy(**LEVEL, **worse), "unbeaten_controls").sentence
    assert "surely better than a random projection" in said
    assert "cannot be told apart from the untrained encoder 0.700 (0.680 to 0.720)" in said
    assert "surely worse than PCA 0.900" in said


def test_weights_that_are_the_untrained_ones_are_recognised() -> None:
    assert "what was learned is not loaded" in found(healthy(read_back=ReadBack(0.2, 1.5, 1.5)), "weights").sentence
    assert "not loaded" not in found(healthy(read_back=ReadBack(0.2, 1.4, 1.5)), "weights").sentence


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("copies_dry", healthy(config=with_model(LONG, reconstruction_weight=0.0))),
        ("unseen_effects", healthy(config=replace(LONG, held_out_effects=("leslie",)))),
        ("effect_order", healthy(validation=falling(11), config=PER_EPOCH)),
        ("still_improving", healthy(validation=[0.5], ended="max_epochs")),
        ("overfit", healthy(validation=[0.5, 0.4, *[0.6] * 8], config=PER_EPOCH)),
        ("weights", healthy(read_back=None)),
        ("recording_leakage", healthy(**{"eval/recording_chance": 1.0})),
    ],
)
def test_what_cannot_be_asked_of_a_trial_is_unknown(name: str, record: TrialRecord) -> None:
    assert found(record, name).verdict == "unknown"


def test_nothing_known_is_all_unknown() -> None:
    for epochs in ((), ({},), ({}, {})):
        checks = diagnose(TrialRecord(LONG, epochs))
        assert {check.name: check.verdict for check in checks} == dict.fromkeys(CHECKS, "unknown") | {"effect_order": "fine"}
    assert found(TrialRecord(PER_EPOCH, ({},) * 40), "effect_order").verdict == "unknown"


@settings(max_examples=60, deadline=None)
@given(data=st.data(), config=st.sampled_from([LONG, PER_EPOCH]), ended=st.sampled_from(["patience", "max_epochs", "pruned", ""]))
def test_missing_and_broken_metrics_never_raise_and_are_never_told(data: st.DataObject, config: Any, ended: str) -> None:
    whole = healthy(validation=falling(data.draw(st.integers(1, 14))), config=config, ended=ended)
    broken = st.sampled_from([math.nan, math.inf, -math.inf, None, "0.5", 0.0, -1.0, 1e300])
    names = sorted(whole.epochs[0])
    changes = st.dictionaries(st.sampled_from(names), broken, max_size=len(names))
    epochs = []
    for metrics in whole.epochs:
        changed = data.draw(changes)
        epochs.append({name: changed.get(name, value) for name, value in metrics.items() if changed.get(name, 0) is not None})
    for check in diagnose(replace(whole, epochs=tuple(epochs))):
        assert check.verdict in ("fine", "worry", "unknown") and check.sentence.endswith(".")
        assert "nan" not in check.figure.split() and "nan%" not in check.figure
