"""Addresses of pages of the MLflow UI that open where the reader wants to be."""

from __future__ import annotations

from urllib.parse import quote


def runs_url(base: str, experiment_id: str) -> str:
    """The table of an experiment's runs (the bare experiment address opens a page without runs)."""
    return f"{base.rstrip('/')}/#/experiments/{experiment_id}/runs?workflowType=machine_learning"


def artifact_url(base: str, experiment_id: str, run_id: str, path: str) -> str:
    """One file of a run, opened in the viewer; `path` is relative to the run's artifact folder."""
    return f"{base.rstrip('/')}/#/experiments/{experiment_id}/runs/{run_id}/artifacts/{quote(path)}"
