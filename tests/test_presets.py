"""The sweeps that come with the package, and how a sweep's file is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainables.effects.names import SEED_HELD_OUT
from tune.errors import InvalidInput
from tune.space.dimensions import HoldOut
from tune.space.drawing import grid_points
from tune.space.trials import to_trial_config
from tune.sweep_file.presets import preset_names
from tune.sweep_file.spec import load_sweep


@pytest.mark.parametrize("preset", preset_names())
def test_every_preset_loads_and_is_named_as_its_file(preset: str) -> None:
    assert load_sweep(preset).name == preset


def test_the_quickstart_searches_patience_latent_size_and_splits() -> None:
    sweep = load_sweep("quickstart")
    assert {"patience", "latent_size"} < set(sweep.search)
    assert sweep.search["effect_split"] == HoldOut(3)
    assert sweep.audio.path == "synthetic"
    assert sweep.budget.trials >= 8


def test_the_seed_preset_is_the_seed_study() -> None:
    sweep = load_sweep("seed")
    train = sweep.train
    assert (train.items_per_epoch, train.validation_items, train.max_epochs) == (250, 25, 100)
    first = to_trial_config(sweep, grid_points(sweep.dimensions)[0])
    assert (train.effect_schedule, train.patience) == ("per_epoch", 1) and first.held_out_effects == SEED_HELD_OUT
    assert (first.model.input, first.model.contrastive_weight, first.train.validate_on) == ("wet", 0.0, "epoch_effect")
    assert sweep.budget.trials == len(grid_points(sweep.dimensions)) == 4


def test_an_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(InvalidInput, match=r"quikstart: This is neither a file nor a preset\. Did you mean 'quickstart'"):
        load_sweep("quikstart")


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    for name in ("absent.yaml", ".", "latin.yaml"):
        with pytest.raises(InvalidInput, match="A sweep file must be"):
            load_sweep(tmp_path / name)
