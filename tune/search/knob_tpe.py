"""TPE (Bergstra et al. 2011) over the knobs of an effect: the other way for `fxsweep match` to search."""

from __future__ import annotations

import warnings

import numpy as np
import optuna
from optuna.distributions import FloatDistribution
from optuna.samplers import TPESampler

from trainables.matching.knob_space import Units
from trainables.matching.search import Distance, Found, Tried


def by_tpe(distance: Distance, tried: Tried, step: Units, renders: int, random: np.random.Generator) -> Found:
    """As `search.Refine`; TPE learns from all that was tried, and has no use for the step."""
    cube = {str(knob): FloatDistribution(0.0, 1.0) for knob in range(tried.points.shape[1])}
    study = _study(int(random.integers(2**31)))
    for point, value in zip(tried.points, tried.distances, strict=True):
        params = {str(knob): float(unit) for knob, unit in enumerate(point)}
        study.add_trial(optuna.trial.create_trial(params=params, distributions=cube, value=float(value)))
    best = Found(tried.points[tried.best], float("inf"), 0)
    for _ in range(renders):
        trial = study.ask(cube)
        point = np.array([trial.params[name] for name in cube], dtype=np.float64)
        value = distance(point)
        study.tell(trial, value)
        if value < best.distance:
            best = Found(point, value, renders)
    return best


def _study(seed: int) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = TPESampler(multivariate=True, seed=seed, n_startup_trials=1)
    return optuna.create_study(sampler=sampler)
