"""The best trials beside their controls, each with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tune.ledger.status import TrialStatus
from tune.pages.chart import Key, Room, interval, legend, x_axis
from tune.pages.marks import Dot, Drawing, Mark, Shape, Words, text_width
from tune.pages.material import Material, control_of, estimate
from tune.pages.scales import Linear, spanning
from tune.space.names import run_name

SHOWN = 12
ROW = 24.0
LONGEST = 44  # characters of a run's name
WIDTH = 920.0
CONTROLS: tuple[tuple[str, str, Shape], ...] = (("untrained", "untrained encoder", "bar"), ("pca", "PCA", "diamond"))


def trial_figure(material: Material) -> Drawing:
    """A row for each of the best trials: filled if it came to its own end, hollow if it was stopped early."""
    shown = material.ranked[:SHOWN]
    labels = [trial_label(trial) for trial in shown]
    left = 24 + max((1.08 * text_width(label) for label in labels), default=0.0)
    keys, height = legend(_keys(material, shown), left, 0, WIDTH - left)
    room = Room(left, height + 6, WIDTH - 20, height + 6 + ROW * max(1, len(shown)))
    measure = material.measure
    x = spanning([measure.factor * value for value in _values(material, shown)], room.left, room.right)
    marks: list[Mark] = [*keys, *x_axis(room, x, measure.label)]
    for place, (trial, label) in enumerate(zip(shown, labels, strict=True)):
        y = room.top + ROW * (place + 0.5)
        marks += [Words(left - 10, y + 4.5, label, "ink", 13, "end", bold=place == 0), *_row(material, trial, x, y)]
    said = f"{measure.name} of the best {len(shown)} trials beside their controls"
    return Drawing("summary_trials", said, WIDTH, room.bottom + 46, tuple(marks))


def trial_label(trial: TrialStatus) -> str:
    """`8: z16 p1 -multiband-flanger-limiter`, not too long."""
    label = f"{trial.number}: {run_name(trial.params)}"
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"


def _keys(material: Material, shown: Sequence[TrialStatus]) -> list[Key]:
    """Of what is drawn: a matcher has no such controls."""
    beside = [
        Key("untrained encoder of the same size", "quiet", "bar"),
        Key("PCA of the same size", "orange", "diamond", filled=False),
    ]
    drawn = [control for control, _, _ in CONTROLS if any(estimate(t, control_of(material.metric, control)) for t in shown)]
    sure = any((score := estimate(t, material.metric)) and math.isfinite(score.low) for t in shown)
    return [
        Key("trial, with its 95 % interval" if sure else "trial", "blue", line=sure),
        Key("stopped early", "blue", filled=False),
        *(key for key, (control, _, _) in zip(beside, CONTROLS, strict=True) if control in drawn),
    ]


def _row(material: Material, trial: TrialStatus, x: Linear, y: float) -> list[Mark]:
    measure, score = material.measure, estimate(trial, material.metric)
    marks: list[Mark] = []
    for control, name, shape in CONTROLS:
        if found := estimate(trial, control_of(material.metric, control)):
            told = f"{name} beside trial {trial.number}: {measure.told(found.value)}"
            colour = "quiet" if shape == "bar" else "orange"
            marks.append(Dot(x.at(measure.factor * found.value), y, colour, shape, 5, shape == "bar", title=told))
    if score is None:
        return marks
    told = f"trial {trial.number}: {measure.told(score.value)}"
    if math.isfinite(score.low):
        told += f" ({measure.text(score.low)} to {measure.text(score.high)})"
        low, high = (x.at(measure.factor * end) for end in (score.low, score.high))
        marks.append(interval((low, y), (high, y), "blue", told))
    return [*marks, Dot(x.at(measure.factor * score.value), y, "blue", filled=trial.state == "complete", radius=5, title=told)]


def _values(material: Material, shown: Sequence[TrialStatus]) -> list[float]:
    """All that must be within the axis."""
    metrics = (material.metric, *(control_of(material.metric, control) for control, _, _ in CONTROLS))
    found = [estimate(trial, metric) for trial in shown for metric in metrics]
    trials = [end for trial in shown if (score := estimate(trial, material.metric)) for end in (score.low, score.high)]
    return [*(one.value for one in found if one), *trials]
