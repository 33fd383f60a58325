"""Statuses for tests of what reads and prints them."""

from __future__ import annotations

from typing import Any

from tune.ledger.status import SweepStatus, TrialState, TrialStatus

SCORES = {"eval/probe_accuracy": 0.6, "control/pca/probe_accuracy": 0.5, "control/untrained/probe_accuracy": 0.55}


def trial(number: int, state: TrialState = "complete", score: float | None = 0.6, **more: Any) -> TrialStatus:
    params = {"latent_size": 32, "patience": 2, "effect_split": "-leslie-combo-loudness"}
    metrics = {} if score is None else SCORES | {"eval/probe_accuracy": score}
    return TrialStatus(number, state, params, score, **({"epochs": 8, "metrics": metrics} | more))


def sweep(*trials: TrialStatus, state: TrialState = "running", mode: str = "max", **more: Any) -> SweepStatus:
    given = {"budget_trials": 10, "started": 1000.0, "mlflow": {"uri": "sqlite:////runs/mlflow.db", "experiment": "1"}} | more
    return SweepStatus("quickstart", state, {"metric": "eval/probe_accuracy", "mode": mode}, trials=trials, **given)
