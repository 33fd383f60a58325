"""The seed study's figure: clips of a few effects on a plane, coloured by effect, by brightness and by depth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from trainables.configs import TrialConfig
from trainables.evaluation.evaluation import EvaluationSet
from trainables.maps.latent_map import make_latent_map
from trainables.maps.latent_page import PageMaterial
from trainables.maps.pictures import DPI, FAINT, INK, effect_styles, save

NAME = "figure"
MISSING = "#dddddd"
SHORT = 60  # characters of a title in large print


def make_timbre_figure(
    config: TrialConfig,
    state: Mapping[str, Any],
    clips: EvaluationSet,
    folder: Path,
    title: str,
    seed: int,
    material: PageMaterial,
) -> tuple[Path, ...]:
    """Maps the clips with a trial's kept weights; writes figure.png, figure.parquet and figure.html into `folder`."""
    drawn = make_latent_map(config, state, clips, folder, title, seed, material, name=NAME)
    values = {column.name: np.asarray(column.values, dtype=np.float64) for column in material.columns}
    figure = draw_timbre_figure(drawn.points, clips.effects, drawn.held_out, values, title)
    save(figure, folder / f"{NAME}.png")
    return tuple(folder / f"{NAME}.{kind}" for kind in ("png", "parquet", "html"))


def draw_timbre_figure(
    points: np.ndarray, effects: tuple[str, ...], held_out: tuple[str, ...], values: Mapping[str, np.ndarray], title: str
) -> Figure:
    """(items, 2) points side by side: one panel by effect, one for each of `values`, (items,) with NaN where unknown."""
    layout = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1)
    figure = Figure(figsize=(5 * (1 + len(values)), 5.2), dpi=DPI, layout=layout, facecolor="white")
    figure.suptitle(title, x=0.012, ha="left", fontsize=15 if len(title) <= SHORT else 10, fontweight="bold", color=INK)
    by_effect, *rest = np.atleast_1d(figure.subplots(1, 1 + len(values), sharex=True, sharey=True))
    _by_effect(by_effect, points, effects, held_out)
    for axes, (name, of_items) in zip(rest, values.items(), strict=True):
        _by_value(figure, axes, points, of_items, name)
    return figure


def _by_effect(axes: Axes, points: np.ndarray, effects: tuple[str, ...], held_out: tuple[str, ...]) -> None:
    names = np.array(effects)
    for effect, (colour, shape) in effect_styles(effects).items():
        label = f"{effect} (held out)" if effect in held_out else effect
        here = points[names == effect]
        axes.scatter(here[:, 0], here[:, 1], s=12, marker=shape, color=colour, linewidth=0, alpha=0.8, label=label)
    axes.legend(loc="best", fontsize=9, frameon=False, markerscale=1.8)
    _finish(axes, "effect")


def _by_value(figure: Figure, axes: Axes, points: np.ndarray, values: np.ndarray, name: str) -> None:
    known = np.isfinite(values)
    unknown, placed = points[~known], points[known]
    axes.scatter(unknown[:, 0], unknown[:, 1], s=8, color=MISSING, linewidth=0)
    low, high = np.quantile(values[known], (0.02, 0.98)) if known.any() else (0.0, 1.0)  # a few outliers take no colours
    shades = {"c": values[known], "cmap": "cividis", "vmin": low, "vmax": high}
    drawn = axes.scatter(placed[:, 0], placed[:, 1], s=12, linewidth=0, alpha=0.9, **shades)
    figure.colorbar(drawn, ax=axes, shrink=0.8, pad=0.01)
    _finish(axes, f"{name} (AudioCommons, 0 to 100)")


def _finish(axes: Axes, heading: str) -> None:
    axes.set(xticks=[], yticks=[])
    axes.set_title(heading, loc="left", fontsize=11, color=INK)
    axes.spines[:].set_color(FAINT)
