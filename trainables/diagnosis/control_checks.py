"""Was training worth it? The model's scores against what costs no training, interval against interval."""

from __future__ import annotations

import math
from collections.abc import Sequence

from trainables.configs import TrialConfig
from trainables.diagnosis.check import Check, listed, unknown
from trainables.diagnosis.trial_record import TrialRecord
from trainables.evaluation.outcomes import Estimate

TITLES = {
    "untrained": "the untrained encoder",
    "pca": "PCA",
    "statistics": "hand statistics",
    "statistics_pca": "PCA of statistics",
    "random": "a random projection",
    "wet_vae": "the seed study's VAE of the wet clip",
}
UNSEEN_CONTROLS = ("untrained", "pca")  # a trio of effects makes wide intervals: only the two that matter most
UNSEEN_REMEDY = "Train on more, or on more varied effects (effect_split), and compare splits by eval/unseen_gain."


def unbeaten_controls(record: TrialRecord) -> Check:
    """Which effect was it: the probe's accuracy on the embedding against that of each control."""
    name, ours = "unbeaten_controls", record.estimate("eval/probe_accuracy")
    itself = "wet_vae" if record.config.model.input == "wet" else ""  # much the same model: no control
    others = _controls(record, "probe_accuracy", [name for name in TITLES if name != itself])
    if ours is None or not others:
        return unknown(name, "The model was not compared with controls, so nobody knows whether training was worth it.")
    return _compared(
        name, "Asked which effect a clip went through", "probe accuracy", ours, others, _how_to_beat_them(record.config)
    )


def unseen_effects(record: TrialRecord) -> Check:
    """The same among the effects that were never trained on."""
    name, ours = "unseen_effects", record.estimate("eval/unseen_accuracy")
    if len(record.config.held_out_effects) < 2:
        return unknown(name, "Fewer than two effects are held out, so there are none to tell apart.", "Hold out two or more.")
    others = _controls(record, "unseen_accuracy", UNSEEN_CONTROLS)
    if ours is None or not others:
        return unknown(name, "The effects it never heard were not compared with controls.")
    asked = f"Asked which of {listed(list(record.config.held_out_effects))} it was, none of which it ever heard"
    return _compared(name, asked, "accuracy on unseen effects", ours, others, UNSEEN_REMEDY)


def above_untrained(record: TrialRecord) -> bool | None:
    """Whether the probe does better on this model than on the weights it started from; None where that isn't known."""
    ours, untrained = record.estimate("eval/probe_accuracy"), record.estimate("control/untrained/probe_accuracy")
    return None if ours is None or untrained is None else beats(ours, untrained)


def beats(ours: Estimate, other: Estimate) -> bool:
    """Whether the difference is more than its own 95 % interval is wide.

    Its half width is at most that of two independent scores, the root of the sum of squares: both are of the same
    recordings, so what makes one of them high tends to make the other high, too.
    """
    return ours.value - other.value > math.hypot(ours.value - ours.low, other.high - other.value)


def _controls(record: TrialRecord, score: str, names: Sequence[str]) -> dict[str, Estimate]:
    found = {name: record.estimate(f"control/{name}/{score}") for name in names}
    return {TITLES[name]: estimate for name, estimate in found.items() if estimate is not None}


def _compared(name: str, asked: str, score: str, ours: Estimate, others: dict[str, Estimate], remedy: str) -> Check:
    beaten = [title for title, other in others.items() if beats(ours, other)]
    above = [title for title, other in others.items() if beats(other, ours)]
    level = [title for title in others if title not in (*beaten, *above)]
    words = (("is surely better than", beaten), ("cannot be told apart from", level), ("is surely worse than", above))
    told = "; it ".join(f"{verb} {listed([f'{title} {others[title]}' for title in group])}" for verb, group in words if group)
    sentence, unbeaten = f"{asked}, the model {told}.", [*level, *above]
    if unbeaten:
        return Check(name, f"{score} {ours}; not beaten: {', '.join(unbeaten)}", "worry", sentence, remedy)
    return Check(name, f"{score} {ours}; beaten: {', '.join(beaten)}", "fine", sentence)


def _how_to_beat_them(config: TrialConfig) -> str:
    change = [
        *(["set model.input: difference"] if config.model.input != "difference" else []),
        *(["raise model.contrastive_weight above 0"] if config.model.contrastive_weight == 0 else []),
        "train for longer, on more items and recordings",
    ]
    return f"{listed(change).capitalize()}. If the intervals are wide, raise evaluation.settings_per_effect."
