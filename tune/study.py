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
from optuna.samplers import RandomSampler
from optuna.storages import BaseStorage, InMemoryStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from tune.errors import InvalidInput

REASON = "reason"  # on a trial: why the sweep ended it before its time
FAILURE = "failure"  # on a trial: what went wrong in it
CONSTRAINT = "constraint"  # on a trial: above 0 if its like cannot be, so that samplers avoid it
REJECTED = "rejected"  # on a proposal that may not be and became no trial of the sweep
POINT = "point"  # on a trial that is repeated with other seeds: the number of the first

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
        state: `stopped` is what the sweep itself cut off, `failed` what went wrong by itself.
        params: what was proposed.
        value: the objective at the end, of several the first; None if there is none.
        values_by_epoch: the objective at every reported epoch.
        reason: why it was stopped or failed.
    """

    number: int
    state: State
    params: Mapping[str, Any]
    value: float | None
    values_by_epoch: Mapping[int, float]
    reason: str
    started: datetime | None
    ended: datetime | None


def study_trials(journal: Path, study_name: str) -> tuple[StudyTrial, ...]:
    """The trials of a study in the order of their numbers; reads only. Proposals that became no trial are not among them.

    Raises:
        InvalidInput: if there is no such journal, or no such study in it.
    """
    return tuple(_plain(trial) for trial in frozen_trials(journal, study_name) if REJECTED not in trial.user_attrs)


def frozen_trials(journal: Path, study_name: str) -> list[FrozenTrial]:
    """All that a study has, as Optuna has it; reads only. InvalidInput as of `study_trials`."""
    if not journal.is_file():
        raise InvalidInput(f"{journal}: There is no study here. Check the sweep's name and --home.")
    with quiet():
        storage = JournalStorage(JournalFileBackend(str(journal)))
        names = optuna.get_all_study_names(storage)
        if study_name not in names:
            raise InvalidInput(
                f"{study_name}: There is no study of this name in {journal}. It has: {', '.join(names) or 'none'}."
            )
        study = optuna.load_study(study_name=study_name, storage=storage)
    found: list[FrozenTrial] = study.get_trials(deepcopy=False)
    return found


def _plain(trial: FrozenTrial) -> StudyTrial:
    reason = trial.user_attrs.get(REASON)
    return StudyTrial(
        number=trial.number,
        state="stopped" if reason is not None and trial.state == TrialState.FAIL else _STATES[trial.state],
        params=dict(trial.params),
        value=trial.values[0] if trial.values else None,
        values_by_epoch=dict(trial.intermediate_values),
        reason=str(reason or trial.user_attrs.get(FAILURE, "")),
        started=trial.datetime_start,
        ended=trial.datetime_complete,
    )


def open_study(journal: Path | None, name: str, modes: Sequence[str]) -> optuna.Study:
    """The study of this name, made if it is not there; in memory without a journal.

    It proposes nothing itself: that is up to tune/proposals.py.
    """
    storage: BaseStorage = InMemoryStorage() if journal is None else _open_journal(journal)
    directions = ["maximize" if mode == "max" else "minimize" for mode in modes]
    with quiet():
        return optuna.create_study(
            storage=storage, sampler=RandomSampler(seed=0), study_name=name, directions=directions, load_if_exists=True
        )


def _open_journal(journal: Path) -> JournalStorage:
    journal.parent.mkdir(parents=True, exist_ok=True)
    _drop_torn_line(journal)
    return JournalStorage(JournalFileBackend(str(journal)))


def _drop_torn_line(journal: Path) -> None:
    """A write cut short by a crash or a full disk would make every later line unreadable."""
    content = journal.read_bytes() if journal.exists() else b""
    if content and not content.endswith(b"\n"):
        with journal.open("r+b") as file:
            file.truncate(content.rfind(b"\n") + 1)


@contextmanager
def quiet() -> Iterator[None]:
    """Optuna warns of every experimental setting, of every value reported twice, and logs each step."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(before)
