"""A sweep's Optuna study: where it is kept, and what it says, as plain values."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import optuna
from optuna import Study
from optuna.samplers import RandomSampler
from optuna.storages import BaseStorage, InMemoryStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, Trial, TrialState

from tune.errors import InvalidInput
from tune.ledger.study_database import open_database
from tune.ledger.study_journal import open_journal

REASON = "reason"  # on a trial: why it ended as it did, or why the sweep cut it off
FAILURE = "failure"  # on a trial: what went wrong in it
CAUSE = "cause"  # on a trial that failed: trainables/training/causes.py
CONSTRAINT = "constraint"  # on a trial: above 0 if its like cannot be, so that samplers avoid it
REJECTED = "rejected"  # on a proposal that may not be and became no trial of the sweep
POINT = "point"  # on a trial that is repeated with other seeds: the number of the first
BESIDE = "beside"  # on a trial: settings that were not proposed but computed, and its seed where it has one of its own

StudyPlace = Path | str  # a journal file, or a database's URL
State = Literal["waiting", "running", "complete", "pruned", "failed", "stopped"]
_STATES: dict[TrialState, State] = {
    TrialState.WAITING: "waiting",
    TrialState.RUNNING: "running",
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}


@dataclass(frozen=True)
class StudyTrial:
    """One trial as its study has it.

    Attributes:
        number: the trial's number everywhere.
        state: `stopped` is what the sweep itself cut off and would take up again, `failed` what went wrong by itself.
        params: what was proposed, and what goes with it (BESIDE).
        value: the objective at the end, of several the first; None if there is none.
        values_by_epoch: the objective at every reported epoch.
        reason: why it was stopped, pruned or failed.
        cause: of a failure.
    """

    number: int
    state: State
    params: Mapping[str, Any]
    value: float | None
    values_by_epoch: Mapping[int, float]
    reason: str
    started: datetime | None
    ended: datetime | None
    cause: str = ""


class NoStudy(InvalidInput):
    """There is none of that name: a driver may have died before it had one."""


def study_trials(place: StudyPlace, study_name: str) -> tuple[StudyTrial, ...]:
    """The trials of a study in the order of their numbers; reads only. Proposals that became no trial are not among them.

    Raises:
        InvalidInput: if there is no such journal, or no such study in it.
    """
    return tuple(plain_trial(trial) for trial in own_trials(frozen_trials(place, study_name)))


def frozen_trials(place: StudyPlace, study_name: str) -> list[FrozenTrial]:
    """All that a study has, as Optuna has it; reads only. InvalidInput as of `study_trials`."""
    if isinstance(place, Path) and not place.is_file():
        raise NoStudy(f"{place}: There is no study here. Check the sweep's name and --home.")
    with quiet():
        storage = _read_journal(place, study_name) if isinstance(place, Path) else open_database(place)
        names = optuna.get_all_study_names(storage)
        if study_name not in names:
            raise NoStudy(f"{study_name}: There is no study of this name in {place}. It has: {', '.join(names) or 'none'}.")
        study = optuna.load_study(study_name=study_name, storage=storage)
    found: list[FrozenTrial] = study.get_trials(deepcopy=False)
    return found


def _read_journal(journal: Path, study_name: str) -> JournalStorage:
    try:
        return JournalStorage(JournalFileBackend(str(journal)))
    except ValueError as error:
        raise InvalidInput(f"{journal}: has a line that cannot be read. Mend it: fxsweep doctor {study_name}") from error


def own_trials(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Those that are trials of the sweep, and no proposals that may not be."""
    return [trial for trial in trials if REJECTED not in trial.user_attrs]


def all_params(trial: FrozenTrial | Trial) -> dict[str, Any]:
    """What a trial is told apart by: what was proposed, and what goes with it."""
    return {**trial.params, **trial.user_attrs.get(BESIDE, {})}


def mark_infeasible(trial: Trial) -> None:
    """Has every sampler avoid the like of a trial that could not be."""
    trial.set_user_attr(CONSTRAINT, 1.0)
    trial.set_constraint(CONSTRAINT, 1.0)


def plain_trial(trial: FrozenTrial) -> StudyTrial:
    """The same as a value."""
    attributes = trial.user_attrs
    return StudyTrial(
        number=trial.number,
        state=_state(trial),
        params=all_params(trial),
        value=trial.values[0] if trial.values else None,
        values_by_epoch=dict(trial.intermediate_values),
        reason=str(attributes.get(REASON) or attributes.get(FAILURE, "")),
        started=trial.datetime_start,
        ended=trial.datetime_complete,
        cause=str(attributes.get(CAUSE, "")),
    )


def _state(trial: FrozenTrial) -> State:
    if was_cut_off(trial):
        return "stopped"
    out_of_memory = trial.user_attrs.get(CAUSE) == "out_of_memory"  # PRUNED, so that the sampler learns from it
    return "failed" if out_of_memory else _STATES[trial.state]


def was_cut_off(trial: FrozenTrial) -> bool:
    """Whether the sweep ended it before its time. It waits to be taken up; sweeps of an older version told it as failed."""
    return bool(trial.user_attrs.get(REASON)) and trial.state in (TrialState.WAITING, TrialState.FAIL)


def left_over(study: Study) -> list[FrozenTrial]:
    """Trials that were proposed and have not come to their end: cut off, or left running by a driver that died."""
    unfinished = study.get_trials(deepcopy=False, states=(TrialState.RUNNING, TrialState.WAITING))
    return [trial for trial in unfinished if trial.state == TrialState.RUNNING or was_cut_off(trial)]


def set_waiting(study: Study, trial: FrozenTrial, reason: str) -> None:
    """Cuts a running trial off: it is nobody's at present, and the first to be taken up when the sweep goes on.

    No sampler counts a waiting trial, where one that runs for ever would keep all others away from its settings.
    """
    study._storage.set_trial_user_attr(trial._trial_id, REASON, reason)
    study._storage.set_trial_state_values(trial._trial_id, TrialState.WAITING)


def cut_off_running(study: Study, reason: str) -> None:
    """Cuts every running trial off: none is left RUNNING."""
    for left in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        set_waiting(study, left, reason)


def set_running(study: Study, trial: FrozenTrial) -> None:
    """Takes a trial up again."""
    if trial.state != TrialState.RUNNING:
        study._storage.set_trial_state_values(trial._trial_id, TrialState.RUNNING)


def open_study(place: StudyPlace | None, name: str, modes: Sequence[str]) -> Study:
    """The study of this name, made if it is not there; in memory without a place.

    It proposes nothing itself: that is up to tune/search/proposals.py.

    Raises:
        InvalidInput, InfrastructureLost: the database's address cannot work, or nobody answers there.
    """
    directions = ["maximize" if mode == "max" else "minimize" for mode in modes]
    with quiet():
        return optuna.create_study(
            storage=_open(place), sampler=RandomSampler(seed=0), study_name=name, directions=directions, load_if_exists=True
        )


def _open(place: StudyPlace | None) -> BaseStorage:
    if place is None:
        return InMemoryStorage()
    return open_journal(place) if isinstance(place, Path) else open_database(place)


@contextmanager
def quiet() -> Iterator[None]:
    """Optuna warns of every experimental setting, of every value reported twice, and logs each step.

    Its log stays quiet: each change of a level makes Python forget what it knows of all loggers, which costs milliseconds.
    """
    if optuna.logging.get_verbosity() < optuna.logging.WARNING:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
