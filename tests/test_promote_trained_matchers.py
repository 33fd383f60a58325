"""`fxsweep promote` of matchers that were really trained, by the command line alone: only a better one is champion."""

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


def learning_rates(about: float) -> dict[str, Any]:
    return {"learning_rate": {"float": [0.95 * about, 1.05 * about]}}


def run(home: Path, name: str, **sections: Any) -> None:
    home.mkdir(exist_ok=True)
    train = SPEC["train"] | sections.pop("train", {})
    spec = SPEC | sections | {"name": name, "train": train}
    done = fxsweep("run", str(write_sweep(home, spec)), "--home", str(home))
    assert done.returncode == 0, done.stdout + done.stderr


def promote(home: Path, name: str, code: int, settings: int = 4, renders: int = 8) -> dict[str, Any]:
    drawn = ("--settings", str(settings), "--seeds", "2", "--renders", str(renders))
    done = fxsweep("promote", name, "--home", str(home), *drawn, "--json")
    assert done.returncode == code, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def card(home: Path, reference: str, folder: Path) -> str:
    return (pull(default_tracking(home).uri, reference, folder) / "card.md").read_text()


def aliases(home: Path) -> dict[str, str]:
    found = connect(default_tracking(home)).get_registered_model(NAME).aliases
    return {alias: str(version) for alias, version in found.items()}


def test_a_second_matcher_as_good_as_the_champion_is_its_candidate_with_the_reason(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name in ("first", "second"):
        run(home, name)
    reigning = promote(home, "first", 0)
    assert reigning["outcome"] == "already champion" and reigning["contenders"]["doing nothing"]["value"] == 0.0
    told = promote(home, "second", 7)
    assert told["outcome"] == "candidate" and told["before"] == f"{NAME} version 1"
    assert any(f"{NAME} version 1" in why for why in told["why_not"])
    assert told["leads_over_controls"]["doing nothing"]["low"] > 0, "it does better than nothing all the same"
    assert aliases(home) == {CHAMPION: "1", CANDIDATE: "2"}
    page = card(home, f"{NAME}@candidate", tmp_path / "model")
    assert "Not promoted" in page and f"{NAME} version 1" in page and f"--model {NAME}/2 " in page


def test_a_matcher_that_was_trained_for_longer_takes_the_title_and_the_poor_one_does_not_get_it_back(tmp_path: Path) -> None:
    """Two renders, so that what was learned counts and not the search."""
    home = tmp_path / "home"
    audio = SPEC["audio"] | {"promotion_share": 0.35}
    little, much = {"items_per_epoch": 16, "validation_items": 16, "batch_size": 16}, {"items_per_epoch": 2048, "max_epochs": 2}
    run(home, "poor", audio=audio, search=learning_rates(1e-6), train=little)
    run(
        home, "thorough", audio=audio | {"speed_octaves": 0.5}, search=learning_rates(1e-3), train=much | {"validation_items": 64}
    )
    assert aliases(home) == {CHAMPION: "1", CANDIDATE: "2"}

    better = promote(home, "thorough", 0, settings=20, renders=2)
    assert (better["outcome"], better["version"], better["before"]) == ("promoted", "2", f"{NAME} version 1")
    assert better["lead_over_champion"]["low"] > better["seed_noise"]["value"]
    assert all(lead["low"] > 0 for lead in better["leads_over_controls"].values())
    assert f"Promoted: it was better than {NAME} version 1" in card(home, f"{NAME}@champion", tmp_path / "better")

    worse = promote(home, "poor", 7, settings=20, renders=2)
    assert worse["outcome"] == "candidate" and any(f"it is worse than {NAME} version 2" in why for why in worse["why_not"])
    assert aliases(home) == {CHAMPION: "2", CANDIDATE: "1"}
    assert f"- it is worse than {NAME} version 2" in card(home, f"{NAME}/1", tmp_path / "worse")
