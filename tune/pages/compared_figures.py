"""Figures that put a few trials beside each other, each in a colour and a shape of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tune.ledger.status import TrialStatus
from tune.pages.chart import Key, Room, axes, legend, x_axis
from tune.pages.colours import SERIES
from tune.pages.marks import Dot, Drawing, Line, Mark, Shape, Words, text_width
from tune.pages.material import Material, control_of, estimate
from tune.pages.scales import Linear, spanning
from tune.space.names import run_name
from tune.space.splits import held_out_effects

SHAPES: tuple[Shape, ...] = ("circle", "square", "triangle", "diamond", "down", "pentagon")
WIDTH, HEIGHT, ROW = 1240.0, 300.0, 30.0


def curves_beside(material: Material, trials: Sequence[TrialStatus]) -> Drawing:
    """The objective by epochs and by seconds of work."""
    control = Key("untrained encoder of that trial's size", "quiet", None, dashed=True)
    head, height = legend([*_keys(trials), control], 62, 0, WIDTH - 62)
    marks: list[Mark] = [*head]
    sides = ((62.0, "epoch", False), (62.0 + WIDTH / 2, "a trial's own work (seconds)", True))
    for left, label, by_seconds in sides:
        room = Room(left, height + 10, left + WIDTH / 2 - 84, height + 10 + HEIGHT)
        marks += _curves(material, trials, room, label, by_seconds)
    return Drawing("side_by_side_curves", f"{material.measure.name} of the trials", WIDTH, height + HEIGHT + 58, tuple(marks))


def effects_beside(name: str, trials: Sequence[TrialStatus], scores: Sequence[Mapping[str, float]], label: str) -> Drawing:
    """A row for each effect, each trial with a mark in it: hollow where it never heard the effect.

    Args:
        scores: of each trial by effect.
    """
    effects = list(dict.fromkeys(effect for each in scores for effect in each))
    left = 24 + max(text_width(effect) for effect in effects)
    head, height = legend(_keys(trials), left, 0, WIDTH - left)
    room = Room(left, height + 6, WIDTH - 30, height + 6 + ROW * len(effects))
    x = spanning([0.0, *(value for each in scores for value in each.values())], room.left, room.right)
    marks: list[Mark] = [*head, *x_axis(room, x, label)]
    for place, effect in enumerate(effects):
        y = room.top + ROW * (place + 0.5)
        marks += [Words(left - 10, y + 4.5, effect, "ink", 13, "end"), Line(((room.left, y), (room.right, y)), "faint", 1)]
        for order, (trial, each) in enumerate(zip(trials, scores, strict=True)):
            if effect in each:
                marks.append(_effect(trial, effect, each[effect], order, len(trials), x, y))
    return Drawing(f"side_by_side_{name}", label, WIDTH, room.bottom + 46, tuple(marks))


def _effect(trial: TrialStatus, effect: str, value: float, order: int, trials: int, x: Linear, y: float) -> Dot:
    heard = effect not in held_out_effects(str(trial.params.get("effect_split", "all")))
    told = f"trial {trial.number}, {effect}{'' if heard else ' (never heard)'}: {value:.3g}"
    aside = (order - (trials - 1) / 2) * 4
    return Dot(x.at(value), y + aside, SERIES[order], SHAPES[order], 5, heard, 0.95, told)


def _keys(trials: Sequence[TrialStatus]) -> list[Key]:
    return [
        Key(f"{trial.number}: {run_name(trial.params)}", SERIES[order], SHAPES[order], line=True)
        for order, trial in enumerate(trials)
    ]


def _curves(material: Material, trials: Sequence[TrialStatus], room: Room, label: str, by_seconds: bool) -> list[Mark]:
    factor, measure = material.measure.factor, material.measure
    courses = [material.courses[trial.number] for trial in trials]
    curves = [course.by_seconds if by_seconds else course.by_epochs for course in courses]
    longest = max((max(curve.times, default=0.0) for curve in curves), default=1.0) or 1.0
    x = Linear(0.0, 1.04 * longest, room.left, room.right, whole=not by_seconds)
    untrained = [found.value for trial in trials if (found := estimate(trial, control_of(material.metric, "untrained")))]
    y = spanning([factor * v for v in (*untrained, *(v for curve in curves for v in curve.values))], room.bottom, room.top)
    marks: list[Mark] = axes(room, x, y, label, measure.label)
    for order, (trial, curve) in enumerate(zip(trials, curves, strict=True)):
        points = tuple((x.at(time), y.at(factor * value)) for time, value in zip(curve.times, curve.values, strict=True))
        told = f"trial {trial.number}: {measure.told(curve.values[-1])}" if curve.values else ""
        marks += [Line(points, SERIES[order], 2.2, title=told)] if len(points) > 1 else []
        marks += [Dot(*point, SERIES[order], SHAPES[order], 3.4, title=told) for point in points]
        if found := estimate(trial, control_of(material.metric, "untrained")):
            level = y.at(factor * found.value)
            title = f"untrained encoder of trial {trial.number}'s size: {measure.told(found.value)}"
            marks.append(Line(((room.left, level), (room.right, level)), SERIES[order], 1.2, True, 0.8, title))
    return marks
