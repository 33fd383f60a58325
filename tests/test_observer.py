"""What is told of a trial, where and when: to the status file, to MLflow, to the console, to the map actor."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from planned_status import sweep
from watched_observer import METRIC, Watched, tune_trial
from webhooks import webhook

from tune.driver.earlier import Earlier
from tune.driver.notices import Notices
from tune.ledger.reasons import full_reason
from tune.ledger.status import TrialStatus, read_status


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_a_sweep_can_be_found_before_its_first_trial(watched: Watched) -> None:
    assert read_status(watched.folder.status) == sweep()


def test_a_started_trial_is_running_everywhere(watched: Watched) -> None:
    watched.start(tune_trial(3))
    told, trial = watched.told("started"), watched.file(3)
    assert told == [[3, "z8", {"latent_size": 8}, {"tune_trial_id": "id-3"}, round(1000 * trial.started), ()]]
    assert replace(trial, started=0.0) == TrialStatus(3, "running", {"latent_size": 8}, run_id="run-3", tune_trial_id="id-3")


def test_the_run_of_a_split_with_a_name_is_tagged_with_it(watched: Watched) -> None:
    watched.observer.status = replace(watched.observer.status, split_names={"-delay": "easy", "-leslie": "hard"})
    trial = tune_trial(0)
    trial.config["effect_split"] = "-delay"
    watched.start(trial)
    assert watched.told("started")[0][3] == {"tune_trial_id": "id-0", "split_name": "easy"}


def test_a_report_has_the_metrics_of_fit_and_nothing_of_tunes(watched: Watched) -> None:
    trial = tune_trial(0)
    watched.start(trial)
    watched.result(trial, 1, 0.5)
    assert watched.told("report") == [[0, {METRIC: 0.5}, 1, 1_700_000_001_000]]
    assert (watched.file(0).score, watched.file(0).epochs, watched.file(0).state) == (0.5, 1, "running")


def test_a_trial_that_ended_itself_is_complete_with_its_reason(watched: Watched) -> None:
    trial = tune_trial(0)
    watched.start(trial)
    watched.result(trial, 1, 0.5, ended="patience")
    watched.complete(trial)
    assert (watched.file(0).state, watched.file(0).reason) == ("complete", "patience")
    assert watched.told("ended") == [[0, "complete", "patience", round(1000 * (watched.file(0).ended or 0.0))]]


@pytest.mark.parametrize(("number", "reason"), [(0, "stopped early by the scheduler"), (1, "stopped at rung 3: 0.5 is below")])
def test_a_trial_that_the_scheduler_ended_is_pruned_for_its_reason(watched: Watched, number: int, reason: str) -> None:
    trial = tune_trial(number)
    watched.start(trial)
    watched.result(trial, 3, 0.5)
    watched.complete(trial)
    assert (watched.file(number).state, watched.file(number).reason) == ("pruned", reason)
    assert [given[:3] for given in watched.told("ended")] == [[number, "pruned", reason]]
    assert f"trial {number}   pruned" in watched.shown.getvalue()


def test_a_failed_trial_is_told_in_a_line_and_logged_in_full(watched: Watched) -> None:
    trial = tune_trial(0)
    watched.start(trial)
    watched.fail(trial, "Traceback\n  File x\nValueError: loss is not finite\n")
    assert (watched.file(0).state, watched.file(0).reason) == ("failed", "ValueError: loss is not finite")
    assert "Traceback" not in watched.shown.getvalue()
    assert "Traceback\n  File x\nValueError" in watched.folder.log.read_text()
    [[_, state, reason, _]], [[_, file]] = watched.told("ended"), watched.told("artifact")
    assert (state, reason) == ("failed", "Traceback\n  File x\nValueError: loss is not finite") and file.read_text() == reason
    assert full_reason(watched.folder, watched.file(0)) == reason
    assert watched.told("report") == []


def test_a_failure_keeps_the_score_of_the_epochs_before_it(watched: Watched) -> None:
    trial = tune_trial(0)
    watched.start(trial)
    watched.result(trial, 1, 0.5)
    watched.fail(trial, "out of memory")
    assert (watched.file(0).state, watched.file(0).score) == ("failed", 0.5)
    assert read_status(watched.folder.status).best() is None


def test_a_trial_whose_process_was_lost_has_failed(watched: Watched) -> None:
    trial = tune_trial(0)
    watched.start(trial)
    watched.observer.on_trial_error(0, [], trial)
    assert (watched.file(0).state, watched.file(0).reason) == ("failed", "the trial's process was lost")


def test_the_status_file_tells_where_the_sweep_is_in_mlflow_once_that_is_known(watched: Watched) -> None:
    watched.start(tune_trial(0))
    assert "run_id" not in read_status(watched.folder.status).mlflow
    watched.tracker.known = {"experiment": "7", "run_id": "parent"}
    watched.start(tune_trial(1))
    assert read_status(watched.folder.status).mlflow == {
        "uri": "sqlite:////runs/mlflow.db",
        "experiment": "7",
        "run_id": "parent",
    }


def test_a_trial_that_failed_before_its_start_is_there_all_the_same(watched: Watched) -> None:
    watched.observer.on_trial_error(0, [], tune_trial(5))
    assert watched.file(5).state == "failed"
    assert len(watched.told("started")) == len(watched.told("ended")) == 1


def test_a_trial_tried_again_is_the_same_run_with_its_history(watched: Watched) -> None:
    trial = tune_trial(0)
    watched.start(trial)
    watched.result(trial, 1, 0.5)
    watched.start(trial)
    watched.result(trial, 2, 0.6, ended="max_epochs")
    watched.complete(trial)
    assert len(watched.told("started")) == 1
    [(_, _, epochs, _, _)] = watched.maps.requests
    assert epochs == 2


def test_an_epoch_that_comes_again_after_a_loss_is_told_once_and_as_it_came_first(watched: Watched) -> None:
    trial = tune_trial(0)
    watched.start(trial)
    for epoch, score in ((1, 0.5), (2, 0.6), (2, 0.7), (3, 0.8)):
        watched.result(trial, epoch, score)
    assert [(epoch, metrics[METRIC]) for _, metrics, epoch, _ in watched.told("report")] == [(1, 0.5), (2, 0.6), (3, 0.8)]
    assert [metrics[METRIC] for metrics in watched.observer.history[0]] == [0.5, 0.6, 0.8]


@pytest.mark.parametrize(("ended", "state"), [("patience", "complete"), ("", "pruned")])
def test_a_trial_is_examined_when_it_ends_and_again_when_its_weights_were_read_back(
    watched: Watched, ended: str, state: str
) -> None:
    trial = tune_trial(0)
    watched.start(trial)
    watched.result(trial, 1, 0.5)
    watched.result(trial, 2, 0.5, ended)
    assert watched.file(0).worries is None
    watched.complete(trial)
    assert watched.file(0).worries == "asked 1 times"
    watched.observer.collect_maps()
    assert watched.examiner.asked == [(0, state, 2)] * 2
    assert watched.file(0).worries == "asked 2 times"


def test_a_trial_without_a_completed_epoch_is_not_examined(watched: Watched) -> None:
    watched.observer.on_trial_error(0, [], tune_trial(5))
    assert watched.examiner.asked == [] and watched.file(5).worries is None


def test_a_map_is_asked_for_when_a_trial_ends_and_its_pictures_are_handed_on(watched: Watched) -> None:
    trial = tune_trial(0)
    watched.start(trial)
    watched.result(trial, 1, 0.5, ended="patience")
    watched.complete(trial)
    folder = watched.folder.pictures(0)
    assert watched.maps.requests == [(0, Path("/trials/checkpoint/trial.pt"), 1, "trial 0: z8", folder)]
    watched.observer.on_step_end(0, [])
    assert watched.told("artifact") == [[0, folder / "latent_map.png"]]
    assert watched.observer.checkpoints == {0: Path("/trials/checkpoint/trial.pt")}


def test_a_trial_without_checkpoint_or_epoch_gets_no_map(watched: Watched) -> None:
    without_checkpoint, without_epoch = tune_trial(0, checkpoint=None), tune_trial(1)
    watched.start(without_checkpoint)
    watched.result(without_checkpoint, 1, 0.5, ended="patience")
    watched.complete(without_checkpoint)
    watched.start(without_epoch)
    watched.fail(without_epoch, "no memory")
    assert watched.maps.requests == []


def test_the_last_word_is_in_the_file(watched: Watched) -> None:
    watched.start(tune_trial(0))
    watched.observer.finish(watched.observer.status.ended_as("stopped", 2000.0))
    status = read_status(watched.folder.status)
    assert (status.state, status.trial(0).state) == ("stopped", "stopped")


def test_nothing_of_the_observer_is_pickled(watched: Watched) -> None:
    watched.start(tune_trial(0))
    assert pickle.loads(pickle.dumps(watched.observer)).__dict__ == {}


def test_what_is_spent_is_in_the_status(watched: Watched) -> None:
    watched.observer.on_step_end(0, [])
    assert (watched.observer.status.spent_seconds, watched.observer.status.compute_seconds) == (7.0, 14.0)


def test_failures_at_the_first_epoch_are_counted_until_a_trial_gets_on(watched: Watched) -> None:
    for number in range(3):
        watched.start(tune_trial(number))
        watched.fail(tune_trial(number), "Traceback\nKeyError: planted")
    assert "KeyError: planted" in watched.setbacks.hopeless()
    watched.result(tune_trial(2), 1, 0.5)
    assert watched.setbacks.hopeless() == ""


EARLIER = Earlier(
    trials=(
        TrialStatus(0, "complete", {"latent_size": 8}, score=0.5, epochs=2, reason="patience", run_id="run-0"),
        TrialStatus(1, "stopped", {"latent_size": 4}, score=0.4, epochs=3, seconds=60.0),
    ),
    epochs={0: [{METRIC: 0.3}, {METRIC: 0.5}], 1: [{METRIC: 0.1}, {METRIC: 0.3}, {METRIC: 0.4}]},
    checkpoints={0: Path("of-trial-0")},
)


def taken_up(path: Path) -> Watched:
    watched = Watched(path, EARLIER)
    watched.observer.status = EARLIER.taken_up(watched.observer.status)
    return watched


def test_a_trial_that_goes_on_keeps_its_epochs_and_its_time(tmp_path: Path) -> None:
    watched = taken_up(tmp_path)
    watched.start(tune_trial(1))
    running = watched.file(1)
    assert (running.state, running.score, running.epochs, running.reason) == ("running", 0.4, 3, "")
    watched.result(tune_trial(1), 3, 0.4)
    watched.result(tune_trial(1), 4, 0.6)
    assert [epoch[METRIC] for epoch in watched.observer.history[1]] == [0.1, 0.3, 0.4, 0.6]
    assert watched.file(1).seconds >= 60.0


def test_trials_that_ended_before_are_drawn_if_they_were_not(tmp_path: Path) -> None:
    watched = taken_up(tmp_path)
    watched.observer.draw_earlier()
    assert [(number, epochs) for number, _, epochs, *_ in watched.maps.requests] == [(0, 2)]
    picture = watched.folder.pictures(0) / "latent_map.png"
    picture.parent.mkdir(parents=True)
    picture.touch()
    watched.maps.requests.clear()
    watched.observer.draw_earlier()
    assert watched.maps.requests == []


def test_a_webhook_hears_of_each_new_best(tmp_path: Path) -> None:
    with webhook() as hook:
        notices = Notices(hook.url, ("best",))
        watched = Watched(tmp_path, notices=notices)
        for number, score in ((0, 0.5), (2, 0.4), (3, 0.7)):
            trial = tune_trial(number)
            watched.start(trial)
            watched.result(trial, 1, score, "max_epochs")
            watched.complete(trial)
        assert notices.close() == []
        assert [note["best"]["score"] for note in hook.notes] == [0.5, 0.7]
