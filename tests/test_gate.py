"""A proposal that nobody listens to: made where it was right on validation takes, left where it was noise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.torch import save_file
from small_matcher import CORPUS, EFFECTS, effects, matcher_config, matcher_folder, source, trained

from trainables.matching.deciding import Task, decide, unheard
from trainables.matching.gate import FEWEST, GATE_ITEMS, Gate, learn_gate
from trainables.matching.knob_space import KnobSpace, Units
from trainables.matching.matcher_file import MATCHER_FILE, kept_weights, matcher_of, read_matcher
from trainables.matching.mixture import Belief, Foreseen
from trainables.matching.pairing import Reference
from trainables.rendering.takes import Block, BlockRequest


def belief_in(point: Units, deviation: float = 0.1) -> Belief:
    return Belief(np.ones(1), point[None], np.full((1, len(point)), deviation))


def validation(effect: str) -> list[Block]:
    return source().blocks([BlockRequest(effect, "validation", draw, 16, "features") for draw in range(2)])


def learned(effect: str, beliefs: list[Belief]) -> Gate:
    gate = Gate(KnobSpace(effects()[effect].parameters).size)
    learn_gate(gate, beliefs, validation(effect), effects()[effect], source())
    return gate


def right(effect: str) -> list[Belief]:
    space = KnobSpace(effects()[effect].parameters)
    return [belief_in(space.point(dict(take.settings))) for block in validation(effect) for take in block.takes]


def noise(effect: str) -> list[Belief]:
    random, like = np.random.default_rng(0), right(effect)
    return [belief_in(random.integers(0, 2, belief.means.size).astype(float)) for belief in like]


@pytest.mark.parametrize("effect", EFFECTS)
def test_an_effect_whose_proposals_are_right_is_set(effect: str) -> None:
    foreseen = learned(effect, right(effect)).foresee(right(effect)[3])
    assert foreseen is not None and foreseen.after_db < 0.05 * foreseen.before_db
    assert not unheard(replace(right(effect)[3], foreseen=foreseen)).does_nothing


def test_an_effect_whose_proposals_are_noise_is_left_alone() -> None:
    foreseen = learned("limiter", noise("limiter")).foresee(noise("limiter")[3])
    assert foreseen is not None and foreseen.before_db > 0.1
    assert unheard(replace(noise("limiter")[3], foreseen=foreseen)).does_nothing


def test_what_is_foreseen_is_that_of_takes_with_like_beliefs() -> None:
    gate, random = Gate(2), np.random.default_rng(0)
    low = [belief_in(random.uniform(0.0, 0.2, 2)) for _ in range(30)]
    high = [belief_in(random.uniform(0.8, 1.0, 2)) for _ in range(30)]
    gate.learn([*low, *high], np.full(60, 4.0), np.repeat([1.0, 9.0], 30))
    assert gate.foresee(belief_in(np.full(2, 0.1))) == Foreseen(4.0, 1.0)
    assert gate.foresee(belief_in(np.full(2, 0.9))) == Foreseen(4.0, 9.0)


def test_what_could_not_be_rendered_was_left_alone_and_few_takes_foresee_nothing() -> None:
    beliefs = [belief_in(np.full(2, 0.5))] * GATE_ITEMS
    gate = Gate(2)
    gate.learn(beliefs, np.full(GATE_ITEMS, 3.0), np.full(GATE_ITEMS, np.nan))
    assert gate.foresee(beliefs[0]) == Foreseen(3.0, 3.0)
    gate.learn(beliefs[: FEWEST - 1], np.full(FEWEST - 1, 3.0), np.ones(FEWEST - 1))
    assert gate.foresee(beliefs[0]) is None
    assert not unheard(beliefs[0]).does_nothing


def test_a_trial_learns_its_gate_and_the_model_keeps_it(tmp_path: Path) -> None:
    matcher = read_matcher(matcher_folder(tmp_path) / MATCHER_FILE).matcher
    weights = kept_weights(trained()[-1].state())
    for effect in EFFECTS:
        gate = matcher.controller("blind", effect).gate
        assert int((gate.distances[:, 0] > 0.0).sum()) >= FEWEST
        assert gate.distances.equal(weights[f"controllers.blind-{effect}.gate.distances"])
        assert not matcher.controller("paired", effect).gate.distances.any()
    clip = CORPUS.recordings[0].samples[:, :16_384]
    belief = matcher.belief("blind", "overdrive", [np.zeros(matcher.controller("blind", "overdrive").centre.shape, np.float32)])
    space = KnobSpace(effects()["overdrive"].parameters)
    task = Task(clip, Reference(clip, None, CORPUS.audio.sample_rate), 0)
    decision = decide(effects()["overdrive"], space, task, belief, np.random.default_rng(0))
    assert belief.foreseen is not None and decision.renders == 0
    assert (decision.distance_before, decision.distance_after) == (belief.foreseen.before_db, belief.foreseen.after_db)


def test_a_model_of_an_older_version_has_no_gate_and_is_believed(tmp_path: Path) -> None:
    path = matcher_folder(tmp_path) / MATCHER_FILE
    with safe_open(path, framework="pt") as file:
        about, weights = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dict
    save_file({name: weight for name, weight in weights.items() if ".gate." not in name}, path, metadata=about)
    matcher = read_matcher(path).matcher
    assert matcher.controller("blind", "overdrive").gate.foresee(belief_in(np.full(2, 0.5))) is None
    parameters = {name: effects()[name].parameters for name in EFFECTS}
    with pytest.raises(RuntimeError, match="another matcher"):
        matcher_of(matcher_config(), parameters, {name: w for name, w in weights.items() if "means" not in name})
