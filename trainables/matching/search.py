"""Knobs found by rendering and listening: some proposals, then CMA-ES (Hansen & Ostermeier 2001) from the best of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from cmaes import CMA
from scipy.stats import qmc

from trainables.matching.knob_space import Units

Distance = Callable[[Units], float]
PROPOSED_SHARE = 0.3  # of the renders of a search


@dataclass(frozen=True, eq=False)
class Found:
    """The best point of a search.

    Attributes:
        point: (knobs,) float64, 0 to 1.
        distance: at that point; infinite if nothing was tried.
        renders: how often the distance was asked for.
    """

    point: Units
    distance: float
    renders: int


@dataclass(frozen=True, eq=False)
class Tried:
    """Points whose distance is known, at least one.

    Attributes:
        points: (points, knobs) float64, 0 to 1.
        distances: (points,).
    """

    points: Units
    distances: Units

    @property
    def best(self) -> int:
        """The place of the nearest."""
        return int(np.argmin(self.distances))


class Refine(Protocol):
    """How a search goes on from what was tried: the best of `renders` further points, infinitely far if there are none."""

    def __call__(self, distance: Distance, tried: Tried, step: Units, renders: int, random: np.random.Generator) -> Found: ...


def by_cma(distance: Distance, tried: Tried, step: Units, renders: int, random: np.random.Generator) -> Found:
    """CMA-ES from the nearest point."""
    return evolved(distance, tried.points[tried.best], step, renders, random)


def search(
    distance: Distance, proposals: Units, step: Units, renders: int, random: np.random.Generator, refine: Refine = by_cma
) -> Found:
    """The point with the smallest distance that `renders` renders find.

    Args:
        distance: of a point; each call is one render.
        proposals: (proposals, knobs) float64 from 0 to 1, at least one, the best guess first. The first `renders` of them
            are tried; the search begins at the best.
        step: (knobs,) the first deviation of the search, of each knob's range.
        renders: from 0; with none the first proposal is the answer, its distance unknown.
        random: what the search draws from.
        refine: how it goes on from the best of them.
    """
    points = proposals[:renders]
    if not len(points):
        return Found(proposals[0], float("inf"), 0)
    tried = Tried(points, np.array([distance(point) for point in points]))
    refined = refine(distance, tried, step, renders - len(points), random)
    nearest = float(tried.distances[tried.best])
    if refined.distance < nearest:
        return Found(refined.point, refined.distance, renders)
    return Found(points[tried.best], nearest, renders)


def spread_points(knobs: int, count: int, random: np.random.Generator) -> Units:
    """(count, knobs) points that fill the cube evenly: a scrambled Sobol sequence."""
    sequence = qmc.Sobol(knobs, rng=random)
    return np.asarray(sequence.random_base2(int(np.ceil(np.log2(max(1, count)))))[:count], dtype=np.float64)


def evolved(distance: Distance, start: Units, step: Units, renders: int, random: np.random.Generator) -> Found:
    """CMA-ES from `start` within the cube; of the last generation only as much as renders are left.

    Returns:
        The best point that was asked for, which `start` is not; its distance is infinite if `renders` is 0.
    """
    knobs = len(start)
    evolution = _evolution(start, step, random)
    best, left = Found(start, float("inf"), 0), renders
    while left > 0:
        points = [evolution.ask() for _ in range(min(left, evolution.population_size))]
        values = [distance(point[:knobs]) for point in points]
        first = int(np.argmin(values))
        if values[first] < best.distance:
            best = Found(points[first][:knobs], values[first], renders)
        left -= len(points)
        if len(points) == evolution.population_size:
            evolution.tell(list(zip(points, values, strict=True)))
    return best


def _evolution(start: Units, step: Units, random: np.random.Generator) -> CMA:
    """Of at least two dimensions, as the package wants it: a single knob gets one beside it that nothing depends on."""
    unused = max(0, 2 - len(start))
    mean, steps = np.pad(start, (0, unused), constant_values=0.5), np.pad(step, (0, unused), mode="edge")
    scale = float(steps.mean())
    shape = np.diag(np.square(steps / scale))
    bounds = np.tile([0.0, 1.0], (len(mean), 1))
    return CMA(mean=mean, sigma=scale, bounds=bounds, seed=int(random.integers(2**31)), cov=shape)
