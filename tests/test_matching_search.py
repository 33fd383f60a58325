"""Points of knobs, the search over them, and what a controller believes of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import truncnorm

from trainables.effects import load_effects
from trainables.errors import InputError
from trainables.matching.controller import Controller
from trainables.matching.knob_space import Units, knob_space
from trainables.matching.mixture import Belief, Mixture, pooled
from trainables.matching.search import evolved, search, spread_points
from trainables.parameters import Parameter

GOAL = np.array([0.3, 0.8, 0.55])


def from_goal(point: Units) -> float:
    return float(np.square(point - GOAL).sum())


def drawing() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("backend", ["mda", "pedalboard"])
def test_settings_and_points_are_the_same_thing_for_every_effect(backend: str) -> None:
    for effect in load_effects(backend).values():
        space = knob_space(effect.name, effect.parameters)
        point = drawing().random(space.size)
        settings = space.settings(point)
        assert set(settings) == {p.name for p in effect.parameters}
        assert {p.name: settings[p.name] for p in effect.parameters if p.frozen} == {
            p.name: p.default for p in effect.parameters if p.frozen
        }
        np.testing.assert_allclose(space.point(settings), point, atol=1e-9)
        np.testing.assert_allclose(space.point(space.settings(space.defaults)), space.defaults)


def test_an_effect_without_a_free_knob_is_refused() -> None:
    with pytest.raises(InputError, match="no knob that can be turned"):
        knob_space("still", (Parameter("level", 0.0, 1.0, 0.5, frozen=True),))


def test_a_search_keeps_its_budget_and_comes_near() -> None:
    asked: list[Units] = []

    def counted(point: Units) -> float:
        asked.append(point)
        assert point.min() >= 0.0 and point.max() <= 1.0
        return from_goal(point)

    found = search(counted, spread_points(3, 20, drawing()), np.full(3, 0.2), 120, drawing())
    assert len(asked) == found.renders == 120
    assert found.distance == min(map(from_goal, asked)) == from_goal(found.point) < 0.01


def test_a_search_with_few_renders_tries_the_first_proposals_and_with_none_takes_the_first() -> None:
    proposals = np.array([[0.9, 0.1, 0.1], [0.3, 0.8, 0.5], GOAL])
    assert np.array_equal(search(from_goal, proposals, np.full(3, 0.1), 2, drawing()).point, proposals[1])
    unasked = search(from_goal, proposals, np.full(3, 0.1), 0, drawing())
    assert np.array_equal(unasked.point, proposals[0]) and unasked.distance == np.inf


def test_a_refinement_without_renders_finds_nothing_and_steps_may_differ_by_knob() -> None:
    assert evolved(from_goal, GOAL, np.full(3, 0.1), 0, drawing()).distance == np.inf
    still = np.array([1e-6, 0.3, 1e-6])
    moved = evolved(lambda point: -abs(point[1] - 0.5), np.full(3, 0.5), still, 40, drawing()).point - 0.5
    assert abs(moved[1]) > 100 * max(abs(moved[0]), abs(moved[2]))


def test_spread_points_fill_the_cube() -> None:
    points = spread_points(2, 32, drawing())
    assert points.shape == (32, 2) and points.min() >= 0.0 and points.max() <= 1.0
    assert len({tuple((point * 4).astype(int)) for point in points}) > 12


MIXTURE = Mixture(
    torch.tensor([[0.25, 0.75]]).log(), torch.tensor([[[0.2, 0.9], [0.6, 0.1]]]), torch.tensor([[[0.05, 0.3], [0.1, 0.2]]])
)


def test_the_likelihood_is_that_of_normals_cut_off_at_the_ends() -> None:
    point = np.array([0.4, 0.3])
    expected = 0.0
    for weight, means, deviations in zip((0.25, 0.75), MIXTURE.means[0].numpy(), MIXTURE.deviations[0].numpy(), strict=True):
        low, high = (0.0 - means) / deviations, (1.0 - means) / deviations
        expected += weight * float(np.prod(truncnorm.pdf(point, low, high, means, deviations)))
    found = MIXTURE.log_likelihood(torch.tensor(point[None], dtype=torch.float32))
    assert float(found[0]) == pytest.approx(np.log(expected), abs=1e-3)


def test_proposals_begin_with_the_likeliest_and_the_middle_and_draws_follow_the_belief() -> None:
    belief = MIXTURE.belief(0)
    np.testing.assert_allclose(belief.middle, [0.5, 0.3], atol=1e-6)
    proposals = belief.proposals(2000, drawing())
    np.testing.assert_allclose(proposals[:2], [[0.6, 0.1], belief.middle], atol=1e-6)
    assert proposals.min() >= 0.0 and proposals.max() <= 1.0
    assert (np.abs(proposals[2:, 0] - 0.2) < 0.15).mean() == pytest.approx(0.25, abs=0.05)
    assert len(belief.proposals(0, drawing())) == 1


def test_clips_pooled_believe_what_each_believes() -> None:
    one, other = (
        Belief(np.ones(1), np.array([[0.2]]), np.array([[0.1]])),
        Belief(np.ones(1), np.array([[0.8]]), np.array([[0.1]])),
    )
    both = pooled([one, other])
    assert both.middle == pytest.approx([0.5]) and both.spread[0] == pytest.approx(np.sqrt(0.01 + 0.09))


def test_a_controller_learns_knobs_that_its_features_tell_and_remembers_its_nearest_item() -> None:
    torch.manual_seed(0)
    points = torch.rand(512, 2)
    features = torch.cat([points * 5.0 + 3.0, torch.randn(512, 6)], dim=1)
    controller = Controller(8, 2, 32, 2, 0.0)
    controller.adapt(features, points)
    before = float(-controller(features).log_likelihood(points).mean())
    optimizer = torch.optim.Adam(controller.parameters(), 3e-3)
    for _ in range(150):
        optimizer.zero_grad()
        loss = -controller(features).log_likelihood(points).mean()
        loss.backward()
        optimizer.step()
    assert float(loss) < before - 1.0
    assert float((controller(features).mean() - points).abs().mean()) < 0.1
    np.testing.assert_allclose(controller.nearest(features[0].numpy()), points[0].numpy(), atol=1e-6)


def test_a_single_knob_is_searched_too() -> None:
    found = search(lambda point: abs(float(point[0]) - 0.37), spread_points(1, 6, drawing()), np.full(1, 0.2), 40, drawing())
    assert found.point.shape == (1,) and found.distance < 0.02
