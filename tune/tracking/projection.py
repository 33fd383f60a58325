"""What MLflow should say of a sweep, from the sweep's folder alone.

Decisions are in the study, measurements in Ray Tune's trial folders; how the driver saw them is in status.json. MLflow is a
projection of these: what is written live (sweep_tracker.py) and what is made here agree, metric for metric.
"""

from __future__ import annotations

from pathlib import Path

from trainables.rendering.render_counts import from_facts
from tune.analysis.rung_correlations import early_stopping_metrics
from tune.driver.examination import examined_again, late_controls, late_ms
from tune.driver.examiner import check_tags
from tune.driver.opening import shown_spec, sweep_params
from tune.ledger.home import SweepFolder
from tune.ledger.identity import Identity
from tune.ledger.measurements import read_reports, trial_results
from tune.ledger.reasons import full_reason
from tune.ledger.status import SweepStatus, TrialStatus, to_ms
from tune.space.names import run_name
from tune.sweep_file.spec import Sweep
from tune.sweep_file.split_section import split_names
from tune.tracking.descriptions import closing_tags
from tune.tracking.news import news_of_each
from tune.tracking.run_record import Point, Projection, RunRecord
from tune.tracking.run_tags import STATUS, ending_tags, named, parent_tags, plain_params, shared_tags, split_tag, trial_tags

PAGES = ("*.md", "*.csv", "*.html")  # what a sweep as a whole leaves in its folder for people


def projection(folder: SweepFolder, sweep: Sweep, identity: Identity, status: SweepStatus) -> Projection:
    """All runs of a sweep that has ended, or whose driver is gone.

    Args:
        status: what the sweep's files say, settled (`settled.settled_status`).
    """
    trials = tuple(trial_record(folder, sweep, identity, trial) for trial in status.trials if trial.state != "running")
    known = status.mlflow.get("run_id", "")
    return Projection(identity.sweep_id, known, _parent_record(folder, sweep, identity, status), trials)


def trial_record(folder: SweepFolder, sweep: Sweep, identity: Identity, trial: TrialStatus) -> RunRecord:
    """The run of a trial that has ended."""
    shared = shared_tags(folder.name, identity.sweep_id, identity.tags)
    known = {"tune_trial_id": trial.tune_trial_id} if trial.tune_trial_id else {}
    known |= split_tag(split_names(sweep.search), trial.params)
    checks = {} if trial.worries is None else check_tags(examined_again(sweep, folder, trial))
    ending = ending_tags(trial.state, full_reason(folder, trial))
    return RunRecord(
        number=trial.number,
        name=run_name(trial.params),
        params=plain_params(trial.params),
        tags=trial_tags(shared, trial.number, known) | ending | named(checks),
        points=trial_points(folder, trial),
        files=_below(folder.pictures(trial.number)),
        started_ms=to_ms(trial.started),
        ended_ms=to_ms(trial.ended or trial.started + trial.seconds),
        status=STATUS[trial.state],
    )


def _parent_record(folder: SweepFolder, sweep: Sweep, identity: Identity, status: SweepStatus) -> RunRecord:
    shared = shared_tags(folder.name, identity.sweep_id, identity.tags)
    return RunRecord(
        number=None,
        name=folder.name,
        params=plain_params(sweep_params(sweep)),
        tags=parent_tags(shared) | closing_tags(status) | ending_tags(status.state, status.message),
        points=_closing(folder, status),
        files=tuple(file for pattern in PAGES for file in sorted(folder.path.glob(pattern))),
        started_ms=identity.started_ms,
        ended_ms=to_ms(status.ended or 0.0),
        status=STATUS[status.state],
        texts={"spec.yaml": shown_spec(sweep)},
        figures=_below(folder.figures),
    )


def trial_points(folder: SweepFolder, trial: TrialStatus) -> tuple[Point, ...]:
    """What a trial has reported, each epoch once, controls when they change; then those that were made later."""
    reports = read_reports(trial_results(folder, trial.number))
    started_ms = to_ms(trial.started)
    told = ((report.epoch, report.at_ms or started_ms, new) for report, new in news_of_each(reports))
    points = [Point(name, value, epoch, at_ms) for epoch, at_ms, new in told for name, value in new.items()]
    late, at_ms = late_controls(folder, trial.number), late_ms(folder, trial.number)
    return (*points, *(Point(name, value, trial.epochs, at_ms) for name, value in late.items()))


def _closing(folder: SweepFolder, status: SweepStatus) -> tuple[Point, ...]:
    """The sweep's own metrics, which are told when it ends in order."""
    best, at_ms = status.best(), to_ms(status.ended or 0.0)
    if not status.rendering:
        return ()
    summary = {"best_score": best.score} if best and best.score is not None else {}
    metrics = summary | from_facts(status.rendering).metrics() | early_stopping_metrics(folder)
    return tuple(Point(name, float(value), 0, at_ms) for name, value in metrics.items())


def _below(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(file for file in folder.iterdir() if file.is_file())) if folder.is_dir() else ()
