"""`fxsweep pull` from an MLflow server that asks who is there: one user registers a model, another one pulls it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_checksums import flip
from test_tracking_server import ADA, BEN, log_in, make_users
from tiny_model import tiny_config, tiny_state
from tracking_servers import TrackingServer

from tune.cli import main
from tune.models.checksums import SUMS_FILE
from tune.models.registry import open_embedder, register_best
from tune.tracking.server import free_port
from tune.tracking.stores import Tracking
from tune.tracking.sweep_tracker import SweepTracker

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingServer]:
    """With a model that ada has registered."""
    made = TrackingServer(tmp_path_factory.mktemp("server") / "home", free_port(5770), {})
    try:
        make_users(made)
        with pytest.MonkeyPatch.context() as patch:
            log_in(patch, *ADA)
            register(Tracking(made.address, None))
        yield made
    finally:
        made.close()


def register(tracking: Tracking) -> None:
    tracker = SweepTracker.open(tracking, sweep_name="splits", experiment="ada", tags={}, params={}, spec_text="")
    tracker.trial_started(3, "z4", {}, {})
    tracker.trial_ended(3, "complete")
    tracker.close("complete", {}, {})
    config = tiny_config()
    about = {"config": config, "state": tiny_state(config), "card": {"sweep": "splits", "trial": 3}, "metrics": {}}
    register_best(tracking, run_id=tracker.run_id(3), model_name="fx-vae", **about)  # type: ignore[arg-type]


def test_whoever_has_a_login_pulls_a_model_of_another_with_its_hashes(
    server: TrackingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log_in(monkeypatch, *BEN)
    words = ["pull", "fx-vae@champion", "-o", str(tmp_path / "model"), "--tracking", server.address, "--json"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["verified"] is True
    assert open_embedder(tmp_path / "model").metadata["latent_size"] == 4 and (tmp_path / "model" / SUMS_FILE).is_file()
    assert "fxsweep pull fx-vae/1" in (tmp_path / "model" / "card.md").read_text()


def test_a_byte_that_flipped_on_the_server_is_not_pulled(
    server: TrackingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log_in(monkeypatch, *BEN)
    [file] = server.folder.rglob("model.pt2")
    flip(file)
    try:
        assert main(["pull", "fx-vae/1", "-o", str(tmp_path / "model"), "--tracking", server.address]) == 2
    finally:
        flip(file)
    assert "its file data/model.pt2 has the SHA-256" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(("password", "told"), [("wr0ng-password", "refuses the password of 'ben'"), ("", "asks for a name")])
def test_without_the_right_password_nothing_is_pulled(
    server: TrackingServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    password: str,
    told: str,
) -> None:
    log_in(monkeypatch, BEN[0] if password else "", password)
    assert main(["pull", "fx-vae", "-o", str(tmp_path / "model"), "--tracking", server.address]) == 2
    said = capsys.readouterr().err
    assert told in " ".join(said.split()) and "wr0ng" not in said
    assert not (tmp_path / "model").exists()
