"""The embedding follows what is heard: clips that differ in brightness or depth are to lie as far apart as they sound.

P. Esling, A. Chemla-Romeu-Santos & A. Bitton, "Generative timbre spaces: regularizing variational auto-encoders with
perceptual metrics", DAFx 2018, their regularisation in l2 form; distances here are relative to their mean.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from trainables.training.ranks import Team

# Brightness and depth of the built-in corpus, in that order: 32 training clips of 65,536 samples at 44.1 kHz through
# each of the nine mda effects at random settings, seed 0. Fixed, so that every sweep weighs the two alike.
TIMBRE_MEANS, TIMBRE_DEVIATIONS = (57.0, 45.7), (14.1, 13.4)
SMALLEST_DISTANCE = 1e-12


def standardized(timbre: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(items, 2) brightness and depth, in deviations from the mean of the built-in corpus; NaN stays NaN."""
    relative: npt.NDArray[np.float32] = ((timbre - np.array(TIMBRE_MEANS)) / np.array(TIMBRE_DEVIATIONS)).astype(np.float32)
    return relative


def perceptual(embeddings: Tensor, timbre: Tensor) -> Tensor:
    """Mean over pairs of (d - p)^2, d and p the pair's distance in `embeddings` and in `timbre`, a scalar.

    Both are Euclidean and divided by their own mean over the pairs, so that only proportions count. Items without
    timbre are left out; where nothing is left to be followed it is 0.

    Args:
        embeddings: (items, size).
        timbre: (items, 2) standardised brightness and depth; NaN where there is none.
    """
    known = timbre.isfinite().all(1)
    heard = functional.pdist(timbre[known])
    if not bool(heard.any()):
        return embeddings.sum() * 0.0
    return functional.mse_loss(_relative(functional.pdist(embeddings[known])), _relative(heard))


def _relative(distances: Tensor) -> Tensor:
    return distances / distances.mean().clamp_min(SMALLEST_DISTANCE)


def perceptual_over(team: Team, embeddings: Tensor, timbre: Tensor, groups: Tensor) -> Tensor:
    """`perceptual` over the items of all ranks, the same value on each; gradients as those of `contrastive_over`.

    Args:
        groups: (items,) negative where an item only fills up the share. Every rank must hand over equally many items.
    """
    present = timbre.where((groups >= 0)[:, None], torch.nan)
    return perceptual(team.gather_with_own_gradient(embeddings), team.gather(present))
