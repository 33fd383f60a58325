"""Gradients through effects that have none: simultaneous perturbation and central differences, as autograd functions.

A point is the knobs of one item, each from 0 to 1. Whatever is perturbed stays within that cube, and is divided by the
step that was really taken. Everything that one backward pass needs is asked for at once, so that it can be
rendered in parallel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Values = npt.NDArray[np.float64]
Items = npt.NDArray[np.int64]
Losses = Callable[[Values, Items], Values]
"""(asked, knobs) points and which item each is of -> (asked,) losses."""
Renders = Callable[[Values, Items], npt.NDArray[np.float32]]
"""The same -> (asked, channels, samples) audio."""
SMALLEST_STEP = 1e-9


@dataclass(frozen=True)
class GradientConfig:
    """How a gradient is estimated.

    Attributes:
        kind: "spsa" (simultaneous perturbation, Spall 1992): 2 renders a draw, whatever the number of knobs;
            "differences": 2 renders a knob.
        step: of each knob's range, to either side. Below 0.005 knobs that move delays by whole samples give
            gradients that are far too long.
        draws: of spsa, averaged.
    """

    kind: Literal["spsa", "differences"] = "spsa"
    step: float = 0.02
    draws: int = 4


@dataclass
class GradientLog:
    """What the gradients of a training were like; it is written to during backward passes.

    Attributes:
        signal_to_noise: of each spsa estimate of more than one draw: the squared mean over draws over its squared standard error.
        renders: how many were asked for.
    """

    signal_to_noise: list[float] = field(default_factory=list)
    renders: int = 0

    def mean_signal_to_noise(self) -> float:
        """NaN where nothing was measured."""
        return float(np.mean(self.signal_to_noise)) if self.signal_to_noise else float("nan")


@dataclass(frozen=True, eq=False)
class _Probe:
    """Pairs of points around those of some items.

    Attributes:
        high, low: (pairs, knobs) within the cube.
        items: (pairs,) whose surroundings they are.
    """

    high: Values
    low: Values
    items: Items

    @property
    def inverse_steps(self) -> Values:
        """(pairs, knobs) one over what each knob was moved by; 0 where it was not."""
        steps = self.high - self.low
        moved = np.abs(steps) > SMALLEST_STEP
        return np.asarray(moved / np.where(moved, steps, 1.0), dtype=np.float64)


def loss_gradient(
    points: Values, losses: Losses, config: GradientConfig, random: np.random.Generator, log: GradientLog | None = None
) -> Values:
    """(items, knobs) the estimated gradient of each item's own loss at its point; pairs with a loss that is not finite give 0."""
    probe = _probe(points, config, random)
    asked = losses(np.concatenate([probe.high, probe.low]), np.concatenate([probe.items, probe.items]))
    high, low = np.split(np.asarray(asked, dtype=np.float64), 2)
    return _gathered(probe, np.nan_to_num(high - low, posinf=0.0, neginf=0.0), points.shape, config, log)


def _probe(points: Values, config: GradientConfig, random: np.random.Generator) -> _Probe:
    items, knobs = points.shape
    if config.kind == "spsa":
        directions = random.choice([-1.0, 1.0], size=(config.draws, items, knobs))
    else:
        directions = np.repeat(np.eye(knobs)[:, None], items, axis=1)
    high, low = ((points + sign * config.step * directions).clip(0.0, 1.0).reshape(-1, knobs) for sign in (1.0, -1.0))
    return _Probe(high, low, np.tile(np.arange(items), len(directions)))


def _gathered(
    probe: _Probe, differences: Values, shape: tuple[int, ...], config: GradientConfig, log: GradientLog | None
) -> Values:
    """(items, knobs) from (pairs,) differences along each pair."""
    each = (differences[:, None] * probe.inverse_steps).reshape(-1, *shape)  # (draws or knobs, items, knobs)
    if log is not None:
        log.renders += 2 * len(differences)
    if config.kind == "differences":
        return np.asarray(each.sum(axis=0), dtype=np.float64)
    if log is not None and config.draws > 1:
        log.signal_to_noise.append(_signal_to_noise(each))
    return np.asarray(each.mean(axis=0), dtype=np.float64)


def _signal_to_noise(draws: Values) -> float:
    """Of (draws, items, knobs): squared mean over squared standard error; about 1 where there is no signal."""
    error = draws.var(axis=0, ddof=1).sum() / len(draws)
    return float(np.square(draws.mean(axis=0)).sum() / error) if error > 0.0 else float("inf")


class LossThroughEffect(torch.autograd.Function):
    """(items,) losses of (items, knobs) points, with estimated gradients: the loss itself is what is perturbed.

    Call `loss_through_effect`.
    """

    @staticmethod
    def forward(ctx: Any, points: Tensor, parts: tuple[Any, ...]) -> Tensor:
        ctx.parts = parts
        ctx.save_for_backward(points)
        losses, *_ = parts
        values = losses(_numpy(points), np.arange(len(points)))
        return torch.from_numpy(np.asarray(values)).to(points)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, None]:
        (points,) = ctx.saved_tensors
        gradient = loss_gradient(_numpy(points), *ctx.parts)
        return grad_outputs[0][:, None] * torch.from_numpy(gradient).to(points), None


class AudioThroughEffect(torch.autograd.Function):
    """(items, channels, samples) audio rendered at (items, knobs) points; the audio is perturbed, as in the papers.

    Call `audio_through_effect`.
    """

    @staticmethod
    def forward(ctx: Any, points: Tensor, parts: tuple[Any, ...]) -> Tensor:
        ctx.parts = parts
        ctx.save_for_backward(points)
        renders, *_ = parts
        return torch.from_numpy(np.asarray(renders(_numpy(points), np.arange(len(points)))))

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, None]:
        (points,) = ctx.saved_tensors
        renders, *rest = ctx.parts
        wanted = _numpy(grad_outputs[0])

        def along(asked: Values, items: Items) -> Values:
            """The inner product of audio and the gradient of the loss by audio: differences of it are directional ones."""
            return np.asarray(np.einsum("ncs,ncs->n", renders(asked, items), wanted[items], dtype=np.float64))

        return torch.from_numpy(loss_gradient(_numpy(points), along, *rest)).to(points), None


def loss_through_effect(
    points: Tensor, losses: Losses, config: GradientConfig, random: np.random.Generator, log: GradientLog | None = None
) -> Tensor:
    """(items,) losses at (items, knobs) points from 0 to 1, differentiable by estimates on the level of the loss."""
    return cast(Tensor, LossThroughEffect.apply(points, (losses, config, random, log)))  # type: ignore[no-untyped-call]


def audio_through_effect(
    points: Tensor, renders: Renders, config: GradientConfig, random: np.random.Generator, log: GradientLog | None = None
) -> Tensor:
    """(items, channels, samples) audio at (items, knobs) points from 0 to 1, differentiable by estimates of its own."""
    return cast(Tensor, AudioThroughEffect.apply(points, (renders, config, random, log)))  # type: ignore[no-untyped-call]


def _numpy(tensor: Tensor) -> Values:
    return cast(Values, tensor.detach().cpu().double().numpy())
