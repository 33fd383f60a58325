"""One objective, or several of them."""

from __future__ import annotations

from typing import Any

import pytest

from tune.errors import InvalidInput
from tune.sweep_file.spec import parse_sweep

TWO = [{"metric": "eval/probe_accuracy"}, {"metric": "trial/seconds", "mode": "min"}]
NO_STOPPING = {"scheduler": {"type": "none"}}


def refusal(**values: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        parse_sweep({"name": "x", **values})
    return str(caught.value)


def test_one_objective_stays_a_mapping_and_several_a_list() -> None:
    one = parse_sweep({"name": "x", "objective": TWO[0]})
    two = parse_sweep({"name": "x", "objective": TWO, **NO_STOPPING})
    assert one.canonical()["objective"] == {"metric": "eval/probe_accuracy", "mode": "max"}
    assert [objective["mode"] for objective in two.canonical()["objective"]] == ["max", "min"]
    assert two.objective == one.objective and len(two.objectives) == 2
    assert parse_sweep(two.canonical()) == two


@pytest.mark.parametrize(
    ("objective", "told"),
    [
        ([], "objective = 0 objectives: There must be 1 to 3"),
        ([{"metric": "eval/probe_accuracy"}] * 2, "objective[1] = eval/probe_accuracy: Each objective may be given once."),
        ([TWO[1], TWO[0]], "objective = trial/seconds: The first objective must be a score"),
        (TWO[1], "objective = trial/seconds: The first objective must be a score"),
        ([TWO[0], {"metric": "trial/second", "mode": "min"}], "objective[1].metric = trial/second: "),
        ([TWO[0], {"metric": "trial/seconds"}], "objective[1].mode = max: This must be min: less of trial/seconds is better."),
        ([TWO[0], {"mtric": 1}], "objective[1].mtric = 1: There is no such key"),
        ([TWO[0], 3], "objective[1] = 3: This must be a mapping of metric, mode."),
        ({"mode": "less"}, "objective.mode = 'less': This must be one of max, min."),
    ],
)
def test_mistaken_objectives_are_refused_with_their_place(objective: object, told: str) -> None:
    assert refusal(objective=objective, **NO_STOPPING).startswith(f"sweep: {told}")


@pytest.mark.parametrize("scheduler", ["asha", "median"])
def test_several_objectives_cannot_stop_trials_early(scheduler: str) -> None:
    told = refusal(objective=TWO, scheduler={"type": scheduler})
    assert told.startswith(f"sweep: scheduler.type = {scheduler}: Of several objectives none says alone")
    assert "Write scheduler: {type: none}" in told


def test_the_rules_of_unseen_scores_hold_for_each_objective() -> None:
    objective = [TWO[0], {"metric": "eval/unseen_gain"}]
    told = refusal(objective=objective, search={"effect_split": {"hold_out": 1}}, **NO_STOPPING)
    assert told.startswith("sweep: objective[1].metric = eval/unseen_gain: It tells the held-out effects apart")
