"""A trial whose process Ray kills for want of memory ends as that, is not trained again, and does not end the sweep."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from counting_fit import tiny_config
from ray.air.execution._internal.actor_manager import RayActorManager
from ray.exceptions import OutOfMemoryError, RayActorError
from ray.train.v2._internal.exceptions import WorkerHealthCheckFailedError
from ray.train.v2._internal.execution.controller.state import RestartingState, RunningState
from ray.train.v2.api.exceptions import WorkerGroupError

from trainables.training.mailbox import Report, WorkersLost
from trainables.training.trainable import MEMORY_LOSS, TrialContext, TrialTrainable
from trainables.training.trial_placement import _TellMemoryLosses
from tune.driver.memory_losses import MemoryLosses, told_as_deaths

KILLED = "1 worker(s) were killed due to the node running low on memory. Memory on the node was 9 GB"
TOLD = f"OutOfMemoryError: {KILLED}"


def fail(error: Exception) -> list[Exception]:
    """What Ray Tune hears when the task of an actor has failed so: as the actor's end, and as the task's."""
    heard: list[Exception] = []

    def hear(actor: Any, error: Exception) -> None:
        heard.append(error)

    manager: Any = object.__new__(RayActorManager)
    manager._failed_actor_ids, manager._cleanup_actor = set(), lambda tracked_actor: None
    task: Any = SimpleNamespace(_tracked_actor=SimpleNamespace(actor_id=1, _on_error=hear), _on_error=hear)
    manager._actor_task_failed(tracked_actor_task=task, exception=error)
    return heard


def test_ray_tune_takes_it_for_a_death_of_the_actor_within_the_block_only() -> None:
    with told_as_deaths():
        heard = fail(OutOfMemoryError(KILLED))
        with pytest.raises(RuntimeError, match="unexpected"):
            fail(ValueError("of another kind"))
    assert len(heard) == 2 and all(isinstance(error, RayActorError) and str(error) == KILLED for error in heard)
    with pytest.raises(RuntimeError, match="unexpected"):  # what this is for: Ray Tune breaks off
        fail(OutOfMemoryError(KILLED))


@pytest.mark.parametrize(
    ("failures", "told"),
    [
        ([KILLED], TOLD),
        (["The actor died unexpectedly", KILLED], TOLD),
        ([KILLED, "The actor died unexpectedly"], None),
        ([], None),
    ],
)
def test_a_trial_that_is_begun_anew_knows_what_it_last_died_of(failures: Sequence[str], told: str | None, tmp_path: Path) -> None:
    text = "".join(f"Failure # {count} (occurred at noon)\n{failure}\n" for count, failure in enumerate(failures, 1))
    (tmp_path / "error.txt").write_text(text)
    trial = SimpleNamespace(error_file=str(tmp_path / "error.txt") if failures else None, config={"trial_number": 3})
    MemoryLosses().on_trial_recover(0, [], trial)
    assert trial.config == {"trial_number": 3} | ({MEMORY_LOSS: told} if told else {})


class Killed:
    """A group whose workers were killed for want of memory: what is asked of it is answered so, from the given word on."""

    def __init__(self, asked: list[str], loses: str) -> None:
        self.asked, self.loses = asked, loses

    def alive(self) -> bool:
        return True

    def begin(self, config: Any, state: Any) -> None:
        self._answer("begin")

    def next(self) -> Any:
        self._answer("next")
        return Report({"eval/probe_accuracy": 0.5}, "")

    def save(self) -> bytes:
        self._answer("save")
        return b""

    def reconnect(self) -> None:
        self.asked.append("reconnect")
        self.loses = ""

    def _answer(self, word: str) -> None:
        self.asked.append(word)
        if word == self.loses:
            raise WorkersLost(TOLD)


def trial(params: dict[str, Any], asked: list[str], loses: str, tmp_path: Path) -> TrialTrainable:
    found: TrialTrainable = object.__new__(TrialTrainable)
    context = TrialContext(lambda params: tiny_config(), lambda config, state: iter(()), 1, str(tmp_path), "eval/probe_accuracy")
    found.setup(params, context)
    found.group = Killed(asked, loses)  # type: ignore[assignment]
    return found


@pytest.mark.parametrize(("params", "asks"), [({}, ["begin", "next"]), ({MEMORY_LOSS: TOLD}, [])])
def test_a_trial_that_memory_does_not_suffice_for_fails_at_once(params: dict[str, Any], asks: list[str], tmp_path: Path) -> None:
    asked: list[str] = []
    result = trial(params, asked, "next", tmp_path).step()
    assert asked == asks
    assert result["failed"] and result["done"] and (result["cause"], result["epoch"]) == ("out_of_memory", 0)
    assert KILLED in result["error"]


def test_the_next_trial_of_the_same_process_is_not_to_blame(tmp_path: Path) -> None:
    asked: list[str] = []
    later = trial({MEMORY_LOSS: TOLD}, asked, "begin", tmp_path)
    later.step()
    later.reset_config({})
    result = later.step()
    assert (result["epoch"], result.get("failed")) == (1, None)
    assert asked == ["begin", "reconnect", "begin", "next"]


def test_a_loss_between_two_epochs_is_the_trials_own(tmp_path: Path) -> None:
    asked: list[str] = []
    killed = trial({}, asked, "save", tmp_path)
    assert killed.step()["epoch"] == 1
    killed.save_checkpoint(str(tmp_path))
    result = killed.step()
    assert asked == ["begin", "next", "save"] and (result["cause"], result["epoch"]) == ("out_of_memory", 1)


def test_the_mailbox_hears_from_ray_trains_controller_what_killed_a_worker() -> None:
    heard: list[str] = []
    mailbox = SimpleNamespace(note_loss=SimpleNamespace(remote=heard.append))
    telling = _TellMemoryLosses(mailbox)
    for failure in (RayActorError(error_msg="died"), OutOfMemoryError(KILLED)):
        wrapped = WorkerHealthCheckFailedError("A worker is unhealthy", failure=failure)
        error = WorkerGroupError(str(wrapped), {0: wrapped})
        telling.after_controller_state_update(RunningState(), RestartingState(training_failed_error=error))
    telling.after_controller_state_update(RunningState(), RunningState())
    assert heard == [TOLD]
