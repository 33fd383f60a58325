"""Runs name what they were scored on, and a logged model is found by its scores on it. Real MLflow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from mlflow import MlflowClient
from tiny_model import tiny_config, tiny_state

from tune.models.registry import register_best
from tune.tracking.datasets import EVALUATION, RECORDINGS, link_scores
from tune.tracking.descriptions import NOTE, describe_experiment
from tune.tracking.runs import Runs
from tune.tracking.stores import default_tracking
from tune.tracking.sweep_tracker import SweepTracker

TAGS = {"evaluation_hash": "45398feed436e5dc", "corpus_id": "c0ffee"}
REPORTS = ({"eval/probe_accuracy": 0.4, "eval/probe_recall/delay": 0.2}, {"eval/probe_accuracy": 0.7, "train/loss": 1.0})
SOME_ONES_OWN = "What I try to find out."


@dataclass(frozen=True)
class Told:
    """A sweep of one trial, whose model is registered."""

    client: MlflowClient
    runs: Runs
    parent: str
    run_id: str


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    tracking = default_tracking(tmp_path_factory.mktemp("home"))
    params = {"scheduler.type": "none", "search.effect_split": "..."}
    tracker = SweepTracker.open(tracking, sweep_name="splits", experiment="study", tags=TAGS, params=params, spec_text="")
    tracker.trial_started(3, "z4 p2", {}, {})
    for epoch, metrics in enumerate(REPORTS, 1):
        tracker.trial_report(3, metrics, epoch, 1000 * epoch)
    tracker.trial_ended(3, "complete")
    run_id = tracker.wait_for_run(3)
    config = tiny_config()
    what = {"config": config, "state": tiny_state(config), "card": {}, "metrics": {"epoch": 2}}
    register_best(tracking, run_id=run_id, model_name="fx", **what)
    tracker.close("complete", {}, {})
    runs = Runs.of_experiment(tracking, "study")
    return Told(MlflowClient(tracking_uri=tracking.uri, registry_uri=tracking.uri), runs, tracker.parent_run_id, run_id)


def found(told: Told, condition: str, dataset: dict[str, str]) -> int:
    return len(told.client.search_logged_models([told.runs.experiment_id], condition, datasets=[dataset]))


def test_every_run_names_its_evaluation_set_and_its_recordings(told: Told) -> None:
    for run_id in (told.parent, told.run_id):
        given = {i.dataset.name: (i.dataset.digest, i.tags[0].value) for i in told.client.get_run(run_id).inputs.dataset_inputs}
        assert given == {EVALUATION: (TAGS["evaluation_hash"], "evaluation"), RECORDINGS: (TAGS["corpus_id"], "training")}


def test_a_model_is_found_by_its_last_score_on_the_evaluation_set(told: Told) -> None:
    dataset = {"dataset_name": EVALUATION, "dataset_digest": TAGS["evaluation_hash"]}
    assert found(told, "metrics.`eval/probe_accuracy` > 0.6", dataset) == 1
    assert found(told, "metrics.`eval/probe_accuracy` > 0.8", dataset) == 0
    assert found(told, "metrics.`eval/probe_accuracy` > 0.6", dataset | {"dataset_digest": "another"}) == 0


def test_linking_gives_the_run_no_value_that_it_has_not(told: Told) -> None:
    history = [(p.step, p.timestamp, p.value) for p in told.client.get_metric_history(told.run_id, "eval/probe_accuracy")]
    assert sorted(history) == [(1, 1000, 0.4), (2, 2000, 0.7)]


def test_a_run_without_an_evaluation_set_links_nothing(told: Told) -> None:
    bare = told.client.create_run(told.runs.experiment_id)
    assert link_scores(told.client, bare.info.run_id, "m-none") == 0


def test_the_experiment_links_to_the_pages_that_its_sweeps_have(told: Told) -> None:
    text = told.client.get_experiment(told.runs.experiment_id).tags[NOTE]
    address = f"#/experiments/{told.runs.experiment_id}/runs/{told.parent}/artifacts/summary.html"
    assert address in text and "**splits**" in text and "effect_splits.html" in text and "early_stopping.html" not in text


def test_a_description_of_somebodys_own_stays(told: Told, tmp_path: Path) -> None:
    runs = Runs(told.client, told.client.create_experiment("own", artifact_location=tmp_path.as_uri()))
    told.client.set_experiment_tag(runs.experiment_id, NOTE, SOME_ONES_OWN)
    assert not describe_experiment(runs)
    assert told.client.get_experiment(runs.experiment_id).tags[NOTE] == SOME_ONES_OWN
