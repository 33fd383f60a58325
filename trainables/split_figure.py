"""How well each effect is recognised by models that heard it in training, and by models that did not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from trainables.outcomes import Estimate
from trainables.pictures import BLUE, DPI, FAINT, GREY, INK, RED

APART = 0.14  # of a row: so that the two intervals do not hide each other


@dataclass(frozen=True)
class EffectRow:
    """One effect; recalls 0 to 1, intervals with NaN ends are not drawn.

    Attributes:
        unheard, heard: None where there is no trial of that kind.
        untrained, chance: of the untrained encoder (None where not measured), and of a blind guess.
    """

    effect: str
    unheard: Estimate | None
    heard: Estimate | None
    untrained: float | None
    chance: float


def draw_splits(rows: Sequence[EffectRow]) -> Figure:
    """A row for each effect, from the top: hollow circle unheard, filled square heard, a tick for the untrained encoder."""
    layout = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1)
    figure = Figure(figsize=(9, 0.5 * len(rows) + 1.7), dpi=DPI, layout=layout, facecolor="white")
    axes = figure.subplots()
    for place, row in enumerate(rows):
        _recall(axes, row.heard, place - APART, BLUE, "s", True)
        _recall(axes, row.unheard, place + APART, RED, "o", False)
        if row.untrained is not None:
            axes.plot(100 * row.untrained, place, marker="|", markersize=22, markeredgewidth=2, color=GREY, linestyle="none")
    if rows:
        axes.axvline(100 * rows[0].chance, color=INK, linewidth=1, linestyle=":")
    _finish(axes, rows)
    return figure


def _recall(axes: Axes, recall: Estimate | None, height: float, colour: str, shape: str, filled: bool) -> None:
    if recall is None:
        return
    if math.isfinite(recall.low):
        axes.plot([100 * recall.low, 100 * recall.high], [height, height], color=colour, linewidth=2, zorder=2)
    face = colour if filled else "white"
    axes.plot(
        100 * recall.value, height, marker=shape, markersize=8.5, markeredgewidth=2, color=colour, markerfacecolor=face,
        linestyle="none", zorder=3,
    )  # fmt: skip


def _finish(axes: Axes, rows: Sequence[EffectRow]) -> None:
    axes.set(xlim=(0, 100), ylim=(len(rows) - 0.5, -0.5), xlabel="Clips of that effect recognised (%)")
    axes.set_yticks(range(len(rows)), [row.effect.replace("$", r"\$") for row in rows], fontsize=12)
    axes.grid(axis="both", color=FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(length=0)
    axes.plot([], [], marker="s", color=BLUE, linewidth=2, markersize=8.5, label="heard in training")
    axes.plot([], [], marker="o", color=RED, linewidth=2, markersize=8.5, markerfacecolor="white", label="never heard")
    axes.plot([], [], marker="|", color=GREY, linestyle="none", markersize=14, markeredgewidth=2, label="untrained encoder")
    axes.plot([], [], color=INK, linestyle=":", linewidth=1, label="guessing")
    axes.figure.legend(loc="outside upper left", ncols=4, frameon=False, fontsize=10.5)
