"""The score by each setting alone: every trial as a dot, and the typical score of trials with such a value."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from tune.ledger.status import TrialStatus
from tune.pages.chart import Key, Room, legend, x_axis, y_axis
from tune.pages.marks import Dot, Drawing, Line, Mark
from tune.pages.material import Material
from tune.pages.measures import setting_label
from tune.pages.scales import Linear, Names, spanning
from tune.pages.setting_axis import Axis, setting_axis

WIDTH, HEIGHT = 920.0, 235.0  # of all panels side by side, and of one
COLUMNS = 3
PARTS = 5  # into which a continuous axis is cut for the typical score
SPREAD = 0.36  # of a name's part, over which its dots are spread so that none hides another
GOLDEN = 0.6180339887  # spreads dots evenly without chance


def slices_figure(material: Material, settings: Sequence[str]) -> Drawing:
    """A panel for each setting, all with the same scores upwards."""
    scores = [material.measure.factor * float(trial.score or 0.0) for trial in material.ended]
    keys = [*trial_keys(), Key("median of trials with such a value", "ink", None, line=True)]
    marks, height = legend(keys, 60, 0, WIDTH - 60)
    columns = min(COLUMNS, len(settings))
    width = WIDTH / columns
    for place, setting in enumerate(settings):
        row, column = divmod(place, columns)
        left, top = 62 + column * width, height + 8 + row * (HEIGHT + 62)
        room = Room(left, top, (column + 1) * width - 14, top + HEIGHT)
        y = spanning(scores, room.bottom, room.top)
        marks += _panel(material, setting, room, y, column == 0)
    rows = -(-len(settings) // columns)
    said = f"{material.measure.name} by each of the settings {', '.join(settings)}"
    return Drawing("what_mattered_slices", said, WIDTH, height + 8 + rows * (HEIGHT + 62) - 14, tuple(marks))


def trial_keys() -> list[Key]:
    """How trials are drawn in every figure."""
    return [
        Key("came to its own end", "blue"),
        Key("stopped early", "blue", filled=False),
        Key("the best", "orange", "diamond"),
    ]


def trial_dot(material: Material, trial: TrialStatus, x: float, y: float, told: str = "") -> Dot:
    """One trial, so that its end is seen."""
    score = material.measure.told(float(trial.score or 0.0))
    title = f"trial {trial.number}: {score}{f', {told}' if told else ''}"
    if material.is_best(trial):
        return Dot(x, y, "orange", "diamond", 5.5, title=title)
    return Dot(x, y, "blue", "circle", 3.8, trial.state == "complete", 0.85, title)


def _panel(material: Material, setting: str, room: Room, y: Linear, labelled: bool) -> list[Mark]:
    shown = [trial for trial in material.ended if setting in trial.params]
    x = setting_axis(material.sweep.dimensions.get(setting), [trial.params[setting] for trial in shown], room.left, room.right)
    marks: list[Mark] = [*y_axis(room, y, material.measure.label if labelled else ""), *x_axis(room, x, setting_label(setting))]
    factor, points = material.measure.factor, []
    for order, trial in enumerate(shown):
        value, score = trial.params[setting], factor * float(trial.score or 0.0)
        points.append((x.at(value), score))
        aside = ((order * GOLDEN) % 1 - 0.5) * SPREAD * x.part if isinstance(x, Names) else 0.0
        if trial.number in material.drawn:
            marks.append(trial_dot(material, trial, x.at(value) + aside, y.at(score), f"{setting} {value}"))
    return [*marks, *_typical(points, x, y, room)]


def _typical(points: Sequence[tuple[float, float]], x: Axis, y: Linear, room: Room) -> list[Mark]:
    """A level line over each name, or over each part of the axis, where there are trials."""
    part = abs(x.part) if isinstance(x, Names) else room.width / PARTS
    levels: dict[int, list[float]] = {}
    for place, score in points:
        levels.setdefault(min(int((place - room.left) / part), int(room.width / part + 0.5) - 1), []).append(score)
    ends = [((room.left + n * part, room.left + (n + 1) * part), median(scores)) for n, scores in levels.items()]
    inset = 0.1 * part
    return [Line(((a + inset, y.at(level)), (b - inset, y.at(level))), "ink", 2.4) for (a, b), level in ends]
