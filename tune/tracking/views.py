"""How MLflow's UI shows the trials of a sweep to whoever follows our links: columns, order, and a few charts that matter.

MLflow keeps such views as tags of an experiment, and lists them under *Views*. Without one, its table shows no score at all, and
its charts are of every metric that a run has. Its names of things are those of its JavaScript (3.17, constraints.txt);
tests/test_mlflow_ui.py is the contract test.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tune.sweep_file.objective_section import MATCH_RATIO
from tune.tracking.links import view_key

TAG = "mlflow.sharedViewState."
SEARCHED = "search."  # before a searched setting's name, among the parameters of a sweep's run
SCORES = ("eval/probe_accuracy", "eval/unseen_gain", "eval/retrieval", "eval/skill/mean", "trial/seconds")
MATCHER_SCORES = (f"{MATCH_RATIO}/paired", f"{MATCH_RATIO}/blind", "trial/seconds")
CONTROLS = ("untrained", "pca")
SECTION = "fxsweep"


@dataclass(frozen=True)
class SweepView:
    """What of a sweep its view needs; `settings` are those that were searched, `mode` is max or min."""

    name: str
    run_id: str
    started_ms: int
    metric: str
    mode: str
    settings: tuple[str, ...]

    @classmethod
    def of_run(cls, run_id: str, name: str, started_ms: int, params: Mapping[str, str]) -> SweepView:
        """From the sweep's run."""
        settings = tuple(name.removeprefix(SEARCHED) for name in params if name.startswith(SEARCHED))
        metric, mode = params.get("objective.metric", SCORES[0]), params.get("objective.mode", "max")
        return cls(name, run_id, started_ms, metric, mode, settings)


def view_tag(view: SweepView) -> tuple[str, str]:
    """The experiment's tag that holds the view: key and value."""
    times = {"createdAt": view.started_ms, "updatedAt": view.started_ms}
    return TAG + view_key(view.run_id), json.dumps({"name": f"{view.name}: trials", **times, "state": json.dumps(_state(view))})


def _state(view: SweepView) -> dict[str, Any]:
    return {
        "searchFilter": f"tags.`mlflow.parentRunId` = '{view.run_id}'",
        "orderByKey": f"metrics.`{view.metric}`",
        "orderByAsc": view.mode == "min",
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": _columns(view),
        "columnOrder": [],
        "columnWidths": {},
        "runsHiddenMode": "FIRST_20_RUNS",
        "viewMaximized": False,
        "runListHidden": False,
        "isAccordionReordered": True,  # else sections are sorted by name
        "useGroupedValuesInCharts": True,
        "hideEmptyCharts": True,
        "groupBy": None,
        "groupsExpanded": {},
        "globalLineChartConfig": {"xAxisKey": "step", "lineSmoothness": 0, "selectedXAxisMetricKey": ""},
        "compareRunSections": [_section(SECTION, view.name)],
        "compareRunCharts": _charts(view),
    }


def _columns(view: SweepView) -> list[str]:
    """The objective and what was searched, then other scores, and what controls reach in the objective."""
    controls = [f"control/{name}/{view.metric.removeprefix('eval/')}" for name in CONTROLS]
    beside = MATCHER_SCORES if view.metric == MATCH_RATIO else (*controls, *SCORES)
    metrics = dict.fromkeys([view.metric, *beside])
    return [*(f"metrics.`{name}`" for name in metrics), *(f"params.`{name}`" for name in view.settings), "tags.`fxsweep.state`"]


def _section(key: str, name: str) -> dict[str, Any]:
    return {"uuid": key, "name": name, "display": True, "isReordered": False, "deleted": False, "isGenerated": False}


def _charts(view: SweepView) -> list[dict[str, Any]]:
    """Learning curves; settings against the objective; what the objective costs."""
    numeric = [name for name in view.settings if name != "effect_split"]  # of words MLflow draws none
    return [
        _chart("curves", "LINE", metricKey=view.metric, selectedMetricKeys=[view.metric], xAxisKey="step", lineSmoothness=0),
        _chart("parallel", "PARALLEL", selectedParams=numeric, selectedMetrics=[view.metric], showAllRuns=False),
        _chart("cost", "SCATTER", xaxis={"key": "trial/seconds", "type": "METRIC"}, yaxis={"key": view.metric, "type": "METRIC"}),
    ]


def _chart(key: str, kind: str, **more: Any) -> dict[str, Any]:
    shared = {"uuid": f"fxsweep-{key}", "type": kind, "metricSectionId": SECTION, "runsCountToCompare": 100}
    return shared | {"deleted": False, "isGenerated": False} | more
