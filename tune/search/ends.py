"""How a trial ended, in the terms of the study."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from optuna import Study
from optuna.trial import Trial, TrialState

from trainables.training.causes import Cause, cause_of
from tune.ledger.study import CAUSE, FAILURE, REASON, left_over, mark_infeasible, quiet, set_running
from tune.search.stopping_rule import EPOCH

TrialOutcome = Literal["complete", "pruned", "failed"]
AT_FAULT: tuple[Cause, ...] = ("not_finite", "out_of_memory")  # the settings are: samplers avoid their like
ENDED = "ended"  # in a result: why the trial ended by itself, or nothing


@dataclass(frozen=True)
class End:
    """The state that a study is told, and why.

    A trial that ends by itself is COMPLETE with its objective. PRUNED are those whose settings are at fault for their early
    end: stopped by the scheduler, diverged, or out of memory. FAIL, which samplers pass over, is everything else.
    """

    state: TrialState
    values: tuple[float, ...] = ()
    reason: str = ""
    cause: Cause | None = None

    def attributes(self) -> dict[str, str]:
        """What is noted on the trial, over what an earlier interruption left there."""
        failed = self.state == TrialState.FAIL
        return {REASON: "" if failed else self.reason, FAILURE: self.reason if failed else "", CAUSE: self.cause or ""}

    @property
    def trial_state(self) -> TrialOutcome:
        """The same in the words of a status: too little memory is a failure to its user, whatever the sampler is told."""
        if self.state == TrialState.FAIL or self.cause == "out_of_memory":
            return "failed"
        return "pruned" if self.state == TrialState.PRUNED else "complete"


def end_of(result: Mapping[str, Any] | None, error: bool, metrics: Sequence[str], why_stopped: str = "") -> End:
    """How a trial ended, from its last result and from whether its process was lost for good.

    Args:
        metrics: the objectives.
        why_stopped: the scheduler's reason, if it was the scheduler; of a lost process, what it was killed for.
    """
    if error:
        return _of_loss(why_stopped)
    if result is None:
        return End(TrialState.FAIL, reason="ended before its first result", cause="lost")
    if result.get("failed"):
        return _of_failure(str(result.get("error", "")), result.get("cause", "bug"))
    if missing := [metric for metric in metrics if result.get(metric) is None]:
        return End(TrialState.FAIL, reason=f"ended without {missing[0]}", cause="bug")
    values = tuple(float(result[metric]) for metric in metrics)
    if endless := [metric for metric, value in zip(metrics, values, strict=True) if not math.isfinite(value)]:
        return End(TrialState.PRUNED, reason=f"{endless[0]} is {result[endless[0]]}", cause="not_finite")
    if result.get(ENDED):
        return End(TrialState.COMPLETE, values, str(result[ENDED]))
    return End(TrialState.PRUNED, values, why_stopped or "stopped early by the scheduler")


def report(trial: Trial, result: Mapping[str, Any], metrics: Sequence[str]) -> None:
    """A finite value at its epoch, to the study; Optuna takes no such values of several objectives."""
    value = result.get(metrics[0])
    if len(metrics) == 1 and value is not None and math.isfinite(value):
        with quiet():
            trial.report(float(value), int(result[EPOCH]))


def tell(study: Study, trial: Trial, end: End) -> None:
    """The end, to the study. Reasons first: of a trial that has ended nothing can be changed."""
    there = trial.user_attrs
    for name, text in end.attributes().items():
        if there.get(name, "") != text:  # each is a write to the journal
            trial.set_user_attr(name, text)
    if end.cause in AT_FAULT:
        mark_infeasible(trial)
    study.tell(trial, list(end.values) if end.state == TrialState.COMPLETE else None, state=end.state)


def catch_up(study: Study, metrics: Sequence[str], results_of: Callable[[int], Sequence[Mapping[str, Any]]]) -> None:
    """Tells what a study has not heard of trials whose driver died: values, and ends that were written down already.

    Args:
        results_of: a trial's number -> what its ledger has, epoch by epoch.
    """
    for left in left_over(study):
        trial, results = Trial(study, left._trial_id), results_of(left.number)
        for result in results:
            report(trial, result, metrics)
        if results and results[-1].get("done"):
            set_running(study, left)
            tell(study, trial, end_of(results[-1], False, metrics))


def _of_loss(killed_for: str) -> End:
    if cause_of(killed_for) == "out_of_memory":
        return _of_failure(killed_for, "out_of_memory")
    return End(TrialState.FAIL, reason="its process was lost", cause="lost")


def _of_failure(error_text: str, cause: Cause) -> End:
    last_line = (error_text.strip().splitlines() or ["it failed"])[-1]
    return End(TrialState.PRUNED if cause in AT_FAULT else TrialState.FAIL, reason=last_line, cause=cause)
