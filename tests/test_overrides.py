"""Values from the command line in the place of a file's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tune.errors import InvalidInput
from tune.sweep_file.overrides import parse_override
from tune.sweep_file.spec import load_sweep


def refusal(text: str, folder: Path, overrides: dict[str, Any] | None = None) -> str:
    """What a user sees of a sweep file with this text."""
    path = folder / "a.yaml"
    path.write_text(text)
    with pytest.raises(InvalidInput) as caught:
        load_sweep(path, overrides)
    return str(caught.value)


def test_overrides_take_the_place_of_the_files_values() -> None:
    sweep = load_sweep("seed", {"audio.path": "recordings/", "budget.trials": 3, "render.actors": 2})
    assert (sweep.audio.path, sweep.budget.trials, sweep.render.actors) == ("recordings/", 3, 2)
    assert sweep.audio.clip_samples == load_sweep("seed").audio.clip_samples


def test_a_mistaken_override_is_told_as_one(tmp_path: Path) -> None:
    assert refusal("name: x\nbudget: {trials: 3}\n", tmp_path, {"budget.trials": 0}).startswith(
        "a.yaml, overridden: budget.trials = 0"
    )
    whole = refusal("name: x\nbudget: {trials: 3}\n", tmp_path, {"budget": {"trials": 0}})
    assert whole.startswith("a.yaml, overridden: budget.trials = 0")
    assert "There is no such key" in refusal("name: x\n", tmp_path, {"budget.trails": 3})
    assert "has no keys of its own" in refusal("name: x\n", tmp_path, {"name.first": 3})


def test_an_override_is_read_as_in_a_file() -> None:
    assert parse_override("train.learning_rate=1e-4") == ("train.learning_rate", 1e-4)
    assert parse_override("search.patience=[1, 2]") == ("search.patience", [1, 2])
    with pytest.raises(InvalidInput, match="must be written key=value"):
        parse_override("train.workers")
