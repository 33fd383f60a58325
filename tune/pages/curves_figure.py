"""Learning curves with the rungs at which trials were compared, and scores at a rung beside those at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tune.analysis.rung_correlations import RungCorrelation
from tune.ledger.status import TrialStatus
from tune.pages.chart import Key, Room, axes, legend
from tune.pages.marks import Dot, Drawing, Line, Mark, Shape, Words
from tune.pages.material import ENDED, Material
from tune.pages.scales import Linear, spanning
from tune.search.curves import Curve, shown_time
from tune.space.names import run_name

WIDTH, HEIGHT = 920.0, 330.0
PANEL = 250.0
COLUMNS = 3


def curves_figure(material: Material, curves: Mapping[int, Curve], rungs: Sequence[float]) -> Drawing:
    """A line for each trial: pale with a cross where it was stopped, blue with a dot where it ended by itself."""
    keys = [
        Key("came to its own end", "blue", line=True),
        Key("stopped early", "grey", "cross", line=True),
        Key("the best", "orange", "diamond", line=True),
        Key("rung", "ink", None, dashed=True),
        *([Key("failed, or not at its end yet", "grey", line=True)] if _unended(material, curves) else []),
    ]
    head, height = legend(keys, 66, 0, WIDTH - 66)
    room = Room(66, height + 22, WIDTH - 20, height + 22 + HEIGHT)
    unit, factor = material.sweep.scheduler.unit, material.measure.factor
    x = Linear(0.0, 1.03 * max(curve.times[-1] for curve in curves.values()), room.left, room.right, whole=unit == "epochs")
    y = spanning([factor * value for curve in curves.values() for value in curve.values], room.bottom, room.top)
    label = "epoch" if unit == "epochs" else "a trial's own work (seconds)"
    marks: list[Mark] = [*head, *axes(room, x, y, label, material.measure.label)]
    for rung in rungs:
        marks.append(Line(((x.at(rung), room.top - 4), (x.at(rung), room.bottom)), "ink", 1.3, dashed=True))
        marks.append(Words(x.at(rung), room.top - 8, f"rung {shown_time(rung, unit)}", "quiet", 12, "middle"))
    shown = (trial for trial in material.status.trials if trial.number in curves and trial.number in material.drawn)
    for trial in sorted(shown, key=lambda t: 2 if material.is_best(t) else int(t.state == "complete")):
        marks += _curve(material, trial, curves[trial.number], x, y, material.is_best(trial))
    return Drawing(
        "early_stopping_curves", f"{material.measure.name} of each trial by {label}", WIDTH, room.bottom + 46, tuple(marks)
    )


def _unended(material: Material, curves: Mapping[int, Curve]) -> bool:
    """Whether there are trials that neither came to their own end nor were stopped early."""
    return any(trial.state not in ENDED for trial in material.status.trials if trial.number in curves)


def rungs_figure(material: Material, found: Sequence[RungCorrelation], ended: Mapping[int, Curve]) -> Drawing:
    """A panel for each rung."""
    columns = min(COLUMNS, len(found))
    width = WIDTH / COLUMNS
    marks: list[Mark] = []
    for place, one in enumerate(found):
        row, column = divmod(place, columns)
        left, top = 62 + column * width, 26 + row * (PANEL + 80)
        marks += _panel(material, one, ended, Room(left, top, left + width - 84, top + PANEL))
    rows = -(-len(found) // columns)
    said = "Scores at each rung beside those at the end"
    return Drawing("early_stopping_rungs", said, WIDTH, 26 + rows * (PANEL + 80) - 30, tuple(marks))


def _curve(material: Material, trial: TrialStatus, curve: Curve, x: Linear, y: Linear, best: bool) -> list[Mark]:
    factor = material.measure.factor
    points = tuple((x.at(time), y.at(factor * value)) for time, value in zip(curve.times, curve.values, strict=True))
    told = f"trial {trial.number} ({run_name(trial.params)}): {material.measure.told(curve.values[-1])}, {trial.state}"
    title = f"{told}: {trial.reason}" if trial.reason else told
    ended = trial.state == "complete"
    colour, width, opacity = ("orange", 3.0, 1.0) if best else ("blue", 1.8, 0.85) if ended else ("grey", 1.2, 0.7)
    line = [Line(points, colour, width, opacity=opacity, title=title)] if len(points) > 1 else []
    shape: Shape = "diamond" if best else "cross" if trial.state == "pruned" else "circle"
    radius = 5.5 if best else 3.2 if shape == "cross" else 3.8
    return [*line, Dot(*points[-1], colour, shape, radius, title=title)]


def _panel(material: Material, found: RungCorrelation, ended: Mapping[int, Curve], room: Room) -> list[Mark]:
    factor = material.measure.factor
    pairs = [
        (number, factor * start, factor * curve.values[-1])
        for number, curve in ended.items()
        if curve.times[-1] > found.rung and (start := curve.at(found.rung)) is not None
    ]
    x = spanning([start for _, start, _ in pairs], room.left, room.right, wanted=4)
    y = spanning([end for _, _, end in pairs], room.bottom, room.top, wanted=5)
    heading = f"rung {shown_time(found.rung, found.unit)}: {found.value:.2f} ({found.low:.2f} to {found.high:.2f})"
    unit = material.measure.unit or material.measure.name
    marks: list[Mark] = [Words(room.left, room.top - 9, heading, "ink", 13, bold=True)]
    marks += axes(room, x, y, f"at the rung ({unit})", f"at the end ({unit})")
    for number, start, end in pairs:
        if number not in material.drawn:
            continue
        told = f"trial {number}: {start:.3g} at the rung, {end:.3g} at the end"
        marks.append(Dot(x.at(start), y.at(end), "blue", title=told))
    return marks
