"""What a driver left unsaid when it was killed, the ledgers know."""

from __future__ import annotations

import json
from pathlib import Path

import optuna
import pytest
from planned_status import sweep as status_of
from planned_status import trial

from tune.ledger.home import SweepFolder, new_folder
from tune.ledger.measurements import trial_results
from tune.ledger.settled import settled_status
from tune.ledger.status import DRIVER_GONE, SWEEP_ENDED, SweepStatus, write_status
from tune.ledger.study import FAILURE, open_study
from tune.sweep_file.spec import parse_sweep


@pytest.fixture
def folder(tmp_path: Path) -> SweepFolder:
    """A study in which trial 0 is complete, 1 pruned, 2 failed and 3 running."""
    folder = new_folder(tmp_path, "quickstart")
    study = open_study(folder.journal, folder.name, ["max"])
    asked = [study.ask() for _ in range(4)]
    study.tell(asked[0], 0.5)
    study.tell(asked[1], state=optuna.trial.TrialState.PRUNED)
    asked[2].set_user_attr(FAILURE, "error")
    study.tell(asked[2], state=optuna.trial.TrialState.FAIL)
    result = {"epoch": 1, "ended": "patience", "timestamp": 4_000_000_000}
    trial_results(folder, 0).parent.mkdir(parents=True)
    trial_results(folder, 0).write_text(json.dumps(result) + "\n")
    return folder


def settled(folder: SweepFolder, status: SweepStatus) -> SweepStatus:
    write_status(folder.status, status)
    return settled_status(folder, parse_sweep({"name": "quickstart"}))


def test_what_the_study_was_told_and_the_status_was_not_is_believed(folder: SweepFolder) -> None:
    status = settled(folder, status_of(*(trial(number, "running") for number in range(4))))
    assert [(t.state, t.reason) for t in status.trials] == [
        ("complete", "patience"),
        ("pruned", "stopped early by the scheduler"),
        ("failed", "error"),
        ("stopped", SWEEP_ENDED),
    ]
    assert all(t.started > 1e9 and (t.ended or 0.0) >= t.started for t in status.trials)


def test_what_the_status_says_already_stays(folder: SweepFolder) -> None:
    given = trial(1, "complete", reason="max_epochs", started=5.0, ended=7.0)
    assert settled(folder, status_of(given)).trial(1) == given


def test_a_driver_that_is_gone_was_last_heard_of_in_its_ledgers(folder: SweepFolder) -> None:
    status = settled(folder, status_of(trial(0, "running"), rendering={"rendered_takes": 3}))
    assert (status.state, status.message, status.ended) == ("stopped", DRIVER_GONE, 4_000_000_000.0)
    assert status.rendering == {}


def test_a_sweep_that_ended_is_as_it_was(folder: SweepFolder) -> None:
    ended = status_of(trial(0, started=5.0, ended=7.0), state="complete", ended=9.0, rendering={"rendered_takes": 3})
    assert settled(folder, ended) == ended


def test_without_a_study_the_status_is_all_there_is(folder: SweepFolder) -> None:
    folder.journal.unlink()
    assert settled(folder, status_of(trial(0, "running", started=5.0))).trial(0).state == "stopped"
