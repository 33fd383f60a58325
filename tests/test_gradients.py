"""Gradients through an effect: against the analytic ones of an effect whose formula is known, and against each other."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from trainables.effects import apply, load_effects
from trainables.gradients import (
    GradientConfig,
    GradientLog,
    Items,
    Values,
    audio_through_effect,
    loss_gradient,
    loss_through_effect,
)
from trainables.matching.knob_space import KnobSpace
from trainables.matching.spectral_metrics import multi_resolution_stft

DRY = np.random.default_rng(0).normal(0.0, 0.1, (3, 1, 512)).astype(np.float32)
TARGET = np.array([[0.3, 0.6], [0.5, 0.5], [0.9, 0.2]])
POINTS = np.array([[0.4, 0.7], [0.2, 0.3], [0.6, 0.6]])
CENTRAL = GradientConfig("differences", 1e-4)
MANY_DRAWS = GradientConfig("spsa", 1e-4, 4000)


def amplified(points: Values, items: Items) -> np.ndarray:
    """A numpy effect: gain g0 * x plus g1 * x delayed by one sample."""
    delayed = np.roll(DRY, 1, axis=2)
    return (points[:, 0, None, None] * DRY[items] + points[:, 1, None, None] * delayed[items]).astype(np.float32)


def squared_error(points: Values, items: Items) -> Values:
    difference = amplified(points, items).astype(np.float64) - amplified(TARGET[items], items)
    return np.square(difference).sum(axis=(1, 2))


def analytic() -> Values:
    """d/dg of the squared error: 2 <y - target, dy/dg>."""
    items = np.arange(3)
    difference = amplified(POINTS, items).astype(np.float64) - amplified(TARGET, items)
    directions = np.stack([DRY, np.roll(DRY, 1, axis=2)], axis=1).astype(np.float64)
    return 2.0 * np.einsum("ncs,nkcs->nk", difference, directions)


def drawing() -> np.random.Generator:
    return np.random.default_rng(1)


def test_central_differences_are_the_analytic_gradient() -> None:
    np.testing.assert_allclose(loss_gradient(POINTS, squared_error, CENTRAL, drawing()), analytic(), rtol=1e-3, atol=1e-3)


def test_averaged_spsa_is_the_analytic_gradient() -> None:
    found = loss_gradient(POINTS, squared_error, MANY_DRAWS, drawing())
    assert np.abs(found - analytic()).max() < 0.1 * np.abs(analytic()).max()


@pytest.mark.parametrize("config", [CENTRAL, MANY_DRAWS])
def test_the_loss_is_differentiable_and_so_is_the_audio_to_the_same_gradient(config: GradientConfig) -> None:
    by_loss = torch.tensor(POINTS, requires_grad=True)
    loss_through_effect(by_loss, squared_error, config, drawing()).sum().backward()
    by_audio = torch.tensor(POINTS, requires_grad=True)
    target = torch.from_numpy(amplified(TARGET, np.arange(3)))
    (audio_through_effect(by_audio, amplified, config, drawing()) - target).square().sum().backward()
    assert by_loss.grad is not None and by_audio.grad is not None
    scale = np.abs(analytic()).max()
    assert np.abs(by_loss.grad.numpy() - analytic()).max() < 0.1 * scale
    assert np.abs(by_audio.grad.numpy() - analytic()).max() < 0.1 * scale


def test_losses_and_audio_are_those_at_the_points_and_weights_scale_the_gradient() -> None:
    points = torch.tensor(POINTS, requires_grad=True)
    losses = loss_through_effect(points, squared_error, CENTRAL, drawing())
    np.testing.assert_allclose(losses.detach().numpy(), squared_error(POINTS, np.arange(3)))
    audio = audio_through_effect(points, amplified, CENTRAL, drawing())
    np.testing.assert_array_equal(audio.detach().numpy(), amplified(POINTS, np.arange(3)))
    (losses * torch.tensor([1.0, 0.0, -2.0])).sum().backward()
    assert points.grad is not None
    np.testing.assert_allclose(points.grad.numpy(), analytic() * np.array([[1.0], [0.0], [-2.0]]), rtol=1e-3, atol=2e-3)


@pytest.mark.parametrize("kind", ["spsa", "differences"])
def test_at_an_edge_the_difference_is_divided_by_the_step_that_was_taken(kind: str) -> None:
    slope = np.array([3.0, -2.0])
    config = GradientConfig(kind, 0.1, 2000)  # type: ignore[arg-type]

    def linear(points: Values, items: Items) -> Values:
        assert points.min() >= 0.0 and points.max() <= 1.0
        return points @ slope

    found = loss_gradient(np.array([[0.0, 1.0], [1.0, 0.02]]), linear, config, drawing())
    np.testing.assert_allclose(found, np.tile(slope, (2, 1)), atol=0.2 if kind == "spsa" else 1e-9)


def test_a_knob_that_does_nothing_has_no_gradient_and_no_step_gives_none() -> None:
    flat = loss_gradient(POINTS, lambda points, items: points[:, 0], CENTRAL, drawing())
    np.testing.assert_allclose(flat, np.tile([1.0, 0.0], (3, 1)), atol=1e-9)
    still = loss_gradient(POINTS, squared_error, GradientConfig("differences", 0.0), drawing())
    np.testing.assert_array_equal(still, np.zeros((3, 2)))


def test_the_log_counts_renders_and_tells_signal_from_noise() -> None:
    random, log, noise = drawing(), GradientLog(), GradientLog()
    loss_gradient(POINTS, squared_error, GradientConfig("spsa", 0.01, 64), random, log)
    loss_gradient(POINTS, lambda points, items: random.normal(size=len(points)), GradientConfig("spsa", 0.01, 64), random, noise)
    assert log.renders == 2 * 64 * 3
    assert log.mean_signal_to_noise() > 10.0 > 3.0 > noise.mean_signal_to_noise()
    assert np.isnan(GradientLog().mean_signal_to_noise())


def test_on_a_real_plugin_the_mean_of_draws_points_where_differences_point() -> None:
    effect = load_effects("mda")["overdrive"]
    clip = np.random.default_rng(2).normal(0.0, 0.1, (1, 8192)).astype(np.float32)
    target = apply(effect, clip, 44_100, {"drive": 0.8, "muffle": 0.3})

    def losses(points: Values, items: Items) -> Values:
        wet = [apply(effect, clip, 44_100, {"drive": drive, "muffle": muffle}) for drive, muffle in points]
        return np.array([np.abs(one - target).mean() for one in wet])

    at = np.array([[0.4, 0.6]])
    central = loss_gradient(at, losses, GradientConfig("differences", 0.02), drawing())[0]
    spsa = loss_gradient(at, losses, GradientConfig("spsa", 0.02, 32), drawing())[0]
    assert central[0] < 0.0 < central[1]
    assert central @ spsa > 0.9 * np.linalg.norm(central) * np.linalg.norm(spsa)


def test_where_a_knob_moves_delays_by_whole_samples_the_usual_step_gives_gradients_of_the_right_length() -> None:
    """The size of the ambience: by the waveform, at a step of 0.0005, the gradient is many times too long."""
    effect, space = load_effects("mda")["ambience"], KnobSpace(load_effects("mda")["ambience"].parameters)
    clip = np.random.default_rng(3).normal(0.0, 0.1, (1, 16_384)).astype(np.float32)
    right = torch.from_numpy(apply(effect, clip, 44_100, space.settings(np.array([0.3, 0.3, 0.8]))))[None]

    def renders(points: Values, items: Items) -> np.ndarray:
        return np.stack([apply(effect, clip, 44_100, space.settings(point)) for point in points])

    def spectral(audio: torch.Tensor) -> torch.Tensor:
        return multi_resolution_stft(audio, right).sum()

    def losses(points: Values, items: Items) -> Values:
        return np.array([float(spectral(torch.from_numpy(one)[None])) for one in renders(points, items)])

    at = np.array([[0.6, 0.6, 0.5]])

    def by_audio(step: float) -> float:
        points = torch.tensor(at, requires_grad=True)
        spectral(audio_through_effect(points, renders, GradientConfig("differences", step), drawing())).backward()
        assert points.grad is not None
        return float(points.grad.norm())

    by_loss = loss_gradient(at, losses, GradientConfig("differences"), drawing())
    usual, tiny = by_audio(GradientConfig().step), by_audio(5e-4)
    assert usual < 4.0 * np.linalg.norm(by_loss) < tiny
