"""Real MLflow: a SQLite store and one real server on loopback."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from mlflow import MlflowClient

from tune.errors import InvalidInput
from tune.ledger.code_version import code_version
from tune.tracking.links import artifact_url, runs_url, trials_url
from tune.tracking.runs import newest_sweep
from tune.tracking.server import free_port, serving
from tune.tracking.stores import Tracking, default_tracking, tracking_at
from tune.tracking.sweep_tracker import SweepTracker
from tune.tracking.writes import Patience

SHORT = Patience(total_seconds=0.2, first_pause_seconds=0.05)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Tracking:
    return default_tracking(tmp_path_factory.mktemp("local"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracking]:
    store = default_tracking(tmp_path_factory.mktemp("served"))
    with serving(store, free_port(5610)) as (address, _):
        yield Tracking(address, None)


@pytest.fixture(params=["local", "server"])
def tracking(request: pytest.FixtureRequest) -> Tracking:
    found: Tracking = request.getfixturevalue(request.param)
    return found


def start(tracking: Tracking, name: str = "splits", **more: Any) -> SweepTracker:
    given: dict[str, Any] = {"tags": {"spec_hash": "abc"}, "params": {"trials": 4}, "spec_text": "name: splits\n"}
    return SweepTracker.open(tracking, sweep_name=name, experiment="study", **(given | more))


def client_of(tracking: Tracking) -> MlflowClient:
    return MlflowClient(tracking_uri=tracking.uri)


def start_trial(tracker: SweepTracker, number: int) -> None:
    tracker.trial_started(number, f"z32 p{number}", {"latent size": 32, "seed": number}, {"seed": number})


def test_sweep_is_a_parent_run_with_its_trials_below(tracking: Tracking) -> None:
    tracker = start(tracking)
    for number in range(2):
        start_trial(tracker, number)
    counts = tracker.close("complete", {"best": 0.7}, {"model": "fx-vae/1"})
    client = client_of(tracking)
    parent, child = client.get_run(tracker.parent_run_id), client.get_run(tracker.run_id(1))
    assert (counts.failed, counts.pending, counts.last_error) == (0, 0, "")
    assert (parent.info.run_name, parent.info.status, parent.data.metrics) == ("splits", "FINISHED", {"best": 0.7})
    assert parent.data.tags["fxsweep.model"] == "fx-vae/1" and parent.data.params == {"trials": "4"}
    assert child.info.run_name == "z32 p1" and child.data.params == {"latent size": "32", "seed": "1"}
    assert child.data.tags["mlflow.parentRunId"] == tracker.parent_run_id
    expected = {"sweep": "splits", "trial": "1", "spec_hash": "abc", "seed": "1", "state": "stopped"}
    assert {name: child.data.tags[f"fxsweep.{name}"] for name in expected} == expected
    query = f"tags.`mlflow.parentRunId` = '{tracker.parent_run_id}'"
    assert len(client.search_runs([tracker.experiment_id], query)) == 2


def test_a_report_is_one_write_and_steps_are_epochs(tracking: Tracking, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = start(tracking)
    start_trial(tracker, 0)
    tracker.flush()
    calls: list[str] = []
    for name in [name for name in dir(MlflowClient) if not name.startswith("_")]:
        monkeypatch.setattr(MlflowClient, name, counted(name, getattr(MlflowClient, name), calls))
    for epoch in (1, 2, 3):
        tracker.trial_report(0, {"train/loss": 1 / epoch, "eval/probe_accuracy": 0.2 * epoch}, epoch)
    tracker.flush()
    monkeypatch.undo()
    assert calls == ["log_batch"] * 3
    history = client_of(tracking).get_metric_history(tracker.run_id(0), "train/loss")
    assert [(point.step, point.value) for point in history] == [(1, 1.0), (2, 0.5), (3, 1 / 3)]
    tracker.close("complete", {}, {})


def counted(name: str, method: Any, calls: list[str]) -> Any:
    def call(*arguments: Any, **named: Any) -> Any:
        calls.append(name)
        return method(*arguments, **named)

    return call


def test_numbers_that_are_not_finite_are_told_as_a_tag(local: Tracking) -> None:
    tracker = start(local)
    start_trial(tracker, 0)
    tracker.trial_report(0, {"train/loss": math.nan, "train/kl": math.inf, "epoch": 3.0}, 3)
    tracker.close("complete", {"best": math.nan}, {})
    run = client_of(local).get_run(tracker.run_id(0))
    assert run.data.metrics == {"epoch": 3.0}
    assert run.data.tags["fxsweep.not_finite"] == "train/loss, train/kl at step 3"


@pytest.mark.parametrize(
    ("state", "status"), [("complete", "FINISHED"), ("pruned", "FINISHED"), ("failed", "FAILED"), ("stopped", "KILLED")]
)
def test_every_end_is_terminal_and_says_why(local: Tracking, state: str, status: str) -> None:
    tracker = start(local)
    start_trial(tracker, 7)
    tracker.trial_ended(7, state, "because")
    tracker.close(state, {}, {})
    child, parent = (client_of(local).get_run(run_id) for run_id in (tracker.run_id(7), tracker.parent_run_id))
    assert child.info.status == parent.info.status == status
    assert child.info.end_time >= child.info.start_time
    assert (child.data.tags["fxsweep.state"], child.data.tags["fxsweep.reason"]) == (state, "because")


def test_artifacts_arrive_at_their_runs(tracking: Tracking, tmp_path: Path) -> None:
    page, folder = tmp_path / "map.html", tmp_path / "pictures"
    page.write_text("<p>map</p>")
    folder.mkdir()
    (folder / "curve.png").write_bytes(b"png")
    tracker = start(tracking)
    start_trial(tracker, 0)
    tracker.trial_artifact(0, page, "pages")
    tracker.sweep_artifact(folder, "pictures")
    assert tracker.close("complete", {}, {}).failed == 0
    client = client_of(tracking)
    assert [found.path for found in client.list_artifacts(tracker.run_id(0), "pages")] == ["pages/map.html"]
    assert {found.path for found in client.list_artifacts(tracker.parent_run_id)} == {"spec.yaml", "pictures"}
    got = client.download_artifacts(tracker.parent_run_id, "spec.yaml", str(tmp_path))
    assert Path(got).read_text() == "name: splits\n"


def test_a_trial_that_has_ended_can_still_get_tags(local: Tracking) -> None:
    tracker = start(local)
    start_trial(tracker, 0)
    tracker.trial_ended(0, "complete")
    tracker.trial_tags(0, {"worry": "", "fxsweep.check.weights": "fine: 0.2"})
    tracker.close("complete", {}, {})
    run = client_of(local).get_run(tracker.run_id(0))
    assert (run.data.tags["fxsweep.worry"], run.data.tags["fxsweep.check.weights"]) == ("", "fine: 0.2")
    assert run.info.status == "FINISHED"


def test_kill_ends_every_open_run_and_keeps_what_had_ended(tracking: Tracking) -> None:
    tracker = start(tracking)
    for number in range(6):
        start_trial(tracker, number)
    tracker.trial_ended(0, "pruned", "asha")
    tracker.flush()
    tracker.trial_report(1, {"epoch": 1.0}, 1)
    tracker.kill_now("SIGTERM")
    client = client_of(tracking)
    runs = [client.get_run(tracker.run_id(number)) for number in range(6)]
    assert [run.info.status for run in runs] == ["FINISHED"] + ["KILLED"] * 5
    assert client.get_run(tracker.parent_run_id).info.status == "KILLED"
    assert [run.data.tags["fxsweep.reason"] for run in runs] == ["asha"] + ["SIGTERM"] * 5


def test_a_sweep_taken_up_again_goes_on_in_the_same_runs(tracking: Tracking) -> None:
    lost = start(tracking)
    for number in range(2):
        start_trial(lost, number)
    lost.trial_report(0, {"epoch": 1.0}, 1)
    lost.flush()
    again = start(tracking, parent_run_id=lost.parent_run_id)
    start_trial(again, 0)
    again.trial_report(0, {"epoch": 2.0}, 2)
    again.trial_ended(0, "complete", "patience")
    assert again.close("complete", {}, {}).failed == 0
    client = client_of(tracking)
    assert (again.parent_run_id, again.run_id(0)) == (lost.parent_run_id, lost.run_id(0))
    first, second = client.get_run(lost.run_id(0)), client.get_run(lost.run_id(1))
    assert (first.info.status, first.data.metrics) == ("FINISHED", {"epoch": 2.0})
    assert (second.info.status, second.data.tags["fxsweep.state"]) == ("KILLED", "stopped")


def test_a_write_that_never_can_succeed_does_not_hold_up_the_others(local: Tracking, tmp_path: Path) -> None:
    tracker = start(local)
    start_trial(tracker, 0)
    tracker.trial_artifact(0, tmp_path / "missing.png")
    tracker.trial_report(0, {"epoch": 1.0}, 1)
    counts = tracker.close("complete", {}, {})
    assert counts.failed == 1 and "missing.png" in counts.last_error
    assert client_of(local).get_run(tracker.run_id(0)).data.metrics == {"epoch": 1.0}


def test_deleted_experiment_is_refused_with_the_remedy(tmp_path: Path) -> None:
    store = default_tracking(tmp_path)
    tracker = start(store)
    tracker.close("complete", {}, {})
    client_of(store).delete_experiment(tracker.experiment_id)
    with pytest.raises(InvalidInput, match=f"restore -x {tracker.experiment_id}"):
        start(store)


def test_newest_sweep_is_the_parent_started_last(tmp_path: Path) -> None:
    store = tracking_at(default_tracking(tmp_path).uri)
    assert store == default_tracking(tmp_path) and newest_sweep(store) is None
    for name in ("first", "second"):
        tracker = start(store, name)
        start_trial(tracker, 0)
        tracker.close("complete", {}, {})
    assert newest_sweep(store) == (tracker.experiment_id, tracker.parent_run_id)


def test_a_sweep_leaves_no_active_run_and_no_run_id_behind(local: Tracking) -> None:
    import mlflow

    tracker = start(local)
    start_trial(tracker, 0)
    tracker.close("complete", {}, {})
    assert mlflow.active_run() is None and "MLFLOW_RUN_ID" not in os.environ


def test_links_open_the_runs_table_the_trials_and_the_file() -> None:
    runs = "http://host:5000/#/experiments/3/runs"
    assert runs_url("http://host:5000/", "3") == f"{runs}?workflowType=machine_learning"
    expected = f"{runs}/ab/artifacts/pages/map%20one.html?workflowType=machine_learning"
    assert artifact_url("http://host:5000", "3", "ab", "pages/map one.html") == expected
    query = parse_qs(trials_url("http://host:5000", "3", "ab").partition("?")[2])
    assert query == {"workflowType": ["machine_learning"], "viewStateShareKey": ["fxsweep-ab"]}


def test_code_version_is_the_commit_of_the_checkout_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FXSWEEP_CODE_VERSION", raising=False)
    elsewhere = code_version(tmp_path)
    assert elsewhere in ("0.1.0", "unknown")
    monkeypatch.setenv("FXSWEEP_CODE_VERSION", "abc-dirty")
    assert code_version(tmp_path) == "abc-dirty"
