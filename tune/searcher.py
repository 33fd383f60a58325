"""Proposes trials with Optuna and tells it the truth about how each one ended.

The study is the ledger of decisions: it can be rebuilt from its journal alone, and a sweep that goes on from a journal
proposes what it would have proposed without the break.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from optuna.trial import FrozenTrial, Trial, TrialState
from ray.tune.search import Searcher

from tune.proposals import Proposer
from tune.scheduler import EPOCH
from tune.spec import Sweep
from tune.study import FAILURE, REASON, open_study, quiet
from tune.trials import TRIAL_NUMBER
from tune.warm_start import learned_points

ENDED = "ended"  # in a result: why the trial ended by itself, or nothing


class OptunaSearcher(Searcher):  # type: ignore[misc]
    """Ask and tell over an Optuna study.

    A trial that ends by itself is COMPLETE with its objective, one that the scheduler stops is PRUNED, one that raises or whose
    objective is no finite number is FAIL. Every value is reported at its epoch, the last one too.

    Trials that a study left RUNNING (its driver died) are proposed again first, under their own numbers.

    Args:
        sweep: the space, the objective, the sampler and the number of trials.
        journal: the study's file; in memory without one.
        study_name: default is the sweep's name.
        earlier: what the sampler learns from beside the sweep's own trials (tune/warm_start.py), when it begins.
    """

    def __init__(
        self, sweep: Sweep, journal: Path | None = None, study_name: str | None = None, earlier: Sequence[FrozenTrial] = ()
    ) -> None:
        super().__init__(metric=sweep.objective.metric, mode=sweep.objective.mode)
        self._metrics, self._budget_trials = [objective.metric for objective in sweep.objectives], sweep.budget.trials
        self._proposer = Proposer(sweep, learned_points(sweep, journal, study_name or sweep.name, earlier))
        self._study = open_study(journal, study_name or sweep.name, [objective.mode for objective in sweep.objectives])
        self._left_over = self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        self._live: dict[str, Trial] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Tune pickles its searcher beside the trials; nothing is ever restored from that file."""
        return {}

    def suggest(self, trial_id: str) -> dict[str, Any] | str:
        """The next trial's parameters and its number; FINISHED when the budget's trials are all proposed."""
        if not self._left_over and self._counted() >= self._budget_trials:
            return str(Searcher.FINISHED)
        trial = self._resume(self._left_over.pop(0)) if self._left_over else self._proposer.begin(self._study)
        self._live[trial_id] = trial
        return {**self._proposer.settings(trial), TRIAL_NUMBER: trial.number}

    def on_trial_result(self, trial_id: str, result: Mapping[str, Any]) -> None:
        """Reports the objective at its epoch; Optuna takes no such values of several."""
        trial, value = self._live.get(trial_id), result.get(self.metric)
        if trial is not None and value is not None and len(self._metrics) == 1:
            with quiet():
                trial.report(float(value), int(result[EPOCH]))

    def on_trial_complete(self, trial_id: str, result: Mapping[str, Any] | None = None, error: bool = False) -> None:
        """Tells the study how the trial ended. Tune has not passed the last result to `on_trial_result`."""
        if result is not None and not error:
            self.on_trial_result(trial_id, result)
        trial = self._live.pop(trial_id, None)
        if trial is None:
            return
        values = {metric: float(result[metric]) for metric in self._metrics if metric in result} if result else {}
        endless = next((metric for metric, value in values.items() if not math.isfinite(value)), None)
        if error or self.metric not in values:
            self._fail(trial, FAILURE, "error" if error else "ended before its first result")
        elif endless is not None:
            self._fail(trial, FAILURE, f"{endless} is {values[endless]}")
        elif result is not None and result.get(ENDED):
            self._study.tell(trial, list(values.values()))
        else:
            self._study.tell(trial, state=TrialState.PRUNED)

    def close(self, reason: str) -> None:
        """Fails every trial that still runs, with the reason, so that no later search waits for it. May be called again."""
        for left in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            self._fail(self._resume(left), REASON, reason)
        self._live.clear()
        self._left_over = []

    def save(self, checkpoint_path: str) -> None:
        """Notes where the truth is: nothing here is worth restoring that the journal does not have."""
        Path(checkpoint_path).write_text(json.dumps({"study": self._study.study_name}), encoding="utf-8")

    def restore(self, checkpoint_path: str) -> None:
        raise NotImplementedError("A searcher is rebuilt from its journal: OptunaSearcher(sweep, journal).")

    def _counted(self) -> int:
        """Proposed trials, less those that the sweep itself cut off and proposals that became no trial."""
        return sum(REASON not in trial.user_attrs for trial in self._study.get_trials(deepcopy=False))

    def _resume(self, left: FrozenTrial) -> Trial:
        return Trial(self._study, left._trial_id)

    def _fail(self, trial: Trial, attribute: str, reason: str) -> None:
        trial.set_user_attr(attribute, reason)
        self._study.tell(trial, state=TrialState.FAIL)
