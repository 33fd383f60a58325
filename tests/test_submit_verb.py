"""`fxsweep submit` and what goes with it, in this process, with a job server that is a stand-in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import ray.job_submission
from job_servers import ADDRESS, Client, job, status_line
from planned_status import sweep, trial
from ray.job_submission import JobStatus

from tune.cli import main

Command = Callable[..., tuple[int, str, str]]


class Quick(Client):
    """Whose jobs end at once, as a test says; one server for all who ask."""

    own: Quick | None = None
    status, code, said = JobStatus.SUCCEEDED, 0, ""

    def __new__(cls, address: str) -> Quick:
        cls.own = cls.own or super().__new__(cls)
        return cls.own

    def __init__(self, address: str) -> None:
        if not hasattr(self, "job"):
            super().__init__(address)
            self.job.submission_id = None

    def submit_job(self, **given: Any) -> str:
        super().submit_job(**given)
        self.others[-1] = job(
            given["submission_id"], self.status, 3_000_000, driver_exit_code=self.code, metadata=given["metadata"]
        )
        self.log = self.said
        return str(given["submission_id"])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Quick:
    monkeypatch.setattr(Quick, "own", None)
    monkeypatch.setattr(ray.job_submission, "JobSubmissionClient", Quick)
    for name in ("RAY_API_SERVER_ADDRESS", "MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_PASSWORD", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    return Quick(ADDRESS)


@pytest.fixture
def submit(server: Quick, capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        return main(["submit", "quickstart", "--address", ADDRESS, *arguments]), *capsys.readouterr()

    return run


def test_the_size_is_shown_and_a_second_time_what_is_there(submit: Command, server: Quick) -> None:
    code, out, err = submit()
    assert (code, err) == (0, "") and out.startswith("Submitted sweep quickstart (sends ") and " MB). Watch it: " in out
    code, out, err = submit()
    assert (code, err) == (0, "") and out.startswith("Sweep quickstart is there already (complete). Watch it: ")
    assert submit("--again")[1].startswith("Submitted sweep quickstart-2")
    assert [sent["submission_id"] for sent in server.submitted] == ["fxsweep-quickstart", "fxsweep-quickstart-2"]


def test_programs_are_told_the_same(submit: Command) -> None:
    first, second = (json.loads(submit("--json")[1]) for _ in range(2))
    assert first.pop("sent_bytes") > 500_000 and second.pop("sent_bytes") == 0
    facts = {"name": "quickstart", "submission_id": "fxsweep-quickstart", "address": ADDRESS}
    assert (first, second) == (facts | {"found": None}, facts | {"found": "complete"})


@pytest.mark.parametrize(
    ("status", "own", "code", "state"),
    [(JobStatus.SUCCEEDED, 0, 0, "complete"), (JobStatus.STOPPED, None, 4, "stopped"), (JobStatus.FAILED, None, 6, "failed")],
)
def test_waiting_ends_with_the_verdict_and_for_programs_with_the_last_status(
    submit: Command, server: Quick, status: JobStatus, own: int | None, code: int, state: str
) -> None:
    server.status, server.code = status, own  # type: ignore[assignment]
    last = sweep(trial(0), state="complete", ended=2000.0) if state == "complete" else sweep(trial(0))
    server.said = status_line(last)
    answer, out, err = submit("--wait", "--json")
    assert (answer, err, json.loads(out)["state"]) == (code, "", state)
    assert submit("--wait", "--again")[0] == code


def test_secrets_of_this_machine_are_named_and_not_sent(submit: Command, server: Quick, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "hush-hush")
    code, out, err = submit()
    assert code == 0 and err.startswith("Not sent, since everybody with the token could read it: MLFLOW_TRACKING_PASSWORD.")
    assert "hush-hush" not in out + err + json.dumps(server.submitted)


def test_a_folder_of_recordings_is_the_clusters(submit: Command, server: Quick, tmp_path: Path) -> None:
    assert submit("--audio", "/data/recordings")[0] == 0
    code, out, err = submit("--audio", "recordings/")
    assert (code, out) == (2, "") and "audio.path 'recordings/': recordings are not sent" in " ".join(err.split())
    assert len(server.submitted) == 1


def test_a_check_runs_nothing_and_prints_what_the_cluster_said(submit: Command, server: Quick) -> None:
    server.said = (
        "2026-11-23 INFO job_manager.py:581 -- set up.\nRunning entrypoint for job fxerrand-1: sh\nEverything can be reached.\n"
    )
    assert submit("--check") == (0, "Everything can be reached.\n", "")
    (sent,) = server.submitted
    assert sent["submission_id"].startswith("fxerrand-") and "--home '\"'\"'~/fxsweep'\"'\"' --check" in sent["entrypoint"]


def test_a_check_that_fails_prints_the_one_paragraph_and_has_its_exit_code(submit: Command, server: Quick) -> None:
    server.said, server.status, server.code = "fxsweep: audio.path '/x': no.\n", JobStatus.FAILED, 2
    assert submit("--check") == (2, "", "fxsweep: audio.path '/x': no.\n")


def test_a_dry_run_tells_how_much_would_be_sent_and_asks_nobody(submit: Command, server: Quick) -> None:
    assert 500_000 < json.loads(submit("--dry-run")[1])["sent_bytes"] < 2**21
    assert server.submitted == []


def test_a_sweep_that_was_sent_goes_on_in_the_same_home_with_the_same_claim(
    submit: Command, server: Quick, capsys: pytest.CaptureFixture[str]
) -> None:
    server.status, server.code = JobStatus.STOPPED, None  # type: ignore[assignment]
    submit("--home", "/my data", "--python", "/opt/python", "--set", "priority=3")
    server.status, server.code = JobStatus.SUCCEEDED, 0
    capsys.readouterr()
    assert main(["resume", "quickstart", "--address", ADDRESS, "--wait"]) == 0
    assert "Sweep quickstart goes on (sends " in capsys.readouterr().out
    first, second = server.submitted
    assert second["submission_id"] == "fxsweep-quickstart.2" and second["metadata"] == first["metadata"]
    assert "/opt/python -m tune.cli resume quickstart --home '\"'\"'/my data'\"'\"'" in second["entrypoint"]


def test_a_sweep_of_another_cluster_goes_on_from_its_storage(server: Quick, capsys: pytest.CaptureFixture[str]) -> None:
    storage = "s3://laboratory/sweeps?scheme=http&region=us-east-1"
    assert main(["resume", "lost", "--address", ADDRESS, "--storage", storage, "--wait"]) == 0
    (request,) = server.submitted
    assert request["submission_id"] == "fxsweep-lost"
    assert f"resume lost --storage '\"'\"'{storage}'\"'\"' --home '\"'\"'~/fxsweep'\"'\"' --status-lines" in request["entrypoint"]


def test_a_storage_that_means_nothing_on_a_cluster_is_refused_before_anything_is_sent(
    server: Quick, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["resume", "lost", "--address", ADDRESS, "--storage", "kept"]) == 2
    assert "--storage 'kept': A relative path means another folder" in capsys.readouterr().err and server.submitted == []


def test_a_waiting_sweep_is_listed_with_its_place(server: Quick, capsys: pytest.CaptureFixture[str]) -> None:
    server.others, server.log = [job("fxsweep-late", start_time=5000)], "fxsweep-queue 2\n"
    assert main(["list", "--address", ADDRESS, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "sweeps": [{"name": "late", "state": "queued", "trials": 0, "started": 5.0, "place": 2}]
    }
    assert main(["list", "--address", ADDRESS]) == 0
    assert " queued 2 " in capsys.readouterr().out
