"""Pictures: everything named, nothing cut off, and no state left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread
from planted_evaluation import CLASSES

from trainables.effects.names import SEED_HELD_OUT
from trainables.maps.pictures import draw_latent_map, draw_learning_curve, effect_styles, learning_curve_png

EFFECTS = [CLASSES[number % 10] for number in range(30)]


def test_the_picture_names_every_effect_and_marks_those_held_out() -> None:
    figure = draw_latent_map(np.zeros((30, 2)), EFFECTS, SEED_HELD_OUT, "a trial", "its score")
    told = [text.get_text() for text in figure.legends[0].get_texts()]
    assert told == [f"{name} (held out)" if name in SEED_HELD_OUT else name for name in CLASSES]
    drawn = {group.get_label(): group for group in figure.axes[0].collections}
    assert all((len(drawn[name].get_facecolor()) == 0) == ("held out" in name) for name in told)
    looks = {(tuple(group.get_edgecolor()[0]), group.get_paths()[0].vertices.tobytes()) for group in drawn.values()}
    assert len(looks) == 10
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == ("UMAP 1", "UMAP 2")


def test_nothing_is_cut_off_at_the_picture_s_edge() -> None:
    random = np.random.default_rng(0)
    figure = draw_latent_map(random.random((30, 2)), EFFECTS, CLASSES, "t" * 60, "c" * 90)
    figure.draw_without_rendering()
    inside = figure.get_tightbbox()
    assert inside.x0 >= 0 and inside.y0 >= 0 and inside.x1 <= 10.0 and inside.y1 <= figure.get_figheight()


def test_a_picture_leaves_pyplot_alone() -> None:
    program = (
        "import sys, numpy; from trainables.maps.pictures import draw_latent_map as d;"
        "d(numpy.zeros((1, 2)), ['dry'], (), 'a', 'b').savefig(sys.argv[1]);"
        "assert 'matplotlib.pyplot' not in sys.modules; assert 'umap' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, "/dev/null"], check=True)


def history(epochs: int) -> list[dict[str, float]]:
    return [
        {
            "epoch": epoch,
            "best_epoch": min(epoch, 4),
            "train/loss": 1 / epoch,
            "validation/loss": 1 / epoch + 0.1,
            "eval/probe_accuracy": 0.6,
            "eval/probe_accuracy_low": 0.5,
            "eval/probe_accuracy_high": 0.7,
            "control/pca/probe_accuracy": 0.45,
            "control/untrained/probe_accuracy": 0.52,
        }
        for epoch in range(1, epochs + 1)
    ]


def test_the_learning_curve_shows_losses_accuracy_controls_and_best_epoch() -> None:
    losses, accuracy = draw_learning_curve(history(9), "a trial").axes
    assert losses.get_legend_handles_labels()[1] == ["train loss", "validation loss", "best epoch (4)"]
    lines = {line.get_label(): line for line in accuracy.lines}
    assert np.allclose(lines["this trial"].get_ydata(), 60) and np.array_equal(lines["this trial"].get_xdata(), range(1, 10))
    assert set(lines["PCA of the same size"].get_ydata()) == {45} and set(lines["untrained encoder"].get_ydata()) == {52}
    assert set(lines["best epoch (4)"].get_xdata()) == {4}


@pytest.mark.parametrize("epochs", [[], history(1), [{"epoch": 1.0, "train/loss": 2.0}], [{}, {"validation/loss": float("nan")}]])
def test_a_short_or_sparse_history_can_be_drawn(tmp_path: Path, epochs: list[dict[str, float]]) -> None:
    path = learning_curve_png(epochs, tmp_path / "curve.png", "a trial")
    assert imread(path).shape[:2] == (1102, 1500)


def test_a_sweep_s_own_effects_have_colours_of_their_own() -> None:
    effects = ["overdrive", "delay", "tube", "crunch", "dry"]
    axes = draw_latent_map(np.zeros((5, 2)), effects, (), "own", "").axes[0]
    assert len({tuple(points.get_facecolor()[0]) for points in axes.collections}) == 5


def test_a_recording_of_the_users_is_large_black_edged_on_top_and_named() -> None:
    effects = ["overdrive", "dry", "yours: wet.wav", "yours: wet.wav", f"yours: {'long ' * 20}.wav"]
    figure = draw_latent_map(np.arange(10.0).reshape(5, 2), effects, (), "own", "")
    others, added = figure.axes[0].collections[:2], figure.axes[0].collections[2:]
    assert [len(points.get_offsets()) for points in added] == [2, 1]
    assert all(tuple(points.get_edgecolor()[0]) == (0, 0, 0, 1) for points in added)
    assert min(p.get_sizes()[0] for p in added) > 2 * max(p.get_sizes()[0] for p in others)
    assert min(p.get_zorder() for p in added) > max(p.get_zorder() for p in others)
    told = [text.get_text() for text in figure.axes[0].texts]
    assert told[0] == "yours: wet.wav" and len(told[1]) == 30 and told[1].endswith("…")


def test_the_users_recordings_are_told_apart_and_take_no_effects_colour() -> None:
    effects = [*CLASSES, "yours: a.wav", "yours: b.wav"]
    styles = effect_styles(effects)
    assert {name: styles[name] for name in CLASSES} == effect_styles(CLASSES) and list(styles)[-2:] == effects[-2:]
    assert len(set(styles.values())) == 12
