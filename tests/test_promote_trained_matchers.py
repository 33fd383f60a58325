"""`fxsweep promote` of matchers that were really trained, by the command line alone: a second one as good is no champion."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from small_sweep import fxsweep, write_sweep

from tune.models.aliases import CANDIDATE, CHAMPION
from tune.models.registry import pull
from tune.tracking.runs import connect
from tune.tracking.stores import default_tracking

pytestmark = pytest.mark.slow
NAME = "fx-matched"
SPEC: dict[str, Any] = {
    "trainable": "matcher",
    "audio": {"sample_rate": 16000, "clip_samples": 16384, "promotion_share": 0.3},
    "effects": {"backend": "pedalboard", "use": ["overdrive"]},
    "train": {"items_per_epoch": 96, "validation_items": 32, "max_epochs": 1, "batch_size": 32, "patience": 3, "workers": 0},
    "evaluation": {"settings_per_effect": 4, "timbre": False},
    "search": {"learning_rate": {"float": [0.0019, 0.0021]}},
    "sampler": {"type": "random"},
    "scheduler": {"type": "none"},
    "objective": {"metric": "eval/match_ratio", "mode": "min"},
    "budget": {"trials": 1},
    "registry": {"model": NAME},
}


def promote(home: Path, name: str, code: int) -> dict[str, Any]:
    done = fxsweep("promote", name, "--home", str(home), "--settings", "4", "--seeds", "2", "--renders", "8", "--json")
    assert done.returncode == code, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_a_second_matcher_as_good_as_the_champion_is_its_candidate_with_the_reason(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name in ("first", "second"):
        done = fxsweep("run", str(write_sweep(tmp_path, SPEC | {"name": name})), "--home", str(home))
        assert done.returncode == 0, done.stdout + done.stderr
    reigning = promote(home, "first", 0)
    assert reigning["outcome"] == "already champion" and reigning["contenders"]["doing nothing"]["value"] == 0.0
    told = promote(home, "second", 7)
    assert told["outcome"] == "candidate" and told["before"] == f"{NAME} version 1"
    assert any(f"{NAME} version 1" in why for why in told["why_not"])
    assert told["leads_over_controls"]["doing nothing"]["low"] > 0, "it does better than nothing all the same"
    store = default_tracking(home)
    aliases = connect(store).get_registered_model(NAME).aliases
    assert {alias: str(version) for alias, version in aliases.items()} == {CHAMPION: "1", CANDIDATE: "2"}
    page = (pull(store.uri, f"{NAME}@candidate", tmp_path / "model") / "card.md").read_text()
    assert "Not promoted" in page and f"{NAME} version 1" in page and f"--model {NAME}/2 " in page
