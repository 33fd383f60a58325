"""Proposes trials with Optuna and tells it the truth about how each one ended.

The study is the ledger of decisions: it can be rebuilt from its journal alone, and a sweep that goes on from a journal
proposes what it would have proposed without the break.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from optuna.trial import FrozenTrial, Trial, TrialState
from ray.tune.search import Searcher

from tune.ledger.study import StudyPlace, all_params, cut_off_running, left_over, open_study, own_trials, set_running, was_cut_off
from tune.search.ends import end_of, report, tell
from tune.search.proposals import Proposer
from tune.search.warm_start import learned_points
from tune.space.trials import TRIAL_NUMBER
from tune.sweep_file.spec import Sweep


class OptunaSearcher(Searcher):  # type: ignore[misc]
    """Ask and tell over an Optuna study.

    How a trial ended is told as what it is (tune/search/ends.py). Every value is reported at its epoch, the last one too.

    Trials that the study has as unfinished are proposed again first, under their own numbers: those that the sweep cut off
    wait, those whose driver died are left RUNNING.

    Args:
        sweep: the space, the objective, the sampler and the number of trials.
        place: the study's journal or database; in memory without one.
        study_name: default is the sweep's name.
        why_stopped: a trial's number -> the scheduler's reason, "" if it did not stop it.
        learned: what the sampler learns from beside the sweep's own trials, for a sweep that begins (tune/search/warm_start.py).
    """

    def __init__(
        self,
        sweep: Sweep,
        place: StudyPlace | None = None,
        study_name: str | None = None,
        why_stopped: Callable[[int], str] = lambda number: "",
        learned: Sequence[FrozenTrial] = (),
    ) -> None:
        super().__init__(metric=sweep.objective.metric, mode=sweep.objective.mode)
        self._metrics, self._budget_trials = [objective.metric for objective in sweep.objectives], sweep.budget.trials
        self._proposer = Proposer(sweep, learned_points(sweep, place, study_name or sweep.name, learned))
        self._study = open_study(place, study_name or sweep.name, [objective.mode for objective in sweep.objectives])
        self._left_over = left_over(self._study)
        self._why_stopped = why_stopped
        self._live: dict[str, Trial] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Tune pickles its searcher beside the trials; nothing is ever restored from that file."""
        return {}

    def suggest(self, trial_id: str) -> dict[str, Any] | str:
        """The next trial's parameters and its number; FINISHED when the budget's trials are all proposed."""
        if self.exhausted():
            return str(Searcher.FINISHED)
        trial = self._resume(self._left_over.pop(0)) if self._left_over else self._proposer.begin(self._study)
        self._live[trial_id] = trial
        return {**all_params(trial), TRIAL_NUMBER: trial.number}

    def exhausted(self) -> bool:
        """Whether there is nothing more to propose."""
        return not self._left_over and self._counted() >= self._budget_trials

    def on_trial_result(self, trial_id: str, result: Mapping[str, Any]) -> None:
        """Reports the objective at its epoch; Optuna takes no such values of several."""
        if (trial := self._live.get(trial_id)) is not None:
            report(trial, result, self._metrics)

    def on_trial_complete(self, trial_id: str, result: Mapping[str, Any] | None = None, error: bool = False) -> None:
        """Tells the study how the trial ended. Tune has not passed the last result to `on_trial_result`."""
        if result is not None and not error:
            self.on_trial_result(trial_id, result)
        trial = self._live.pop(trial_id, None)
        if trial is not None:
            tell(self._study, trial, end_of(result, error, self._metrics, self._why_stopped(trial.number)))

    def close(self, reason: str) -> None:
        """Cuts off every trial that still runs, with the reason: none is left RUNNING. May be called again."""
        cut_off_running(self._study, reason)
        self._live.clear()
        self._left_over = []

    def save(self, checkpoint_path: str) -> None:
        """Notes where the truth is: nothing here is worth restoring that the journal does not have."""
        Path(checkpoint_path).write_text(json.dumps({"study": self._study.study_name}), encoding="utf-8")

    def restore(self, checkpoint_path: str) -> None:
        raise NotImplementedError("A searcher is rebuilt from its journal: OptunaSearcher(sweep, journal).")

    def _counted(self) -> int:
        """Proposed trials, less proposals that became none, and those that an older version failed when it was stopped."""
        trials = own_trials(self._study.get_trials(deepcopy=False))
        return sum(not (trial.state == TrialState.FAIL and was_cut_off(trial)) for trial in trials)

    def _resume(self, left: FrozenTrial) -> Trial:
        set_running(self._study, left)
        return Trial(self._study, left._trial_id)
