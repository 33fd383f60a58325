"""Addresses of pages of the MLflow UI that open where the reader wants to be.

Without `workflowType` MLflow opens its pages about language models, where there are no runs to be seen.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

TRAINING = {"workflowType": "machine_learning"}


def runs_url(base: str, experiment_id: str) -> str:
    """The table of an experiment's runs: its sweeps, with their trials behind the plus sign."""
    return f"{_experiment(base, experiment_id)}?{urlencode(TRAINING)}"


def trials_url(base: str, experiment_id: str, parent_run_id: str) -> str:
    """The table of a sweep's trials alone, as its view has them. With anything more in the address MLflow forgets the columns."""
    return f"{_experiment(base, experiment_id)}?{urlencode(TRAINING | {'viewStateShareKey': view_key(parent_run_id)})}"


def view_key(parent_run_id: str) -> str:
    """The name of a sweep's view of its trials (tune/tracking/views.py)."""
    return f"fxsweep-{parent_run_id}"


def artifact_url(base: str, experiment_id: str, run_id: str, path: str) -> str:
    """One file of a run, opened in the viewer; `path` is relative to the run's artifact folder."""
    return f"{_experiment(base, experiment_id)}/{run_id}/artifacts/{quote(path)}?{urlencode(TRAINING)}"


def _experiment(base: str, experiment_id: str) -> str:
    return f"{base.rstrip('/')}/#/experiments/{experiment_id}/runs"
