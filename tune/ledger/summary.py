"""The last words of a run, and what `fxsweep status` and `list` show to people."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table

from trainables.diagnosis.check import Check, counted
from trainables.rendering.render_counts import from_facts
from tune.analysis.leaderboard import trial_table
from tune.analysis.score_columns import of_matchers
from tune.driver.console import SweepConsole, clock, progress_line
from tune.ledger.home import SweepFolder, home_path
from tune.ledger.standing import point_means
from tune.ledger.status import SweepStatus, count_states
from tune.search.repeats import point_key
from tune.space.names import run_name
from tune.tracking.links import runs_url

MAP_PICTURE = "latent_map.png"
SUMMARY_PAGE = "summary.html"
SEED_PAGE = "seed_study.html"
FEWEST_ENDED = 6  # trials, below which nothing can be said about effect splits
LOCAL_UI = "http://127.0.0.1:5000"


def print_summary(status: SweepStatus, home: Path, console: SweepConsole) -> None:
    """Table, best trial, where to compare, registered model, latent map."""
    console.say(*status_lines(status))
    best = status.best()
    if best is None:
        return
    picture = SweepFolder(home / status.name).pictures(best.number) / MAP_PICTURE
    if picture.is_file():
        console.say(f"map      {picture}")
    page = SweepFolder(home / status.name).path / SUMMARY_PAGE
    if page.is_file():
        console.say(f"pages    {page}")
    folder = SweepFolder(home / status.name)
    if folder.matches.is_file():
        console.say(f"listen   {folder.matches}")
    console.say(*_early_stopping(folder), *_splits(status, home), *_seed_study(status, folder))


def _early_stopping(folder: SweepFolder) -> list[str]:
    """Whether trials ended as they stood when they were compared, in a line, where enough of them ended."""
    from tune.analysis.rung_correlations import read_rung_correlations  # optuna and more, that `fxsweep list` does without

    told = "; ".join(rung.sentence() for rung in read_rung_correlations(folder))
    return [f"stopping {told} (the ends of those that were stopped are unknown)"] if told else []


def _splits(status: SweepStatus, home: Path) -> list[str]:
    """Which effects must be heard in training, in a line, from sweeps with enough trials of several splits."""
    if sum(trial.state in ("complete", "pruned") for trial in status.trials) < FEWEST_ENDED:
        return []
    from tune.analysis.split_answer import PAGE_FILE, short_answer  # numpy and more, that `fxsweep list` does without
    from tune.analysis.split_study import split_study

    study = split_study(status)
    page = SweepFolder(home / status.name).path / PAGE_FILE
    told = [f"splits   {short_answer(study)}"] if study else []
    return [*told, *([f"         {page}"] if study and page.is_file() else [])]


def _seed_study(status: SweepStatus, folder: SweepFolder) -> list[str]:
    """The answer to the seed study's question and the speed beside its own, of a sweep that has its page."""
    page = folder.path / SEED_PAGE
    if not page.is_file():
        return []
    from tune.analysis.seed_study import (
        seed_trials,
        short_answer,  # numpy and more, that `fxsweep list` does without
    )
    from tune.sweep_file.spec import load_sweep

    trials = seed_trials(load_sweep(str(folder.spec)), folder, status)
    return [f"seed     Should I be concerned? {short_answer(trials)}", f"         {page}"] if trials else []


def status_lines(status: SweepStatus) -> list[str | Table]:
    """A sweep as lines and one table."""
    lines: list[str | Table] = [headline(status)]
    if status.trials:
        lines.append(trial_table(status))
    best = status.best()
    if best is not None and best.score is not None:
        score = f"{status.objective['metric']} {best.score:.3f}{_mean(status)}{_beside(status)}"
        lines.append(f"best     trial {best.number}, {run_name(best.params)}: {score}")
    if numbers := status.front():
        lines.append(f"front    {', '.join(map(str, numbers))}: trials that none beats in every objective")
    if best is not None and best.worries is not None:
        lines.append(f"worries  {best.worries or 'none'} (fxsweep status {status.name} --worries{_home(status)})")
    if status.model is not None:
        lines += _model_lines(status, status.model)
    if status.state == "stopped":
        lines.append(f"go on    fxsweep resume {status.name}{_home(status)}")
    if status.rendering.get("rendered_takes"):
        lines.append(f"render   {from_facts(status.rendering).sentence()}")
    return [*lines, f"compare  {_where(status)}"] if status.mlflow.get("experiment") else lines


def _model_lines(status: SweepStatus, model: Mapping[str, str]) -> list[str]:
    name, alias = model["name"], model.get("alias") or "champion"
    told = f"model    {name} version {model['version']}, alias {alias}: fxsweep pull {name}@{alias} -o {name}{_home(status)}"
    if alias == "champion":
        return [told]
    return [told, f"         another sweep's model is champion; is this one better? fxsweep promote {status.name}{_home(status)}"]


def worry_lines(status: SweepStatus, checks: Sequence[Check]) -> list[str]:
    """What was found when the best trial was examined, the worries first."""
    best = status.best()
    if of_matchers(status):
        worth = "How much a matcher is worth: fxsweep evaluate MODEL --audio DIR"
        return [f"{status.name}: these questions are those of models that embed. {worth}"]
    if best is None or not checks:
        return [f"{status.name}: no trial has come to an end that could be examined."]
    told = [
        line for verdict in ("worry", "unknown", "fine") for check in checks if check.verdict == verdict for line in _told(check)
    ]
    return [f"{status.name}: should I worry about trial {best.number}, {run_name(best.params)}?", *told]


def _told(check: Check) -> list[str]:
    remedy = [f"         {check.remedy}"] if check.remedy else []
    return ["", f"{check.verdict:8} {check.name}: {check.figure}", f"         {check.sentence}", *remedy]


def headline(status: SweepStatus) -> str:
    """`quickstart: complete in 2:41, 10 trials (6 complete, 4 pruned)`."""
    message = f" ({status.message})" if status.message else ""
    if status.ended is None:
        return f"{status.name}: {status.state}{message}, {progress_line(status, '', time.time())}"
    counts = ", ".join(f"{number} {state}" for state, number in count_states(status.trials).items())
    trials = f"{counted(len(status.trials), 'trial')} ({counts})" if status.trials else "no trial started"
    return f"{status.name}: {status.state} in {clock(status.spent_seconds or status.ended - status.started)}{message}, {trials}"


def sweep_table(statuses: Sequence[SweepStatus]) -> Table:
    table = Table(box=SIMPLE_HEAD)
    for heading in ("sweep", "state", "trials", "best", "started"):
        table.add_column(heading)
    for status in statuses:
        best = status.best()
        score = f"{best.score:.3f}" if best and best.score is not None else "-"
        started = time.strftime("%Y-%m-%d %H:%M", time.localtime(status.started))
        table.add_row(status.name, state_shown(status), f"{len(status.trials)} of {status.budget_trials}", score, started)
    return table


def state_shown(status: SweepStatus) -> str:
    """`queued 2` where a sweep that counts as running waits for others."""
    return f"queued {status.queue_place}" if status.queue_place else status.state


def _home(status: SweepStatus) -> str:
    """` --home DIR` where a command would look elsewhere without it."""
    uri = status.mlflow.get("uri", "")
    if not uri.startswith("sqlite:"):
        return ""
    home = Path(uri.removeprefix("sqlite:///")).parent
    return "" if home == home_path() else f" --home {home}"


def _mean(status: SweepStatus) -> str:
    """What the best point reaches on the mean of its repeats, where it has some."""
    best = status.best()
    mean = point_means(status).get(point_key(best.params)) if best and status.repeat > 1 else None
    return f", on the mean {mean.value:.3f} ±{mean.spread:.3f} of {mean.repeats} seeds" if mean else ""


def _beside(status: SweepStatus) -> str:
    best = status.best()
    if best is None:
        return ""
    name = status.objective["metric"].removeprefix("eval/")
    shown = [(control, best.metrics.get(f"control/{control}/{name}")) for control in ("pca", "untrained")]
    parts = [f"{control} {value:.3f}" for control, value in shown if value is not None]
    return f" (controls of the same size: {', '.join(parts)})" if parts else ""


def _where(status: SweepStatus) -> str:
    uri = status.mlflow.get("uri", "")
    if uri.startswith("http"):
        return runs_url(uri, status.mlflow["experiment"])
    return f"fxsweep ui{_home(status)}, then {runs_url(LOCAL_UI, status.mlflow['experiment'])}"
