"""How a trial ended, told to the study and to people."""

from __future__ import annotations

import math
from typing import Any

import pytest
from optuna.trial import TrialState

from tune.search.ends import End, end_of

METRIC = "eval/probe_accuracy"
FAILED = {"failed": True, "error": "Traceback (most recent call last):\n  File x\nValueError: planted\n", METRIC: math.nan}


@pytest.mark.parametrize(
    ("result", "error", "state", "outcome", "reason", "cause"),
    [
        ({METRIC: 0.5, "ended": "patience"}, False, "COMPLETE", "complete", "patience", None),
        ({METRIC: 0.5, "ended": ""}, False, "PRUNED", "pruned", "stopped early by the scheduler", None),
        ({METRIC: math.nan, "ended": "patience"}, False, "PRUNED", "pruned", f"{METRIC} is nan", "not_finite"),
        ({METRIC: 0.5}, True, "FAIL", "failed", "its process was lost", "lost"),
        (None, False, "FAIL", "failed", "ended before its first result", "lost"),
        ({"epoch": 3}, False, "FAIL", "failed", f"ended without {METRIC}", "bug"),
        (FAILED | {"cause": "bug"}, False, "FAIL", "failed", "ValueError: planted", "bug"),
        (FAILED, False, "FAIL", "failed", "ValueError: planted", "bug"),
        (FAILED | {"cause": "not_finite"}, False, "PRUNED", "pruned", "ValueError: planted", "not_finite"),
        (FAILED | {"cause": "out_of_memory"}, False, "PRUNED", "failed", "ValueError: planted", "out_of_memory"),
    ],
)
def test_an_end_is_told_as_what_it_is(
    result: dict[str, Any] | None, error: bool, state: str, outcome: str, reason: str, cause: str | None
) -> None:
    end = end_of(result, error, [METRIC])
    assert (end.state, end.trial_state, end.reason, end.cause) == (TrialState[state], outcome, reason, cause)
    assert end.values == ((0.5,) if reason in ("patience", "stopped early by the scheduler") else ())


def test_a_lost_process_that_was_killed_for_want_of_memory_is_not_merely_lost() -> None:
    killed_for = "OutOfMemoryError: 1 worker(s) were killed due to the node running low on memory"
    assert end_of(None, True, [METRIC], killed_for) == End(TrialState.PRUNED, (), killed_for, "out_of_memory")
