"""The best score so far, over trials and over the computing that they took: is it still rising?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tune.ledger.status import TrialStatus
from tune.pages.chart import Room, axes, legend
from tune.pages.marks import Drawing, Line, Mark
from tune.pages.material import Material
from tune.pages.scales import Linear, spanning
from tune.pages.slices_figure import trial_dot, trial_keys

WIDTH, HEIGHT = 920.0, 250.0
TRIALS = "trials that have ended"
STEPS = ((3600.0, "hours"), (60.0, "minutes"), (1.0, "seconds"))


@dataclass(frozen=True)
class Progress:
    """A trial that has ended.

    Attributes:
        trials: how many have ended by then, this one among them.
        seconds: that these have trained, all together.
        best: the best score by then.
    """

    trial: TrialStatus
    trials: int
    seconds: float
    best: float


def progress(material: Material) -> tuple[Progress, ...]:
    """In the order in which trials ended."""
    found, seconds, best = list[Progress](), 0.0, None
    for place, trial in enumerate(sorted(material.ended, key=lambda t: (t.ended or 0.0, t.number)), 1):
        score = float(trial.score or 0.0)
        best = score if best is None or material.sign * (score - best) > 0 else best
        seconds += trial.seconds
        found.append(Progress(trial, place, seconds, best))
    return tuple(found)


def best_figure(material: Material) -> Drawing:
    """Side by side, over trials and over their time."""
    steps = progress(material)
    unit, name = next(((s, n) for s, n in STEPS if steps[-1].seconds >= 2 * s), STEPS[-1])
    head, height = legend(trial_keys(), 62, 0, WIDTH - 62)
    marks: list[Mark] = [*head]
    sides = (
        (62.0, [float(step.trials) for step in steps], TRIALS),
        (62.0 + WIDTH / 2, [step.seconds / unit for step in steps], f"time of all trials together ({name})"),
    )
    for left, places, label in sides:
        room = Room(left, height + 8, left + WIDTH / 2 - 78, height + 8 + HEIGHT)
        marks += _panel(material, steps, places, room, label)
    return Drawing("what_mattered_best", f"The best {material.measure.name} so far", WIDTH, height + HEIGHT + 56, tuple(marks))


def _panel(material: Material, steps: Sequence[Progress], places: Sequence[float], room: Room, label: str) -> list[Mark]:
    measure = material.measure
    x = Linear(0.0, 1.03 * max(places), room.left, room.right, 6, whole=label == TRIALS)
    y = spanning([measure.factor * float(step.trial.score or 0.0) for step in steps], room.bottom, room.top)
    marks: list[Mark] = axes(room, x, y, label, measure.label)
    stairs, before = list[tuple[float, float]](), None
    for step, place in zip(steps, places, strict=True):
        level = y.at(measure.factor * step.best)
        stairs += [(x.at(place), before), (x.at(place), level)] if before is not None else [(x.at(place), level)]
        before = level
    marks.append(Line((*stairs, (room.right, stairs[-1][1])), "orange", 2.4, title="the best so far"))
    dots = [
        trial_dot(material, step.trial, x.at(place), y.at(measure.factor * float(step.trial.score or 0.0)))
        for step, place in zip(steps, places, strict=True)
        if step.trial.number in material.drawn
    ]
    return [*marks, *dots]
