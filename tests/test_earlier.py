"""What a dead driver leaves is read from the ledgers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from dead_sweeps import METRIC, checkpoint, dead_sweep, result, sweep_of

from trainables.rendering.render_counts import RenderCounts
from trainables.training.checkpoint import read_checkpoint
from tune.driver.earlier import KEPT, Earlier, read_earlier
from tune.ledger.checkpoints import checkpoints_of, set_aside
from tune.ledger.home import SweepFolder
from tune.ledger.measurements import append_result, trial_results
from tune.ledger.status import read_status
from tune.ledger.study import study_trials
from tune.ledger.sweep_study import catch_up_study, known_trials


@pytest.fixture
def folder(tmp_path: Path) -> SweepFolder:
    return dead_sweep(tmp_path, sweep_of())


def earlier_of(folder: SweepFolder) -> Earlier:
    catch_up_study(sweep_of(), folder)
    return read_earlier(folder, read_status(folder.status), study_trials(folder.journal, "x"))


def test_every_trial_is_there_once_with_all_its_epochs(folder: SweepFolder) -> None:
    earlier = earlier_of(folder)
    assert [trial.number for trial in earlier.trials] == [0, 1, 2, 3]
    assert [trial.state for trial in earlier.trials] == ["complete", "pruned", "complete", "stopped"]
    assert [trial.reason for trial in earlier.trials] == ["patience", "stopped early by the scheduler", "max_epochs", ""]
    assert [trial.epochs for trial in earlier.trials] == [2, 1, 1, 2]
    assert [trial.score for trial in earlier.trials] == [0.5, 0.2, 0.3, 0.6]
    assert [[epoch[METRIC] for epoch in earlier.epochs[number]] for number in range(4)] == [[0.4, 0.5], [0.2], [0.3], [0.1, 0.6]]
    assert [trial.number for trial in earlier.ended()] == [0, 1, 2]


def test_what_the_ledgers_do_not_have_is_taken_from_the_last_status(folder: SweepFolder) -> None:
    first, second, *_ = earlier_of(folder).trials
    assert (first.run_id, first.worries, first.seconds) == ("run-0", "overfit", 60.0)
    assert (second.run_id, second.worries, second.seconds) == (None, None, 2.0)


def test_what_was_rendered_is_counted_on(folder: SweepFolder) -> None:
    status = replace(read_status(folder.status), rendering=RenderCounts(asked_takes=7, refused=("no plugin",)).facts())
    rendered = read_earlier(folder, status, []).rendered
    assert (rendered.asked_takes, rendered.refused) == (7, ("no plugin",))


def test_ended_trials_keep_their_checkpoints_and_others_go_on_from_theirs(folder: SweepFolder) -> None:
    earlier = earlier_of(folder)
    assert set(earlier.checkpoints) == {0, 1, 2} and set(earlier.left_over) == {3}
    assert all(path.is_file() for path in earlier.checkpoints.values())
    (path,) = earlier.left_over[3]
    assert epochs_of(path) == [2]


def epochs_of(*checkpoints: Path) -> list[int]:
    return [read_checkpoint(path)[1]["epoch"] for path in checkpoints]


def test_a_trial_whose_last_weights_were_not_saved_has_not_ended(tmp_path: Path) -> None:
    folder = dead_sweep(tmp_path, sweep_of())
    append_result(trial_results(folder, 3), result(3, 0.7, "max_epochs"))  # its checkpoint is of the second epoch
    catch_up_study(sweep_of(), folder)
    trials = known_trials(sweep_of(), folder)
    assert [trial.state for trial in trials] == ["complete", "pruned", "complete", "running"]
    assert trials[3].values_by_epoch == {1: 0.1, 2: 0.6, 3: 0.7}
    checkpoint(folder, 3, "checkpoint_000002", age_seconds=-60.0, epoch=3)
    catch_up_study(sweep_of(), folder)
    assert known_trials(sweep_of(), folder)[3].state == "complete"


def test_checkpoints_that_are_gone_on_from_do_not_stand_in_ray_tunes_way(folder: SweepFolder) -> None:
    set_aside(folder, 3, KEPT)
    assert not list((folder.trials / "trial-3").glob("checkpoint_*/trial.pt"))


def test_the_newest_checkpoint_is_the_first_however_often_a_sweep_is_taken_up(folder: SweepFolder) -> None:
    checkpoint(folder, 3, "checkpoint_000007", age_seconds=60.0, epoch=7)
    first = set_aside(folder, 3, KEPT)
    assert epochs_of(*first) == [2, 7]
    newest = checkpoint(folder, 3, "checkpoint_000000", age_seconds=-60.0, epoch=9)
    assert checkpoints_of(folder, 3)[0] == newest
    again = set_aside(folder, 3, KEPT)
    assert epochs_of(*again) == [9, 2], "and the oldest is dropped"


def test_a_sweep_without_a_past_has_none(tmp_path: Path) -> None:
    assert Earlier().ended() == () and checkpoints_of(SweepFolder(tmp_path / "x"), 0) == ()
