"""Optuna's samplers by the names that a sweep file has for them."""

from __future__ import annotations

from optuna.samplers import BaseSampler, GPSampler, NSGAIISampler, RandomSampler, TPESampler

from tune.search.split_kernel import SplitEstimator
from tune.sweep_file.sections import Sampler

STARTUP_POINTS = 10  # proposed by chance before TPE and the Gaussian process begin to learn
CANDIDATES = 24  # of which TPE proposes the most promising
GENERATION = NSGAIISampler._get_generation_key()  # what NSGA-II must know of a trial: when it was proposed


def make_sampler(config: Sampler, seed: int, infeasible: int = 0, ask: int = 0) -> BaseSampler:
    """The sampler of this name; a grid leaves it nothing to choose.

    Args:
        infeasible: how many of the points that it learns from were never trained, which counts for no beginning.
        ask: how often it was asked before for the same trial; TPE then chooses from fewer candidates.
    """
    match config.type:
        case "tpe":
            return _tpe(seed, STARTUP_POINTS + infeasible, max(1, CANDIDATES >> ask))
        case "gp":
            return GPSampler(seed=seed, n_startup_trials=STARTUP_POINTS + infeasible, warn_independent_sampling=False)
        case "nsga2":
            return NSGAIISampler(population_size=config.population, seed=seed)
    return RandomSampler(seed=seed)


def _tpe(seed: int, startup: int, candidates: int) -> TPESampler:
    sampler = TPESampler(
        multivariate=True, group=True, constant_liar=True, seed=seed, n_startup_trials=startup, n_ei_candidates=candidates
    )
    sampler._parzen_estimator_cls = SplitEstimator
    return sampler
