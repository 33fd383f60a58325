"""Two readings of the same training, one effect an epoch: the loss of that epoch's effect, and the loss of all effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from trainables.maps.pictures import DPI, FAINT, GOLD, GREY, INK, effect_styles


@dataclass(frozen=True)
class Reading:
    """One trial with the `per_epoch` schedule.

    Attributes:
        title: how it is called.
        effects: those trained on, in their turn.
        own, of_all: (epochs,) validation losses, of the epoch's effect and of all of them.
        kept: the epoch whose weights were kept, from 1.
    """

    title: str
    effects: tuple[str, ...]
    own: np.ndarray
    of_all: np.ndarray
    kept: int


def draw_readings(readings: Sequence[Reading]) -> Figure:
    """A panel for each trial: a grey line for all effects, and each epoch's own loss in the colour of its effect."""
    rows = -(-len(readings) // 2)
    layout = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.12)
    figure = Figure(figsize=(11, 3.6 * rows + 0.6), dpi=DPI, layout=layout, facecolor="white")
    panels = np.ravel(figure.subplots(rows, min(2, len(readings)), squeeze=False))
    for axes, reading in zip(panels, readings, strict=False):
        _panel(axes, reading)
    for axes in panels[len(readings) :]:
        axes.set_visible(False)
    if readings:
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=10)
    return figure


def _panel(axes: Axes, reading: Reading) -> None:
    epochs = np.arange(1, len(reading.own) + 1)
    turns = np.array(reading.effects)[(epochs - 1) % len(reading.effects)]
    axes.axvline(reading.kept, color=GOLD, linewidth=6, alpha=0.35, zorder=0, label="epoch that was kept")
    axes.plot(epochs, reading.of_all, color=GREY, linewidth=2, label="loss of all trained effects")
    for effect, (colour, shape) in effect_styles(reading.effects).items():
        mine = turns == effect
        axes.scatter(epochs[mine], reading.own[mine], s=26, marker=shape, color=colour, zorder=3, label=f"loss of {effect}")
    axes.set_title(reading.title, loc="left", fontsize=11, color=INK)
    axes.set(xlabel="Epoch", ylabel="Validation loss (log scale)", yscale="log")  # the fall of the first epochs hides the rest
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.yaxis.set_minor_formatter(ScalarFormatter())
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
