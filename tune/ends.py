"""How a trial ended, in the terms of the study."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from optuna.trial import TrialState

from trainables.causes import Cause
from tune.study import CAUSE, FAILURE, REASON

TrialOutcome = Literal["complete", "pruned", "failed"]
ENDED = "ended"  # in a result: why the trial ended by itself, or nothing


@dataclass(frozen=True)
class End:
    """The state that a study is told, and why.

    A trial that ends by itself is COMPLETE with its objective. PRUNED are those whose settings are at fault for their early
    end: stopped by the scheduler, diverged, or out of memory. FAIL, which samplers pass over, is everything else.
    """

    state: TrialState
    value: float | None = None
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


def end_of(result: Mapping[str, Any] | None, error: bool, metric: str) -> End:
    """How a trial ended, from its last result and from whether its process was lost for good."""
    if error:
        return End(TrialState.FAIL, reason="its process was lost", cause="lost")
    if result is None:
        return End(TrialState.FAIL, reason="ended before its first result", cause="lost")
    if result.get("failed"):
        return _of_failure(str(result.get("error", "")), result.get("cause", "bug"))
    value = result.get(metric)
    if value is None:
        return End(TrialState.FAIL, reason=f"ended without {metric}", cause="bug")
    if not math.isfinite(value):
        return End(TrialState.PRUNED, reason=f"{metric} is {value}", cause="not_finite")
    if result.get(ENDED):
        return End(TrialState.COMPLETE, float(value), str(result[ENDED]))
    return End(TrialState.PRUNED, float(value), str(result.get("stopped", "stopped early by the scheduler")))


def _of_failure(error_text: str, cause: Cause) -> End:
    last_line = (error_text.strip().splitlines() or ["it failed"])[-1]
    at_fault = cause in ("not_finite", "out_of_memory")
    return End(TrialState.PRUNED if at_fault else TrialState.FAIL, reason=last_line, cause=cause)
