"""A sweep whose tracking server is down, slow, lost or locked: nothing waits, nothing fails, nothing is there twice."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from processes import below
from relays import relay
from test_stores import answering

from tune.errors import InvalidInput
from tune.tracking import sweep_tracker
from tune.tracking.run_record import Point, Projection, RunRecord
from tune.tracking.run_tags import shared_tags, trial_tags
from tune.tracking.runs import Runs
from tune.tracking.server import free_port, serving
from tune.tracking.stores import Tracking, default_tracking
from tune.tracking.sweep_tracker import SweepTracker
from tune.tracking.writes import Patience

SHORT = Patience(total_seconds=0.2, first_pause_seconds=0.05)
EAGER = Patience(first_pause_seconds=0.05, longest_pause_seconds=0.2)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracking]:
    with serving(default_tracking(tmp_path_factory.mktemp("served")), free_port(5610)) as (address, _):
        yield Tracking(address, None)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep's start waits for less long, so that the tests do."""
    monkeypatch.setattr(sweep_tracker, "REFUSED_SECONDS", 0.3)
    monkeypatch.setattr(sweep_tracker, "OPEN_SECONDS", 2.0)


def start(tracking: Tracking, sweep_id: str, patience: Patience = EAGER) -> SweepTracker:
    about: dict[str, Any] = {"tags": {"seed": 0}, "params": {"trials": 4}, "spec_text": "name: splits\n"}
    return SweepTracker.open(
        tracking, sweep_name="splits", experiment="study", sweep_id=sweep_id, started_ms=1_000, patience=patience, **about
    )


def start_trial(tracker: SweepTracker, number: int) -> None:
    tracker.trial_started(number, f"z32 p{number}", {"latent_size": 32}, {})


def runs_of(store: Tracking, sweep_id: str) -> list[Any]:
    """All that are in the store and not in its bin, the parent first."""
    client = MlflowClient(tracking_uri=store.uri)
    experiments = [found.experiment_id for found in client.search_experiments()]
    found = client.search_runs(experiments, f"tags.`fxsweep.sweep_id` = '{sweep_id}'")
    return sorted(found, key=lambda run: run.data.tags.get("fxsweep.trial", ""))


def test_a_server_that_dies_costs_reports_but_no_error(server: Tracking) -> None:
    with relay(server, free_port(5650)) as relayed:
        tracker = start(relayed, "dies", SHORT)
        start_trial(tracker, 0)
        assert tracker.flush()
    for epoch in range(5):
        tracker.trial_report(0, {"epoch": float(epoch)}, epoch)
    tracker.trial_ended(0, "complete")
    counts = tracker.close("complete", {"best": 0.5}, {})
    assert (counts.written, counts.failed, counts.pending) == (3, 8, 0)
    assert "Connection refused" in counts.last_error


def test_a_server_that_comes_back_gets_everything(server: Tracking) -> None:
    port = free_port(5650)
    with relay(server, port) as relayed:
        tracker = start(relayed, "back")
        start_trial(tracker, 0)
        assert tracker.flush()
    tracker.trial_report(0, {"epoch": 1.0}, 1)
    start_trial(tracker, 1)
    tracker.trial_report(1, {"epoch": 1.0}, 1)
    assert not tracker.flush(0.3)
    with relay(server, port):
        counts = tracker.close("complete", {}, {})
    assert (counts.failed, counts.pending) == (0, 0)
    runs = [MlflowClient(tracking_uri=server.uri).get_run(tracker.run_id(number)) for number in (0, 1)]
    assert [run.data.metrics for run in runs] == [{"epoch": 1.0}] * 2


def test_kill_of_a_sweep_whose_server_is_dead_returns(server: Tracking) -> None:
    with relay(server, free_port(5650)) as relayed:
        tracker = start(relayed, "dead")
        start_trial(tracker, 0)
        assert tracker.flush()
    tracker.trial_report(0, {"epoch": 1.0}, 1)
    assert tracker.kill_now().written == 3
    assert tracker.close("stopped", {}, {}).written == 3


def test_a_server_that_is_down_at_the_start_gets_everything_when_it_is_up(server: Tracking, tmp_path: Path) -> None:
    port = free_port(5650)
    (page := tmp_path / "page.html").write_text("<p>page</p>")
    tracker = start(Tracking(f"http://127.0.0.1:{port}", None), "late")
    assert not tracker.is_open and tracker.place() == {}
    start_trial(tracker, 0)
    tracker.trial_report(0, {"epoch": 1.0}, 1, 2_000)
    tracker.sweep_artifact(page)
    with relay(server, port):
        tracker.trial_ended(0, "complete", at_ms=3_000)
        counts = tracker.close("complete", {"best": 0.5}, {}, at_ms=4_000)
    assert counts.missing == 0
    parent, child = runs_of(server, "late")
    assert tracker.place() == {"experiment": parent.info.experiment_id, "run_id": parent.info.run_id}
    assert [(run.info.start_time, run.info.end_time, run.info.status) for run in (parent,)] == [(1_000, 4_000, "FINISHED")]
    assert (child.data.metrics, child.info.end_time) == ({"epoch": 1.0}, 3_000)
    assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
    names = {file.path for file in MlflowClient(tracking_uri=server.uri).list_artifacts(parent.info.run_id)}
    assert names == {"spec.yaml", "page.html"}


def test_a_server_that_never_comes_is_not_waited_for_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_tracker, "STALLED_SECONDS", 0.5)
    tracker = start(Tracking(f"http://ada:secret@127.0.0.1:{free_port(5650)}", None), "never")
    start_trial(tracker, 0)
    counts = tracker.close("complete", {}, {}, timeout_seconds=600.0)
    assert (counts.written, counts.missing) == (0, 6) and tracker.kill_now().written == 0


def test_what_went_wrong_is_told_without_the_password() -> None:
    tracker = start(Tracking(f"http://ada:secret@127.0.0.1:{free_port(5650)}", None), "shy", SHORT)
    tracker.close("complete", {}, {})
    assert "ada:***@" in tracker.counts().last_error and "secret" not in tracker.counts().last_error


def test_a_server_that_is_no_mlflow_is_refused_at_once() -> None:
    with answering(404) as host, pytest.raises(InvalidInput, match="answers 404"):
        start(Tracking(f"http://{host}", None), "wrong")


def test_a_run_whose_making_was_not_answered_is_not_made_twice(server: Tracking, monkeypatch: pytest.MonkeyPatch) -> None:
    made = list[str]()
    create = Runs.create

    def unanswered(runs: Runs, *given: Any) -> str:
        made.append(create(runs, *given))
        if len(made) in (1, 2):
            raise MlflowException("the connection was cut")
        return made[-1]

    monkeypatch.setattr(Runs, "create", unanswered)
    tracker = start(server, "cut")
    start_trial(tracker, 0)
    assert tracker.close("complete", {}, {}).missing == 0
    assert [run.info.run_id for run in runs_of(server, "cut")] == made == [tracker.parent_run_id, tracker.run_id(0)]


def test_runs_made_twice_all_the_same_are_dropped_at_the_end_unless_they_say_something(server: Tracking) -> None:
    tracker = start(server, "twice")
    start_trial(tracker, 0)
    assert tracker.flush()
    own = runs_of(server, "twice")
    runs = Runs(MlflowClient(tracking_uri=server.uri), tracker.experiment_id)
    for run in own:
        runs.create(run.info.run_name, run.data.tags, 1_000)
    kept = runs.create(own[1].info.run_name, own[1].data.tags, 1_000)
    runs.add(kept, {"epoch": 1.0}, 1, 1_000, {})
    assert tracker.close("complete", {}, {}).missing == 0
    assert {run.info.run_id for run in runs_of(server, "twice")} == {tracker.parent_run_id, tracker.run_id(0), kept}


def test_a_sweep_taken_up_again_finds_its_run_by_its_id(server: Tracking) -> None:
    lost = start(server, "again")
    start_trial(lost, 0)
    assert lost.flush()
    again = start(server, "again")
    assert again.close("complete", {}, {}).missing == 0
    parent, child = runs_of(server, "again")
    assert parent.info.run_id == lost.parent_run_id == again.parent_run_id
    assert (child.info.status, child.data.tags["fxsweep.state"]) == ("KILLED", "stopped")


def test_a_trial_taken_up_again_gets_the_epochs_that_its_run_lacks(server: Tracking) -> None:
    lost = start(server, "behind")
    start_trial(lost, 0)
    lost.trial_report(0, {"train/loss": 0.9}, 1, 1_000)
    assert lost.flush()
    again = start(server, "behind")
    told = (Point("train/loss", 0.9, 1, 1_000), Point("train/loss", 0.8, 2, 2_000))
    again.trial_started(0, "z32 p0", {"latent_size": 32}, {}, points=told)
    again.trial_report(0, {"train/loss": 0.7}, 3, 3_000)
    assert again.close("complete", {}, {}).missing == 0
    history = MlflowClient(tracking_uri=server.uri).get_metric_history(again.run_id(0), "train/loss")
    assert sorted((point.step, point.value, point.timestamp) for point in history) == [
        (1, 0.9, 1_000), (2, 0.8, 2_000), (3, 0.7, 3_000)
    ]  # fmt: skip


def test_what_was_given_up_is_written_at_the_end_if_the_server_is_back(server: Tracking) -> None:
    port = free_port(5650)
    with relay(server, port):
        tracker = start(Tracking(f"http://127.0.0.1:{port}", None), "hole", SHORT)
        start_trial(tracker, 0)
        assert tracker.flush()
    tracker.trial_report(0, {"epoch": 1.0}, 1, 2_000)
    tracker.flush()
    assert tracker.counts().failed == 1
    with relay(server, port):
        tracker.trial_report(0, {"epoch": 2.0}, 2, 3_000)
        tracker.trial_ended(0, "complete", at_ms=4_000)
        assert tracker.close("complete", {}, {}, at_ms=5_000, ledgers=lambda: ledgers("hole")).missing == 0
    _, child = runs_of(server, "hole")
    history = MlflowClient(tracking_uri=server.uri).get_metric_history(child.info.run_id, "epoch")
    assert sorted((point.step, point.timestamp, point.value) for point in history) == [(1, 2_000, 1.0), (2, 3_000, 2.0)]


def ledgers(sweep_id: str) -> Projection:
    """What `test_what_was_given_up` should have written."""
    shared = shared_tags("splits", sweep_id, {})
    points = (Point("epoch", 1.0, 1, 2_000), Point("epoch", 2.0, 2, 3_000))
    child = RunRecord(0, "z32 p0", {}, trial_tags(shared, 0, {}), points, (), 1_000, 4_000, "FINISHED")
    return Projection(sweep_id, "", RunRecord(None, "splits", {}, shared, (), (), 1_000, 5_000, "FINISHED"), (child,))


def test_a_locked_database_costs_a_delay(tmp_path: Path) -> None:
    store = default_tracking(tmp_path)
    start(store, "first").close("complete", {}, {})
    lock = sqlite3.connect(str(store.database), isolation_level=None, check_same_thread=False)
    lock.execute("BEGIN EXCLUSIVE")
    tracker = start(store, "locked")
    start_trial(tracker, 0)
    tracker.trial_report(0, {"epoch": 1.0}, 1)
    assert tracker.counts().written == 0
    lock.rollback()
    assert tracker.close("complete", {}, {}).missing == 0
    assert [run.info.status for run in runs_of(store, "locked")] == ["FINISHED", "KILLED"]


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_server_whose_disk_is_full_gets_everything_when_there_is_room(tmp_path: Path) -> None:
    with serving(default_tracking(tmp_path), free_port(5680)) as (address, process):
        tracker = start(Tracking(address, None), "full")
        start_trial(tracker, 0)
        assert tracker.flush()
        written = tracker.counts().written
        let_write(process.pid, 0)
        tracker.trial_report(0, {"epoch": 1.0}, 1, 1_000)
        tracker.trial_report(0, {"epoch": 2.0}, 2, 2_000)
        assert not tracker.flush(3.0)
        assert (tracker.counts().written, tracker.counts().failed) == (written, 0) and tracker.counts().last_error
        let_write(process.pid, resource.RLIM_INFINITY)
        tracker.trial_ended(0, "complete", at_ms=3_000)
        assert tracker.close("complete", {}, {}).missing == 0
        history = MlflowClient(tracking_uri=address).get_metric_history(tracker.run_id(0), "epoch")
    assert [(point.step, point.value) for point in history] == [(1, 1.0), (2, 2.0)]


def let_write(pid: int, file_bytes: int) -> None:
    """How large the files may become that a server and its processes write: 0 is to them what a full disk is."""
    for number in [pid, *(child.process_id for child in below(pid))]:
        resource.prlimit(number, resource.RLIMIT_FSIZE, (file_bytes, resource.RLIM_INFINITY))


@pytest.mark.slow
def test_a_server_that_stands_still_neither_delays_a_sweep_nor_gets_anything_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "2")
    with serving(default_tracking(tmp_path), free_port(5670)) as (address, process):
        store = Tracking(address, None)
        os.killpg(process.pid, signal.SIGSTOP)
        tracker = start(store, "still")
        for number in range(3):
            start_trial(tracker, number)
            for epoch in (1, 2):
                tracker.trial_report(number, {"epoch": float(epoch)}, epoch, 1_000 * epoch)
        time.sleep(8.0)
        assert tracker.counts().written == 0
        os.killpg(process.pid, signal.SIGCONT)
        assert tracker.close("complete", {}, {}).missing == 0
        parent, *children = runs_of(store, "still")
        client = MlflowClient(tracking_uri=address)
        histories = [client.get_metric_history(child.info.run_id, "epoch") for child in children]
    assert parent.info.run_id == tracker.parent_run_id
    assert [[(point.step, point.value) for point in history] for history in histories] == [[(1, 1.0), (2, 2.0)]] * 3
