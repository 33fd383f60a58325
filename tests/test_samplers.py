"""Samplers by name, and what TPE knows of effect splits."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.samplers import GPSampler, NSGAIISampler, RandomSampler, TPESampler
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator

from tune.ledger.study import quiet
from tune.search.samplers import STARTUP_POINTS, make_sampler
from tune.search.split_kernel import SplitEstimator, split_kernels
from tune.space.splits import split_distances, splits_holding_out
from tune.sweep_file.sections import Sampler

SPLITS = splits_holding_out(3)
GOOD = SPLITS.index("-ambience-limiter-leslie")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("tpe", TPESampler), ("gp", GPSampler), ("nsga2", NSGAIISampler), ("random", RandomSampler), ("grid", RandomSampler)],
)
def test_each_name_has_its_sampler(name: Any, kind: type) -> None:
    with quiet():
        assert type(make_sampler(Sampler(type=name), seed=1)) is kind


@pytest.mark.parametrize("name", ["tpe", "gp"])
def test_points_that_were_never_trained_are_no_beginning(name: Any) -> None:
    with quiet():
        assert make_sampler(Sampler(type=name), 1, infeasible=7)._n_startup_trials == STARTUP_POINTS + 7  # type: ignore[attr-defined]


def test_no_more_is_loaded_for_a_sampler_than_for_another() -> None:
    """The Gaussian process needs torch, which a driver that does not use it should not wait for."""
    program = "import sys, tune.search.samplers; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"


def test_splits_are_as_far_apart_as_effects_differ() -> None:
    distances = split_distances(["all", "-delay", "-delay-combo", "-combo-leslie"])
    assert distances.tolist() == [[0, 1, 2, 2], [1, 0, 1, 3], [2, 1, 0, 2], [2, 3, 2, 0]]


def test_a_kernel_is_a_distribution_that_falls_with_the_distance() -> None:
    kernels = split_kernels(np.array([GOOD, 0, 0]), SPLITS)
    assert kernels.shape == (4, len(SPLITS)) and np.allclose(kernels.sum(axis=1), 1.0)
    assert np.allclose(kernels[-1], 1 / len(SPLITS))
    distances = split_distances(SPLITS)[GOOD]
    by_distance = [np.unique(kernels[0][distances == distance].round(12)) for distance in (0, 2, 4, 6)]
    assert all(len(values) == 1 for values in by_distance)
    assert np.allclose([near[0] / far[0] for near, far in pairwise(by_distance)], 5.0)


def test_a_kernel_gets_narrower_with_each_trial() -> None:
    first, later = (split_kernels(np.full(count, GOOD), SPLITS)[0, GOOD] for count in (1, 20))
    assert first < later


def proposed_splits(estimator: type, seed: int) -> list[int]:
    """Sixteen proposals after 40 random splits whose score falls with the distance from a good one, which was not among them."""
    random, distances = np.random.default_rng(seed), split_distances(SPLITS)[GOOD]
    distribution = {"effect_split": optuna.distributions.CategoricalDistribution(SPLITS)}
    with quiet():
        sampler = make_sampler(Sampler(seed=seed), seed)
        sampler._parzen_estimator_cls = estimator  # type: ignore[attr-defined]
        study = optuna.create_study(sampler=sampler, direction="minimize")
        for place in random.choice([p for p in range(len(SPLITS)) if p != GOOD], 40):
            made = optuna.create_trial(
                value=float(distances[place]), params={"effect_split": SPLITS[place]}, distributions=distribution
            )
            study.add_trial(made)
        found = [study.ask(distribution).params["effect_split"] for _ in range(16)]
    return [int(distances[SPLITS.index(split)]) for split in found]


def test_tpe_proposes_neighbours_of_good_splits_more_often_than_optuna_would() -> None:
    ours, plain = (
        np.array([proposed_splits(estimator, seed) for seed in range(6)]) for estimator in (SplitEstimator, _ParzenEstimator)
    )
    assert ours.mean() < plain.mean() - 0.5
    assert (ours == 0).sum() > (plain == 0).sum()


def test_other_choices_are_as_optuna_has_them() -> None:
    def run(estimator: type) -> list[Any]:
        with quiet():
            sampler = make_sampler(Sampler(), 3)
            sampler._parzen_estimator_cls = estimator  # type: ignore[attr-defined]
            study = optuna.create_study(sampler=sampler)
            study.optimize(lambda trial: float(trial.suggest_categorical("latent_size", [8, 16, 32])), n_trials=20)
        return [trial.params for trial in study.trials]

    assert run(SplitEstimator) == run(_ParzenEstimator)
