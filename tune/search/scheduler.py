"""Who stops trials early: Ray Tune's events on one side, a rule over plain values on the other."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ray.tune.schedulers import FIFOScheduler, TrialScheduler

from tune.driver.memory_losses import last_memory_loss
from tune.search.curves import Curve, StoppingRule, Unit
from tune.search.stopping_rule import EPOCH, WORK_SECONDS, stopping_rule
from tune.space.trials import TRIAL_NUMBER
from tune.sweep_file.spec import Sweep

NOTHING: Mapping[int, Curve] = MappingProxyType({})


class StoppingScheduler(FIFOScheduler):  # type: ignore[misc]
    """Trials in their order, each stopped when a rule says so.

    A report that comes twice, or whose objective is missing or not finite, decides nothing.

    Args:
        rule: what decides.
        metric: the objective's key in a result.
        unit: of the curves that the rule is shown.
        history: by trial number, what was reported before a sweep was taken up again.
    """

    def __init__(self, rule: StoppingRule, metric: str, unit: Unit, history: Mapping[int, Curve] = NOTHING) -> None:
        super().__init__()
        self.rule, self.objective, self.unit = rule, metric, unit
        self.curves: dict[int, Curve] = dict(history)
        self.reasons: dict[int, str] = {}

    def on_trial_result(self, tune_controller: Any, trial: Any, result: Mapping[str, Any]) -> str:
        number = int(trial.config[TRIAL_NUMBER])
        if not self._note(number, result):
            return str(TrialScheduler.CONTINUE)
        others = [curve for other, curve in self.curves.items() if other != number]
        if why := self.rule.why_stop(self.curves[number], others):
            self.reasons[number] = why
        return str(TrialScheduler.STOP if why else TrialScheduler.CONTINUE)

    def on_trial_complete(self, tune_controller: Any, trial: Any, result: Mapping[str, Any]) -> None:
        """Tune passes the last result of a trial that ended by itself here only."""
        self._note(int(trial.config[TRIAL_NUMBER]), result)

    def on_trial_error(self, tune_controller: Any, trial: Any) -> None:
        """Tune tells the searcher next, and that only that the trial was lost."""
        if killed_for := last_memory_loss(trial):
            self.reasons[int(trial.config[TRIAL_NUMBER])] = killed_for

    def why_stopped(self, number: int) -> str:
        """Why this scheduler stopped the trial, or the line that says that it was killed for want of memory; "" if neither."""
        return self.reasons.get(number, "")

    def debug_string(self) -> str:
        return f"{type(self.rule).__name__}: {len(self.reasons)} trials ended early"

    def _note(self, number: int, result: Mapping[str, Any]) -> bool:
        """Whether the report has a value that was not there before."""
        if EPOCH not in result:
            return False
        before = self.curves.get(number, Curve(self.unit))
        work_seconds = float(result.get(WORK_SECONDS, 0.0))
        after = before.after(int(result[EPOCH]), result.get(self.objective), work_seconds)
        self.curves[number] = after
        return len(after.values) > len(before.values)


def make_scheduler(sweep: Sweep, history: Mapping[int, Curve] = NOTHING) -> StoppingScheduler:
    """The scheduler of a sweep, which goes on from `history` as if there had been no break."""
    return StoppingScheduler(stopping_rule(sweep), sweep.objective.metric, sweep.scheduler.unit, history)
