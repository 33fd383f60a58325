"""Should I worry? What a trial knows at its end, as a list of questions with their answers.

Pure: the same record gives the same checks, whenever they are made, so a finished sweep can be diagnosed again from its files.
A metric that is missing or not finite makes an answer "unknown", never an error.
"""

from __future__ import annotations

from collections.abc import Iterable

from trainables.diagnosis.check import Check, Verdict
from trainables.diagnosis.control_checks import unbeaten_controls, unseen_effects
from trainables.diagnosis.curve_checks import fast_convergence, overfit, still_improving
from trainables.diagnosis.embedding_checks import collapsed_dimensions, copies_dry, recording_leakage
from trainables.diagnosis.order_check import effect_order
from trainables.diagnosis.trial_record import ReadBack, TrialRecord
from trainables.diagnosis.weights_check import weights

__all__ = ["CHECKS", "Check", "ReadBack", "TrialRecord", "Verdict", "diagnose", "worries"]

CHECKS = {
    "unbeaten_controls": unbeaten_controls,
    "unseen_effects": unseen_effects,
    "copies_dry": copies_dry,
    "recording_leakage": recording_leakage,
    "collapsed_dimensions": collapsed_dimensions,
    "effect_order": effect_order,
    "fast_convergence": fast_convergence,
    "still_improving": still_improving,
    "overfit": overfit,
    "weights": weights,
}  # the gravest first


def diagnose(record: TrialRecord) -> tuple[Check, ...]:
    """Every check, in the order of CHECKS."""
    return tuple(check(record) for check in CHECKS.values())


def worries(checks: Iterable[Check]) -> tuple[str, ...]:
    """The names of those that give reason to worry."""
    return tuple(check.name for check in checks if check.verdict == "worry")
