"""Pictures of a trial: its latent map and its learning curve, for the screen and for print."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from trainables.effects.names import DRY, EFFECT_NAMES
from trainables.maps.added import is_added

DPI = 150
INK, GREY, FAINT = "#222222", "#8a8a8a", "#d9d9d9"
BLUE, RED, GOLD = "#0f5fa8", "#c4471d", "#e0a800"
CONTROLS = {"untrained": "untrained encoder", "pca": "PCA of the same size"}

Columns = Mapping[str, npt.NDArray[np.float64]]

# Colours that the colour-blind can tell apart (P. Tol, "muted"), each with a shape of its own.
STYLES = dict(
    zip(
        (*EFFECT_NAMES, DRY),
        (
            ("#cc6677", "o"),
            ("#332288", "s"),
            ("#c8a415", "^"),
            ("#117733", "v"),
            ("#5eb4e0", "D"),
            ("#882255", "P"),
            ("#44aa99", "X"),
            ("#999933", "p"),
            ("#aa4499", "<"),
            ("#555555", "*"),
        ),
        strict=True,
    )
)
OTHER_SHAPES = ("h", "d", ">", "8", "H")
ADDED_COLOURS = ("#ffdd00", "#ff8800", "#00e0ff", "#ffffff")  # loud, and seen by their black edge
LONGEST_LABEL = 30  # characters of a file name in a picture


def draw_latent_map(
    points: npt.NDArray[np.floating], effects: Sequence[str], held_out: Collection[str], title: str, caption: str
) -> Figure:
    """A scatter of (items, 2) points, one colour and shape for each effect, hollow where it was held out.

    What the user has added is large, has a black edge, and its name beside it.
    """
    figure = _page(title)
    axes = figure.add_subplot()
    names = np.array(effects)
    for effect, style in effect_styles(effects).items():
        draw = _scatter_added if is_added(effect) else partial(_scatter, hollow=effect in held_out)
        draw(axes, points[names == effect], effect, style)
    axes.set(xlabel="UMAP 1", ylabel="UMAP 2", xticks=[], yticks=[])
    axes.set_title(caption, loc="left", fontsize=11, color=INK)
    axes.spines[:].set_color(FAINT)
    if effects:
        figure.legend(loc="outside right center", frameon=False, alignment="left", fontsize=11, markerscale=1.5)
    return figure


def _page(title: str) -> Figure:
    layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1)
    figure = Figure(figsize=(10, 7.35), dpi=DPI, layout=layout, facecolor="white")
    figure.suptitle(title, x=0.012, ha="left", fontsize=15 if len(title) <= 60 else 10, fontweight="bold", color=INK)
    return figure


def effect_styles(effects: Sequence[str]) -> dict[str, tuple[str, str]]:
    """A colour and shape for each effect there: the nine and dry always have theirs, others the colours with other shapes.

    What the user has added comes last, in colours of its own.
    """
    others = [name for name in dict.fromkeys(effects) if name not in STYLES and not is_added(name)]
    by_need = sorted(STYLES, key=lambda name: name in effects)  # colours that nobody has here come first
    colours, shapes = [STYLES[name][0] for name in by_need], OTHER_SHAPES
    free = {name: (colours[n % len(colours)], shapes[n // len(colours) % len(shapes)]) for n, name in enumerate(others)}
    return {name: style for name, style in (STYLES | free | _added_styles(effects)).items() if name in effects}


def _added_styles(effects: Sequence[str]) -> dict[str, tuple[str, str]]:
    added = [name for name in dict.fromkeys(effects) if is_added(name)]
    colours, shapes = len(ADDED_COLOURS), len(OTHER_SHAPES)
    return {name: (ADDED_COLOURS[n % colours], OTHER_SHAPES[n % shapes]) for n, name in enumerate(added)}


def _scatter(axes: Axes, points: npt.NDArray[np.floating], effect: str, style: tuple[str, str], hollow: bool) -> None:
    colour, shape = style
    axes.scatter(
        points[:, 0],
        points[:, 1],
        s=34,
        marker=shape,
        facecolor="none" if hollow else colour,
        edgecolor=colour if hollow else "white",
        linewidth=1.3 if hollow else 0.4,
        alpha=0.9,
        label=f"{effect} (held out)" if hollow else effect,
    )


def _scatter_added(axes: Axes, points: npt.NDArray[np.floating], effect: str, style: tuple[str, str]) -> None:
    """Its name stands at the clip that is nearest to the middle of them all."""
    colour, shape = style
    look: dict[str, Any] = {"marker": shape, "facecolor": colour, "edgecolor": "black", "linewidth": 1.6}
    axes.scatter(points[:, 0], points[:, 1], s=120, zorder=3, label=_shortened(effect), **look)
    x, y = points[np.linalg.norm(points - np.median(points, axis=0), axis=1).argmin()].tolist()
    inwards = -1 if x > sum(axes.get_xlim()) / 2 else 1
    where: dict[str, Any] = {"textcoords": "offset points", "ha": "left" if inwards > 0 else "right", "annotation_clip": False}
    how: dict[str, Any] = {"fontsize": 11, "fontweight": "bold", "color": INK, "zorder": 4}
    label = axes.annotate(_shortened(effect), (x, y), xytext=(9 * inwards, 7), **where, **how)
    label.set_path_effects([withStroke(linewidth=3, foreground="white")])
    label.set_in_layout(False)  # else the map makes room for it


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"


def learning_curve_png(history: Sequence[Mapping[str, float]], path: Path, title: str) -> Path:
    """Write `draw_learning_curve` to `path`."""
    save(draw_learning_curve(history, title), path)
    return path


def save(figure: Figure, path: Path) -> None:
    """As PNG, the same bytes for the same figure."""
    figure.savefig(path, metadata={"Software": None})


def draw_learning_curve(history: Sequence[Mapping[str, float]], title: str) -> Figure:
    """Losses and probe accuracy by epoch, with the controls as level lines and the best epoch marked.

    Args:
        history: the metrics of each epoch; what is missing is left out of the picture.
    """
    figure = _page(title)
    losses, accuracy = figure.subplots(2, 1, sharex=True)
    columns = _columns(history)
    for metric, colour in (("train/loss", BLUE), ("validation/loss", RED)):
        _line(losses, columns, metric, metric.replace("/", " "), colour)
    _accuracy(accuracy, columns)
    _finish(losses, columns, "Loss")
    _finish(accuracy, columns, "Probe accuracy (%)")
    accuracy.set_xlabel("Epoch")
    return figure


def _columns(history: Sequence[Mapping[str, float]]) -> Columns:
    """Each metric over all epochs, NaN where an epoch lacks it; `epoch` counts from 1 if it is not told."""
    names = {name for epoch in history for name in epoch}
    columns = {name: np.array([epoch.get(name, np.nan) for epoch in history], dtype=float) for name in names}
    return {"epoch": np.arange(1.0, len(history) + 1.0)} | columns


def _line(axes: Axes, columns: Columns, metric: str, label: str, colour: str) -> None:
    if metric in columns:
        axes.plot(columns["epoch"], columns[metric], color=colour, marker="o", markersize=3.5, linewidth=1.8, label=label)


def _accuracy(axes: Axes, columns: Columns) -> None:
    percent = {name: 100 * values for name, values in columns.items() if name != "epoch"} | {"epoch": columns["epoch"]}
    probe = "eval/probe_accuracy"
    if f"{probe}_low" in percent:
        low, high = percent[f"{probe}_low"], percent[f"{probe}_high"]
        axes.fill_between(percent["epoch"], low, high, color=BLUE, alpha=0.15, linewidth=0, label="95 % over recordings")
    _line(axes, percent, probe, "this trial", BLUE)
    for control, style in (("untrained", "--"), ("pca", ":")):
        values = percent.get(f"control/{control}/probe_accuracy", np.array([]))
        if np.isfinite(values).any():
            axes.axhline(values[np.isfinite(values)][-1], color=INK, linestyle=style, linewidth=1.4, label=CONTROLS[control])
    if classes := sum(name.startswith("eval/probe_recall/") for name in columns):
        axes.axhline(100 / classes, color=GREY, linewidth=1.0, label="chance")
    axes.set_ylim(0, 100)


def _finish(axes: Axes, columns: Columns, label: str) -> None:
    if "best_epoch" in columns and np.isfinite(columns["best_epoch"][-1]):
        best = columns["best_epoch"][-1]
        axes.axvline(best, color=GOLD, linewidth=6, alpha=0.35, zorder=0, label=f"best epoch ({best:.0f})")
    axes.set_ylabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=10)
