"""The figure by effect, brightness and depth: a panel for each, and points where they belong."""

from __future__ import annotations

import numpy as np

from trainables.maps.timbre_figure import draw_timbre_figure

EFFECTS = ("multiband",) * 20 + ("combo",) * 20
POINTS = np.random.default_rng(0).standard_normal((40, 2))


def test_one_panel_by_effect_and_one_for_each_value() -> None:
    values = {"brightness": np.linspace(10, 90, 40), "depth": np.linspace(90, 10, 40)}
    figure = draw_timbre_figure(POINTS, EFFECTS, ("combo",), values, "a trial")
    headings = [axes.get_title(loc="left") for axes in figure.axes if axes.get_title(loc="left")]
    assert headings == ["effect", "brightness (AudioCommons, 0 to 100)", "depth (AudioCommons, 0 to 100)"]
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["multiband", "combo (held out)"]


def test_clips_without_a_value_are_drawn_grey_and_take_no_colour() -> None:
    values = np.where(np.arange(40) < 10, np.nan, np.arange(40.0))
    figure = draw_timbre_figure(POINTS, EFFECTS, (), {"depth": values}, "a trial")
    grey, coloured = figure.axes[1].collections
    assert len(grey.get_offsets()) == 10 and len(coloured.get_offsets()) == 30
    assert np.isfinite(np.asarray(coloured.get_array())).all()


def test_nothing_known_is_no_error() -> None:
    figure = draw_timbre_figure(POINTS, EFFECTS, (), {"depth": np.full(40, np.nan)}, "a trial")
    assert len(figure.axes[1].collections[0].get_offsets()) == 40
