"""What a report to MLflow costs: ours beside Ray's own MLflowLoggerCallback, the same reports in the same run.

    python benchmarks/tracking.py [--reports 20] [--trials 3] [--metrics 12] [--json]

Each trial starts, reports so many times and ends, in a SQLite store and on a local MLflow server. Ray's callback is driven
with the events that Ray Tune sends it; to the trial's own metrics Tune adds what it always does, which the callback
writes, too. Ours queues its writes, so two times are told of it: until the caller goes on, and until all is written.
Rounds alternate; a figure is the median of the trials'.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

if __name__ == "__main__":  # a test that imports this keeps its own
    os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
sys.path.insert(0, str(Path(__file__).parent.parent))

from mlflow import MlflowClient
from ray.air.integrations.mlflow import MLflowLoggerCallback

from tune.ledger.measurements import TUNE_KEYS, own_metrics
from tune.tracking.server import free_port, serving
from tune.tracking.stores import Tracking, default_tracking
from tune.tracking.sweep_tracker import SweepTracker

COUNTED = (
    "create_run", "get_run", "log_batch", "log_metric", "log_param", "search_runs", "set_tag", "set_terminated", "update_run",
)  # fmt: skip
PORT = 5900


@dataclass(frozen=True)
class Cost:
    """Of one report, from the first to the last of a trial.

    Attributes:
        calls: of MLflow's client.
        caller_ms: until the event loop went on.
        ms: until it was written.
    """

    calls: float
    caller_ms: float
    ms: float


class Counter:
    """Counts calls of MLflow's client in this process, from any thread."""

    def __init__(self) -> None:
        self.calls = 0

    def of(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*given: Any, **named: Any) -> Any:
            self.calls += 1
            return method(*given, **named)

        return counting


@contextmanager
def counted() -> Iterator[Counter]:
    counter = Counter()
    with ExitStack() as stack:
        for name in COUNTED:
            stack.enter_context(patch.object(MlflowClient, name, counter.of(getattr(MlflowClient, name))))
        yield counter


def results(reports: int, metrics: int) -> list[dict[str, Any]]:
    """What Ray Tune hands to its callbacks: our metrics, and its own numbers."""
    added = sorted(TUNE_KEYS - {"trial_id", "date", "hostname", "node_ip", "checkpoint_dir_name", "should_checkpoint"})
    return [
        {
            **{f"eval/score_{number}": number / (1 + epoch) for number in range(metrics)},
            **dict.fromkeys(added, epoch),
            "epoch": epoch,
        }
        for epoch in range(1, reports + 1)
    ]


Trial = Callable[[int, list[dict[str, Any]]], Cost]  # its number and results


@contextmanager
def ours(tracking: Tracking, counter: Counter) -> Iterator[Trial]:
    tracker = SweepTracker.open(tracking, sweep_name="ours", experiment="ours", tags={}, params={}, spec_text="")

    def trial(number: int, reported: list[dict[str, Any]]) -> Cost:
        tracker.trial_started(number, f"trial-{number}", {"latent_size": number}, {})
        tracker.flush()
        calls, start = counter.calls, time.perf_counter()
        for result in reported:
            tracker.trial_report(number, own_metrics(result), result["epoch"])
        caller_seconds = time.perf_counter() - start
        tracker.flush()
        cost = _cost(counter.calls - calls, caller_seconds, time.perf_counter() - start, len(reported))
        tracker.trial_ended(number, "complete")
        return cost

    yield trial
    tracker.close("complete", {}, {})


@contextmanager
def stock(tracking: Tracking, counter: Counter) -> Iterator[Trial]:
    callback = MLflowLoggerCallback(tracking_uri=tracking.uri, registry_uri=tracking.uri, experiment_name="stock")
    callback.setup()

    def trial(number: int, reported: list[dict[str, Any]]) -> Cost:
        one = StockTrial(number, {"latent_size": number})
        callback.log_trial_start(one)
        calls, start = counter.calls, time.perf_counter()
        for result in reported:
            callback.log_trial_result(0, one, result)
        seconds = time.perf_counter() - start
        cost = _cost(counter.calls - calls, seconds, seconds, len(reported))
        callback.log_trial_end(one)
        return cost

    yield trial


class StockTrial(SimpleNamespace):
    """As much of Ray Tune's trial as its callback looks at."""

    def __init__(self, number: int, config: Mapping[str, Any]) -> None:
        super().__init__(trial_id=f"trial-{number}", config=config)

    def __hash__(self) -> int:
        return hash(self.trial_id)


def _cost(calls: int, caller_seconds: float, seconds: float, reports: int) -> Cost:
    return Cost(calls / reports, 1000 * caller_seconds / reports, 1000 * seconds / reports)


def measure(tracking: Tracking, trials: int, reported: list[dict[str, Any]]) -> dict[str, Cost]:
    """Ours and Ray's, trial by trial in turns; the first of each is not counted."""
    with counted() as counter, ours(tracking, counter) as our_trial, stock(tracking, counter) as stock_trial:
        costs = [(our_trial(number, reported), stock_trial(number, reported)) for number in range(trials + 1)][1:]
    return {"ours": _median([our for our, _ in costs]), "stock": _median([stock for _, stock in costs])}


def _median(costs: list[Cost]) -> Cost:
    return Cost(*(median(getattr(cost, field) for cost in costs) for field in ("calls", "caller_ms", "ms")))


def measure_stores(folder: Path, trials: int, reported: list[dict[str, Any]]) -> dict[str, dict[str, Cost]]:
    """In a SQLite store, and on a server over another one."""
    measured = {"sqlite": measure(default_tracking(folder / "local"), trials, reported)}
    with serving(default_tracking(folder / "served"), free_port(PORT)) as (address, _):
        return measured | {"server": measure(Tracking(address, None), trials, reported)}


def figures(measured: Mapping[str, Mapping[str, Cost]]) -> dict[str, Any]:
    """By system; without a suffix in the default store, SQLite."""
    named = {
        f"{system}{'' if store == 'sqlite' else '_server'}": cost
        for store, costs in measured.items()
        for system, cost in costs.items()
    }
    return {
        "calls_per_report": {name: cost.calls for name, cost in named.items()},
        "ms_per_report": {name: round(cost.ms, 3) for name, cost in named.items()},
        "caller_ms_per_report": {name: round(cost.caller_ms, 3) for name, cost in named.items()},
        "stock_over_ours": {store: round(costs["stock"].ms / costs["ours"].ms, 2) for store, costs in measured.items()},
    }


def table(measured: Mapping[str, Mapping[str, Cost]]) -> str:
    lines = [f"{'a report':<40}{'calls':>7}{'ms until the caller goes on':>29}{'ms until written':>18}{'stock over it':>15}"]
    for store, costs in measured.items():
        for system, cost in costs.items():
            name = f"  {store}: {'fxsweep' if system == 'ours' else 'MLflowLoggerCallback'}"
            over = f"{costs['stock'].ms / cost.ms:15.1f}" if system == "ours" else ""
            lines.append(f"{name:<40}{cost.calls:7.1f}{cost.caller_ms:29.2f}{cost.ms:18.2f}{over}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=20, help="of a trial")
    parser.add_argument("--trials", type=int, default=3)
    parser.add_argument("--metrics", type=int, default=12, help="of a report, before Ray Tune adds its own")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object and nothing else")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = measure_stores(Path(folder), args.trials, results(args.reports, args.metrics))
    print(json.dumps(figures(measured)) if args.json else table(measured))


if __name__ == "__main__":
    main()
