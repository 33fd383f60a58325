"""`fxsweep promote` of sweeps that were really trained, by the command line alone: real rendering, training and scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from small_sweep import fxsweep, write_sweep

from tune.models.aliases import CANDIDATE, CHAMPION, PROMOTED
from tune.models.card_promotion import EVIDENCE
from tune.models.registry import pull
from tune.tracking.runs import connect
from tune.tracking.stores import default_tracking

pytestmark = pytest.mark.slow
NAME = "fx-trained"
SPEC: dict[str, Any] = {
    "audio": {"sample_rate": 16000, "clip_samples": 16384, "promotion_share": 0.3},
    "front_end": {"fft_size": 1024, "hop_samples": 512, "bands": 64},
    "effects": {"backend": "pedalboard"},
    "model": {"latent_size": 16},
    "evaluation": {"settings_per_effect": 6, "timbre": False},
    "search": {"learning_rate": {"float": [0.0019, 0.0021]}},  # all trials of a sweep are as good as each other
    "sampler": {"type": "random"},
    "scheduler": {"type": "none"},
    "registry": {"model": NAME},
}
TRAIN = {"items_per_epoch": 192, "validation_items": 48, "batch_size": 32, "patience": 20, "workers": 0}


def run(home: Path, name: str, trials: int, epochs: int) -> None:
    sections = {"name": name, "train": TRAIN | {"max_epochs": epochs}, "budget": {"trials": trials}}
    done = fxsweep("run", str(write_sweep(home, SPEC | sections)), "--home", str(home))
    assert done.returncode == 0, done.stdout + done.stderr


def promote(home: Path, name: str, code: int, *more: str) -> dict[str, Any]:
    done = fxsweep("promote", name, "--home", str(home), "--settings", "12", "--seeds", "2", "--json", *more)
    assert done.returncode == code, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sweeps for one model: one trial of an epoch, six trials of an epoch, and one trial of twelve epochs."""
    folder = tmp_path_factory.mktemp("home")
    for name, trials, epochs in (("brief", 1, 1), ("lottery", 6, 1), ("thorough", 1, 12)):
        run(folder, name, trials, epochs)
    return folder


def aliases(home: Path) -> dict[str, str]:
    found = connect(default_tracking(home)).get_registered_model(NAME).aliases
    return {alias: str(version) for alias, version in found.items()}


def card(home: Path, reference: str, folder: Path) -> str:
    return (pull(default_tracking(home).uri, reference, folder) / "card.md").read_text()


def test_only_what_was_really_trained_better_is_promoted(home: Path, tmp_path: Path) -> None:
    assert aliases(home) == {CHAMPION: "1", CANDIDATE: "3"}

    better = promote(home, "thorough", 0)
    assert better["outcome"] == "promoted" and better["version"] == "3" and better["before"] == f"{NAME} version 1"
    assert better["lead_over_champion"]["low"] > better["seed_noise"]["value"]
    assert all(lead["low"] > 0 for lead in better["leads_over_controls"].values())
    version = connect(default_tracking(home)).get_model_version_by_alias(NAME, CHAMPION)
    assert str(version.version) == "3" and version.tags[PROMOTED] == better["evaluation_hash"]
    assert json.loads(version.tags[EVIDENCE])["lead_over_champion"] == better["lead_over_champion"]
    assert "Promoted: ahead of" in version.description
    page = card(home, f"{NAME}@champion", tmp_path / "thorough")
    assert f"Promoted: it was better than {NAME} version 1" in page and f"fxsweep pull {NAME}/3 " in page

    worse = promote(home, "brief", 7)
    assert worse["outcome"] == "candidate" and worse["version"] == "1"
    assert any(f"it is worse than {NAME} version 3" in why for why in worse["why_not"])
    assert aliases(home) == {CHAMPION: "3", CANDIDATE: "1"}
    assert f"- it is worse than {NAME} version 3" in card(home, f"{NAME}/1", tmp_path / "brief")

    assert fxsweep("promote", "--rollback", NAME, "--home", str(home)).returncode == 0
    luckiest = promote(home, "lottery", 7, "--top", "6")
    assert luckiest["outcome"] == "candidate" and aliases(home)[CHAMPION] == "1"
    assert any(f"{NAME} version 1" in why for why in luckiest["why_not"]), "the champion itself is not beaten"
    page = card(home, f"{NAME}@candidate", tmp_path / "lottery")
    assert "Not promoted" in page and f"fxsweep pull {NAME}/{luckiest['version']} " in page and f"pull {NAME}@" not in page
