"""Trials of one sweep beside each other: which ones, and what is told of each, for the terminal, programs and the page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from trainables.errors import nearest
from tune.errors import InvalidInput
from tune.ledger.status import TrialStatus, finite
from tune.pages.material import Material, estimate
from tune.pages.measures import measure_of, setting_name, value_text

AT_ONCE = 4  # that are compared if nobody says which
MOST = 6  # colours that can be told apart
SCORES = (
    "eval/probe_accuracy", "eval/seen_accuracy", "eval/unseen_accuracy", "eval/unseen_gain", "eval/retrieval", "eval/settings_r2",
    "eval/skill/mean", "eval/recording_leakage", "control/untrained/probe_accuracy", "control/pca/probe_accuracy",
)  # fmt: skip
CONTROLS = {"control/untrained/probe_accuracy": "untrained encoder", "control/pca/probe_accuracy": "PCA"}


@dataclass(frozen=True)
class Row:
    """One line of a comparison: a name, and a text for each trial; `differs` where they are not all the same."""

    name: str
    cells: tuple[str, ...]
    differs: bool
    kind: str = "score"  # or "setting"


def chosen_trials(material: Material, wanted: str | None) -> tuple[TrialStatus, ...]:
    """The trials that are named, or the best ones.

    Args:
        wanted: numbers with commas between, like "3,7,12".

    Raises:
        InvalidInput: what is not a number, not a trial of the sweep, or has reported nothing yet; too many.
    """
    told = [trial for trial in material.status.trials if trial.number in material.courses]
    if not told:
        raise InvalidInput(f"sweep '{material.name}': no trial has completed an epoch yet, so there is nothing to compare.")
    if wanted is None:
        ranked = [*material.ranked, *(trial for trial in told if trial not in material.ranked)]
        return tuple(ranked[:AT_ONCE])
    by_number = {str(trial.number): trial for trial in told}
    numbers = list(dict.fromkeys(part.strip() for part in wanted.split(",") if part.strip()))
    for number in numbers:
        if number not in by_number:
            remedy = nearest(number, by_number)
            raise InvalidInput(f"trial '{number}': sweep '{material.name}' has no trial of this number with an epoch. {remedy}")
    if not 1 <= len(numbers) <= MOST:
        raise InvalidInput(f"--trials {wanted}: {len(numbers)} trials. Name 1 to {MOST} of them, like --trials 3,7,12.")
    return tuple(by_number[number] for number in numbers)


def comparison(material: Material, trials: Sequence[TrialStatus]) -> tuple[Row, ...]:
    """Settings first, then how each ended, then scores with their intervals."""
    names = list(dict.fromkeys(name for trial in trials for name in trial.params))
    settings = [_row(setting_name(name), [_setting(trial, name) for trial in trials], "setting") for name in names]
    ends = [
        _row("state", [trial.state for trial in trials]),
        _row("epochs", [str(trial.epochs) for trial in trials]),
        _row("seconds", [f"{trial.seconds:.0f}" for trial in trials]),
    ]
    metrics = list(dict.fromkeys((material.metric, *SCORES)))
    scores = [
        _row(_score_name(m), [_score(trial, m) for trial in trials]) for m in metrics if any(m in t.metrics for t in trials)
    ]
    return (*settings, *ends, *scores)


def comparison_table(material: Material, trials: Sequence[TrialStatus]) -> Table:
    """For the terminal; settings that differ are bold."""
    table = Table(box=SIMPLE_HEAD, padding=0)
    table.add_column("", no_wrap=True)
    for trial in trials:
        best = trial == material.status.best()
        table.add_column(Text(f"{'* ' if best else ''}trial {trial.number}"), justify="right")
    for row in comparison(material, trials):
        style = "bold" if row.kind == "setting" and row.differs else None
        table.add_row(Text(row.name), *(Text(cell) for cell in row.cells), style=style)
    return table


def comparison_facts(material: Material, trials: Sequence[TrialStatus]) -> dict[str, Any]:
    """As JSON values, in full."""
    return {
        "name": material.name,
        "objective": dict(material.status.objective),
        "evaluation_hash": material.status.evaluation_hash,
        "trials": [_facts(material, trial) for trial in trials],
    }


def _facts(material: Material, trial: TrialStatus) -> dict[str, Any]:
    curve = material.courses[trial.number].by_epochs
    told = {name: getattr(trial, name) for name in ("number", "state", "reason", "epochs", "seconds", "score", "run_id")}
    course = {"epochs": list(curve.times), "values": list(curve.values)}
    return told | {"params": dict(trial.params), "metrics": finite(trial.metrics), "curve": course}


def _row(name: str, cells: Sequence[str], kind: str = "score") -> Row:
    return Row(name, tuple(cells), len(set(cells)) > 1, kind)


def _setting(trial: TrialStatus, name: str) -> str:
    return value_text(trial.params[name]) if name in trial.params else "-"


def _score_name(metric: str) -> str:
    short = measure_of(_of_model(metric)).short
    return f"{CONTROLS[metric]}{short[short.find(' (') :] if ' (' in short else ''}" if metric in CONTROLS else short


def _score(trial: TrialStatus, metric: str) -> str:
    measure, found = measure_of(_of_model(metric)), estimate(trial, metric)
    if found is None:
        return "-"
    ends = f" ({measure.text(found.low)} to {measure.text(found.high)})" if math.isfinite(found.low) else ""
    return f"{measure.text(found.value)}{ends}"


def _of_model(metric: str) -> str:
    """The model's own score, of a control's."""
    return f"eval/{metric.split('/', 2)[2]}" if metric.startswith("control/") else metric


def effect_scores(trial: TrialStatus, prefix: str) -> Mapping[str, float]:
    """A score of each effect by its name, such as those that begin with `eval/probe_recall/`."""
    return {name.removeprefix(prefix): value for name, value in finite(trial.metrics).items() if name.startswith(prefix)}
