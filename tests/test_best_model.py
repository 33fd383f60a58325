"""The card of a sweep's best model: completed when its pictures are there, in the sweep's folder and in the registry."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from made_up_trials import healthy
from planned_status import sweep as status_of
from small_sweep import SMALL, write_sweep
from tiny_model import tiny_config, tiny_state

from trainables.diagnosis.diagnosis import ReadBack
from trainables.training.checkpoint import write_checkpoint
from tune.ledger.home import SweepFolder
from tune.ledger.measurements import trial_results
from tune.ledger.status import SweepStatus, TrialStatus
from tune.models.best_model import BestModel
from tune.models.champion import completed, read_card, register_at_end, write_card
from tune.models.registry import pull
from tune.sweep_file.spec import load_sweep
from tune.tracking.stores import Tracking, default_tracking
from tune.tracking.sweep_tracker import SweepTracker

BEST = TrialStatus(4, "complete", {"latent_size": 8, "effect_split": "-leslie-combo-loudness"}, 0.6, reason="max_epochs")
LATE = replace(BEST, metrics={"control/pca/probe_accuracy": 0.5, "control/wet_vae/probe_accuracy": 0.2})


class Said:
    """A console that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, *lines: str) -> None:
        self.lines += lines


class Registered:
    """A sweep whose best trial, 4, was registered before its pictures were drawn."""

    def __init__(self, home: Path) -> None:
        self.folder, self.tracking, self.checkpoint = SweepFolder(home / "quickstart"), default_tracking(home), home / "trial.pt"
        trial_results(self.folder, 4).parent.mkdir(parents=True)
        write_sweep(self.folder.path, SMALL)
        self.sweep = load_sweep(str(self.folder.spec))
        lines = [json.dumps(dict(metrics) | {"epoch": epoch}) for epoch, metrics in enumerate(healthy().epochs, 1)]
        trial_results(self.folder, 4).write_text("\n".join(lines))
        tracker = SweepTracker.open(self.tracking, sweep_name="small", experiment="study", tags={}, params={}, spec_text="")
        tracker.trial_started(4, "z4", {}, {})
        tracker.close("complete", {}, {})
        write_checkpoint(self.checkpoint, tiny_config(), tiny_state(tiny_config()))
        card = completed({"sweep": "small", "trial": 4}, self.sweep, self.folder, BEST)
        write_card(self.folder, card)
        version = register_at_end(self.tracking, "fx-small", card, tracker.run_id(4), self.checkpoint)
        self.status = replace(status_of(BEST), model={"name": "fx-small", "version": version.version})

    def draw(self) -> None:
        """What is known of a trial once its pictures are there."""
        self.folder.pictures(4).mkdir(parents=True)
        (self.folder.pictures(4) / "read_back.json").write_text(json.dumps(asdict(ReadBack(0.2, 0.3, 0.9))))

    def complete(self, status: SweepStatus, tracking: Tracking | None = None) -> list[str]:
        nobody, said = object(), Said()
        parts: tuple[Any, ...] = (self.sweep, self.folder, nobody, nobody, tracking or self.tracking, nobody, said)
        BestModel(*parts).complete_card(status, LATE, self.checkpoint)
        return said.lines


@pytest.fixture
def registered(tmp_path: Path) -> Registered:
    return Registered(tmp_path)


def test_what_is_known_only_later_is_on_the_card_in_the_folder_and_in_the_registry(
    registered: Registered, tmp_path: Path
) -> None:
    before: Any = read_card(registered.folder)
    assert verdict_on_weights(before) == "unknown" and "wet_vae" not in before["controls"]
    registered.draw()
    assert registered.complete(registered.status) == []
    folder = pull(registered.tracking.uri, "fx-small", tmp_path / "model")
    cards: list[Any] = [read_card(registered.folder), json.loads((folder / "card.json").read_text())]
    for card in cards:
        assert verdict_on_weights(card) == "worry" and card["controls"]["wet_vae"] == {"probe_accuracy": 0.2}
    assert "do not give the loss that they were kept for" in (folder / "card.md").read_text()


def test_a_store_that_is_gone_costs_the_registered_card_only(registered: Registered, tmp_path: Path) -> None:
    registered.draw()
    (said,) = registered.complete(registered.status, Tracking("http://127.0.0.1:9", None))
    assert "The registered model's card is not complete" in said and str(registered.folder.card) in said
    assert verdict_on_weights(read_card(registered.folder)) == "worry"


def test_the_card_of_another_trial_is_left_alone(registered: Registered) -> None:
    write_card(registered.folder, {"sweep": "small", "trial": 3})
    assert registered.complete(registered.status) == []
    assert read_card(registered.folder) == {"sweep": "small", "trial": 3}


def verdict_on_weights(card: Any) -> str:
    return str(next(check for check in card["worries"] if check["name"] == "weights")["verdict"])
