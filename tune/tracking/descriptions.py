"""What MLflow's UI says above runs: an experiment's description, with links to its sweeps' pages, and a sweep's note."""

from __future__ import annotations

import time
from collections.abc import Mapping

from tune.ledger.status import SweepStatus
from tune.pages.measures import measure_of
from tune.space.names import run_name
from tune.tracking.links import artifact_url, trials_url
from tune.tracking.run_tags import named
from tune.tracking.runs import Runs
from tune.tracking.views import SweepView, view_tag

NOTE = "mlflow.note.content"  # where the UI looks for descriptions
OURS = "fxsweep.description"  # on an experiment: the description that we wrote; another one is somebody's own
HERE = "."  # links are relative, because nobody knows under which address a reader sees them
SWEEPS_SHOWN = 10
PAGES = (
    ("summary.html", "summary"),
    ("what_mattered.html", "what mattered"),
    ("effect_splits.html", "effect splits"),
    ("early_stopping.html", "early stopping"),
    ("side_by_side.html", "trials side by side"),
)
HOW = (
    "Scores (`eval/...`) are of recordings that no trial trained on, beside those of controls (`control/...`). Compare trials "
    "whose `fxsweep.evaluation_hash` is the same. Trials are nested below their sweep."
)


def closing_tags(status: SweepStatus) -> dict[str, str]:
    """Of a sweep's run when it ends: which trial was best, and the note that the UI shows above the run."""
    best = status.best()
    found = {"best_trial": str(best.number)} if best else {}
    return named(found) | {NOTE: sweep_note(status)}


def sweep_note(status: SweepStatus) -> str:
    """Markdown: the best trial, and where the pages are."""
    best, measure = status.best(), measure_of(status.objective["metric"])
    told = "No trial has a score."
    if best is not None and best.score is not None:
        told = f"**Best**: trial {best.number}, `{run_name(best.params)}`, {measure.name} {measure.told(best.score)}."
    pages = ", ".join(f"`{file}`" for file, _ in PAGES)
    return f"{told}\n\n**Pages** are under *Artifacts*: {pages}; figures for papers in `figures/`."


def describe_experiment(runs: Runs) -> bool:
    """Writes the views of the newest sweeps' trials, and the description, unless somebody has written one; whether it did.

    Raises:
        MlflowException: the store refused it or is out of reach.
    """
    there = runs.client.get_experiment(runs.experiment_id).tags
    query = "tags.`fxsweep.role` = 'sweep'"
    order = ["attributes.start_time DESC"]
    sweeps = runs.client.search_runs([runs.experiment_id], query, max_results=SWEEPS_SHOWN, order_by=order)
    for run in sweeps:
        key, view = view_tag(SweepView.of_run(run.info.run_id, run.info.run_name, run.info.start_time, run.data.params))
        if there.get(key) != view:
            runs.client.set_experiment_tag(runs.experiment_id, key, view)
    if there.get(NOTE) and there.get(NOTE) != there.get(OURS):
        return False
    lines = [_line(runs.experiment_id, run.info, run.data.params) for run in sweeps]
    text = "\n".join(["**Pages of the sweeps** (the newest first):", "", *lines, "", HOW])
    runs.client.set_experiment_tag(runs.experiment_id, OURS, text)  # first, so that what is ours is known to be
    runs.client.set_experiment_tag(runs.experiment_id, NOTE, text)
    return True


def sweep_links(base: str, experiment_id: str, run_id: str, params: Mapping[str, str]) -> dict[str, str]:
    """Addresses of a sweep's pages by title; `params` are its run's, which tell what pages it has."""
    absent = {
        *([] if "search.effect_split" in params else ["effect_splits.html"]),
        *(["early_stopping.html"] if params.get("scheduler.type") == "none" else []),
    }
    return {title: artifact_url(base, experiment_id, run_id, file) for file, title in PAGES if file not in absent}


def _line(experiment_id: str, info: object, params: Mapping[str, str]) -> str:
    run_id, name, started_ms = (getattr(info, key) for key in ("run_id", "run_name", "start_time"))
    found = {"trials": trials_url(HERE, experiment_id, run_id)} | sweep_links(HERE, experiment_id, run_id, params)
    links = ", ".join(f"[{title}]({url})" for title, url in found.items())
    return f"- **{name}**, begun {time.strftime('%Y-%m-%d %H:%M', time.gmtime(started_ms / 1000))} UTC: {links}"
