from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import ray

from tune.driver.cluster import WORKER_ENVIRONMENT
from tune.errors import InvalidInput
from tune.service.submission import Place, Submission, content_of, plan_resumption, plan_submission
from tune.sweep_file.spec import load_sweep, parse_sweep


def request(name: str = "quickstart", home: str = "~/fxsweep", python: str | None = None) -> Submission:
    return plan_submission(load_sweep("quickstart"), name, Place(home, python))


def told_arguments(submission: Submission, **environment: str) -> list[str]:
    """What the interpreter is given when the entrypoint runs: it is a script that prints its arguments."""
    done = subprocess.run(
        submission.entrypoint, shell=True, capture_output=True, text=True, check=True, env=os.environ | environment
    )
    return done.stdout.splitlines()


def interpreter(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text('#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("home", ["~/fxsweep", "/data/my sweeps", "it's", '"quoted" $HOME `id`', "a;b&&c", "ä\\n"])
def test_the_entrypoint_hands_on_every_path_as_it_is(tmp_path: Path, home: str) -> None:
    python = interpreter(tmp_path / "my python's" / "bin python")
    assert told_arguments(request("mine", home, str(python))) == [
        str(python), "-m", "tune.cli", "run", "sweep.yaml", "--name", "mine", "--home", home, "--status-lines",
    ]  # fmt: skip


def test_a_cluster_without_this_interpreter_takes_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = interpreter(tmp_path / "here" / "python 3")
    monkeypatch.setattr(sys, "executable", str(there))
    submission = request()
    assert told_arguments(submission)[0] == str(there)
    there.unlink()
    own = interpreter(tmp_path / "own" / "python")
    assert told_arguments(submission, PATH=f"{own.parent}:{os.environ['PATH']}")[0] == str(own)


def test_a_request_is_named_after_its_sweep_and_carries_the_workers_environment() -> None:
    submission = request("quickstart-2")
    assert (submission.name, submission.submission_id) == ("quickstart-2", "fxsweep-quickstart-2")
    content = content_of(load_sweep("quickstart"), "quickstart-2", "~/fxsweep")
    assert submission.metadata == {
        "sweep": "quickstart-2", "spec": "quickstart", "content": content, "home": "~/fxsweep", "python": "",
        "cpus": "12", "gpus": "0", "priority": "0",
    }  # fmt: skip
    assert WORKER_ENVIRONMENT.items() <= submission.environment.items()


def test_the_cluster_is_told_which_code_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tune.service.submission.code_version", lambda: "v9")
    environment = request().environment
    assert environment["FXSWEEP_CODE_VERSION"] == "v9"
    assert (environment["FXSWEEP_SUBMISSION_ID"], environment["FXSWEEP_SUBMITTED_FROM"]) == (
        "fxsweep-quickstart", f"Ray {ray.__version__}, Python {platform.python_version().rpartition('.')[0]}",
    )  # fmt: skip


def test_a_sweep_goes_on_as_a_job_of_its_own_without_a_file(tmp_path: Path) -> None:
    place = Place("/data/my sweeps", str(interpreter(tmp_path / "python")))
    before = {"spec": "mine", "content": "abc", "home": "elsewhere"}
    submission = plan_resumption("mine-2", "fxsweep-mine-2.2", place, "extend --trials 4", before)
    told = told_arguments(submission)
    assert told[1:] == ["-m", "tune.cli", "extend", "mine-2", "--trials", "4", "--home", "/data/my sweeps", "--status-lines"]
    assert (submission.submission_id, submission.sweep_text) == ("fxsweep-mine-2.2", "")
    kept = {"spec": "mine", "content": "abc", "sweep": "mine-2"}
    assert submission.metadata == kept | {"home": place.home, "python": place.python}


def test_submissions_are_the_same_if_sweep_name_and_home_are() -> None:
    sweep = load_sweep("quickstart")
    content = content_of(sweep, "quickstart", "~/fxsweep")
    assert request().metadata["content"] == content
    assert plan_submission(sweep, "quickstart-3", Place("~/fxsweep"), "quickstart").metadata["content"] == content
    others = [(load_sweep("quickstart", {"seed": 7}), "quickstart", "~/fxsweep"), (sweep, "mine", "~/fxsweep"),
              (sweep, "quickstart", "/data")]  # fmt: skip
    assert content not in {content_of(*other) for other in others}


def test_a_stopped_driver_has_half_a_minute_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_JOB_STOP_WAIT_TIME_S", raising=False)
    assert request().environment["RAY_JOB_STOP_WAIT_TIME_S"] == "30"
    monkeypatch.setenv("RAY_JOB_STOP_WAIT_TIME_S", "0")
    assert request().environment["RAY_JOB_STOP_WAIT_TIME_S"] == "0"


# ---- what cannot be sent
def sent_with(**sections: Any) -> Submission:
    return plan_submission(parse_sweep({"name": "x", **sections}), "x", Place("~"))


def test_a_password_in_the_tracking_address_is_not_sent_and_not_told() -> None:
    with pytest.raises(InvalidInput, match=r"tracking\.uri http://ada:\*\*\*@server: .*export MLFLOW_TRACKING_USERNAME") as told:
        sent_with(tracking={"uri": "http://ada:hush@server"})
    assert "hush" not in str(told.value)
    assert "http://ada@server" in sent_with(tracking={"uri": "http://ada@server"}).sweep_text


@pytest.mark.parametrize("path", ["recordings", "./recordings/", "../x", ""])
def test_a_relative_folder_of_recordings_is_refused_since_it_is_the_clusters(path: str) -> None:
    with pytest.raises(InvalidInput, match=r"audio\.path .*: recordings are not sent.*absolute path there"):
        sent_with(audio={"path": path})


@pytest.mark.parametrize("path", ["/data/recordings", "~/recordings", "synthetic"])
def test_a_folder_of_the_clusters_is_sent_as_it_is_written(path: str) -> None:
    assert f"path: {path}" in sent_with(audio={"path": path}).sweep_text
