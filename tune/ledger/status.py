"""What a sweep is doing, as a value: the driver writes it, `fxsweep status` and `list` read it."""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from tune.errors import InvalidInput
from tune.ledger.home import write_json
from tune.ledger.standing import best_trial, front

TrialState = Literal["running", "complete", "pruned", "failed", "stopped"]
SWEEP_ENDED = "the sweep ended"  # why a trial was stopped that was still running
DRIVER_GONE = "its driver is gone"  # the message of a sweep that did not end in order
_AS_IT_IS = (
    "budget_trials", "started", "ended", "evaluation_hash", "corpus_id", "spent_seconds", "compute_seconds",
    "message", "rendering", "repeat", "split_names", "queue_place",
)  # fmt: skip
CONTROLS = ("pca", "random", "statistics", "statistics_pca", "untrained", "wet_vae")


@dataclass(frozen=True)
class TrialStatus:
    """One trial. `score` is the objective of the model it would keep; None before the first epoch."""

    number: int
    state: TrialState
    params: Mapping[str, Any]
    score: float | None = None
    epochs: int = 0
    run_id: str | None = None
    reason: str = ""  # why it ended: "patience", "max_epochs", "asha", an error's last line
    seconds: float = 0.0
    metrics: Mapping[str, float] = field(default_factory=dict)
    worries: str | None = None  # names of the checks that fired, "" if none did; None before they were made
    started: float = 0.0  # seconds since the epoch, as `ended`
    ended: float | None = None
    tune_trial_id: str = ""  # Ray Tune's own name of it


@dataclass(frozen=True)
class SweepStatus:
    """One sweep. `state` is that of the whole: running, complete, failed or stopped."""

    name: str
    state: TrialState
    objective: Mapping[str, str]  # metric, mode
    mlflow: Mapping[str, str]  # uri, experiment, run_id
    trials: tuple[TrialStatus, ...] = ()  # by number
    model: Mapping[str, str] | None = None  # name, version
    budget_trials: int = 0
    started: float = 0.0  # seconds since the epoch
    ended: float | None = None
    evaluation_hash: str = ""
    corpus_id: str = ""
    spent_seconds: float = 0.0  # by the clock, over all drivers that it had
    compute_seconds: float = 0.0  # of CPUs (of GPUs, if trials have some)
    message: str = ""
    rendering: Mapping[str, Any] = field(default_factory=dict)  # RenderCounts.facts()
    objectives: tuple[Mapping[str, str], ...] = ()  # all of several; none beside a single one
    repeat: int = 1  # seeds that a point is trained with
    split_names: Mapping[str, str] = field(default_factory=dict)  # what the sweep's author calls effect splits, if anything
    queue_place: int = 0  # from 1 while it waits for other sweeps on its cluster to end

    def best(self) -> TrialStatus | None:
        """The best of the trials that ended by themselves (tune/ledger/standing.py); among the pruned if there is none."""
        return best_trial(self)

    def front(self) -> tuple[int, ...]:
        """Of several objectives: the trials that nothing beats in all of them."""
        return front(self)

    def with_trial(self, trial: TrialStatus) -> SweepStatus:
        place, known = self._place(trial.number), self.known(trial.number) is not None
        return replace(self, trials=(*self.trials[:place], trial, *self.trials[place + known :]))

    def trial(self, number: int) -> TrialStatus:
        """Raises KeyError if there is none of that number."""
        if (found := self.known(number)) is None:
            raise KeyError(number)
        return found

    def known(self, number: int) -> TrialStatus | None:
        found = self.trials[(place := self._place(number)) : place + 1]
        return found[0] if found and found[0].number == number else None

    def _place(self, number: int) -> int:
        """Where a trial of that number stands, or would."""
        return bisect_left(self.trials, number, key=lambda trial: trial.number)

    def ended_as(self, state: TrialState, at_seconds: float, message: str = "") -> SweepStatus:
        """The sweep's end; whatever still ran is stopped."""
        trials = tuple(_cut_off(trial, at_seconds) if trial.state == "running" else trial for trial in self.trials)
        return replace(self, state=state, trials=trials, ended=at_seconds, message=message)


def _cut_off(trial: TrialStatus, at_seconds: float) -> TrialStatus:
    return replace(trial, state="stopped", reason=trial.reason or SWEEP_ENDED, ended=at_seconds)


def to_ms(seconds: float) -> int:
    """Seconds since 1970 as MLflow counts them."""
    return round(seconds * 1000)


def finite(metrics: Mapping[str, Any]) -> dict[str, float]:
    """The numeric metrics that are finite."""
    numbers = {k: float(v) for k, v in metrics.items() if isinstance(v, int | float) and not isinstance(v, bool)}
    return {k: v for k, v in numbers.items() if math.isfinite(v)}


def controls(trial: TrialStatus | None) -> dict[str, dict[str, float]]:
    """The controls' scores beside a trial: {"pca": {"probe_accuracy": ...}, "untrained": {...}}."""
    if trial is None:
        return {}
    found = {name: _below(trial.metrics, f"control/{name}/") for name in CONTROLS}
    return {name: scores for name, scores in found.items() if scores}


def _below(metrics: Mapping[str, float], prefix: str) -> dict[str, float]:
    return {key.removeprefix(prefix): value for key, value in metrics.items() if key.startswith(prefix)}


def to_json(status: SweepStatus) -> dict[str, Any]:
    """The object that `fxsweep status --json` prints."""
    best = status.best()
    shown = [_trial_json(trial) for trial in status.trials]
    rest = {key: getattr(status, key) for key in _AS_IT_IS}
    return {
        "name": status.name,
        "state": status.state,
        "trials": shown,
        "best": best.number if best else None,
        "objective": dict(status.objective),
        "objectives": [dict(objective) for objective in status.objectives],
        "front": list(status.front()),
        "mlflow": dict(status.mlflow),
        "model": dict(status.model) if status.model else None,
        "controls": controls(best),
        **rest,
    }


def _trial_json(trial: TrialStatus) -> dict[str, Any]:
    return vars(trial) | {"params": dict(trial.params), "metrics": finite(trial.metrics)}


def from_json(value: Mapping[str, Any]) -> SweepStatus:
    """The other way round. Keys it doesn't know are passed over: a cluster's fxsweep may be newer than this one."""
    trials = tuple(TrialStatus(**_known(TrialStatus, trial)) for trial in value["trials"])
    objectives = tuple(value.get("objectives", ()))
    return SweepStatus(**_known(SweepStatus, value) | {"trials": trials, "objectives": objectives})


def _known(cls: type[TrialStatus | SweepStatus], value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value[name] for name in cls.__dataclass_fields__ if name in value}


def write_status(path: Path, status: SweepStatus) -> None:
    write_json(path, to_json(status), indent=None)  # an indented file takes ten times as long, and is written often


def read_status(path: Path) -> SweepStatus:
    """Raises InvalidInput where the file isn't what `write_status` wrote."""
    try:
        return from_json(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"status file {path}: is damaged ({error}). Move its folder elsewhere to go on without it.") from error


def count_states(trials: Iterable[TrialStatus]) -> dict[str, int]:
    """How many trials are in each state, only those that occur."""
    counts: dict[str, int] = {}
    for trial in trials:
        counts[trial.state] = counts.get(trial.state, 0) + 1
    return counts
