"""Parallel coordinates: a line for each trial through its settings to its score."""

from __future__ import annotations

from collections.abc import Sequence

from tune.ledger.status import TrialStatus
from tune.pages.chart import SIZE
from tune.pages.colours import scale_colour
from tune.pages.marks import Anchor, Box, Drawing, Line, Mark, Words, text_width
from tune.pages.material import Material
from tune.pages.measures import setting_name
from tune.pages.scales import Names, spanning
from tune.pages.setting_axis import Axis, setting_axis
from tune.space.dimensions import EFFECT_SPLIT

WIDTH, TOP, HEIGHT = 920.0, 44.0, 330.0
MOST_NAMES = 12  # of which each is written at its axis
FIRST = ("patience", "latent_size")
LONGEST, A_CHARACTER = 30, 7.4  # characters of a value that is written, and pixels that one takes at most
BRIGHT = 0.85  # of the colours, the brightest that is seen on white


def parallel_figure(material: Material, settings: Sequence[str]) -> Drawing:
    """The settings from left to right, the effect split last before the score; better trials are drawn over worse ones."""
    trials = sorted(material.ended, key=lambda trial: material.sign * float(trial.score or 0.0))
    ordered = in_order(settings)
    right = WIDTH - 62
    left = 30 + 0.5 * text_width(setting_name(ordered[0])) if ordered else 60.0
    step = (right - left) / max(1, len(ordered))
    bottom = TOP + HEIGHT
    scales = {name: _axis(material, name, trials, bottom) for name in ordered}
    scores = [material.measure.factor * float(trial.score or 0.0) for trial in trials]
    score_axis = spanning(scores, bottom, TOP)
    marks: list[Mark] = []
    for order, (trial, score) in enumerate(zip(trials, scores, strict=True)):
        if trial.number not in material.drawn:
            continue
        known = [(left + place * step, name) for place, name in enumerate(ordered) if name in trial.params]
        points = (*((x, scales[name].at(trial.params[name])) for x, name in known), (right, score_axis.at(score)))
        marks.append(_line(points, material, trial, order / max(1, len(trials) - 1)))
    for place, name in enumerate(ordered):
        marks += _upright(left + place * step, setting_name(name), scales[name], bottom, int(step / A_CHARACTER))
    marks += _upright(right, material.measure.name, score_axis, bottom, LONGEST, material.measure.unit, aside=True)
    said = f"Each trial as a line through {', '.join(map(setting_name, ordered))} to its {material.measure.name}"
    return Drawing("what_mattered_parallel", said, WIDTH, bottom + 22, tuple(marks))


def in_order(settings: Sequence[str]) -> list[str]:
    """Patience and latent size first, the split last."""
    first = [name for name in FIRST if name in settings]
    last = [name for name in (EFFECT_SPLIT,) if name in settings]
    return [*first, *(name for name in settings if name not in (*first, *last)), *last]


def _axis(material: Material, name: str, trials: Sequence[TrialStatus], bottom: float) -> Axis:
    """Splits stand in the order of the best score that they reached, so that lines to good scores stay above."""
    values = [trial.params[name] for trial in trials if name in trial.params]
    if name == EFFECT_SPLIT:
        return Names(tuple(dict.fromkeys(reversed(list(dict.fromkeys(reversed(values)))))), bottom, TOP)
    return setting_axis(material.sweep.dimensions.get(name), values, bottom, TOP)


def _line(points: tuple[tuple[float, float], ...], material: Material, trial: TrialStatus, rank: float) -> Line:
    told = ", ".join(f"{setting_name(key)} {value}" for key, value in trial.params.items())
    title = f"trial {trial.number}: {material.measure.told(float(trial.score or 0.0))}; {told}"
    if material.is_best(trial):
        return Line(points, "orange", 3.5, title=title)
    return Line(points, scale_colour(BRIGHT * rank), 1.6, trial.state == "pruned", 0.75, title)


def _upright(x: float, name: str, axis: Axis, bottom: float, characters: int, unit: str = "", aside: bool = False) -> list[Mark]:
    """One axis, its name above and its ticks left of it, or right of the last one, no longer than so many characters."""
    longest = min(LONGEST, characters)
    head = f"{name} ({unit})" if unit else name
    anchor: Anchor = "end" if aside else "middle"
    marks: list[Mark] = [
        Words(x + (60 if aside else 0), TOP - 20, head, "ink", 13, anchor, bold=True),
        Line(((x, TOP), (x, bottom)), "ink", 1.2),
    ]
    ticks = axis.ticks()
    if isinstance(axis, Names) and len(ticks) > MOST_NAMES:
        ticks = (ticks[-1],)
    for tick in ticks:
        text = tick.text if len(tick.text) <= longest else f"{tick.text[: longest - 1]}…"
        width = text_width(text, SIZE)
        ground = Box(x + 6 if aside else x - 9 - width, tick.at - 7, width + 4, 14, "page", 0.8)
        words = Words(x + 8, tick.at + 4, text, size=SIZE) if aside else Words(x - 7, tick.at + 4, text, size=SIZE, anchor="end")
        marks += [Line(((x - 4, tick.at), (x + 4, tick.at)), "ink", 1.2), ground, words]
    return marks
