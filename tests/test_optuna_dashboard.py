"""The study of a sweep opens in optuna-dashboard, the program, as it is."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tune.search.searcher import OptunaSearcher
from tune.sweep_file.spec import parse_sweep

METRIC = "eval/probe_accuracy"
SWEEP = {
    "name": "x",
    "search": {"latent_size": {"int": [8, 64]}, "effect_split": {"hold_out": 3}, "beta": {"log": [0.03, 3]}},
    "budget": {"trials": 9},
}
START_SECONDS = 120.0


def made_study(journal: Path) -> None:
    """Of a sweep with a trial of each end, and one that runs."""
    searcher = OptunaSearcher(parse_sweep(SWEEP), journal, "x")
    failed = {"failed": True, "error": "ValueError: planted"}
    for number, last in enumerate([{"ended": "patience"}] * 4 + [{"ended": ""}, failed]):
        searcher.suggest(str(number))
        searcher.on_trial_result(str(number), {"epoch": 1, METRIC: 0.1 * number})
        searcher.on_trial_complete(str(number), {"epoch": 2, METRIC: 0.1 * number + 0.05, **last})
    searcher.suggest("running")


@pytest.fixture
def dashboard(tmp_path: Path) -> Iterator[str]:
    """The address of the program, which was given the journal and nothing else."""
    journal = tmp_path / "study.journal"
    made_study(journal)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [str(Path(sys.executable).parent / "optuna-dashboard"), str(journal), "--host", "127.0.0.1", "--port", str(port)]
    with (tmp_path / "said").open("wb") as said, subprocess.Popen(program, stdout=said, stderr=said) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/api/studies", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        with suppress(OSError):
            asked(address)
            return
        time.sleep(0.1)
    raise AssertionError(f"optuna-dashboard does not answer (it ended with {server.poll()})")


def asked(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return json.load(answer)


def test_it_shows_every_trial_with_its_state_its_curve_and_its_settings(dashboard: str) -> None:
    (study,) = asked(f"{dashboard}/api/studies")["study_summaries"]
    assert study["study_name"] == "x"
    shown = asked(f"{dashboard}/api/studies/{study['study_id']}?after=0")
    trials = shown["trials"]
    assert [trial["state"] for trial in trials] == ["Complete"] * 4 + ["Pruned", "Fail", "Running"]
    assert [point["step"] for point in trials[4]["intermediate_values"]] == [1, 2]
    assert {parameter["name"] for parameter in trials[0]["params"]} >= {"latent_size", "beta"}
    assert trials[3]["values"] == pytest.approx([0.35])
