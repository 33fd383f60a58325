"""A whole sweep as a user runs it: `fxsweep run` in its own process, real Ray, real plugins, a real MLflow store."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
import soundfile
from listening import listeners
from mlflow import MlflowClient
from mlflow_contents import contents
from small_sweep import RUN_SECONDS, SMALL, changed, command, environment, facts, fxsweep, write_sweep

from tune.ledger.study import study_trials
from tune.tracking.stores import Tracking, default_tracking

pytestmark = pytest.mark.slow
TERMINAL = {"FINISHED", "FAILED", "KILLED"}


@dataclass(frozen=True)
class Ran:
    home: Path
    output: str
    status: dict[str, Any]

    @property
    def client(self) -> MlflowClient:
        return MlflowClient(tracking_uri=self.status["mlflow"]["uri"])

    def children(self) -> list[Any]:
        return children(self.client, self.status)


def children(client: MlflowClient, status: dict[str, Any]) -> list[Any]:
    parent = status["mlflow"]["run_id"]
    return list(client.search_runs([status["mlflow"]["experiment"]], f"tags.`mlflow.parentRunId` = '{parent}'"))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("sweep")
    home = folder / "home"
    done = fxsweep("run", str(write_sweep(folder, SMALL)), "--home", str(home))
    assert done.returncode == 0, done.stdout + done.stderr
    return Ran(home, done.stdout, facts("status", "small", "--home", str(home)))


def test_run_ends_with_table_best_model_map_and_link(ran: Ran) -> None:
    assert "warning  scheduler.grace_epochs 1: the longest patience is 2 epochs" in ran.output
    assert f"trial {ran.status['best']}" in ran.output
    assert "fx-small@champion" in ran.output and "fxsweep ui" in ran.output
    assert "workflowType=machine_learning" in ran.output
    map_line = next(line for line in ran.output.splitlines() if line.startswith("map"))
    assert Path(map_line.split(maxsplit=1)[1]).read_bytes().startswith(b"\x89PNG")
    assert "Traceback" not in ran.output and "raylet" not in ran.output


def test_status_has_every_trial_terminal_with_its_score_and_run(ran: Ran) -> None:
    status = ran.status
    assert status["state"] == "complete" and len(status["trials"]) == SMALL["budget"]["trials"]
    assert {t["state"] for t in status["trials"]} <= {"complete", "pruned"}
    assert all(t["run_id"] and 0 <= t["score"] <= 1 and t["epochs"] >= 1 for t in status["trials"])
    assert all({"latent_size", "patience", "effect_split"} <= set(t["params"]) for t in status["trials"])
    assert status["model"] == {"name": "fx-small", "version": "1", "alias": "champion"}
    assert {"pca", "random", "statistics", "statistics_pca", "untrained", "wet_vae"} == set(status["controls"])
    best = max((t for t in status["trials"] if t["state"] == "complete"), key=lambda t: t["score"])
    assert status["trials"][status["best"]]["score"] == best["score"]


def test_mlflow_has_one_parent_and_one_terminal_child_a_trial(ran: Ran) -> None:
    parent = ran.client.get_run(ran.status["mlflow"]["run_id"])
    assert parent.info.status == "FINISHED"
    assert {child.info.run_id for child in ran.children()} == {t["run_id"] for t in ran.status["trials"]}
    assert {child.info.status for child in ran.children()} == {"FINISHED"}
    for child in ran.children():
        tags = child.data.tags
        assert {"fxsweep.spec_hash", "fxsweep.evaluation_hash", "fxsweep.seed", "fxsweep.code_version"} <= set(tags)
        assert {"latent_size", "patience", "effect_split"} <= set(child.data.params)


def test_every_epoch_of_every_trial_is_in_mlflow(ran: Ran) -> None:
    for trial in ran.status["trials"]:
        points = ran.client.get_metric_history(trial["run_id"], "eval/probe_accuracy")
        assert sorted(p.step for p in points) == list(range(1, trial["epochs"] + 1))
        assert max(points, key=lambda p: p.step).value == pytest.approx(trial["score"])
        assert ran.client.get_run(trial["run_id"]).data.metrics["control/pca/probe_accuracy"] > 0


def test_every_trial_has_its_map_as_picture_and_table_and_its_curve(ran: Ran) -> None:
    for trial in ran.status["trials"]:
        names = {artifact.path for artifact in ran.client.list_artifacts(trial["run_id"])}
        assert {"latent_map.png", "latent_map.parquet", "latent_map.html", "learning_curve.png"} <= names
    table = pyarrow.parquet.read_table(ran.home / "small" / "maps" / "trial-0" / "latent_map.parquet")
    assert {"x", "y", "effect", "recording", "settings"} <= set(table.column_names)
    assert len(table) == 10 * 2 * SMALL["evaluation"]["settings_per_effect"]


def test_every_trial_was_asked_whether_to_worry_and_answers_the_same_from_its_files(ran: Ran) -> None:
    for trial in ran.status["trials"]:
        tags = ran.client.get_run(trial["run_id"]).data.tags
        assert tags["fxsweep.worry"] == trial["worries"]
        assert tags["fxsweep.check.weights"].startswith("fine: validation loss")
        assert "should_i_worry.html" in {artifact.path for artifact in ran.client.list_artifacts(trial["run_id"])}
    best = ran.client.get_run(ran.status["trials"][ran.status["best"]]["run_id"]).data.tags
    again = facts("status", "small", "--worries", "--home", str(ran.home))["checks"]
    assert {f"fxsweep.check.{c['name']}": f"{c['verdict']}: {c['figure']}" for c in again}.items() <= best.items()
    assert len(again) == 10 and "\nworries  " in ran.output


def test_mlflow_can_be_made_again_from_the_sweeps_files_in_every_value(ran: Ran, tmp_path: Path) -> None:
    assert set(facts("sync", "small", "--home", str(ran.home))["written"].values()) == {0}
    other = Tracking(f"sqlite:///{tmp_path}/other.db", str(tmp_path / "artifacts"))
    made = facts("sync", "small", "--home", str(ran.home), "--tracking", other.uri)
    assert made["written"]["runs"] == 1 + SMALL["budget"]["trials"] and made["model"]["is_new"]
    assert contents(other, "small") == contents(default_tracking(ran.home), "small")


def test_parent_run_has_the_spec_and_the_leaderboard(ran: Ran) -> None:
    names = {artifact.path for artifact in ran.client.list_artifacts(ran.status["mlflow"]["run_id"])}
    assert "spec.yaml" in names and any("leaderboard" in name for name in names)
    assert "effect_splits.html" in names


def test_study_agrees_with_status(ran: Ran) -> None:
    study = {t.number: t for t in study_trials(ran.home / "small" / "study.journal", "small")}
    for trial in ran.status["trials"]:
        told = study[trial["number"]]
        assert told.state == trial["state"] and dict(told.params) == trial["params"]
        assert set(told.values_by_epoch) == set(range(1, trial["epochs"] + 1))
    assert len(study) == len(ran.status["trials"])


def test_blocks_were_shared_by_the_trials(ran: Ran) -> None:
    metrics = ran.client.get_run(ran.status["mlflow"]["run_id"]).data.metrics
    assert 0 < metrics["takes/rendered"] < metrics["takes/asked"]


def test_champion_embeds_recordings_from_the_command_line(ran: Ran, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for name in ("dry", "wet"):
        soundfile.write(tmp_path / f"{name}.wav", 0.1 * random.standard_normal(3 * 8192), 16000)
    told = facts(
        "embed", "fx-small@champion", str(tmp_path / "wet.wav"), "--dry", str(tmp_path / "dry.wav"),
        "-o", str(tmp_path / "out.parquet"), "--home", str(ran.home),
    )  # fmt: skip
    table = pyarrow.parquet.read_table(tmp_path / "out.parquet")
    assert told["clips"] == len(table) == 3
    assert np.isfinite(np.stack(table["embedding"].to_numpy())).all()


def test_champion_is_pulled_with_its_card(ran: Ran, tmp_path: Path) -> None:
    facts("pull", "fx-small@champion", "-o", str(tmp_path / "model"), "--home", str(ran.home))
    card = (tmp_path / "model" / "card.md").read_text()
    assert ran.status["evaluation_hash"] in card and "## Should I worry?" in card
    told = json.loads((tmp_path / "model" / "card.json").read_text())
    assert told["controls"] == ran.status["controls"], "also those that were made after the model had been registered"
    read_back = next(check for check in told["worries"] if check["name"] == "weights")
    assert read_back["verdict"] == "fine", "read back, as its pictures were drawn"


def test_second_run_of_a_sweep_gets_a_name_of_its_own_and_a_taken_name_is_refused(ran: Ran, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, changed(budget={"trials": 1}, train={"workers": 0, "max_epochs": 1}))
    refused = fxsweep("run", str(sweep), "--home", str(ran.home), "--name", "small")
    assert refused.returncode == 2 and "small" in refused.stderr and "--name" in refused.stderr
    done = fxsweep("run", str(sweep), "--home", str(ran.home))
    assert done.returncode == 0, done.stderr
    assert facts("status", "small-2", "--home", str(ran.home))["model"]["version"] == "2"


def test_workers_do_not_change_the_numbers(tmp_path: Path) -> None:
    scores = {}
    for workers in (0, 1, 2):
        home = tmp_path / str(workers)
        spec = changed(budget={"trials": 1}, train={"workers": workers, "max_epochs": 2}, scheduler={"type": "none"})
        (tmp_path / str(workers)).mkdir()
        done = fxsweep("run", str(write_sweep(home, spec)), "--home", str(home))
        assert done.returncode == 0, done.stderr
        metrics = facts("status", "small", "--home", str(home))["trials"][0]["metrics"]
        scores[workers] = {k: v for k, v in metrics.items() if k.startswith(("train/", "validation/", "eval/probe_accuracy"))}
    assert scores[0] == scores[1]
    assert {k: v for k, v in scores[2].items() if "eval" not in k} == pytest.approx(
        {k: v for k, v in scores[0].items() if "eval" not in k}, rel=1e-3
    )


@pytest.fixture
def running(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A sweep in the middle of its first trials; with one worker each, or as many as a test asks for."""
    train = {"max_epochs": 500, "patience": 500, "workers": getattr(request, "param", 1)}
    spec = changed(train=train, search={"latent_size": [4, 8], "patience": 500}, scheduler={"type": "none"})
    home, output = tmp_path / "home", tmp_path / "output.txt"
    with output.open("w") as file:
        process = subprocess.Popen(
            command("run", str(write_sweep(tmp_path, spec)), "--home", str(home)),
            stdout=file, stderr=subprocess.STDOUT, text=True, env=environment(),
        )  # fmt: skip
    status = home / "small" / "status.json"
    end = time.monotonic() + RUN_SECONDS
    try:
        while not (status.exists() and any(t["epochs"] > 1 for t in json.loads(status.read_text())["trials"])):
            assert process.poll() is None and time.monotonic() < end, output.read_text()
            time.sleep(0.5)
        yield home, process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("how", ["stop", "ctrl-c"])
def test_stopped_sweep_leaves_no_run_running(running: tuple[Path, subprocess.Popen[str]], how: str) -> None:
    home, process = running
    if how == "stop":
        stopped = fxsweep("stop", "small", "--home", str(home))
        assert stopped.returncode == 0, stopped.stderr
    else:
        process.send_signal(signal.SIGINT)
    assert process.wait(300) == 4
    status = facts("status", "small", "--home", str(home))
    assert status["state"] == "stopped" and {t["state"] for t in status["trials"]} == {"stopped"}
    client = MlflowClient(tracking_uri=status["mlflow"]["uri"])
    assert {run.info.status for run in children(client, status)} == {"KILLED"}
    assert client.get_run(status["mlflow"]["run_id"]).info.status == "KILLED"
    assert {t.state for t in study_trials(home / "small" / "study.journal", "small")} == {"stopped"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("running", [1, 2], indirect=True)
def test_running_sweep_listens_on_loopback_only(running: tuple[Path, subprocess.Popen[str]]) -> None:
    _, process = running
    found = listeners(process.pid)
    assert len(found) > 3 and all(found.values()), found


def test_killed_driver_is_told_as_stopped(running: tuple[Path, subprocess.Popen[str]]) -> None:
    home, process = running
    process.kill()
    process.wait()
    status = facts("status", "small", "--home", str(home))
    assert status["state"] == "stopped" and "running" not in {t["state"] for t in status["trials"]}


def test_sweep_whose_trials_all_diverge_exits_3_with_every_trial_pruned_and_its_reason(tmp_path: Path) -> None:
    spec = changed(budget={"trials": 2}, model={"beta": 1e38}, train={"workers": 0})
    done = fxsweep("run", str(write_sweep(tmp_path, spec)), "--home", str(tmp_path))
    assert done.returncode == 3, done.stdout + done.stderr
    assert "not finite" in done.stderr and "Traceback" not in done.stderr
    status = facts("status", "small", "--home", str(tmp_path))
    assert {t["state"] for t in status["trials"]} == {"pruned"}
    assert all("not finite" in t["reason"] for t in status["trials"])
    client = MlflowClient(tracking_uri=status["mlflow"]["uri"])
    assert {run.info.status for run in children(client, status)} == {"FINISHED"}
    assert {run.data.tags["fxsweep.state"] for run in children(client, status)} == {"pruned"}
    assert client.get_run(status["mlflow"]["run_id"]).info.status == "FAILED"
    log = fxsweep("logs", "small", "--home", str(tmp_path))
    assert "FloatingPointError" in log.stdout


def test_budget_spent_before_a_trial_finished_exits_5(tmp_path: Path) -> None:
    spec = changed(budget={"trials": 2, "hours": 0.0005}, train={"workers": 0, "max_epochs": 500, "patience": 500},
                   search={"latent_size": [4], "patience": 500}, scheduler={"type": "none"})  # fmt: skip
    done = fxsweep("run", str(write_sweep(tmp_path, spec)), "--home", str(tmp_path))
    assert done.returncode == 5, done.stdout + done.stderr
    status = facts("status", "small", "--home", str(tmp_path))
    client = MlflowClient(tracking_uri=status["mlflow"]["uri"])
    assert {run.info.status for run in children(client, status)} <= TERMINAL
    assert client.get_run(status["mlflow"]["run_id"]).info.status in TERMINAL


def test_recordings_of_every_kind_are_used_and_bad_ones_named(tmp_path: Path) -> None:
    recordings, random = tmp_path / "recordings", np.random.default_rng(0)
    (recordings / "deep" / "er").mkdir(parents=True)
    for number in range(10):
        rate, channels = (16000, 1) if number % 2 else (22050, 2)
        tone = np.sin(np.arange(3 * rate)[:, None] * (0.02 + 0.01 * number)) * np.ones(channels)
        file = recordings / ("deep/er" if number % 3 else "") / f"take {number}.{'flac' if number % 2 else 'ogg'}"
        soundfile.write(file, 0.3 * tone + 0.01 * random.standard_normal(tone.shape), rate)
    (recordings / "broken.wav").write_bytes(b"RIFF nonsense")
    (recordings / "empty.flac").write_bytes(b"")
    soundfile.write(recordings / "short.wav", random.standard_normal(100), 16000)
    soundfile.write(recordings / "silent.wav", np.zeros(3 * 16000), 16000)
    spec = changed(budget={"trials": 1}, train={"workers": 0, "max_epochs": 1})
    done = fxsweep("run", str(write_sweep(tmp_path, spec)), "--home", str(tmp_path / "home"), "--audio", str(recordings))
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(name in done.stdout for name in ("broken.wav", "empty.flac", "short.wav", "silent.wav"))
