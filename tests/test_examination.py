from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from made_up_trials import healthy
from planned_status import sweep as status_of
from small_sweep import SMALL, write_sweep

from trainables.diagnosis.diagnosis import ReadBack
from tune.driver.examination import best_examined_again, examination, examined_again
from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder
from tune.ledger.measurements import trial_results
from tune.ledger.status import TrialState, TrialStatus, write_status
from tune.sweep_file.spec import load_sweep

EPOCHS = [dict(metrics) for metrics in healthy().epochs]


@pytest.fixture
def folder(tmp_path: Path) -> SweepFolder:
    """A finished sweep whose trial 4 has a ledger, read-back weights and the best score."""
    folder = SweepFolder(tmp_path / "quickstart")
    trial_results(folder, 4).parent.mkdir(parents=True)
    write_sweep(folder.path, SMALL)
    lines = [json.dumps(metrics | {"epoch": epoch}) for epoch, metrics in enumerate(EPOCHS, 1)]
    trial_results(folder, 4).write_text("\n".join(lines))
    folder.pictures(4).mkdir(parents=True)
    (folder.pictures(4) / "read_back.json").write_text(json.dumps(asdict(ReadBack(0.2, 0.3, 0.9))))
    write_status(folder.status, status_of(trial(4)))
    return folder


def trial(number: int, state: TrialState = "complete", reason: str = "max_epochs") -> TrialStatus:
    return TrialStatus(number, state, {"latent_size": 8, "effect_split": "-leslie-combo-loudness"}, 0.6, reason=reason)


def verdicts(folder: SweepFolder, of: TrialStatus) -> dict[str, str]:
    return {check.name: check.verdict for check in examination(load_sweep(str(folder.spec)), folder, of, EPOCHS)}


def test_a_finished_sweep_gives_the_checks_it_gave_when_it_ran(folder: SweepFolder) -> None:
    spec = load_sweep(str(folder.spec))
    assert examined_again(spec, folder, trial(4)) == examination(spec, folder, trial(4), EPOCHS) != ()
    assert best_examined_again(folder.path.parent, status_of(trial(4))) == examined_again(spec, folder, trial(4))


def test_weights_read_back_are_looked_at(folder: SweepFolder) -> None:
    assert verdicts(folder, trial(4))["weights"] == "worry"
    assert verdicts(folder, trial(5))["weights"] == "unknown"


def test_the_trials_own_settings_are_examined(folder: SweepFolder) -> None:
    larger = TrialStatus(4, "complete", {"latent_size": 64})
    assert (verdicts(folder, trial(4))["collapsed_dimensions"], verdicts(folder, larger)["collapsed_dimensions"]) == (
        "fine",
        "worry",
    )


@pytest.mark.parametrize(
    ("state", "reason", "told"),
    [
        ("pruned", "stopped early by the scheduler", "The scheduler stopped it"),
        ("complete", "max_epochs", "It reached train.max_epochs"),
        ("complete", "patience", "It stopped by itself"),
        ("stopped", "stopped by SIGINT", "It was stopped"),
    ],
)
def test_how_a_trial_ended_is_known_to_its_checks(folder: SweepFolder, state: TrialState, reason: str, told: str) -> None:
    checks = examination(load_sweep(str(folder.spec)), folder, trial(4, state, reason), EPOCHS)
    assert next(check for check in checks if check.name == "still_improving").sentence.startswith(told)


def test_a_trial_without_an_epoch_and_a_sweep_without_a_best_have_no_checks(folder: SweepFolder) -> None:
    assert examined_again(load_sweep(str(folder.spec)), folder, trial(5)) == ()
    assert best_examined_again(folder.path.parent, status_of()) == ()


def test_a_sweep_whose_files_are_elsewhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no such sweep"):
        best_examined_again(tmp_path, status_of(trial(4)))
