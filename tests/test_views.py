"""What the view of a sweep's trials says to MLflow's UI. That the UI understands it is seen in test_mlflow_ui.py."""

from __future__ import annotations

import json
from typing import Any

from tune.tracking.views import SweepView, view_tag

PARAMS = {
    "name": "splits", "search.latent_size": "{}", "search.patience": "{}", "search.effect_split": "{}",
    "objective.metric": "eval/retrieval", "objective.mode": "max", "train.max_epochs": "8",
}  # fmt: skip
VIEW = SweepView.of_run("ab", "splits", 1000, PARAMS)


def state(view: SweepView = VIEW) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.loads(view_tag(view)[1])["state"])
    return found


def test_a_view_is_known_by_its_sweeps_run_and_named_after_it() -> None:
    key, text = view_tag(VIEW)
    assert key == "mlflow.sharedViewState.fxsweep-ab"
    assert {**json.loads(text), "state": ""} == {"name": "splits: trials", "createdAt": 1000, "updatedAt": 1000, "state": ""}


def test_it_shows_the_trials_of_the_sweep_alone_the_best_first() -> None:
    assert state()["searchFilter"] == "tags.`mlflow.parentRunId` = 'ab'"
    assert (state()["orderByKey"], state()["orderByAsc"]) == ("metrics.`eval/retrieval`", False)
    least = SweepView.of_run("ab", "x", 0, PARAMS | {"objective.mode": "min", "objective.metric": "trial/seconds"})
    assert (state(least)["orderByKey"], state(least)["orderByAsc"]) == ("metrics.`trial/seconds`", True)


def test_its_columns_are_the_objective_its_controls_other_scores_and_what_was_searched() -> None:
    columns = state()["selectedColumns"]
    assert columns[:3] == ["metrics.`eval/retrieval`", "metrics.`control/untrained/retrieval`", "metrics.`control/pca/retrieval`"]
    assert {"metrics.`eval/unseen_gain`", "params.`latent_size`", "params.`patience`", "params.`effect_split`"} < set(columns)
    assert len(columns) == len(set(columns)) and "params.`train.max_epochs`" not in columns


def test_of_matchers_it_shows_what_is_left_in_both_modes_and_no_controls_of_embeddings() -> None:
    matchers = SweepView.of_run("ab", "x", 0, PARAMS | {"objective.metric": "eval/match_ratio", "objective.mode": "min"})
    metrics = [column for column in state(matchers)["selectedColumns"] if column.startswith("metrics")]
    kept = ("eval/match_ratio", "eval/match_ratio/paired", "eval/match_ratio/blind", "trial/seconds")
    assert metrics == [f"metrics.`{name}`" for name in kept]


def test_its_charts_are_curves_settings_against_the_objective_and_what_it_costs() -> None:
    curves, parallel, cost = state()["compareRunCharts"]
    assert (curves["type"], curves["metricKey"]) == ("LINE", "eval/retrieval")
    assert (parallel["selectedParams"], parallel["selectedMetrics"]) == (["latent_size", "patience"], ["eval/retrieval"])
    assert (cost["xaxis"]["key"], cost["yaxis"]["key"]) == ("trial/seconds", "eval/retrieval")
    (section,) = state()["compareRunSections"]
    assert {chart["metricSectionId"] for chart in state()["compareRunCharts"]} == {section["uuid"]}
