"""How the tree-structured Parzen estimator hears of splits: a good one speaks for its neighbours, too.

Optuna takes the choices of a category for equally unlike each other. Splits are sets of effects, and what a trial with one
of them showed is likely half true of another that differs by a single effect. The kernel is that of Aitchison and Aitken
(Multivariate binary discrimination by the kernel method, Biometrika 63, 1976) for sets, with the bandwidth that Optuna has
for categories: as wide as can be before anything is known, and narrower with each trial.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import CategoricalDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator
from optuna.samplers._tpe.probability_distributions import _BatchedCategoricalDistributions

from tune.space.dimensions import EFFECT_SPLIT
from tune.space.splits import split_distances


class SplitEstimator(_ParzenEstimator):  # type: ignore[misc]
    """Optuna's estimator, with a kernel of its own for effect splits."""

    def _calculate_categorical_distributions(
        self, observations: NDArray[Any], param_name: str, search_space: CategoricalDistribution, parameters: Any
    ) -> Any:
        if param_name != EFFECT_SPLIT or len(observations) == 0:
            return super()._calculate_categorical_distributions(observations, param_name, search_space, parameters)
        return _BatchedCategoricalDistributions(split_kernels(observations.astype(int), search_space.choices))


def split_kernels(observed: NDArray[np.int_], splits: tuple[str, ...]) -> NDArray[np.float64]:
    """For each observed split how likely every split is, (observed + 1, splits); the last row knows nothing.

    The odds fall by the same factor with each effect that differs. Between nearest neighbours they are one to the number of
    kernels, which is what Optuna gives any two categories.

    Args:
        observed: places among `splits`.
    """
    distances = split_distances(splits)
    steps = distances / distances[distances > 0].min()
    weights = np.vstack([(len(observed) + 2.0) ** -steps[observed], np.ones(len(splits))])
    kernels: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return kernels
