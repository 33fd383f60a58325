"""Figures about effect splits: each effect heard and never heard, and how well each held-out set is told apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from trainables.evaluation.outcomes import Estimate
from tune.analysis.held_out_sets import HeldOutSet
from tune.analysis.split_study import EffectFinding, Side
from tune.pages.chart import Key, Room, interval, legend, x_axis
from tune.pages.drawn_trials import evenly
from tune.pages.marks import Dot, Drawing, Line, Mark, Shape, Words, text_width
from tune.pages.scales import Linear, spanning

WIDTH, ROW, SET_ROW = 920.0, 44.0, 22.0
APART = 9.0  # pixels between what was heard and what was not, so that intervals do not hide each other
MOST_SETS = 24
MOST_DOTS = 120  # of each effect on either side
HEARD, UNHEARD = "blue", "orange"
GOLDEN = 0.6180339887

Recalls = Mapping[str, tuple[Sequence[float], Sequence[float]]]


def effects_figure(findings: Sequence[EffectFinding], recalls: Recalls) -> Drawing:
    """A row for each effect: filled square heard, hollow circle never heard, pale dots the trials.

    Args:
        recalls: of each effect in the trials that never heard it, and in those that did.
    """
    left = 24 + max((text_width(finding.effect) for finding in findings), default=0.0)
    keys = [
        Key("heard in training", HEARD, "square", line=True),
        Key("never heard", UNHEARD, "circle", filled=False, line=True),
        Key("a trial", "grey", opacity=0.5),
        Key("untrained encoder", "quiet", "bar"),
        Key("guessing", "ink", None, dashed=True),
    ]
    head, height = legend(keys, left, 0, WIDTH - left)
    room = Room(left, height + 6, WIDTH - 20, height + 6 + ROW * max(1, len(findings)))
    x = Linear(0, 100, room.left, room.right, 10)
    marks: list[Mark] = [*head, *x_axis(room, x, "clips of that effect recognised (%)")]
    if findings:
        guess = x.at(100 * findings[0].chance)
        marks.append(Line(((guess, room.top), (guess, room.bottom)), "ink", 1.3, dashed=True, title="guessing"))
    for place, finding in enumerate(findings):
        marks += _effect(finding, recalls.get(finding.effect, ((), ())), x, room.top + ROW * (place + 0.5))
    said = "How often clips of each effect are recognised by models that heard it in training, and by models that did not"
    return Drawing("effect_splits_effects", said, WIDTH, room.bottom + 46, tuple(marks))


def sets_figure(found: Sequence[HeldOutSet]) -> Drawing:
    """A row for each set, or the best and the worst where there are many: filled where it surely generalises."""
    shown = shown_sets(found)
    labels = [f"{one.split}{f' ({one.trials} trials)' if one.trials > 1 else ''}" for one in shown]
    left = 24 + max(text_width(label) for label in labels)
    keys = [
        Key("surely better than no training", "blue", line=True),
        Key("cannot be told", "grey", filled=False, line=True),
        Key("surely worse", "orange", "square", line=True),
    ]
    head, height = legend(keys, left, 0, WIDTH - left)
    room = Room(left, height + 6, WIDTH - 20, height + 6 + SET_ROW * len(shown))
    ends = [100 * end for one in shown for end in (one.gain.value, one.gain.low, one.gain.high)]
    x = spanning([0.0, *ends], room.left, room.right)
    marks: list[Mark] = [*head, *x_axis(room, x, "told apart better than by the untrained encoder (clips of a hundred)")]
    marks.append(Line(((x.at(0), room.top), (x.at(0), room.bottom)), "ink", 1.5))
    for place, (one, label) in enumerate(zip(shown, labels, strict=True)):
        y = room.top + SET_ROW * (place + 0.5)
        told = f"{label}: {_told(one.gain)}"
        marks.append(Words(left - 10, y + 4.5, label, "ink", 12.5, "end"))
        worse = one.gain.high < 0
        colour = "blue" if one.generalises else "orange" if worse else "grey"
        shape: Shape = "square" if worse else "circle"
        marks += _estimate(one.gain, x, y, colour, shape, colour != "grey", told)
    said = "How much better models tell apart the effects that they never heard than the untrained encoder, by held-out set"
    return Drawing("effect_splits_sets", said, WIDTH, room.bottom + 46, tuple(marks))


def shown_sets(found: Sequence[HeldOutSet]) -> list[HeldOutSet]:
    """All, or the best and the worst dozen."""
    half = MOST_SETS // 2
    return list(found) if len(found) <= MOST_SETS else [*found[:half], *found[-half:]]


def _effect(finding: EffectFinding, trials: tuple[Sequence[float], Sequence[float]], x: Linear, y: float) -> list[Mark]:
    marks: list[Mark] = [Words(x.start - 10, y + 4.5, finding.effect, "ink", 13, "end")]
    if finding.untrained is not None:
        told = f"{finding.effect}, untrained encoder: {100 * finding.untrained:.0f} of a hundred clips"
        marks.append(Dot(x.at(100 * finding.untrained), y, "quiet", "bar", 9, title=told))
    sides: tuple[tuple[Side, Sequence[float], float, str, Shape, bool, str], ...] = (
        (finding.heard, trials[1], y - APART, HEARD, "square", True, "heard"),
        (finding.unheard, trials[0], y + APART, UNHEARD, "circle", False, "never heard"),
    )
    for side, each, height, colour, shape, filled, word in sides:
        for order, value in enumerate(evenly(each, MOST_DOTS)):
            aside = ((order * GOLDEN) % 1 - 0.5) * 9
            marks.append(Dot(x.at(100 * value), height + aside, colour, radius=2, opacity=0.35))
        if side.recall:
            told = f"{finding.effect}, {word} by {side.trials} trials: {_told(side.recall)} of a hundred clips"
            marks += _estimate(side.recall, x, height, colour, shape, filled, told)
    return marks


def _estimate(value: Estimate, x: Linear, y: float, colour: str, shape: Shape, filled: bool, told: str) -> list[Mark]:
    ends = [interval((x.at(100 * value.low), y), (x.at(100 * value.high), y), colour, told)] if math.isfinite(value.low) else []
    return [*ends, Dot(x.at(100 * value.value), y, colour, shape, 5, filled, title=told)]


def _told(value: Estimate) -> str:
    ends = f" ({100 * value.low:.0f} to {100 * value.high:.0f})" if math.isfinite(value.low) else ""
    return f"{100 * value.value:.0f}{ends}"
